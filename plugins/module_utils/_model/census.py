# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a census was asked for, checked and normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .connection import Account, Connection, DataCenterAccount
from .federation import Federation, Problem
from .sources import Source


@dataclass(frozen=True)
class SourceSettings:
    """How one source is read."""

    source: Source
    #: The URL of the REST API, or the file.
    read_from: str | Path
    account: DataCenterAccount

    @property
    def server(self) -> str:
        return self.source.server

    @property
    def path(self) -> Path | None:
        """The file, if it is read from one."""
        return self.read_from if isinstance(self.read_from, Path) else None


@dataclass(frozen=True)
class CensusSettings:
    """What C(link_census) was asked for."""

    federation: Federation
    sources: tuple[SourceSettings, ...]
    #: Who asks the sites for their projects, by the name of the instance.
    accounts: Mapping[str, Account]
    connection: Connection
    #: How many requests to a Data Center instance are under way at once, at most.
    connections: int
    #: The folder of the result as a file; empty for none.
    report_dir: str
    #: What is wrong with all that.
    problems: tuple[Problem, ...]
