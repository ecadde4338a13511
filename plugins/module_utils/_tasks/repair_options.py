# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the options of C(link_repair), each once, into what they stand for."""

from __future__ import annotations

from pathlib import Path

from .._errors import InvalidOption
from .._model.repair import RepairSettings
from .._naming import REPAIR, Naming
from .options import connection_of, federation_and_specs, ledger_location, naming_of
from .task import Options


def repair_settings(options: Options) -> RepairSettings:
    """What C(link_repair) was asked for. What is wrong with single instances is among its problems.

    :raises InvalidOption: nothing can be repaired.
    """
    named = naming_of(options, REPAIR)
    if not options["orders"]:
        raise InvalidOption("orders is empty", "name at least one instance")
    if options["max"] < 1:
        raise InvalidOption(f"{named('max')} is {options['max']}", "set it to 1 or more")
    federation, specs, found = federation_and_specs(options, naming_of(options))
    return RepairSettings(
        federation=federation,
        specs=specs,
        findings=None if options["undo"] else _findings(options["findings"], named),
        most=options["max"],
        any_job=options["jobs"] == "any",
        connection=connection_of(options),
        ledger=ledger_location(options),
        report_dir=options["report_dir"] or "",
        problems=(*federation.problems, *found),
        named=named,
    )


def _findings(given: str | None, named: Naming) -> Path:
    if not given:
        raise InvalidOption(
            f"{named('findings')} is not set",
            "read link_check_findings.csv of the last check, delete the rows that you do not want, and set it to the "
            "path of that file",
        )
    return Path(given).expanduser().absolute()
