# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work done on another host, over a real SSH connection: the same results, and what it says is heard here."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from bastions import Bastion, SharedBastion
from federations import NAMES, TOKEN, Federation, Webhook
from plays import PACKAGED, STATUS, imported, play, role, run_plays, told, update

LONG = {"run_seconds": 1e6}


@pytest.fixture
def distant(federation: Federation, bastion: Bastion) -> Federation:
    """The federation, its instances seen to by the bastion."""
    federation.environ.update(bastion.environment, JIRA_FEDERATION_LEDGER="")
    lay_out(federation, bastion, *NAMES)
    return federation


def lay_out(distant: Federation, bastion: Bastion, *names: str) -> None:
    variables = {**bastion.variables, "link_update_report_dir": f"{bastion.home}/report"}
    distant.set_up(distant.service, names=names, **dict.fromkeys(names, variables))


def ledger_of(bastion: Bastion) -> Path:
    return bastion.home / ".local" / "state" / "jira_cloud.federation" / "ledger.sqlite3"


@pytest.mark.interface
def test_the_packaged_playbook_does_the_same_from_there(
    distant: Federation, bastion: Bastion, webhook: Webhook
) -> None:
    distant.environ["JIRA_FEDERATION_NOTIFY_URL"] = webhook.url
    run = run_plays(distant, [imported(PACKAGED), imported(PACKAGED), imported(STATUS)], "-vvv")
    assert run.returncode == 0
    assert "12 of 12 jobs complete. Report: " in run.message
    assert run.recap("changed") == {**dict.fromkeys(NAMES, 1), "localhost": 0}, "by the first one"
    assert f"12 of 12 jobs complete; wave 1; ledger {ledger_of(bastion)}" in run.message, "the status is read there"
    for product in NAMES:
        for destination in set(NAMES) - {product}:
            assert f"{product} -> {destination}  COMPLETE" in run.output
    assert len(distant.service.jobs) == 12
    assert TOKEN not in run.output
    assert [notice["event"] for notice in webhook.notices] == ["ended"] * 2
    assert "c4n4ry-p4th" not in run.output

    assert ledger_of(bastion).exists()
    assert not list(distant.home.rglob("ledger.sqlite3")), "the controller's ledger has no part in it"
    ledger = ".local/state/jira_cloud.federation/ledger.sqlite3"
    assert bastion.left_behind() == [
        ledger,
        f"{ledger}-journal",
        *(f"report/report.{kind}" for kind in ("csv", "html", "json")),
    ]


def test_with_become_the_work_is_done_there_by_that_account_with_its_own_ledger(
    federation: Federation, tmp_path: Path
) -> None:
    with closing(SharedBastion(tmp_path / "bastion")) as bastion:
        federation.environ.update(bastion.environment, JIRA_FEDERATION_LEDGER="")
        lay_out(federation, bastion, "eu", "us")
        as_account = {"become": True, "become_method": "su", "become_user": bastion.ACCOUNT}
        plays = [
            play("role", role(), vars={"link_update_report_dir": "~/report"}, **as_account),
            play("module", *one_job(ledger="~/another/ledger", **as_account), hosts="eu"),
        ]
        run = run_plays(federation, plays, "-vvv")
        left = bastion.left_behind()
    assert run.returncode == 0
    assert run.recap("changed") == {"eu": 2, "us": 1}
    for what in ("AnsiballZ_link_update_run.py", "AnsiballZ_link_update_job.py", "BECOME-SUCCESS-"):
        assert what in run.output
    for pair in ("eu -> us", "us -> eu"):
        assert f"{pair}  PENDING" in run.output
        assert f"{pair}  COMPLETE" in run.output
    home = bastion.home_of_account
    assert f"2 of 2 jobs complete. Report: {home}/report/report.html" in run.message
    *of_role, of_module = [job["job_id"] for job in federation.service.jobs]
    assert len(of_role) == 2, "the ledger of the module is another one, so that it schedules a job of its own"
    assert all(f"scheduled: job {job_id}" in run.output for job_id in of_role)
    assert f"RESULT {of_module} COMPLETE" in run.output

    ledger = ".local/state/jira_cloud.federation/ledger.sqlite3"
    ledgers = [each for path in (ledger, "another/ledger") for each in (path, f"{path}-journal")]
    assert left == sorted([*ledgers, *(f"report/report.{kind}" for kind in ("csv", "html", "json"))])
    for path in (home / each for each in left):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert TOKEN.encode() not in path.read_bytes()
    assert TOKEN not in run.output
    assert not list(federation.home.rglob("ledger*")), "the controller's ledger has no part in it"


def one_job(ledger: str, **keywords: Any) -> list[dict[str, Any]]:
    """Tasks of eu that have one job scheduled from us, and tell its id."""
    job = {
        "product_url": "{{ link_update_product_url }}",
        "destination_url": "{{ hostvars.us.link_update_product_url }}",
        "migrated_from": "{{ link_update_migrated_from }}",
        "api_url": "{{ link_update_api_url }}",
        "poll_min": 0.05,
        "ledger": ledger,
    }
    return [
        {"jira_cloud.federation.link_update_job": job, "delegate_to": "us", "register": "told", **keywords},
        {"ansible.builtin.debug": {"msg": "RESULT {{ told.job.job_id }} {{ told.job.status }}"}},
    ]


@pytest.mark.parametrize("federation", [LONG], indirect=True)
@pytest.mark.parametrize("connected", [True, False])
def test_what_it_says_is_heard_while_the_jobs_run_and_when_the_controller_is_gone_the_work_there_ends(
    distant: Federation, bastion: Bastion, connected: bool
) -> None:
    with a_run_that_waits(distant) as output:
        assert {job["status"] for job in distant.service.jobs} <= {"In_progress", "Pending", "Backup"}
        assert any("eu -> us  IN_PROGRESS" in line for line in output)
        (worker,) = bastion.scratch.glob("*/worker")
        pid = int(worker.read_text())
        if not connected:
            bastion.stop()
    if not connected:
        # How it looks an hour later: nobody has listened since.
        long_ago = time.time() - 3600
        os.utime(worker.with_name("read"), (long_ago, long_ago))
    until(lambda: not Path(f"/proc/{pid}").exists())
    until(lambda: not worker.parent.exists())


@pytest.mark.parametrize("federation", [{"run_seconds": 5}], indirect=True)
def test_a_connection_that_is_away_for_a_while_ends_nothing(distant: Federation, bastion: Bastion) -> None:
    with a_run_that_waits(distant) as output:
        bastion.stop()
        assert any("no connection to the host that does the work" in line for line in output)
        bastion.start()
        rest = list(output)
    assert any("12 of 12 jobs complete" in line for line in rest)


@pytest.mark.parametrize("federation", [LONG], indirect=True)
def test_a_worker_that_is_gone_without_a_result_is_not_waited_for(distant: Federation, bastion: Bastion) -> None:
    with a_run_that_waits(distant) as output:
        (worker,) = bastion.scratch.glob("*/worker")
        # What a host that is started anew looks like: neither the worker is there nor who would tell of its end.
        pid = int(worker.read_text())
        for each in [*parents_of(pid), pid]:
            os.kill(each, signal.SIGKILL)
        assert any("the work on the other host ended without a result" in line for line in output)


@pytest.mark.parametrize("federation", [{"not_admin": ["us.example.net"]}], indirect=True)
def test_what_a_task_says_that_does_not_take_long_is_shown_as_well(distant: Federation, bastion: Bastion) -> None:
    lay_out(distant, bastion, "eu", "us")
    plan = update("plan", {"link_update_preflight": False}, check_mode=True)
    run = run_plays(distant, [update("refused"), plan])
    said = told(run)
    assert run.recap("ignored") == {"eu": 1, "us": 1}
    assert "1 problem. Nothing was scheduled." in said["refused"]
    assert "instance" in said["refused"]
    assert "Plan for wave 1" in said["plan"]


def test_a_rehearsal_stays_at_home(distant: Federation, bastion: Bastion) -> None:
    bastion.stop()
    hosts = {
        name: {**bastion.variables, "link_update_product_url": f"https://example-{name}.atlassian.net"}
        for name in ("eu", "us")
    }
    distant.write_inventory(hosts, link_update_migrated_from="https://jira.example.com", link_update_poll_min=0.05)
    run = distant.run(
        "jira_cloud.federation.rehearse", extra={"rehearsal_backup_seconds": 0, "rehearsal_run_seconds": 0}
    )
    assert run.returncode == 0
    assert "2 of 2 jobs complete" in run.message


@contextmanager
def a_run_that_waits(distant: Federation) -> Iterator[Iterator[str]]:
    """A run that was heard to have scheduled a job; the rest of its lines. It is killed in the end, if need be."""
    with subprocess.Popen(
        distant.command(
            "jira_cloud.federation.link_update", "-v", "-e", json.dumps({"link_update_create_backup": "never"})
        ),
        env=distant.environment,
        cwd=distant.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        alarm = threading.Timer(120, process.kill)
        alarm.start()
        try:
            assert process.stdout
            output = iter(process.stdout)
            assert any("scheduled" in line for line in output if "job " in line), "nothing was heard"
            yield output
        finally:
            alarm.cancel()
            process.kill()


def parents_of(pid: int) -> list[int]:
    """The processes above this one that work in the background as well, the uppermost first."""
    parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    in_background = "async_wrapper" in Path(f"/proc/{parent}/cmdline").read_text()
    return [*parents_of(parent), parent] if in_background else []


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that will come to be soon."""
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)
