# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the sites are reached: their issues, and who asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from .._clock import Clock
from .._errors import LinkUpdateError
from .._model.connection import Account, Connection
from .._model.federation import Federation, Problem
from .._service.remote_links import RemoteLinks
from .._service.retry import retry
from .._service.sessions import Sessions
from .._service.site_api import SiteApi
from .._threads import Threads

_T = TypeVar("_T")

#: How many requests a second a site gets at first. Then its answers say whether it takes more.
PACE = 10.0
#: How many connections there are to all sites together.
_MOST = 100


class Access:
    """Opens sessions with the sites of the play.

    :param accounts: who asks, by the name of the instance.
    :param connections: how many requests to one site are under way at once, at most.
    """

    def __init__(
        self,
        federation: Federation,
        accounts: Mapping[str, Account],
        connection: Connection,
        connections: int,
        clock: Clock,
    ) -> None:
        self._federation = federation
        self._accounts = {str(federation.members[name].product_url): account for name, account in accounts.items()}
        self._clock = clock
        #: How many connections there are to each site.
        self.each = max(min(connections, _MOST // max(len(accounts), 1)), 1)
        self.most = self.each * max(len(accounts), 1)
        self._sessions = Sessions(connection, clock, self.most, most_each=self.each, pace=PACE)

    def takes_part(self, product_url: str) -> bool:
        """Whether a site may be asked."""
        return product_url in self._accounts

    def issues(self, product_url: str) -> RemoteLinks:
        """The remote links of a site's issues, for one thread.

        :raises InvalidOption: a credential is missing, or cannot be one.
        """
        session = self._sessions.open_site(self._accounts[product_url])
        return RemoteLinks(session, product_url)

    def ask(self, question: Callable[[], _T], say: Callable[[str], None]) -> _T:
        """Ask until there is an answer.

        :param say: gets a line for each pause before it is asked again.
        :raises LinkUpdateError: there is none.
        """
        return retry(question, clock=self._clock, say=say)

    def problems(self, threads: Threads, say: Callable[[str], None]) -> list[Problem]:
        """What keeps the accounts from being used at their sites."""

        def problems_at(name: str) -> Iterator[Problem]:
            url = str(self._federation.members[name].product_url)
            try:
                site = SiteApi(self._sessions.open(self._accounts[url]), url, self._federation.named)
                self.ask(site.account, say)
            except LinkUpdateError as exc:
                advice = exc.failure.advice or "run again when it answers"
                yield Problem(name, exc.failure.what, advice)

        names: Collection[str] = [
            name for name, member in self._federation.members.items() if str(member.product_url) in self._accounts
        ]
        return [problem for found in threads.for_each(names, lambda name: [*problems_at(name)]) for problem in found]
