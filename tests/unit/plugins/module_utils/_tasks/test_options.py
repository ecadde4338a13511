# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the options of a task stand for, and which of them cannot be right."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import (
    LINK_UPDATE_JOB,
    LINK_UPDATE_RUN,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Account, Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import Policy, PollPolicy
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.options import (
    JobSettings,
    job_settings,
    run_settings,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


def job(**options: Any) -> JobSettings:
    """What C(link_update_job) is asked for."""
    given = {
        **{name: option.get("default") for name, option in LINK_UPDATE_JOB.items()},
        "product_url": "https://eu.example.net",
        "destination_url": "https://us.example.net",
        "migrated_from": "https://jira.example.com",
    }
    return job_settings({**given, **options}, FakeClock().now())


def order(name: str, **options: Any) -> dict[str, Any]:
    """What is asked for one instance."""
    return {
        **{key: option.get("default") for key, option in LINK_UPDATE_RUN["orders"]["options"].items()},
        "name": name,
        **options,
    }


def member(name: str, **values: Any) -> dict[str, Any]:
    """What a federation says of one instance."""
    return {"product_url": f"https://{name}.example.net", "migrated_from": "https://jira.example.com", **values}


def settings(**options: Any) -> Any:
    """What C(link_update_run) is asked for."""
    given = {name: option.get("default") for name, option in LINK_UPDATE_RUN.items()}
    federation = {name: member(name) for name in ("eu", "us")}
    options = {**given, "federation": federation, "orders": [order("eu")], **options}
    return run_settings(options, FakeClock().now())


def test_without_options_the_service_is_asked_at_its_address_with_its_certificate_checked() -> None:
    access = job().access
    assert access.api_url == "https://api.atlassian.com/links/v1"
    assert access.connection == Connection(verify=True, timeout=30.0, stand_in_url=None)
    assert access.polling == PollPolicy(timeout=86400.0, poll_min=2.0, poll_max=60.0)
    assert (access.account, access.ledger) == (Account("", ""), None)


@pytest.mark.parametrize(
    ("options", "connection"),
    [
        ({"ca_path": "/etc/ca.pem"}, Connection(verify="/etc/ca.pem")),
        ({"validate_certs": False}, Connection(verify=False)),
        ({"validate_certs": False, "ca_path": "/etc/ca.pem"}, Connection(verify=False)),
        ({"request_timeout": 0.5}, Connection(timeout=0.5)),
        (
            {"stand_in_url": "http://127.0.0.1:8000/", "ledger": "/tmp/ledger"},
            Connection(stand_in_url="http://127.0.0.1:8000"),
        ),
    ],
)
def test_how_the_service_is_reached_is_for_the_user_to_say(options: dict[str, Any], connection: Connection) -> None:
    assert job(**options).access.connection == connection
    assert settings(**options).connection == connection


def test_how_long_to_wait_and_how_often_to_poll_is_for_the_user_to_say() -> None:
    given = {"wait_timeout": 0.5, "poll_min": 3.0, "poll_max": 3.0}
    assert job(**given).access.polling == settings(**given).polling == PollPolicy(0.5, 3.0, 3.0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"request_timeout": 0}, "request_timeout is 0 seconds. Set it to more than 0"),
        ({"wait_timeout": 0}, "wait_timeout is 0 seconds. Set it to more than 0"),
        ({"wait_timeout": float("nan")}, "wait_timeout is nan seconds. Set it to more than 0"),
        (
            {"poll_min": 0},
            "poll_min is 0 seconds and poll_max is 60 seconds. Set poll_min to more than 0, and to at most",
        ),
        ({"poll_min": 2.5, "poll_max": 2}, "poll_min is 2.5 seconds and poll_max is 2 seconds. Set poll_min to"),
        ({"stand_in_url": "https://example.net", "ledger": "/l"}, "not on this machine. Start the stand-in on this"),
        ({"stand_in_url": "http://127.0.0.1"}, "stand_in_url is set without ledger. Give the rehearsal a ledger of"),
        ({"stand_in_url": "nonsense", "ledger": "/l"}, "stand_in_url 'nonsense' is not a base URL"),
        ({"api_url": "nonsense"}, "api_url 'nonsense' is not a base URL"),
    ],
)
def test_what_cannot_be_right_is_refused_with_what_to_do(options: dict[str, Any], says: str) -> None:
    for read in (job, settings):
        with pytest.raises(InvalidOption) as failure:
            read(**options)
        assert says in str(failure.value)


#: What the role hands over of its variables.
OF_THE_ROLE = {"settings": {"link_update_group": "federated_instances"}}
#: Options that cannot be right, and what a message says of them. Stands in it for the prefix of the role: @.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"wait_timeout": 0}, "@wait_timeout is 0 seconds"),
    (
        {"poll_min": 0},
        "@poll_min is 0 seconds and @poll_max is 60 seconds. Set @poll_min to more than 0, and to at most @",
    ),
    ({"connections": 0}, "@connections is 0"),
    ({"api_url": "nonsense"}, "@api_url 'nonsense' is not a base URL"),
    ({"ledger": "here"}, "@ledger here is a relative path"),
    ({"ledger": "mysql://db"}, "@ledger: mysql:// is not a kind of ledger"),
    ({"ledger": "$NOT_SET/ledger"}, "@ledger $NOT_SET/ledger: the environment variable NOT_SET is not set"),
    ({"only": ["eu -> mars"]}, "@only has eu -> mars"),
    *(
        ({"federation": {"eu": member("eu", **wrong), "us": member("us")}}, f"eu: {says}")
        for wrong, says in (
            ({"product_url": "eu"}, "@product_url 'eu' is not a base URL"),
            ({"site_id": "a/b"}, "@site_id 'a/b' is not a cloud ID"),
            ({"migrated_from": None}, "@migrated_from is not set"),
            ({"migrated_from": [{"uri": "x"}]}, "@migrated_from has an entry with the unknown key uri"),
            (
                {"migrated_from": ["https://a.dc"], "migrated_from_override": "b"},
                "@migrated_from_override 'b' is not a",
            ),
            ({"migrated_at": "soon"}, "@migrated_at 'soon' is not a date"),
            ({"migrated_at": "2027-01-01"}, "@migrated_at 2027-01-01 is more than 30 days in the future"),
            ({"url": "x"}, "@federation has the unknown key url"),
        )
    ),
    *(
        ({"orders": [order("eu", **wrong)]}, f"eu: {says}")
        for wrong, says in (
            ({"product_url": "https://us.example.net"}, "@product_url is https://us.example.net, but @federation says"),
            ({"site_id": "a/b"}, "@site_id 'a/b' is not a cloud ID"),
            ({"destinations": ["mars"]}, "@destinations has mars"),
            (
                {"destinations": []},
                "no destinations. Add another instance to the federation, or a name to @destinations",
            ),
            ({"product": "trello"}, "@product is 'trello'"),
            (
                {"product": "confluence"},
                "@product_url https://eu.example.net is the URL of a Jira, but @product is conf",
            ),
            ({"recreate_as_remote": "maybe"}, "@recreate_as_remote is 'maybe'"),
            ({"recreate_as_remote": True, "destinations": ["eu"]}, "@recreate_as_remote is true, but links cannot be"),
            ({"wave": " "}, "@wave is empty"),
        )
    ),
]


def refusal(**options: Any) -> str:
    """What keeps a run from being made."""
    with pytest.raises(InvalidOption) as caught:
        settings(**options).complete()
    return str(caught.value)


@pytest.mark.parametrize(("wrong", "says"), WRONG)
def test_a_message_names_the_variable_of_the_role_or_the_option_of_the_module(wrong: dict[str, Any], says: str) -> None:
    assert says.replace("@", "link_update_") in refusal(**wrong, **OF_THE_ROLE)
    of_a_module = refusal(**wrong)
    assert says.replace("@", "") in of_a_module
    assert "link_update_" not in of_a_module


def test_a_credential_or_a_report_that_cannot_be_is_named_likewise() -> None:
    assert settings(**OF_THE_ROLE).named("report_dir") == "link_update_report_dir"
    assert settings().named("report_dir") == "report_dir"
    for options, named in ((OF_THE_ROLE, "link_update_api_token"), ({}, "api_token")):
        (spec,) = settings(orders=[order("eu", email="me@example.com")], **options).specs
        with pytest.raises(InvalidOption, match=f"^no API token. Set ATLASSIAN_API_TOKEN or {named}$"):
            spec.account.checked()


def test_a_run_sends_eight_requests_at_once_or_as_many_as_the_user_says() -> None:
    assert [settings(**given).connections for given in ({}, {"connections": 1}, {"connections": 100})] == [8, 1, 100]


@pytest.mark.parametrize("connections", [0, -1, 101])
def test_a_number_of_requests_at_once_that_cannot_be_right_is_refused(connections: int) -> None:
    with pytest.raises(InvalidOption, match=f"^connections is {connections}. Set it to a number from 1 to 100$"):
        settings(connections=connections)


def test_an_update_is_made_of_the_options_that_describe_it() -> None:
    update = job(
        site_id="site-eu",
        migrated_from_override="https://jira.example.org",
        recreate_as_remote=False,
        create_backup=True,
        wave="2",
        migrated_at="2026-03-01",
    ).update
    assert update.as_dict() == {
        "site_id": "site-eu",
        "product": "jira",
        "product_url": "https://eu.example.net",
        "destination_url": "https://us.example.net",
        "migrated_from": "https://jira.example.com",
        "migrated_from_override": "https://jira.example.org",
        "recreate_as_remote": False,
        "create_backup": True,
        "wave": "2",
    }
    assert update.window_closes == datetime(2026, 3, 15, tzinfo=timezone.utc), "a date is the start of its day"


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ({}, Policy(force=False, resubmit_failed=True, resubmit_unknown=True)),
        ({"force": True}, Policy(force=True)),
        ({"resubmit_failed": False}, Policy(resubmit_failed=False)),
        ({"unknown_submission": "fail"}, Policy(resubmit_unknown=False)),
    ],
)
def test_what_is_scheduled_again_is_for_the_user_to_say(options: dict[str, Any], policy: Policy) -> None:
    assert job(**options).policy == policy
    (spec,) = settings(orders=[order("eu", **options)]).specs
    assert spec.policy == policy


def test_a_job_is_called_what_the_user_says_or_by_the_hosts_of_its_sites() -> None:
    assert job(label="Europe to America").label == "Europe to America"
    assert job(label="").label == job(label=None).label == "eu.example.net -> us.example.net"
    assert (job().wait, job(wait=False).wait) == (True, False)


def test_a_run_needs_an_instance_and_no_folder_for_its_report() -> None:
    with pytest.raises(InvalidOption, match=r"orders is empty\. Name at least one instance"):
        settings(orders=[])
    assert (settings(report_dir=None).report_dir, settings(report_dir="/srv/report").report_dir) == ("", "/srv/report")


def test_a_site_that_is_known_already_is_not_asked_for() -> None:
    (spec,) = settings(site_ids={"eu": "site-eu", "us": "site-us"}).specs
    assert (spec.site_id, spec.desired[0].update.site_id) == ("site-eu", "site-eu")
    assert settings(site_ids={"us": "site-us"}).specs[0].site_id is None


def test_the_instances_that_a_run_is_not_about_are_left_out_of_it() -> None:
    assert settings().left_out == ["us"]
    assert settings().stages == {"preflight", "plan", "submit", "wait", "report"}
    assert (settings().app_links_authorized, settings(app_links_authorized=True).app_links_authorized) == (False, True)


# -- What is made of the options of an update


def test_the_product_follows_from_the_url_and_what_is_recreated_from_the_pair() -> None:
    wiki = "https://eu.example.net/wiki"
    jira, confluence = job().update, job(product_url=wiki).update
    assert (jira.product, jira.recreate_as_remote) == ("jira", True)
    assert (confluence.product, confluence.recreate_as_remote) == ("confluence", False)
    assert job(product="JIRA").update == job(product="").update == job(recreate_as_remote="True").update == jira
    for regular in ({"destination_url": wiki}, {"migrated_from": "https://old.atlassian.net"}):
        assert not job(**regular).update.recreate_as_remote


@pytest.mark.parametrize(
    ("migrated_at", "hint"),
    [
        ("2026-03-31", "migrated_at 2026-03-31 is in the future: the 14 days to recreate links start then"),
        ("2026-03-01T12:00:01Z", "migrated_at 2026-03-01 is in the future: the 14 days to recreate links start then"),
        ("2025-03-01", "migrated_at 2025-03-01 is more than a year ago. Check the year"),
    ],
)
def test_a_date_that_may_be_a_mistake_is_pointed_out(migrated_at: str, hint: str) -> None:
    assert job(migrated_at=migrated_at).hints == (hint,)
    assert settings(orders=[order("eu", migrated_at=migrated_at)]).hints == (f"eu: {hint}",)
    assert not settings(orders=[order("eu", migrated_at=migrated_at)]).problems


@pytest.mark.parametrize("migrated_at", ["2026-03-01", "2026-03-01T12:00:00Z", "2025-03-01T12:00:00Z", None])
def test_a_date_of_the_last_year_is_not(migrated_at: str | None) -> None:
    assert job(migrated_at=migrated_at).hints == settings(orders=[order("eu", migrated_at=migrated_at)]).hints == ()


@pytest.mark.parametrize("migrated_at", ["2026-04-01", "2026-03-31T12:00:01Z", "2027-03-01"])
def test_a_date_more_than_thirty_days_ahead_is_refused(migrated_at: str) -> None:
    says = f"migrated_at {migrated_at[:10]} is more than 30 days in the future"
    with pytest.raises(InvalidOption, match=says):
        job(migrated_at=migrated_at)
    federation = {"eu": member("eu", migrated_at=migrated_at), "us": member("us")}
    for given in ({"orders": [order("eu", migrated_at=migrated_at)]}, {"federation": federation}):
        assert [each.message.split(".")[0] for each in settings(**given).problems] == [f"eu: {says}"]


def test_the_date_of_an_origin_comes_before_that_of_the_host_and_that_before_the_one_of_the_federation() -> None:
    origins = [
        {"url": "https://jira.example.com", "migrated_at": "2026-02-25"},
        "https://other.example.com",
    ]
    federation = {
        "eu": member("eu", migrated_from=origins, migrated_at="2026-02-20"),
        "us": member("us", migrated_from=["https://jira.example.com", "https://other.example.com"]),
    }

    def closes(**options: Any) -> list[int]:
        (spec,) = settings(federation=federation, orders=[order("eu", **options)]).specs
        return [each.update.window_closes.day for each in spec.desired if each.update.window_closes]

    assert closes() == [25 + 14 - 28, 20 + 14 - 28]
    assert closes(migrated_at="2026-02-22") == [25 + 14 - 28, 22 + 14 - 28]


def test_a_page_that_was_removed_from_a_url_is_told_for_each_option() -> None:
    given = job(
        product_url="https://eu.example.net/browse/ABC-1",
        destination_url="https://us.example.net/wiki/spaces/DOC",
        migrated_from="https://jira.example.com/secure/Dashboard.jspa?selectPageId=1",
        migrated_from_override="http://prod.example.com/jira/login.jsp",
    )
    used = [
        "https://eu.example.net",
        "https://us.example.net/wiki",
        "https://jira.example.com",
        "http://prod.example.com/jira",
    ]
    assert [hint.rpartition("; ")[2] for hint in given.hints] == [f"using {url}" for url in used]
    assert [hint.split()[0] for hint in given.hints] == [
        "product_url",
        "destination_url",
        "migrated_from",
        "migrated_from_override",
    ]
    federation = {"eu": member("eu", product_url="https://eu.example.net/jira/your-work"), "us": member("us")}
    assert settings(federation=federation).hints == (
        "eu: product_url https://eu.example.net/jira/your-work is the address of a page; using https://eu.example.net",
    )
