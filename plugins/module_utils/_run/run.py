# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run: the updates of all its instances, scheduled and waited for together.

All of it happens in one process, because what it has to decide and to tell is about all of them: the backup of one
instance may be done hours before that of another, and a summary of a third of the jobs is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

from .._errors import Code, LedgerError
from .._model.desired import InstanceSpec
from .._model.policy import PollPolicy
from .._progress import Level, Ration, duration, tally
from .._service.links_api import LinksApi
from .._status import FAILURES, PENDING, JobStatus
from .._text import columns_of
from .backup import BackupState
from .estimate import Estimate, estimate_from
from .instance import InstanceRun
from .job import Job, job_of
from .overdue import overdue_jobs, overdue_text
from .poll_schedule import WatchedJob
from .state import InstanceState, State, UpdateState
from .times import Seen
from .toolbox import Toolbox
from .wait import wait_for


class Run:
    """Sees to the updates of a number of instances.

    :param open_api: gives the links API for an instance, with the instance's own credentials.
    :param look_up: gives the cloud ID of an instance's site.
    """

    def __init__(
        self,
        specs: Sequence[InstanceSpec],
        tools: Toolbox,
        *,
        open_api: Callable[[InstanceSpec], LinksApi],
        look_up: Callable[[InstanceSpec], str],
    ) -> None:
        self._tools = tools
        self._ration = Ration(tools.clock)
        tools.width = max((columns_of(each.label) for spec in specs for each in spec.desired), default=0)
        apis = [(spec, open_api(spec)) for spec in specs]
        self._instances = tools.threads.for_each(
            apis, lambda each: InstanceRun(each[0], each[1], tools, lambda: look_up(each[0]))
        )

    @property
    def instances(self) -> list[InstanceState]:
        return [each.state for each in self._instances]

    @property
    def updates(self) -> list[UpdateState]:
        return [update for instance in self.instances for update in instance.updates]

    def estimate(self) -> Estimate:
        """How long jobs took that the ledger knows."""
        # Without the ledger, less is said.
        with suppress(LedgerError):
            return estimate_from(self._tools.ledger, self._tools.clock.now())
        return Estimate()

    def attach(self) -> None:
        """Take up the jobs there are. Nothing is scheduled."""
        self._tools.threads.for_each(self._instances, InstanceRun.attach)

    def schedule(self) -> None:
        """Schedule what has no job, of each instance as much as its backup allows, the nearest deadline first."""
        try:
            self._tools.threads.for_each(_by_deadline(self._instances), InstanceRun.schedule)
        except BaseException:
            self._stop()
            raise

    def leave(self) -> None:
        """Schedule nothing: what the last jobs have come to is what there is to say."""
        for instance in self._instances:
            instance.leave()

    def wait(self, polling: PollPolicy, *, schedule: bool) -> None:
        """Wait for the jobs there are. Also where it is stopped by a Ctrl-C, each update has what was learnt of it.

        :param schedule: L(schedule) as well, and what is on hold as soon as its instance's backup is done. While one
            instance's jobs are scheduled, those of others are polled.
        """
        watch = _Watch(self._instances, self._tools, may_schedule=schedule)
        try:
            wait_for(watch.jobs, watch, polling, self._tools, ration=self._ration)
        except BaseException:
            self._stop()
            raise
        finally:
            watch.close()
        if not all(job.over for job in watch.jobs):
            self._say_timeout(polling)

    def _stop(self) -> None:
        for instance in self._instances:
            instance.stop()

    def _say_timeout(self, polling: PollPolicy) -> None:
        """Say that jobs have not ended, and which of them should have started long before."""
        text = (
            f"Waiting stopped after {duration(polling.timeout)}. Atlassian continues the jobs: run the same command "
            "again to wait for them"
        )
        jobs = {each.label: each.job for each in self.updates if each.job and not (each.failure or each.trouble)}
        # Without the ledger, less is said.
        with suppress(LedgerError):
            overdue = overdue_jobs(jobs, self._tools.ledger, self._tools.clock.now())
            for each in self.updates:
                each.overdue = overdue.get(each.label)
            text += f". {overdue_text(list(overdue.values()))}" if overdue else ""
        self._tools.reporter.line(text, Level.WARNING)

    def sum_up(self) -> None:
        """Say how all the jobs stand if not all of it was shown. The verdict comes next."""
        if note := self._ration.note():
            self._tools.reporter.line(_tally(self.updates) + note)


class _Watch:
    """The jobs that a run waits for, and whose they are."""

    def __init__(self, instances: Sequence[InstanceRun], tools: Toolbox, *, may_schedule: bool) -> None:
        self._instances = instances
        self._tools = tools
        self._may_schedule = may_schedule
        #: For each job its instance and its update; None where only the instance's backup is waited for.
        self._owners: dict[WatchedJob, tuple[InstanceRun, UpdateState | None]] = {}
        #: The ids of these jobs.
        self._known: set[str] = set()
        for instance in instances:
            self._add(instance, instance.state.updates)

    @property
    def jobs(self) -> list[WatchedJob]:
        return list(self._owners)

    def poll(self, job: WatchedJob) -> JobStatus:
        instance, update = self._owners[job]
        status = instance.api.status(job.site_id, job.job_id)
        if status.word != job.status:
            self._tools.ledger.record_status(job.site_id, job.job_id, status.word)
        if update and update.job:
            now = self._tools.clock.now()
            update.job, update.last_known = update.job.with_status(status, now), now
            if status.word in FAILURES:
                self._tools.on_job_error(update)
        return status

    def follow(self, job: WatchedJob) -> Callable[[], None] | None:
        """What can be scheduled now that a job has got another status: what waits for the backup that it ordered."""
        instance = self._owners[job][0]
        backup = instance.state.backup
        if not self._may_schedule or not backup or job.job_id != backup.job_id or not instance.state.held():
            return None
        return instance.go_on_after_backup

    def starting(self) -> Iterator[tuple[str, Callable[[], None]]]:
        if self._may_schedule:
            for instance in _by_deadline(self._instances):
                yield str(instance.state.spec.site_id), instance.schedule

    def joining(self, site_id: str) -> list[WatchedJob]:
        there = [each for each in self._instances if str(each.state.spec.site_id) == site_id]
        return [job for instance in there for job in self._add(instance, instance.state.updates)]

    def on_hold(self) -> dict[str, int]:
        held = ((str(each.state.spec.site_id), len(each.state.held())) for each in self._instances)
        return {site_id: count for site_id, count in held if count}

    def last_line(self, job: WatchedJob) -> tuple[str, Level] | None:
        instance, update = self._owners[job]
        updates = instance.state.updates
        self._take_over([job])
        if update is None or len(updates) < 2 or any(each.state in (State.OPEN, State.HELD) for each in updates):
            return None
        level = Level.SUCCESS if all(each.state is State.COMPLETE for each in updates) else Level.INFO
        return self._tools.line_of(instance.state.name, _tally(updates)), level

    def summary(self) -> str:
        self._take_over(self._owners)
        return _tally([update for instance in self._instances for update in instance.state.updates])

    def close(self) -> None:
        """Have with each update what was learnt of its job, and give up what waits for a backup whose job is lost."""
        self._take_over(self._owners)
        for job, (instance, _update) in self._owners.items():
            backup = instance.state.backup
            is_lost = job.failure is not None and job.failure.code is Code.JOB_UNKNOWN
            if is_lost and backup and backup.job_id == job.job_id:
                instance.gate.lose(job.label)

    def _take_over(self, jobs: Iterable[WatchedJob]) -> None:
        for job in jobs:
            if update := self._owners[job][1]:
                update.failure = job.failure and replace(job.failure, about=job.label)
                update.trouble = job.trouble

    def _add(self, instance: InstanceRun, updates: Sequence[UpdateState]) -> list[WatchedJob]:
        """Watch the jobs of these updates, and the one that ordered the backup that others wait for."""
        now = self._tools.clock.now()
        added: dict[WatchedJob, tuple[InstanceRun, UpdateState | None]] = {}
        for update in updates:
            job = update.job
            if update.state is State.OPEN and job and job.job_id and job.job_id not in self._known:
                site_id = str(job.update.site_id)
                watched = WatchedJob(site_id, job.job_id, update.label, age=job.age(now), status=job.status)
                watched.history = self._history_of(job)
                if job.attached and update.last_known:
                    watched.asked = (now - update.last_known).total_seconds()
                added[watched] = instance, update
        backup = instance.state.backup
        is_known = backup and (backup.job_id in self._known or any(job.job_id == backup.job_id for job in added))
        if backup and backup.state is BackupState.UNDER_WAY and not is_known and instance.state.held():
            watched = WatchedJob(str(instance.state.spec.site_id), str(backup.job_id), instance.gate.bearer(backup))
            ordered = self._tools.ledger.attempt_of(watched.site_id, watched.job_id)
            if ordered and ordered.submitted_at:
                watched.age, watched.status = (now - ordered.submitted_at).total_seconds(), ordered.status
                watched.history = self._history_of(job_of(ordered.update, ordered))
            added[watched] = instance, None
        self._owners |= added
        self._known.update(job.job_id for job in added)
        return list(added)

    def _history_of(self, job: Job) -> list[Seen]:
        """The statuses that a job was seen in, also by earlier runs."""
        if not job.submitted_at:
            return []
        earlier = self._recorded.get((str(job.update.site_id), str(job.job_id)), []) if job.attached else []
        return [(PENDING, job.submitted_at), *earlier]

    @cached_property
    def _recorded(self) -> Mapping[tuple[str, str], list[Seen]]:
        # Without the ledger, times are less exact.
        with suppress(LedgerError):
            return self._tools.ledger.histories()
        return {}


def _by_deadline(instances: Sequence[InstanceRun]) -> list[InstanceRun]:
    return sorted(instances, key=lambda each: each.state.deadline)


def _tally(updates: Sequence[UpdateState]) -> str:
    return tally(update.spoken_status for update in updates)
