# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger has of one attempt to have an update scheduled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from .._clock import from_text
from .._model.update import Update
from . import claimant
from .schema import LEDGER
from .store import Row

_TEXTS = ("identity", "site_id", "product", "product_url", "destination_url", "migrated_from", "wave")
_TEXTS_OR_NONE = ("migrated_from_override", "claimant", "job_id", "status")
_NUMBERS = ("attempt", "recreate_as_remote", "create_backup")


@dataclass(frozen=True)
class Attempt:
    """One attempt to have an update scheduled."""

    #: The identity of the update, as it is recorded.
    identity: str
    number: int
    update: Update
    #: Whether somebody is sending the request: there is no answer yet, but it may still come.
    in_flight: bool
    claimed_at: datetime
    #: None as long as no answer to the request is recorded.
    job_id: str | None
    submitted_at: datetime | None
    status: str | None
    completed_at: datetime | None

    @property
    def reference(self) -> str:
        """A short name, for people to point at the attempt: C(3f2a91c0.1)."""
        return reference_of(self.identity, self.number)


@dataclass(frozen=True)
class Claim:
    """The right, and the duty, to send the request of one attempt."""

    update: Update
    attempt: int
    claimant: str

    def key(self) -> dict[str, str | int]:
        """What finds its row, in the words of the columns."""
        return {"identity": self.update.identity(), "attempt": self.attempt, "claimant": self.claimant}


def reference_of(identity: str, number: int) -> str:
    return f"{hashlib.sha256(identity.encode()).hexdigest()[:8]}.{number}"


def attempt_in(row: Row, now: Callable[[], datetime], ledger: str) -> Attempt:
    """The attempt that a row has.

    :param now: gives the time that leases are measured by, which may cost a question to a server.
    :param ledger: the name of the ledger, for messages.
    :raises LedgerError: the row is damaged.
    """
    try:
        _check_types(row, _TEXTS, str)
        _check_types(row, _TEXTS_OR_NONE, (str, type(None)))
        _check_types(row, _NUMBERS, int)
        return Attempt(
            identity=row["identity"],
            number=row["attempt"],
            update=Update.from_dict(row),
            in_flight=_is_in_flight(row, now),
            claimed_at=from_text(row["claimed_at"]),
            job_id=row["job_id"],
            submitted_at=_moment(row["submitted_at"]),
            status=row["status"],
            completed_at=_moment(row["completed_at"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError) as exc:
        raise LEDGER.damaged(ledger, f"an entry cannot be read: {exc}") from exc


def _check_types(row: Row, names: Iterable[str], types: type | tuple[type, ...]) -> None:
    for name in names:
        if not isinstance(row[name], types):
            raise TypeError(f"{name} is {row[name]!r}")


def _is_in_flight(row: Row, now: Callable[[], datetime]) -> bool:
    holder = row["claimant"]
    return (
        row["job_id"] is None
        and holder is not None
        and now() < from_text(row["lease_until"])
        and not claimant.is_gone(holder)
    )


def _moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None
