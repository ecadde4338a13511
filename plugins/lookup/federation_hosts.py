# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a play for federated instances, or the reason why there is nothing to do."""

from __future__ import annotations

DOCUMENTATION = r"""
name: federation_hosts
short_description: The hosts of a play for federated instances
version_added: 0.2.0
description:
  - Gives the name of an inventory group, for C(hosts) of a play. Fails if the run of C(ansible-playbook) would do nothing and
    still succeed. Without hosts, Ansible skips a play and reports no error.
  - It refuses a group without hosts.
  - Where the command line names the playbook of this collection, also as a file of a checkout, it refuses a C(--limit) that
    leaves no host of the group, C(--start-at-task), and C(--tags) or C(--skip-tags) that leave no stage. In a playbook that
    imports it, these can be meant for other plays, so there it warns.
options:
  _terms:
    description: The name of the group.
    type: list
    elements: str
    required: true
  role:
    description: The role of this collection that the play is for, as each role has stages of its own.
    type: str
    choices: [link_update, link_census, link_check, link_repair, link_reports]
    default: link_update
    version_added: 0.2.0
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Update the links
  hosts: "{{ lookup('jira_cloud.federation.federation_hosts', 'federated_instances') }}"
  gather_facts: false
  connection: local
  roles:
    - jira_cloud.federation.link_update
"""

RETURN = r"""
_raw:
  description: The name of the group.
  type: list
  elements: str
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..plugin_utils._invocation import stages_of
from ..plugin_utils._roles import ROLES, Role

_PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
#: With these nothing is run, and an inventory need not be there.
_ONLY_SHOWN = ("syntax", "listhosts", "listtasks", "listtags")


class LookupModule(LookupBase):  # type: ignore[misc]
    """The lookup's entry."""

    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        arguments, variables = context.CLIARGS, variables or {}
        group = terms[0]
        if any(arguments.get(name) for name in _ONLY_SHOWN):
            return [group]
        hosts = variables.get("groups", {}).get(group, [])
        if not hosts:
            raise AnsibleLookupError(
                f"Nothing was sent. The group {group} has no hosts in this inventory. Check the inventory (-i), or use another "
                "group: -e link_update_group=... (in the inventory, this variable has no effect)"
            )
        reason = _reason_for_nothing(arguments, bool(set(hosts) & set(variables.get("ansible_play_hosts_all", hosts))))
        if any(_is_ours(each) for each in arguments.get("args", ())):
            # In a runbook, tags choose among its plays; they may well be those of the import.
            reason = reason or _tags_without_a_stage(arguments, ROLES[self.get_option("role")])
            if reason:
                raise AnsibleLookupError(f"Nothing was sent. {reason}")
        if reason:
            Display().warning(f"Some links of the group {group} may be left out. {reason}")
        return [group]


def _reason_for_nothing(arguments: Mapping[str, Any], is_limit_met: bool) -> str | None:
    """What on the command line leaves nothing to do, or not all of it."""
    if arguments.get("start_at_task"):
        return "--start-at-task would skip a part of the role. Choose stages with --tags instead"
    if not is_limit_met:
        return f"--limit {arguments.get('subset')} leaves no host of the group"
    return None


def _tags_without_a_stage(arguments: Mapping[str, Any], role: Role) -> str | None:
    if stages_of(role.tags, arguments.get("tags") or ["all"], arguments.get("skip_tags") or []):
        return None
    stages = "The stages are" if role.tags[1:] else "The only stage is"
    return (
        f"--tags and --skip-tags leave no stage to run. {stages} {', '.join(role.tags)}. Do not skip the tag 'always'"
    )


def _is_ours(playbook: str) -> bool:
    """Whether an argument of the command line is a playbook of this collection.

    A project of AWX is a checkout of it, beside the collection that is installed in the execution environment.
    """
    if playbook.startswith("jira_cloud.federation."):
        return True
    path = Path(playbook)
    is_named_so = (_PLAYBOOKS / path.name).is_file() and path.is_file()
    return is_named_so and "federation_hosts" in path.read_text(encoding="utf-8", errors="replace")
