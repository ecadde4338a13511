# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stages tags leave, who would answer a question, and what tasks have left each other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.jira_cloud.federation.plugins.module_utils._login import login
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._invocation import (
    Invocation,
    is_unattended,
    run_by,
    stages_of,
)
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._roles import ROLES, UPDATE

ALL = list(UPDATE.tags)


@pytest.mark.parametrize(
    ("run", "skip", "given", "stages"),
    [
        (["all"], [], set(), ALL),
        (["preflight"], [], set(), ["preflight"]),
        (["wait", "submit"], [], set(), ["submit", "wait"]),
        (["all"], ["wait"], set(), ["preflight", "submit", "report"]),
        (["preflight", "submit"], ["submit"], set(), ["preflight"]),
        (["sumbit"], [], set(), []),
        (["all"], ["always"], set(), []),
        (["all"], ["tagged"], set(), []),
        (["untagged"], [], set(), ALL),
    ],
)
def test_tags_select_stages(run: list[str], skip: list[str], given: set[str], stages: list[str]) -> None:
    assert stages_of(UPDATE.tags, run, skip, given) == stages


@pytest.mark.parametrize(
    ("run", "skip", "given", "stages"),
    [
        (["links"], [], {"links"}, ALL),
        (["links", "wait"], [], {"links"}, ["wait"]),
        (["links"], ["wait"], {"links"}, ["preflight", "submit", "report"]),
        (["tagged"], [], {"links"}, ALL),
        (["other"], [], {"links"}, []),
        (["other"], [], {"always"}, ALL),
        (["untagged"], [], {"links"}, []),
        (["all"], ["all"], {"links"}, []),
        (["all"], ["all"], {"always"}, ALL),
        (["all"], [], {"never"}, []),
        (["other"], [], {"never", "x"}, []),
        (["x"], [], {"never", "x"}, ALL),
    ],
)
def test_a_tag_around_the_role_selects_all_of_it_or_none(
    run: list[str], skip: list[str], given: set[str], stages: list[str]
) -> None:
    assert stages_of(UPDATE.tags, run, skip, given) == stages


@pytest.mark.parametrize(
    ("run", "counts"),
    [("all", True), ("census", True), ("tagged", True), ("preflight", False), ("submit", False), ("other", False)],
)
def test_a_census_is_one_stage_and_the_stages_of_the_other_role_do_not_select_it(run: str, counts: bool) -> None:
    assert stages_of(ROLES["link_census"].tags, [run], []) == (["census"] if counts else [])
    assert stages_of(UPDATE.tags, ["census"], []) == []


@pytest.mark.parametrize(
    ("variables", "environ", "unattended"),
    [
        ({}, {}, False),
        ({}, {"AWX_ISOLATED_DATA_DIR": "/runner"}, True),
        ({"awx_job_id": 7}, {}, True),
        ({"tower_job_id": 7}, {}, True),
    ],
)
def test_nobody_answers_where_a_terminal_is_only_pretended(
    variables: dict[str, int], environ: dict[str, str], unattended: bool
) -> None:
    assert is_unattended(variables, environ) is unattended


@pytest.mark.parametrize(
    ("variables", "who"),
    [
        ({"awx_user_name": "alice", "awx_job_id": 7}, "alice, AWX job 7"),
        ({"tower_user_name": "alice", "tower_job_id": 7}, "alice, AWX job 7"),
        # Nobody: a schedule.
        ({"awx_job_id": 7, "awx_user_name": ""}, "AWX job 7"),
        ({}, login()),
    ],
)
def test_who_runs_it_is_the_user_of_awx_or_whoever_is_logged_in(variables: dict[str, Any], who: str) -> None:
    assert run_by(variables) == who


class Hosts:
    """The variables of all hosts, which Ansible puts together each time it is asked."""

    def __init__(self, **registered: Any) -> None:
        self._registered = registered
        self.asked: list[str] = []

    def raw_get(self, host: str) -> Any:
        self.asked.append(host)
        return self._registered[host]


def invocation(hosts: Hosts, role: str | None = "link_update", **registered: Any) -> Invocation:
    """What a task for the host us belongs to, for which this was registered."""
    names = ["eu", "us", "ap"]
    of_role = role and SimpleNamespace(_uuid="this one", get_name=lambda include_role_fqcn: role)
    action: Any = SimpleNamespace(_task=SimpleNamespace(_role=of_role), _templar=SimpleNamespace(template=str))
    variables = {"inventory_hostname": "us", "ansible_play_hosts_all": names, "ansible_play_hosts": names}
    return Invocation(action, {**variables, "hostvars": hosts, **registered})


def left(what: str, invocation_id: str = "this one") -> dict[str, str]:
    return {"what": what, "invocation_id": invocation_id}


def test_a_task_puts_the_variables_of_the_leader_together_once_and_its_own_not_at_all() -> None:
    hosts = Hosts(eu={UPDATE.read: left("read of eu"), UPDATE.run: left("the run")})
    found = invocation(hosts, **{UPDATE.read: left("read of us")})
    assert found.leader() == found.leader() == "eu"
    assert found.marked("eu", UPDATE.run) == left("the run")
    assert found.marked("us", UPDATE.read) == left("read of us")
    assert hosts.asked == ["eu"]


def test_a_role_takes_up_what_its_own_tasks_have_left_and_nothing_of_the_other_one() -> None:
    hosts = Hosts(eu={UPDATE.read: left("of the other role")}, ap={})
    found = invocation(hosts, "link_census", __link_census_read=left("read of us"))
    assert found.read() == {"us": left("read of us")}
    assert found.role is ROLES["link_census"]


@pytest.mark.parametrize("role", [None, "somebodys_own"])
def test_a_task_in_no_role_of_the_collection_is_refused(role: str | None) -> None:
    with pytest.raises(AnsibleActionFail, match=r"only in a role of jira_cloud\.federation: link_update, link_census"):
        invocation(Hosts(), role)


def test_what_another_invocation_has_left_is_not_there() -> None:
    earlier = left("read", "an earlier one")
    found = invocation(Hosts(eu={UPDATE.read: earlier}, ap={UPDATE.read: left("read of ap")}), **{UPDATE.read: earlier})
    assert found.marked("us", UPDATE.read) is None
    assert found.leader() == "ap"
    assert found.read() == {"ap": left("read of ap")}
