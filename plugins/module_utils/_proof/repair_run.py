# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run of a repair, or of an undo: one issue after the other at each place, and several issues at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from .._errors import Failure, LedgerError, LinkUpdateError
from .._threads import Threads
from .repair_outcome import Fate, Outcome
from .repair_sites import RepairSites, Site


class Placed(Protocol):
    """A link of an issue at a site."""

    @property
    def product_url(self) -> str:
        """The URL of the site."""

    @property
    def issue(self) -> str:
        """The issue that has, or must have, the link."""


Link = TypeVar("Link", bound=Placed)


@dataclass
class RepairRun(Generic[Link]):
    """Does something with many links."""

    sites: RepairSites
    threads: Threads
    #: How many issues of one site are at work at once. Whoever stops a run waits for what is being sent for these.
    at_once: int
    #: Does it with one link. None where nothing is to be said of it.
    act: Callable[[Site, Link], Outcome | None]
    #: The outcome of a link that nothing was done with, for a reason.
    outcome: Callable[[Link, Fate, str], Outcome]
    #: Gets each outcome.
    say: Callable[[Outcome], None]
    outcomes: list[Outcome] = field(default_factory=list)
    #: How many links have an outcome, or would have one if nothing had stopped it.
    total: int = 0
    #: Why it was stopped, if it was.
    failure: Failure | None = None

    def run(self, links: Iterable[Link]) -> None:
        """Do it with all of them. Links of one issue are done one after the other, so that each sees the one before."""
        issues: dict[tuple[str, str], list[Link]] = {}
        for link in links:
            issues.setdefault((link.product_url, link.issue), []).append(link)
        self.total = sum(map(len, issues.values()))
        queues: dict[str, deque[list[Link]]] = {}
        for (product_url, _issue), some in issues.items():
            queues.setdefault(product_url, deque()).append(some)
        try:
            # One for each site first: there may be more sites than threads.
            self.threads.for_each([*queues.values()] * self.at_once, self._work)
        except LinkUpdateError as exc:
            self.failure = exc.failure

    def _work(self, queue: deque[list[Link]]) -> None:
        """Take issues as long as there are some. Several threads do."""
        while True:
            try:
                links = queue.popleft()
            except IndexError:
                return
            self._issue(links)

    def _issue(self, links: Sequence[Link]) -> None:
        for link in links:
            site = self.sites.site(link.product_url)
            if site is None:
                self._keep(self.outcome(link, Fate.SKIPPED, "its instance takes no part in this run"))
            elif site.trouble:
                self._keep(self.outcome(link, Fate.FAILED, f"not tried: {site.trouble.what}"))
            else:
                self._keep(self._made(site, link))

    def _made(self, site: Site, link: Link) -> Outcome | None:
        try:
            outcome = self.act(site, link)
        except LedgerError:
            # What is sent must be written down.
            raise
        except LinkUpdateError as exc:
            site.note(exc)
            return self.outcome(link, Fate.FAILED, exc.failure.message)
        site.unanswered = 0
        return outcome

    def _keep(self, outcome: Outcome | None) -> None:
        if outcome is None:
            self.total -= 1
            return
        self.outcomes.append(outcome)
        self.say(outcome)
