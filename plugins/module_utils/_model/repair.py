# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a repair was asked for, checked and normalised."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .._naming import Naming
from .connection import Connection
from .desired import InstanceSpec
from .federation import Federation, Problem


@dataclass(frozen=True)
class RepairSettings:
    """What C(link_repair) was asked for."""

    federation: Federation
    #: The instances that take part.
    specs: tuple[InstanceSpec, ...]
    #: The file with the links that are to be created; None for an undo.
    findings: Path | None
    #: How many links one run may create.
    most: int
    #: Whether pairs are repaired whose jobs are not complete.
    any_job: bool
    connection: Connection
    #: Where the ledger is, see C(open_ledger); None for the default.
    ledger: str | None
    #: The folder of the result as a file; empty for none.
    report_dir: str
    #: What is wrong with all that.
    problems: tuple[Problem, ...]
    #: What messages call the options of a repair.
    named: Naming
