# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger knows about updates, whichever run scheduled them."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from .._errors import Code, Failure
from .._ledger.attempt import Attempt
from .._ledger.ledger import Ledger
from .._model.desired import DesiredUpdate
from .._model.update import FIELDS, Update
from .._run.job import job_of
from .._run.state import UpdateState
from .._run.submission import MAY_EXIST

#: The identity of an update, without its site.
_KEY = tuple(name for name in FIELDS if name not in ("site_id", "create_backup"))


class Recorded:
    """The last attempt at each update, and the history of each job. Each is read once, when it is first needed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @cached_property
    def _last(self) -> dict[tuple[object, ...], Attempt]:
        return {_key(attempt.update): attempt for attempt in self._ledger.attempts()}

    @cached_property
    def _histories(self) -> dict[tuple[str, str], list[tuple[str, datetime]]]:
        return self._ledger.histories()

    def history_of(self, site_id: str, job_id: str) -> list[tuple[str, datetime]]:
        """The statuses that were seen of a job, each with its first moment."""
        return self._histories.get((site_id, job_id), [])

    def state_of(self, instance: str, desired: DesiredUpdate, now: datetime) -> UpdateState:
        """The state of an update, as if a run had left it so."""
        attempt = self._last.get(_key(desired.update))
        if attempt is None and (other := desired.update.in_other_manner(now)):
            attempt = self._last.get(_key(other))
        if attempt is None:
            return UpdateState(instance, desired)
        answered = attempt.job_id or attempt.in_flight
        failure = None if answered else _unanswered(desired.label)
        return UpdateState(instance, desired, job=job_of(attempt.update, attempt), failure=failure)


def _key(update: Update) -> tuple[object, ...]:
    """The key of an update. The cloud ID of its site need not be known."""
    return tuple(getattr(update, name) for name in _KEY)


def _unanswered(label: str) -> Failure:
    return Failure(
        f"a request was sent and no answer was recorded. {MAY_EXIST}",
        Code.SUBMISSION_UNKNOWN,
        "run again: link_update_unknown_submission decides whether it is sent again",
        about=label,
    )
