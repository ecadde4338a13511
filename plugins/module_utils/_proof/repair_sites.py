# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites that a repair asks and changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .._clock import Clock
from .._errors import AddressRejected, Code, Failure, LinkUpdateError, NotAccepted
from .._service.remote_links import MOST_KEYS, RemoteLinks, ResolvedIssue
from .._service.retry import retry
from .._threads import Threads
from .access import Access

T = TypeVar("T")

#: By the URL of the site and the key that an issue had: what it is now. One that is not there is left out.
Resolved = Mapping[tuple[str, str], ResolvedIssue]

#: What ends all work at a site: the next issue would get the same answer, and get it only after all retries.
_ENDS = frozenset({Code.UNAUTHORIZED, Code.UNREACHABLE, Code.UNAVAILABLE, Code.RATE_LIMITED, Code.TLS})
#: After so many issues in a row without an answer, the site is left alone.
_MOST_UNANSWERED = 3


@dataclass(eq=False)
class Site:
    """One site. May be used by several threads."""

    name: str
    product_url: str
    #: Why it is not asked any more.
    trouble: Failure | None = None
    unanswered: int = 0

    def note(self, exc: LinkUpdateError) -> None:
        """A link could not be created or removed."""
        self.unanswered += exc.code is Code.NO_ANSWER
        if exc.code in _ENDS or isinstance(exc, AddressRejected) or self.unanswered == _MOST_UNANSWERED:
            self.trouble = self.trouble or exc.failure


class RepairSites:
    """The sites of a federation that take part.

    :param names: the instances, by the URLs of their sites.
    :param say: gets a line for each pause before something is asked for again.
    """

    def __init__(self, access: Access, names: Mapping[str, str], clock: Clock, say: Callable[[str], None]) -> None:
        self._access = access
        self._sites = {url: Site(name, url) for url, name in names.items() if access.takes_part(url)}
        self._clock = clock
        self._say = say

    def site(self, product_url: str) -> Site | None:
        """One site; None where its instance takes no part."""
        return self._sites.get(product_url)

    def links(self, site: Site) -> RemoteLinks:
        """The calls of a site, for one thread.

        :raises InvalidOption: a credential is missing, or cannot be one.
        """
        return self._access.issues(site.product_url)

    def ask(self, question: Callable[[], T]) -> T:
        """Ask until there is an answer.

        :raises LinkUpdateError: there is none.
        """
        return self._access.ask(question, self._say)

    def send(self, request: Callable[[], T]) -> T:
        """Send a request that changes something. It is sent again only where it certainly was not taken.

        :raises LinkUpdateError: it was not taken, or nobody knows.
        """
        return retry(request, clock=self._clock, say=self._say, after=(NotAccepted,))

    def resolved(self, issues: Iterable[tuple[str, str]], threads: Threads) -> Resolved:
        """What issues are called now, and their ids.

        :param issues: the URL of the site and the key of each.
        :raises LinkUpdateError: a site gives no answer.
        """
        by_site: dict[str, list[str]] = {}
        for product_url, key in sorted(set(issues)):
            by_site.setdefault(product_url, []).append(key)
        parts = [
            (self._sites[product_url], keys[start : start + MOST_KEYS])
            for product_url, keys in by_site.items()
            for start in range(0, len(keys), MOST_KEYS)
        ]
        answers = threads.for_each(parts, lambda part: self._resolve(*part))
        return {place: issue for each in answers for place, issue in each.items()}

    def _resolve(self, site: Site, keys: list[str]) -> Resolved:
        try:
            found = self.links(site).resolve(keys, self.ask)
        except LinkUpdateError as exc:
            raise exc.amended(about=site.name) from None
        return {(site.product_url, key): issue for key, issue in found.items()}
