# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of what a run gives back, and of its report. The modules and docs/docsite/rst/report.rst document them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from .._errors import FailureResult
from .._proof.summary import CheckResult, Numbers
from .._run.job import JobResult
from .._run.state import State

#: An RFC 3339 time in UTC.
Time = Annotated[str, "date-time"]
#: The value of a L(State).
StateName = Annotated[str, State]


class Destination(TypedDict):
    """A site that application links lead to."""

    name: str
    url: str


class AppLinks(TypedDict):
    """The application links that the site of one product needs."""

    product: str
    product_url: str
    destinations: list[Destination]


class Plan(TypedDict):
    """What would be done."""

    actions: dict[str, str]
    counts: dict[str, int]
    scheduled: int
    recreating: list[str]
    app_links: list[str]
    #: By label, as far as links were counted.
    links: dict[str, int]
    text: list[str]


class Verdict(TypedDict):
    """What is done and what is not, for a number of instances."""

    ok: bool
    message: str
    counts: dict[StateName, int]
    pairs: dict[StateName, list[str]]
    left_out: list[str]


class Diff(TypedDict):
    """A job that would be there and is not, in the form of Ansible's diff mode."""

    before_header: str
    after_header: str
    before: dict[str, Any]
    after: dict[str, Any]


class UpdateResult(TypedDict):
    """One update, and what has become of it."""

    instance: str
    destination: str
    label: str
    state: str
    changed: bool
    held: str | None
    overdue: str | None
    wanted: dict[str, Any]
    job: JobResult | None
    failure: FailureResult | None


class InstanceResult(TypedDict):
    """One instance, and what has become of its updates, or would."""

    ok: bool
    message: str
    changed: bool
    site_id: str | None
    reasons: list[str]
    details: list[str]
    #: Of a plan.
    diff: NotRequired[list[Diff]]
    #: Of a verdict.
    counts: NotRequired[dict[StateName, int]]
    pairs: NotRequired[dict[StateName, list[str]]]
    left_out: NotRequired[list[str]]


class ProblemResult(TypedDict):
    """Something that keeps a run from being made."""

    instance: str
    problem: str
    remedy: str


class RunResult(TypedDict, total=False):
    """What C(link_update_run) gives back, as far as the rest of the collection reads it."""

    changed: bool
    failed: bool
    msg: str
    failure: FailureResult
    problems: list[ProblemResult]
    plan: Plan
    updates: list[UpdateResult]
    instances: dict[str, InstanceResult]
    verdict: Verdict
    stats: dict[str, bool | int]
    files: dict[str, str]
    diff: list[Diff]


class SeenStatus(TypedDict):
    """A status that a job was seen in, and from when on."""

    status: str
    since: Time


class ReportedUpdate(TypedDict):
    """One update, as the report shows it."""

    instance: str
    destination: str
    #: Empty where the destination has no other origin.
    origin: str
    label: str
    in_run: bool
    state: StateName
    status: str | None
    attempt: int | None
    job_id: str | None
    site_id: str | None
    product_url: str
    destination_url: str
    migrated_from: str
    migrated_from_override: str | None
    recreate_as_remote: bool
    create_backup: bool
    submitted_at: Time | None
    completed_at: Time | None
    elapsed: float | None
    #: The parts of C(elapsed).
    waiting: float | None
    backup: float | None
    running: float | None
    held: str | None
    overdue: str | None
    failure: FailureResult | None
    #: How many links the census has counted; None where there is none.
    links: int | None
    history: list[SeenStatus]


class ReportedInstance(TypedDict):
    """One instance, as the report shows it."""

    name: str
    product_url: str
    migrated_from: str
    origins: list[str]
    in_run: bool
    window_closes: Time | None
    details: list[str]


class Migration(TypedDict):
    """When the migration of a source's data to an instance ended, as far as somebody said so."""

    instance: str
    migrated_at: Time | None


class ReportedCount(TypedDict):
    """The newest complete census of one source."""

    source: str
    read_from: str
    exact: bool
    generation: int
    begun_at: Time
    ended_at: Time
    links: int
    migrations: list[Migration]


class NotCounted(TypedDict):
    """Something of a source that no complete census has."""

    source: str
    problem: str
    remedy: str


class ReportedCensus(TypedDict):
    """The links that were counted, as the report shows them."""

    counts: list[ReportedCount]
    not_counted: list[NotCounted]


class ReportedCheck(TypedDict):
    """A check of the links, in short."""

    check: int
    ended_at: Time
    ok: bool
    sampled: bool
    total: Numbers


class ReportedChecks(TypedDict):
    """The checks that had ended when the report was made."""

    #: None where nobody has checked.
    last: CheckResult | None
    #: The newest first, the last one among them.
    history: list[ReportedCheck]


class ReportedRun(TypedDict):
    """The run that made a report."""

    by: str
    #: Of this collection.
    version: str
    started_at: Time
    seconds: float


class Report(TypedDict):
    """The content of report.json."""

    #: Counts up when a field changes its meaning or goes away.
    schema: Literal[1]
    rehearsal: bool
    generated_at: Time
    #: None where the report was made of the ledger alone.
    run: ReportedRun | None
    wave: str
    verdict: Verdict
    instances: list[ReportedInstance]
    updates: list[ReportedUpdate]
    app_links: list[AppLinks]
    census: ReportedCensus
    checks: ReportedChecks
    settings: dict[str, Any]
