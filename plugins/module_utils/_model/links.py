# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links that censuses have counted, and checks have found, as a run needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Stands for the pairs with links where a user names pairs.
WITH_LINKS = "with_links"
#: The command that counts.
COUNT = "ansible-playbook -i INVENTORY jira_cloud.federation.link_census"


@dataclass(frozen=True)
class Count:
    """The newest complete census of one source."""

    #: The base URL that the links had.
    source: str
    #: What was read: a URL, or a file.
    read_from: str
    generation: int
    begun_at: datetime
    ended_at: datetime
    #: Of all pairs.
    links: int
    #: The instances with data of the source, each with the end of its migration, as far as somebody said so.
    migrations: Mapping[str, datetime | None]

    @property
    def is_exact(self) -> bool:
        """Whether the database was read. An account may not see all issues."""
        return "://" not in self.read_from


@dataclass(frozen=True)
class Gap:
    """Something of a source that no complete census has."""

    source: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class CountedLinks:
    """What the censuses of a federation say of its pairs."""

    #: By the label of a pair. One that no complete census covers is not in it.
    pairs: Mapping[str, int] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()
    gaps: tuple[Gap, ...] = ()
    #: What the checks of these links have found, the newest first, in the words of their results.
    checks: tuple[Mapping[str, Any], ...] = ()


#: What is known where nobody has counted.
NOT_COUNTED = CountedLinks()
