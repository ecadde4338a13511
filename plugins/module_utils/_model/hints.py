# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be right, and is worth a second look before jobs are scheduled that nobody can take back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from itertools import combinations

from .._errors import InvalidOption
from .._text import names
from .._urls import JIRA, product_of
from .federation import VARIABLES, Federation, Member, Problem
from .window import check_migration_end, notice_about

#: How alike two URLs are that differ by a typing error: one letter in twenty, or two letters in each other's place.
_ALIKE = 0.9


def hints_about(federation: Federation, now: datetime) -> tuple[str, ...]:
    """Everything that a user should look at again; each begins with the name of an instance."""
    misspelt = _misspelt(federation)
    return (
        *federation.notices,
        *(
            f"{name}: {hint}"
            for name, member in federation.members.items()
            for option, end in _ends(member)
            if (hint := notice_about(option, end, now))
        ),
        *(
            f"{name}: {VARIABLES['migrated_from']} is {server}, and {other} at the other instances. "
            "Is it a typing error?"
            for name, (server, other) in misspelt.items()
        ),
        *_unrelated(federation, misspelt),
    )


def problems_with_dates(federation: Federation, now: datetime) -> Iterator[Problem]:
    """The ends of migrations that cannot be right."""
    for name, member in federation.members.items():
        for option, end in _ends(member):
            try:
                check_migration_end(option, end, now)
            except InvalidOption as exc:
                yield Problem(name, exc.failure.what, exc.failure.advice)


def _ends(member: Member) -> Iterator[tuple[str, datetime]]:
    """When the migrations to an instance ended, each with the variable that says so."""
    if member.migrated_at:
        yield VARIABLES["migrated_at"], member.migrated_at
    for each in member.origins:
        if each.migrated_at:
            yield f"{VARIABLES['migrated_from']}: migrated_at", each.migrated_at


def _misspelt(federation: Federation) -> dict[str, tuple[str, str]]:
    """The instances with an origin that nobody else has, and that is like one which several have: both origins."""
    sites = Counter(server for member in federation.members.values() for server in _servers(member))
    shared = [server for server, count in sites.items() if count > 1]
    return {
        name: (server, alike[0])
        for name, member in federation.members.items()
        for server in sorted(_servers(member))
        if sites[server] == 1 and (alike := get_close_matches(server, shared, 1, _ALIKE))
    }


def _unrelated(federation: Federation, misspelt: Mapping[str, object]) -> Iterator[str]:
    """The Jira sites that have no origin in common."""
    sites = {
        name: _servers(member)
        for name, member in federation.members.items()
        if member.product_url and member.origins and product_of(member.product_url) == JIRA and name not in misspelt
    }
    pairs = [f"{one} and {two}" for one, two in combinations(sites, 2) if not sites[one] & sites[two]]
    if pairs:
        yield (
            f"No common origin: {names(pairs)}. Either {VARIABLES['migrated_from']} has a typing error, or these are "
            "two addresses of one server, or the data came from different servers. In the last case there may be no "
            "links to recreate, and the job does no harm"
        )


def _servers(member: Member) -> set[str]:
    return {each.server for each in member.origins}
