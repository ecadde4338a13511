# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found out before anything is scheduled, over real HTTP: of all instances at once, or of one site."""

from __future__ import annotations

import contextlib
import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import (
    FEDERATION,
    LINK_UPDATE_RUN,
    SITE_INFO,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import Problem
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.preflight import inspect
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.site_api import SiteApi
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.options import run_settings
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.site_info import site_info
from ansible_collections.jira_cloud.federation.plugins.module_utils._threads import Threads
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    FakeClock,
    Listener,
    Wire,
    answering,
    closed_port,
    resetting,
)

T = TypeVar("T")

EMAIL, TOKEN = "me@example.com", "s3cr3t-t0ken"
NAMES = ("eu", "us", "ap")
ORDER = {name: option.get("default") for name, option in FEDERATION["orders"]["options"].items()}
UNAUTHORIZED = (
    "check the e-mail address and the API token. A token expires (by default after a year). A scoped token does not "
    "work: use an unscoped one. Check the URL as well: a site that was renamed, or got a custom domain, refuses "
    "requests to its old address"
)
NOT_ALLOWED = {
    "errorMessages": ["The IP address has been rejected because it is not on the allowed list. Go."],
    "errors": {},
}
#: The same, in words that are shortened before it is told.
LATE = {"errorMessages": ["Forbidden", "x" * 300, *NOT_ALLOWED["errorMessages"]]}
ALLOWLIST = "put the address of the machine that sends the requests on the site's IP allowlist"
#: What an instance is asked for; a destination only for the first.
ALL_QUESTIONS = ("tenant_info", "myself", "mypermissions", "configuration")


class PreflightHarness:
    """A federation at a stand-in, and what looks at it, as the role does. The time is noon of 1 March 2026."""

    def __init__(self, server: StandIn) -> None:
        self.server = server
        self.clock = FakeClock()
        self.listener = Listener()
        self.federation: dict[str, dict[str, Any]] = {
            name: {"product_url": self.url(name), "migrated_from": "https://jira.example.com"} for name in NAMES
        }

    def url(self, name: str) -> str:
        return f"{self.server.url}/{name}.example.net"

    @property
    def requests(self) -> dict[str, int]:
        return dict(self.server.service.requests)

    def order(self, name: str, **options: Any) -> dict[str, Any]:
        return {**ORDER, "name": name, "email": EMAIL, "api_token": TOKEN, **options}

    def inspect(self, *orders: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
        """The preflight of these orders, or of one for each instance."""
        return link_update_run(self.options(*orders, **options), check, self.listener, self.clock)

    def options(self, *orders: dict[str, Any], **options: Any) -> dict[str, Any]:
        """What a preflight of these orders is asked for, or of one for each instance."""
        defaults = {name: option.get("default") for name, option in LINK_UPDATE_RUN.items()}
        given = list(orders) or [self.order(name) for name in self.federation]
        federation = {"federation": self.federation, "orders": given, "settings": {"link_update_group": "sites"}}
        return {**defaults, **federation, "stages": ["preflight"], "request_timeout": 5.0, **options}

    def site_info(self, product_url: str, **options: Any) -> dict[str, Any]:
        defaults = {name: option.get("default") for name, option in SITE_INFO.items()}
        given = {**defaults, "product_url": product_url, "email": EMAIL, "api_token": TOKEN, "request_timeout": 5.0}
        given.update(options)
        return site_info(given, False, self.listener, self.clock)


@pytest.fixture
def harness(request: pytest.FixtureRequest) -> Iterator[PreflightHarness]:
    """A stand-in where all is well, unless the test's parameters say otherwise."""
    sites = {name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}"} for name in NAMES}
    given = getattr(request, "param", {})
    script = Script(
        **{"email": EMAIL, "api_token": TOKEN, **given, "sites": {**sites, **given.get("sites", {})}},
    )
    with StandIn(script) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield PreflightHarness(server)
        server.shutdown()


def found(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Each problem of a preflight: whose it is, and what it is."""
    return [(each["instance"], each["problem"]) for each in result["problems"]]


# -- Where all is well


def test_a_federation_that_is_well_has_no_problems_and_its_sites_are_known(harness: PreflightHarness) -> None:
    result = harness.inspect()
    assert "failed" not in result
    assert result["problems"] == []
    assert not result["changed"]
    assert result["site_ids"] == {"eu": "site-eu", "us": "site-us", "ap": "site-ap"}
    assert result["sites"]["eu"] == {
        "product_url": harness.url("eu"),
        "skipped": False,
        "site_id": "site-eu",
        "account": {"account_id": "stand-in", "display_name": "Stand In"},
        "is_admin": True,
        "issue_linking_enabled": True,
        "origins": ["https://jira.example.com"],
        "window_closes": None,
        "days_left": None,
    }
    assert harness.listener.lines == [
        "Preflight: 3 instances, no problems",
        "instance    origin            account   admin  linking  days left",
        "eu, us, ap  jira.example.com  Stand In  yes    on       not known",
    ]


def test_each_instance_is_asked_each_question_once(harness: PreflightHarness) -> None:
    harness.inspect()
    assert harness.requests == dict.fromkeys(ALL_QUESTIONS, 3)


def test_a_check_finds_the_same(harness: PreflightHarness) -> None:
    assert harness.inspect(check=True) == harness.inspect()


def test_of_a_destination_no_more_is_asked_than_whether_it_is_there(harness: PreflightHarness) -> None:
    result = harness.inspect(harness.order("eu"))
    assert "failed" not in result
    assert harness.requests == {"tenant_info": 3, "myself": 1, "mypermissions": 1, "configuration": 1}
    assert result["site_ids"] == {"eu": "site-eu", "us": "site-us", "ap": "site-ap"}
    assert (result["sites"]["us"]["account"], result["sites"]["us"]["is_admin"]) == (None, None)


def test_a_destination_gets_to_see_no_credentials(harness: PreflightHarness) -> None:
    with Wire(answering(body='{"cloudId": "site-wire"}')) as wire:
        harness.federation["wire"] = {"product_url": wire.url, "migrated_from": "https://jira.example.com"}
        assert "failed" not in harness.inspect(harness.order("eu"))
    assert "authorization" not in wire.requests[0].lower()


def test_each_instance_is_asked_with_its_own_account(harness: PreflightHarness) -> None:
    answers = ['{"cloudId": "a"}', '{"accountId": "ann"}', '{"permissions": {"ADMINISTER": {"havePermission": true}}}']
    answers.append('{"issueLinkingEnabled": true}')
    with (
        Wire(*(answering(body=body) for body in answers)) as one,
        Wire(*(answering(body=body.replace('"a"', '"b"')) for body in answers)) as two,
    ):
        harness.federation = {
            name: {"product_url": wire.url, "migrated_from": "https://jira.example.com"}
            for name, wire in (("one", one), ("two", two))
        }
        result = harness.inspect(harness.order("one"), harness.order("two", email="bob@example.com", api_token="b0b"))
    assert "failed" not in result
    for wire, account in ((one, f"{EMAIL}:{TOKEN}"), (two, "bob@example.com:b0b")):
        assert [b64encode(account.encode()).decode() in each for each in wire.requests] == [False, True, True, True]


def test_a_confluence_is_not_asked_for_what_only_jira_has(harness: PreflightHarness) -> None:
    for instance in harness.federation.values():
        instance["product_url"] += "/wiki"
    orders = [harness.order(name, product="confluence", recreate_as_remote=False) for name in NAMES]
    result = harness.inspect(*orders)
    assert "failed" not in result
    assert harness.requests == {"tenant_info": 3}
    assert result["sites"]["eu"]["site_id"] == "site-eu"


def test_a_rehearsal_asks_the_stand_in_and_without_the_real_credentials(harness: PreflightHarness) -> None:
    with Wire(answering(body='{"cloudId": "a"}'), answering(401, "{}")) as wire:
        harness.federation = {
            "eu": {"product_url": "https://eu.example.net", "migrated_from": "https://old.example.com"}
        }
        harness.inspect(harness.order("eu"), stand_in_url=wire.url, ledger="/tmp/not-used")
    assert wire.requests[1].startswith("GET /eu.example.net/rest/api/3/myself ")
    assert b64encode(f"{EMAIL}:{TOKEN}".encode()).decode() not in wire.requests[1]


# -- What is wrong


@pytest.mark.parametrize("harness", [{"not_admin": ("us",)}], indirect=True)
def test_an_account_that_is_no_admin_is_found(harness: PreflightHarness) -> None:
    result = harness.inspect()
    assert result["failed"]
    assert result["failure"]["code"] == "preflight"
    assert found(result) == [("us", "Stand In is not a Jira admin here")]
    assert [result["sites"][name]["is_admin"] for name in NAMES] == [True, False, True]


@pytest.mark.parametrize("harness", [{"linking_off": ("ap",)}], indirect=True)
def test_issue_linking_that_is_switched_off_is_found(harness: PreflightHarness) -> None:
    result = harness.inspect()
    assert found(result) == [("ap", "issue linking is off")]
    assert [result["sites"][name]["issue_linking_enabled"] for name in NAMES] == [True, True, False]


@pytest.mark.parametrize("harness", [{"not_admin": ("eu", "us"), "linking_off": ("eu", "us")}], indirect=True)
def test_what_is_wrong_with_a_mere_destination_is_no_problem(harness: PreflightHarness) -> None:
    assert "failed" not in harness.inspect(harness.order("ap"))
    assert [name for name, problem in found(harness.inspect(harness.order("us")))] == ["us", "us"]


def test_credentials_that_are_refused_are_found_and_not_told(harness: PreflightHarness) -> None:
    result = harness.inspect(harness.order("eu", api_token="an0ther-s3cret"), harness.order("us"), harness.order("ap"))
    ((name, problem),) = found(result)
    assert name == "eu"
    assert problem.startswith("the site refused the credentials: GET ")
    assert "HTTP 401" in problem
    assert "use an unscoped one" in result["problems"][0]["remedy"]
    assert "an0ther-s3cret" not in json.dumps(result) + "".join(harness.listener.lines)
    assert harness.requests["mypermissions"] == 2, "what was refused once is not asked again in other words"


@pytest.mark.parametrize(
    ("status", "body", "problem", "remedy"),
    [
        (401, {"message": "Client must be authenticated"}, "the site refused the credentials: ", UNAUTHORIZED),
        (403, {"message": "no"}, "the site refused the account: ", "give the account access to the product"),
        (403, NOT_ALLOWED, "GET ", f"{ALLOWLIST}, or skip the preflight of this host: set link_update_preflight: "),
        (403, LATE, "GET ", f"{ALLOWLIST}, or skip the preflight of this host: set link_update_preflight: "),
        (404, "<title>No such page</title>", "there is no Jira: ", "check the URL: there is no Jira. The URL of a "),
    ],
    ids=["401", "403", "allowlist", "allowlist after 300 characters", "404"],
)
def test_each_refusal_of_a_site_comes_with_its_own_remedy(
    harness: PreflightHarness, status: int, body: Any, problem: str, remedy: str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    with Wire(answering(200, '{"cloudId": "a"}'), answering(status, text)) as wire:
        harness.federation["eu"]["product_url"] = wire.url
        result = harness.inspect(harness.order("eu"))
        ((name, told),) = found(result)
    assert (name, result["problems"][0]["remedy"].startswith(remedy)) == ("eu", True)
    assert told.startswith(problem)
    said = body if isinstance(body, str) else body.get("message") or body["errorMessages"][0]
    assert f"HTTP {status} {said}".replace("<title>", "").replace("</title>", "") in told
    with Wire(answering(200, '{"cloudId": "a"}'), answering(status, text)) as wire:
        message = harness.site_info(wire.url)["msg"]
    assert remedy.partition(", or skip")[0].lower() in message.lower()


# -- A site that is not to be asked


@pytest.mark.parametrize("harness", [{"blocked": ("us",)}], indirect=True)
def test_a_site_that_rejects_this_machine_is_found_and_named_with_both_remedies(harness: PreflightHarness) -> None:
    result = harness.inspect()
    ((name, problem),) = found(result)
    assert name == "us"
    assert "not on the allowed list" in problem
    assert result["problems"][0]["remedy"] == (
        f"{ALLOWLIST}, or skip the preflight of this host: set link_update_preflight: false and link_update_site_id"
    )


@pytest.mark.parametrize("harness", [{"blocked": ("us",)}], indirect=True)
def test_a_site_that_is_skipped_is_not_asked_and_shown_as_skipped(harness: PreflightHarness) -> None:
    orders = [harness.order(name) for name in ("eu", "ap")]
    skipped = harness.order("us", preflight=False, site_id="site-us", migrated_at="2026-02-20")
    result = harness.inspect(*orders, skipped)
    assert "failed" not in result
    assert harness.requests == dict.fromkeys(ALL_QUESTIONS, 2)
    assert (result["sites"]["us"]["skipped"], result["sites"]["us"]["account"]) == (True, None)
    assert result["site_ids"] == {name: f"site-{name}" for name in NAMES}
    (row,) = [line.split() for line in harness.listener.lines if line.startswith("us ")]
    assert row == ["us", "jira.example.com", "skipped", "-", "-", "4.5"]


@pytest.mark.parametrize("harness", [{"blocked": ("us",)}], indirect=True)
def test_a_site_that_is_skipped_and_not_known_is_asked_for_when_its_updates_are_due(
    harness: PreflightHarness, tmp_path: Path
) -> None:
    result = harness.inspect(
        harness.order("us", preflight=False),
        stages=["preflight", "submit"],
        app_links_authorized=True,
        ledger=str(tmp_path / "ledger.sqlite3"),
        api_url=f"{harness.server.url}/api.example.net/links/v1",
    )
    assert (result["sites"]["us"]["site_id"], result["site_ids"]) == (None, {"eu": "site-eu", "ap": "site-ap"})
    failure = result["updates"][0]["failure"]
    assert failure["code"] == "forbidden"
    assert "not on the allowed list" in failure["message"]
    assert failure["message"].endswith(f"P{ALLOWLIST[1:]}, or set link_update_site_id, then run again")


@pytest.mark.parametrize("harness", [{"blocked": ("us",)}], indirect=True)
def test_a_mere_destination_that_rejects_this_machine_is_there(harness: PreflightHarness) -> None:
    assert "failed" not in harness.inspect(harness.order("eu"))


def test_what_is_wrong_with_the_variables_of_a_site_that_is_skipped_is_found_all_the_same(
    harness: PreflightHarness,
) -> None:
    result = harness.inspect(harness.order("us", preflight=False, migrated_at="2026-09-01", destinations=["nowhere"]))
    assert [name for name, problem in found(result)] == ["us", "us"]


@pytest.mark.parametrize(("missing", "called"), [("email", "e-mail address"), ("api_token", "API token")])
def test_credentials_that_are_missing_are_found_and_nothing_is_asked_without_them(
    harness: PreflightHarness, missing: str, called: str
) -> None:
    result = harness.inspect(harness.order("eu", **{missing: None}), harness.order("us"))
    ((name, problem),) = found(result)
    assert name == "eu"
    assert problem.startswith(f"no {called}")
    assert harness.requests["tenant_info"] == 2


def test_a_host_that_is_no_site_is_found_and_asked_for_nothing_else(harness: PreflightHarness) -> None:
    harness.federation["us"]["product_url"] = harness.url("nowhere")
    result = harness.inspect()
    ((name, problem),) = found(result)
    assert name == "us"
    assert problem.startswith(f"{harness.url('nowhere')} is not a Jira Cloud or Confluence Cloud site: ")
    assert result["problems"][0]["remedy"] == "correct link_update_product_url"
    assert harness.requests["myself"] == 2
    assert result["site_ids"] == {"eu": "site-eu", "ap": "site-ap"}


def test_a_destination_that_is_no_site_is_found(harness: PreflightHarness) -> None:
    harness.federation["us"]["product_url"] = harness.url("nowhere")
    assert [name for name, problem in found(harness.inspect(harness.order("eu")))] == ["us"]


@pytest.mark.parametrize("where", ["the federation", "the order"])
def test_a_site_id_that_is_another_one_s_is_found(harness: PreflightHarness, where: str) -> None:
    harness.federation["us"]["site_id"] = "site-eu" if where == "the federation" else None
    order = harness.order("us", site_id="site-eu" if where == "the order" else None)
    assert found(harness.inspect(order)) == [
        ("us", f"link_update_site_id is site-eu, but {harness.url('us')} is the site site-us")
    ]


def test_the_preflight_of_the_module_alone_names_its_options(harness: PreflightHarness) -> None:
    order = harness.order("us", site_id="site-eu")
    assert found(harness.inspect(order, settings={})) == [
        ("us", f"site_id is site-eu, but {harness.url('us')} is the site site-us")
    ]


def test_a_site_id_that_is_right_is_no_problem(harness: PreflightHarness) -> None:
    harness.federation["us"]["site_id"] = "site-us"
    assert "failed" not in harness.inspect(harness.order("us", site_id="site-us"))


@pytest.mark.parametrize(
    "harness", [{"sites": {"ap": {"product_url": "https://ap.example.net", "site_id": "site-eu"}}}], indirect=True
)
def test_two_names_of_one_site_are_found(harness: PreflightHarness) -> None:
    assert found(harness.inspect()) == [("ap", f"{harness.url('ap')} is the same site as eu (site-eu)")]


def test_the_jira_and_the_confluence_of_one_site_are_two_instances(harness: PreflightHarness) -> None:
    harness.federation["wiki"] = {
        "product_url": f"{harness.url('eu')}/wiki",
        "migrated_from": "https://wiki.example.com",
    }
    result = harness.inspect()
    assert result["problems"] == []
    assert (result["site_ids"]["wiki"], result["site_ids"]["eu"]) == ("site-eu", "site-eu")
    assert (result["sites"]["wiki"]["account"], result["sites"]["eu"]["is_admin"]) == (None, True)


@pytest.mark.parametrize(
    "harness", [{"sites": {"ap": {"product_url": "https://ap.example.net", "site_id": "site-eu"}}}], indirect=True
)
def test_two_names_of_one_site_are_found_with_a_confluence_as_well(harness: PreflightHarness) -> None:
    for name in NAMES:
        harness.federation[name]["product_url"] += "/wiki"
    assert found(harness.inspect()) == [("ap", f"{harness.url('ap')}/wiki is the same site as eu (site-eu)")]


def test_one_url_given_twice_is_one_problem(harness: PreflightHarness) -> None:
    harness.federation["ap"]["product_url"] = harness.url("eu")
    assert found(harness.inspect()) == [("ap", f"link_update_product_url {harness.url('eu')} is also the URL of eu")]


def test_a_url_of_the_host_that_is_not_that_of_the_federation_is_found(harness: PreflightHarness) -> None:
    result = harness.inspect(harness.order("eu", product_url=harness.url("us")), harness.order("us", product_url=None))
    says = f"link_update_product_url is {harness.url('us')}, but link_update_federation says {harness.url('eu')}"
    assert found(result) == [("eu", says)]


@pytest.mark.parametrize("own", ["{us}", "https://elsewhere.example.net", "{eu}/wiki", "http://no.example.net", "?"])
@pytest.mark.parametrize("stages", [["preflight"], ["preflight", "submit"], ["submit"], ["plan"]])
def test_no_credentials_go_to_a_url_that_the_instance_itself_does_not_have(
    harness: PreflightHarness, own: str, stages: list[str]
) -> None:
    with Wire(*[answering(200, '{"cloudId": "of-another"}')] * 4) as wire:
        harness.federation["eu"]["product_url"] = wire.url
        given = own.format(us=harness.url("us"), eu=harness.url("eu"))
        api_url = f"{harness.server.url}/api.example.net/links/v1"
        result = harness.inspect(
            harness.order("eu", product_url=given),
            harness.order("us"),
            stages=stages,
            api_url=api_url,
            ledger="/no/such/ledger",
        )
    assert result["failed"]
    assert "link_update_product_url" in json.dumps(result)
    assert not [each for each in wire.requests if "authorization" in each.lower()]
    assert harness.requests.get("schedule", 0) == 0


def test_the_credentials_of_each_instance_go_to_its_own_site_alone() -> None:
    names = ("eu", "us", "ap")
    tokens = {name: f"t0ken-of-{name}" for name in names}
    with contextlib.ExitStack() as stack:
        wires = {name: stack.enter_context(Wire(*GOOD)) for name in names}
        federation = {
            name: {"product_url": wires[name].url, "migrated_from": "https://jira.example.com"} for name in names
        }
        orders = [
            {**ORDER, "name": name, "email": EMAIL, "api_token": token, "product_url": wires[name].url}
            for name, token in tokens.items()
        ]
        defaults = {name: option.get("default") for name, option in LINK_UPDATE_RUN.items()}
        given = {**defaults, "federation": federation, "orders": orders, "stages": ["preflight"]}
        link_update_run({**given, "request_timeout": 5.0}, False, Listener(), FakeClock())
    for name, wire in wires.items():
        sent = {line for each in wire.requests for line in each.split("\r\n") if line.startswith("Authorization")}
        assert sent == {f"Authorization: Basic {b64encode(f'{EMAIL}:{tokens[name]}'.encode()).decode()}"}


@pytest.mark.parametrize("path", ["/_edge/tenant_info", "/rest/api/3/myself"])
def test_no_credentials_follow_a_redirect(harness: PreflightHarness, path: str) -> None:
    with Wire(answering(200, "{}")) as elsewhere:
        away = answering(302, "", {"Location": f"{elsewhere.url}{path}"})
        before = GOOD[:1] if "myself" in path else ()
        with Wire(*before, away, away) as wire:
            harness.federation["eu"]["product_url"] = wire.url
            assert harness.inspect(harness.order("eu"))["failed"]
    assert not elsewhere.requests


@pytest.mark.parametrize("url", ["http://127.0.0.1.example.com", "https://example.com", "http://192.0.2.1"])
def test_a_stand_in_is_on_this_machine_or_is_refused(harness: PreflightHarness, url: str) -> None:
    result = harness.inspect(stand_in_url=url, ledger="/tmp/not-used")
    assert (result["failed"], result["failure"]["code"]) == (True, "invalid_option")
    assert not harness.requests


@pytest.mark.parametrize("url", ["http://api.example.com/links/v1", "https://me@api.example.com", "api.example.com"])
def test_an_api_url_that_is_wrong_is_refused_before_anything_is_sent(harness: PreflightHarness, url: str) -> None:
    result = harness.inspect(api_url=url)
    assert (result["failed"], result["failure"]["code"]) == (True, "invalid_option")
    assert not harness.requests


@pytest.mark.parametrize("name", ["eu\x1b[2J", "eu\nok: [us]", "e\u202eu", "e\u200bu"])
def test_a_name_that_cannot_be_shown_is_a_problem_that_is_shown(harness: PreflightHarness, name: str) -> None:
    harness.federation[name] = harness.federation.pop("eu")
    result = harness.inspect(harness.order(name), harness.order("us"))
    assert (name, "its name has an invisible character in it") in found(result)
    assert all(line.isprintable() for line in harness.listener.lines[-8:] if "its name" in line)


def test_the_same_url_spelled_in_another_way_is_no_problem(harness: PreflightHarness) -> None:
    assert "failed" not in harness.inspect(harness.order("eu", product_url=f"{harness.url('eu')}/"))


def test_who_is_not_in_the_federation_is_found(harness: PreflightHarness) -> None:
    assert found(harness.inspect(harness.order("eu"), harness.order("mars"))) == [
        ("mars", "is not in the federation (eu, us, ap)")
    ]


def test_an_instance_that_is_not_complete_is_found_without_keeping_the_others_from_being_looked_at(
    harness: PreflightHarness,
) -> None:
    harness.federation["us"] = {"product_url": "http://us.example.net", "site_id": "../us"}
    result = harness.inspect()
    assert [name for name, problem in found(result)] == ["us", "us", "us"]
    assert harness.requests == dict.fromkeys(ALL_QUESTIONS, 2)
    assert result["sites"]["us"]["site_id"] is None


def test_a_site_that_cannot_be_reached_is_found_after_some_tries(harness: PreflightHarness) -> None:
    harness.federation["us"]["product_url"] = f"http://127.0.0.1:{closed_port()}"
    result = harness.inspect()
    ((name, problem),) = found(result)
    assert name == "us"
    assert "Connection refused" in problem
    assert len(harness.clock.naps) == 4


@pytest.mark.parametrize("harness", [{"not_admin": ("eu",), "linking_off": ("eu", "ap")}], indirect=True)
def test_all_problems_are_found_at_once_in_the_order_of_the_federation(harness: PreflightHarness) -> None:
    for name in ("no-url", "nowhere", "late", "odd"):
        harness.federation[name] = {"migrated_from": "https://jira.example.com"}
    harness.federation["nowhere"]["product_url"] = harness.url("nowhere")
    harness.federation["us"]["site_id"] = "site-ap"
    result = harness.inspect(
        harness.order("ap", api_token="wr0ng", migrated_at="2027-01-01"),
        harness.order("us", migrated_at="yesterday"),
        harness.order("eu"),
        harness.order("mars"),
        harness.order("nowhere", migrated_at="2027-01-01"),
    )
    names = [name for name, problem in found(result)]
    assert names == ["mars", "eu", "eu", "us", "us", "ap", "ap", "no-url", "nowhere", "nowhere", "late", "odd"]
    assert all(each["remedy"] for each in result["problems"])
    assert result["msg"].startswith("9 problems, so nothing was scheduled. mars: ")
    assert result["msg"].endswith(". 6 more reasons not shown")
    told = harness.listener.lines[harness.listener.lines.index("9 problems. Nothing was scheduled.") + 1 :]
    assert max(map(len, told)) <= 70
    rows = [line[2:].partition(": ")[0] for line in told if line.startswith("- ")]
    # What is the same for several instances is told once.
    assert rows == ["mars", "eu", "eu", "us", "us", "ap, nowhere", "ap", "no-url, late, odd", "nowhere"]


@pytest.mark.parametrize(
    "harness",
    [
        {
            "not_admin": ("eu",),
            "linking_off": ("eu",),
            "sites": {"ap": {"product_url": "https://ap.example.net", "site_id": "site-eu"}},
        }
    ],
    indirect=True,
)
def test_each_problem_comes_with_what_to_do(harness: PreflightHarness) -> None:
    harness.federation["us"]["site_id"] = "site-other"
    harness.federation["gone"] = {
        "product_url": f"http://127.0.0.1:{closed_port()}",
        "migrated_from": "https://jira.example.com",
    }
    result = harness.inspect(
        harness.order("eu", migrated_at="2027-01-01"),
        harness.order("us", api_token="wr0ng"),
        harness.order("ap", email=None),
        harness.order("gone"),
    )
    assert [(each["instance"], each["remedy"]) for each in result["problems"]] == [
        ("eu", "set it to the day when the migration ended or will end"),
        (
            "eu",
            "make this account a Jira admin here, or set another admin's e-mail and token for this host "
            "(link_update_email, link_update_api_token)",
        ),
        ("eu", "turn it on in the Jira settings of this site, Issue features"),
        ("us", "correct it, or remove it: the run then looks it up"),
        ("us", UNAUTHORIZED),
        ("ap", "set ATLASSIAN_EMAIL or link_update_email"),
        ("gone", "check the URL, the network and https://status.atlassian.com, then run again"),
    ]


# -- The time for recreating links


@pytest.mark.parametrize(
    ("migrated_at", "closes"),
    [
        ("2026-02-15", "2026-03-01 00:00Z"),
        ("2026-02-15T11:59:59Z", "2026-03-01 11:59Z"),
        ("2025-04-01", "2025-04-15 00:00Z"),
    ],
)
def test_a_time_that_is_over_is_warned_of_and_no_problem(
    harness: PreflightHarness, migrated_at: str, closes: str
) -> None:
    result = harness.inspect(harness.order("eu", migrated_at=migrated_at))
    assert "failed" not in result
    assert harness.listener.warnings == [
        f"eu: the deadline to recreate links was {closes}. Scheduled jobs go on, new ones are refused"
    ]
    assert result["sites"]["eu"]["days_left"] <= 0
    assert next(line for line in harness.listener.lines if line.startswith("eu ")).endswith("OVER")


@pytest.mark.parametrize(("migrated_at", "warned"), [("2026-02-18T12:00:00Z", True), ("2026-02-18T12:30:00Z", False)])
def test_the_time_of_a_destination_is_warned_of_as_nobody_knows_whether_it_counts(
    harness: PreflightHarness, migrated_at: str, warned: bool
) -> None:
    harness.federation["us"]["migrated_at"] = migrated_at
    for own in (None, "2026-02-20"):
        harness.listener.warnings.clear()
        assert "failed" not in harness.inspect(harness.order("eu", migrated_at=own), harness.order("ap"))
        says = (
            "us: if the migration date of the destination counts, links can be recreated until 2026-03-04 12:00Z. "
            "Atlassian does not say whether that date counts, or the date of the site that has the links"
        )
        assert harness.listener.warnings == ([says] if warned else [])


def test_the_time_of_a_destination_is_not_warned_of_where_that_of_the_product_ends_sooner(
    harness: PreflightHarness,
) -> None:
    harness.federation["us"]["migrated_at"] = "2026-02-17"
    harness.inspect(harness.order("eu", migrated_at="2026-02-16"))
    assert [warning.split(",")[0] for warning in harness.listener.warnings] == ["eu: 0.5 days left to recreate links"]


def test_the_first_of_the_times_of_a_destination_with_several_origins_is_told(harness: PreflightHarness) -> None:
    servers = ["https://jira.example.com", "https://b.example.com"]
    harness.federation["eu"]["migrated_from"] = servers
    harness.federation["us"]["migrated_from"] = [
        {"url": url, "migrated_at": day} for url, day in zip(servers, ("2026-02-17", "2026-02-16"), strict=True)
    ]
    harness.inspect(harness.order("eu"))
    (warning,) = harness.listener.warnings
    assert "until 2026-03-02 00:00Z" in warning


@pytest.mark.parametrize(
    ("migrated_at", "left"),
    [
        ("2026-02-15T12:00:00Z", 0.0),
        ("2026-02-16", 0.5),
        ("2026-02-18T12:00:00Z", 3.0),
        ("2026-02-18T14:00:00+02:00", 3.0),
    ],
)
def test_the_last_three_days_are_warned_of(harness: PreflightHarness, migrated_at: str, left: float) -> None:
    result = harness.inspect(harness.order("eu", migrated_at=migrated_at))
    assert "failed" not in result
    assert result["sites"]["eu"]["days_left"] == left
    (warning,) = harness.listener.warnings
    assert warning.startswith(f"eu: {left:.1f} days left to recreate links, until 2026-03-0")


def test_where_origins_have_a_date_each_the_pairs_are_named_whose_time_is_over(harness: PreflightHarness) -> None:
    servers = ["https://jira.example.com", "https://b.example.com"]
    harness.federation["eu"]["migrated_from"] = [
        {"url": url, "migrated_at": day} for url, day in zip(servers, ("2026-02-16", "2026-02-01"), strict=True)
    ]
    harness.federation["us"]["migrated_from"] = servers
    harness.inspect(harness.order("eu", destinations=["us"]))
    assert harness.listener.warnings == [
        "eu: the deadline to recreate links of eu -> us (from b.example.com) was 2026-02-15 00:00Z. Scheduled jobs go "
        "on, new ones are refused",
        "eu: 0.5 days left to recreate links of eu -> us (from jira.example.com), until 2026-03-02 00:00Z",
    ]


def test_time_enough_is_no_reason_to_warn(harness: PreflightHarness) -> None:
    result = harness.inspect(harness.order("eu", migrated_at="2026-02-18T12:30:00Z"))
    assert result["sites"]["eu"]["window_closes"] == "2026-03-04T12:30:00.000000Z"
    assert result["sites"]["eu"]["days_left"] == 3.02
    assert harness.listener.warnings == []


def test_a_time_that_nobody_gave_is_not_known_and_no_problem(harness: PreflightHarness) -> None:
    result = harness.inspect(harness.order("eu"))
    assert "failed" not in result
    assert (result["sites"]["eu"]["window_closes"], result["sites"]["eu"]["days_left"]) == (None, None)
    lines = {line.split()[0]: line for line in harness.listener.lines}
    assert lines["eu"].endswith("not known")
    assert lines["us,"].startswith("us, ap ")
    assert lines["us,"].endswith("-"), "nothing is recreated at a mere destination"


@pytest.mark.parametrize("migrated_at", ["yesterday", "2026-02-30", "01.03.2026"])
def test_a_time_that_cannot_be_read_is_a_problem(harness: PreflightHarness, migrated_at: str) -> None:
    ((name, problem),) = found(harness.inspect(harness.order("eu", migrated_at=migrated_at)))
    assert name == "eu"
    assert problem.startswith(f"link_update_migrated_at '{migrated_at}' is not a date")


@pytest.mark.parametrize("migrated_at", ["2026-01-01", "2026-02-16"])
def test_the_time_does_not_matter_where_nothing_is_recreated(harness: PreflightHarness, migrated_at: str) -> None:
    result = harness.inspect(harness.order("eu", migrated_at=migrated_at, recreate_as_remote=False))
    assert "failed" not in result
    assert harness.listener.warnings == []


@pytest.mark.parametrize("where", ["the order", "the federation", "an origin"])
def test_a_date_that_is_too_far_ahead_is_a_problem(harness: PreflightHarness, where: str) -> None:
    day = "2026-04-01"
    if where == "the federation":
        harness.federation["eu"]["migrated_at"] = day
    if where == "an origin":
        harness.federation["eu"]["migrated_from"] = [{"url": "https://jira.example.com", "migrated_at": day}]
    result = harness.inspect(harness.order("eu", migrated_at=day if where == "the order" else None))
    variable = "link_update_migrated_from: migrated_at" if where == "an origin" else "link_update_migrated_at"
    assert found(result) == [("eu", f"{variable} {day} is more than 30 days in the future")]


def test_what_may_be_a_mistake_is_warned_of_and_no_problem(harness: PreflightHarness) -> None:
    harness.federation["eu"] |= {"migrated_from": "https://jira.exmaple.com", "migrated_at": "2026-03-20"}
    harness.federation["us"]["migrated_from"] = "https://jira.example.com/login.jsp"
    assert "failed" not in harness.inspect()
    assert [warning.split(". ")[0] for warning in harness.listener.warnings] == [
        "us: link_update_migrated_from https://jira.example.com/login.jsp is the address of a page; "
        "using https://jira.example.com",
        "eu: link_update_migrated_at 2026-03-20 is in the future: the 14 days to recreate links start then",
        "eu: its origin is https://jira.exmaple.com, and that of other instances is https://jira.example.com",
    ]


# -- What passes


GOOD = (
    answering(body='{"cloudId": "site-wire"}'),
    answering(body='{"accountId": "ann", "displayName": "Ann"}'),
    answering(body='{"permissions": {"ADMINISTER": {"havePermission": true}}}'),
    answering(body='{"issueLinkingEnabled": true}'),
)


@pytest.mark.parametrize("place", range(4), ids=ALL_QUESTIONS)
@pytest.mark.parametrize("passing", [answering(503), resetting()], ids=["unavailable", "reset"])
def test_trouble_that_passes_is_no_problem_whichever_question_meets_it(
    harness: PreflightHarness, place: int, passing: Callable[..., None]
) -> None:
    with Wire(*GOOD[:place], passing, *GOOD[place:]) as wire:
        harness.federation = {"wire": {"product_url": wire.url, "migrated_from": "https://jira.example.com"}}
        result = harness.inspect(harness.order("wire", destinations=["wire"]))
    assert "failed" not in result
    assert result["sites"]["wire"]["issue_linking_enabled"] is True
    assert len(wire.requests) == 5
    assert len(harness.clock.naps) == 1
    assert sum("trying again" in line for line in harness.listener.lines) == 1


def test_a_site_that_asks_for_quiet_gets_it(harness: PreflightHarness) -> None:
    with Wire(answering(503, headers={"Retry-After": "120"}), *GOOD) as wire:
        harness.federation = {"wire": {"product_url": wire.url, "migrated_from": "https://jira.example.com"}}
        assert "failed" not in harness.inspect(harness.order("wire", destinations=["wire"]))
    assert sum(harness.clock.naps) >= 120


def test_trouble_that_stays_is_a_problem_of_its_own_and_the_next_question_is_asked_nonetheless(
    harness: PreflightHarness,
) -> None:
    with Wire(*GOOD[:2], *[answering(503)] * 5, GOOD[3]) as wire:
        harness.federation = {"wire": {"product_url": wire.url, "migrated_from": "https://jira.example.com"}}
        result = harness.inspect(harness.order("wire", destinations=["wire"]))
    assert len(found(result)) == 1
    assert "HTTP 503" in found(result)[0][1]
    assert "check the URL, the network and https://status.atlassian.com" in result["problems"][0]["remedy"]
    assert (result["sites"]["wire"]["is_admin"], result["sites"]["wire"]["issue_linking_enabled"]) == (None, True)


def test_what_is_asked_again_is_left_to_the_caller(harness: PreflightHarness) -> None:
    asked = []

    def retry(question: Callable[[], T]) -> T:
        asked.append(question.__name__)
        return question()

    findings = inspect(
        run_settings(harness.options(harness.order("eu")), harness.clock.now()),
        open_api=lambda url, account: SiteApi(Session(Connection(), Basic(EMAIL, TOKEN), harness.clock), url),
        retry=retry,
        threads=Threads(harness.clock),
        now=harness.clock.now(),
    )
    assert (findings.problems, findings.notes) == ([], [])
    assert sorted(asked) == ["account", "is_admin", "issue_linking_enabled", "site_id", "site_id", "site_id"]


@pytest.mark.parametrize("harness", [{"not_admin": ("eu",)}], indirect=True)
def test_what_is_found_is_told_apart_from_what_may_be_of_note(harness: PreflightHarness) -> None:
    findings = inspect(
        run_settings(harness.options(harness.order("eu", migrated_at="2026-02-16")), harness.clock.now()),
        open_api=lambda url, account: SiteApi(Session(Connection(), Basic(EMAIL, TOKEN), harness.clock), url),
        retry=lambda question: question(),
        threads=Threads(harness.clock),
        now=harness.clock.now(),
    )
    assert [each.name for each in findings.sites] == list(NAMES)
    assert [type(each) for each in findings.problems] == [Problem]
    assert len(findings.notes) == 1


# -- One site


def test_a_site_tells_what_it_is_and_what_the_caller_may_do_there(harness: PreflightHarness) -> None:
    assert harness.site_info(harness.url("eu")) == {
        "changed": False,
        "site_id": "site-eu",
        "account": {"account_id": "stand-in", "display_name": "Stand In"},
        "is_admin": True,
        "issue_linking_enabled": True,
    }


@pytest.mark.parametrize("harness", [{"not_admin": ("eu",), "linking_off": ("eu",)}], indirect=True)
def test_what_is_not_so_at_a_site_is_an_answer_and_no_failure(harness: PreflightHarness) -> None:
    info = harness.site_info(harness.url("eu"))
    assert "failed" not in info
    assert (info["is_admin"], info["issue_linking_enabled"]) == (False, False)


def test_a_confluence_tells_its_site_id_alone(harness: PreflightHarness) -> None:
    info = harness.site_info(f"{harness.url('eu')}/wiki")
    assert harness.requests == {"tenant_info": 1}
    assert (info["site_id"], info["account"], info["is_admin"]) == ("site-eu", None, None)


def test_credentials_that_a_site_refuses_are_a_failure_that_keeps_what_is_known(harness: PreflightHarness) -> None:
    info = harness.site_info(harness.url("eu"), api_token="an0ther-s3cret")
    assert info["failed"]
    assert info["failure"]["code"] == "unauthorized"
    assert (info["site_id"], info["is_admin"]) == ("site-eu", None)
    assert "an0ther-s3cret" not in json.dumps(info)


def test_a_host_that_is_no_site_is_a_failure(harness: PreflightHarness) -> None:
    info = harness.site_info(harness.url("nowhere"))
    assert (info["failed"], info["failure"]["code"], info["site_id"]) == (True, "site_not_found", None)
    assert harness.requests == {"tenant_info": 1}


def test_a_site_is_found_by_the_address_of_a_page_with_a_warning(harness: PreflightHarness) -> None:
    page = "https://eu.example.net/browse/ABC-1"
    assert harness.site_info(page, stand_in_url=harness.server.url)["site_id"] == "site-eu"
    assert harness.listener.warnings == [f"product_url {page} is the address of a page; using https://eu.example.net"]


def test_a_url_that_is_not_encrypted_is_refused_before_anything_is_sent(harness: PreflightHarness) -> None:
    info = harness.site_info("http://eu.example.net")
    assert (info["failed"], info["failure"]["code"]) == (True, "invalid_option")


def test_a_site_in_passing_trouble_is_asked_again(harness: PreflightHarness) -> None:
    with Wire(answering(503), *GOOD) as wire:
        info = harness.site_info(wire.url)
    assert "failed" not in info
    assert info["account"] == {"account_id": "ann", "display_name": "Ann"}
    assert len(harness.clock.naps) == len(harness.listener.lines) == 1


def test_the_table_of_the_instances_tells_what_was_found(harness: PreflightHarness) -> None:
    harness.federation["us"]["migrated_from"] = [
        "http://a.example.com/jira",
        "https://b",
        {"url": "https://c", "override": "https://b"},
    ]
    harness.federation["ap"]["migrated_from_override"] = "https://prod.example.com"
    harness.federation["late"] = {}
    harness.inspect(
        harness.order("eu", migrated_at="2026-02-20"),
        harness.order("us", recreate_as_remote=False),
        harness.order("ap"),
    )
    assert harness.listener.lines[:6] == [
        "Preflight: 4 instances",
        "instance  origin                        account   admin  linking  days left",
        "eu        jira.example.com              Stand In  yes    on       4.5",
        "us        http://a.example.com/jira, b  Stand In  yes    on       -",
        "ap        prod.example.com              Stand In  yes    on       not known",
        "late      ?                             -         -      -        -",
    ]


@pytest.mark.parametrize("harness", [{"not_admin": ("eu",), "linking_off": ("eu",)}], indirect=True)
def test_what_is_wrong_stands_out_in_the_table(harness: PreflightHarness) -> None:
    harness.inspect(harness.order("eu", migrated_at="2026-02-14"))
    lines = harness.listener.lines
    assert lines[2] == "eu        jira.example.com  Stand In  NO     OFF      OVER"
    problems = lines.index("2 problems. Nothing was scheduled.")
    assert lines[problems + 1].startswith("- eu: ")
    assert any(line.startswith("  To do: ") for line in lines[problems + 2 :])
