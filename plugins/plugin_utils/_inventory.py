# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of a whole federation, whichever hosts the play is for. No credentials are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError

from ..module_utils._ansible.argspec import INSTANCE_VARIABLES, LINK_UPDATE_STATUS, ArgumentSpec
from ..module_utils._model.federation import KEYS, Problem
from ._reading import Variables
from ._roles import UPDATE

#: The options of C(orders), less the name.
_ORDER = [name for name in LINK_UPDATE_STATUS["orders"]["options"] if name != "name"]
_INSTANCE = {f"link_update_{name}": each for name, each in INSTANCE_VARIABLES.items() if name in (*KEYS, *_ORDER)}
#: What must be the same for all hosts: the variable of each option.
_RUN = {
    "federation": "link_update_federation",
    "ledger": "link_update_ledger",
    "only": "link_update_only",
    "census_store": "link_census_store",
}
_GROUP = "link_update_group"


def options_of(task_vars: Mapping[str, Any], template: Callable[[Any], Any]) -> dict[str, Any]:
    """The options of C(link_update_status), from the variables of all hosts of the group.

    :param template: makes a value of what a variable of the task holds.
    :raises AnsibleActionFail: the group has no hosts.
    """
    of_play = Variables("", task_vars, template)
    group = of_play.read("", {_GROUP: UPDATE.variables[_GROUP]})[_GROUP]
    hosts = {host: Variables.of_other(host, task_vars["hostvars"][host]) for host in task_vars["groups"].get(group, [])}
    if not hosts:
        raise AnsibleActionFail(
            f"The group {group} has no hosts in this inventory. Give the right inventory with -i, or name another "
            "group with -e link_update_group=..."
        )
    said, unsaid = _divided({**_INSTANCE, **{name: UPDATE.variables[name] for name in _RUN.values()}}, task_vars)
    common = of_play.read("", said)
    read = {host: {**each.read("", unsaid), **common} for host, each in hosts.items()}
    first, *others = read.values()
    run = {option: first[name] for option, name in _RUN.items()}
    federation = run["federation"] or {host: _values(KEYS, each) for host, each in read.items()}
    wrong = [problem for each in (of_play, *hosts.values()) for problem in each.problems]
    return {
        **run,
        "federation": federation,
        "orders": list(_orders(read, federation)),
        "problems": [vars(each) for each in (*_differences(first, others), *wrong)],
    }


def _divided(spec: ArgumentSpec, task_vars: Mapping[str, Any]) -> tuple[ArgumentSpec, ArgumentSpec]:
    """The variables that the play or the task sets, and so for all hosts, and the others."""
    of_host = task_vars["hostvars"].raw_get(task_vars["inventory_hostname"])

    def is_said(name: str) -> bool:
        return name in task_vars and (name not in of_host or not _is_same(task_vars[name], of_host[name]))

    said = {name: option for name, option in spec.items() if is_said(name)}
    return said, {name: option for name, option in spec.items() if name not in said}


def _is_same(value: Any, other: Any) -> bool:
    """Whether two values are the same, as far as that can be told: one may be encrypted, and the password missing."""
    try:
        return bool(value == other)
    except AnsibleError:
        return True


def _orders(instances: Mapping[str, Mapping[str, Any]], federation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is asked for each instance. One that is no host of the inventory is taken to be updated like the first."""
    for host, each in instances.items():
        yield {"name": host, **_values(_ORDER, each)}
    first, *_others = instances.values()
    for name in federation:
        if name not in instances:
            yield {"name": name, **_values(("recreate_as_remote", "wave"), first)}


def _values(names: Iterable[str], read: Mapping[str, Any]) -> dict[str, Any]:
    """The values of variables of an instance, by their names less the prefix."""
    return {name: read[f"link_update_{name}"] for name in names}


def _differences(first: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    for name in _RUN.values():
        if any(each[name] != first[name] for each in others):
            remedy = "the first host's value is used. Set it for the group"
            yield Problem("", f"{name} is not the same for all hosts", remedy)
