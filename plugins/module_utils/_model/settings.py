# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a run was asked for, checked and normalised. Options are read once; below, nobody sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .._errors import InvalidOption
from .._naming import Naming
from .connection import Connection
from .desired import InstanceSpec
from .federation import Federation, Problem
from .links import CountedLinks
from .policy import PollPolicy


@dataclass(frozen=True)
class Settings:
    """What a run of C(link_update_run) was asked for."""

    federation: Federation
    #: The instances whose links are updated, with all their pairs.
    specs: tuple[InstanceSpec, ...]
    #: The labels of the pairs that the run is about; None for all of them.
    only: frozenset[str] | None
    #: How many links the pairs have, as far as they were counted.
    links: CountedLinks
    #: What is wrong with the federation and with what is asked for its instances.
    problems: tuple[Problem, ...]
    #: What may be right, and is worth a second look.
    hints: tuple[str, ...]
    stages: frozenset[str]
    connection: Connection
    #: How many requests are under way at once, at most.
    connections: int
    api_url: str
    #: Where the ledger is, see C(open_ledger); None for the default.
    ledger: str | None
    polling: PollPolicy
    #: The folder of the report; empty for no report.
    report_dir: str
    app_links_authorized: bool
    #: Who runs this, and since when, as the report shows it.
    run_by: str
    started_at: datetime
    #: The run's variables, without secrets, as the report shows them.
    shown: Mapping[str, Any]

    @property
    def named(self) -> Naming:
        """What messages call the options."""
        return self.federation.named

    @property
    def left_out(self) -> list[str]:
        """The instances of the federation whose links are not updated."""
        taking_part = {spec.name for spec in self.specs}
        return [name for name in self.federation.members if name not in taking_part]

    @property
    def selected(self) -> tuple[InstanceSpec, ...]:
        """The instances, each with the pairs that the run is about. One without any is only a destination."""
        only = self.only
        if only is None:
            return self.specs
        narrowed = (
            replace(spec, desired=tuple(each for each in spec.desired if each.label in only)) for spec in self.specs
        )
        return tuple(spec for spec in narrowed if spec.desired)

    @property
    def unselected(self) -> dict[str, int]:
        """For each instance how many of its pairs the run is not about."""
        only = self.only
        if only is None:
            return {}
        return {spec.name: sum(each.label not in only for each in spec.desired) for spec in self.specs}

    def complete(self) -> Settings:
        """The same settings, if nothing is wrong with them.

        :raises InvalidOption: every problem found, one to a line.
        """
        if self.problems:
            lines = "\n".join(dict.fromkeys(each.message for each in self.problems))
            raise InvalidOption(f"nothing was sent:\n{lines}")
        return self

    def at(self, site_ids: Mapping[str, str]) -> Settings:
        """The same settings, the sites of these instances known."""
        specs = tuple(
            spec.at(site_ids[spec.name]) if spec.site_id is None and spec.name in site_ids else spec
            for spec in self.specs
        )
        return replace(self, specs=specs)
