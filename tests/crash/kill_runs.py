# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills runs of the playbook at random moments, reruns them, and checks what the collection promises of that.

    make kill
    .venv/bin/python tests/crash/kill_runs.py --kills 200 --seed 1

Each round has a stand-in and a ledger of its own. A run is killed with SIGKILL: in every other round with all its
descendants, so that requests are cut off; otherwise its controller alone, so that the workers, which Ansible gives
sessions of their own, go on to the end of their task while the rerun has begun. Afterwards there is no update without
a complete job, and no second job but where the ledger, right after the kill, held the claim of a dead process without
a job id; for each of those the rerun warns once. Nothing of an instance is scheduled before its backup is done, and no
second backup is ordered but with such a second job. The stand-in is slow to take requests and slow to answer them, so
that many kills hit between the two; a request whose sender is gone before it is taken is lost. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any
from urllib.request import urlopen

COLLECTIONS = Path(sys.prefix, "collections")
sys.path.insert(0, str(COLLECTIONS))

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import make_update  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import COMPLETE  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn  # noqa: E402

NAMES = ("eu", "us", "ap", "au", "ca", "uk")
MIGRATED_FROM = "https://jira.example.com"
#: A request to schedule a job waits for up to so many seconds before it is taken, and as long for its answer. Where the
#: controller alone is killed, for so long that the rerun comes to the claims of workers that are still at it.
LATENCY_OF_WHOLE_TREE, LATENCY_OF_CONTROLLER = 0.5, 3.0
#: How long a job waits in the queue, and how long a backup takes, in seconds.
QUEUE, BACKUP = 0.1, 0.5
#: What no run and no orphan may last, in seconds.
TOO_LONG = 120.0
#: In the environment of every process that a round starts, so that the round finds them all.
MARK = "KILL_RUNS"
WARNING = re.compile(r"(\w+ -> \w+): [^;]*; it is scheduled again, as unknown_submission is resubmit")
NOTHING, CLAIMS, IDS, ALL = "nothing", "claims without id", "ids recorded", "all complete"


class SlowPosts:
    """Mixed into the stand-in's handler, takes its time around every request that schedules a job."""

    latency: float

    def do_POST(self: Any) -> None:  # noqa: N802 (so called by http.server)
        time.sleep(Random().uniform(0, self.latency))
        established = 1
        if self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == established:
            super().do_POST()
        else:
            self.close_connection = True

    def end_headers(self: Any) -> None:
        if self.command == "POST":
            time.sleep(Random().uniform(0, self.latency))
        super().end_headers()

    def finish(self: Any) -> None:
        with contextlib.suppress(OSError):  # whoever waited for the answer may be dead
            super().finish()


class SlowStandIn(StandIn):
    """A stand-in that is slow, and takes hang-ups as they come."""

    def __init__(self, script: Script, latency: float) -> None:
        super().__init__(script)
        self.RequestHandlerClass = type("Handler", (SlowPosts, self.RequestHandlerClass), {"latency": latency})

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class KillHarness:
    """A fresh stand-in and a fresh ledger, and runs of the playbook over them."""

    def __init__(self, folder: Path, names: tuple[str, ...], server: StandIn) -> None:
        self.folder = folder
        self.url = server.url
        self.ledger = folder / "ledger.sqlite3"
        self.id = uuid.uuid4().hex
        urls = {name: f"{server.url}/{name}.example.net" for name in names}
        self.updates = {
            f"{product} -> {destination}": make_update(
                product="jira",
                product_url=urls[product],
                destination_url=urls[destination],
                migrated_from=MIGRATED_FROM,
                site_id=f"site-{product}",
            )
            for product, destination in permutations(names, 2)
        }
        variables = {
            "link_update_migrated_from": MIGRATED_FROM,
            "link_update_api_url": f"{server.url}/api.example.net/links/v1",
            "link_update_poll_min": 0.05,
            "link_update_app_links_authorized": True,
        }
        hosts = {name: {"link_update_product_url": url} for name, url in urls.items()}
        group = {"hosts": hosts, "vars": variables}
        (folder / "inventory.json").write_text(json.dumps({"all": {"children": {"federated_instances": group}}}))

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """A run of the playbook; C(name) is for its output and its mark."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHONUNBUF"))}
        environment = {
            **inherited,
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "JIRA_FEDERATION_LEDGER": str(self.ledger),
            "ATLASSIAN_EMAIL": "me@example.com",
            "ATLASSIAN_API_TOKEN": "none-of-yours",
            MARK: self.mark(name),
        }
        playbook = Path(sys.prefix, "bin", "ansible-playbook")
        with (self.folder / name).open("wb") as output:
            return subprocess.Popen(
                [sys.executable, str(playbook), "-i", "inventory.json", "jira_cloud.federation.link_update"],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def mark(self, name: str) -> str:
        return f"{self.id}/{name}"

    def output(self, name: str) -> str:
        """What a run has said, without line breaks, which Ansible puts where it likes."""
        return " ".join((self.folder / name).read_text().split())

    def recorded(self) -> dict[str, Any]:
        """The last attempt at each pair that the ledger knows of."""
        with contextlib.closing(open_ledger(str(self.ledger), SystemClock(), {}, copy=True)) as ledger:
            attempts = {pair: ledger.latest(update) for pair, update in self.updates.items()}
        return {pair: attempt for pair, attempt in attempts.items() if attempt}

    def journal(self) -> list[dict[str, Any]]:
        """The jobs that the service has taken, in their order."""
        with urlopen(f"{self.url}/stand-in/jobs", timeout=10) as answer:
            jobs: list[dict[str, Any]] = json.load(answer)
        return jobs


@dataclass
class Round:
    """What came of one kill."""

    number: int
    whole_tree: bool
    moment: float = 0.0
    phase: str = ""
    orphans: int = 0
    lost: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)
    not_taken: list[str] = field(default_factory=list)
    #: In what else the promise was broken.
    broken: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.lost or self.unexplained or self.broken)

    def judge(self, harness: KillHarness, unknown: set[str], returncode: int) -> None:
        """Compare what the service has and what the rerun said with what was promised.

        :param unknown: the pairs of which nobody can know whether the service took the request that was cut off.
        """
        self.said = harness.output("rerun")
        warnings = Counter(WARNING.findall(self.said))
        journal = harness.journal()
        for pair in harness.updates:
            statuses = [job["status"] for job in journal if job["pair"] == pair]
            if "Complete" not in statuses:
                self.lost.append(pair)
            if len(statuses) > 1:
                explained = len(statuses) == 2 and warnings[pair] == 1 and pair in unknown
                (self.explained if explained else self.unexplained).append(pair)
            elif pair in unknown:
                self.not_taken.append(pair)
        self._judge_backups(journal)
        if returncode != 0:
            self.broken.append(f"the rerun ended with exit status {returncode}")
        if warnings != Counter(unknown):
            self.broken.append(f"unknown was {sorted(unknown)}, warned was {dict(warnings)}")
        statuses = {pair: attempt.status for pair, attempt in harness.recorded().items()}
        if statuses != dict.fromkeys(harness.updates, COMPLETE):
            self.broken.append(f"the ledger says {statuses}")

    def _judge_backups(self, journal: list[dict[str, Any]]) -> None:
        """One backup for each instance, two where the request was of unknown outcome, and nothing before it is done."""
        for instance in {job["pair"].split()[0] for job in journal}:
            jobs = [job for job in journal if job["pair"].split()[0] == instance]
            ordered = [job for job in jobs if job["body"].get("createBackup")]
            doubles = sum(pair.split()[0] == instance for pair in self.explained)
            if not 1 <= len(ordered) <= 1 + doubles:
                self.broken.append(f"{len(ordered)} backups of {instance} were ordered")
                continue
            done = datetime.fromisoformat(ordered[0]["submitted_at"]) + timedelta(seconds=QUEUE + BACKUP)
            early = [
                job["pair"] for job in jobs if job not in ordered and datetime.fromisoformat(job["submitted_at"]) < done
            ]
            if early:
                self.broken.append(f"scheduled before the backup of {instance} was done: {early}")


@contextlib.contextmanager
def fresh_stage(names: tuple[str, ...], whole_tree: bool) -> Iterator[KillHarness]:
    """A harness for one round; with it ends every process that was started on it."""
    sites = {name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}"} for name in names}
    script = Script(sites=sites, queue_seconds=QUEUE, backup_seconds=BACKUP, run_seconds=0.3, parallel=True)
    latency = LATENCY_OF_WHOLE_TREE if whole_tree else LATENCY_OF_CONTROLLER
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, SlowStandIn(script, latency) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        harness = KillHarness(Path(folder), names, server)
        try:
            yield harness
        finally:
            for name in ("run", "rerun"):
                kill_all(harness.mark(name))
            server.shutdown()


def kill_and_rerun(number: int, seed: str, names: tuple[str, ...], lasts: dict[bool, float]) -> Round:
    """One round. Where the run was over before it was to be killed, another one is made."""
    chance = Random(f"{seed}/{number}")
    while True:
        whole_tree = number % 2 == 0
        outcome = Round(number, whole_tree, moment=chance.uniform(0, lasts[whole_tree]))
        with fresh_stage(names, whole_tree) as harness:
            run = harness.start("run")
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(outcome.moment)
                continue
            if whole_tree:
                kill_all(harness.mark("run"))
            else:
                run.kill()
            run.wait()
            outcome.orphans = len(processes(harness.mark("run")))
            try:
                recorded = harness.recorded()
                outcome.phase = phase_of(recorded, len(harness.updates))
                cut_off = {pair for pair, attempt in recorded.items() if not attempt.job_id}
                returncode = harness.start("rerun").wait(TOO_LONG)
                # What the killed run's workers are still doing counts as well.
                until(lambda: not processes(harness.mark("run")))
                outcome.judge(harness, cut_off if whole_tree else set(), returncode)
            except (LinkUpdateError, subprocess.TimeoutExpired, TimeoutError) as exc:
                outcome.broken.append(repr(exc))
            return outcome


def phase_of(recorded: dict[str, Any], pairs: int) -> str:
    """How far a run had come, by the ledger."""
    if not recorded:
        return NOTHING
    if not all(attempt.job_id for attempt in recorded.values()):
        return CLAIMS
    return ALL if [each.status for each in recorded.values()] == [COMPLETE] * pairs else IDS


def time_of_a_run(names: tuple[str, ...], whole_tree: bool) -> float:
    """How long a run lasts that nobody kills, in seconds."""
    with fresh_stage(names, whole_tree) as harness:
        begin = time.monotonic()
        if harness.start("run").wait(TOO_LONG) != 0:
            raise SystemExit(f"a run that nobody killed failed: {harness.output('run')}")
        return time.monotonic() - begin


def processes(mark: str) -> set[int]:
    """All living processes of a run, whoever their parent is by now."""
    setting = f"{MARK}={mark}".encode()
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if setting in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
    return found


def kill_all(mark: str) -> None:
    """Kill a run with all its descendants: none can react to the death of another, as all are stopped first."""
    stopped: set[int] = set()
    while fresh := processes(mark) - stopped:
        send(signal.SIGSTOP, fresh)
        stopped |= fresh
    send(signal.SIGKILL, stopped)
    until(lambda: all(is_over(pid) for pid in stopped))


def is_over(pid: int) -> bool:
    """Whether a process has let go of everything. Its environment is gone before its files and their locks are."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def send(number: signal.Signals, pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TOO_LONG
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not after {TOO_LONG:g} seconds")
        time.sleep(0.02)


def table(rounds: list[Round]) -> str:
    """The figures of all rounds."""
    killed = {True: "with all its descendants", False: "the controller alone"}
    rows: list[tuple[str, int]] = [("kills", len(rounds))]
    for whole_tree, how in killed.items():
        phases = Counter(each.phase for each in rounds if each.whole_tree is whole_tree)
        rows.append((f"  {how}", phases.total()))
        rows += [(f"    ledger after the kill: {phase}", phases[phase]) for phase in (NOTHING, CLAIMS, IDS, ALL)]
    rows += [
        ("controllers that left workers running", sum(each.orphans > 0 for each in rounds)),
        ("lost updates", sum(len(each.lost) for each in rounds)),
        ("unexplained doubles", sum(len(each.unexplained) for each in rounds)),
        ("explained doubles, one warning each", sum(len(each.explained) for each in rounds)),
        ("unknown, not taken, one warning each", sum(len(each.not_taken) for each in rounds)),
    ]
    return "\n".join(f"{what:<52}{count:>5}" for what, count in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill runs of the playbook, rerun them, and check what came of it.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", default="1", help="decides the moments of the kills")
    parser.add_argument("--instances", type=int, default=3, choices=range(2, len(NAMES) + 1))
    parser.add_argument("--abreast", type=int, default=3, help="so many rounds at a time")
    arguments = parser.parse_args()
    names, begin = NAMES[: arguments.instances], time.monotonic()

    rounds: list[Round] = []
    with ThreadPoolExecutor(arguments.abreast) as pool:
        times = {how: [pool.submit(time_of_a_run, names, how) for each in range(3)] for how in (True, False)}
        lasts = {how: sum(each.result() for each in runs) / len(runs) for how, runs in times.items()}
        print(
            f"seed {arguments.seed}; {len(names)} instances; a run to be killed with all its descendants lasts "
            f"{lasts[True]:.1f} s, one to lose its controller alone {lasts[False]:.1f} s",
            flush=True,
        )
        pending = [
            pool.submit(kill_and_rerun, number, arguments.seed, names, lasts) for number in range(arguments.kills)
        ]
        for done in as_completed(pending):
            outcome = done.result()
            rounds.append(outcome)
            if outcome.failed:
                print(f"BROKEN with --seed {arguments.seed}: {outcome}", flush=True)
            if len(rounds) % 20 == 0:
                doubles = sum(len(each.explained) for each in rounds)
                failed = sum(each.failed for each in rounds)
                minutes = (time.monotonic() - begin) / 60
                print(
                    f"{minutes:5.1f} min  {len(rounds)} kills, {doubles} explained doubles, {failed} failed", flush=True
                )

    failed = sum(each.failed for each in rounds)
    print(f"\n{table(rounds)}\n\n{len(rounds) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
