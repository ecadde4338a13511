# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links that somebody has removed on purpose are told from those that were replaced, or undone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.removals import removed_at
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.remote_links import LinkChange

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
TEXT = 'This issue links to "{} (Jira)"'


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def removed(minute: int, key: str = "DEF-2", link_id: str | None = "7") -> LinkChange:
    return LinkChange(at(minute), link_id, TEXT.format(key), None, "")


def added(minute: int, key: str = "DEF-2", link_id: str | None = "7") -> LinkChange:
    return LinkChange(at(minute), None, "", link_id, TEXT.format(key))


def edited(minute: int) -> LinkChange:
    return LinkChange(at(minute), "7", TEXT.format("DEF-2"), "7", TEXT.format("DEF-2"))


@pytest.mark.parametrize(
    ("changes", "minute"),
    [
        ([], None),
        ([removed(1)], 1),
        ([added(1), removed(2)], 2),
        # The changelog may begin with the newest.
        ([removed(2), added(1)], 2),
        ([removed(1), added(2)], None),
        ([removed(1), added(2), removed(3)], 3),
        ([edited(1)], None),
        ([removed(1), added(1)], None),
        ([removed(1, "DEF-22"), removed(2, "XDEF-2"), removed(3, "ABC-DEF-2")], None),
        ([removed(1, "def-2")], 1),
        ([removed(1, "https://us.example.net/browse/DEF-2")], 1),
        ([removed(1, "NEW-9")], 1),
        ([removed(1, "OTHER-9")], None),
        ([removed(1, link_id=None)], 1),
    ],
)
def test_the_last_change_of_a_link_tells_whether_somebody_removed_it(
    changes: list[LinkChange], minute: int | None
) -> None:
    found = removed_at(changes, ["DEF-2", "NEW-9"], ())
    assert found == (None if minute is None else at(minute))


def test_a_link_that_an_undo_has_removed_was_not_removed_on_purpose() -> None:
    changes = [added(1, link_id="41"), removed(2, link_id="41")]
    assert removed_at(changes, ["DEF-2"], [41]) is None
    assert removed_at(changes, ["DEF-2"], [42]) == at(2)
    # Before it, somebody did.
    assert removed_at([removed(0), *changes], ["DEF-2"], [41]) is None
