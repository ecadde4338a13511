# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .._errors import LinkUpdateError
from .html import html_of
from .report import csv_of

_KINDS = ("html", "json", "csv")


def check_folder(directory: str) -> None:
    """Find out whether a report can be written there. Nothing is left behind, also where the folder does not exist yet.

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


def write_report(report: Mapping[str, Any], directory: str) -> dict[str, str]:
    """Write the three files, none before all of them could be; what was written where.

    :raises LinkUpdateError: they cannot be written.
    """
    folder = Path(directory)
    texts = {
        "html": html_of(report),
        "json": json.dumps(report, indent=2, ensure_ascii=False) + "\n",
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
            f"the report cannot be written to {folder}: {exc.strerror}. Set link_update_report_dir to a folder that "
            "is yours to write, or to an empty string for none",
            code="report",
        ) from exc
