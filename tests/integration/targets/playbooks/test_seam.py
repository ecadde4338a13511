# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays and command lines of people who know Ansible and do not know this role.

Each either does what it says or is refused with the reason. What must not happen: jobs that nobody asked for, and a
success without any work. One run of ansible-playbook costs more than all that is looked at in it, so that most runs
have several plays.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from federations import COLLECTION, EMAIL, TOKEN, Federation, Run, Service

NAMES = ("eu", "us", "ap")
PAIRS = sorted(permutations(NAMES, 2))
ROLE = "jira_cloud.federation.link_update"
#: The playbook has the name of the role.
PACKAGED = ROLE
REHEARSE = "jira_cloud.federation.rehearse"
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
def federation(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Federation]:
    """Three instances; parametrised with the stand-in's script where a test needs another one."""
    service = Service(**getattr(request, "param", {}))
    federation = Federation(tmp_path)
    federation.service = service
    lay_out(federation)
    yield federation
    service.stop()


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


def role(kind: str = "import_role", **keywords: Any) -> dict[str, Any]:
    """A task that brings in the role."""
    return {f"ansible.builtin.{kind}": {"name": ROLE}, **keywords}


def play(name: str, *tasks: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """A play of somebody's own."""
    return {
        "name": name,
        "hosts": "federated_instances",
        "gather_facts": False,
        "connection": "local",
        "tasks": list(tasks),
        **keywords,
    }


def run_plays(federation: Federation, plays: list[dict[str, Any]], *arguments: str, **extra: Any) -> Run:
    path = federation.folder / "plays.yml"
    path.write_text(json.dumps(plays))
    return federation.run(str(path), *arguments, extra=extra)


def told(run: Run) -> dict[str, str]:
    """What was said in each play, without line breaks."""
    parts = re.split(r"^PLAY (?:\[(.*?)\] \**|RECAP \**)$", run.output, flags=re.M)
    plays: dict[str, str] = {}
    for name, said in zip(parts[1::2], parts[2::2], strict=True):
        plays[name] = " ".join([*plays.get(name, "").split(), *said.split()])
    return plays


def statistics(run: Run) -> dict[str, Any]:
    """What workflows read."""
    found = re.search(r"RUN: (\{.*?\})", run.message)
    assert found, "no statistics"
    return dict(json.loads(found[1]))


# -- A rehearsal

QUICK = {
    "rehearsal_queue_seconds": 0,
    "rehearsal_backup_seconds": 0,
    "rehearsal_run_seconds": 0,
    "link_update_poll_min": 0.05,
}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--tags", "preflight"), "days left to recreate"),
        (("--tags", "submit,wait"), "2 of 2 jobs complete"),
        (("--skip-tags", "always"), "Nothing was sent. The tags leave none of the stages"),
        (("--start-at-task", "Update the links of all instances"), "Nothing was sent. --start-at-task would skip"),
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
    imported = {"ansible.builtin.import_playbook": REHEARSE, "vars": {**QUICK, "link_update_rehearsal": False}}
    run = run_plays(federation, [imported])
    assert not federation.service.requests
    assert run.returncode == 0
    assert "2 of 2 jobs complete" in run.message


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_rehearsal_in_the_same_playbook_takes_nothing_away_from_the_real_run(
    federation: Federation, order: str
) -> None:
    # The URLs of this test's service have a path more than real ones, which a rehearsal cannot know.
    of_the_rehearsal = {
        **QUICK,
        "link_update_product_url": "https://{{ inventory_hostname }}.example.net",
        "link_update_api_url": "https://api.example.net/links/v1",
    }
    plays = [
        {"name": "rehearse", "ansible.builtin.import_playbook": REHEARSE, "vars": of_the_rehearsal},
        {"name": "update", "ansible.builtin.import_playbook": PACKAGED},
    ]
    # A token that was read from a file has the file's line end.
    lay_out(federation, link_update_api_token=f"{TOKEN}\n")
    run = run_plays(federation, plays if order == "before" else plays[::-1])
    assert run.returncode == 0
    assert sorted(federation.pairs) == PAIRS
    assert run.message.count("6 of 6 jobs complete; nothing is left to do; report: ") == 2
    assert federation.ledger.exists()


def test_a_rehearsal_of_instances_that_there_are_not_is_refused(federation: Federation) -> None:
    run = federation.run(
        REHEARSE, extra={**QUICK, "rehearsal_fail": ["eu -> nobody"], "rehearsal_not_admin": ["nobody"]}
    )
    assert run.returncode == 2
    assert "rehearsal_fail has 'eu -> nobody', which is no pair of the federation" in run.message
    assert "rehearsal_not_admin has 'nobody', which is no instance of the federation" in run.message
    assert "COMPLETE" not in run.output
    assert not federation.service.requests


# -- Plays that are refused


def test_plays_that_would_update_a_part_or_as_another_are_refused_with_the_reason(federation: Federation) -> None:
    once = "run_once is set for the role: remove it"
    serial = "serial splits the hosts of the play: remove it"
    strategy = "set strategy: linear for this play"
    # (what the play says, its tasks, its keywords)
    cases: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any]]] = {
        "an import, once": (once, [role(run_once=True)], {}),
        "an include, once": (once, [role("include_role", run_once=True)], {}),
        "an import in a block, once": (once, [{"run_once": True, "block": [role()]}], {}),
        "an include in a block, once": (once, [{"run_once": True, "block": [role("include_role")]}], {}),
        "roles, once": (once, [], {"roles": [{"role": ROLE, "run_once": True}]}),
        "one after the other": (serial, [role()], {"serial": 1}),
        "free": (f"the strategy is free: {strategy}", [role()], {"strategy": "free"}),
        "pinned": (f"the strategy is host_pinned: {strategy}", [role("include_role")], {"strategy": "host_pinned"}),
        "half dry": (
            "check_mode is not the same for all hosts",
            [{"check_mode": "{{ inventory_hostname == 'eu' }}", "block": [role()]}],
            {},
        ),
        "cut off": ("timeout is 60 seconds, and would end the run without a verdict", [role()], {"timeout": 60}),
        "as root": ("set ansible_become: false for the group", [role()], {"become": True}),
        "over SSH": (
            "set ansible_connection: local for the group, or ansible_host to the machine",
            [role()],
            {"vars": {"ansible_connection": "ssh"}},
        ),
    }
    # A refusal ends the run. Here each play is to be reached.
    plays = [play(name, *tasks, ignore_errors=True, **keywords) for name, (says, tasks, keywords) in cases.items()]
    last = play("failed before", role(), pre_tasks=[{"ansible.builtin.fail": {}, "when": "inventory_hostname == 'us'"}])
    run = run_plays(federation, [*plays, last])
    assert not federation.service.requests
    said = told(run)
    for name, (says, _tasks, _keywords) in cases.items():
        assert says in said[name], name
        assert "...ignoring" in said[name], "the hosts fail"
    assert "has failed or left the play before" in said["failed before"]
    assert re.search("eu: nothing was done, see us|us: has failed or left", said["failed before"])
    assert run.returncode == 2
    assert run.recap("failed") == {"eu": 1, "us": 1, "ap": 1}
    assert not federation.ledger.exists()
    assert not list(federation.home.rglob("*.sqlite3")), "a second ledger"
    assert not (federation.folder / "link_update_report").exists()


@pytest.mark.parametrize("federation", [{"not_admin": ["ap.example.net"]}], indirect=True)
def test_errors_that_a_play_ignores_let_nothing_through(federation: Federation) -> None:
    (federation.folder / "taken").write_text("")
    links = {"link_update_app_links_authorized": False}
    two = {"hosts": "eu:us"}
    bad_ca = {"REQUESTS_CA_BUNDLE": "/no/such/authorities"}
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "no admin": ("is no Jira admin there", play("", role(ignore_errors=True))),
        "no admin, in a block": ("is no Jira admin there", play("", {"ignore_errors": True, "block": [role()]})),
        "links": (
            "set link_update_app_links_authorized to true",
            play("", role(ignore_errors=True), vars=links, **two),
        ),
        "links, in a block": (
            "set link_update_app_links_authorized to true",
            play("", {"ignore_errors": True, "block": [role()]}, vars=links, **two),
        ),
        "no folder": (
            "the report cannot be written to",
            play("", role(ignore_errors=True), vars={"link_update_report_dir": "taken"}, **two),
        ),
        "no folder, in check mode": (
            "the report cannot be written to",
            play("", role(ignore_errors=True), check_mode=True, vars={"link_update_report_dir": "taken/in"}, **two),
        ),
        "a relative ledger": (
            "relative.sqlite3 is a relative path",
            play("", role(ignore_errors=True), vars={"link_update_ledger": "relative.sqlite3"}, **two),
        ),
        "a token with a blank": (
            "api_token has a blank in it",
            play("", role(ignore_errors=True), vars={"link_update_api_token": "c4n4ry bl4nk"}, **two),
        ),
        "certificates": (
            "/no/such/authorities",
            play(
                "",
                role(ignore_errors=True),
                environment=bad_ca,
                vars={"link_update_product_url": "https://127.0.0.1:1/{{ inventory_hostname }}.example.net"},
                **two,
            ),
        ),
        "check mode of the play": ("4 jobs: 4 to schedule", play("", role(), check_mode=True, **two)),
    }
    run = run_plays(federation, [each | {"name": name} for name, (_says, each) in cases.items()])
    assert run.returncode == 0
    said = told(run)
    for name, (says, _play) in cases.items():
        assert says in said[name], name
    assert not federation.service.jobs
    assert "c4n4ry" not in run.output
    assert not list(federation.folder.rglob("*.sqlite3"))
    assert not (federation.folder / "link_update_report").exists()


def test_whatever_is_wrong_with_a_hosts_variables_is_named_and_stops_all(federation: Federation) -> None:
    lay_out(
        federation,
        names=("eu", "us", "ap", "au", "cn"),
        hosts={
            "eu": {"link_update_force": "maybe"},
            "us": {"link_update_api_token": "{{ c4n4ry_of['t0ken'] }}"},
            "ap": {"link_update_create_backup": "First", "link_update_migrated_from": "{{ old_url }}"},
        },
    )
    host_vars = federation.folder / "host_vars"
    host_vars.mkdir()
    (host_vars / "au.yml").write_text(VAULT)
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    run = federation.update()
    assert run.returncode == 2
    assert not federation.service.requests
    for host, reason in (
        ("eu", "link_update_force"),
        ("us", "link_update_api_token cannot be read: 'c4n4ry_of' is undefined"),
        ("ap", "link_update_create_backup"),
        ("ap", "link_update_migrated_from cannot be read: 'old_url' is undefined"),
        ("au", "link_update_api_token is encrypted, and the vault password is missing or wrong"),
    ):
        assert re.search(rf"\b{host}: [^!]*{re.escape(reason)}", run.message), reason
    assert "5 problems, so nothing was scheduled" in run.message
    assert "cn: nothing was done, see eu, us, ap, au" in run.message
    assert set(run.recap("failed").values()) == {1}
    assert "t0ken" not in run.output, "a part of the template"
    assert "ANSIBLE_VAULT" not in run.output
    assert statistics(run) == {"link_update_ok": False}


# -- The hosts that a play leaves


def test_the_hosts_that_a_condition_leaves_are_updated(federation: Federation) -> None:
    lay_out(federation, others={"aa": {}})
    defined = "link_update_product_url is defined"
    plays = [
        play("all but one", role(when="inventory_hostname != 'eu'")),
        play("of all hosts", role(when=defined, vars={"link_update_wave": "2"}), hosts="all"),
        play("of all hosts, included", role("include_role", when=defined, vars={"link_update_wave": "3"}), hosts="all"),
    ]
    run = run_plays(federation, plays)
    assert run.returncode == 0
    assert sorted(federation.pairs[:4]) == [pair for pair in PAIRS if pair[0] != "eu"]
    assert sorted(federation.pairs[4:10]) == PAIRS
    assert sorted(federation.pairs[10:]) == PAIRS
    assert run.recap("failed") == {"aa": 0, "eu": 0, "us": 0, "ap": 0}


def test_each_turn_of_a_loop_and_each_include_updates_its_own_hosts_once(federation: Federation) -> None:
    waves = [{"hosts": ["eu", "us"], "wave": "1"}, {"hosts": ["ap"], "wave": "2"}]
    in_turn = role(
        "include_role",
        loop=waves,
        when="inventory_hostname in item.hosts",
        vars={"link_update_wave": "{{ item.wave }}", "link_update_force": True},
    )
    apart = [
        role(
            "include_role",
            when=f"inventory_hostname {comparison} 'eu'",
            vars={"link_update_wave": "3", "link_update_wait": wait, "link_update_create_backup": "never"},
        )
        for comparison, wait in (("==", False), ("!=", True))
    ]
    run = run_plays(federation, [play("in turn", in_turn), play("apart", *apart)])
    assert run.returncode == 0
    assert sorted(federation.pairs[:6]) == PAIRS
    assert federation.pairs[6:8] == [("eu", "us"), ("eu", "ap")]
    assert sorted(federation.pairs[8:]) == [pair for pair in PAIRS if pair[0] != "eu"]
    said = told(run)
    assert "4 of 4 jobs complete" in said["in turn"]
    assert "2 of 2 jobs complete" in said["in turn"]
    assert "2 under way, not waited for" in said["apart"]
    assert "4 of 4 jobs complete" in said["apart"]


# -- The inventory and the limit


@pytest.mark.parametrize(
    ("group", "named", "arguments", "says"),
    [
        (
            "cloud",
            "cloud",
            ["--tags", "submit,wait"],
            "has no hosts in this inventory: is it the right inventory (-i)?",
        ),
        ("federated_instances", "web", [], "link_update_group"),
        ("cloud", "cloud", ["-e", "link_update_group=cloud"], "6 of 6 jobs complete"),
    ],
)
def test_a_group_that_the_inventory_names_is_not_taken_for_another_one(
    federation: Federation, group: str, named: str, arguments: list[str], says: str
) -> None:
    lay_out(federation, group=group, everywhere={"link_update_group": named}, others={"web1": {}})
    run = federation.update(*arguments)
    assert says in run.message
    complete = "complete" in says
    assert (run.returncode == 0) is complete
    assert sorted(federation.pairs) == (PAIRS if complete else [])


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
    assert "The links of the group federated_instances may not be updated. --limit web1 leaves" in run.message
    assert not federation.service.requests


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--limit", "web1"), "Nothing was sent. --limit web1 leaves no host of the group"),
        (("--tags", "sumbit"), "Nothing was sent. The tags leave none of the stages"),
    ],
)
def test_the_playbook_of_a_checkout_is_no_runbook(
    federation: Federation, arguments: tuple[str, ...], says: str
) -> None:
    # As in a project of AWX, where the collection itself is in the execution environment.
    lay_out(federation, others={"web1": {}})
    checkout = federation.folder / "project" / "playbooks"
    shutil.copytree(COLLECTION / "playbooks", checkout)
    run = federation.run(str(checkout / "link_update.yml"), *arguments)
    assert run.returncode != 0
    assert says in run.message
    assert not federation.service.requests


# -- The environment, and who does the work


def test_the_environment_of_a_play_is_that_of_its_work(federation: Federation) -> None:
    ledger = federation.folder / "of_the_play.sqlite3"
    federation.environ |= {"ATLASSIAN_EMAIL": "", "ATLASSIAN_API_TOKEN": "wr0ng-t0ken", "WHERE": str(federation.folder)}
    environment = {
        "ATLASSIAN_EMAIL": EMAIL,
        "ATLASSIAN_API_TOKEN": "{{ token }}",
        "JIRA_FEDERATION_LEDGER": "$WHERE/of_the_play.sqlite3",
    }
    plays = [
        play("imported", role(), environment=environment),
        play("included", {"environment": [environment], "block": [role("include_role")]}),
    ]
    run = run_plays(federation, plays, token=TOKEN)
    assert run.returncode == 0
    assert sorted(federation.pairs) == PAIRS, "the second play finds the ledger of the first one"
    assert ledger.exists()
    assert not federation.ledger.exists()
    assert not list(federation.home.rglob("*.sqlite3"))
    assert TOKEN not in run.output


def test_becoming_root_by_default_is_nothing_to_the_packaged_playbook(federation: Federation) -> None:
    federation.environ |= {"ANSIBLE_BECOME": "1", "ANSIBLE_BECOME_EXE": "/no/such/sudo"}
    assert federation.update("--tags", "preflight,submit", "--limit", "eu").returncode == 0
    assert federation.ledger.exists()
    assert not list(federation.home.rglob("*.sqlite3")), "a second ledger"


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


def test_a_tag_around_the_role_runs_all_of_it(federation: Federation) -> None:
    run = run_plays(federation, tagged_plays(), "--tags", "links")
    assert run.returncode == 0
    said = told(run)
    for name in ("include", "import", "block", "roles", "play"):
        assert "6 of 6 jobs complete; nothing is left to do; report: " in said[name], name
    assert sorted(federation.pairs) == sorted(5 * PAIRS)


@pytest.mark.parametrize("arguments", [("--tags", "other"), ("--skip-tags", "links"), ("--skip-tags", "all")])
def test_tags_that_leave_the_role_out_schedule_nothing(federation: Federation, arguments: tuple[str, ...]) -> None:
    never = [play("never", role(tags=["never"])), play("never, included", role("include_role", tags=["never", "x"]))]
    run = run_plays(federation, [*tagged_plays(), *never], *arguments)
    assert run.returncode == 0
    assert not federation.service.requests


# -- What an operator sees


@pytest.mark.parametrize("federation", [{"not_admin": ["us.example.net"]}], indirect=True)
def test_the_reason_stands_at_the_host_that_has_the_problem_and_the_others_point_to_it(federation: Federation) -> None:
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    run = federation.update()
    assert run.returncode == 2
    assert run.recap("failed") == {"eu": 1, "us": 1, "ap": 1}
    assert run.recap("changed") == {"eu": 0, "us": 0, "ap": 0}
    assert "us: Stand In is no Jira admin there: " in run.message
    for other in ("eu", "ap"):
        assert f"{other}: nothing was done, see us" in run.message
    assert statistics(run)["link_update_ok"] is False
    assert not federation.service.jobs

    run = federation.update("--limit", "eu")
    assert run.returncode == 0
    verdict = next(line for line in run.output.splitlines() if line.startswith("2 of 2 jobs complete"))
    assert "us" in verdict
    assert "ap" in verdict
    assert (statistics(run)["link_update_ok"], statistics(run)["link_update_left_out"]) == (True, 2)


def test_a_successful_run_is_short_and_has_nothing_to_skip_over(federation: Federation) -> None:
    lay_out(federation, names=("eu", "us", "ap", "au"))
    run = federation.update()
    assert run.returncode == 0
    lines = run.output[run.output.index("PLAY [") : run.output.index("PLAY RECAP")].splitlines()
    assert len([line for line in lines if line.startswith("TASK [")]) <= 4
    assert len(lines) <= 100
    assert not [line for line in lines if line.startswith("skipping:") or "=> {" in line]
    assert run.recap("changed") == {"eu": 1, "us": 1, "ap": 1, "au": 1}
    assert set(run.recap("failed").values()) == {0}


@pytest.mark.parametrize(
    ("federation", "said", "failed"),
    [
        ({"fail": ["eu.example.net -> us.example.net"], "run_seconds": 0.3}, "1 ended in ERROR (eu -> us)", {"eu": 1}),
        ({"run_seconds": 1e6}, "6 still under way", {"eu": 1, "us": 1, "ap": 1}),
    ],
    indirect=["federation"],
)
def test_the_recap_counts_what_was_scheduled_and_what_did_not_come_right(
    federation: Federation, said: str, failed: dict[str, int]
) -> None:
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    timeout = 1 if len(failed) == len(NAMES) else 60
    run = federation.update(link_update_create_backup="never", link_update_wait_timeout=timeout)
    assert run.returncode == 2
    assert said in run.message
    assert run.recap("failed") == dict.fromkeys(NAMES, 0) | failed
    assert run.recap("changed") == dict.fromkeys(NAMES, 1)
    assert statistics(run)["link_update_ok"] is False
    assert (federation.folder / "link_update_report" / "report.html").exists()
