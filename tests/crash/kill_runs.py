# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills, interrupts and suspends runs of the role at random moments, reruns them, and checks what is promised of that.

    make kill
    .venv/bin/python tests/crash/kill_runs.py --kills 200 --seed 1

Each round has a stand-in and a ledger of its own, and one of the ways below. Afterwards there is no update without a
complete job, and no second job but where the ledger, right after the kill, held the claim of a process without a job
id that is dead, or was stopped for longer than its lease; for each of those the rerun warns once. There are no more
of these claims than a run may send requests at once, and of each instance no more than one. Nothing of an instance is
scheduled before its backup is done, and no second backup is ordered but with such a second job. The stand-in is slow
to take requests and slow to answer them, so that many kills hit between the two; a request whose sender is gone
before it is taken is lost. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from itertools import cycle
from random import Random
from typing import Any

from harness import (
    BACKUP,
    QUEUE,
    TOO_LONG,
    KillHarness,
    fresh_harness,
    kill_all,
    processes,
    send,
    until,
    with_database,
)

# isort: split
# The harness has told Python where the collection is.
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import COMPLETE

NAMES = ("eu", "us", "ap", "au", "ca", "uk")
#: The names of the instances, and how many requests a run may send at once.
Federation = tuple[tuple[str, ...], int]
WARNING = re.compile(r"(\w+ -> \w+): [^>]*\. It is scheduled again, because link_update_unknown_submission is resubmit")
NOTHING, CLAIMS, IDS, ALL = "nothing", "claims without id", "ids recorded", "all complete"


class Way(Enum):
    """What is done to a run."""

    WHOLE_TREE = "killed with all its descendants, so that requests are cut off"
    #: Its workers, which Ansible gives sessions of their own, go on to the end of their task while the rerun has begun.
    CONTROLLER = "the controller alone is killed"
    TERMINATED = "the controller alone gets SIGTERM"
    INTERRUPTED = "Ctrl-C"
    SUSPENDED = "stopped for longer than its lease, and continued after the rerun"
    DATABASE = "its ledger in PostgreSQL cannot be reached for up to two seconds"

    @property
    def latency(self) -> float:
        """A request to schedule a job waits for up to so many seconds before it is taken, and as long for its answer.

        Where workers go on, for so long that the rerun comes to their claims.
        """
        return 3.0 if self in (Way.CONTROLLER, Way.TERMINATED) else 0.5

    @property
    def cuts_off(self) -> bool:
        """Whether a claim without a job id may be left that nobody can decide on."""
        return self in (Way.WHOLE_TREE, Way.SUSPENDED)


@dataclass
class Round:
    """What came of one run that something was done to."""

    number: int
    way: Way
    moment: float = 0.0
    phase: str = ""
    orphans: int = 0
    #: How many requests were under way, by the claims without a job id.
    under_way: int = 0
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

    def judge_claims(self, harness: KillHarness, claims: set[str]) -> None:
        """As many requests at once as allowed, and one for each instance.

        :param claims: the pairs that were claimed and had no job id when the run was disturbed.
        """
        self.under_way = len(claims)
        instances = {pair.split()[0] for pair in claims}
        if len(claims) > min(len(instances), harness.connections):
            self.broken.append(f"too many requests at once: {sorted(claims)}")

    def _judge_backups(self, journal: list[dict[str, Any]]) -> None:
        """One backup for each instance, two where the request was of unknown outcome, and nothing before it is done."""
        for instance in {job["pair"].split()[0] for job in journal}:
            jobs = [job for job in journal if job["pair"].split()[0] == instance]
            ordered = [job for job in jobs if job["body"].get("createBackup")]
            if len(ordered) not in (1, 2) or any(job["pair"] not in self.explained for job in ordered[1:]):
                self.broken.append(f"{len(ordered)} backups of {instance} were ordered")
                continue
            done = datetime.fromisoformat(ordered[0]["submitted_at"]) + timedelta(seconds=QUEUE + BACKUP)
            early = [
                job["pair"] for job in jobs if job not in ordered and datetime.fromisoformat(job["submitted_at"]) < done
            ]
            if early:
                self.broken.append(f"scheduled before the backup of {instance} was done: {early}")


def kill_and_rerun(federation: Federation, seed: str, number: int, way: Way, lasts: float) -> Round:
    """One round. Where the run was over before anything was to be done to it, another one is made.

    :param lasts: how long a run lasts that nobody disturbs, in seconds.
    """
    chance = Random(f"{seed}/{number}")
    while True:
        outcome = Round(number, way, moment=chance.uniform(0, lasts))
        with fresh_harness(*federation, way.latency) as harness, contextlib.ExitStack() as stack:
            cable = stack.enter_context(with_database(harness)) if way is Way.DATABASE else None
            run = harness.start("run")
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(outcome.moment)
                continue
            try:
                if cable:
                    cable.cut(chance.uniform(0.1, 2))
                    returncode = run.wait(TOO_LONG)
                    if returncode != 0:
                        outcome.broken.append(f"the run ended with exit status {returncode}")
                else:
                    strike(harness, run, way)
                see_after(outcome, harness)
            except (LinkUpdateError, subprocess.TimeoutExpired, TimeoutError) as exc:
                outcome.broken.append(repr(exc))
            return outcome


def strike(harness: KillHarness, run: subprocess.Popen[bytes], way: Way) -> None:
    """Do to a run what the way says."""
    mark = harness.mark("run")
    if way is Way.SUSPENDED:
        stopped: set[int] = set()
        while fresh := processes(mark) - stopped or (harness.is_locked() and stopped):
            # Who is stopped within a transaction keeps everybody out, and has to be: it is let out of it first.
            send(signal.SIGCONT, stopped & fresh)
            time.sleep(0.01 if stopped & fresh else 0)
            send(signal.SIGSTOP, fresh)
            stopped |= fresh
        time.sleep(harness.lease)
        return
    if way is Way.WHOLE_TREE:
        kill_all(mark)
    elif way is Way.INTERRUPTED:
        os.killpg(run.pid, signal.SIGINT)
    else:
        run.send_signal(signal.SIGKILL if way is Way.CONTROLLER else signal.SIGTERM)
    run.wait(TOO_LONG)


def see_after(outcome: Round, harness: KillHarness) -> None:
    """Rerun, and judge what came of it."""
    mark, way = harness.mark("run"), outcome.way
    outcome.orphans = len(processes(mark))
    recorded = harness.recorded()
    outcome.phase = phase_of(recorded, len(harness.updates))
    cut_off = {pair for pair, attempt in recorded.items() if not attempt.job_id}
    outcome.judge_claims(harness, cut_off)
    if cut_off and way in (Way.INTERRUPTED, Way.DATABASE):
        outcome.broken.append(f"left without an outcome: {sorted(cut_off)}")
    returncode = harness.start("rerun").wait(TOO_LONG)
    if way is Way.SUSPENDED:
        send(signal.SIGCONT, processes(mark))
    # What the processes of the first run are still doing counts as well.
    until(lambda: not processes(mark))
    outcome.judge(harness, cut_off if way.cuts_off else set(), returncode)


def phase_of(recorded: dict[str, Any], pairs: int) -> str:
    """How far a run had come, by the ledger."""
    if not recorded:
        return NOTHING
    if not all(attempt.job_id for attempt in recorded.values()):
        return CLAIMS
    return ALL if [each.status for each in recorded.values()] == [COMPLETE] * pairs else IDS


def time_of_a_run(federation: Federation, latency: float) -> float:
    """How long a run lasts that nobody disturbs, in seconds."""
    with fresh_harness(*federation, latency) as harness:
        begin = time.monotonic()
        if harness.start("run").wait(TOO_LONG) != 0:
            raise SystemExit(f"a run that nobody disturbed failed: {harness.output('run')}")
        return time.monotonic() - begin


def table(rounds: list[Round]) -> str:
    """The figures of all rounds."""
    rows: list[tuple[str, int]] = [("runs", len(rounds))]
    for way in Way:
        phases = Counter(each.phase for each in rounds if each.way is way)
        rows.append((f"  {way.value}", phases.total()))
        rows += [(f"    ledger then: {phase}", phases[phase]) for phase in (NOTHING, CLAIMS, IDS, ALL) if phases[phase]]
    rows += [
        ("controllers that left workers running", sum(each.orphans > 0 for each in rounds)),
        ("runs with several requests under way", sum(each.under_way > 1 for each in rounds)),
        ("the most of them", max((each.under_way for each in rounds), default=0)),
        ("lost updates", sum(len(each.lost) for each in rounds)),
        ("unexplained doubles", sum(len(each.unexplained) for each in rounds)),
        ("explained doubles, one warning each", sum(len(each.explained) for each in rounds)),
        ("unknown, not taken, one warning each", sum(len(each.not_taken) for each in rounds)),
    ]
    return "\n".join(f"{what:<70}{count:>5}" for what, count in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description="Disturb runs of the role, rerun them, and check what came of it.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", default="1", help="decides the moments")
    parser.add_argument("--instances", type=int, default=5, choices=range(2, len(NAMES) + 1))
    parser.add_argument("--connections", type=int, default=8, help="so many requests of a run at once")
    parser.add_argument("--abreast", type=int, default=3, help="so many rounds at a time")
    parser.add_argument("--ways", nargs="+", choices=[way.name.lower() for way in Way], help="all by default")
    arguments = parser.parse_args()
    federation, begin = (NAMES[: arguments.instances], arguments.connections), time.monotonic()
    ways = [Way[name.upper()] for name in arguments.ways or []] or list(Way)

    rounds: list[Round] = []
    with ThreadPoolExecutor(arguments.abreast) as pool:
        latencies = sorted({way.latency for way in ways})
        times = {
            latency: [pool.submit(time_of_a_run, federation, latency) for each in range(3)] for latency in latencies
        }
        lasts = {latency: sum(each.result() for each in runs) / len(runs) for latency, runs in times.items()}
        took = ", ".join(f"{seconds:.1f} s at {latency:g} s" for latency, seconds in lasts.items())
        print(f"seed {arguments.seed}; {arguments.instances} instances; a run lasts {took} of latency", flush=True)
        pending = [
            pool.submit(kill_and_rerun, federation, arguments.seed, number, way, lasts[way.latency])
            for number, way in zip(range(arguments.kills), cycle(ways), strict=False)
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
                    f"{minutes:5.1f} min  {len(rounds)} runs, {doubles} explained doubles, {failed} failed", flush=True
                )

    failed = sum(each.failed for each in rounds)
    print(f"\n{table(rounds)}\n\n{len(rounds) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
