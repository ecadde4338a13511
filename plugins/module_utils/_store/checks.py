# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check asks for, and what it finds out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._model.verdicts import Verdict


@dataclass(frozen=True)
class Stratum:
    """The expectations of an ordered pair in one source."""

    server: str
    #: The census that has them.
    generation: int
    product_url: str
    destination_url: str
    #: How many there are.
    expected: int
    #: The highest rank that is asked; None for all.
    last_rank: int | None = None


@dataclass(frozen=True)
class CheckScope:
    """What a check asks."""

    #: The same for the same check: one that was interrupted goes on where it is the same.
    digest: str
    #: What was asked for, as in JSON.
    settings: Mapping[str, Any]
    strata: tuple[Stratum, ...]


@dataclass(frozen=True)
class PlacedExpectation:
    """A link that an issue must have, and where it leads."""

    target: str
    destination_url: str
    #: The types of the links between the two issues, each with what the issue calls it.
    phrases: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class IssueWork:
    """An issue that is to be asked for its links."""

    server: str
    issue: str
    #: Where it is in the order of the check, see L(Checking.work).
    place: tuple[int, int]
    #: Those in the check that have no verdict yet.
    expectations: tuple[PlacedExpectation, ...]
    #: Those outside the sample: what is seen of them costs nothing, and does not count.
    others: tuple[PlacedExpectation, ...] = ()


@dataclass(frozen=True)
class CheckedLink:
    """What was found out of one expectation."""

    server: str
    product_url: str
    destination_url: str
    issue: str
    target: str
    verdict: Verdict
    relationship: str = ""
    url: str = ""
    note: str = ""
    #: False for one of L(IssueWork.others): it is a finding, and does not count.
    is_sampled: bool = True


@dataclass(frozen=True)
class Form:
    """What the links of an ordered pair look like that are there."""

    app_id: str
    application_type: str
    application_name: str


@dataclass(frozen=True)
class PastCheck:
    """A check that has ended."""

    number: int
    begun_at: datetime
    ended_at: datetime
    complete: bool
    #: As in JSON.
    result: Mapping[str, Any]
