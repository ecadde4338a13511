# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a task on another host: what can be read of it, and when the worker ends."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.journal import (
    ENTRIES,
    READ_MARK,
    WORKER,
    ControllerGone,
    Journal,
    RemoteClock,
    as_entry,
    entries_in,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level

#: For so many seconds a worker works on although nobody reads its journal.
UNREAD_LIMIT = 120


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journal").mkdir()
    return tmp_path / "journal"


def read_before(folder: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(folder / READ_MARK, (moment, moment))


def test_an_entry_can_be_read_at_once_whatever_letters_it_has(folder: Path) -> None:
    said = [as_entry("eu -> us  COMPLETE", Level.SUCCESS), as_entry("Zürich -> 東京\n", Level.FAILURE)]
    journal = Journal(folder)
    for entry in said:
        journal.write(entry)
    assert entries_in((folder / ENTRIES).read_text(encoding="ascii"))[0] == said
    assert int((folder / WORKER).read_text()) == os.getpid()


def test_a_full_disk_ends_no_work(folder: Path) -> None:
    (folder / ENTRIES).symlink_to("/dev/full")
    journal = Journal(folder)
    journal.write(as_entry("eu -> us  COMPLETE", Level.SUCCESS))
    RemoteClock(journal).sleep(0)


def test_a_line_that_is_not_complete_yet_is_left_for_the_next_reading() -> None:
    first, second = (json.dumps(as_entry(text, Level.INFO)) + "\n" for text in ("one", "two"))
    for cut in range(len(second)):
        entries, length = entries_in(first + second[:cut])
        assert [entry["text"] for entry in entries] == ["one"]
        assert length == len(first)
    assert entries_in("") == ([], 0)


def test_the_worker_goes_on_as_long_as_its_journal_is_read_now_and_then(folder: Path) -> None:
    clock = RemoteClock(Journal(folder))
    clock.sleep(0)
    read_before(folder, UNREAD_LIMIT - 10)
    clock.sleep(0)
    assert folder.exists()


def test_the_worker_ends_with_its_journal_when_nobody_has_read_it_for_long(folder: Path) -> None:
    clock = RemoteClock(Journal(folder))
    read_before(folder, UNREAD_LIMIT + 10)
    with pytest.raises(ControllerGone, match="Lost contact with the controller"):
        clock.checkpoint()
    assert not folder.exists()


def test_the_worker_ends_when_its_journal_is_removed(folder: Path) -> None:
    clock = RemoteClock(Journal(folder))
    shutil.rmtree(folder)
    with pytest.raises(ControllerGone):
        clock.sleep(0)
