# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report.

They hold the e-mail address of the account and the URLs of the sites, so they are readable for their owner alone,
whatever the umask is: it is set for all that a user does, and says nothing of these. A folder that is there already
keeps its mode. So whoever wants others to read a report makes a folder for them, and gives them the files afterwards.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import cast

from .._census.summary import CensusResult
from .._errors import Code, LinkUpdateError
from .._naming import Naming
from .._proof.repair_outcome import RepairResult
from .check_findings import findings_csv
from .check_page import MOST_FINDINGS, CheckReport, check_html
from .check_section import FINDINGS
from .document import json_of
from .html import html_of
from .results import Report
from .spreadsheet import csv_of

_KINDS = {"html": html_of, "json": json_of, "csv": csv_of}

#: The files of a report and of a check, and that of a census and of a repair.
REPORT, CHECK = tuple(f"report.{kind}" for kind in _KINDS), ("link_check.json", "link_check.html", FINDINGS)
CENSUS, REPAIR = "link_census.json", "link_repair.json"


def check_folder(directory: str, named: Naming, files: Sequence[str] = REPORT) -> None:
    """Find out whether a report can be written to a folder, which need not exist yet. Nothing is left behind.

    :param files: the names of those that will be written.
    :raises LinkUpdateError: it cannot.
    """
    folder = Path(directory)
    with failing_for(folder, named):
        nearest = next(each for each in (folder, *folder.parents) if each.exists())
        # Permissions alone do not tell: the file system may be read-only, or the user root.
        with tempfile.TemporaryDirectory(prefix=".report.", dir=nearest):
            pass
        for name in files:
            if (folder / name).is_dir():
                raise IsADirectoryError(None, f"{folder / name} is a folder")


def write_report(report: Report, directory: str, named: Naming) -> dict[str, str]:
    """Write the three files. None of them is replaced before all of them could be written.

    :returns: the path of each kind of file.
    :raises LinkUpdateError: they cannot be written.
    """
    return dict(zip(_KINDS, _write(Path(directory), _texts_of(report), named), strict=True))


def write_json(name: str, result: CensusResult | RepairResult, directory: str, named: Naming) -> str:
    """Write the only file of a census or of a repair.

    :returns: its path.
    :raises LinkUpdateError: it cannot be written.
    """
    (path,) = _write(Path(directory), {name: json_of(result)}, named)
    return path


def write_check(report: CheckReport, directory: str, named: Naming) -> dict[str, str]:
    """Write the files of a check. The report of a run that is in the folder shows the check as well from then on.

    :returns: the path of each kind of file.
    :raises LinkUpdateError: they cannot be written.
    """
    # There may be millions of findings, and the page has the first ones only.
    findings = iter(report.findings)
    first = list(islice(findings, MOST_FINDINGS + 1))
    texts = (
        json_of(report.result),
        check_html(replace(report, findings=first)),
        findings_csv(chain(first, findings), report.instances),
    )
    paths = _write(Path(directory), dict(zip(CHECK, texts, strict=True)), named)
    if renewed := _with_checks(Path(directory, "report.json"), report):
        _write(Path(directory), renewed, named)
    return dict(zip(("json", "html", "findings"), paths, strict=True))


def _with_checks(path: Path, check: CheckReport) -> dict[str, str]:
    """The texts of a run's report that was written before, with a check; none where it is not of these instances."""
    # Somebody may have changed the file, or another release may have written it: that is no reason to fail.
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        report = cast(Report, {**json.loads(path.read_text(encoding="utf-8")), "checks": check.checks})
        urls = {each["product_url"] for each in report["instances"]}
        return _texts_of(report) if report["schema"] == 1 and urls == check.instances.keys() else {}
    return {}


def _texts_of(report: Report) -> dict[str, str]:
    return {f"report.{kind}": text_of(report) for kind, text_of in _KINDS.items()}


def _write(folder: Path, texts: Mapping[str, str], named: Naming) -> list[str]:
    """Write files, by their names, and give back their paths."""
    with failing_for(folder, named):
        make_private(folder)
        # In a folder of their own they are private from the first byte on, even where others may read the other one.
        with tempfile.TemporaryDirectory(prefix=".report.", dir=folder) as fresh:
            Path(fresh).chmod(0o700)
            written = [_written(Path(fresh, name), text) for name, text in texts.items()]
            return [str(path.replace(folder / path.name)) for path in written]


def make_private(folder: Path) -> None:
    """Make a folder, and those around it that are missing, for their owner alone."""
    for each in [each for each in (*reversed(folder.parents), folder) if not each.exists()]:
        # Another run may be faster.
        with contextlib.suppress(FileExistsError):
            each.mkdir(mode=0o700)
            # The umask takes away from a mode, perhaps too much.
            each.chmod(0o700)


def _written(path: Path, text: str) -> Path:
    """A new file with a text, for its owner alone."""
    # What is no text at all, half a character of a name, must not be the end of a report.
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    path.chmod(0o600)
    return path


@contextlib.contextmanager
def failing_for(folder: Path, named: Naming) -> Iterator[None]:
    """:raises LinkUpdateError: something cannot be written to the folder of the report."""
    try:
        yield
    except OSError as exc:
        raise LinkUpdateError(
            f"the report cannot be written to {folder}: {exc.strerror}",
            code=Code.REPORT,
            advice=f"set {named('report_dir')} to a folder that you may write to, or to an empty string for no report",
        ) from exc
