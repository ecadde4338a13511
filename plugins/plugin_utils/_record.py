# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role's first task reads of one host, and the second one takes up for all of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils._ansible.argspec import (
    ACCOUNT,
    CENSUS,
    CHECK,
    INSTANCE_VARIABLES,
    REHEARSAL_VARIABLES,
    REPAIR,
    REPORTS,
    RUN_VARIABLES,
    ArgumentSpec,
)
from ..module_utils._census.summary import Statistics
from ..module_utils._model.federation import KEYS, Problem
from ..module_utils._proof.summary import Statistics as CheckStatistics
from ..module_utils._tasks.report import STATES
from ._invocation import Invocation
from ._reading import Variables

#: What an instance is known by.
_MEMBER = {name: INSTANCE_VARIABLES[name] for name in KEYS}
#: Of the variables of the run, those that lead to a real Data Center instance.
_DATA_CENTER = frozenset(f"link_census_{name}" for name in ("url", "token", "user", "password", "file"))
#: The names of variables by their prefix, and of the statistics that a workflow of AWX passes on as variables.
_KNOWN = {
    "link_update_": {*INSTANCE_VARIABLES, *RUN_VARIABLES, "rehearsal", *STATES, "ok", "left_out"},
    "link_census_": {*CENSUS, *(name.removeprefix("link_census_") for name in Statistics.__annotations__)},
    "link_check_": {*CHECK, *(name.removeprefix("link_check_") for name in CheckStatistics.__annotations__)},
    "link_repair_": {*REPAIR, "created", "skipped", "failed", "undone"},
    "link_reports_": {*REPORTS, "downloaded", "missing"},
    "rehearsal_": set(REHEARSAL_VARIABLES),
}


@dataclass(frozen=True)
class Record:
    """One host, as its own variables have it."""

    #: What the instance is known by.
    member: dict[str, Any]
    #: What is asked for it, as in the orders of C(link_update_run) or the accounts of C(link_census).
    order: dict[str, Any]
    #: What is asked of the whole run, by variable; all hosts must agree on it.
    settings: dict[str, Any]
    #: The script of a rehearsal, or None.
    rehearsal: dict[str, Any] | None
    check_mode: bool
    #: Where the connection leads, or None for this machine and this user.
    place: dict[str, Any] | None
    problems: list[Problem]

    def as_dict(self) -> dict[str, Any]:
        """It, as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Record:
        """What C(as_dict) has made."""
        return cls(**{**values, "problems": [Problem(**each) for each in values["problems"]]})


def read_host(action: ActionBase, invocation: Invocation, task_vars: Mapping[str, Any]) -> Record:
    """Read everything of the host that an action's task is for. What is wrong is among the problems."""
    host, role = invocation.host, invocation.role
    variables = Variables(host, task_vars, action._templar.template)
    is_rehearsal = _is_rehearsal(variables, invocation)
    # Credentials have no part in a rehearsal; they may not even be there.
    unread = {*ACCOUNT, *_DATA_CENTER} if is_rehearsal else set()
    asked = variables.read("link_update_", _without(unread, {**_MEMBER, **role.order}))
    # Who rehearses may have no vault password: there what cannot be read is not missed.
    secret = Variables(host, task_vars, action._templar.template) if is_rehearsal else variables

    def read(spec: ArgumentSpec) -> dict[str, Any]:
        return {
            name: (secret if option.get("no_log") else variables).read("", {name: option})[name]
            for name, option in _without(unread, spec).items()
        }

    settings = read(role.variables)
    if settings.get("link_update_prove"):
        settings |= read(role.proof)
    # Not by a default of the role, which would show a password in it.
    settings["link_update_ledger"] = settings["link_update_ledger"] or os.environ.get("JIRA_FEDERATION_LEDGER")
    script = variables.read("rehearsal_", REHEARSAL_VARIABLES) if is_rehearsal else None
    for prefix, known in _KNOWN.items():
        variables.check_names(prefix, known)
    place = None if is_rehearsal else _place_of(action)
    return Record(
        member={name: asked[name] for name in _MEMBER},
        order={"name": host, **{name: asked.get(name) for name in role.order}},
        settings=dict.fromkeys((*role.variables, *role.proof)) | settings,
        rehearsal=script,
        check_mode=bool(action._task.check_mode),
        place=place,
        problems=[*variables.problems, *_problems_of(place, host)],
    )


def _without(names: Collection[str], spec: ArgumentSpec) -> ArgumentSpec:
    return {name: option for name, option in spec.items() if name not in names}


def member_of(host: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """What a host that takes no part is known by, as a destination of the others."""
    read = Variables.of_other(host, variables)
    return read.read("link_update_", _MEMBER), read.problems


def _is_rehearsal(variables: Variables, invocation: Invocation) -> bool:
    """Whether nothing real may be touched. No variable takes back what the play or the import of the role says."""
    asked = variables.read("link_update_", {"rehearsal": {"type": "bool", "default": False}})["rehearsal"]
    said = [(getattr(each, "vars", None) or {}).get("link_update_rehearsal", False) for each in invocation.around()]
    return bool(asked) or any(boolean(each, strict=False) for each in said)


def _place_of(action: ActionBase) -> dict[str, Any] | None:
    connection, context = action._connection, action._play_context
    become = connection.become
    if connection.transport == "local" and become is None:
        return None
    return {
        "connection": connection.transport,
        "host": None if connection.transport == "local" else context.remote_addr,
        "user": None if connection.transport == "local" else context.remote_user,
        "become": become and [become.name, become.get_option("become_user")],
    }


def _problems_of(place: Mapping[str, Any] | None, host: str) -> list[Problem]:
    if place is None:
        return []
    if place["connection"] == "local":
        remedy = "set ansible_become: false for the group. Then the run is yours, with your ledger"
        return [Problem(host, f"become is set: another user would do the work ({place['become'][1]})", remedy)]
    if place["host"] == host:
        return [
            Problem(
                host,
                f"ansible_connection is {place['connection']}, but {host} is an instance and not a machine",
                "set ansible_connection: local for the group, or ansible_host to the machine that does the work",
            )
        ]
    return []
