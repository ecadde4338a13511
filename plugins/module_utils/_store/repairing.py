# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of repairs while links are repaired: each step is on disk before the next one is taken."""

from __future__ import annotations

from typing import NamedTuple

from .._errors import LedgerError
from .database import Database
from .lease import Lease, UnderLease
from .leased import REPAIRS
from .repairs import LINK_COLUMNS, Repair, RepairLink, RepairState, latest_of, repairs_in

_INTEND = (
    f"INSERT INTO link_repairs (repair_number, state, intended_at, {', '.join(LINK_COLUMNS)})"  # noqa: S608
    f" SELECT (SELECT COALESCE(MAX(repair_number), 0) + 1 FROM link_repairs), '{RepairState.INTENDED}', :now,"
    f" {', '.join(f':{name}' for name in LINK_COLUMNS)} WHERE {REPAIRS.held} ON CONFLICT DO NOTHING"
)


class _Step(NamedTuple):
    """What is written of a repair."""

    #: What it becomes, and what it may have been before.
    state: RepairState
    earlier: str
    changes: str


_CREATED = _Step(RepairState.CREATED, "'intended'", "link_id = :link_id, created_at = :now")
_NOT_CREATED = _Step(RepairState.NOT_CREATED, "'intended'", "link_id = NULL")
_UNDOING = _Step(RepairState.CREATED, "'created'", "undone_at = :now")
_UNDONE = _Step(RepairState.UNDONE, "'intended', 'created'", "undone_at = :now")


class Repairing(UnderLease):
    """The right to repair. One process at a time has it."""

    def __init__(self, database: Database, lease: Lease) -> None:
        super().__init__(lease)
        self._db = database

    def intend(self, link: RepairLink) -> Repair:
        """Write down what is sent next. One that was intended before goes on, with what it was intended with.

        :raises LedgerError: it was not written, for example as a repair has created the link already.
        """
        self._lease.extend({name: getattr(link, name) for name in LINK_COLUMNS}, _INTEND)
        repair = latest_of(self._db, link.product_url, link.issue, link.target)
        if repair is None or repair.state != RepairState.INTENDED:
            raise LedgerError(
                f"a repair has created the link from {link.issue} to {link.target} already",
                "undo it before you create it again",
            )
        return repair

    def created(self, number: int, link_id: int) -> None:
        """The link is there, with this id.

        :raises LedgerError: that was not written.
        """
        self._become(_CREATED, number, link_id)

    def not_created(self, number: int) -> None:
        """The link was there already, or was not sent.

        :raises LedgerError: that was not written.
        """
        self._become(_NOT_CREATED, number)

    def undoing(self, number: int) -> None:
        """The link is deleted next. If it is gone after that, nobody else has removed it.

        :raises LedgerError: that was not written.
        """
        self._become(_UNDOING, number)

    def undone(self, number: int) -> None:
        """The link was deleted.

        :raises LedgerError: that was not written.
        """
        self._become(_UNDONE, number)

    def _become(self, step: _Step, number: int, link_id: int | None = None) -> None:
        statement = (
            f"UPDATE link_repairs SET state = :state, {step.changes} WHERE repair_number = :repair_number"  # noqa: S608
            f" AND state IN ({step.earlier}) AND {REPAIRS.held}"
        )
        if not self._lease.execute({"state": step.state.value, "repair_number": number, "link_id": link_id}, statement):
            self._check_written(step.state, number, link_id)

    def _check_written(self, state: RepairState, number: int, link_id: int | None) -> None:
        """Where a connection broke after a write, the second try finds it done."""
        self._lease.extend()
        (repair,) = repairs_in(self._db, "repair_number = :number", {"number": number})
        if repair.state != state or link_id not in (None, repair.link_id):
            raise LedgerError(
                f"repair {number} is {repair.state} in the journal, so it cannot become {state}",
                "look at the link on its site. Nothing was written",
            )
