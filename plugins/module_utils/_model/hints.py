# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be right, and is worth a second look before jobs are scheduled that nobody can take back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import chain, combinations

from .._errors import InvalidOption
from .._text import names
from .._urls import CONFLUENCE, JIRA, product_of
from .federation import VARIABLES, Federation, Member, Problem
from .window import check_migration_end, notice_about

#: How alike two URLs are that differ by a typing error: one letter in twenty, or two letters in each other's place.
_ALIKE = 0.9


@dataclass(frozen=True)
class _Misspelt:
    """An origin that only one instance has, and that is like one which several have."""

    instance: str
    server: str
    other: str


def hints_about(federation: Federation, now: datetime) -> tuple[str, ...]:
    """Everything that a user should look at again."""
    jira, confluence = _origins_of(federation, JIRA), _origins_of(federation, CONFLUENCE)
    misspelt = [*_misspelt(jira), *_misspelt(confluence)]
    return (
        *federation.notices,
        *(
            f"{name}: {hint}"
            for name, member in federation.members.items()
            for option, end in _ends(member)
            if (hint := notice_about(option, end, now))
        ),
        *(
            f"{each.instance}: its origin is {each.server}, and that of other instances is {each.other}. "
            "Is it a typing error?"
            for each in misspelt
        ),
        *_unrelated({name: jira[name] for name in jira if name not in {each.instance for each in misspelt}}),
    )


def problems_with_dates(federation: Federation, now: datetime) -> Iterator[Problem]:
    """The ends of migrations that cannot be right."""
    for name, member in federation.members.items():
        for option, end in _ends(member):
            try:
                check_migration_end(option, end, now)
            except InvalidOption as exc:
                yield Problem(name, exc.failure.what, exc.failure.advice)


def _ends(member: Member) -> dict[tuple[str, datetime], None]:
    """When the migrations to an instance ended, each with the variable that says so, and each once."""
    ends = [(VARIABLES["migrated_at"], member.migrated_at)]
    ends += [(f"{VARIABLES['migrated_from']}: migrated_at", each.migrated_at) for each in member.origins]
    return dict.fromkeys((option, end) for option, end in ends if end)


def _origins_of(federation: Federation, product: str) -> dict[str, list[str]]:
    """The servers that the data of each instance of a product came from, as far as they are known."""
    return {
        name: sorted({each.server for each in member.origins})
        for name, member in federation.members.items()
        if member.product_url and member.origins and product_of(member.product_url) == product
    }


def _misspelt(origins: Mapping[str, Sequence[str]]) -> Iterator[_Misspelt]:
    count = Counter(chain.from_iterable(origins.values()))
    shared = [server for server in count if count[server] > 1]
    for name, servers in origins.items():
        for server in (each for each in servers if count[each] == 1):
            likeness, other = max(((_likeness(server, other), other) for other in shared), default=(0, ""))
            if likeness >= _ALIKE:
                yield _Misspelt(name, server, other)


def _likeness(one: str, other: str) -> float:
    """How alike two base URLs are, from 0 to 1."""
    if re.sub("[0-9]", "", one) == re.sub("[0-9]", "", other):
        # Servers with numbers are hardly one server.
        return 0
    short, long = sorted((one, other), key=len)
    if long.startswith(f"{short}/"):
        # The context path was forgotten, or given twice.
        return 1
    return SequenceMatcher(None, one, other).ratio()


def _unrelated(origins: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The instances that have no origin in common."""
    pairs = [f"{one} and {two}" for one, two in combinations(origins, 2) if set(origins[one]).isdisjoint(origins[two])]
    if pairs:
        yield (
            f"No common origin: {names(pairs)}. Check {VARIABLES['migrated_from']} and the override, if there is one: "
            "it may have a typing error, or name one server by two addresses. If their data came from different "
            "servers, leave it as it is: there may be no links to recreate between them, and the jobs do no harm"
        )
