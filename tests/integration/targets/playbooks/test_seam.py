# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays and command lines of people who know Ansible and do not know this role.

Each either does what it says or is refused with the reason. What must not happen: jobs that nobody asked for, and a
success without any work.
"""

from __future__ import annotations

import json
import re
import shutil
from itertools import permutations
from typing import Any

import pytest
from federations import COLLECTION, EMAIL, TOKEN, Federation, Webhook
from plays import PACKAGED, QUICK, REHEARSE, ROLE, imported, play, role, run_plays, statistics, told, update

NAMES = ("eu", "us", "ap")
PAIRS = sorted(permutations(NAMES, 2))
#: Over http:// no authorities are asked, so that a bad path is noticed by whoever gets it only with https://.
HTTPS = {"link_update_product_url": "https://127.0.0.1:1/{{ inventory_hostname }}.example.net"}
#: A token that nobody can read.
VAULT = """\
link_update_api_token: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  62313365396662343061393464336163383764373764613633653634306231386433626436623361
  6134333665353966363534333632666535333761666131620a663537646436643839616531643561
  63396265333963386166373632626539326166353965363262633030333630313338646335303630
  3438626666666137650a353638643435666633633964366338633066623234616432373231333331
  6564
"""


@pytest.fixture
def federation(federation: Federation) -> Federation:
    """Three instances."""
    lay_out(federation)
    return federation


def instance(federation: Federation, name: str) -> dict[str, Any]:
    return {
        "link_update_product_url": f"{federation.service.url}/{name}.example.net",
        "link_update_migrated_from": f"https://jira-{name}.example.com",
    }


def lay_out(
    federation: Federation,
    *,
    names: tuple[str, ...] = NAMES,
    group: str = "federated_instances",
    everywhere: dict[str, Any] | None = None,
    others: dict[str, Any] | None = None,
    hosts: dict[str, dict[str, Any]] | None = None,
    **variables: Any,
) -> None:
    """Write the inventory.

    :param everywhere: the variables of the group all.
    :param others: hosts of another group, web.
    :param hosts: more variables for some hosts.
    """
    members = {name: instance(federation, name) | (hosts or {}).get(name, {}) for name in names}
    group_vars = {
        "link_update_api_url": f"{federation.service.url}/api.example.net/links/v1",
        "link_update_poll_min": 0.05,
        "link_update_app_links_authorized": True,
        **variables,
    }
    groups = {group: {"hosts": members, "vars": group_vars}, "web": {"hosts": others or {}}}
    federation.inventory.write_text(json.dumps({"all": {"vars": everywhere or {}, "children": groups}}))


def lay_out_roots(federation: Federation) -> None:
    """Write an inventory of two instances whose URLs have no path, as real ones. The service counts the requests."""
    urls = {"eu": federation.service.url, "us": federation.service.url.replace("127.0.0.1", "localhost")}
    sites = {name: {"link_update_product_url": url} for name, url in urls.items()}
    lay_out(federation, names=("eu", "us"), hosts=sites, link_update_api_url=f"{federation.service.url}/links/v1")


# -- A rehearsal


@pytest.mark.interface
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--tags", "submit,wait"), "2 of 2 jobs complete"),
        (("--skip-tags", "always"), "Nothing was sent. --tags and --skip-tags leave no stage to run"),
        (("--start-at-task", "Update the links"), "Nothing was sent. --start-at-task would skip"),
    ],
)
def test_no_part_of_a_rehearsal_reaches_a_real_site(
    federation: Federation, arguments: tuple[str, ...], says: str
) -> None:
    lay_out_roots(federation)
    # Of all sources of variables, the command line has the last word, and still not this one.
    run = federation.run(REHEARSE, *arguments, extra={**QUICK, "link_update_rehearsal": False})
    assert not federation.service.requests
    assert says in run.message
    assert (run.returncode != 0) is ("Nothing was sent" in says)
    assert not federation.ledger.exists()


def test_a_runbook_cannot_make_a_rehearsal_real(federation: Federation) -> None:
    lay_out_roots(federation)
    run = run_plays(federation, [imported(REHEARSE, **QUICK, link_update_rehearsal=False)])
    assert not federation.service.requests
    assert run.returncode == 0
    assert "Preflight: 2 instances" in run.message
    assert "2 of 2 jobs complete" in run.message


def test_rehearsals_in_the_same_playbook_take_nothing_away_from_the_real_run(federation: Federation) -> None:
    # The URLs of this test's service have a path more than real ones, which a rehearsal cannot know.
    rehearsal = imported(
        REHEARSE,
        **QUICK,
        link_update_product_url="https://{{ inventory_hostname }}.example.net",
        link_update_api_url="https://api.example.net/links/v1",
    )
    # A token that was read from a file has the file's line end.
    lay_out(federation, link_update_api_token=f"{TOKEN}\n")
    run = run_plays(federation, [rehearsal, imported(PACKAGED), rehearsal])
    assert run.returncode == 0
    assert sorted(federation.pairs) == PAIRS
    assert run.message.count("6 of 6 jobs complete. Report: ") == 3
    assert run.recap("changed") == dict.fromkeys(NAMES, 3)
    assert federation.ledger.exists()


# -- Plays that are refused


def test_plays_that_would_update_a_part_or_as_another_are_refused_with_the_reason(federation: Federation) -> None:
    once = "run_once is set for the role. Remove it"
    serial = "serial splits the hosts of the play. Remove it"
    strategy = "Set strategy: linear for this play"
    # (what the play says, its tasks, its keywords)
    cases: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any]]] = {
        "an import, once": (once, [role(run_once=True)], {}),
        "an include, once": (once, [role("include_role", run_once=True)], {}),
        "an import in a block, once": (once, [{"run_once": True, "block": [role()]}], {}),
        "an include in a block, once": (once, [{"run_once": True, "block": [role("include_role")]}], {}),
        "roles, once": (once, [], {"roles": [{"role": ROLE, "run_once": True}]}),
        "one after the other": (serial, [role()], {"serial": 1}),
        "free": (f"the strategy is free. {strategy}", [role()], {"strategy": "free"}),
        "pinned": (f"the strategy is host_pinned. {strategy}", [role("include_role")], {"strategy": "host_pinned"}),
        "half dry": (
            "check_mode is not the same for all hosts",
            [{"check_mode": "{{ inventory_hostname == 'eu' }}", "block": [role()]}],
            {},
        ),
        "cut off": ("timeout is 60 seconds, and would stop the run before its result", [role()], {"timeout": 60}),
        "of another group": ("link_update_group", [role()], {"vars": {"link_update_group": "web"}}),
        "as root": ("Set ansible_become: false for the group", [role()], {"become": True}),
        "over SSH": (
            "Set ansible_connection: local for the group, or ansible_host to the machine",
            [role()],
            {"vars": {"ansible_connection": "ssh"}},
        ),
    }
    lay_out(federation, names=("eu", "us"), others={"web1": {}})
    # A refusal ends the run. Here each play is to be reached.
    plays = [play(name, *tasks, ignore_errors=True, **keywords) for name, (says, tasks, keywords) in cases.items()]
    last = play("failed before", role(), pre_tasks=[{"ansible.builtin.fail": {}, "when": "inventory_hostname == 'us'"}])
    run = run_plays(federation, [*plays, last])
    assert not federation.service.requests
    said = told(run)
    for name, (says, _tasks, _keywords) in cases.items():
        assert says in said[name], name
        assert "...ignoring" in said[name], "the hosts fail"
    assert "failed or left the play before this role" in said["failed before"]
    assert re.search("eu: the run stopped. The message of us|us: failed or left", said["failed before"])
    assert run.returncode == 2
    assert run.recap("failed") == {"eu": 1, "us": 1}
    assert not federation.ledger.exists()
    assert not list(federation.home.rglob("*.sqlite3")), "a second ledger"
    assert not (federation.folder / "link_update_report").exists()


@pytest.mark.parametrize("federation", [{"not_admin": ["us.example.net"]}], indirect=True)
def test_errors_that_a_play_ignores_let_nothing_through(federation: Federation, webhook: Webhook) -> None:
    lay_out(federation, names=("eu", "us"))
    federation.environ["JIRA_FEDERATION_NOTIFY_URL"] = webhook.url
    (federation.folder / "taken").write_text("")
    ignoring = {"ignore_errors": True, "block": [role()]}
    eu = {"hosts": "eu"}
    links = {"link_update_app_links_authorized": False}
    bad_ca = {"REQUESTS_CA_BUNDLE": "/no/such/authorities"}
    no_report, no_links = "the report cannot be written to", "run again with -e link_update_app_links_authorized=true"
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "no admin": ("is not a Jira admin here", update("")),
        "no admin, in a block": ("is not a Jira admin here", play("", ignoring)),
        "links": (no_links, update("", links, **eu)),
        "links, in a block": (no_links, play("", ignoring, vars=links, **eu)),
        "no folder": (no_report, update("", {"link_update_report_dir": "taken"}, **eu)),
        "no folder, in check mode": (
            no_report,
            update("", {"link_update_report_dir": "taken/in"}, check_mode=True, **eu),
        ),
        "a relative ledger": (
            "link_update_ledger relative.sqlite3 is a relative path",
            update("", {"link_update_ledger": "relative.sqlite3"}, **eu),
        ),
        "no requests at once": (
            "link_update_connections is 0. Set it to a number from 1 to 100",
            update("", {"link_update_connections": 0}, **eu),
        ),
        "a webhook that is none": (
            "link_update_notify_url is not encrypted",
            update("", {"link_update_notify_url": "http://hooks.example.com/c4n4ry"}, **eu),
        ),
        "a token with a blank": (
            "link_update_api_token has a space in it",
            update("", {"link_update_api_token": "c4n4ry bl4nk"}, **eu),
        ),
        "certificates": ("/no/such/authorities", update("", HTTPS, environment=bad_ca, **eu)),
        "check mode of the play": ("1 job (1 to schedule)", play("", role(), check_mode=True, **eu)),
    }
    run = run_plays(federation, [each | {"name": name} for name, (_says, each) in cases.items()])
    assert run.returncode == 0
    said = told(run)
    for name, (says, _play) in cases.items():
        assert says in said[name], name
    assert not federation.service.jobs
    assert "c4n4ry" not in run.output
    assert len(webhook.notices) == len(cases) - 3, "not in check mode, and not to what is no webhook"
    before = "Link update, wave 1: FAILED. Nothing was scheduled. "
    assert all(notice["text"].startswith(before) for notice in webhook.notices)
    assert sum("-e link_update_app_links_authorized=true" in notice["text"] for notice in webhook.notices) == 2
    assert not list(federation.folder.rglob("*.sqlite3"))
    assert not (federation.folder / "link_update_report").exists()


@pytest.mark.interface
def test_whatever_is_wrong_with_variables_is_named_at_once_and_stops_all_before_anything_is_sent(
    federation: Federation, webhook: Webhook
) -> None:
    federation.environ["JIRA_FEDERATION_NOTIFY_URL"] = webhook.url
    lay_out(
        federation,
        names=("eu", "us", "ap", "au", "cn"),
        hosts={
            "eu": {"link_update_force": "maybe"},
            "us": {"link_update_api_token": "{{ c4n4ry_of['t0ken'] }}", "link_update_ledger": "/tmp/another"},
            "ap": {"link_update_create_backup": "First", "link_update_migrated_from": "{{ old_url }}"},
            "cn": {"link_update_product": "confluence", "link_update_poll_max": 7},
        },
    )
    host_vars = federation.folder / "host_vars"
    host_vars.mkdir()
    (host_vars / "au.yml").write_text(VAULT)
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    run = federation.update()
    assert run.returncode == 2
    assert not federation.service.requests
    url = f"{federation.service.url}/cn.example.net"
    no_wiki = f"link_update_product_url {url} is the URL of a Jira, but link_update_product is confluence"
    for host, reason in (
        ("eu", "link_update_force"),
        ("us", "link_update_api_token cannot be read: 'c4n4ry_of' is undefined"),
        ("ap", "link_update_create_backup"),
        ("ap", "link_update_migrated_from cannot be read: 'old_url' is undefined"),
        ("au", "link_update_api_token is encrypted, and the vault password is missing or wrong"),
        ("cn", f"{no_wiki}. Add /wiki to the URL"),
    ):
        assert re.search(rf"\b{host}: [^!]*{re.escape(reason)}", run.message), reason
    assert [(name, problem) for name, problem, remedy in run.problems[-3:]] == [
        ("all instances", "link_update_poll_max is not the same for all hosts"),
        ("all instances", "link_update_ledger is not the same for all hosts"),
        ("cn", no_wiki),
    ]
    assert all(remedy for name, problem, remedy in run.problems)
    assert "8 problems. Nothing was scheduled." in run.message
    (notice,) = webhook.notices
    assert (notice["event"], notice["ok"], notice["total"]) == ("failed", False, 0)
    assert notice["text"].startswith("Link update, wave 1: FAILED. Nothing was scheduled. eu: link_update_force")
    assert "more reasons not shown" in notice["text"]
    assert set(run.recap("failed").values()) == {1}
    assert "t0ken" not in run.output, "a part of the template"
    assert "ANSIBLE_VAULT" not in run.output
    assert statistics(run) == {"link_update_ok": False}


@pytest.mark.parametrize("whose", ["eu", "ap"], ids=["of the host that does the work", "of another"])
def test_no_credentials_go_where_the_variables_of_one_host_alone_lead(federation: Federation, whose: str) -> None:
    """Whatever a host says of the whole run counts only if all say it."""
    stranger = federation.service.url.replace("127.0.0.1", "localhost")
    members = {
        name: {"product_url": f"{stranger}/{name}.example.net", "migrated_from": "https://jira.example.com"}
        for name in NAMES
    }
    lead_astray: tuple[dict[str, Any], ...] = (
        {"link_update_federation": members},
        {"link_update_federation": {whose: members[whose]}},
        {"link_update_federation": members, "link_update_product_url": members[whose]["product_url"]},
        {"link_update_api_url": f"{stranger}/api.example.net/links/v1"},
        {"link_update_api_url": f"{stranger}/api.example.net/links/v1", "link_update_preflight": False},
    )
    plays = []
    for number, variables in enumerate(lead_astray):
        (federation.folder / f"{number}.json").write_text(json.dumps(variables))
        include = {"ansible.builtin.include_vars": f"{number}.json", "when": f"inventory_hostname == '{whose}'"}
        plays.append(play(str(number), include, role(ignore_errors=True)))
    for each in plays:
        # Apart, as what a play has included stays for the next one.
        run = run_plays(federation, [each])
        assert "problem" in run.message
        assert "is not the same for all hosts" in run.message or "is not in the federation" in run.message
        assert not federation.service.requests
        assert not federation.service.jobs


# -- The hosts that a play leaves


def test_each_condition_turn_of_a_loop_and_include_updates_its_own_hosts_once(federation: Federation) -> None:
    lay_out(federation, others={"aa": {}})
    defined = "link_update_product_url is defined"
    in_turn = role(
        "include_role",
        loop=[{"hosts": ["eu", "us"], "wave": "4"}, {"hosts": ["ap"], "wave": "5"}],
        when="inventory_hostname in item.hosts",
        vars={"link_update_wave": "{{ item.wave }}", "link_update_force": True},
    )
    apart = [
        role(
            "include_role",
            when=f"inventory_hostname {comparison} 'eu'",
            vars={"link_update_wave": "6", "link_update_wait": wait, "link_update_create_backup": "never"},
        )
        for comparison, wait in (("==", False), ("!=", True))
    ]
    plays = [
        play("all but one", role(when="inventory_hostname != 'eu'")),
        play("of all hosts", role(when=defined, vars={"link_update_wave": "2"}), hosts="all"),
        play("of all hosts, included", role("include_role", when=defined, vars={"link_update_wave": "3"}), hosts="all"),
        play("in turn", in_turn),
        play("apart", *apart),
    ]
    run = run_plays(federation, plays)
    assert run.returncode == 0
    assert run.recap("failed") == {"aa": 0, "eu": 0, "us": 0, "ap": 0}
    all_but_one = [pair for pair in PAIRS if pair[0] != "eu"]
    assert sorted(federation.pairs[:4]) == all_but_one
    assert sorted(federation.pairs[4:10]) == PAIRS
    assert sorted(federation.pairs[10:16]) == PAIRS
    assert sorted(federation.pairs[16:22]) == PAIRS
    assert federation.pairs[22:24] == [("eu", "us"), ("eu", "ap")]
    assert sorted(federation.pairs[24:]) == all_but_one
    said = told(run)
    assert "4 of 4 jobs complete" in said["in turn"]
    assert "2 of 2 jobs complete" in said["in turn"]
    assert "2 scheduled, not waited for: " in said["apart"]
    assert "4 of 4 jobs complete" in said["apart"]


# -- The inventory and the limit


@pytest.mark.interface
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("--tags", "submit,wait"),
            "The group federated_instances has no hosts in this inventory. Check the inventory",
        ),
        (("-e", "link_update_group=cloud"), "2 of 2 jobs complete"),
    ],
)
def test_a_group_that_the_inventory_names_is_not_taken_for_another_one(
    federation: Federation, arguments: tuple[str, ...], says: str
) -> None:
    lay_out(federation, names=("eu", "us"), group="cloud", everywhere={"link_update_group": "cloud"})
    run = federation.update(*arguments)
    assert says in run.message
    # An error in hosts has another code since ansible-core 2.19.
    assert run.returncode in ((0,) if "complete" in says else (1, 4))
    assert len(federation.service.jobs) == (2 if "complete" in says else 0)


def test_a_limit_to_another_groups_host_fails_alone_and_is_warned_of_in_a_runbook(federation: Federation) -> None:
    lay_out(federation, others={"web1": {}})
    run = federation.update("--limit", "web1")
    assert run.returncode != 0
    assert "Nothing was sent. --limit web1 leaves no host of the group" in run.message
    debug = {"ansible.builtin.debug": {"msg": "the web is served"}}
    runbook = [play("web", debug, hosts="web"), {"ansible.builtin.import_playbook": PACKAGED}]
    run = run_plays(federation, [*runbook, play("more web", debug, hosts="web")], "--limit", "web1")
    assert run.returncode == 0
    assert run.message.count("the web is served") == 2
    assert "Some links of the group federated_instances may be left out. --limit web1 leaves" in run.message
    assert not federation.service.requests


def test_the_playbook_of_a_checkout_is_no_runbook(federation: Federation) -> None:
    # As in a project of AWX, where the collection itself is in the execution environment.
    checkout = federation.folder / "project" / "playbooks"
    shutil.copytree(COLLECTION / "playbooks", checkout)
    run = federation.run(str(checkout / "link_update.yml"), "--tags", "sumbit")
    assert run.returncode != 0
    assert "Nothing was sent. --tags and --skip-tags leave no stage to run" in run.message
    assert not federation.service.requests


# -- The environment, and who does the work


@pytest.mark.interface
def test_the_environment_and_the_module_defaults_of_a_play_are_those_of_its_work(federation: Federation) -> None:
    ledger = federation.folder / "of_the_play.sqlite3"
    federation.environ |= {"ATLASSIAN_EMAIL": "", "ATLASSIAN_API_TOKEN": "wr0ng-t0ken", "WHERE": str(federation.folder)}
    environment = {
        "ATLASSIAN_EMAIL": EMAIL,
        "ATLASSIAN_API_TOKEN": "{{ token }}",
        "JIRA_FEDERATION_LEDGER": "$WHERE/of_the_play.sqlite3",
    }
    defaults = {"group/jira_cloud.federation.connection": {"ca_path": "/no/such/authorities"}}
    plays = [
        play("imported", role(), environment=environment),
        play("included", {"environment": [environment], "block": [role("include_role")]}),
        update("module defaults", HTTPS, environment=environment, module_defaults=defaults),
    ]
    run = run_plays(federation, plays, token=TOKEN)
    assert run.returncode == 0
    assert run.recap("ignored") == dict.fromkeys(NAMES, 1)
    assert "/no/such/authorities" in told(run)["module defaults"]
    assert sorted(federation.pairs) == PAIRS, "the second play finds the ledger of the first one"
    assert ledger.exists()
    assert not federation.ledger.exists()
    assert not list(federation.home.rglob("*.sqlite3"))
    assert TOKEN not in run.output


# -- Tags of somebody's own


def tagged_plays() -> list[dict[str, Any]]:
    tags, with_wave = {"tags": ["links"]}, ({"link_update_wave": str(wave)} for wave in range(9))
    return [
        play("include", role("include_role", **tags, vars=next(with_wave))),
        play("import", role(**tags, vars=next(with_wave))),
        play("block", {**tags, "block": [role("include_role", vars=next(with_wave))]}),
        play("roles", roles=[{"role": ROLE, **tags, "vars": next(with_wave)}]),
        play("play", role(vars=next(with_wave)), **tags),
    ]


@pytest.mark.interface
def test_a_tag_around_the_role_runs_all_of_it(federation: Federation) -> None:
    lay_out(federation, names=("eu", "us"))
    run = run_plays(federation, tagged_plays(), "--tags", "links")
    assert run.returncode == 0
    said = told(run)
    for name in ("include", "import", "block", "roles", "play"):
        assert "2 of 2 jobs complete. Report: " in said[name], name
    assert sorted(federation.pairs) == 5 * [("eu", "us")] + 5 * [("us", "eu")]


@pytest.mark.parametrize("arguments", [("--tags", "other"), ("--skip-tags", "links"), ("--skip-tags", "all")])
def test_tags_that_leave_the_role_out_schedule_nothing(federation: Federation, arguments: tuple[str, ...]) -> None:
    lay_out(federation, names=("eu", "us"))
    never = [play("never", role(tags=["never"])), play("never, included", role("include_role", tags=["never", "x"]))]
    run = run_plays(federation, [*tagged_plays(), *never], *arguments)
    assert run.returncode == 0
    assert not federation.service.requests
