# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of the collection differ in: what each reads, and what tags choose. All else their tasks share."""

from __future__ import annotations

from dataclasses import dataclass

from ..module_utils._ansible.argspec import ACCOUNT, CENSUS, LEDGER, ORDER, RUN_VARIABLES, ArgumentSpec


@dataclass(frozen=True)
class Role:
    """A role for a play whose hosts are the instances: each host is read, then one of them works for all."""

    name: str
    #: Its stages, as tags.
    tags: tuple[str, ...]
    #: What is asked for one instance: its variables, less C(link_update_).
    order: ArgumentSpec
    #: The variables that must be the same for all hosts.
    variables: ArgumentSpec

    @property
    def read(self) -> str:
        """The variable that its first task registers."""
        return f"__{self.name}_read"

    @property
    def run(self) -> str:
        """The variable that its second task registers."""
        return f"__{self.name}_run"


def _named(prefix: str, spec: ArgumentSpec) -> ArgumentSpec:
    return {f"{prefix}{name}": option for name, option in spec.items()}


UPDATE = Role(
    "link_update",
    ("preflight", "submit", "wait", "report"),
    ORDER,
    {**_named("link_update_", RUN_VARIABLES), **_named("link_census_", {"store": CENSUS["store"]})},
)

CENSUS_ROLE = Role(
    "link_census",
    ("census",),
    ACCOUNT,
    {
        **_named("link_update_", {name: RUN_VARIABLES[name] for name in ("group", "federation", *LEDGER)}),
        # The role has no defaults for the variables of the other one.
        "link_update_report_dir": {**RUN_VARIABLES["report_dir"], "default": "./link_update_report"},
        **_named("link_census_", CENSUS),
    },
)

ROLES = {role.name: role for role in (UPDATE, CENSUS_ROLE)}
