# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a SQLite store, as the file system has it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .._errors import LedgerError


class WatchedFile:
    """A file that is in use, and must stay the same one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = _mark_of(path)

    def change(self) -> str | None:
        """What has happened to the file, if it is not the one any more that was opened."""
        try:
            mark = _mark_of(self._path)
            is_empty = not has_content(self._path)
        except (FileNotFoundError, NotADirectoryError):
            return "its file is gone"
        except OSError as exc:
            return f"its file cannot be found: {exc}"
        if mark != self._mark:
            return "another file is in its place"
        return "its file was emptied" if is_empty else None


def make_private(path: Path) -> None:
    """Create the file, and folders for it, where nobody else can read them; what exists stays as it is."""
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    if is_missing(path):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def check_file(path: Path, noun: str, *, writable: bool) -> None:
    """Refuse what is there and cannot be a store. Some of it, such as a pipe, would be waited for forever.

    :param noun: what messages call the store.
    :raises LedgerError: it is one of those.
    :raises OSError: it is not there, or not for this user.
    """
    if path.is_symlink() and not path.exists():
        raise LedgerError(
            f"the {noun} {path} is a symbolic link to a missing file: {path.readlink()}",
            f"mount the disk of that file, or remove the link to begin a new {noun}",
        )
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise LedgerError(f"the {noun} {path} is {kind}", "use the path of a file")
    if writable:
        os.close(os.open(path, os.O_RDWR))


def has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def is_missing(path: Path) -> bool:
    """Whether a file is certainly not there. In a folder that is closed to this user nobody can tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _mark_of(path: Path) -> tuple[int, int]:
    """What tells a file from any other, whatever it is called."""
    found = path.stat()
    return found.st_dev, found.st_ino
