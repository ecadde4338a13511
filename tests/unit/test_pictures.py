# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What make pictures counts, and the pictures that it has left in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.pictures.counting import Count, count, table

COLLECTION = Path(__file__).parents[2]
RUN = """$ ansible-playbook

PLAY [Rehearse] ****

TASK [Read] ********************
ok: [eu]
skipping: [us]
changed: [ap]
12 jobs: 12 to schedule
fatal: [eu]: FAILED! => {}

PLAY RECAP *********
eu : ok=1
"""


def test_empty_lines_banners_and_hosts_that_are_done_say_nothing() -> None:
    counted = count(RUN.splitlines())
    assert counted == Count(lines=8, say_something=2, widest=26)
    assert table([("4-success-80", counted)]).splitlines() == [
        "run           lines  say something  share  widest",
        "4-success-80      8              2    25%      26",
    ]


def test_what_did_not_get_to_its_recap_is_shown_instead_of_counted() -> None:
    with pytest.raises(SystemExit, match=r"ansible-playbook\n(.*\n)*This is no run: it has no PLAY RECAP"):
        count(RUN.splitlines()[:8])


def test_the_pictures_of_the_documentation_are_small() -> None:
    pictures = {path.name: path.stat().st_size for path in (COLLECTION / "docs" / "images").iterdir()}
    assert pictures
    assert max(pictures.values()) <= 150_000, pictures
