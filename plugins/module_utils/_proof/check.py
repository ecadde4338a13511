# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a check: all sites are asked at once, each with several connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from .._clock import Clock
from .._model.federation import Problem
from .._progress import Reporter
from .._store.checking import Checking
from .._store.checks import Form
from .._threads import Threads
from .access import Access
from .addresses import Addresses
from .forms import Forms
from .judging import Judge
from .plan import CheckPlan
from .progress_lines import ProgressLines
from .recorder import Recorder
from .site_work import SiteWork
from .worker import Worker

#: How many seconds pass between two looks at what is due.
_TICK = 1.0


class Check:
    """One check that is being made.

    :param forms: what links look like as earlier checks have found, by the two product URLs.
    """

    def __init__(
        self,
        plan: CheckPlan,
        checking: Checking,
        access: Access,
        addresses: Addresses,
        forms: Mapping[tuple[str, str], Form],
        reporter: Reporter,
        clock: Clock,
    ) -> None:
        self._access = access
        self._clock = clock
        self._recorder = Recorder(checking, plan, clock)
        self._judge = Judge(addresses, Forms(checking, forms))
        self._names = {each.product_url: each.instance for each in plan.pairs}
        self._names |= {each.destination_url: each.destination for each in plan.pairs}
        urls = dict.fromkeys(each.product_url for each in plan.pairs if each.strata)
        self._sites = {
            url: SiteWork(self._names[url], url, checking, self._recorder.needs, access.each) for url in urls
        }
        self._lines = ProgressLines(reporter, clock, [*self._sites.values()])

    def run(self) -> list[Problem]:
        """Ask for what has no verdict yet.

        :returns: the sites that are not asked any more, and why.
        :raises LedgerError: the store cannot be used. What was written until then is kept.
        """
        sites = self._sites.values()
        try:
            self._ask([*sites])
            # By now it is known what links look like, so the doubtful ones can be decided.
            doubtful = [each for each in sites if each.has_doubts and not each.failure]
            for each in doubtful:
                each.begin_again()
            self._ask(doubtful)
        finally:
            # Also when somebody stops it: what was read is kept.
            self._recorder.flush()
        return [Problem(each.name, each.failure.what, each.failure.advice) for each in sites if each.failure]

    def _ask(self, sites: Sequence[SiteWork]) -> None:
        at_work = Counter({each.name: self._access.each for each in sites})

        def ended(site: SiteWork) -> None:
            at_work[site.name] -= 1
            if not at_work[site.name]:
                self._lines.done(site)

        # Never one thread alone: this one shows the progress.
        with Threads(self._clock, max(self._access.most, 2)).tasks() as tasks:
            # One for each site first: there may be more sites than threads.
            for site in [*sites] * self._access.each:
                tasks.start(partial(self._work_at, site), ended)
            while tasks.busy:
                tasks.wait(_TICK)
                self._recorder.keep_alive()
                self._lines.tick()

    def _work_at(self, site: SiteWork) -> SiteWork:
        say = self._lines.trouble
        Worker(site, self._sites, self._access, self._judge, self._recorder, self._names, say).work()
        return site
