# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds of every series of runs of several instances, with one request at a time and with several at once."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis.strategies as st
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import FEDERATION
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import parse_specs
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import PollPolicy
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.run import Run
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import State
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.toolbox import Toolbox
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import JobStatus
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener, acquaint
from hypothesis import given, settings

#: A folder in memory where there is one, for thousands of commits.
MEMORY = next((folder for folder in ("/dev/shm",) if os.access(folder, os.W_OK)), None)
LEASE = timedelta(seconds=60)
NAMES = ("eu", "us", "ap", "au")
ORDER = {name: option.get("default") for name, option in FEDERATION["orders"]["options"].items()}


class Killed(BaseException):
    """The end of a run's process."""


class Reply(Enum):
    """What becomes of a request that schedules a job."""

    TAKEN = auto()
    #: The answer is lost on its way, to a request that was taken or to one that was not.
    TAKEN_UNANSWERED = auto()
    LOST = auto()
    #: The service says no, or asks to come back later.
    REFUSED = auto()
    LATER = auto()
    #: The run dies: nothing was sent, or its request was taken.
    DIES_UNSENT = auto()
    DIES_UNANSWERED = auto()


TAKING = frozenset({Reply.TAKEN, Reply.TAKEN_UNANSWERED, Reply.DIES_UNANSWERED})
DYING = frozenset({Reply.DIES_UNSENT, Reply.DIES_UNANSWERED})


def failure_of(reply: Reply) -> BaseException:
    """What the run meets with."""
    if reply in DYING:
        return Killed()
    if reply is Reply.REFUSED:
        return LinkUpdateError("HTTP 403", code="forbidden")
    return NotAccepted("HTTP 429") if reply is Reply.LATER else OutcomeUnknown("the answer is lost")


@dataclass(frozen=True)
class ServiceJob:
    """A job that the service took."""

    job_id: str
    label: str
    site_id: str
    since: float
    #: Whether the run was told its id.
    told: bool


def label_of(update: Update) -> str:
    return " -> ".join(
        str(urlsplit(url).hostname).partition(".")[0] for url in (update.product_url, update.destination_url)
    )


class Service:
    """Takes jobs, does with the next requests as it is told, and remembers what it took."""

    def __init__(self, clock: FakeClock, listener: Listener) -> None:
        self._clock = clock
        self._listener = listener
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self.replies: list[Reply] = []
        #: Whether the process of the run is dead.
        self.dead = False
        self.jobs: list[ServiceJob] = []

    @contextmanager
    def _alone(self, site_id: str) -> Iterator[None]:
        """No other request of the instance is under way."""
        with self._lock:
            assert site_id not in self._busy
            self._busy.add(site_id)
        try:
            # Others get the chance to come between.
            time.sleep(0)
            yield
        finally:
            with self._lock:
                self._busy.discard(site_id)

    def prepare(self) -> None:
        """There is nothing to connect to."""

    def admitted(self) -> AbstractContextManager[None]:
        return nullcontext()

    def schedule(self, update: Update, *, before_sending: Callable[[], None] = lambda: None) -> str:
        before_sending()
        with self._alone(str(update.site_id)):
            with self._lock:
                reply = self._next_reply()
                job_id = self._take(update, reply) if reply in TAKING else ""
            if reply is Reply.TAKEN:
                return job_id
            raise failure_of(reply)

    def _next_reply(self) -> Reply:
        reply = self.replies.pop(0) if self.replies else Reply.TAKEN
        if self.dead:
            # What is under way when a process dies may have been taken.
            reply = Reply.DIES_UNANSWERED if reply in TAKING else Reply.DIES_UNSENT
        self.dead = self.dead or reply in DYING
        return reply

    def _take(self, update: Update, reply: Reply) -> str:
        label = label_of(update)
        earlier = [each for each in self.jobs if each.label == label]
        assert not any(each.told for each in earlier), "what is known to be at the service is not sent again"
        again = [
            each for each in self._listener.warnings if each.startswith(f"{label}: ") and "is scheduled again" in each
        ]
        assert len(again) >= len(earlier), "what is sent although it may be there already is warned of"
        job_id = f"job-{len(self.jobs)}"
        self.jobs.append(
            ServiceJob(job_id, label, str(update.site_id), self._clock.monotonic(), told=reply is Reply.TAKEN)
        )
        return job_id

    def status(self, site_id: str, job_id: str) -> JobStatus:
        with self._alone(site_id):
            job = next(each for each in self.jobs if each.job_id == job_id)
            assert job.site_id == site_id
            age = self._clock.monotonic() - job.since
        return JobStatus(
            "PENDING" if age < 10 else "BACKUP" if age < 100 else "IN_PROGRESS" if age < 500 else "COMPLETE"
        )


class Federation:
    """Some instances, their ledger and their service; each run has the ledger opened for itself."""

    def __init__(self, path: Path, names: Sequence[str], connections: int, backup: str) -> None:
        self._path = str(path)
        self._connections = connections
        self.clock = FakeClock()
        self.listener = Listener()
        self.service = Service(self.clock, self.listener)
        members = {
            name: {"product_url": f"https://{name}.example.net", "migrated_from": "https://jira.example.com"}
            for name in names
        }
        orders = [{**ORDER, "name": name, "create_backup": backup} for name in names]
        specs, problems = parse_specs(parse_federation(members), orders)
        assert not problems
        self._specs = [spec.at(f"site-{spec.name}") for spec in specs]

    def ledger(self) -> Ledger:
        return open_ledger(self._path, self.clock, {})

    def run(self, replies: Sequence[Reply] = ()) -> Run:
        """A run from its beginning to its end, or to its death. What must hold after each run is asserted here."""
        self.service.replies, self.service.dead = [*replies], False
        before = len(self.service.jobs)
        with self.ledger() as ledger:
            tools = Toolbox(ledger, self.clock, self.listener, LEASE, connections=self._connections)
            run = Run(
                self._specs,
                tools,
                open_api=lambda spec: self.service,  # type: ignore[arg-type,return-value]
                look_up=lambda spec: str(spec.site_id),
            )
            with suppress(Killed):
                run.attach()
                run.schedule()
                run.wait(PollPolicy(timeout=36000.0, poll_min=30.0, poll_max=600.0), schedule=True)
        told = {each.label: each for each in run.updates}
        for job in self.service.jobs[before:]:
            assert told[job.label].changed, "what was scheduled, or may have been, is told"
            failure = told[job.label].failure
            assert job.told or (failure and failure.code == "submission_unknown")
        self._assert_nothing_is_lost()
        return run

    def _assert_nothing_is_lost(self) -> None:
        with self.ledger() as ledger:
            attempts = Counter(label_of(each.update) for each in ledger.attempts())
            for job in self.service.jobs:
                assert not job.told or ledger.attempt_of(job.site_id, job.job_id)
            jobs = Counter(each.label for each in self.service.jobs)
            assert jobs <= attempts, "where the ledger has no id, it says that nobody knows"


histories = st.lists(
    st.tuples(st.lists(st.sampled_from(Reply), max_size=8), st.sampled_from([0.0, 61.0, 7200.0])),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("connections", [1, 8])
@settings(max_examples=25)
@given(
    history=histories,
    instances=st.integers(2, 4),
    backup=st.sampled_from(["first", "never"]),
    acquainted=st.booleans(),
)
def test_no_update_has_two_jobs_without_a_warning_and_no_job_is_lost(
    connections: int, history: list[tuple[list[Reply], float]], instances: int, backup: str, acquainted: bool
) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        federation = Federation(Path(folder, "ledger"), NAMES[:instances], connections, backup)
        if acquainted:
            with federation.ledger() as ledger:
                acquaint(ledger)
        for replies, pause in history:
            federation.run(replies)
            federation.clock.sleep(pause)
        last = federation.run()
        assert {each.state for each in last.updates} == {State.COMPLETE}
        jobs = len(federation.service.jobs)
        assert not any(each.changed for each in federation.run().updates)
        assert len(federation.service.jobs) == jobs
