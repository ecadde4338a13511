# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Atlassian's reports are, what their files are called, and how long they last."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.vendor_reports import (
    Kind,
    Template,
    beginning_of_name,
    days_left,
    name_of_file,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
EU = "https://eu.example.net"
HOSTS = ("api.atlassian.com", "127.0.0.1:80")


def url_of(text: str) -> str:
    return Template(Kind.HISTORY, "history_url", text).url(EU, "site-eu", "job/1", HOSTS)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.atlassian.com/x/{site_id}/{job_id}", "https://api.atlassian.com/x/site-eu/job%2F1"),
        ("https://api.atlassian.com/x?a={job_id}&b={site_id}", "https://api.atlassian.com/x?a=job%2F1&b=site-eu"),
        ("{product_url}/rest/report?format=csv", "https://eu.example.net/rest/report?format=csv"),
        ("http://127.0.0.1:80/x", "http://127.0.0.1:80/x"),
        ("https://API.atlassian.com/x", "https://API.atlassian.com/x"),
    ],
)
def test_the_url_of_a_report_has_the_site_and_the_job(text: str, url: str) -> None:
    assert url_of(text) == url


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("https://reports.example.com/{site_id}", "leads to reports.example.com, which must not get the credentials"),
        ("https://us.example.net/x", "leads to us.example.net"),
        ("https://api.atlassian.com.example.net/", "leads to api.atlassian.com.example.net"),
        ("https://{site_id}/x", "leads to site-eu"),
        ("https://api.atlassian.com:8443/x", "leads to api.atlassian.com:8443"),
        ("http://api.atlassian.com/x", "does not begin|not a URL that begins with https://"),
        ("https://me:secret@api.atlassian.com/x", "has an @ in it"),
        ("https://api.atlassian.com\\@evil.example/x", "has an @ in it"),
        ("https://api.atlassian.com\\.evil.example/x", "not a URL"),
        ("https://[/x", "not a URL"),
        ("/links/v1/history", "not a URL"),
        ("https://api.atlassian.com/a b", "not a URL"),
    ],
)
def test_credentials_do_not_go_where_they_must_not(text: str, says: str) -> None:
    with pytest.raises(InvalidOption, match=says) as failure:
        url_of(text)
    assert "history_url" in str(failure.value)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("text", ["{site}", "{site_id.__class__}", "{}", "{job_id", "a}", "{{ site_id }}"])
def test_a_place_that_nobody_knows_what_to_fill_with_is_refused(text: str) -> None:
    with pytest.raises(InvalidOption, match=r"history_url has .* in it"):
        Template(Kind.HISTORY, "history_url", f"https://api.atlassian.com/{text}")


@pytest.mark.parametrize(("text", "is_of_job"), [("https://a/{job_id}", True), ("https://a/{site_id}", False)])
def test_a_template_says_whether_each_job_has_a_report(text: str, is_of_job: bool) -> None:
    assert Template(Kind.HISTORY, "history_url", text).is_of_job is is_of_job


def test_the_name_of_a_file_has_the_kind_the_site_the_day_and_the_job_and_is_good_everywhere() -> None:
    assert name_of_file(Kind.AUDIT_LOG, EU, NOON) == "audit_log_eu.example.net_2026-03-01"
    assert name_of_file(Kind.HISTORY, EU, NOON, "j-1") == "history_eu.example.net_2026-03-01_j-1"
    odd = name_of_file(Kind.HISTORY, "http://127.0.0.1:80/eu", NOON, "../a b\x00" + "x" * 200)
    assert odd == "history_127.0.0.1_80_eu_2026-03-01_.._a_b_" + "x" * 73
    assert odd.startswith(beginning_of_name(Kind.HISTORY, "http://127.0.0.1:80/eu"))


def test_the_days_are_those_of_the_job_that_was_complete_first_and_never_less_than_none() -> None:
    assert days_left([], NOON) is None
    assert days_left([NOON - timedelta(days=1), NOON - timedelta(days=19)], NOON) == 10
    assert days_left([NOON - timedelta(days=30), NOON], NOON) == 0
