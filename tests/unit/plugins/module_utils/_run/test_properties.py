# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds of every history of runs, crashes and whims of the service: a ledger in a file, held against the truth."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis.strategies as st
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    Failure,
    JobUnknown,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import claimant as claimants
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.attempt import Attempt
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import Policy
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update, make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.reconcile import Reconciler
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.toolbox import Toolbox
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import NEW_FOR
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import (
    COMPLETE,
    ENDED,
    ERROR,
    FAILURES,
    IN_PROGRESS,
    PENDING,
    JobStatus,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

#: A folder in memory where there is one: thousands of commits, none of which has to survive this machine.
MEMORY = next((folder for folder in ("/dev/shm",) if os.access(folder, os.W_OK)), None)
LEASE = timedelta(seconds=3)
SITE = "site-eu"


class Killed(BaseException):
    """The end of a run's process: nothing of the code that it runs gets to handle it."""


class Reply(Enum):
    """What becomes of a request that schedules a job."""

    TAKEN = auto()
    #: The answer is lost on its way, to a request that was taken or to one that was not.
    TAKEN_UNANSWERED = auto()
    LOST = auto()
    #: The service says no, asks to come back later, or says when.
    REFUSED = auto()
    LATER = auto()
    LATER_AT = auto()
    #: The run dies: with its claim written and nothing sent, with its request taken, with its answer read.
    DIES_UNSENT = auto()
    DIES_UNANSWERED = auto()
    DIES_UNRECORDED = auto()
    #: From now on nothing that the ledger has can be changed, for as long as the run lasts.
    TAKEN_UNWRITABLE = auto()
    LOST_UNWRITABLE = auto()


TAKING = frozenset(
    {Reply.TAKEN, Reply.TAKEN_UNANSWERED, Reply.DIES_UNANSWERED, Reply.DIES_UNRECORDED, Reply.TAKEN_UNWRITABLE}
)
LOSING = frozenset({Reply.TAKEN_UNANSWERED, Reply.LOST, Reply.LOST_UNWRITABLE})


DYING = [Reply.DIES_UNSENT, Reply.DIES_UNANSWERED, Reply.DIES_UNRECORDED]


class Look(Enum):
    """What becomes of a question for a job's status."""

    ANSWERED = auto()
    LOST = auto()
    LATER = auto()
    DIES = auto()


class Fate(Enum):
    """What happens to the jobs of an update between two runs."""

    NONE = None
    IN_PROGRESS = IN_PROGRESS
    COMPLETE = COMPLETE
    ERROR = ERROR
    CANCELLED = "CANCELLED"
    #: The service no longer knows them, or does not know them yet.
    FORGOTTEN = "no longer known"
    NOT_YET_KNOWN = "not yet known"


class Moment(Enum):
    """When, in the course of a run, another run of the same update is made from its beginning to its end."""

    LOOKING = auto()
    BEFORE_THE_CLAIM = auto()
    BEFORE_THE_REQUEST = auto()
    BEFORE_THE_ANSWER = auto()
    PAUSING = auto()


class Claimant(Enum):
    """Who a run is, to others."""

    ALIVE = auto()
    #: Nothing can be known of it from here: its lease decides.
    ON_ANOTHER_MACHINE = auto()
    #: Gone for certain, once it was killed.
    GONE = auto()


MYSELF = claimants.myself()
CLAIMANTS = {
    Claimant.ALIVE: MYSELF,
    Claimant.ON_ANOTHER_MACHINE: "elsewhere 1 1",
    # No system counts its processes that far.
    Claimant.GONE: f"{MYSELF.split(' ')[0]} {2**31 - 1} 1",
}


@dataclass
class ServiceJob:
    """A job that the service took."""

    job_id: str
    status: str = PENDING
    forgotten: bool = False

    @property
    def live(self) -> bool:
        return self.status not in ENDED and not self.forgotten

    def meet(self, fate: Fate) -> None:
        if fate in (Fate.FORGOTTEN, Fate.NOT_YET_KNOWN):
            self.forgotten = True
        elif fate is not Fate.NONE and self.status not in ENDED:
            self.status = str(fate.value)


@dataclass
class Fact:
    """What really became of an attempt that was claimed and not clearly refused."""

    number: int
    update: Update
    #: Until when it has to be believed that somebody is just sending its request.
    held_until: datetime | None
    job: ServiceJob | None = None
    #: When its job id was written into the ledger, and the status that the ledger has of it.
    recorded_at: datetime | None = None
    status: str | None = None
    #: Somebody was warned that nobody knows what became of it.
    warned_of: bool = False

    @property
    def recorded(self) -> bool:
        return self.recorded_at is not None

    def is_lost(self, now: datetime) -> bool:
        """Nobody who asks the ledger and the service learns what became of it."""
        return not self.recorded_at or bool(
            self.job
            and self.job.forgotten
            and self.status not in ENDED
            and (now - self.recorded_at).total_seconds() >= NEW_FOR
        )


@dataclass
class Simulation:
    """One ledger, the service, and the truth."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    jobs: list[ServiceJob] = field(default_factory=list)
    #: By update and number of the attempt.
    facts: defaultdict[Update, dict[int, Fact]] = field(default_factory=lambda: defaultdict(dict))
    #: A run was made since the ledger was compared with the truth.
    touched: bool = False

    @property
    def path(self) -> Path:
        return self.folder / "state" / "ledger.sqlite3"

    def ledger(self, *, copy: bool) -> Any:
        return closing(open_ledger(str(self.path), self.clock, {}, copy=copy))

    def last_of(self, update: Update) -> Fact | None:
        facts = self.facts[update]
        return facts[max(facts)] if facts else None

    def held(self, fact: Fact | None) -> bool:
        return bool(fact and not fact.recorded and fact.held_until and self.clock.now() < fact.held_until)

    def content(self) -> list[str] | None:
        """All that is in the ledger's file, or None where there is none."""
        if not self.path.exists():
            return None
        with closing(sqlite3.connect(self.path)) as database:
            return list(database.iterdump())

    @contextmanager
    def unwritable(self) -> Iterator[None]:
        """What is in the ledger cannot be changed, as on a disk that is full."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                database.execute(
                    f"CREATE TRIGGER full_{table} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
                )
            yield
            for table in tables:
                database.execute(f"DROP TRIGGER full_{table}")


@dataclass
class Run:
    """One call of the reconciler, and all that it meets: the service, the clock, whoever listens.

    What must hold at a single moment of a run is asserted here, at that moment.
    """

    world: Simulation
    update: Update
    policy: Policy
    check: bool = False
    replies: list[Reply] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    claimant: Claimant = Claimant.ALIVE
    rival_at: Moment | None = None
    rival_reply: Reply = Reply.TAKEN

    job: Job | None = None
    failure: Failure | None = None
    killed: bool = False
    changed: bool = False
    warnings: list[str] = field(default_factory=list)
    requests: int = 0
    #: Requests that the service took or may have taken.
    sent: int = 0
    #: Jobs whose ids this run was told.
    told: list[ServiceJob] = field(default_factory=list)
    #: The service did nothing but what it was asked for.
    calm: bool = True
    #: The attempts of which this run could not learn the outcome, and the one that it claimed itself.
    _lost: set[int] = field(default_factory=set)
    _claimed: Fact | None = None
    _pauses: int = 0
    _lookups: int = 0
    _disk: ExitStack = field(default_factory=ExitStack)

    def go(self) -> Run:
        self.world.touched = True
        complete = self._is_known_to_be_complete()
        with (
            mock.patch.object(claimants, "myself", return_value=CLAIMANTS[self.claimant]),
            self._disk,
            self.world.ledger(copy=self.check) as ledger,
        ):
            tools = Toolbox(LedgerOfRun(ledger, self), self, self, LEASE, self.check)  # type: ignore[arg-type]
            tools.contact.keep_status(PENDING, "long ago")
            try:
                outcome = Reconciler(tools, self, self.policy, self.update, "eu -> us").ensure()  # type: ignore[arg-type]
            except Killed:
                self.killed = True
            else:
                self.job, self.failure, self.changed = outcome.job, outcome.failure, outcome.changed
        if not self.killed:
            self._judge(complete)
        return self

    def _is_known_to_be_complete(self) -> bool:
        last = self.world.last_of(self.update)
        return bool(last and last.recorded and last.status == COMPLETE)

    def _judge(self, complete: bool) -> None:
        """What must hold of every run that lived on."""
        if not self.check:
            assert self.changed == bool(self.sent), "changed says whether a job was, or may have been, scheduled"
        if complete and not self.policy.force:
            assert self.job
            assert (self.job.status, self.requests, self.changed, self.warnings) == (COMPLETE, 0, False, [])
        for job in self.told:
            reported = self.failure and (self.failure.job_id == job.job_id or job.job_id in self.failure.message)
            with self.world.ledger(copy=True) as ledger:
                assert reported or ledger.attempt_of(SITE, job.job_id), f"{job.job_id} got lost"
        if self.failure:
            self._judge_failure(self.failure)
        elif self.job and not self.check:
            fact = self.world.facts[self.update][self.job.attempt]
            assert fact.job
            assert fact.job.job_id == self.job.job_id
            assert self.job.attached == (not self.sent)
            assert self.job.status not in FAILURES
            assert self.job.status != COMPLETE or not self.policy.force
            assert not fact.is_lost(self.now())

    def _judge_failure(self, failure: Failure) -> None:
        assert failure.about == "eu -> us"
        if self.calm:
            assert not self.sent
            if failure.code == "job_error":
                assert self.job
                assert self.job.status != ERROR or not self.policy.resubmit_failed
                assert not self.policy.force
            else:
                assert failure.code in ("submission_unknown", "job_unknown")
                assert not self.policy.resubmit_unknown

    def _rival(self, moment: Moment) -> None:
        if self.rival_at is moment and not self.check:
            self.rival_at = None
            Run(self.world, self.update, self.policy, replies=[self.rival_reply]).go()

    # -- the ledger, as far as it is watched

    def looked_up(self) -> None:
        self._lookups += 1
        assert self._lookups < 100, "a run comes to an end"
        last = self.world.last_of(self.update)
        if last and not last.recorded:
            self._lost.add(last.number)

    def claimed(self, update: Update, number: int) -> None:
        facts = self.world.facts[update]
        assert number == max(facts, default=0) + 1, "attempts are counted"
        held_until = None if self.claimant is Claimant.GONE else self.world.clock.now() + LEASE
        self._claimed = facts[number] = Fact(number, update, held_until)

    def before_recording(self, job_id: str) -> None:
        if self._reply is Reply.DIES_UNRECORDED:
            raise Killed
        assert self._claimed
        assert self._claimed.job
        assert self._claimed.job.job_id == job_id

    def recorded(self) -> None:
        assert self._claimed
        self._claimed.recorded_at, self._claimed.status = self.now(), PENDING

    # -- the service

    def prepare(self) -> None:
        """There is nothing to connect to."""

    def schedule(self, update: Update, *, before_sending: Callable[[], None] = lambda: None) -> str:
        before_sending()
        self.requests += 1
        assert not self.check
        assert not self.sent, "a request that was, or may have been, taken is not repeated"
        fact = self._claimed
        assert fact, "nothing is sent without a claim"
        assert fact.update == update
        self._assert_may_send(fact)
        self._rival(Moment.BEFORE_THE_REQUEST)
        self._reply = reply = self.replies.pop(0) if self.replies else Reply.TAKEN
        self.calm = self.calm and reply is Reply.TAKEN
        if reply is Reply.DIES_UNSENT:
            raise Killed
        if reply in TAKING:
            fact.job = ServiceJob(f"job-{len(self.world.jobs) + 1}")
            self.world.jobs.append(fact.job)
        self._rival(Moment.BEFORE_THE_ANSWER)
        if reply is Reply.DIES_UNANSWERED:
            raise Killed
        if reply in (Reply.TAKEN_UNWRITABLE, Reply.LOST_UNWRITABLE):
            self._disk.enter_context(self.world.unwritable())
        if reply in TAKING | LOSING:
            self.sent += 1
        if reply in LOSING:
            if reply is not Reply.LOST_UNWRITABLE:
                fact.held_until = None
            raise OutcomeUnknown("the answer is lost")
        if fact.job:
            self.told.append(fact.job)
            return fact.job.job_id
        del self.world.facts[update][fact.number]
        if reply is Reply.REFUSED:
            raise LinkUpdateError("HTTP 403", code="forbidden")
        self._pauses += 1
        raise NotAccepted("HTTP 429", retry_after=7.0 if reply is Reply.LATER_AT else None)

    def _assert_may_send(self, mine: Fact) -> None:
        earlier = [fact for number, fact in self.world.facts[self.update].items() if number < mine.number]
        assert not any(self.world.held(fact) for fact in earlier), "somebody else is just sending it"
        last = earlier[-1] if earlier else None
        if last and last.is_lost(self.now()):
            assert self.policy.resubmit_unknown
            assert last.warned_of, "what is sent although it may be there already is warned of"
        elif last:
            may_send = self.policy.force or (last.status == ERROR and self.policy.resubmit_failed)
            assert last.status in ENDED, "what is known to be at the service is not sent again"
            assert may_send, "what has ended is not sent again unless it is to be"

    def admitted(self) -> AbstractContextManager[None]:
        return nullcontext()

    def status(self, site_id: str, job_id: str) -> JobStatus:
        self.requests += 1
        assert site_id == SITE
        self._rival(Moment.LOOKING)
        look = self.looks.pop(0) if self.looks else Look.ANSWERED
        self.calm = self.calm and look is Look.ANSWERED
        if look is Look.DIES:
            raise Killed
        if look is not Look.ANSWERED:
            self._pauses += 1
            raise OutcomeUnknown("the answer is lost") if look is Look.LOST else NotAccepted("HTTP 429")
        job = next(job for job in self.world.jobs if job.job_id == job_id)
        fact = next(fact for fact in self.world.facts[self.update].values() if fact.job is job)
        if job.forgotten:
            if fact.is_lost(self.now()):
                self._lost.add(fact.number)
            raise JobUnknown("the service does not know it", job_id=job_id)
        if not self.check:
            fact.status = job.status
        return JobStatus(job.status)

    # -- the clock

    def now(self) -> datetime:
        return self.world.clock.now()

    def monotonic(self) -> float:
        return self.world.clock.monotonic()

    def uninterrupted(self, stop: Callable[[], bool] = lambda: True) -> AbstractContextManager[None]:
        return nullcontext()

    def sleep(self, seconds: float) -> None:
        if self._pauses:
            self._pauses -= 1
        else:
            assert not self.check, "check mode waits for nobody"
            assert self.world.held(self.world.last_of(self.update)), "there is nothing to wait for"
        self._rival(Moment.PAUSING)
        self.world.clock.sleep(seconds)

    # -- whoever listens

    def line(self, text: str, level: Level = Level.INFO) -> None:
        assert text

    def warn(self, text: str) -> None:
        self.warnings.append(text)
        (number,) = re.findall(r"attempt (\d+)", text)
        assert int(number) in self._lost, "there is nothing to warn of"
        assert self._claimed or self.check, "who does not send it does not warn"
        fact = self.world.facts[self.update].get(int(number))
        if fact and not self.check:
            fact.warned_of = True


class LedgerOfRun:
    """A real ledger; a run that is to die, or to be overtaken, does so on the way to it."""

    def __init__(self, ledger: Any, run: Run) -> None:
        self._ledger = ledger
        self._run = run

    def latest(self, update: Update) -> Attempt | None:
        self._run.looked_up()
        return self._ledger.latest(update)  # type: ignore[no-any-return]

    def claim(self, update: Update, attempt: int, lease: timedelta) -> Any:
        self._run._rival(Moment.BEFORE_THE_CLAIM)
        claim = self._ledger.claim(update, attempt, lease)
        if claim:
            self._run.claimed(update, attempt)
        return claim

    def record_job(self, claim: Any, job_id: str, status: str) -> None:
        self._run.before_recording(job_id)
        self._ledger.record_job(claim, job_id, status)
        self._run.recorded()

    def withdraw(self, claim: Any) -> None:
        self._ledger.withdraw(claim)

    def abandon(self, claim: Any) -> None:
        self._ledger.abandon(claim)

    def record_status(self, site_id: str, job_id: str, status: str) -> None:
        self._ledger.record_status(site_id, job_id, status)


UPDATES = [
    make_update(
        product="jira",
        product_url="https://eu.example.net",
        destination_url=f"https://{destination}.example.net",
        migrated_from="https://jira.example.com",
        site_id=SITE,
    )
    for destination in ("us", "ap")
]
#: What a run is made for, what had happened by then to the jobs there are, and what the run may do.
updates = st.builds(
    lambda update, backup: replace(update, create_backup=backup), st.sampled_from(UPDATES), st.booleans()
)
fates = st.sampled_from([*Fate])
policies = st.builds(Policy, force=st.booleans(), resubmit_failed=st.booleans(), resubmit_unknown=st.booleans())


class AnyHistory(RuleBasedStateMachine):
    """Everything that can happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Simulation(Path(tempfile.mkdtemp(dir=MEMORY)))
        self.wave = "1"

    def teardown(self) -> None:
        shutil.rmtree(self.world.folder)

    def _run(self, update: Update, fate: Fate, policy: Policy, **circumstances: Any) -> Run:
        update = replace(update, wave=self.wave)
        for fact in self.world.facts[update].values():
            if fact.job:
                fact.job.meet(fate)
        if fate is Fate.FORGOTTEN:
            # What it does not know while it is new, the service may still come to know.
            self.world.clock.sleep(NEW_FOR)
        return Run(self.world, update, policy, **circumstances)

    @rule(
        update=updates, fate=fates, policy=policies, replies=st.tuples(st.sampled_from(Reply), st.sampled_from(Reply))
    )
    def a_run(self, update: Update, fate: Fate, policy: Policy, replies: tuple[Reply, Reply]) -> None:
        self._run(update, fate, policy, replies=[*replies]).go()

    @rule(update=updates, fate=fates, reply=st.sampled_from(DYING), claimant=st.sampled_from(Claimant))
    def a_run_that_dies(self, update: Update, fate: Fate, reply: Reply, claimant: Claimant) -> None:
        self._run(update, fate, Policy(), replies=[reply], claimant=claimant).go()

    @rule(update=updates, policy=policies, looks=st.tuples(st.sampled_from(Look), st.sampled_from(Look)))
    def a_run_that_finds_the_service_busy(self, update: Update, policy: Policy, looks: tuple[Look, Look]) -> None:
        self._run(update, Fate.NONE, policy, looks=[*looks]).go()

    @rule(
        update=updates,
        fate=fates,
        policy=policies,
        replies=st.tuples(st.sampled_from([Reply.TAKEN, *Reply]), st.sampled_from([Reply.TAKEN, *DYING])),
        when=st.sampled_from(Moment),
    )
    def two_runs_at_once(
        self, update: Update, fate: Fate, policy: Policy, replies: tuple[Reply, Reply], when: Moment
    ) -> None:
        mine = [Reply.LATER, replies[0]] if when is Moment.PAUSING else [replies[0]]
        self._run(update, fate, policy, replies=mine, rival_at=when, rival_reply=replies[1]).go()

    @rule(update=updates, fate=fates, policy=policies, look=st.sampled_from(Look))
    def a_run_in_check_mode(self, update: Update, fate: Fate, policy: Policy, look: Look) -> None:
        before = self.world.content()
        self._run(update, fate, policy, check=True, looks=[look]).go()
        assert self.world.content() == before

    @rule(update=updates, fate=fates, policy=policies)
    def a_run_that_check_mode_foretells(self, update: Update, fate: Fate, policy: Policy) -> None:
        foretold = self._run(update, fate, policy, check=True)
        held = self.world.held(self.world.last_of(foretold.update))
        foretold.go()
        if held:
            # Only the outcome of the run that is just sending the request tells.
            assert not foretold.changed
            assert not foretold.failure
            return
        run = self._run(update, Fate.NONE, policy).go()
        assert foretold.changed == run.changed
        assert bool(foretold.warnings) == bool(run.warnings)
        assert (foretold.failure and foretold.failure.code) == (run.failure and run.failure.code)
        assert (foretold.job and foretold.job.attempt) == (run.job and run.job.attempt)

    @rule(seconds=st.sampled_from([1.0, LEASE.total_seconds(), 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.sleep(seconds)

    @rule()
    def the_other_wave(self) -> None:
        self.wave = "2" if self.wave == "1" else "1"

    @invariant()
    def no_update_has_two_live_jobs_unless_somebody_was_warned(self) -> None:
        for facts in self.world.facts.values():
            live = [fact for fact in facts.values() if fact.job and fact.job.live and not fact.warned_of]
            assert len(live) <= 1

    @precondition(lambda self: self.world.touched)
    @invariant()
    def the_ledger_says_what_happened(self) -> None:
        with self.world.ledger(copy=True) as ledger:
            for update, facts in self.world.facts.items():
                latest, last = ledger.latest(update), self.world.last_of(update)
                assert (latest and latest.number) == (last and last.number)
                if latest and last and not last.recorded:
                    assert latest.job_id is None
                for fact in facts.values():
                    if fact.recorded and fact.job:
                        self._assert_is_in(fact, ledger.attempt_of(SITE, fact.job.job_id))
        self.world.touched = False

    def _assert_is_in(self, fact: Fact, attempt: Attempt | None) -> None:
        assert attempt, "what was recorded stays"
        assert fact.job
        assert (
            attempt.number,
            attempt.job_id,
            attempt.status,
            attempt.update.create_backup,
            bool(attempt.completed_at),
        ) == (
            fact.number,
            fact.job.job_id,
            fact.status,
            bool(fact.update.create_backup),
            fact.status in ENDED,
        )


TestAnyHistory = pytest.mark.slow(AnyHistory.TestCase)
TestAnyHistory.settings = settings(
    max_examples=100,
    stateful_step_count=20,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_every_unknown_outcome_is_warned_of_also_one_that_arises_during_the_call(tmp_path: Path) -> None:
    world = Simulation(tmp_path)
    Run(world, UPDATES[0], Policy(), replies=[Reply.DIES_UNANSWERED], claimant=Claimant.GONE).go()
    run = Run(world, UPDATES[0], Policy(), rival_at=Moment.BEFORE_THE_CLAIM, rival_reply=Reply.DIES_UNANSWERED).go()
    assert run.job
    assert run.job.attempt == 3
    assert "attempt 2" in run.warnings[-1]
