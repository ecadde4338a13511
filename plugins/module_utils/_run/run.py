# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run: the updates of all its instances, scheduled and waited for together.

All of it happens in one process, because what it has to decide and to tell is about all of them: the backup of one
instance may be done hours before that of another, and a summary of a third of the jobs is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from .._clock import Clock
from .._errors import (
    JobUnknown,
    LinkUpdateError,
)
from .._ledger.ledger import Ledger
from .._model.desired import InstanceSpec
from .._model.update import Update
from .._progress import (
    Level,
    Ration,
    Reporter,
    duration,
    tally,
)
from .._service.links_api import NEW_FOR, LinksApi
from .._service.retry import retry
from .._status import ENDED
from .._text import names
from .backup import Backup, BackupState, backup_of
from .poll_schedule import PollPolicy, WatchedJob
from .reconcile import CLAIM_POLL, Job, Reconciler, announce
from .state import InstanceState, State, UpdateState
from .wait import wait_for

#: What has become of a job whose backup never was seen to be done.
_NOT_DONE = "ended in ERROR, or was lost, before it was done"

#: The same of one that the service no longer knows.
_LOST = "was lost: the service no longer knows its job"


class Run:
    """Sees to the updates of a number of instances.

    :param open_api: gives the links API for an order, with the order's own credentials.
    :param look_up: gives the cloud ID of an order's site.
    :param lease: what one request can last at most, all timeouts included.
    :param check: find out only. The ledger given should be a copy, and no job is scheduled.
    """

    def __init__(
        self,
        orders: Sequence[InstanceSpec],
        *,
        open_api: Callable[[InstanceSpec], LinksApi],
        look_up: Callable[[InstanceSpec], str],
        ledger: Ledger,
        clock: Clock,
        reporter: Reporter,
        lease: timedelta,
        check: bool = False,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._reporter = reporter
        self._lease = lease
        self._check = check
        self._ration = Ration(clock)
        #: What is waited for, and whose job it is; without an entry, it is one whose backup is waited for.
        self._watched: dict[int, tuple[WatchedJob, InstanceState, UpdateState | None]] = {}
        self._apis = {order.name: open_api(order) for order in orders}
        self.instances = [self._opened(order, look_up) for order in orders]

    @property
    def entries(self) -> list[UpdateState]:
        return [entry for instance in self.instances for entry in instance.entries]

    def attach(self) -> None:
        """Take up the jobs there are. Nothing is scheduled."""
        for entry, instance in self._unsettled():
            self._try(instance, entry, Reconciler.attach)

    def schedule(self) -> None:
        """Schedule what has no job, of each instance as much as its backup allows."""
        for instance in self.instances:
            self._schedule(instance)

    def wait(self, patience: PollPolicy, *, schedule: bool) -> None:
        """Wait for the jobs there are. Also where it is stopped by a Ctrl-C, each update has what was learnt of it.

        :param schedule: schedule what is held back, as soon as its instance's backup is done.
        """
        try:
            wait_for(
                [watched for instance in self.instances for watched in self._to_watch(instance, instance.entries)],
                look=self._look,
                delay=lambda job: self._api_of(self._watched[id(job)][1]).delay(),
                patience=patience,
                clock=self._clock,
                reporter=self._reporter,
                joining=self._joining if schedule else lambda job: (),
                summary=self._tally,
                width=max((len(entry.desired.label) for entry in self.entries), default=0),
                ration=self._ration,
            )
            if any(not watched.over for watched, _instance, _entry in self._watched.values()):
                text = (
                    f"time is up after {duration(patience.timeout)}; the jobs that have not ended go on at the service"
                )
                self._reporter.line(text, Level.WARNING)
        finally:
            self._take_over()
            for watched, instance, _entry in self._watched.values():
                backup = instance.backup
                if isinstance(watched.failure, JobUnknown) and backup and backup.job_id == watched.job_id:
                    self._hold(instance, instance.held(), watched.label, _LOST)

    def sum_up(self) -> None:
        """Say how all the jobs stand, once, when the run has done what it was to do."""
        self._reporter.line(self._tally() + self._ration.rest())

    def _tally(self) -> str:
        self._take_over()
        return tally(entry.spoken_status for entry in self.entries)

    def _take_over(self) -> None:
        """Have with each update what was learnt of its job."""
        for watched, _instance, entry in self._watched.values():
            if entry:
                entry.failure, entry.trouble = watched.failure, watched.trouble

    # -- one update

    def _api_of(self, instance: InstanceState) -> LinksApi:
        return self._apis[instance.name]

    def _unsettled(self) -> Iterator[tuple[UpdateState, InstanceState]]:
        for instance in self.instances:
            for entry in instance.entries:
                if not entry.settled:
                    yield entry, instance

    def _try(
        self,
        instance: InstanceState,
        entry: UpdateState,
        how: Callable[[Reconciler, Update, str], Job | None],
        *,
        backup: bool = False,
    ) -> None:
        """Attach or ensure one update; what fails is a matter of this update alone."""
        # Between two requests, a clock may end what nobody is left to wait for.
        self._clock.sleep(0)
        reconciler = Reconciler(
            ledger=self._ledger,
            api=self._api_of(instance),
            clock=self._clock,
            reporter=self._reporter,
            policy=instance.order.policy,
            lease=self._lease,
            check=self._check,
        )
        update = replace(entry.desired.update, create_backup=True) if backup else entry.desired.update
        label = entry.desired.label
        try:
            entry.job = how(reconciler, update, label)
            entry.settled = entry.job is not None
            if not entry.settled:
                entry.replaced = reconciler.job
        except LinkUpdateError as exc:
            entry.failure = exc if label in exc.message else exc.prefixed(f"{label}: ")
            entry.job, entry.settled = reconciler.job, True
        except (KeyboardInterrupt, SystemExit):
            # Somebody stops the run. What may have been scheduled must not be told as what was not.
            if reconciler.changed:
                entry.failure = _stopped(label, reconciler.job)
                entry.job, entry.settled, entry.changed, entry.held = reconciler.job, True, True, None
            raise
        entry.changed = reconciler.changed
        if entry.settled:
            entry.held = None
            entry.heard = self._clock.now()
            if entry.failure:
                self._say_failure(label, entry.failure)
            elif not self._check:
                announce(entry.job, label, entry.changed, self._clock, self._reporter)

    def _say_failure(self, name: str, failure: LinkUpdateError) -> None:
        """Say at once what failed, and of what: the verdict may come hours later."""
        if not self._check:
            self._reporter.line(f"{name}  {failure.message.removeprefix(f'{name}: ')}", Level.FAILURE)

    # -- one instance, and its backup

    def _opened(self, order: InstanceSpec, look_up: Callable[[InstanceSpec], str]) -> InstanceState:
        """An instance whose site is known; where that cannot be found out, its updates say why."""
        try:
            order = order if order.site_id else order.at(look_up(order))
        except LinkUpdateError as exc:
            failure = exc.prefixed(f"{order.name}: nothing was scheduled, ")
            self._say_failure(order.name, failure)
            entries = [UpdateState(order.name, desired, failure=failure, settled=True) for desired in order.desired]
            return InstanceState(order, entries)
        return InstanceState(order, [UpdateState(order.name, desired) for desired in order.desired])

    def _schedule(self, instance: InstanceState) -> None:
        missing = [entry for entry in instance.entries if not entry.settled]
        with self._confined(instance, missing):
            if instance.order.backup == "first" and missing:
                missing = self._behind_the_backup(instance, missing)
            for entry in missing:
                self._try(instance, entry, Reconciler.ensure)

    @contextmanager
    def _confined(self, instance: InstanceState, entries: list[UpdateState]) -> Iterator[None]:
        """What fails before it is about one update is a matter of these alone."""
        try:
            yield
        except LinkUpdateError as exc:
            rest = [entry for entry in entries if not entry.settled]
            pairs = names([entry.desired.label for entry in rest])
            failure = exc.prefixed(f"{instance.name}: {len(rest)} not scheduled ({pairs}), ")
            for entry in rest:
                entry.failure, entry.settled, entry.held = failure, True, None
            if rest:
                self._say_failure(instance.name, failure)

    def _behind_the_backup(self, instance: InstanceState, missing: list[UpdateState]) -> list[UpdateState]:
        """InstanceSpec a backup where there is none. What may be scheduled now; the rest is held back."""
        backup = instance.backup = self._backup(instance)
        lost = next((entry for entry in missing if entry.desired.update.identity() == backup.identity), None)
        if backup.state is BackupState.DONE:
            return missing
        if backup.state is BackupState.UNDER_WAY and not lost:
            return missing if self._check else self._await_backup(instance, missing)
        stays = next((each for each in instance.entries if each.settled and _identity(each) == backup.identity), None)
        if stays:
            return self._hold(instance, missing, stays.desired.label, _NOT_DONE)
        bearer = lost or missing[0]
        self._try(instance, bearer, Reconciler.ensure, backup=True)
        rest = [entry for entry in missing if entry is not bearer]
        if self._check:
            return rest
        if bearer.failure:
            return self._hold(instance, rest, bearer.desired.label, "could not be scheduled")
        instance.backup = self._backup(instance)
        return rest if instance.backup.state is BackupState.DONE else self._await_backup(instance, rest)

    def _backup(self, instance: InstanceState) -> Backup:
        """Where the backup stands: what the ledger says, and the service of a job that is none of this run's."""
        update = instance.order.desired[0].update
        backup = backup_of(update, self._ledger)
        while backup.in_flight and not self._check:
            self._clock.sleep(CLAIM_POLL)
            backup = backup_of(update, self._ledger)
        is_ours = any(_identity(entry) == backup.identity for entry in instance.entries)
        if backup.state is not BackupState.UNDER_WAY or backup.job_id is None or is_ours:
            return backup
        site_id, job_id, api = str(update.site_id), backup.job_id, self._api_of(instance)
        try:
            status = retry(
                lambda: api.status(site_id, job_id),
                clock=self._clock,
                say=lambda text: self._reporter.line(f"{instance.name}  {text}"),
                delay=api.delay,
            )
        except JobUnknown:
            known = self._ledger.attempt_of(site_id, job_id)
            age = (self._clock.now() - known.submitted_at).total_seconds() if known and known.submitted_at else 0.0
            return backup if age < NEW_FOR else replace(backup, state=BackupState.FAILED)
        except LinkUpdateError:
            # The wait for it, or a rerun, will tell.
            return backup
        self._ledger.record_status(site_id, job_id, status)
        return backup_of(update, self._ledger)

    def _await_backup(self, instance: InstanceState, rest: list[UpdateState]) -> list[UpdateState]:
        """Hold updates back until the backup is done, and say so. None of them may be scheduled now."""
        if rest and instance.backup:
            bearer = self._bearer(instance, instance.backup)
            for entry in rest:
                entry.held = f"waits for the backup, which {bearer} has ordered"
            self._reporter.line(
                f"{instance.name}  {_many(rest)} will be scheduled when the backup is done that {bearer} has ordered; "
                "that can take hours",
                Level.WARNING,
            )
        return []

    def _hold(self, instance: InstanceState, rest: list[UpdateState], bearer: str, why: str) -> list[UpdateState]:
        """Hold updates back for good, and say so. None of them may be scheduled by this run."""
        for entry in rest:
            entry.held, entry.stuck = f"the backup was not made: {bearer} {why}", True
        if rest:
            text = f"{_many(rest)} not scheduled: the backup was not made: {bearer} {why}"
            self._reporter.line(f"{instance.name}  {text}", Level.FAILURE)
        return []

    def _bearer(self, instance: InstanceState, backup: Backup) -> str:
        """What messages call the update whose job ordered the backup; a narrowed run may not have it."""
        for entry in instance.entries:
            if _identity(entry) == backup.identity:
                return entry.desired.label
        return f"{instance.name} -> {backup.destination_url}" if backup.destination_url else "its first job"

    # -- waiting

    def _to_watch(self, instance: InstanceState, entries: Sequence[UpdateState]) -> list[WatchedJob]:
        watched = []
        now = self._clock.now()
        for entry in entries:
            job = entry.job
            if entry.state is State.OPEN and job and job.job_id:
                each = WatchedJob(
                    str(job.update.site_id), job.job_id, entry.desired.label, age=job.age(now), status=job.status
                )
                self._watched[id(each)] = (each, instance, entry)
                watched.append(each)
        backup = instance.backup
        known = {each.job_id for each, _instance, _entry in self._watched.values()}
        if backup and backup.state is BackupState.UNDER_WAY and backup.job_id not in known and instance.held():
            each = WatchedJob(str(instance.order.site_id), str(backup.job_id), self._bearer(instance, backup))
            ordered = self._ledger.attempt_of(each.site_id, each.job_id)
            if ordered and ordered.submitted_at:
                each.age, each.status = (now - ordered.submitted_at).total_seconds(), ordered.status
            self._watched[id(each)] = (each, instance, None)
            watched.append(each)
        return watched

    def _look(self, job: WatchedJob) -> str:
        _watched, instance, entry = self._watched[id(job)]
        status = self._api_of(instance).status(job.site_id, job.job_id)
        if status != job.status:
            self._ledger.record_status(job.site_id, job.job_id, status)
        if entry and entry.job:
            ended = self._clock.now() if status in ENDED else None
            entry.job, entry.heard = replace(entry.job, status=status, completed_at=ended), self._clock.now()
        return status

    def _joining(self, job: WatchedJob) -> list[WatchedJob]:
        """What is scheduled now that a job has got another status: what waited for the backup that it ordered."""
        instance = self._watched[id(job)][1]
        held = instance.held()
        if not held or not instance.backup or job.job_id != instance.backup.job_id:
            return []
        with self._confined(instance, held):
            instance.backup = self._backup(instance)
            if instance.backup.state is BackupState.DONE:
                self._reporter.line(
                    f"{instance.name}  the backup is done, {_many(held)} to be scheduled", Level.SUCCESS
                )
                for each in held:
                    self._try(instance, each, Reconciler.ensure)
            elif instance.backup.state is BackupState.FAILED:
                self._hold(instance, held, self._bearer(instance, instance.backup), _NOT_DONE)
        return self._to_watch(instance, held)


def _stopped(label: str, job: Job | None) -> LinkUpdateError:
    """What is said of an update whose request was sent when somebody stopped the run."""
    return LinkUpdateError(
        f"{label}: the run was stopped before the answer to the request was recorded, so whether there is a job is "
        "unknown. A rerun decides as unknown_submission says",
        code="submission_unknown",
        job_id=job.job_id if job and not job.attached else None,
    )


def _many(rest: list[UpdateState]) -> str:
    return f"{len(rest)} more job{'' if len(rest) == 1 else 's'}"


def _identity(entry: UpdateState) -> str | None:
    update = entry.desired.update
    return update.identity() if update.site_id else None
