# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census is about to read, and when it did, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from .._model.federation import Federation
from .._model.sources import jira_members
from .._store.scope import Project
from .._text import aligned, counted, names, wrapped
from .._urls import short_url
from .migrations import migrations_text

_DAY = "%Y-%m-%d %H:%M"
#: So many projects are named of each instance, and of those that no instance has.
_MOST_NAMED = 6


def scope_text(
    federation: Federation,
    projects: Sequence[Project],
    issues: Mapping[tuple[str, str], int],
    users: Mapping[str, str],
    outside: Mapping[str, Sequence[str]],
) -> list[str]:
    """The projects of each instance, and who reads them.

    :param issues: how many issues a project has, as far as that is known, by the server of its source and its key.
    :param users: who asks each source, by its server; none where it is a file.
    :param outside: the projects that no instance has, by the server of their source.
    """
    lines = []
    for server in dict.fromkeys(each.source for each in projects):
        own = [each for each in projects if each.source == server]
        by_whom = f"as {users[server]}" if server in users else "from a file"
        # A file has only the issues with links, and they are not counted before they are read.
        total = f", {_sum(own, issues)} issues" if server in users else ""
        lines += wrapped(f"{short_url(server)}, {by_whom}: {counted(len(own), 'project')}{total}", others="  ")
        table = [("instance", "issues", "projects"), *_rows(federation, own, issues)]
        lines += aligned(table if total else [(name, keys) for name, _issues, keys in table])
        if others := outside.get(server):
            lines += wrapped(
                f"No instance has {counted(len(others), 'project')}: {names(others, _MOST_NAMED)}", others="  "
            )
    return lines


def dates_text(federation: Federation, begun: datetime, ended: datetime | None) -> list[str]:
    """When links were counted, and what the numbers do not say of the time between that and the migrations."""
    first, last = (f"{moment:{_DAY}}" for moment in (begun, ended or begun))
    until = "" if last == first else f" to {last.removeprefix(f'{begun:%Y-%m-%d} ')}"
    ends = {name: member.migrated_at for name, member in jira_members(federation)}
    notes = [f"Counted {first}{until} UTC", *migrations_text(ends, begun)]
    return [line for note in notes for line in wrapped(note, others="  ")]


def _rows(
    federation: Federation, projects: Sequence[Project], issues: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, str]]:
    for name, member in federation.members.items():
        if own := [each for each in projects if each.product_url == member.product_url]:
            yield name, _sum(own, issues), names([each.key for each in own], _MOST_NAMED)


def _sum(projects: Sequence[Project], issues: Mapping[tuple[str, str], int]) -> str:
    """How many issues some projects have; a question mark where that is known of none."""
    known = [issues[each.source, each.key] for each in projects if (each.source, each.key) in issues]
    return f"{sum(known):,}" if known else "?"
