# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site says of itself and of the caller, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.site_api import SiteApi, User
from ansible_collections.jira_cloud.federation.tests.unit.support import Wire, answering


@pytest.mark.parametrize("path", ["", "/wiki"])
def test_a_site_is_looked_up_at_its_root_and_without_credentials(session: Session, path: str) -> None:
    with Wire(answering(200, '{"cloudId": "11223344-a1b2"}')) as wire:
        assert SiteApi(session, wire.url + path).site_id() == "11223344-a1b2"
    assert wire.requests[0].startswith("GET /_edge/tenant_info HTTP/1.1\r\n")
    assert "authorization" not in wire.requests[0].lower()


@pytest.mark.parametrize("http_status", [302, 400, 401, 403, 404])
def test_a_url_that_refuses_to_tell_its_site_is_none_of_the_cloud(session: Session, http_status: int) -> None:
    with (
        Wire(answering(http_status, "<html>", {"Location": "/login"})) as wire,
        pytest.raises(LinkUpdateError) as failure,
    ):
        SiteApi(session, wire.url).site_id()
    assert (failure.value.code, failure.value.failure.http_status) == ("site_not_found", http_status)
    assert wire.url in failure.value.failure.message


@pytest.mark.parametrize("answer", ["{}", "[]", '{"cloudId": null}', '{"cloudId": "../x"}', '{"cloudId": ["a"]}'])
def test_an_answer_without_a_cloud_id_is_none_of_the_cloud(session: Session, answer: str) -> None:
    with Wire(answering(200, answer)) as wire, pytest.raises(LinkUpdateError) as failure:
        SiteApi(session, wire.url).site_id()
    assert failure.value.code == "site_not_found"


@pytest.mark.parametrize(("http_status", "kind"), [(429, NotAccepted), (500, OutcomeUnknown), (503, OutcomeUnknown)])
def test_a_site_that_has_trouble_may_still_be_one(
    session: Session, http_status: int, kind: type[LinkUpdateError]
) -> None:
    with Wire(answering(http_status)) as wire, pytest.raises(kind):
        SiteApi(session, wire.url).site_id()


def ask(session: Session, method: str, answer: Any, http_status: int = 200) -> tuple[Any, str]:
    """What a method makes of an answer, and the request it made."""
    with Wire(answering(http_status, json.dumps(answer))) as wire:
        result = getattr(SiteApi(session, wire.url), method)()
    return result, wire.requests[0]


def test_the_account_is_asked_for_with_its_credentials(session: Session) -> None:
    account, request = ask(session, "account", {"accountId": "5b10a2", "displayName": "Ann Admin", "active": True})
    assert account == User("5b10a2", "Ann Admin")
    assert request.startswith("GET /rest/api/3/myself HTTP/1.1\r\n")
    assert "authorization: basic " in request.lower()


@pytest.mark.parametrize("answer", [True, False])
def test_being_admin_is_a_permission_of_jira(session: Session, answer: bool) -> None:
    said = {"permissions": {"ADMINISTER": {"key": "ADMINISTER", "havePermission": answer}}}
    found, request = ask(session, "is_admin", said)
    assert found is answer
    assert request.startswith("GET /rest/api/3/mypermissions?permissions=ADMINISTER HTTP/1.1\r\n")


@pytest.mark.parametrize("answer", [True, False])
def test_issue_linking_is_a_setting_of_the_site(session: Session, answer: bool) -> None:
    found, request = ask(session, "issue_linking_enabled", {"issueLinkingEnabled": answer, "votingEnabled": True})
    assert found is answer
    assert request.startswith("GET /rest/api/3/configuration HTTP/1.1\r\n")


@pytest.mark.parametrize("method", ["account", "is_admin", "issue_linking_enabled"])
@pytest.mark.parametrize(
    "answer", [[], {}, {"permissions": []}, {"permissions": {"ADMINISTER": "yes"}}, {"issueLinkingEnabled": "true"}]
)
def test_an_answer_of_another_shape_is_none(session: Session, method: str, answer: Any) -> None:
    with pytest.raises(OutcomeUnknown):
        ask(session, method, answer)


@pytest.mark.parametrize("method", ["account", "is_admin", "issue_linking_enabled"])
def test_refused_credentials_are_said_to_be(session: Session, method: str) -> None:
    with pytest.raises(LinkUpdateError) as failure:
        ask(session, method, {"message": "no"}, 401)
    assert failure.value.code == "unauthorized"


def page_of(*keys: Any, is_last: Any = False) -> str:
    return json.dumps({"isLast": is_last, "total": 99, "values": [{"key": key, "id": "1"} for key in keys]})


def test_the_projects_of_a_site_are_read_page_by_page_however_short_the_pages_are(session: Session) -> None:
    with Wire(*map(answering, [200] * 3, [page_of("ABC", "DEF"), page_of("GHI"), page_of(is_last=True)])) as wire:
        assert SiteApi(session, wire.url).projects() == ["ABC", "DEF", "GHI"]
    questions = [request.split()[1] for request in wire.requests]
    assert questions == [f"/rest/api/3/project/search?startAt={start}&maxResults=20" for start in (0, 2, 3)]


@pytest.mark.parametrize("pages", [[page_of("ABC", is_last=True)], [page_of("ABC"), page_of()]])
def test_the_last_project_is_where_the_site_says_so_or_where_no_more_come(session: Session, pages: list[str]) -> None:
    with Wire(*[answering(200, page) for page in pages]) as wire:
        assert SiteApi(session, wire.url).projects() == ["ABC"]
    assert len(wire.requests) == len(pages)


def test_a_page_of_projects_that_fails_is_asked_for_again_alone(session: Session) -> None:
    def twice(ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except OutcomeUnknown:
            return ask()

    answers = [answering(200, page_of("ABC")), answering(500), answering(200, page_of("DEF", is_last=True))]
    with Wire(*answers) as wire:
        assert SiteApi(session, wire.url).projects(twice) == ["ABC", "DEF"]
    assert ["startAt=0" in request for request in wire.requests] == [True, False, False]


@pytest.mark.parametrize(
    "answer", ["[]", "{}", '{"values": 1, "isLast": true}', page_of("a-b"), page_of(1), page_of("ABC", is_last=None)]
)
def test_an_answer_without_projects_is_not_taken_for_a_site_without_projects(session: Session, answer: str) -> None:
    with Wire(answering(200, answer)) as wire, pytest.raises(OutcomeUnknown, match="an answer without"):
        SiteApi(session, wire.url).projects()


def test_a_site_that_answers_with_the_same_page_again_is_not_taken_for_one_without_more(session: Session) -> None:
    pages = [page_of("ABC", "DEF"), page_of("ABC", "DEF")]
    with Wire(*[answering(200, page) for page in pages]) as wire, pytest.raises(OutcomeUnknown, match="twice"):
        SiteApi(session, wire.url).projects()
