# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on another host: the same work, done by that host's Python, with that host's ledger."""

from __future__ import annotations

import json
import sys
import venv
from pathlib import Path

import pytest
from federations import TOKEN, Federation
from plays import play, role, run_plays

ELSEWHERE = {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}
PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/jira_cloud.federation.links:
      api_url: "{{ url }}/api.example.net/links/v1"
      poll_min: 0.05
    jira_cloud.federation.link_update_job:
      product_url: "{{ federation.eu.product_url }}"
      destination_url: "{{ pair.destination_url }}"
      migrated_from: "{{ pair.migrated_from }}"
  vars:
    federation: "{{ hostvars | jira_cloud.federation.federation(groups.federated_instances) }}"
    pair: "{{ federation | jira_cloud.federation.pairs('eu') | first }}"
  tasks:
    - jira_cloud.federation.link_update_job:
        wave: at home
      register: at_home

    - jira_cloud.federation.link_update_job:
        wave: elsewhere
      delegate_to: bastion
      register: elsewhere

    - jira_cloud.federation.link_update_job:
        wave: in the background
      async: 60
      poll: 1
      register: in_the_background

    - jira_cloud.federation.link_update_job:
        wave: left
        wait: false
      delegate_to: bastion
      register: left
    - jira_cloud.federation.link_update_wait:
        jobs: "{{ [left] | jira_cloud.federation.jobs }}"
      delegate_to: bastion
      register: waited_for

    - jira_cloud.federation.link_update_job:
        wave: bare
      delegate_to: bare
      register: bare
      ignore_errors: true

    - ansible.builtin.copy:
        content: "{{ {'at_home': at_home, 'elsewhere': elsewhere, 'in_the_background': in_the_background, 'left': left,
          'waited_for': waited_for, 'bare': bare} | to_json }}"
        dest: "{{ playbook_dir }}/results.json"
"""


@pytest.fixture
def delegation(federation: Federation) -> Federation:
    federation.environ["ANSIBLE_CONNECTION_PLUGINS"] = str(Path(__file__).with_name("connection_plugins"))
    federation.environ["ANSIBLE_ASYNC_DIR"] = str(federation.folder / "async")
    federation.set_up(federation.service, names=("eu", "us"))
    return federation


def add_hosts(delegation: Federation, hosts: dict[str, dict[str, str]]) -> None:
    inventory = json.loads(delegation.inventory.read_text())
    inventory["all"]["hosts"] = hosts
    delegation.inventory.write_text(json.dumps(inventory))


@pytest.mark.interface
def test_a_task_elsewhere_or_in_the_background_runs_as_a_module_with_the_same_result(delegation: Federation) -> None:
    venv.create(delegation.folder / "bare", with_pip=False, symlinks=True)
    hosts = {
        "bastion": ELSEWHERE,
        "bare": ELSEWHERE | {"ansible_python_interpreter": str(delegation.folder / "bare" / "bin" / "python")},
        "localhost": ELSEWHERE | {"ansible_connection": "local"},
    }
    add_hosts(delegation, hosts)
    (delegation.folder / "play.yml").write_text(PLAY)
    run = delegation.run("play.yml", "-vvv", extra={"url": delegation.service.url})
    assert run.returncode == 0
    assert "AnsiballZ_link_update_job.py" in run.output
    assert TOKEN not in run.output
    results = json.loads((delegation.folder / "results.json").read_text())

    at_home = results["at_home"]["job"]
    ever_different = {"job_id", "wave", "submitted_at", "completed_at", "elapsed"}
    same = set(at_home) - ever_different
    for where in ("elsewhere", "in_the_background"):
        job = results[where]["job"]
        assert {name: job[name] for name in same} == {name: at_home[name] for name in same}
        assert job["status"] == "COMPLETE"
        assert results[where]["changed"]
    assert results["in_the_background"]["ansible_job_id"]
    assert "COMPLETE" in results["in_the_background"]["progress"][-1]["text"], "what nobody could be shown"

    assert results["left"]["job"]["status"] == "PENDING"
    assert [job["status"] for job in results["waited_for"]["jobs"]] == ["COMPLETE"]

    assert results["bare"]["failed"]
    assert results["bare"]["failure"]["code"] == "missing_library"
    assert "requests is missing" in results["bare"]["msg"]
    assert len(delegation.service.jobs) == 4


def test_the_whole_role_can_be_delegated_with_the_credentials_of_the_controllers_environment(
    delegation: Federation,
) -> None:
    add_hosts(delegation, {"bastion": ELSEWHERE})
    run = run_plays(delegation, [play("delegated", {"block": [role()], "delegate_to": "bastion"})], "-vvv")
    assert run.returncode == 0
    assert "AnsiballZ_link_update_run.py" in run.output
    assert "2 of 2 jobs complete. Report: " in run.message
    assert TOKEN not in run.output
    assert len(delegation.service.jobs) == 2
    assert [job["status"] for job in delegation.service.jobs] == ["Complete"] * 2
