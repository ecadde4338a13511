# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the play and the variables of its hosts, before any work is done for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..module_utils._model.federation import Problem
from ._invocation import Invocation, is_slice
from ._record import Record
from ._rehearsal import problems_of

_STRATEGIES = ("linear", "ansible.builtin.linear", "debug", "ansible.builtin.debug")


class PlayProblems:
    """The checks of one invocation of a role.

    :param records: what was read, by host.
    :param variables: those of the task.
    """

    def __init__(self, invocation: Invocation, records: Mapping[str, Record], variables: Mapping[str, Any]) -> None:
        self._invocation = invocation
        self._records = records
        self._vars = variables
        self._first = next(iter(records.values()))

    def found(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        """All of them.

        :param federation: all instances by name.
        """
        yield from self._problems_of_the_play(federation)
        yield from self._missing(federation)
        for record in self._records.values():
            yield from record.problems
        yield from self._differences(federation)
        if self._first.rehearsal and federation:
            yield from problems_of(self._first.rehearsal, list(federation))

    def _problems_of_the_play(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        group = self._first.settings["link_update_group"]
        if self._invocation.runs_once():
            yield Problem("", "run_once is set for the role", "remove it: one host does the work for all anyway")
        if self._invocation.play.strategy not in _STRATEGIES:
            yield Problem("", f"the strategy is {self._invocation.play.strategy}", "set strategy: linear for this play")
        if not self._invocation.is_one_batch():
            yield Problem(
                "", "serial splits the hosts of the play", "remove it: one run does the work for all instances"
            )
        if not federation:
            remedy = "check the inventory (-i) and link_update_group, or set link_update_federation"
            yield Problem("", f"the group {group} has no hosts", remedy)
        elif is_slice(self._vars) and not set(federation) - set(self._invocation.members_of(group)):
            yield Problem(
                "",
                "AWX runs this job as a slice: the workflow job has the name of the template, "
                f"{self._vars.get('awx_workflow_job_name')}. The instances of the other slices would be missing",
                "set job slicing of the template to 1, or link_update_federation to the whole federation. If it is a "
                "workflow of your own, give it another name",
            )

    def _missing(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        """The instances that the play is for, and that are not there any more."""
        present, read = set(self._invocation.present), self._invocation.role.read
        for host in self._invocation.meant:
            if host in self._records:
                continue
            if host in federation and host not in present:
                remedy = "correct what made it fail, or leave it out with --limit, then run again"
                yield Problem(host, "failed or left the play before this role", remedy)
            elif host in present and (self._invocation.variables_of(host).get(read) or {}).get("failed"):
                yield Problem(host, "could not be read", "correct the error above, then run again")

    def _differences(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        """What concerns the whole run, and is not the same for all instances. A host that is none has none of it."""
        remedy = "set it for the whole group, as one run processes all instances, or run the hosts apart with --limit"
        records = [record for host, record in self._records.items() if host in federation] or [self._first]
        for name in self._first.settings:
            if len({repr(record.settings[name]) for record in records}) > 1:
                yield Problem("", f"{name} is not the same for all hosts", remedy)
        if any(record.problems for record in records):
            # These say already what is wrong with the place.
            return
        for name, what in (
            ("rehearsal", "a variable of the rehearsal (rehearsal_...)"),
            ("check_mode", "check_mode"),
            ("place", "the machine or the user that does the work (ansible_connection, ansible_host, become)"),
        ):
            if len({repr(getattr(record, name)) for record in records}) > 1:
                yield Problem("", f"{what} is not the same for all hosts", remedy)
