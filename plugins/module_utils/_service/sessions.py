# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of one run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from .._clock import Clock
from .._model.connection import REHEARSAL, Account, Connection
from .auth import Basic
from .http import Session
from .rate_limit import SharedLimits


def open_session(connection: Connection, account: Account, clock: Clock) -> Session:
    """A session of an account; in a rehearsal, the account plays no part.

    :raises InvalidOption: a credential is missing, or cannot be one.
    :raises MissingLibrary: the Python library requests is not installed.
    """
    account = REHEARSAL if connection.is_rehearsal else account.checked()
    return Session(connection, Basic(account.email, account.api_token), clock)


class Sessions:
    """One session for each account, whoever uses it."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._sessions: dict[Account, Session] = {}

    def of(self, account: Account) -> Session:
        """The session of an account.

        :raises InvalidOption, MissingLibrary: what L(open_session) raises.
        """
        if account not in self._sessions:
            self._sessions[account] = open_session(self._connection, account, self._clock)
        return self._sessions[account]

    @contextmanager
    def sharing(self, limits: SharedLimits) -> Iterator[None]:
        """Share the rate limits of all sessions that there are with other processes, see L(Session.sharing)."""
        with ExitStack() as stack:
            for session in self._sessions.values():
                stack.enter_context(session.sharing(limits))
            yield
