# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_reports) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .._clock import Clock
from .._errors import Code, Failure, LinkUpdateError
from .._ledger.attempt import Attempt
from .._model.desired import InstanceSpec
from .._model.vendor_reports import Kind, ReportsSettings, Template, days_left, name_of_file
from .._progress import Heartbeat, Level, Reporter
from .._report.arrivals import arriving
from .._report.files import check_folder
from .._report.reports_text import reports_text, size_text
from .._service.id_mappings import IdMappings
from .._service.retry import retry
from .._service.sessions import Sessions
from .._service.site_api import SiteApi
from .._status import COMPLETE
from .._text import counted
from .._threads import Threads
from .options import ledger_at
from .preflight import refused
from .reports_options import reports_settings
from .task import Options, Result, failed, task

#: How many files come in at once. They are large, and the sender is the same.
_AT_ONCE = 4
_HOW_TO_WAIT = "a job has a report when it is COMPLETE. Wait for it: -e link_update_wait=true"


@task
def link_reports(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Download Atlassian's reports on what its jobs have done.

    :param options: as the argument spec of the module describes them, complete.
    :param check: say what would be downloaded; send nothing but the question for the cloud ID of a site.
    """
    settings = reports_settings(options)
    if settings.problems:
        return refused(settings.problems, reporter, "downloaded")
    check_folder(settings.report_dir, settings.federation.named, ())
    with ledger_at(settings.ledger, clock, copy=True) as ledger:
        attempts = [each for each in ledger.attempts() if each.status == COMPLETE]
    return _Work(settings, attempts, reporter, clock).result(check)


@dataclass(frozen=True)
class _Wanted:
    """One report."""

    spec: InstanceSpec
    kind: Kind
    #: Empty of the id mappings, whose URL is not known yet.
    url: str = ""
    job_id: str = ""
    #: The URL of the instance that the ids are from.
    source: str = ""
    #: What tells its file from others.
    more: str = ""

    @property
    def what(self) -> str:
        """What people call it."""
        return " ".join(filter(None, (self.kind.words, self.more and f"({self.more})")))


@dataclass
class _Found:
    """What has become of the reports."""

    files: list[Result] = field(default_factory=list)
    missing: list[Failure] = field(default_factory=list)


class _Work:
    """The download of all reports."""

    def __init__(self, settings: ReportsSettings, complete: list[Attempt], reporter: Reporter, clock: Clock) -> None:
        self._settings = settings
        self._reporter = reporter
        self._clock = clock
        self._sessions = Sessions(settings.connection, clock, _AT_ONCE)
        self._threads = Threads(clock, _AT_ONCE)
        self._jobs = {spec.name: [each for each in complete if _is_of(each, spec)] for spec in settings.specs}
        self._found = _Found()
        self._heartbeat = Heartbeat(clock.monotonic())

    def result(self, check: bool) -> Result:
        wanted = [each for spec in self._settings.specs for each in self._wanted_of(spec)]
        # Before anything is sent with credentials: where it would go to.
        if check:
            lines = [f"{each.spec.name}: would download the {each.what}" for each in wanted]
            self._reporter.line("\n".join([*lines, "Check mode: nothing is downloaded"]))
            return {"changed": bool(wanted), "text": lines, **self._shown()}
        self._threads.for_each(wanted, self._fetch)
        self._sessions.close()
        return self._ended()

    def _ended(self) -> Result:
        found, names = self._found, [spec.name for spec in self._settings.specs]
        shown = self._shown()
        sizes = {name: [each["size"] for each in found.files if each["instance"] == name] for name in names}
        lines = reports_text(sizes, found.missing, shown["days_left"])
        self._reporter.line("\n".join(lines), Level.FAILURE if found.missing else Level.SUCCESS)
        result = {"changed": any(each["new"] for each in found.files), "text": lines, **shown}
        return result | failed(_incomplete(found)) if found.missing else result

    def _shown(self) -> Result:
        found, now = self._found, self._clock.now()
        ends = {name: [each.completed_at for each in jobs if each.completed_at] for name, jobs in self._jobs.items()}
        left = {name: days_left(moments, now) for name, moments in ends.items()}
        return {
            "files": sorted(found.files, key=lambda each: str(each["path"])),
            "problems": [
                {"instance": each.about, "problem": each.what, "remedy": each.advice} for each in found.missing
            ],
            "days_left": {name: None if days is None else int(days * 10) / 10 for name, days in left.items()},
            "stats": {"link_reports_downloaded": len(found.files), "link_reports_missing": len(found.missing)},
        }

    # -- what there is to download

    def _wanted_of(self, spec: InstanceSpec) -> Iterator[_Wanted]:
        """The reports of one instance.

        :raises InvalidOption: a template leads where credentials must not go.
        """
        for template in self._settings.templates:
            yield from self._of_template(spec, template)
        if self._settings.id_mappings:
            origins = self._settings.federation.members[spec.name].origins
            for origin in origins:
                more = origin.server if len(origins) > 1 else ""
                yield _Wanted(spec, Kind.ID_MAPPINGS, source=origin.url, more=more)

    def _of_template(self, spec: InstanceSpec, template: Template) -> Iterator[_Wanted]:
        jobs = [str(each.job_id) for each in self._jobs[spec.name]] if template.is_of_job else [""]
        if not jobs:
            what = f"no {template.kind.words}: no job of wave {spec.manner.wave} is COMPLETE in the ledger"
            self._found.missing.append(Failure(what, Code.REPORTS_INCOMPLETE, _HOW_TO_WAIT, about=spec.name))
        site_id = self._site_id(spec) if jobs and "{site_id}" in template.text else ""
        if site_id is None:
            return
        for job_id in jobs:
            url = template.url(spec.product_url, site_id, job_id, self._settings.hosts)
            yield _Wanted(spec, template.kind, url, job_id, more=job_id)

    def _site_id(self, spec: InstanceSpec) -> str | None:
        """The cloud ID of the site of an instance; None where it cannot be found out."""
        known = spec.site_id or next((each.update.site_id for each in self._jobs[spec.name]), None)
        if known:
            return known
        try:
            api = SiteApi(self._sessions.open(None), spec.product_url, self._settings.federation.named)
            return retry(api.site_id, clock=self._clock, say=self._reporter.line)
        except LinkUpdateError as exc:
            self._found.missing.append(exc.amended(about=spec.name).failure)
            return None

    # -- one report

    def _fetch(self, wanted: _Wanted) -> None:
        """Download a report, or say why that is not possible.

        :raises LinkUpdateError: no report can be written.
        """
        try:
            self._download(wanted)
        except LinkUpdateError as exc:
            if exc.code is Code.REPORT:
                raise
            missing = exc.amended(about=wanted.spec.name, what=f"no {wanted.what}: {exc.failure.what}")
            self._found.missing.append(missing.failure)

    def _download(self, wanted: _Wanted) -> None:
        spec, settings, now = wanted.spec, self._settings, self._clock.now()
        is_signed = bool(wanted.url)
        url = wanted.url or self._url_of_id_mappings(wanted)
        downloader = self._sessions.open_downloads(spec.account if is_signed else None)
        with arriving(settings.report_dir, settings.federation.named) as arrival:
            received = retry(
                lambda: downloader.download(url, arrival.file, signed=is_signed, passing=self._passed),
                clock=self._clock,
                say=lambda text: self._reporter.line(f"{spec.name}  {text}"),
            )
            name = name_of_file(wanted.kind, spec.product_url, now, wanted.more)
            path, is_new = arrival.keep(f"{name}.{received.extension}")
        kept = "" if is_new else ", kept the larger one that was there"
        self._reporter.line(f"{spec.name}  {wanted.what}: {path} ({size_text(received.size)}{kept})", Level.DETAIL)
        self._found.files.append(
            {
                "instance": spec.name,
                "kind": wanted.kind.value,
                "job_id": wanted.job_id or None,
                "path": path,
                "size": received.size,
                "new": is_new,
            }
        )

    def _url_of_id_mappings(self, wanted: _Wanted) -> str:
        spec = wanted.spec
        session = self._sessions.open(spec.account)
        api = IdMappings(
            session, self._settings.api_url, self._clock, lambda text: self._reporter.line(f"{spec.name}  {text}")
        )
        return api.file_url(spec.manner.product, spec.product_url, wanted.source)

    def _passed(self, size: int) -> None:
        """A part of a file has come. Show now and then that it goes on."""
        now = self._clock.monotonic()
        if now >= self._heartbeat.due:
            self._heartbeat.beat(now)
            files = list(self._found.files)
            done = f"{counted(len(files), 'report')} downloaded, {size_text(sum(each['size'] for each in files))}"
            self._reporter.line(f"{done}; {size_text(size)} of the next one")


def _is_of(attempt: Attempt, spec: InstanceSpec) -> bool:
    """Whether a job updates the links of an instance, in its wave."""
    return attempt.update.product_url == spec.product_url and attempt.update.wave == spec.manner.wave


def _incomplete(found: _Found) -> Failure:
    first = found.missing[0]
    more = f" and {len(found.missing) - 1} more" if found.missing[1:] else ""
    return Failure(
        f"{counted(len(found.missing), 'report')} missing: {first.message.removesuffix('.')}{more}",
        Code.REPORTS_INCOMPLETE,
        "what is there is complete. When the cause is removed, run again",
    )
