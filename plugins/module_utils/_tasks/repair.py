# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_repair) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from .._clock import Clock
from .._errors import InvalidOption
from .._model.federation import Problem
from .._model.pairs import label_of
from .._model.repair import RepairSettings
from .._model.sources import sources_of
from .._progress import Reporter
from .._proof.addresses import addresses_of
from .._proof.creating import Creator, Places
from .._proof.findings import read_findings
from .._proof.missing import Expected, MissingLink
from .._proof.undoing import OPEN, Undoer
from .._report.files import REPAIR, check_folder
from .._store.opening import open_store
from .._store.store import CensusStore
from .._text import names
from .check_jobs import jobs_of
from .options import census_location
from .preflight import refused
from .repair_options import repair_settings
from .repair_work import RepairWork
from .task import Options, Result, task

_DONE = "changed"


@task
def link_repair(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Create the links that a check has found missing, or remove those that earlier repairs have created.

    :param options: as the argument spec of the module describes them, complete.
    :param check: read everything, change nothing, write nothing down.
    """
    settings = repair_settings(options)
    where = census_location(options, settings.federation.named)
    if settings.problems:
        return refused(settings.problems, reporter, _DONE)
    if settings.report_dir and not check:
        # Before anything is sent: what was created must be in the file.
        check_folder(settings.report_dir, settings.federation.named, [REPAIR])
    with ExitStack() as opened:
        store = opened.enter_context(open_store(where, clock, copy=check))
        work = RepairWork(settings, store, opened, reporter, clock, check=check)
        return _undone(work) if settings.findings is None else _Repair(work, settings.findings).made()


def _undone(work: RepairWork) -> Result:
    """Remove the links that repairs have created."""
    repairing = work.begin()
    repairs = [each for each in work.store.repairs.every(work.names) if each.state in OPEN]
    if repairs and (problems := work.problems()):
        return refused(problems, work.reporter, _DONE)
    undoer = Undoer(work.sites, repairing, work.names)
    return work.run(repairs, undoer.act, undoer.outcome)


class _Repair:
    """Creates the missing links of a file."""

    def __init__(self, work: RepairWork, path: Path) -> None:
        self._work = work
        self._settings: RepairSettings = work.settings
        self._store: CensusStore = work.store
        self._path = path

    def made(self) -> Result:
        """Create them, unless something is wrong with the whole."""
        work, links = self._work, self._links()
        taking_part = [each for each in links if work.sites.site(each.product_url)]
        if problems := self._problems(taking_part):
            return refused(problems, work.reporter, _DONE)
        repairing = work.begin()
        creator = Creator(work.sites, self._places(taking_part), self._store.repairs, repairing, work.clock)
        return work.run(links, creator.act, lambda link, fate, reason: link.outcome(fate, reason))

    def _links(self) -> list[MissingLink]:
        """The missing links of the file.

        :raises InvalidOption: it cannot be used, or has too many of them.
        """
        settings, option = self._settings, self._settings.named("findings")
        findings = read_findings(option, self._path, settings.federation.names)
        if others := [f"{count} {verdict}" for verdict, count in findings.others.items()]:
            self._work.reporter.line(f"Rows about other links are left as they are: {names(others)}")
        links = Expected(self._store, settings.federation).missing(f"{option} {self._path}", findings.missing)
        if len(links) > settings.most:
            raise InvalidOption(
                f"{option} has {len(links):,} missing links, and {settings.named('max')} is {settings.most:,}",
                "so many missing links are often a job that has to run again, or a permission. To create all of them: "
                f"{settings.named.setting('max', len(links))}",
            )
        return links

    def _problems(self, links: Sequence[MissingLink]) -> list[Problem]:
        """Why the links cannot be created."""
        settings, work = self._settings, self._work
        problems: list[Problem] = []
        if not settings.any_job:
            problems += self._problems_with_jobs(links)
        absent = {each.destination for each in links if not work.sites.site(each.destination_url)}
        remedy = "run without --limit, or with this instance in it"
        what = "missing links lead to its issues, and it takes no part in this run"
        problems += [Problem(name, what, remedy) for name in sorted(absent)]
        return problems or (work.problems() if links else [])

    def _problems_with_jobs(self, links: Sequence[MissingLink]) -> Iterator[Problem]:
        """The pairs whose links a job could still create."""
        settings, federation = self._settings, self._settings.federation
        pairs = dict.fromkeys((each.server, each.instance, each.destination) for each in links)
        instances = {instance for _server, instance, _destination in pairs}
        jobs = jobs_of(
            federation, settings.specs, sources_of(federation), instances, settings.ledger, self._work.clock
        ).not_complete
        remedy = (
            "let its job end, or run link_update again. Then check again, and repair what is missing then. To repair "
            f"it all the same: {settings.named.setting('jobs', 'any')}"
        )
        for pair in pairs:
            if pair in jobs:
                yield Problem(label_of(*pair[1:]), f"its job is not complete ({jobs[pair]})", remedy)

    def _places(self, links: Sequence[MissingLink]) -> Places:
        """Where the links lead, and what they look like."""
        labels = {(each.product_url, each.destination_url): label_of(each.instance, each.destination) for each in links}
        forms = {pair: self._store.checks.form(*pair) for pair in labels}
        if own := [labels[pair] for pair, form in forms.items() if form is None]:
            self._work.reporter.line(
                f"{names(own)}: no check has found a link of Jira's own kind. The new links are of our kind, with the "
                "application jira_cloud.federation"
            )
        federation = self._settings.federation
        issues = [
            place for each in links for place in ((each.product_url, each.issue), (each.destination_url, each.target))
        ]
        resolved = self._work.sites.resolved(issues, self._work.threads)
        return Places(resolved, addresses_of(federation, sources_of(federation)), forms)
