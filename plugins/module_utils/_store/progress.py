# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a project: pages of issues, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .._ledger.store import Row
from .._service.data_center import IssueLink
from .scope import Project


@dataclass(kw_only=True)
class Counters:
    """What was counted in some issues of a project."""

    issues: int = 0
    epic_links: int = 0
    epic_links_between: int = 0
    sub_tasks: int = 0
    sub_tasks_between: int = 0

    def plus(self, other: Counters) -> dict[str, Any]:
        """The sums, by their names."""
        return {name: getattr(self, name) + getattr(other, name) for name in _COUNTERS}


_COUNTERS = tuple(each.name for each in fields(Counters))


@dataclass
class Page(Counters):
    """What one page adds to what was read."""

    #: The keys of issues, each with all its links to issues of other instances.
    expectations: Sequence[tuple[str, Sequence[IssueLink]]] = ()
    #: Links to projects of no instance, by the key of the project.
    outside: Mapping[str, int] = field(default_factory=dict)
    #: Issues with more links than a cloud site takes, and how many these are.
    crowded: Mapping[str, int] = field(default_factory=dict)
    last_read: tuple[str, ...] = ()
    total: int | None = None

    def joined(self, following: Page) -> Page:
        """This page and the one that follows it, as one."""
        return replace(
            following,
            expectations=[*self.expectations, *following.expectations],
            outside=Counter(self.outside) + Counter(following.outside),
            crowded={**self.crowded, **following.crowded},
            **self.plus(following),
        )


@dataclass
class Progress(Counters):
    """How far a project is read. It changes with each write."""

    project: Project
    #: Its number in the generation.
    number: int
    #: Keys of issues to go on after, the best first; none: from the beginning.
    last_read: tuple[str, ...] = ()
    #: How many issues there are, as the source says.
    total: int | None = None
    #: Whether it was read to its end.
    is_read: bool = False
    #: Why it cannot be read, and what to do.
    problem: str | None = None
    remedy: str | None = None
    #: How often it was written, so that nothing is added twice.
    step: int = 0

    def after(self, page: Page) -> Progress:
        """How far the project is read when this page is written."""
        return replace(
            self,
            last_read=page.last_read,
            total=self.total if page.total is None else page.total,
            **self.plus(page),
        )


#: The numbers, marks and remarks of a row.
_VALUES = ("total", "is_read", "problem", "remedy", *_COUNTERS)
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
