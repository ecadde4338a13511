# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of one task: they share open connections, and one rate limit for each account."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial

from .._clock import Clock
from .._model.connection import DATA_CENTER_REHEARSAL, REHEARSAL, Account, Connection, DataCenterAccount
from .adapter import HAS_REQUESTS, Adapter
from .auth import Basic, Login, PersonalToken
from .data_center_session import DataCenterSession
from .download import Downloader
from .http import Session
from .in_flight import InFlight, SharedLimits
from .pace import Pace
from .rate_limit import RateLimiter
from .site_session import SiteSession

#: To how many hosts connections are kept open.
_HOSTS = 100


def open_session(connection: Connection, account: Account, clock: Clock) -> Session:
    """The only session of a task, see L(Sessions.open)."""
    return Sessions(connection, clock).open(account)


class Sessions:
    """Opens sessions.

    :param most: how many requests may be under way at once.
    :param most_each: how many of one account at one host; without it, all of them.
    :param pace: how many requests a second one account starts with at one host, see L(Pace); without it, nothing is
        slowed down until the service says so.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        most: int = 1,
        *,
        most_each: int | None = None,
        pace: float | None = None,
    ) -> None:
        self._connection = connection
        self._clock = clock
        kind = partial(Pace, rate=pace) if pace else RateLimiter
        self._in_flight = InFlight(clock, most, partial(kind, clock, most_each or most))
        self._pool = Adapter(pool_connections=_HOSTS, pool_maxsize=most) if HAS_REQUESTS else None

    def open(self, account: Account | None, urgency: float = 0.0) -> Session:
        """A session of an account, or of nobody; in a rehearsal, the account plays no part.

        :param urgency: the smaller, the sooner its requests go of those of all sessions.
        :raises InvalidOption: a credential is missing, or cannot be one.
        :raises MissingLibrary: the Python library requests is not installed.
        """
        auth = self._signature_of(account) if account else None
        return Session(self._connection, auth, self._clock, in_flight=self._in_flight, pool=self._pool, urgency=urgency)

    def open_site(self, account: Account) -> SiteSession:
        """A session with a cloud site whose answers may be long, see L(open)."""
        auth = self._signature_of(account)
        return SiteSession(self._connection, auth, self._clock, in_flight=self._in_flight, pool=self._pool)

    def open_downloads(self, account: Account | None) -> Downloader:
        """A session that downloads files, see L(open)."""
        auth = self._signature_of(account) if account else None
        return Downloader(self._connection, auth, self._clock, in_flight=self._in_flight, pool=self._pool)

    def open_data_center(self, account: DataCenterAccount) -> DataCenterSession:
        """A session with a Data Center instance; in a rehearsal, the account plays no part.

        :raises InvalidOption: a credential is missing, or cannot be one.
        :raises MissingLibrary: the Python library requests is not installed.
        """
        checked = DATA_CENTER_REHEARSAL if self._connection.is_rehearsal else account.checked()
        auth = PersonalToken(checked.token) if checked.token else Login(checked.user, checked.password)
        return DataCenterSession(self._connection, auth, self._clock, in_flight=self._in_flight, pool=self._pool)

    def _signature_of(self, account: Account) -> Basic:
        checked = REHEARSAL if self._connection.is_rehearsal else account.checked()
        return Basic(checked.email, checked.api_token)

    def sharing(self, limits: SharedLimits) -> AbstractContextManager[None]:
        """Share the rate limits of all sessions with other processes, see L(Session.sharing)."""
        return self._in_flight.sharing(limits)

    def close(self) -> None:
        """Close the open connections. Sessions go on, with new ones."""
        if self._pool:
            self._pool.close()
