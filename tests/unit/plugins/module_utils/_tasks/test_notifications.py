# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a webhook is told of a run, over real HTTP, and that the run is the same whatever the webhook does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.test_run_task import (
    NAMES,
    NEVER,
    TOKEN,
    RunHarness,
    StoppedClock,
    run_harness,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import Wire, answering, closed_port, resetting

PATH = "/services/c4n4ry-p4th?sig=c4n4ry-s1g"
WORDS = "The application link is gone"
FAILING: dict[str, Any] = {
    "fail": ("eu.example.net -> us.example.net", "us.example.net -> ap.example.net"),
    "error_message": WORDS,
}


@pytest.fixture
def harness(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RunHarness]:
    yield from run_harness(tmp_path, **getattr(request, "param", {}))


@pytest.fixture
def webhook() -> Iterator[Wire]:
    """A webhook that takes more than it may get."""
    with Wire(*[answering(body="ok")] * 9) as wire:
        yield wire


def told(webhook: Wire) -> list[dict[str, Any]]:
    """The documents that it got."""
    return [json.loads(request.partition("\r\n\r\n")[2]) for request in webhook.requests]


def run(harness: RunHarness, webhook: Wire | str, *orders: Any, **options: Any) -> dict[str, Any]:
    """A run that nothing gives the webhook away of, however it ends."""
    url = webhook if isinstance(webhook, str) else webhook.url
    without_backup = [harness.order(name, create_backup="never") for name in NAMES]
    result = harness.run(*(orders or without_backup), notify_url=url + PATH, **options)
    left = [path.read_bytes() for path in harness.folder.rglob("*") if path.is_file()]
    everything = [json.dumps(result), *harness.listener.lines, *harness.listener.warnings, *map(str, left)]
    assert not [text for text in everything if "c4n4ry" in text]
    return result


def warnings_of(harness: RunHarness) -> list[str]:
    """What is warned of about the webhook; the ledger may have a warning of its own."""
    return [text for text in harness.listener.warnings if text.startswith("the webhook")]


# -- When


def test_a_run_that_ends_well_is_told_once(harness: RunHarness, webhook: Wire) -> None:
    result = run(harness, webhook)
    assert result["verdict"]["ok"]
    (notice,) = told(webhook)
    assert next(iter(notice)) == "text", "some readers take what comes first"
    assert notice == {
        "text": "Link update, wave 1: done. 6 of 6 jobs complete.",
        "event": "ended",
        "ok": True,
        "wave": "1",
        "complete": 6,
        "failed": 0,
        "running": 0,
        "waiting": 0,
        "on_hold": 0,
        "total": 6,
        "report": str(harness.report / "report.html"),
    }
    (request,) = webhook.requests
    assert request.startswith(f"POST {PATH} HTTP/1.1\r\n")
    assert "authorization" not in request.lower()
    assert TOKEN not in request
    assert warnings_of(harness) == []


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize("harness", [FAILING], indirect=True)
def test_the_first_job_error_is_told_and_then_the_end(harness: RunHarness, webhook: Wire, connections: int) -> None:
    result = run(harness, webhook, connections=connections)
    assert not result["verdict"]["ok"]
    first, last = told(webhook)
    assert (first["event"], first["ok"], first["report"]) == ("job_error", False, None)
    assert first["text"].startswith("Link update, wave 1: ")
    assert " ended in ERROR: The application link is gone. " in first["text"]
    assert first["text"].endswith("; the run goes on.")
    assert (last["event"], last["ok"], last["complete"], last["failed"]) == ("failed", False, 4, 2)
    assert last["text"].startswith(
        "Link update, wave 1: FAILED. 4 of 6 jobs complete, 2 failed: eu -> us, us -> ap ended in ERROR: "
        "The application link is gone. Run the same command again"
    )
    assert sum(first[name] for name in ("complete", "failed", "running", "waiting", "on_hold")) <= first["total"] == 6


@pytest.mark.parametrize("harness", [NEVER], indirect=True)
def test_a_wait_that_took_too_long_is_told_with_what_is_left(harness: RunHarness, webhook: Wire) -> None:
    run(harness, webhook, wait_timeout=1.0)
    (notice,) = told(webhook)
    assert (notice["event"], notice["complete"], notice["running"] + notice["waiting"]) == ("failed", 0, 6)
    assert "FAILED. 0 of 6 jobs complete. 6 not finished: eu -> us, " in notice["text"]
    assert "waits for the jobs that have not finished" in notice["text"]


@pytest.mark.parametrize("harness", [NEVER], indirect=True)
def test_a_run_that_does_not_wait_ends_well_and_says_what_is_left(harness: RunHarness, webhook: Wire) -> None:
    result = run(harness, webhook, *(harness.order(name) for name in NAMES), stages=["submit"])
    assert result["verdict"]["ok"]
    (notice,) = told(webhook)
    assert (notice["event"], notice["on_hold"], notice["waiting"] + notice["running"]) == ("ended", 3, 3)
    assert "ended. 0 of 6 jobs complete. 3 scheduled, not waited for: " in notice["text"]
    assert "3 on hold until the backup is done: " in notice["text"]


@pytest.mark.parametrize("harness", [{"not_admin": ("us.example.net",)}], indirect=True)
def test_a_run_that_its_preflight_refuses_is_told_with_the_problem(harness: RunHarness, webhook: Wire) -> None:
    assert run(harness, webhook)["failure"]["code"] == "preflight"
    (notice,) = told(webhook)
    assert (notice["event"], notice["total"]) == ("failed", 0)
    assert notice["text"].startswith("Link update, wave 1: FAILED. Nothing was scheduled. us: ")
    assert "see " not in notice["text"]


def test_a_run_with_a_bad_option_or_without_its_ledger_is_told_as_well(harness: RunHarness, webhook: Wire) -> None:
    run(harness, webhook, connections=0)
    harness.ledger.mkdir()
    run(harness, webhook)
    first, second = (notice["text"] for notice in told(webhook))
    assert first.startswith("Link update, wave 1: FAILED. Nothing was scheduled. link_update_connections is 0. Set it")
    assert "ledger" in second


def test_a_text_is_short_however_much_is_wrong(harness: RunHarness, webhook: Wire) -> None:
    harness.names = tuple(f"site{number}" for number in range(20))
    run(harness, webhook, *(harness.order(name, destinations=["no" * 40 + name]) for name in harness.names))
    (notice,) = told(webhook)
    assert len(notice["text"]) == 500
    assert notice["text"].count("site") < 20


# -- When not


@pytest.mark.parametrize(
    "options",
    [
        {"check": True},
        {"stages": ["preflight"]},
        {"stages": ["report"]},
        {"check": True, "connections": 0},
        {"app_links_authorized": False},
    ],
    ids=["check mode", "preflight", "report", "refused in check mode", "a person may be asked"],
)
def test_nothing_is_sent_where_somebody_sees_the_end_at_once(
    harness: RunHarness, webhook: Wire, options: dict[str, Any]
) -> None:
    run(harness, webhook, **options)
    assert not webhook.requests


@pytest.mark.parametrize("harness", [NEVER], indirect=True)
@pytest.mark.parametrize("connections", [1, 8])
def test_nothing_is_sent_after_a_ctrl_c(harness: RunHarness, webhook: Wire, connections: int) -> None:
    harness.clock = StoppedClock()
    with pytest.raises(KeyboardInterrupt):
        run(harness, webhook, connections=connections)
    assert not webhook.requests


@pytest.mark.parametrize("harness", [{**FAILING, "email": None, "api_token": None}], indirect=True)
def test_a_rehearsal_sends_nothing_and_shows_the_texts(harness: RunHarness, webhook: Wire) -> None:
    sites = {
        name: {"product_url": f"https://{name}.example.net", "migrated_from": "https://jira.example.com"}
        for name in NAMES
    }
    result = run(
        harness, webhook, stand_in_url=harness.server.url, federation=sites, api_url="https://api.example.net/links/v1"
    )
    shown = [line for line in harness.listener.lines if line.startswith("Rehearsal: ")]
    before = "Rehearsal: no notification is sent. Its text would be: Link update, wave 1: "
    assert len(shown) == 2, result
    assert all(line.startswith(before) for line in shown)
    assert not webhook.requests


def test_a_url_that_cannot_be_one_is_refused_before_anything_is_sent(harness: RunHarness) -> None:
    result = run(harness, "http://hooks.example.com")
    assert (result["failure"]["code"], result["msg"]) == (
        "invalid_option",
        "link_update_notify_url is not encrypted. Use https:// (http:// is for a loopback address only)",
    )
    assert not harness.requests


# -- A webhook that fails


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize("harness", [FAILING], indirect=True)
def test_a_webhook_that_fails_is_a_warning_and_the_run_is_the_same(harness: RunHarness, connections: int) -> None:
    with Wire(answering(500, "c4n4ry-p4th"), resetting()) as webhook:
        result = run(harness, webhook, connections=connections)
    assert len(webhook.requests) == 2
    assert result["verdict"]["counts"] == {**dict.fromkeys(result["verdict"]["counts"], 0), "complete": 4, "error": 2}
    first, second = warnings_of(harness)
    assert first == (
        "the webhook at 127.0.0.1 did not accept the notification: HTTP 500: ********. The run is not affected"
    )
    assert "Connection reset by peer" in second


def test_a_webhook_that_is_not_there_does_not_fail_a_run(harness: RunHarness) -> None:
    result = run(harness, f"http://127.0.0.1:{closed_port()}")
    assert result["verdict"]["ok"]
    (warning,) = warnings_of(harness)
    assert "refused" in warning
