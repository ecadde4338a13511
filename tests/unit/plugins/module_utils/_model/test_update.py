# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be said about an update, and what makes two of them the same."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update, make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._urls import base_url, is_loopback, site_url
from hypothesis import given
from hypothesis import strategies as st

EU_TO_US = {
    "product": "jira",
    "product_url": "https://eu.example.atlassian.net",
    "destination_url": "https://us.example.atlassian.net",
    "migrated_from": "http://jira.example.com",
    "site_id": "site-eu",
}
URL_OPTIONS = ("product_url", "destination_url", "migrated_from", "migrated_from_override")

LABELS = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(lambda labels: ".".join([*labels, "example"]))
#: Context paths that cannot be taken for pages.
PATHS = st.lists(st.from_regex(r"[a-zA-Z0-9._~%-]{0,7}_", fullmatch=True), max_size=3).map(
    lambda segments: "".join(f"/{segment}" for segment in segments)
)


def update_of(**options: Any) -> Update:
    return make_update(**{**EU_TO_US, **options})


# -- URLs


@pytest.mark.parametrize("option", ["product_url", "destination_url"])
def test_credentials_never_travel_unencrypted_to_another_machine(option: str) -> None:
    with pytest.raises(InvalidOption, match=rf"{option} .*https://"):
        update_of(**{option: "http://eu.example.atlassian.net"})


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_http_is_fine_on_this_machine(host: str) -> None:
    assert site_url("api_url", f"http://{host}:8080") == f"http://{host.lower()}:8080"


@pytest.mark.parametrize("host", ["", "localhost.example.com", "10.0.0.1", "::", "127.0.0.1.example.com"])
def test_another_machine_is_not_taken_for_this_one(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("option", ["migrated_from", "migrated_from_override"])
def test_http_is_fine_where_nothing_is_sent(option: str) -> None:
    assert getattr(update_of(**{option: "http://old.example.com"}), option) == "http://old.example.com"


@pytest.mark.parametrize("option", URL_OPTIONS)
def test_every_url_of_an_update_is_checked(option: str) -> None:
    with pytest.raises(InvalidOption, match=option):
        update_of(**{option: "eu.example.com"})


@pytest.mark.parametrize(
    "url",
    [
        "https://ann:s3cret@eu.example.com",
        "https://s3cret@eu.example.com",
        "ftp://ann:s3cret@eu.example.com",
        "https://ann:s3cret@eu.example.com/a b?c#d",
        "https://ann:s3cret@eu.example.com:99999",
        "https://ann:s3cret/s3cret@eu.example.com",
        "https://ann:s3cret#s3cret@eu.example.com",
        "https://ann:s3cret@[eu.example.com",
        "ann:s3cret@eu.example.com",
    ],
)
def test_a_password_in_a_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(InvalidOption, match="migrated_from") as failure:
        base_url("migrated_from", url)
    assert "s3cret" not in str(failure.value)


@pytest.mark.parametrize(
    "url",
    [
        "eu.example.com",
        "ftp://eu.example.com",
        "https://",
        "https:///browse",
        "https://eu.example.com,us.example.com",
        "https://eu.example.com:port",
        "https://eu.example.com:70000",
        "https://[::1",
        "https://eu.example.com/a b",
        "https://eu.example.com\n",
        "https://<your-site>.example.com",
        "https:\\\\eu.example.com",
    ],
)
def test_what_is_no_base_url_is_refused_by_its_option_and_quoted(url: str) -> None:
    with pytest.raises(InvalidOption, match="migrated_from") as failure:
        base_url("migrated_from", url)
    assert repr(url) in str(failure.value)


@pytest.mark.parametrize(
    ("url", "normalised"),
    [
        ("HTTPS://EU.Example.COM", "https://eu.example.com"),
        ("https://eu.example.com:443/", "https://eu.example.com"),
        ("http://eu.example.com:80", "http://eu.example.com"),
        ("https://eu.example.com:80", "https://eu.example.com:80"),
        ("https://eu.example.com:8443/Jira//", "https://eu.example.com:8443/Jira"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("https://eu.example.com/?", "https://eu.example.com"),
    ],
)
def test_a_url_is_normalised(url: str, normalised: str) -> None:
    assert base_url("migrated_from", url) == normalised


@given(st.text() | st.text().map("https://".__add__))
def test_any_text_is_normalised_for_good_or_refused(text: str) -> None:
    try:
        once = base_url("migrated_from", text)
    except InvalidOption:
        return
    assert base_url("migrated_from", once) == once


# -- Identity


@given(HOSTS, PATHS, st.sampled_from(["", ":443"]), st.text("/", max_size=3))
def test_spelling_a_url_differently_does_not_make_another_update(host: str, path: str, port: str, end: str) -> None:
    plain = update_of(migrated_from=f"https://{host}{path}")
    fancy = update_of(migrated_from=f"HTTPS://{host.swapcase()}{port}{path}{end}")
    assert plain.identity() == fancy.identity()
    assert plain == fancy


@pytest.mark.parametrize(
    ("option", "plain", "fancy"),
    [
        ("product_url", "https://eu.example.net", "HTTPS://EU.example.net:443/browse/ABC-1?a#b"),
        ("destination_url", "https://us.example.net", "https://us.example.net/jira/your-work"),
        ("destination_url", "https://us.example.net/wiki", "https://us.example.net/wiki/spaces/ABC/pages/1"),
        ("migrated_from", "http://old.dc/jira", "http://old.dc/jira/secure/Dashboard.jspa?selectPageId=1"),
        ("migrated_from_override", "http://old.dc", "http://old.dc/login.jsp"),
    ],
)
def test_a_page_makes_the_update_of_its_instance(option: str, plain: str, fancy: str) -> None:
    assert update_of(**{option: plain}).identity() == update_of(**{option: fancy}).identity()


@given(st.sampled_from(["migrated_from", "migrated_from_override"]), HOSTS, PATHS, PATHS)
def test_another_path_makes_another_update(option: str, host: str, path: str, other: str) -> None:
    one, two = (update_of(**{option: f"https://{host}/jira{end}"}) for end in (path, other))
    assert (one.identity() == two.identity()) == (path == other)


@pytest.mark.parametrize(
    "difference",
    [
        {"site_id": "site-us"},
        {"product_url": "https://eu.example.atlassian.net/wiki", "product": "confluence"},
        {"product_url": "https://eu2.example.atlassian.net"},
        {"destination_url": "https://asia.example.atlassian.net"},
        {"migrated_from": "https://jira.example.com"},
        {"migrated_from_override": "http://older.example.com"},
        {"recreate_as_remote": False},
        {"wave": "2"},
    ],
    ids="-".join,
)
def test_what_changes_the_work_makes_another_update(difference: dict[str, Any]) -> None:
    assert update_of(**difference).identity() != update_of().identity()
    assert update_of(**difference) != update_of()


@pytest.mark.parametrize("order", [{"create_backup": True}, {"create_backup": False}, {"migrated_at": "2026-03-01"}])
def test_an_order_given_with_an_update_does_not_make_another_one(order: dict[str, Any]) -> None:
    assert update_of(**order).identity() == update_of().identity()
    assert update_of(**order) == update_of()


def test_ledgers_of_all_releases_know_an_update_by_the_same_text() -> None:
    assert update_of(migrated_from_override="http://older.example.com", wave="2", create_backup=True).identity() == (
        '["site-eu", "jira", "https://eu.example.atlassian.net", "https://us.example.atlassian.net",'
        ' "http://jira.example.com", "http://older.example.com", true, "2"]'
    )
    assert update_of(recreate_as_remote=False).identity().endswith(' "http://jira.example.com", null, false, "1"]')


@pytest.mark.parametrize("backup", [True, False, None])
def test_an_update_that_was_recorded_is_read_back(backup: bool | None) -> None:
    update = update_of(
        migrated_from_override="http://older.example.com", recreate_as_remote=False, create_backup=backup
    )
    recorded = {name: int(value) if isinstance(value, bool) else value for name, value in update.as_dict().items()}
    for each in (update.as_dict(), recorded):
        again = Update.from_dict({**each, "job_id": "job-1"})
        assert again == update
        assert again.as_dict() == update.as_dict()
        assert again.create_backup is bool(backup)


def test_an_empty_override_is_no_override() -> None:
    assert update_of(migrated_from_override="") == update_of()


def test_an_update_has_no_identity_before_its_site_is_known() -> None:
    nowhere = update_of(site_id=None)
    with pytest.raises(ValueError, match="site"):
        nowhere.identity()
    assert nowhere.at("site-eu").identity() == update_of().identity()


# -- Jira and Confluence

WIKI = "https://eu.example.atlassian.net/wiki"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"recreate_as_remote": True},
            "recreate_as_remote is true, but the product is Confluence. Set it to auto or false",
        ),
        ({"create_backup": True}, "create_backup is true, but only Jira has backups. Set it to false"),
    ],
)
def test_confluence_is_not_asked_for_what_only_jira_has(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        update_of(product_url=WIKI, product="confluence", **options)
    assert str(failure.value) == message


@pytest.mark.parametrize(
    ("given", "url", "product"),
    [
        (None, EU_TO_US["product_url"], "jira"),
        ("", EU_TO_US["product_url"], "jira"),
        ("JIRA", EU_TO_US["product_url"], "jira"),
        (None, WIKI, "confluence"),
        (" Confluence ", f"{WIKI}/", "confluence"),
        ("CONFLUENCE", f"{WIKI}/spaces/ABC", "confluence"),
    ],
)
def test_the_product_follows_from_the_url_or_is_given_in_any_case(given: str | None, url: str, product: str) -> None:
    assert update_of(product=given, product_url=url).product == product


@pytest.mark.parametrize(
    ("product", "url", "message"),
    [
        (
            "Jira",
            WIKI,
            f"product_url {WIKI} is the URL of a Confluence, but product is jira. "
            "Remove /wiki from the URL, or leave product out",
        ),
        (
            "CONFLUENCE",
            EU_TO_US["product_url"],
            "product_url https://eu.example.atlassian.net is the URL of a Jira, but product is confluence. "
            "Add /wiki to the URL, or leave product out",
        ),
        ("jira software", WIKI, "product is 'jira software'. Set it to jira or confluence, or leave it out"),
        ("\x1b", WIKI, "product is '\\x1b'. Set it to jira or confluence, or leave it out"),
    ],
)
def test_a_product_that_the_url_is_not_of_is_refused(product: str, url: str, message: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        update_of(product=product, product_url=url)
    assert str(failure.value) == message


# -- What is recreated

CLOUD = "https://old.atlassian.net"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, None),
        ({"product_url": WIKI, "product": None}, "the product is Confluence"),
        ({"destination_url": WIKI}, "the destination is Confluence"),
        ({"destination_url": EU_TO_US["product_url"]}, "the links are local"),
        ({"migrated_from": f"{CLOUD}/browse/ABC-1"}, "the origin is a cloud site"),
        ({"migrated_from_override": CLOUD}, "the origin is a cloud site"),
    ],
)
def test_links_are_recreated_where_they_can_be(options: dict[str, Any], reason: str | None) -> None:
    for auto in ("auto", "AUTO", " auto "):
        assert update_of(**options, recreate_as_remote=auto).recreate_as_remote is (reason is None)
    assert update_of(**options).recreate_as_remote is (reason is None)
    for no in (False, "no", "False", 0):
        assert update_of(**options, recreate_as_remote=no).recreate_as_remote is False
    if not reason:
        assert update_of(**options, recreate_as_remote="yes").recreate_as_remote is True
        return
    with pytest.raises(InvalidOption) as failure:
        update_of(**options, recreate_as_remote=True)
    assert str(failure.value) == f"recreate_as_remote is true, but {reason}. Set it to auto or false"


@pytest.mark.parametrize("value", ["", None, "maybe", 2, [], "true false"])
def test_what_is_no_answer_to_whether_links_are_recreated_is_refused(value: Any) -> None:
    with pytest.raises(InvalidOption) as failure:
        update_of(recreate_as_remote=value)
    assert str(failure.value) == f"recreate_as_remote is {value!r}. Set it to auto, true or false"


@pytest.mark.parametrize(
    ("options", "own"),
    [
        ({"migrated_from": "https://us.example.atlassian.net"}, "https://us.example.atlassian.net"),
        ({"migrated_from": "https://US.example.atlassian.net/jira/x"}, "https://us.example.atlassian.net"),
        (
            {"migrated_from_override": "https://us.example.atlassian.net/wiki/home"},
            "https://us.example.atlassian.net/wiki",
        ),
    ],
)
def test_the_destination_is_not_its_own_origin(options: dict[str, Any], own: str) -> None:
    for wanted in ("auto", True):
        with pytest.raises(InvalidOption) as failure:
            update_of(**options, recreate_as_remote=wanted)
        assert str(failure.value) == (
            f"the origin is {own}, the URL of the destination itself. Set migrated_from to the base URL that its "
            "data had before the migration"
        )
    assert not update_of(**options, recreate_as_remote=False).recreate_as_remote


# -- Other rules


@pytest.mark.parametrize("wave", ["", "  "])
def test_a_wave_has_a_label(wave: str) -> None:
    with pytest.raises(InvalidOption, match="wave"):
        update_of(wave=wave)


@pytest.mark.parametrize("wave", ["2\x1b[2J", "2\n3", "2\u202e", "\u200b2"])
def test_a_wave_whose_label_cannot_be_shown_is_refused_and_shown_as_what_it_is(wave: str) -> None:
    with pytest.raises(InvalidOption, match="has an invisible character in it") as failure:
        update_of(wave=wave)
    assert failure.value.failure.message.isprintable()


@pytest.mark.parametrize("site_id", ["../admin", "a/b", "a b", "ä", "a" * 101, "https://eu.example.com"])
def test_a_site_id_that_could_lead_elsewhere_is_refused(site_id: str) -> None:
    with pytest.raises(InvalidOption, match="site_id"):
        update_of(site_id=site_id)


@pytest.mark.parametrize(
    ("migrated_at", "closes"),
    [
        ("2026-03-01", datetime(2026, 3, 15, tzinfo=timezone.utc)),
        ("2026-03-01T18:30:00Z", datetime(2026, 3, 15, 18, 30, tzinfo=timezone.utc)),
        ("2026-03-01T18:30:00+02:00", datetime(2026, 3, 15, 16, 30, tzinfo=timezone.utc)),
        ("2026-03-01 18:30", datetime(2026, 3, 15, 18, 30, tzinfo=timezone.utc)),
        (None, None),
        ("", None),
    ],
)
def test_the_window_closes_two_weeks_after_the_migration(migrated_at: str | None, closes: datetime | None) -> None:
    assert update_of(migrated_at=migrated_at).window_closes == closes


@pytest.mark.parametrize(
    "migrated_at", ["yesterday", "2026-02-30", "2026-03-01T25:00Z", "9999-12-31", "9999-12-31T00:00Z"]
)
def test_a_migration_at_no_time_is_refused(migrated_at: str) -> None:
    with pytest.raises(InvalidOption, match=f"migrated_at '{migrated_at}'"):
        update_of(migrated_at=migrated_at)


@pytest.mark.parametrize(("migrated_at", "refused"), [("2026-03-31", False), ("2026-04-01", True)])
def test_a_migration_more_than_30_days_ahead_is_refused(migrated_at: str, refused: bool) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    with pytest.raises(InvalidOption, match="30 days in the future") if refused else nullcontext():
        update_of(migrated_at=migrated_at, now=now)


@pytest.mark.parametrize(
    ("seconds", "recreates", "late"), [(0, True, False), (1, True, True), (-1, True, False), (1, False, False)]
)
def test_it_is_too_late_once_the_window_is_closed_and_only_to_recreate(
    seconds: int, recreates: bool, late: bool
) -> None:
    update = update_of(migrated_at="2026-03-01", recreate_as_remote=recreates)
    assert update.is_too_late(datetime(2026, 3, 15, tzinfo=timezone.utc) + timedelta(seconds=seconds)) is late
