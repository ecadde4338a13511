# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stages tags leave, who would answer a question, and what tasks have left each other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._login import login
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._invocation import (
    READ,
    RUN,
    TAGS,
    Invocation,
    is_unattended,
    run_by,
    stages_of,
)

ALL = list(TAGS)


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
    assert stages_of(run, skip, given) == stages


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
    assert stages_of(run, skip, given) == stages


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


def invocation(hosts: Hosts, **registered: Any) -> Invocation:
    """What a task for the host us belongs to, for which this was registered."""
    names = ["eu", "us", "ap"]
    action: Any = SimpleNamespace(
        _task=SimpleNamespace(_role=SimpleNamespace(_uuid="this one")), _templar=SimpleNamespace(template=str)
    )
    variables = {"inventory_hostname": "us", "ansible_play_hosts_all": names, "ansible_play_hosts": names}
    return Invocation(action, {**variables, "hostvars": hosts, **registered})


def left(what: str, invocation_id: str = "this one") -> dict[str, str]:
    return {"what": what, "invocation_id": invocation_id}


def test_a_task_puts_the_variables_of_the_leader_together_once_and_its_own_not_at_all() -> None:
    hosts = Hosts(eu={READ: left("read of eu"), RUN: left("the run")})
    found = invocation(hosts, **{READ: left("read of us")})
    assert found.leader() == found.leader() == "eu"
    assert found.marked("eu", RUN) == left("the run")
    assert found.marked("us", READ) == left("read of us")
    assert hosts.asked == ["eu"]


def test_what_another_invocation_has_left_is_not_there() -> None:
    earlier = left("read", "an earlier one")
    found = invocation(Hosts(eu={READ: earlier}, ap={READ: left("read of ap")}), **{READ: earlier})
    assert found.marked("us", READ) is None
    assert found.leader() == "ap"
    assert found.read() == {"ap": left("read of ap")}
