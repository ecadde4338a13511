# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as people see it, in a real browser: at a desk, on a telephone, in the dark and on paper."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import cycle, permutations
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import DesiredUpdate
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import (
    Federation as ParsedFederation,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import Count, CountedLinks, Gap
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.pairs import pairs_between
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.run_result import run_result
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import InstanceState, UpdateState
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.options import run_settings
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.report import report_stage
from ansible_collections.jira_cloud.federation.tests.integration.browser import chromium
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.checked import check_of
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException

Options = dict[str, Any]

DESK, TELEPHONE = (1280, 900), (390, 844)
LEASE = timedelta(days=1)
#: Where it is another day than that of the others.
MIGRATED_AT = {"us": "2026-02-20T09:30:00Z", "uk": "2026-02-17"}
#: What a census has counted, pair by pair.
LINKS = (1_234_567, 0, 56)
#: What a check has found of them.
FOUND: tuple[dict[str, int], ...] = (
    {"expected": 1_234_567, "missing": 3, "stale": 2},
    {"expected": 0},
    {"expected": 56, "not_yet": 56},
    {},
    {"expected": 12_345, "checked": 300, "missing_at_most": 187, "not_yet": 12},
)
WHY = "waits for the backup, which the first one has ordered"


@dataclass(frozen=True)
class Fate:
    """What becomes of an update, and what the report has to show of it."""

    #: The shape and the word that stand for it, and what its cell says besides.
    shape: str
    word: str
    more: str = ""
    #: The statuses that its job is seen in after it was scheduled, one a minute; None if there is no job.
    statuses: Sequence[str] | None = None
    #: How many statuses its line of the timeline shows.
    bars: int = 0
    #: What the card of its site says of it.
    card: str | None = None
    #: What only a run can tell.
    failure: Failure | None = None
    held: str | None = None
    #: A request was sent, and no answer recorded; C(False) if nobody waits for it any more.
    in_flight: bool | None = None
    #: It was scheduled before, and that job ended in ERROR.
    again: bool = False


#: All jobs are scheduled at noon, and the report is made an hour later.
DONE = Fate("✓", "complete", "2m00s", ["IN_PROGRESS", "COMPLETE"], 2)
QUEUED = Fate("○", "waiting", "1h00m", [], 1)
BACKUP = Fate("▣", "backup", "1h00m", ["BACKUP"], 2)
RUNNING = Fate("►", "running", "1h00m", ["BACKUP", "IN_PROGRESS"], 3)
RETRYING = Fate("↻", "retrying", "1h00m", ["IN_PROGRESS", "RETRY"], 3)
STRANGE = Fate("?", "PONDERING", "1h00m", ["PONDERING"], 2)
AGAIN = Fate("✓", "complete", "1m00s attempt 2", ["COMPLETE"], 1, again=True)
BROKEN = Fate("✕", "failed", "2m00s", ["RETRY", "ERROR"], 2, card="The job (attempt 1) ended in ERROR")
REFUSED = Fate(
    "✕",
    "failed",
    card="The token is wrong. Create another one",
    failure=Failure("the token is wrong", Code.UNAUTHORIZED, "create another one"),
)
LOST = Fate(
    "✕",
    "failed",
    "1h00m",
    [],
    1,
    card="The service does not know the job",
    failure=Failure("the service does not know the job", Code.JOB_UNKNOWN),
)
UNANSWERED = Fate("✕", "failed", card="A request was sent and no answer was recorded", in_flight=False)
SENDING = Fate("→", "being sent", in_flight=True)
HELD = Fate("‖", "on hold", held=WHY, card="Waits for the backup, which the first one has ordered")
ABSENT = Fate("\N{EN DASH}", "not scheduled")

OF_A_RUN = (DONE, BROKEN, QUEUED, HELD, BACKUP, REFUSED, RUNNING, RETRYING, LOST, STRANGE, AGAIN, ABSENT, HELD)
OF_THE_LEDGER = (SENDING, UNANSWERED, DONE, QUEUED, BROKEN, ABSENT, AGAIN)

Pair = tuple[str, str]


def _defaults(spec: Options) -> Options:
    return {name: option.get("default") for name, option in spec.items()}


def _counted(federation: ParsedFederation) -> CountedLinks:
    """What an older census has counted, and two checks have found. The newest census is not complete."""
    source, begun_at = "https://jira.example.com", datetime(2026, 2, 21, 9, 0, tzinfo=timezone.utc)
    labels = [
        pair.label
        for one, two in permutations(federation.names, 2)
        for pair in pairs_between(federation, one, two)
        if pair.origin.server == source
    ]
    pairs = dict(zip(labels, cycle(LINKS), strict=False))
    ends = {name: member.migration_end(source) for name, member in federation.members.items()}
    count = Count(source, source, 3, begun_at, begun_at + timedelta(hours=1), sum(pairs.values()), ends)
    bad = {label: found for label, found in zip(labels, cycle(FOUND), strict=False) if found}
    checks = tuple(check_of(federation.names, bad, check=number, sampled=number == 1) for number in (2, 1))
    return CountedLinks(pairs, (count,), (Gap(source, "census 4 is not complete", "run again"),), checks)


class Federation:
    """A federation whose updates have met all kinds of fates. The run was not about the last of its instances."""

    def __init__(self, *names: str, **members: Options) -> None:
        self.names = names
        #: What the federation says of some instances, where it is not the usual.
        self.members = members
        #: The fates of single updates, by their labels.
        self.single: dict[str, Fate] = {}
        # Not every kind of fate at the same place of each row.
        of_a_run, of_the_ledger = cycle(OF_A_RUN), cycle(OF_THE_LEDGER)
        self.fates: dict[Pair, Fate] = {
            (name, other): next(of_the_ledger if name == names[-1] else of_a_run)
            for name, other in permutations(names, 2)
        }

    def write(self, folder: Path, wave: str = "1", *, rehearsal: bool = False) -> Path:
        """The path of the report's page."""
        clock = FakeClock()
        noon, location = clock.now(), folder / "ledger.sqlite3"
        federation = {
            name: {
                "product_url": f"https://{index}.example.net",
                "migrated_from": "https://jira.example.com",
                **self.members.get(name, {}),
            }
            for index, name in enumerate(self.names)
        }
        given = [
            {
                **_defaults(LINK_UPDATE_RUN["orders"]["options"]),
                "name": name,
                "wave": wave,
                "migrated_at": MIGRATED_AT.get(name, "2026-02-22"),
            }
            for name in self.names
        ]
        options = {
            **_defaults(LINK_UPDATE_RUN),
            "federation": federation,
            "site_ids": {name: f"site-{index}" for index, name in enumerate(self.names)},
            "stages": ["report"],
            "report_dir": str(folder),
            "settings": {"link_update_group": "jira", "link_update_wait_timeout": 86400.0},
            "stand_in_url": "http://127.0.0.1:1" if rehearsal else None,
            "ledger": str(location),
        }
        instances = []
        with open_ledger(str(location), clock, {}) as ledger:
            for spec in run_settings({**options, "orders": given}, clock.now()).complete().specs:
                updates = [self._update(spec.name, each, ledger, clock) for each in spec.desired]
                instances.append(InstanceState(spec, updates))
        clock.time = noon + timedelta(hours=1)
        settings = run_settings({**options, "orders": given[:-1]}, clock.now(), _counted).complete()
        run = run_result(instances[:-1], None, scheduled=True, waited=True, left_out=[], now=clock.now())
        result = report_stage(settings, run, Listener(), clock)
        assert "failed" not in result, result["msg"]
        return Path(result["files"]["html"])

    def _update(self, name: str, desired: DesiredUpdate, ledger: Ledger, clock: FakeClock) -> UpdateState:
        fate, update = self.single.get(desired.label, self.fates[name, desired.destination]), desired.update
        noon, job = clock.time, None
        if fate.again:
            self._schedule(1, desired, ["ERROR"], ledger, clock)
            clock.time = noon
        if fate.statuses is not None:
            job = self._schedule(1 + fate.again, desired, fate.statuses, ledger, clock)
        elif fate.in_flight is not None:
            claim = ledger.claim(update, 1, LEASE)
            assert claim
            if not fate.in_flight:
                ledger.abandon(claim)
        clock.time = noon
        failure = replace(fate.failure, about=desired.label) if fate.failure else None
        return UpdateState(name, desired, job=job, failure=failure, held=fate.held)

    def _schedule(
        self, attempt: int, desired: DesiredUpdate, statuses: Sequence[str], ledger: Ledger, clock: FakeClock
    ) -> Job:
        site_id, job_id = str(desired.update.site_id), self.job_id(desired.label, attempt)
        claim = ledger.claim(desired.update, attempt, LEASE)
        assert claim
        ledger.record_job(claim, job_id, "PENDING")
        for status in statuses:
            clock.sleep(60)
            ledger.record_status(site_id, job_id, status)
        last = ledger.attempt_of(site_id, job_id)
        assert last
        return Job(desired.update, attempt, job_id, last.status, last.submitted_at, last.completed_at)

    @staticmethod
    def job_id(label: str, attempt: int = 1) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{label} {attempt}"))

    def labels(self, *fates: Fate) -> list[str]:
        return [f"{name} -> {other}" for (name, other), fate in self.fates.items() if fate in fates]


SMALL = Federation("eu", "us", "ap", "uk")
LARGE = Federation(*(f"jira-{number:02}" for number in range(1, 21)))
#: Of both products, and two of its sites have data of two servers.
ORIGINS = {"us": ("jira", "acquired-company"), "ap": ("jira", "old")}
MERGED = Federation(
    "eu",
    "us",
    "ap",
    "eu-wiki",
    **{name: {"migrated_from": [f"https://{each}.example.com" for each in some]} for name, some in ORIGINS.items()},
    **{"eu-wiki": {"product_url": "https://0.example.net/wiki", "migrated_from": "https://wiki.example.com"}},
)
MERGED.fates = dict.fromkeys(MERGED.fates, DONE)
MERGED.single = {
    "eu -> us (from jira.example.com)": BROKEN,
    "eu -> ap (from old.example.com)": RUNNING,
    "us -> ap (from jira.example.com)": RETRYING,
    "us -> ap (from old.example.com)": HELD,
    "ap -> us (from acquired-company.example.com)": REFUSED,
}
VERY_LARGE = Federation(*(f"jira-{number:02}" for number in range(1, 42)))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[Federation, Path]:
    return {each: each.write(tmp_path_factory.mktemp("report")) for each in (SMALL, MERGED, LARGE, VERY_LARGE)}


class Page:
    """A report, open in a browser."""

    def __init__(self, browser: webdriver.Chrome, path: Path) -> None:
        self.browser = browser
        self.path = path
        self.light("light")
        self.view(DESK)

    def view(self, size: tuple[int, int]) -> None:
        """Open it on a screen of this size."""
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == TELEPHONE}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.complaints()
        self.browser.get(self.path.as_uri())

    def complaints(self) -> list[Options]:
        """What the browser has to say since this was last asked."""
        said: list[Options] = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return said

    def light(self, scheme: str, media: str = "") -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [feature]})

    def tell(self, expression: str, *arguments: object) -> Any:
        """The value of a JavaScript expression."""
        return self.browser.execute_script(f"return {expression}", *arguments)

    def overflow(self, size: tuple[int, int]) -> int:
        """By how many pixels the page is wider than the screen. A telephone makes room for what does not fit."""
        inner, whole = self.tell("[innerWidth, document.documentElement.scrollWidth]")
        return int(max(inner, whole, size[0])) - size[0]

    def unfold(self) -> None:
        """Show what is only shown on demand."""
        self.tell("document.querySelectorAll('.fold > label > input').forEach(each => each.checked = true)")

    def texts(self, selector: str) -> list[str]:
        return list(self.tell("[...document.querySelectorAll(arguments[0])].map(each => each.innerText)", selector))

    def text(self, selector: str) -> str:
        (text,) = self.texts(selector)
        return text


Open = Callable[["Federation | Path"], Page]


@pytest.fixture
def show(browser: webdriver.Chrome, paths: dict[Federation, Path]) -> Open:
    def opened(what: Federation | Path) -> Page:
        return Page(browser, what if isinstance(what, Path) else paths[what])

    return opened


both = pytest.mark.parametrize("federation", [SMALL, LARGE], ids=["4 instances", "20 instances"])
all_sizes = pytest.mark.parametrize(
    "federation",
    [SMALL, MERGED, LARGE, VERY_LARGE],
    ids=["4 instances", "several origins", "20 instances", "41 instances"],
)


# -- What it says


@both
def test_every_cell_of_the_matrix_tells_the_state_and_the_age_of_its_pair(show: Open, federation: Federation) -> None:
    seen = show(federation).tell(
        "[...document.querySelectorAll('#matrix tr')]"
        ".map(row => [...row.cells].map(cell => cell.innerText.split('\\n')))"
    )
    small = federation is SMALL
    expected = [[[""], *([name] for name in federation.names)]]
    for name in federation.names:
        row = [[name]]
        for other in federation.names:
            if other == name:
                row.append(["\N{MIDDLE DOT}"])
                continue
            fate = federation.fates[name, other]
            said = [f"{fate.shape} {fate.word}", fate.more] if small else [fate.shape, fate.more.partition(" ")[0]]
            row.append([each for each in said if each])
        expected.append(row)
    assert seen == expected


@both
def test_the_links_of_each_pair_are_in_a_matrix_of_their_own(show: Open, federation: Federation) -> None:
    seen = show(federation).tell(
        "[...document.querySelectorAll('#links tbody tr')].map(row => [...row.cells].map(cell => cell.innerText))"
    )
    numbers, size = cycle(LINKS), len(federation.names)
    expected = []
    for row, name in enumerate(federation.names):
        links = [0 if row == column else next(numbers) for column in range(size)]
        cells = [f"{count:,}" for count in links]
        cells[row] = "\N{MIDDLE DOT}"
        expected.append([name, *cells, f"{sum(links):,}"])
    assert seen == expected


@all_sizes
def test_the_names_of_the_matrix_are_headers_of_rows_and_columns(show: Open, federation: Federation) -> None:
    page = show(federation)
    assert page.texts("#matrix thead th[scope=col]") == list(federation.names)
    assert page.texts("#matrix tbody th[scope=row]") == list(federation.names)


def test_the_cells_of_very_many_instances_have_a_shape_each_and_all_columns_fit_a_desk(show: Open) -> None:
    page = show(VERY_LARGE)
    seen = page.tell(
        "[...document.querySelectorAll('#matrix td[title]')].map(each => [each.title.split(', ')[0], each.innerText])"
    )
    assert dict(seen) == {f"{name} -> {other}": fate.shape for (name, other), fate in VERY_LARGE.fates.items()}
    legend = page.texts("#legend .chip")
    assert {f"{fate.shape} {fate.word}" for fate in VERY_LARGE.fates.values()} == set(legend)
    assert page.tell("document.querySelector('#matrix table').offsetWidth") < DESK[0]


def test_what_the_run_was_not_about_looks_different_and_says_so(show: Open) -> None:
    page = show(SMALL)
    titles = page.tell("[...document.querySelectorAll('#matrix .mute')].map(each => each.title)")
    assert [title.partition(",")[0] for title in titles] == ["uk -> eu", "uk -> us", "uk -> ap"]
    assert all(title.endswith("not in this run") for title in titles)
    assert "not in this run" not in " ".join(
        page.tell("[...document.querySelectorAll('#matrix td:not(.mute)')].map(each => each.title)")
    )


@both
def test_each_site_with_problems_has_one_card_with_each_of_them(show: Open, federation: Federation) -> None:
    page = show(federation)
    cards = dict(
        page.tell(
            "[...document.querySelectorAll('#attention .card')]"
            ".map(card => [card.querySelector('strong').innerText.slice(2), card.innerText])"
        )
    )
    told = {
        name: [fate.card for (site, _other), fate in federation.fates.items() if site == name and fate.card]
        for name in federation.names
    }
    assert set(cards) == {name for name, some in told.items() if some}
    missing = [(each, cards[name]) for name, some in told.items() for each in some if each not in cards[name]]
    assert not missing
    top, matrix = page.tell(
        "['.card', '#matrix'].map(each => document.querySelector(each).getBoundingClientRect().top)"
    )
    assert top < matrix


def test_nothing_needs_attention_where_all_is_well(show: Open, tmp_path: Path) -> None:
    well = Federation("eu", "us")
    well.fates = dict.fromkeys(well.fates, DONE)
    page = show(well.write(tmp_path))
    assert not page.texts("#attention")
    assert "What needs attention" not in page.texts("h2")
    assert page.text("#verdict strong") == "✓ Complete: all 1 jobs"


def test_the_verdict_is_at_the_top_and_shows_whether_it_is_a_good_one(show: Open, tmp_path: Path) -> None:
    well = Federation("eu", "us")
    well.fates = dict.fromkeys(well.fates, DONE)
    grounds = []
    for what in (SMALL, well.write(tmp_path)):
        page = show(what)
        assert page.tell("document.querySelector('#verdict').getBoundingClientRect().bottom < innerHeight / 2")
        grounds.append(page.tell("getComputedStyle(document.querySelector('#verdict')).backgroundColor"))
    assert grounds[0] != grounds[1]
    assert show(SMALL).text("#verdict strong") == "! 3 failed, 1 of 9 jobs complete"


def test_a_rehearsal_is_marked_as_one(show: Open, tmp_path: Path) -> None:
    says = "A rehearsal. Nothing of this has happened at any site."
    assert says in show(Federation("eu", "us").write(tmp_path, rehearsal=True)).text("body")
    assert says not in show(SMALL).text("body")


def test_it_says_until_when_links_can_be_recreated(show: Open) -> None:
    page = show(SMALL)
    assert page.text("#deadline").split("\n") == [
        "Deadline",
        "4d20h left",
        "to recreate links, 2026-03-06 09:30Z (us is the first)",
    ]
    assert "As of 2026-03-01 13:00Z, 4 instances" in page.text("body")


@both
def test_the_timeline_has_a_line_for_each_job_with_a_bar_for_each_status(show: Open, federation: Federation) -> None:
    page = show(federation)
    lines = page.tell(
        "[...document.querySelectorAll('#timeline .line')]"
        ".map(line => [line.firstChild.textContent.slice(2), line.querySelectorAll('.track i').length])"
    )
    expected = {f"{name} -> {other}": fate.bars for (name, other), fate in federation.fates.items() if fate.bars}
    # Of those that did not fail, there is room for 200.
    left_out = max(len(expected) - len(federation.labels(BROKEN, LOST)) - 200, 0)
    assert len(lines) == len(dict(lines)) == len(expected) - left_out
    assert dict(lines).items() <= expected.items()
    assert (f"{left_out} jobs that were quicker are left out" in page.text("body")) == bool(left_out)
    assert bool(left_out) == (federation is LARGE)


def test_the_bars_of_a_job_are_as_long_as_it_was_in_each_status(show: Open) -> None:
    # Of the hour that the timeline covers, two minutes went by before the job was at work.
    left, *widths = show(SMALL).tell(
        """(() => {
            const line = [...document.querySelectorAll('#timeline .line')]
                .find(each => each.firstChild.textContent.endsWith('ap -> eu'));
            const whole = line.querySelector('.track').getBoundingClientRect();
            const bars = [...line.querySelectorAll('.track i')].map(each => each.getBoundingClientRect());
            return [bars[0].left - whole.left, ...bars.map(each => each.width / whole.width)];
        })()"""
    )
    assert left == pytest.approx(0, abs=1)
    assert widths == pytest.approx([1 / 60, 1 / 60, 58 / 60], abs=0.005)


@both
def test_each_ordered_pair_of_the_run_can_be_ticked_off_as_authorized(show: Open, federation: Federation) -> None:
    rows = show(federation).tell(
        "[...document.querySelectorAll('#app-links tr')].map(row => [row.cells[0].innerText.split('\\n')[0],"
        " [...row.querySelectorAll('label')].filter(each => each.querySelector('input[type=checkbox]'))"
        ".map(each => [each.innerText.trim(), each.firstChild.checked])])"
    )
    used = {pair for pair, fate in federation.fates.items() if fate.word == "complete"}
    assert rows == [
        [
            name,
            [
                [f"{other} used" if (name, other) in used else other, (name, other) in used]
                for other in federation.names
                if other != name
            ],
        ]
        for name in federation.names[:-1]
    ]


def test_the_variables_of_the_run_are_shown(show: Open) -> None:
    page = show(SMALL)
    height = "document.querySelector('#settings dl').offsetHeight"
    assert not page.tell(height)
    rows = dict(
        page.tell(
            "[...document.querySelectorAll('#settings dl > div')].map(row => [...row.children].map(c => c.textContent))"
        )
    )
    page.browser.find_element("css selector", "#settings label").click()
    assert page.tell(height)
    assert rows["link_update_group"] == '"jira"'
    assert rows["link_update_wait_timeout"] == "86400.0"
    assert rows["link_update_recreate_as_remote"] == '"auto"'


# -- What it does not do


AWKWARD = (
    "<script>alert(1)</script>",
    "\"quoted\" & 'quoted' &amp; more",
    "</style></title><img src=x onerror=alert(2)>",
)


def test_a_name_is_text_whatever_is_in_it(show: Open, tmp_path: Path) -> None:
    federation = Federation(*AWKWARD)
    federation.fates = dict(zip(federation.fates, cycle([BROKEN, HELD, RUNNING]), strict=False))
    page = show(federation.write(tmp_path))
    with pytest.raises(NoAlertPresentException):
        page.browser.switch_to.alert.accept()
    assert page.tell("document.querySelectorAll('script, img, body style').length") == 0
    assert page.texts("#matrix thead th[scope=col]") == list(AWKWARD)
    assert page.tell("[...document.querySelectorAll('#matrix td[title]')].map(each => each.title.split(', ')[0])") == [
        f"{name} -> {other}" for name, other in permutations(AWKWARD, 2)
    ]
    assert page.tell("[...document.querySelectorAll('#app-links label')].map(each => each.innerText.trim())") == [
        other for name, other in permutations(AWKWARD, 2) if name != AWKWARD[-1]
    ]
    assert f"{AWKWARD[0]} -> {AWKWARD[1]}" in page.text("#timeline")
    assert f"{AWKWARD[0]} -> {AWKWARD[1]}" in page.text("#jobs")


def test_a_wave_is_text_whatever_is_in_it(show: Open, tmp_path: Path) -> None:
    wave = "</title><script>alert(1)</script>&amp;"
    page = show(Federation("eu", "us").write(tmp_path, wave=wave))
    assert page.text("h1") == page.tell("document.title") == f"Link updates, wave {wave}"
    assert page.tell("document.scripts.length") == 0


@all_sizes
def test_nothing_is_loaded_and_nothing_is_complained_about(show: Open, federation: Federation) -> None:
    page = show(federation)
    assert page.tell("performance.getEntriesByType('resource').map(each => each.name)") == []
    assert page.complaints() == []


# -- Where it is read


LONG = tuple(f"{name}.jira.production.subsidiary.example-company.example.com" for name in ("europe", "america", "asia"))


@all_sizes
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_the_page_does_not_scroll_sideways(show: Open, federation: Federation, size: tuple[int, int]) -> None:
    page = show(federation)
    page.view(size)
    page.unfold()
    assert not page.overflow(size)


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_long_names_do_not_make_the_page_scroll_sideways(show: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    federation = Federation(*LONG)
    federation.fates = dict(zip(federation.fates, cycle([BROKEN, HELD, RUNNING]), strict=False))
    page = show(federation.write(tmp_path))
    page.view(size)
    assert not page.overflow(size)


def test_on_a_telephone_the_matrix_can_be_moved_and_the_names_of_its_rows_stay(show: Open) -> None:
    page = show(LARGE)
    page.view(TELEPHONE)
    before, after = page.tell(
        """(() => {
            const box = document.querySelector('#matrix');
            const places = () => ['tbody th', 'tbody td']
                .map(each => box.querySelector(each).getBoundingClientRect().left);
            const before = places();
            box.scrollLeft = 200;
            return [before, places()];
        })()"""
    )
    assert after[0] == pytest.approx(before[0], abs=1)
    assert after[1] == pytest.approx(before[1] - 200, abs=1)


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_the_head_of_the_matrix_stays_where_it_is(show: Open, size: tuple[int, int]) -> None:
    page = show(VERY_LARGE)
    page.view(size)
    before, after, cell = page.tell(
        """(() => {
            const box = document.querySelector('#matrix'), head = box.querySelector('thead th');
            const places = () => [head, box.querySelector('tbody td')].map(each => each.getBoundingClientRect().top);
            const before = places()[0];
            box.scrollTop = 100;
            return [before, ...places()];
        })()"""
    )
    assert after == pytest.approx(before, abs=1)
    assert cell < after + 100


def test_the_table_of_all_jobs_can_be_narrowed_to_problems(show: Open) -> None:
    page = show(SMALL)
    rows = "[...document.querySelectorAll('#jobs tbody tr')].filter(each => each.offsetHeight).length"
    problems = SMALL.labels(BROKEN, REFUSED, LOST, UNANSWERED, HELD)
    assert page.tell(rows) == len(SMALL.fates)
    page.browser.find_element("css selector", "#only-problems").click()
    assert page.tell(rows) == len(problems)


def test_on_a_telephone_each_job_of_the_table_is_read_without_scrolling_sideways(show: Open) -> None:
    page = show(SMALL)
    page.view(TELEPHONE)
    rights = "[...document.querySelectorAll('#jobs :is(th, td)')].map(each => each.getBoundingClientRect().right)"
    assert max(page.tell(rights)) <= TELEPHONE[0]


def test_on_paper_the_timeline_and_the_variables_are_shown(show: Open) -> None:
    page = show(LARGE)
    hidden = "['#timeline .line', '#settings dl'].map(each => !document.querySelector(each).offsetHeight)"
    assert page.tell(hidden) == [True, True]
    page.light("light", media="print")
    assert page.tell(hidden) == [False, False]


def test_the_names_of_all_rows_stay_on_top_of_the_cells_that_move_beneath_them(show: Open) -> None:
    page = show(LARGE)
    page.view(TELEPHONE)
    covered = page.tell(
        """(() => {
            document.querySelector('#matrix').scrollLeft = 200;
            return [...document.querySelectorAll('#matrix tbody th')].filter(name => {
                name.scrollIntoView({block: 'center', inline: 'nearest'});
                const {left, top, width, height} = name.getBoundingClientRect();
                return document.elementFromPoint(left + width / 2, top + height / 2) !== name;
            }).map(name => name.textContent);
        })()"""
    )
    assert covered == []


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_each_job_of_the_timeline_is_on_one_line_of_text(show: Open, size: tuple[int, int]) -> None:
    page = show(SMALL)
    page.view(size)
    heights = page.tell("[...document.querySelectorAll('#timeline .line')].map(each => each.offsetHeight)")
    assert set(heights) == {min(heights)}


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_the_timeline_has_room_for_the_names_of_origins(show: Open, size: tuple[int, int]) -> None:
    page = show(MERGED)
    page.view(size)
    labels = page.tell(
        "[...document.querySelectorAll('#timeline .line > span:first-child')]"
        ".map(each => [each.innerText, each.scrollWidth <= each.clientWidth])"
    )
    assert ["✓ eu -> us (from acquired-company.example.com)", True] in labels
    assert all(fits for _label, fits in labels)


def test_the_cell_of_a_pair_with_several_origins_shows_the_worst_and_tells_of_each(show: Open) -> None:
    page = show(MERGED)
    cells = page.tell(
        """Object.fromEntries([...document.querySelectorAll('#matrix td[title]')].map(cell => {
            const [pair, ...origins] = cell.title.split('\\n');
            return [pair.split(',')[0], [cell.innerText, cell.className, origins]];
        }))"""
    )
    assert cells["eu -> us"] == [
        "✕ failed\n1 of 2",
        "failed",
        ["from jira.example.com: failed, 2m00s, 1,234,567 links", "from acquired-company.example.com: complete, 2m00s"],
    ]
    assert cells["us -> ap"][:2] == ["‖ on hold\n1 of 2", "held"]
    assert cells["eu-wiki -> ap"][:2] == ["✓ complete\n2 of 2", "complete mute"]
    assert cells["eu -> eu-wiki"] == ["✓ complete\n2m00s", "complete", []]


def test_long_names_can_be_read_on_a_telephone(show: Open, tmp_path: Path) -> None:
    page = show(Federation(*LONG).write(tmp_path))
    page.view(TELEPHONE)
    # A name of 65 letters takes a few lines, not one for each letter.
    heights = page.tell("[...document.querySelectorAll('#app-links label')].map(each => each.offsetHeight)")
    assert max(heights) < 8 * 22


def test_no_line_ends_within_an_arrow(show: Open, tmp_path: Path) -> None:
    # Of one of these lengths, a name leaves room for half of an arrow on its line.
    federation = Federation(*("x" * length for length in range(28, 42)))
    federation.fates = dict(zip(federation.fates, cycle([BROKEN]), strict=False))
    page = show(federation.write(tmp_path))
    page.view(TELEPHONE)
    page.unfold()
    # On how many lines each arrow is.
    arrows = page.tell(
        """[...document.querySelectorAll('#verdict, .card, #jobs')].flatMap(box => {
            const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), found = [];
            for (let text = texts.nextNode(); text; text = texts.nextNode())
                for (const {index} of text.data.matchAll(/->/g)) {
                    const range = document.createRange();
                    range.setStart(text, index);
                    range.setEnd(text, index + 2);
                    found.push(new Set([...range.getClientRects()].map(each => each.top)).size);
                }
            return found;
        })"""
    )
    assert len(arrows) > len(federation.fates)
    assert set(arrows) == {1}
    assert not page.overflow(TELEPHONE)


#: What is seen of a text: what is behind it and the text itself, each mixed from all that lies upon one another.
CONTRASTS = """(selector => {
    const numbers = text => text.match(/[\\d.]+/g).map(Number);
    const mixed = (under, over, alpha) => under.map((each, index) => each * (1 - alpha) + over[index] * alpha);
    const laid = (under, text) => { const [r, g, b, a = 1] = numbers(text); return mixed(under, [r, g, b], a); };
    const seen = (chain, under, withText) => {
        const style = getComputedStyle(chain[0]);
        let here = laid(under, style.backgroundColor);
        if (chain.length > 1) here = seen(chain.slice(1), here, withText);
        else if (withText) here = laid(here, style.color);
        return mixed(under, here, Number(style.opacity));
    };
    const luminance = colour => {
        const [r, g, b] = colour.map(each => each / 255)
            .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const element of document.querySelectorAll(selector)) {
        if (![...element.childNodes].some(each => each.nodeType === 3 && each.data.trim())) continue;
        const chain = [];
        for (let each = element; each; each = each.parentElement) chain.unshift(each);
        const [low, high] = [seen(chain, [255, 255, 255], false), seen(chain, [255, 255, 255], true)]
            .map(luminance).sort((one, other) => one - other);
        found.push([element.textContent, element.closest('[class]')?.className ?? '', (high + 0.05) / (low + 0.05)]);
    }
    return found;
})(arguments[0])"""


def unreadable(page: Page, selector: str) -> list[tuple[str, str, float]]:
    found = page.tell(CONTRASTS, selector)
    assert found
    return [(text, style, round(contrast, 2)) for text, style, contrast in found if contrast < 4.5]


schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


@schemes
@all_sizes
def test_the_cells_of_the_matrix_are_readable(show: Open, federation: Federation, scheme: str) -> None:
    page = show(federation)
    page.light(scheme)
    assert unreadable(page, "#matrix td:not(.mute), #matrix td:not(.mute) *") == []


@schemes
@all_sizes
def test_what_the_run_was_not_about_is_readable_as_well(show: Open, federation: Federation, scheme: str) -> None:
    page = show(federation)
    page.light(scheme)
    assert unreadable(page, "#matrix td.mute, #matrix td.mute *") == []


@schemes
def test_all_the_rest_is_readable(show: Open, scheme: str, tmp_path: Path) -> None:
    page = show(SMALL.write(tmp_path, rehearsal=True))
    page.light(scheme)
    assert unreadable(page, "body *:not(#matrix *)") == []


def test_it_is_light_or_dark_as_the_reader_likes(show: Open) -> None:
    page = show(SMALL)
    grounds = {}
    for scheme in ("light", "dark"):
        page.light(scheme)
        grounds[scheme] = page.tell(
            "['body', '#matrix .complete', '#matrix .failed', '.card']"
            ".map(each => getComputedStyle(document.querySelector(each)).backgroundColor)"
        )
    assert not set(grounds["light"]) & set(grounds["dark"])


def test_states_that_call_for_different_acts_have_different_colours(show: Open) -> None:
    page = show(SMALL)
    for scheme in ("light", "dark"):
        page.light(scheme)
        grounds = page.tell(
            "['complete', 'failed', 'held', 'running']"
            ".map(each => getComputedStyle(document.querySelector('#matrix td.' + each)).backgroundColor)"
        )
        assert len(set(grounds)) == 4


@both
def test_it_can_be_printed(show: Open, federation: Federation) -> None:
    page = show(federation)
    pdf = page.browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    assert base64.b64decode(pdf["data"]).startswith(b"%PDF-")


@all_sizes
def test_on_paper_nothing_is_cut_off(show: Open, federation: Federation) -> None:
    # The width of A4, across and less the margins, in CSS pixels.
    width = 1046
    page = show(federation)
    page.view((width, 700))
    page.light("light", media="print")
    assert page.tell("document.documentElement.scrollWidth") <= width
