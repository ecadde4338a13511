# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One invocation of a role: its identity, its stages, and who takes part in it.

The tasks of a role see each other's results only in variables of hosts. These variables outlive the invocation: a loop
of includes, a second play or a second import of the role still has them. So each result carries the identity of its
invocation, and a task ignores results that carry another one. Ansible gives each import of a role, each turn of a loop
of includes and each play a role object of its own, whose id all hosts share.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils._login import login
from ._roles import ROLES, Role


class Invocation:
    """What an action's task belongs to, as its host sees it.

    :raises AnsibleActionFail: the task is not one of a role of this collection.
    """

    def __init__(self, action: ActionBase, task_vars: Mapping[str, Any]) -> None:
        self._task = action._task
        self._template = action._templar.template
        self._vars = task_vars
        self._raw: dict[str, Mapping[str, Any]] = {}
        self.role = _role_of(self._task)
        self.id = str(self._task._role._uuid)
        self.host: str = task_vars["inventory_hostname"]
        #: All hosts of the play that --limit has left, also those that have failed since.
        self.meant: list[str] = list(task_vars["ansible_play_hosts_all"])
        #: Those of them that are still there.
        self.present: list[str] = list(task_vars["ansible_play_hosts"])

    def is_one_batch(self) -> bool:
        """Whether all hosts of the play go through its tasks together."""
        return set(self.present) <= set(self._vars["ansible_play_batch"])

    def members_of(self, group: str) -> list[str]:
        """The hosts of an inventory group."""
        return list(self._vars["groups"].get(group, []))

    def variables_of(self, host: str) -> Mapping[str, Any]:
        """The variables of another host, without those of this play, block or include."""
        variables: Mapping[str, Any] = self._vars["hostvars"][host]
        return variables

    def mark(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """A task's result, for this invocation alone."""
        return {**result, "invocation_id": self.id}

    def marked(self, host: str, name: str) -> Mapping[str, Any] | None:
        """What a task of this invocation has registered for a host."""
        found = self._registered(host).get(name)
        return found if isinstance(found, Mapping) and found.get("invocation_id") == self.id else None

    def _registered(self, host: str) -> Mapping[str, Any]:
        """The variables of a host, as they are: what a task has registered is no template.

        Ansible puts them together again each time it is asked, and to template what the run has left would take longer
        the more hosts there are; so a hundred hosts ask for little.
        """
        if host == self.host:
            return self._vars
        if host not in self._raw:
            self._raw[host] = self._vars["hostvars"].raw_get(host)
        return self._raw[host]

    def read(self) -> dict[str, Mapping[str, Any]]:
        """What the role's first task has read, by host."""
        return {host: record for host in self.meant if (record := self.marked(host, self.role.read))}

    def leader(self) -> str | None:
        """The host that does the work of all: the first one that was read, whichever task asks."""
        return next((host for host in self.meant if self.marked(host, self.role.read)), None)

    @property
    def stages(self) -> list[str]:
        """The stages that --tags and --skip-tags leave."""
        given = {tag for each in self.around() for tag in each.tags or []}
        return stages_of(self.role.tags, self._vars["ansible_run_tags"], self._vars["ansible_skip_tags"], given)

    def runs_once(self) -> bool:
        """Whether somebody has put run_once on the role, so that the first host would decide for all."""
        said = (getattr(each, "run_once", False) for each in (self._task, *self.around()))
        return any(boolean(self._template(each) or False, strict=False) for each in said)

    def around(self) -> Iterator[Any]:
        """The block of the task, the import or include of the role, what stands around that, and the play."""
        node = self._task._parent
        play = None
        while node is not None:
            yield node
            play = getattr(node, "_play", None) or play
            node = node._parent
        yield self._task._role
        yield from self._task._role.get_parents()
        if play is not None:
            yield play

    @property
    def play(self) -> Any:
        """The play."""
        return list(self.around())[-1]


def _role_of(task: Any) -> Role:
    role = ROLES.get(task._role.get_name(include_role_fqcn=False)) if task._role else None
    if role is None:
        raise AnsibleActionFail(f"this task works only in a role of jira_cloud.federation: {', '.join(ROLES)}")
    return role


def stages_of(
    stages: Sequence[str], run_tags: Iterable[str], skip_tags: Iterable[str], given: Set[str] = frozenset()
) -> list[str]:
    """The stages of a role that tags select: those that they name, else all of them where they select the role.

    The role's own tasks are tagged always, to stay together. So Ansible does not apply never and a skip of all to
    them, and this does.

    :param given: the tags that the user has put on the import, the include, a block or the play around the role.
    """
    wanted, unwanted = set(run_tags), set(skip_tags)
    # Ansible itself skips the tasks for always and tagged.
    is_skipped = unwanted & {"always", "tagged"} or ("all" in unwanted and "always" not in given)
    if is_skipped or ("never" in given and not wanted & given):
        return []
    named = [stage for stage in stages if stage in wanted]
    selected = wanted & {"all", "tagged", *given} or "always" in given or ("untagged" in wanted and not given)
    return [stage for stage in named or (stages if selected else ()) if stage not in unwanted]


def nonce() -> str:
    """Tells one reading of a host from every other."""
    return secrets.token_hex(8)


def is_unattended(variables: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    """Whether nobody would answer a question: AWX and ansible-runner pretend to be a terminal."""
    return bool(environ.get("AWX_ISOLATED_DATA_DIR")) or any(
        name in variables for name in ("awx_job_id", "tower_job_id")
    )


def run_by(variables: Mapping[str, Any]) -> str:
    """Who runs this: the user and the job of AWX, or whoever called C(ansible-playbook), and where."""
    user, job = (
        next((str(variables[name]) for name in (f"awx_{what}", f"tower_{what}") if variables.get(name)), "")
        for what in ("user_name", "job_id")
    )
    return ", ".join(each for each in (user, job and f"AWX job {job}") if each) or login()


def is_slice(variables: Mapping[str, Any]) -> bool:
    """Whether AWX runs this job as a slice of an inventory.

    AWX does not say so. But it puts the jobs of a sliced template into a workflow job with the template's name.
    """
    return variables.get("awx_job_launch_type") == "workflow" and variables.get(
        "awx_workflow_job_name"
    ) == variables.get("awx_job_template_name")
