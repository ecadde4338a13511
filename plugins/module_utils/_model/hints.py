# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be right, and is worth a second look before jobs are scheduled that nobody can take back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations

from .._errors import InvalidOption
from .._naming import Naming
from .._text import names
from .._urls import CONFLUENCE, JIRA, product_of
from .federation import Federation, Member, Problem
from .misspelt import misspelt
from .window import check_migration_end, notice_about


def hints_about(federation: Federation, now: datetime) -> tuple[str, ...]:
    """Everything that a user should look at again."""
    jira, confluence = _origins_of(federation, JIRA), _origins_of(federation, CONFLUENCE)
    slips = [*misspelt(jira), *misspelt(confluence)]
    # What they have in common with others is known once that is corrected.
    unclear = {each.instance for each in slips if not each.other_instance}
    return (
        *federation.notices,
        *(
            f"{name}: {hint}"
            for name, member in federation.members.items()
            for option, end in _ends(member, federation.named)
            if (hint := notice_about(option, end, now))
        ),
        *(each.hint for each in slips),
        *_unrelated({name: jira[name] for name in jira if name not in unclear}, federation.named),
    )


def problems_with_dates(federation: Federation, now: datetime) -> Iterator[Problem]:
    """The ends of migrations that cannot be right."""
    for name, member in federation.members.items():
        for option, end in _ends(member, federation.named):
            try:
                check_migration_end(option, end, now)
            except InvalidOption as exc:
                yield Problem(name, exc.failure.what, exc.failure.advice)


def _ends(member: Member, named: Naming) -> dict[tuple[str, datetime], None]:
    """When the migrations to an instance ended, each with the variable that says so, and each once."""
    ends = [(named("migrated_at"), member.migrated_at)]
    ends += [(f"{named('migrated_from')}: migrated_at", each.migrated_at) for each in member.origins]
    return dict.fromkeys((option, end) for option, end in ends if end)


def _origins_of(federation: Federation, product: str) -> dict[str, list[str]]:
    """The servers that the data of each instance of a product came from, as far as they are known."""
    return {
        name: sorted({each.server for each in member.origins})
        for name, member in federation.members.items()
        if member.product_url and member.origins and product_of(member.product_url) == product
    }


def _unrelated(origins: Mapping[str, Sequence[str]], named: Naming) -> Iterator[str]:
    """The instances that have no origin in common."""
    pairs = [f"{one} and {two}" for one, two in combinations(origins, 2) if set(origins[one]).isdisjoint(origins[two])]
    if pairs:
        yield (
            f"No common origin: {names(pairs)}. Check {named('migrated_from')} and its override for a typing error, "
            "and for one server with two addresses. If the data came from different servers, change nothing: there may "
            "be no links to recreate, and the jobs do no harm"
        )
