# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables whose rows one process at a time works on, and what messages say of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .._errors import LedgerError


@dataclass(frozen=True)
class Leased:
    """A table whose rows have a holder and a lease."""

    table: str
    #: The column of their numbers. The parameter of a statement has the same name.
    key: str
    #: What has happened where another process holds a row, and where it has taken one over.
    already: str
    taken_over: str
    #: What has happened where nobody holds a row, and what to do.
    gone: tuple[str, str]
    #: For how long after its beginning one can be gone on with.
    lasts: timedelta = timedelta.max

    @property
    def all_rows(self) -> str:
        """The statement that looks at all rows, the newest first."""
        columns = f"{self.key}, digest, begun_at, complete, holder, lease_until"
        return f"SELECT {columns} FROM {self.table} ORDER BY {self.key} DESC"  # noqa: S608

    @property
    def is_mine(self) -> str:
        """The condition for a row that this process holds."""
        return f"{self.key} = :{self.key} AND holder = :holder"

    @property
    def held(self) -> str:
        """The same for a statement that changes another table."""
        return f"EXISTS (SELECT 1 FROM {self.table} WHERE {self.is_mine})"  # noqa: S608

    @property
    def extend(self) -> str:
        """The statement that extends the lease. It keeps others from taking the row over meanwhile."""
        return f"UPDATE {self.table} SET lease_until = :lease_until WHERE {self.is_mine}"  # noqa: S608

    def is_held(self, number: int, store: str, minutes: int) -> LedgerError:
        """The failure where another process works on a row already.

        :param minutes: for how long it may still do so.
        """
        return LedgerError(
            self.already.format(number=number, store=store),
            f"let it end. If it was killed, run the same command again in {minutes} min: it goes on where that one "
            "stopped",
        )

    def is_taken_over(self, number: int) -> LedgerError:
        """The failure where another process works on a row now."""
        return LedgerError(
            self.taken_over.format(number=number),
            "let the other one end. If it is stopped, run the same command again: it goes on where that one stopped",
        )

    def is_gone(self, number: int) -> LedgerError:
        """The failure where nobody can work on a row any more."""
        what, advice = self.gone
        return LedgerError(what.format(number=number), advice)


GENERATIONS = Leased(
    "link_census_generations",
    "generation",
    "another process counts the links of this federation already (census {number} in {store})",
    "another process counts the links of census {number} now, so this one has stopped",
    (
        "census {number} was deleted while its links were counted",
        "run the same command again: it counts the links from the beginning",
    ),
)
CHECKS = Leased(
    "link_checks",
    "check_number",
    "another process checks the links of this federation already (check {number} in {store})",
    "another process goes on with check {number} now, so this one has stopped",
    (
        "a census was deleted while check {number} looked for its links",
        "count the links with link_census, then run the same command again",
    ),
    timedelta(hours=24),
)
REPAIRS = Leased(
    "link_repair_runs",
    "run_number",
    "another process repairs links already (in {store})",
    "another process repairs links now, so this one has stopped",
    ("the journal of repairs was deleted while links were repaired", "restore it, then run the same command again"),
)
