# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_check) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from .._clock import Clock
from .._errors import Code, Failure
from .._model.check import CheckSettings
from .._model.federation import Problem
from .._progress import Level, Reporter
from .._proof.access import Access
from .._proof.addresses import addresses_of
from .._proof.censuses import complete_censuses
from .._proof.check import Check
from .._proof.pairs import pairs_to_check
from .._proof.plan import CheckPlan, plan_of, with_last_ranks
from .._proof.result import misses_too_many, result_of, statistics_of
from .._proof.summary import CheckResult
from .._report.check_page import CheckReport
from .._report.check_plan_text import check_plan_text, plan_warnings
from .._report.check_text import text_of
from .._report.check_words import label_in, not_there, summary_of, verdicts_in
from .._report.files import CHECK as FILES
from .._report.files import check_folder, write_check
from .._store.checking import Checking
from .._store.checks import Form, Stratum
from .._store.opening import open_store
from .._store.store import CensusStore
from .._text import names
from .._threads import Threads
from .check_jobs import Jobs, jobs_of
from .check_options import check_settings
from .options import census_location
from .preflight import refused
from .task import Options, Result, failed, task

_DONE = "checked"
#: How many findings are read: one more than is shown tells that there are more.
_SHOWN = 11


@task
def link_check(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Check whether the links are there that a census has counted.

    :param options: as the argument spec of the module describes them, complete.
    :param check: find out who asks and what there is to ask; read no issue, write nothing down.
    """
    settings = check_settings(options)
    where = census_location(options, settings.federation.named)
    if settings.problems:
        return refused(settings.problems, reporter, _DONE)
    if settings.report_dir:
        # Before anything is asked: a check of hours must not end without its files.
        check_folder(settings.report_dir, settings.federation.named, FILES)
    with open_store(where, clock, copy=check) as store:
        return _Work(settings, store, reporter, clock).result(check)


class _Work:
    """One check, from what there is to ask to its result."""

    def __init__(self, settings: CheckSettings, store: CensusStore, reporter: Reporter, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._reporter = reporter
        self._clock = clock

    def result(self, check: bool) -> Result:
        """Find out what there is to ask, and ask it."""
        settings = self._settings
        jobs = jobs_of(
            settings.federation, settings.specs, settings.sources, settings.accounts, settings.ledger, self._clock
        )
        plan = self._plan(jobs)
        access = Access(settings.federation, settings.accounts, settings.connection, settings.connections, self._clock)
        if problems := access.problems(Threads(self._clock, access.most), self._reporter.line):
            return refused(problems, self._reporter, _DONE)
        lines = self._show(plan)
        if check:
            self._reporter.line("Check mode: no issue is asked for, and nothing is written")
            return {"changed": False, "text": lines}
        return self._checked(plan, access, jobs)

    def _plan(self, jobs: Jobs) -> CheckPlan:
        """Which links of each pair are checked.

        :raises LinkUpdateError: nobody has counted them.
        """
        settings = self._settings
        generations = complete_censuses(self._store, settings.federation, settings.sources)
        counts: dict[tuple[str, str, str], int] = {}
        issues: dict[str, int] = {}
        for server, generation in generations.items():
            found = self._store.counts(generation)
            counts |= {key: count for key, count in found.items() if key[0] == server}
            for (source, url), count in self._store.issues(generation).items():
                issues[url] = issues.get(url, 0) + (count if source == server else 0)
        not_yet = () if settings.any_job else jobs.not_complete
        pairs = pairs_to_check(settings.federation, settings.sources, settings.accounts, generations, counts, not_yet)
        return with_last_ranks(plan_of(pairs, issues, settings.thoroughness), self._ranks)

    def _ranks(self, stratum: Stratum, count: int) -> list[int]:
        """The lowest ranks of a stratum."""
        where = (stratum.generation, stratum.server, stratum.product_url, stratum.destination_url)
        return [each.rank for each in self._store.walk(*where, limit=count)]

    def _show(self, plan: CheckPlan) -> list[str]:
        lines = check_plan_text(plan)
        self._reporter.line("\n".join(lines))
        for warning in plan_warnings(plan, self._settings.named("sample")):
            self._reporter.warn(warning)
        return lines

    def _checked(self, plan: CheckPlan, access: Access, jobs: Jobs) -> Result:
        settings, wanted = self._settings, self._settings.thoroughness
        asked = {
            "sample": wanted.sample,
            "confidence": wanted.confidence,
            "max_missing": plan.max_missing,
            "jobs": "any" if settings.any_job else "complete",
        }
        state = {"jobs": jobs.complete, "repairs": self._store.checks.repairs_made()}
        with self._store.checks.begin(plan.scope(asked, state), settings.connection.store_lease) as checking:
            self._say_begun(checking)
            addresses = addresses_of(settings.federation, settings.sources)
            stopped = Check(plan, checking, access, addresses, self._forms(plan), self._reporter, self._clock).run()
            return self._ended(plan, checking, jobs, stopped)

    def _forms(self, plan: CheckPlan) -> dict[tuple[str, str], Form]:
        pairs = [(each.product_url, each.destination_url) for each in plan.pairs if each.strata]
        return {pair: form for pair in pairs if (form := self._store.checks.form(*pair))}

    def _say_begun(self, checking: Checking) -> None:
        goes_on = f", begun {checking.begun_at:%Y-%m-%d %H:%M}Z, goes on" if checking.is_resumed else " begins"
        self._reporter.line(f"Check {checking.number}{goes_on}")

    def _ended(self, plan: CheckPlan, checking: Checking, jobs: Jobs, stopped: Sequence[Problem]) -> Result:
        checked = result_of(plan, checking, self._clock.now())
        files: dict[str, str] = {}
        if self._settings.report_dir:
            files = self._write(checked, checking)
        complete = not stopped and not checked["total"]["unanswered"]
        checking.end(complete, checked)
        findings = [*islice(checking.findings(), _SHOWN)]
        is_rehearsal = self._settings.connection.is_rehearsal
        file = files.get("findings")
        lines = text_of(checked, findings, jobs.waiting, stopped, file, is_rehearsal=is_rehearsal)
        lines += [f"Report: {files['html']}"] if files else []
        self._reporter.line("\n".join(lines), Level.INFO if checked["ok"] else Level.FAILURE)
        if waiting := [label_in(each) for each in checked["pairs"] if each["not_yet"]]:
            self._reporter.warn(f"Not checked, as their jobs are not complete: {names(waiting)}. Check again later")
        result: Result = {"changed": False, **checked, "text": lines, "stats": statistics_of(checked), "files": files}
        return result if checked["ok"] else result | failed(_failure(checked, complete))

    def _write(self, checked: CheckResult, checking: Checking) -> dict[str, str]:
        settings = self._settings
        instances = {str(member.product_url): name for name, member in settings.federation.members.items()}
        report = CheckReport(
            checked,
            checking.findings(),
            instances,
            history=self._store.checks.past(list(instances)),
            is_rehearsal=settings.connection.is_rehearsal,
        )
        return write_check(report, settings.report_dir, settings.federation.named)


def _failure(checked: CheckResult, complete: bool) -> Failure:
    """What to fail with where too many links may be missing.

    :param complete: whether everything was asked and answered.
    """
    bad = [each for each in checked["pairs"] if misses_too_many(each, checked["max_missing"])]
    which = names([f"{label_in(each)} ({verdicts_in(each)})" for each in bad], 3)
    are_missing = any(not_there(each) > each["unanswered"] for each in bad)
    if checked["total"]["checked"] and (complete or are_missing):
        return Failure(
            f"{summary_of(checked)}. Pairs that may miss too many: {which or 'only all of them together'}",
            Code.LINKS_MISSING,
            "run the jobs of these pairs again, create the links with link_repair, or give the account the permission "
            "that it lacks: see what to do above"
            if are_missing
            else "check more links: see what to do above",
        )
    return Failure(
        ". ".join([f"the check is not complete: {summary_of(checked)}", *([f"Pairs: {which}"] if bad else [])]),
        Code.CHECK_INCOMPLETE,
        "see what to do above, then run again",
    )
