# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a check was asked for, checked and normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._naming import Naming
from .connection import Account, Connection
from .desired import InstanceSpec
from .federation import Federation, Problem
from .sources import Source

#: Draw a sample where a site has many issues, and ask for all elsewhere; or ask for all everywhere.
AUTO, ALL = "auto", "all"
#: The share of links that may be missing where a sample is drawn: no sample can show that none is.
MAX_MISSING_OF_SAMPLE = 0.01


@dataclass(frozen=True)
class Thoroughness:
    """How much is checked, and what the result has to show."""

    #: C(auto), C(all), or how many links of each ordered pair.
    sample: str | int = AUTO
    confidence: float = 0.99
    #: The share of links that may be missing; None for what suits the sample.
    max_missing: float | None = None

    @property
    def max_missing_of_sample(self) -> float:
        """The share of links that may be missing of a pair of which a sample is drawn."""
        return MAX_MISSING_OF_SAMPLE if self.max_missing is None else self.max_missing


@dataclass(frozen=True)
class CheckSettings:
    """What C(link_check) was asked for."""

    federation: Federation
    #: The instances that take part, and their jobs.
    specs: tuple[InstanceSpec, ...]
    sources: tuple[Source, ...]
    #: Who asks the sites, by the name of the instance. Instances without an account take no part.
    accounts: Mapping[str, Account]
    thoroughness: Thoroughness
    #: Whether links are checked whose job is not complete.
    any_job: bool
    connection: Connection
    #: How many requests to one site are under way at once, at most.
    connections: int
    #: Where the ledger is, see C(open_ledger); None for the default.
    ledger: str | None
    #: The folder of the files; empty for none.
    report_dir: str
    #: What is wrong with all that.
    problems: tuple[Problem, ...]
    #: What messages call the options of a check.
    named: Naming
