# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller notifies of by itself, over real HTTP."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._notice import BROKEN, notify
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._record import Record
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener, Wire, answering

STAGES = ("preflight", "submit", "wait", "report")


def record(url: str, **changes: Any) -> Record:
    """A host that wants its run notified of."""
    order = {"name": "eu", "wave": "2"}
    settings = {"link_update_notify_url": url}
    known = Record({}, order, settings, rehearsal=None, check_mode=False, place=None, problems=[])
    return replace(known, **changes)


def test_a_run_whose_work_broke_is_told_without_the_words_of_who_broke_it(listener: Listener) -> None:
    with Wire(answering(), answering()) as webhook:
        notify(BROKEN, [record(webhook.url)] * 2, STAGES, {}, listener)
    (request,) = webhook.requests
    notice = json.loads(request.partition("\r\n\r\n")[2])
    assert (notice["event"], notice["wave"], notice["total"]) == ("failed", "2", 0)
    assert notice["text"] == (
        "Link update, wave 2: FAILED. The run ended without a result, and the output of Ansible says why. Jobs that "
        "were scheduled go on at Atlassian. Run the same command again."
    )
    assert not listener.lines + listener.warnings


@pytest.mark.parametrize(
    ("records", "stages"),
    [
        ([record("{}", check_mode=True)], STAGES),
        ([record("{}")], ["preflight", "report"]),
        ([record("{}"), record("{}another")], STAGES),
        ([record("")], STAGES),
        ([record("{}", rehearsal={})], STAGES),
    ],
    ids=["check mode", "no lasting stage", "hosts that do not agree", "no webhook", "a rehearsal"],
)
def test_nothing_is_sent_where_nobody_wants_to_know(
    listener: Listener, records: list[Record], stages: list[str]
) -> None:
    with Wire(answering()) as webhook:
        asked = [
            replace(each, settings={name: url.format(webhook.url) for name, url in each.settings.items()})
            for each in records
        ]
        notify(BROKEN, asked, stages, {}, listener)
    assert not webhook.requests
    assert len(listener.lines) == (records[0].rehearsal is not None), "a rehearsal shows the text"


def test_the_certificates_are_those_of_module_defaults(listener: Listener, tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with Wire(answering(), answering(), tls=context) as webhook:
        notify(BROKEN, [record(webhook.url)], STAGES, {"ca_path": str(tmp_path / "ca.pem")}, listener)
        assert not listener.warnings
        notify(BROKEN, [record(webhook.url)], STAGES, {"validate_certs": "yes"}, listener)
    assert len(webhook.requests) == 1
    (warning,) = listener.warnings
    assert "certificate verify failed" in warning
