# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs as AWX makes them: by ansible-runner, out of a private data directory, seen as events.

As in AWX, extra variables and arguments are files of that directory, the environment with the credentials is handed
over in memory (suppress_env_files), and the playbook is one of the project that imports the one here. Unlike in AWX,
which has a database for them, events and output stay on disk: here they are searched.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
from federations import EMAIL, NAMES, TOKEN, Federation

PLAYBOOK = """\
- name: Update the links
  ansible.builtin.import_playbook: jira_cloud.federation.link_update
"""
#: What AWX tells every job of itself.
OF_AWX = {
    f"{prefix}_{name}": value
    for prefix in ("awx", "tower")
    for name, value in (("job_id", 7), ("job_launch_type", "manual"), ("inventory_id", 3), ("user_name", "admin"))
}
#: How the token could be written down: as it is, in a header, in a URL.
FORMS = {
    "plain": TOKEN,
    "basic": base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode(),
    "in a URL": TOKEN.replace("-", "%2D"),
}
#: Seconds. A run that hangs is ended then, and has the status timeout.
PATIENCE = 120


class Job:
    """A run out of a private data directory, and what was seen of it on the way."""

    def __init__(self, federation: Federation, **extra: Any) -> None:
        self.folder = federation.folder / "private"
        self.environment = federation.environment
        #: Prompts, and what is typed there.
        self.passwords: dict[str, str] = {}
        #: Whether to cancel the run, asked with the text of each event.
        self.is_enough: Callable[[str], bool] = lambda text: False
        self.events: list[dict[str, Any]] = []
        #: The files of events that were there when each event came.
        self.files: list[set[str]] = []
        self._cancelled = False
        for name in ("env", "inventory", "project"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "env" / "cmdline").write_text("-u root -vvv")
        (self.folder / "env" / "extravars").write_text(json.dumps(extra))
        (self.folder / "project" / "link_update.yml").write_text(PLAYBOOK)
        shutil.copy(federation.inventory, self.folder / "inventory")

    def run(self) -> None:
        runner = ansible_runner.run(
            private_data_dir=str(self.folder),
            ident="7",
            playbook="link_update.yml",
            inventory=str(self.folder / "inventory"),
            envvars=self.environment,
            passwords=self.passwords,
            suppress_env_files=True,
            quiet=True,
            timeout=PATIENCE,
            event_handler=self._see,
            cancel_callback=lambda: self._cancelled,
        )
        self.returncode, self.status = runner.rc, runner.status

    @property
    def texts(self) -> list[str]:
        """What each event says, without the line breaks, which Ansible puts where it likes."""
        return [" ".join(event["stdout"].split()) for event in self.events]

    def number_of(self, text: str) -> int:
        """Which event is the first one that says this."""
        return next(number for number, said in enumerate(self.texts) if text in said)

    def stats(self) -> dict[str, Any]:
        """What the last event tells of the hosts, and hands to the next node of a workflow."""
        assert self.events[-1]["event"] == "playbook_on_stats"
        return dict(self.events[-1]["event_data"])

    def _see(self, event: dict[str, Any]) -> bool:
        print(event["stdout"])
        self.events.append(event)
        self.files.append({path.name for path in (self.folder / "artifacts" / "7" / "job_events").iterdir()})
        self._cancelled = self._cancelled or self.is_enough(event["stdout"])
        return True  # its file is to be written


def places_of_the_token(folder: Path) -> list[str]:
    """The files with the token in any of its forms."""
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert contents
    return sorted(
        str(path.relative_to(folder))
        for path, content in contents.items()
        if any(form.encode() in content for form in FORMS.values())
    )


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_the_search_finds_the_token_where_there_is_one(tmp_path: Path, form: str) -> None:
    (tmp_path / "artifacts" / "7").mkdir(parents=True)
    (tmp_path / "artifacts" / "7" / "stdout").write_bytes(b"\0something " + form.encode() + b" or other")
    (tmp_path / "artifacts" / "7" / "rc").write_bytes(b"0")
    assert places_of_the_token(tmp_path) == ["artifacts/7/stdout"]


@pytest.mark.parametrize("federation", [{"backup_seconds": 0.5, "run_seconds": 0.2}], indirect=True)
def test_a_job_of_awx_tells_what_goes_on_in_events_and_says_at_the_end_what_became_of_each_host(
    federation: Federation,
) -> None:
    job = Job(federation, **OF_AWX)
    job.run()
    assert (job.status, job.returncode) == ("successful", 0)
    assert len(federation.service.jobs) == 12
    said = [
        "Plan for wave 1: 12 jobs (12 to schedule)",
        "eu 1 job scheduled, 2 more after the backup",
        "eu -> us BACKUP",
        "eu backup done; scheduling 2 more jobs",
        "eu -> ap COMPLETE",
        "12 of 12 jobs complete",
        "PLAY RECAP",
    ]
    numbers = [job.number_of(line) for line in said]
    assert numbers == sorted(numbers)
    created = [job.events[number]["created"] for number in numbers]
    assert created == sorted(created)

    stats = job.stats()
    assert {host: stats["changed"].get(host) for host in NAMES} == dict.fromkeys(NAMES, 1)
    assert set(NAMES) <= set(stats["ok"])
    assert not stats["failures"]
    assert stats["artifact_data"]["link_update_complete"] == 12
    assert stats["artifact_data"]["link_update_ok"] is True


@pytest.mark.parametrize("federation", [{"run_seconds": 1e6, "parallel": True}], indirect=True)
def test_lines_come_while_the_jobs_still_run_and_a_cancelled_job_waits_no_more(federation: Federation) -> None:
    # The jobs run for days, and the run is cancelled when one is seen to run: what came with the end would never come.
    job = Job(federation, link_update_poll_max=0.1, **OF_AWX)
    job.is_enough = lambda text: "eu -> us  IN_PROGRESS" in text
    job.run()
    assert job.status == "canceled"
    scheduled = job.events[job.number_of("eu -> us PENDING scheduled: job")]
    file = f"{scheduled['counter']}-{scheduled['uuid']}.json"
    assert file in job.files[job.number_of("eu -> us IN_PROGRESS")], "events are kept as they come"
    give_up = time.monotonic() + 30
    asked = -1
    # Somebody who goes on waiting asks ten times a second.
    while asked != (asked := federation.service.requests["status"]):
        assert time.monotonic() < give_up, "somebody goes on waiting"
        time.sleep(1)


@pytest.mark.parametrize("federation", [{"fail": ["eu.example.net -> us.example.net"]}], indirect=True)
def test_a_job_that_fails_fails_for_its_host_alone_and_only_ansible_runner_keeps_a_record_of_credentials(
    federation: Federation,
) -> None:
    """What AWX does, with a credential type that injects environment variables.

    ansible-runner itself writes the environment of a run to artifacts/IDENT/command, whatever it is told; with
    suppress_env_files it writes it nowhere else. AWX removes the private data directory when a job has ended. A run of
    one's own leaves no trace with the token in a vault, see the last test.
    """
    job = Job(federation, **OF_AWX)
    job.run()
    assert (job.status, job.returncode) == ("failed", 2)
    stats = job.stats()
    assert stats["failures"] == {"eu": 1}
    assert stats["artifact_data"]["link_update_ok"] is False
    assert stats["artifact_data"]["link_update_error"] == 1
    assert any("eu -> us ERROR" in text for text in job.texts)
    assert places_of_the_token(job.folder) == ["artifacts/7/command"]


@pytest.mark.parametrize("of_awx", [OF_AWX, {}], ids=["AWX", "ansible-runner"])
def test_where_nobody_can_be_asked_a_run_says_what_is_missing_and_ends(
    federation: Federation, of_awx: dict[str, Any]
) -> None:
    job = Job(federation, link_update_app_links_authorized=False, **of_awx)
    job.run()
    assert (job.status, job.returncode) == ("failed", 2)
    assert not federation.service.jobs
    assert any("run again with -e link_update_app_links_authorized=true" in text for text in job.texts)


@pytest.mark.parametrize("federation", [{"fail": ["eu.example.net -> us.example.net"]}], indirect=True)
def test_of_credentials_in_a_vault_nobody_keeps_a_record(federation: Federation) -> None:
    """The token is in the inventory, encrypted; the vault's password is typed at its prompt, which AWX does as well."""
    job = Job(federation, **OF_AWX)
    job.environment["ATLASSIAN_API_TOKEN"] = ""
    job.passwords = {r"Vault password:\s*?$": "open sesame"}
    (job.folder / "env" / "cmdline").write_text("-u root -vvv --ask-vault-pass")
    (job.folder / "inventory" / "group_vars").mkdir()
    (job.folder / "inventory" / "group_vars" / "federated_instances.yml").write_text(in_a_vault(federation))
    job.run()
    assert job.returncode == 2
    assert federation.service.jobs, "the token was known"
    assert places_of_the_token(job.folder) == []


def in_a_vault(federation: Federation) -> str:
    """The token as a variable that only the vault's password opens."""
    password = federation.folder / "password"
    password.write_text("open sesame")
    return subprocess.run(
        ["ansible-vault", "encrypt_string", "--vault-password-file", password, "--stdin-name", "link_update_api_token"],
        env=federation.environment,
        input=TOKEN,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
