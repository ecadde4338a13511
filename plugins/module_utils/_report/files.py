# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .._errors import Code, LinkUpdateError
from .document import json_of
from .html import html_of
from .results import Report
from .spreadsheet import csv_of

_KINDS = ("html", "json", "csv")


def check_folder(directory: str) -> None:
    """Find out whether a report can be written to a folder, which need not exist yet. Nothing is left behind.

    :raises LinkUpdateError: it cannot.
    """
    folder = Path(directory)
    with _failing_for(folder):
        nearest = next(each for each in (folder, *folder.parents) if each.exists())
        # Permissions alone do not tell: the file system may be read-only, or the user root.
        with tempfile.TemporaryDirectory(prefix=".report.", dir=nearest):
            pass
        for path in _files_in(folder).values():
            if path.is_dir():
                raise IsADirectoryError(None, f"{path} is a folder")


def write_report(report: Report, directory: str) -> dict[str, str]:
    """Write the three files. None of them is replaced before all of them could be written.

    :returns: the path of each kind of file.
    :raises LinkUpdateError: they cannot be written.
    """
    folder = Path(directory)
    texts = {
        "html": html_of(report),
        "json": json_of(report),
        "csv": csv_of(report),
    }
    files = _files_in(folder)
    fresh = {kind: path.with_name(f".{path.name}.{os.getpid()}") for kind, path in files.items()}
    try:
        with _failing_for(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for kind, text in texts.items():
                fresh[kind].write_text(text, encoding="utf-8")
            for kind, path in files.items():
                fresh[kind].replace(path)
    finally:
        for path in fresh.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return {kind: str(path) for kind, path in files.items()}


def _files_in(folder: Path) -> dict[str, Path]:
    return {kind: folder / f"report.{kind}" for kind in _KINDS}


@contextlib.contextmanager
def _failing_for(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise LinkUpdateError(
            f"the report cannot be written to {folder}: {exc.strerror}",
            code=Code.REPORT,
            advice="set link_update_report_dir to a folder that you may write to, or to an empty string for no report",
        ) from exc
