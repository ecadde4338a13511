# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the report share: a federation whose updates can be given any fate, and the reports on it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import FEDERATION, LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import (
    DesiredUpdate,
    InstanceSpec,
    parse_specs,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import (
    NOT_COUNTED,
    Count,
    CountedLinks,
    Gap,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.settings import Settings
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import Plan, RunResult
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.run_result import run_result
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import InstanceState, UpdateState
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.options import run_settings
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.report import report_stage
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener

EMAIL, TOKEN = "me@example.com", "c4nary-t0ken"
LEASE = timedelta(hours=1)
REFUSED = Failure("the token is wrong", Code.UNAUTHORIZED, about="eu -> us", http_status=401, request_id="r-1")

Options = dict[str, Any]


def defaults_of(spec: Mapping[str, Mapping[str, Any]]) -> Options:
    return {name: option.get("default") for name, option in spec.items()}


def specs_of(
    names: Sequence[str],
    given: Sequence[str] | None = None,
    *,
    members: Mapping[str, Options] | None = None,
    migrated_at: str | None = None,
    **options: Any,
) -> tuple[InstanceSpec, ...]:
    """What is asked for the instances of a federation.

    :param given: the names of those whose links are updated; all if None.
    :param members: what the federation says of some instances, where it is not the usual.
    """
    members = {
        name: {
            "product_url": f"https://{name}.example.net",
            "migrated_from": "https://jira.example.com",
            "migrated_at": migrated_at,
            **(members or {}).get(name, {}),
        }
        for name in names
    }
    defaults = defaults_of(FEDERATION["orders"]["options"])
    orders = [{**defaults, "name": name, **options} for name in given or names]
    specs, problems = parse_specs(parse_federation(members), orders)
    assert not problems
    return tuple(spec.at(f"site-{spec.name}") for spec in specs)


def counted(
    pairs: Mapping[str, int],
    *gaps: Gap,
    begun_at: datetime = datetime(2026, 2, 28, 9, 0, tzinfo=timezone.utc),
    **count: Any,
) -> CountedLinks:
    """What a census of one source has counted, by the labels of pairs."""
    ended_at = begun_at + timedelta(minutes=41)
    source = "https://jira.example.com"
    values = {"source": source, "read_from": source, "generation": 3, "links": sum(pairs.values()), "migrations": {}}
    return CountedLinks(pairs, (Count(**{**values, "begun_at": begun_at, "ended_at": ended_at, **count}),), gaps)


class LevelListener(Listener):
    """A reporter that remembers the level of each line."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[Level] = []

    def line(self, text: str, level: Level = Level.INFO) -> None:
        super().line(text, level)
        self.levels.append(level)


class ReportHarness:
    """A federation, a ledger, what a run has to tell, and the reports on them."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.clock = FakeClock()
        self.reporter = LevelListener()
        self.folder = folder / "reports" / "of today"
        self.location = folder / "ledger.sqlite3"
        self.federation: dict[str, Options] = {}
        self.orders: list[Options] = []
        self.links = NOT_COUNTED
        self.site_ids = {name: f"site-{name if name.isalnum() else 'odd'}" for name in names}
        for name in names:
            url = f"https://{name if name.isalnum() else 'odd'}.example.net"
            self.federation[name] = {"product_url": url, "migrated_from": "https://jira.example.com"}
            self.orders.append(self.order(name, product_url=url))

    def order(self, name: str, **more: Any) -> Options:
        defaults = defaults_of(LINK_UPDATE_RUN["orders"]["options"])
        return {**defaults, "name": name, "email": EMAIL, "api_token": TOKEN, **more}

    def change(self, name: str, **values: Any) -> None:
        """Give an instance of the federation other variables."""
        self.federation[name] |= values
        for order in self.orders:
            order |= {"product_url": self.federation[name]["product_url"]} if order["name"] == name else {}

    def desired(self, label: str, **more: Any) -> DesiredUpdate:
        """What is asked for a pair."""
        name = label.partition(" -> ")[0]
        (spec,) = self.settings(orders=[self.order(name, **more)]).specs
        return next(desired for desired in spec.desired if desired.label == label)

    def claim(self, label: str, *, abandon: bool = False, **more: Any) -> None:
        """A request is sent, and its answer is not there."""
        with open_ledger(str(self.location), self.clock, {}) as ledger:
            claim = ledger.claim(self.desired(label, **more).update, 1, LEASE)
            assert claim
            if abandon:
                ledger.abandon(claim)

    def job(self, label: str, *statuses: str, attempt: int = 1, **more: Any) -> Job:
        """A job is scheduled, and seen in these statuses, one a minute."""
        update = self.desired(label, **more).update
        job_id = f"job {attempt} of {label}"
        with open_ledger(str(self.location), self.clock, {}) as ledger:
            claim = ledger.claim(update, attempt, LEASE)
            assert claim
            ledger.record_job(claim, job_id, "PENDING")
            for status in statuses:
                self.clock.sleep(60)
                ledger.record_status(str(update.site_id), job_id, status)
            last = ledger.attempt_of(str(update.site_id), job_id)
        assert last
        return Job(update, attempt, job_id, last.status, last.submitted_at, last.completed_at)

    def run(self, **became: Mapping[str, Any]) -> RunResult:
        """What a run tells, given what became of each pair: C(eu_us=...), or of each update, by its label."""
        settings = self.settings()
        instances = [
            InstanceState(
                spec,
                [
                    UpdateState(
                        spec.name, each, **became.get(each.label) or became.get(f"{spec.name}_{each.destination}", {})
                    )
                    for each in spec.desired
                ],
            )
            for spec in settings.specs
        ]
        return run_result(
            instances, None, scheduled=True, waited=True, left_out=settings.left_out, now=self.clock.now()
        )

    def options(self, **more: Any) -> Options:
        return {
            **defaults_of(LINK_UPDATE_RUN),
            "federation": self.federation,
            "orders": self.orders,
            "ledger": str(self.location),
            "report_dir": str(self.folder),
            **more,
        }

    def settings(self, **more: Any) -> Settings:
        options = self.options(**{"site_ids": self.site_ids, **more})
        return run_settings(options, self.clock.now(), lambda _federation: self.links).complete()

    def planned(self, **options: Any) -> Plan:
        """What the plan of a real run is. It needs no answer of the service as long as no job is under way."""
        given = self.options(**{"stages": ["plan"], "site_ids": self.site_ids, **options})
        plan: Plan = link_update_run(given, True, self.reporter, self.clock)["plan"]
        return plan

    def report(self, run: RunResult | None = None, **options: Any) -> Options:
        """The last stage of a run; without one, that stage alone."""
        given = {"stages": ["report"], **options}
        if run is None:
            return link_update_run(self.options(**given), False, self.reporter, self.clock)
        return report_stage(self.settings(**given), run, self.reporter, self.clock)

    def reported(self, run: RunResult | None = None, **options: Any) -> Options:
        """The report itself, as other tools read it."""
        result = self.report(run, **options)
        assert "failed" not in result, result["msg"]
        report: Options = json.loads(self.text("json"))
        return report

    def text(self, kind: str) -> str:
        return (self.folder / f"report.{kind}").read_text(encoding="utf-8")

    def rows(self) -> list[dict[str, str]]:
        with (self.folder / "report.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def files(self) -> list[str]:
        return sorted(each.name for each in self.folder.iterdir())


def by_label(report: Options) -> dict[str, Options]:
    return {update["label"]: update for update in report["updates"]}
