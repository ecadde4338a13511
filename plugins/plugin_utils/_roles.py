# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles of the collection differ in: what each reads, and what tags choose. All else their tasks share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..module_utils._ansible.argspec import (
    ACCOUNT,
    API,
    CENSUS,
    CHECK,
    LEDGER,
    LINK_UPDATE_RUN,
    ORDER,
    REPAIR,
    REPORTS,
    RUN_VARIABLES,
    ArgumentSpec,
)


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
    #: The options of its module that are such a variable, and which one.
    options: Mapping[str, str]
    #: The option that has what is asked for all instances.
    asked: str = "orders"
    #: What it reads only with C(link_update_prove): the variables of the census and of the check.
    proof: ArgumentSpec = field(default_factory=dict)

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


def _options(prefix: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{prefix}{name}" for name in names}


#: What tells which jobs of an instance count, and its account.
_JOBS: ArgumentSpec = {
    **{
        name: ORDER[name]
        for name in ("product_url", "site_id", "destinations", "product", "migrated_at", "recreate_as_remote", "wave")
    },
    **ACCOUNT,
}
#: How a census of C(link_update_prove) counts. What there is to delete is deleted by its own role.
COUNTING = {name: option for name, option in CENSUS.items() if name not in ("store", "delete")}
_STORE = _named("link_census_", {"store": CENSUS["store"]})
#: What the other roles have of C(link_update). It is none of their own, so it has no default in their files.
_SHARED: ArgumentSpec = {
    **_named("link_update_", {name: RUN_VARIABLES[name] for name in ("group", "federation", *LEDGER)}),
    "link_update_report_dir": {**RUN_VARIABLES["report_dir"], "default": "./link_update_report"},
}

UPDATE = Role(
    "link_update",
    ("preflight", "submit", "wait", "report"),
    ORDER,
    {**_named("link_update_", RUN_VARIABLES), **_STORE},
    {
        **_options("link_update_", (name for name in RUN_VARIABLES if name in LINK_UPDATE_RUN)),
        "census_store": "link_census_store",
    },
    proof={**_named("link_census_", COUNTING), **_named("link_check_", CHECK)},
)

CENSUS_ROLE = Role(
    "link_census",
    ("census",),
    ACCOUNT,
    {**_SHARED, **_named("link_census_", CENSUS)},
    {**_options("link_update_", (*LEDGER, "report_dir")), **_options("link_census_", CENSUS)},
    "accounts",
)


def _role_of_the_store(name: str, stage: str, own: ArgumentSpec) -> Role:
    """A role that works with what a census has counted, and with the jobs."""
    prefix = f"{name}_"
    return Role(
        name,
        (stage,),
        _JOBS,
        {**_SHARED, **_STORE, **_named(prefix, own)},
        {
            **_options("link_update_", (*LEDGER, "report_dir")),
            "census_store": "link_census_store",
            **_options(prefix, own),
        },
    )


CHECK_ROLE = _role_of_the_store("link_check", "check", CHECK)
REPAIR_ROLE = _role_of_the_store("link_repair", "repair", REPAIR)
REPORTS_ROLE = Role(
    "link_reports",
    ("reports",),
    {name: _JOBS[name] for name in ("product_url", "site_id", "wave", *ACCOUNT)},
    {**_SHARED, **_named("link_update_", API), **_named("link_reports_", REPORTS)},
    {**_options("link_update_", (*LEDGER, *API, "report_dir")), **_options("link_reports_", REPORTS)},
)

ROLES = {role.name: role for role in (UPDATE, CENSUS_ROLE, CHECK_ROLE, REPAIR_ROLE, REPORTS_ROLE)}
