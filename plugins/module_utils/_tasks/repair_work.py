# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repair and an undo have in common: the sites, the journal, and the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from .._clock import Clock
from .._errors import Code, Failure
from .._model.federation import Problem
from .._model.repair import RepairSettings
from .._model.sources import jira_members
from .._progress import Level, Reporter
from .._proof.access import Access
from .._proof.repair_outcome import Fate, Outcome, repair_result
from .._proof.repair_run import Link, RepairRun
from .._proof.repair_sites import RepairSites, Site
from .._report.files import REPAIR, write_json
from .._report.repair_progress import RepairProgress
from .._report.repair_text import lines_of, text_of
from .._store.repairing import Repairing
from .._store.store import CensusStore
from .._text import counted, names
from .._threads import Threads
from .options import jira_accounts
from .task import Result, failed

#: How many requests one site gets at once.
_CONNECTIONS = 4


class RepairWork:
    """One repair or undo.

    :param opened: what is closed at its end.
    """

    def __init__(
        self,
        settings: RepairSettings,
        store: CensusStore,
        opened: ExitStack,
        reporter: Reporter,
        clock: Clock,
        *,
        check: bool,
    ) -> None:
        federation = settings.federation
        self.settings = settings
        self.store = store
        self.reporter = reporter
        self.clock = clock
        #: The Jira instances, by the URLs of their sites.
        self.names = {str(member.product_url): name for name, member in jira_members(federation)}
        accounts = jira_accounts(federation, settings.specs)
        self._access = Access(federation, accounts, settings.connection, _CONNECTIONS, clock)
        self.threads = Threads(clock, self._access.most)
        self.sites = RepairSites(self._access, self.names, clock, self._say)
        self._opened = opened
        self._check = check
        self._repairing: Repairing | None = None
        self._begun_at = clock.now()

    def begin(self) -> Repairing | None:
        """Keep others from repairing. None in check mode, in which nothing is changed.

        :raises LedgerError: another process repairs.
        """
        if not self._check:
            lease = self.settings.connection.store_lease
            self._repairing = self._opened.enter_context(self.store.repairs.begin(lease))
        return self._repairing

    def problems(self) -> list[Problem]:
        """What keeps the accounts from being used at their sites."""
        return self._access.problems(self.threads, self._say)

    def run(
        self,
        links: Sequence[Link],
        act: Callable[[Site, Link], Outcome | None],
        outcome: Callable[[Link, Fate, str], Outcome],
    ) -> Result:
        """Do something with each link. The result of the task, which is shown as well."""
        progress = RepairProgress(self.reporter, self.clock, len(links), check=self._check)
        run: RepairRun[Link] = RepairRun(self.sites, self.threads, self._access.each, act, outcome, progress.done)
        try:
            run.run(links)
        except (KeyboardInterrupt, SystemExit):
            # Whoever stops it wants to know what was done until then.
            self._result(run)
            raise
        return self._result(run)

    def _result(self, run: RepairRun[Link]) -> Result:
        outcomes = sorted(run.outcomes, key=lambda each: (each.instance, each.issue, each.target))
        failure = run.failure or _incomplete(outcomes)
        lines = text_of(outcomes, run.total, self.settings.named, undo=self._is_undo, check=self._check)
        self.reporter.line("\n".join(lines), Level.FAILURE if failure else Level.INFO)
        told = repair_result(outcomes, self._is_undo, self._begun_at, self.clock.now())
        changed = [each for each in outcomes if each.fate in (Fate.CREATED, Fate.UNDONE)]
        result: Result = {
            **{name: links for name, links in told.items() if isinstance(links, list)},
            "changed": bool(changed),
            "text": lines,
            "stats": {f"link_repair_{fate}": sum(each.fate is fate for each in outcomes) for fate in Fate},
            "diff": {"before": "", "after": "", "before" if self._is_undo else "after": lines_of(changed)},
        }
        if self.settings.report_dir and not self._check:
            path = write_json(REPAIR, told, self.settings.report_dir, self.settings.federation.named)
            self.reporter.line(f"For programs: {path}")
            result["files"] = {"json": path}
        return result | failed(failure) if failure else result

    @property
    def _is_undo(self) -> bool:
        return self.settings.findings is None

    def _say(self, text: str) -> None:
        # A pause can be longer than the lease.
        if self._repairing:
            self._repairing.keep_alive()
        self.reporter.line(text)


def _incomplete(outcomes: Sequence[Outcome]) -> Failure | None:
    """What to fail with where something was not possible."""
    bad = [each.name for each in outcomes if each.fate is Fate.FAILED]
    if not bad:
        return None
    what = f"{len(bad):,} of {counted(len(outcomes), 'link')} failed: {names(bad, 3)}"
    return Failure(what, Code.REPAIR_INCOMPLETE, "see why above, then run again: it goes on where it stopped")
