# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Censuses: what a new one has, and what the row of one says."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .._clock import from_text
from .._ledger.store import Row
from .holding import Beginning
from .insertions import Texts, insertions
from .leased import GENERATIONS
from .scope import Scope


@dataclass(frozen=True)
class Generation:
    """One census."""

    generation: int
    begun_at: datetime
    #: None as long as somebody counts it, or may go on with it.
    ended_at: datetime | None
    complete: bool
    #: By the server of each source: what was read, and the product URLs of the instances that were migrated from it.
    read_from: Mapping[str, str]
    product_urls: Mapping[str, frozenset[str]]


def beginning_of(scope: Scope) -> Beginning:
    """What a new census has."""
    texts = Texts()
    projects = [
        f"({number}, {texts.names((each.source, each.key, each.product_url))})"
        for number, each in enumerate(scope.projects, 1)
    ]
    columns = "generation, number, source, key, product_url"
    return Beginning(
        scope.digest,
        {"sources": json.dumps(scope.sources), "seed": uuid.uuid4().hex},
        texts.parameters,
        list(insertions("link_census_projects", columns, projects, GENERATIONS.held, "DO NOTHING")),
    )


def generation_in(row: Row) -> Generation:
    """The census of a row."""
    sources = json.loads(row["sources"])
    return Generation(
        row["generation"],
        from_text(row["begun_at"]),
        from_text(row["ended_at"]) if row["ended_at"] else None,
        bool(row["complete"]),
        {server: each["read_from"] for server, each in sources.items()},
        {server: frozenset(each["instances"]) for server, each in sources.items()},
    )
