# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a project: pages of issues, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._ledger.store import Row
from .scope import Project


@dataclass(frozen=True)
class SeenLink:
    """A link of an issue to an issue of another instance."""

    #: A number, in digits.
    link_id: str
    #: The key of the other issue.
    target: str
    type: str
    #: What the issue calls it: C(blocks), or C(is blocked by).
    phrase: str


@dataclass(frozen=True)
class Page:
    """What one page adds to what was read. Its numbers are additions."""

    #: The keys of issues, each with all its links to issues of other instances.
    expectations: Sequence[tuple[str, Sequence[SeenLink]]] = ()
    #: Links to projects of no instance, by the key of the project.
    outside: Mapping[str, int] = field(default_factory=dict)
    #: Issues with more links than a cloud site takes, and how many these are.
    crowded: Mapping[str, int] = field(default_factory=dict)
    issues: int = 0
    epic_links: int = 0
    epic_links_between: int = 0
    sub_tasks: int = 0
    sub_tasks_between: int = 0
    last_read: tuple[str, ...] = ()
    total: int | None = None


@dataclass
class Progress:
    """How far a project is read."""

    project: Project
    #: Its number in the generation.
    number: int
    #: Keys of issues to go on after, the best first; none: from the beginning.
    last_read: tuple[str, ...] = ()
    issues: int = 0
    #: How many issues there are, as the source says.
    total: int | None = None
    #: Whether it was read to its end.
    is_read: bool = False
    #: Why it cannot be read, and what to do.
    problem: str | None = None
    remedy: str | None = None
    epic_links: int = 0
    epic_links_between: int = 0
    sub_tasks: int = 0
    sub_tasks_between: int = 0
    #: How often it was written, so that nothing is added twice.
    step: int = 0

    def after(self, page: Page) -> Progress:
        """How far the project is read when this page is written."""
        return replace(
            self,
            last_read=page.last_read,
            total=self.total if page.total is None else page.total,
            issues=self.issues + page.issues,
            epic_links=self.epic_links + page.epic_links,
            epic_links_between=self.epic_links_between + page.epic_links_between,
            sub_tasks=self.sub_tasks + page.sub_tasks,
            sub_tasks_between=self.sub_tasks_between + page.sub_tasks_between,
        )


#: The numbers, marks and remarks of a row.
_VALUES = (
    "issues",
    "total",
    "is_read",
    "problem",
    "remedy",
    "epic_links",
    "epic_links_between",
    "sub_tasks",
    "sub_tasks_between",
)
#: The columns that change in the row of a project.
COLUMNS = ("last_read", *_VALUES)


def columns_of(progress: Progress) -> dict[str, str | int | None]:
    """What changes in the row of a project, by the names of the columns."""
    return {"last_read": " ".join(progress.last_read), **{name: getattr(progress, name) for name in _VALUES}}


def progress_in(row: Row) -> Progress:
    """How far a project is read, as its row says."""
    return Progress(
        Project(row["source"], row["key"], row["product_url"]),
        row["number"],
        tuple(row["last_read"].split()),
        step=row["step"],
        **{name: row[name] for name in _VALUES} | {"is_read": bool(row["is_read"])},
    )
