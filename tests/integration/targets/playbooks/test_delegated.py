# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on another host: the same work, done by that host's Python, with that host's ledger."""

from __future__ import annotations

import json
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
from federations import TOKEN, Federation, Run

PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/jira_cloud.federation.links:
      api_url: "{{ url }}/api.example.net/links/v1"
  tasks:
    - jira_cloud.federation.link_update_job:
        product_url: "{{ url }}/eu.example.net"
        destination_url: "{{ url }}/us.example.net"
        migrated_from: https://jira.example.com
        wave: "{{ where }}"
        poll_min: 0.05
        wait: "{{ wait | default(true) }}"
      delegate_to: "{{ where }}"
      async: "{{ 60 if background | default(false) else 0 }}"
      poll: 1
      register: done
      ignore_errors: true
    - jira_cloud.federation.link_update_wait:
        jobs: "{{ [done] | jira_cloud.federation.jobs }}"
        poll_min: 0.05
      delegate_to: "{{ where }}"
      when: done is success
      register: waited
    - ansible.builtin.debug:
        msg: "RESULT {{ {'done': done, 'waited': waited} | to_json }} END"
"""


@pytest.fixture
def delegation(federation: Federation) -> Federation:
    federation.environ["ANSIBLE_CONNECTION_PLUGINS"] = str(Path(__file__).with_name("connection_plugins"))
    federation.environ["ANSIBLE_ASYNC_DIR"] = str(federation.folder / "async")
    (federation.folder / "play.yml").write_text(PLAY)
    return federation


def task(
    delegation: Federation, where: str, interpreter: str = sys.executable, **extra: Any
) -> tuple[Run, dict[str, Any]]:
    """Run the play with its tasks delegated; the run, and what the tasks registered."""
    connection = "local" if where == "localhost" else "elsewhere"
    delegation.inventory.write_text(
        json.dumps(
            {"all": {"hosts": {where: {"ansible_connection": connection, "ansible_python_interpreter": interpreter}}}}
        )
    )
    run = delegation.run("play.yml", "-vvv", extra={"url": delegation.service.url, "where": where, **extra})
    text = json.loads('"' + run.output.partition('"RESULT ')[2].partition(' END"')[0] + '"')
    return run, json.loads(text)


def test_a_delegated_task_runs_as_a_module_with_the_same_result(delegation: Federation) -> None:
    at_home = task(delegation, "localhost")[1]["done"]
    run, elsewhere = task(delegation, "bastion")
    assert "AnsiballZ_link_update_job.py" in run.output
    assert TOKEN not in run.output
    ever_different = {"job_id", "wave", "submitted_at", "completed_at", "elapsed"}
    same = set(at_home["job"]) - ever_different
    assert {name: elsewhere["done"]["job"][name] for name in same} == {name: at_home["job"][name] for name in same}
    assert elsewhere["done"]["job"]["status"] == "COMPLETE"
    assert elsewhere["done"]["changed"]
    assert len(delegation.service.jobs) == 2


def test_waiting_can_be_delegated_too(delegation: Federation) -> None:
    done = task(delegation, "bastion", wait=False)[1]
    assert done["done"]["job"]["status"] == "PENDING"
    assert [job["status"] for job in done["waited"]["jobs"]] == ["COMPLETE"]


def test_a_task_in_the_background_runs_as_a_module_even_at_home(delegation: Federation) -> None:
    done = task(delegation, "localhost", background=True)[1]["done"]
    assert done["job"]["status"] == "COMPLETE"
    assert done["ansible_job_id"]
    assert "COMPLETE" in done["progress"][-1]["text"], "what nobody could be shown"


def test_a_host_without_requests_gets_a_clear_message(delegation: Federation) -> None:
    venv.create(delegation.folder / "bare", with_pip=False, symlinks=True)
    interpreter = str(delegation.folder / "bare" / "bin" / "python")
    done = task(delegation, "bastion", interpreter)[1]["done"]
    assert done["failed"]
    assert done["failure"]["code"] == "missing_library"
    assert "requests is missing" in done["msg"]
    assert not delegation.service.jobs


def test_the_whole_role_can_be_delegated_with_the_credentials_of_the_controllers_environment(
    delegation: Federation,
) -> None:
    inventory = json.loads(delegation.inventory.read_text())
    inventory["all"]["hosts"] = {
        "bastion": {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}
    }
    delegation.inventory.write_text(json.dumps(inventory))
    role = {"ansible.builtin.import_role": {"name": "jira_cloud.federation.link_update"}}
    run = delegation.run(delegation.play(tasks=[{"block": [role], "delegate_to": "bastion"}]), "-vvv")
    assert run.returncode == 0
    assert "AnsiballZ_link_update_run.py" in run.output
    assert "12 of 12 jobs complete; nothing is left to do; report: " in run.message
    assert TOKEN not in run.output
    assert len(delegation.service.jobs) == 12
    assert [job["status"] for job in delegation.service.jobs] == ["Complete"] * 12
