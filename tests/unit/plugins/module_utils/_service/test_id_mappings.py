# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented calls of the id mappings, over real connections."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.id_mappings import IdMappings
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering

EU, SOURCE = "https://eu.example.net", "https://jira.example.com"
PATH = "/migrations/reports/v1/id-mappings"
FILE = "https://files.example.com/ids?signature=abcdefghijklmnop"


def status(word: str) -> str:
    return json.dumps({"jobId": "m-1", "status": word})


def payload_of(wire: Wire) -> Any:
    return json.loads(wire.requests[0].partition("\r\n\r\n")[2])


def asked(session: Session, clock: FakeClock, *bodies: str, said: list[str] | None = None) -> tuple[str, list[str]]:
    """The URL of the file, and the first line of each request."""
    lines: list[str] = [] if said is None else said
    with Wire(*(answering(200, body) for body in bodies)) as wire:
        api = IdMappings(session, f"{wire.url}/links/v1", clock, lines.append)
        url = api.file_url("jira", EU, SOURCE)
    assert payload_of(wire) == {"product": "JIRA", "destinationURL": EU, "sourceURL": SOURCE}
    return url, [each.split("\r\n")[0].removesuffix(" HTTP/1.1") for each in wire.requests]


def test_a_report_is_asked_for_waited_for_and_fetched_by_three_calls(session: Session, clock: FakeClock) -> None:
    bodies = (status("PENDING"), status("IN_PROGRESS"), status("SUCCESS"), json.dumps({"downloadUrl": FILE}))
    assert asked(session, clock, *bodies) == (
        FILE,
        [
            f"POST {PATH}/trigger",
            f"GET {PATH}/m-1",
            f"GET {PATH}/m-1",
            f"GET {PATH}/m-1/download",
        ],
    )
    assert clock.naps == [2.0]


def test_a_site_is_named_without_the_path_of_its_confluence(session: Session, clock: FakeClock) -> None:
    bodies = (status("PENDING"), status("SUCCESS"), json.dumps({"downloadUrl": FILE}))
    with Wire(*(answering(202, body) for body in bodies)) as wire:
        IdMappings(session, f"{wire.url}/links/v1", clock, print).file_url("confluence", f"{EU}/wiki", SOURCE)
    assert payload_of(wire) == {"product": "CONFLUENCE", "destinationURL": EU, "sourceURL": SOURCE}


def test_one_that_fails_says_so(session: Session, clock: FakeClock) -> None:
    failed = json.dumps({"status": "ERROR", "message": "no such migration"})
    with pytest.raises(LinkUpdateError, match="its job m-1 ended in ERROR: no such migration") as failure:
        asked(session, clock, status("PENDING"), failed)
    assert failure.value.code == "job_error"


def test_one_that_never_ends_is_not_waited_for_for_ever_nor_in_silence(session: Session, clock: FakeClock) -> None:
    said: list[str] = []
    with pytest.raises(LinkUpdateError, match="its job m-1 is PENDING after 1h00m") as failure:
        asked(session, clock, status("PENDING"), *[status("PENDING")] * 200, said=said)
    assert failure.value.code == "timeout"
    assert max(clock.naps) == 30.0
    assert 5 < len(said) < 20


@pytest.mark.parametrize("answer", ['{"status": "PENDING"}', '{"jobId": ""}', '{"jobId": ".."}', "[]", '{"id": "1"}'])
def test_an_answer_without_a_job_is_not_taken_for_one(session: Session, clock: FakeClock, answer: str) -> None:
    with pytest.raises(LinkUpdateError, match="without a usable job id"):
        asked(session, clock, answer)


@pytest.mark.parametrize(
    "url", ["http://files.example.com/ids", "ids.csv", "", "ftp://files.example.com", "https://", "https://["]
)
def test_a_file_whose_url_is_not_encrypted_is_not_fetched(
    session: Session, clock: FakeClock, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
    answer = json.dumps({"downloadUrl": url, "expiresIn": 3600})
    with pytest.raises(LinkUpdateError, match="without a usable URL of a file"):
        asked(session, clock, status("PENDING"), status("COMPLETE"), *[answer] * 5)
