# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that people read before a run: who gets links to whom, what it costs, and how long there is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import DesiredUpdate
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import CountedLinks, Gap
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.plan import plan_of, text_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.plan_matrix import matrix_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import Plan
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.backup import Backup, BackupState
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import Action, InstanceState, UpdateState
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    ReportHarness,
    counted,
    specs_of,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
FOUR = ("eu", "us", "ap", "au")
TWELVE = tuple(f"site-{number}" for number in range(1, 13))
TWENTY = tuple(f"instance-{number:02}" for number in range(1, 21))

Actions = Mapping[tuple[str, str], Action]


def update_state(instance: str, desired: DesiredUpdate, action: Action, *, backup: bool = False) -> UpdateState:
    """An update as a run in check mode leaves it when that is what it would do."""
    update = replace(desired.update, create_backup=True) if backup else desired.update
    before = {Action.RETRY: "ERROR", Action.AGAIN: "IN_PROGRESS", Action.ANEW: "COMPLETE"}.get(action)
    if action is Action.SCHEDULE or before:
        replaced = Job(update, 1, job_id="before", status=before, attached=True) if before else None
        return UpdateState(instance, desired, job=Job(update, 2), changed=True, replaced=replaced)
    if action is Action.REFUSED:
        failure = Failure("it ended in ERROR and is to stay so", Code.JOB_ERROR, about=desired.label)
        return UpdateState(instance, desired, failure=failure)
    status = "COMPLETE" if action is Action.DONE else "IN_PROGRESS"
    return UpdateState(instance, desired, job=Job(update, 1, job_id="job", status=status, attached=True))


def instances_of(
    names: Sequence[str],
    rows: Sequence[str] | None = None,
    *,
    actions: Actions | None = None,
    usual: Action = Action.SCHEDULE,
    state: BackupState = BackupState.NOT_ORDERED,
    **options: Any,
) -> list[InstanceState]:
    """Instances that have their updates asked for; the first job that is scheduled orders the backup if there is none.

    :param rows: the names of those whose links are updated; all if None.
    :param actions: by instance and destination, where it is not the usual one.
    """
    instances = []
    for spec in specs_of(names, rows, **options):
        instance = InstanceState(spec)
        due = spec.manner.backup == "first" and state is BackupState.NOT_ORDERED
        for desired in spec.desired:
            action = (actions or {}).get((spec.name, desired.destination), usual)
            instance.updates.append(update_state(spec.name, desired, action, backup=due))
            due = due and not instance.updates[-1].changed
        if spec.manner.backup == "first":
            instance.backup = Backup(state)
        instances.append(instance)
    return instances


def joined(lines: Sequence[str]) -> list[str]:
    """Lines, those that go on below put together again."""
    return "\n".join(lines).replace("\n  ", " ").split("\n")


def lines_of(instances: Sequence[InstanceState], names: Sequence[str], begin: str, **known: Any) -> list[str]:
    return [line for line in joined(text_of(instances, names, NOW, **known)) if line.startswith(begin)]


# -- The matrix


def test_the_matrix_of_a_few_instances_has_a_word_in_each_cell() -> None:
    actions = {
        ("eu", "us"): Action.DONE,
        ("us", "eu"): Action.ATTACH,
        ("us", "ap"): Action.RETRY,
        ("ap", "eu"): Action.AGAIN,
        ("ap", "au"): Action.ANEW,
        ("au", "eu"): Action.REFUSED,
    }
    assert matrix_of(instances_of(FOUR, actions=actions), FOUR) == [
        "from \\ to  eu       us        ap        au",
        "eu         .        done      schedule  schedule",
        "us         wait     .         retry     schedule",
        "ap         again    schedule  .         force",
        "au         REFUSED  schedule  schedule  .",
    ]


def test_the_columns_come_in_the_order_of_the_federation_and_the_rows_in_that_of_the_run() -> None:
    lines = matrix_of(instances_of(FOUR, ["ap", "eu"]), FOUR)
    assert lines[0].split()[3:] == list(FOUR)
    assert [line.split()[0] for line in lines[1:]] == ["ap", "eu"]


def test_destinations_that_are_not_updated_themselves_are_columns_and_no_rows() -> None:
    assert matrix_of(instances_of(FOUR, ["eu"], destinations=["us", "au"]), FOUR) == [
        "from \\ to  eu  us        au",
        "eu         .   schedule  schedule",
    ]


def test_an_instance_that_is_its_own_destination_has_a_word_where_its_row_meets_its_column() -> None:
    assert matrix_of(instances_of(FOUR, ["eu"], destinations=["eu", "us"]), FOUR) == [
        "from \\ to  eu        us",
        "eu         schedule  schedule",
    ]


def test_the_matrix_of_many_instances_has_numbers_for_names_and_letters_for_words() -> None:
    first, second, third = TWELVE[:3]
    actions = {
        (first, second): Action.DONE,
        (first, third): Action.ATTACH,
        (second, first): Action.RETRY,
        (second, third): Action.AGAIN,
        (third, first): Action.ANEW,
        (third, second): Action.REFUSED,
    }
    lines = matrix_of(instances_of(TWELVE, actions=actions), TWELVE)
    assert lines[0].split()[3:] == [str(number) for number in range(1, 13)]
    rows = [line.split() for line in lines[1:13]]
    assert [row[:2] for row in rows] == [[str(number), name] for number, name in enumerate(TWELVE, 1)]
    assert [row[2:5] for row in rows[:3]] == [[".", "D", "W"], ["R", ".", "G"], ["F", "!", "."]]
    assert all(row[2:] == ["S"] * place + ["."] + ["S"] * (11 - place) for place, row in enumerate(rows) if place > 2)
    assert lines[13:] == ["S schedule, R retry, G again, F force, W wait, D done, ! REFUSED"]


def test_the_cells_of_many_instances_are_below_the_numbers_of_their_columns() -> None:
    target = {(TWELVE[0], TWELVE[11]): Action.REFUSED}
    lines = matrix_of(instances_of(TWELVE, actions=target), TWELVE)
    assert lines[1].index("!") == lines[0].index(" 12") + 1


def test_the_legend_has_the_letters_that_occur_and_no_others() -> None:
    assert matrix_of(instances_of(TWELVE), TWELVE)[-1] == "S schedule"
    mixed = matrix_of(instances_of(TWELVE, actions={(TWELVE[4], TWELVE[2]): Action.DONE}), TWELVE)
    assert mixed[-1] == "S schedule, D done"


@pytest.mark.parametrize("count", [2, 4, 6, 9, 12, 20, 50])
def test_every_line_of_a_plan_fits_80_columns_with_its_clock_time(count: int) -> None:
    names = [f"instance-{number:02}" for number in range(1, count + 1)]
    lines = text_of(instances_of(names, migrated_at=before(days=2)), names, NOW)
    assert max(len(line) for line in lines) <= 70


def test_where_not_even_letters_fit_each_instance_has_its_numbers_and_those_with_the_same_share_a_row() -> None:
    actions = {(TWENTY[4], TWENTY[2]): Action.DONE, (TWENTY[5], TWENTY[2]): Action.RETRY}
    assert matrix_of(instances_of(TWENTY, actions=actions), TWENTY) == [
        "instance                 schedule  retry  done",
        "instance-01 and 17 more  19        .      .",
        "instance-05              18        .      1",
        "instance-06              18        1      .",
    ]


def test_many_destinations_that_are_not_updated_themselves_are_named_below_the_matrix() -> None:
    lines = matrix_of(instances_of(TWENTY, TWENTY[2:4], destinations=TWENTY[:10]), TWENTY)
    assert lines[0].split()[3:] == [str(number) for number in range(1, 11)]
    assert [line.split()[:2] for line in lines[1:3]] == [["3", TWENTY[2]], ["4", TWENTY[3]]]
    others = [f"{number} {name}" for number, name in enumerate(TWENTY[:10], 1) if number not in (3, 4)]
    assert " ".join(lines[3:-1]) == f"and {', '.join(others)}"


@pytest.mark.parametrize(("count", "wordy"), [(4, True), (5, False)])
def test_words_give_way_to_letters_where_they_no_longer_fit(count: int, wordy: bool) -> None:
    names = TWENTY[:count]
    assert any("schedule" in line for line in matrix_of(instances_of(names), names)[1 : count + 1]) is wordy


# -- The links that were counted


def all_pairs(names: Sequence[str], count: int = 1234, **others: int) -> dict[str, int]:
    pairs = {f"{name} -> {other}": count for name, other in permutations(names, 2)}
    return pairs | {label.replace("_", " -> "): number for label, number in others.items()}


def test_each_cell_has_its_links_where_they_were_counted() -> None:
    links = {"eu -> us": 1234, "us -> eu": 1234, "us -> ap": 0, "ap -> us": 56}
    assert matrix_of(instances_of(FOUR[:3], actions={("us", "eu"): Action.DONE}), FOUR, links) == [
        "from \\ to  eu              us              ap",
        "eu         .               schedule 1,234  schedule ?",
        "us         done     1,234  .               schedule 0",
        "ap         schedule     ?  schedule    56  .",
    ]


def test_of_a_destination_with_several_origins_each_has_its_own_links() -> None:
    origins = ["https://jira.example.com", "https://old.example.com", "https://third.example.com"]
    instances = instances_of(("eu", "us"), ["eu"], members={"us": {"migrated_from": origins}})
    links = {"eu -> us (from jira.example.com)": 1200, "eu -> us (from old.example.com)": 0}
    assert matrix_of(instances, ("eu", "us"), links)[1] == "eu         .   schedule x3 1,200+0+?"


def test_two_copies_of_one_server_have_the_same_links_once() -> None:
    copies = [{"url": f"https://{name}.example.com", "override": "https://jira.example.com"} for name in ("one", "two")]
    instances = instances_of(("eu", "us"), ["eu"], members={"us": {"migrated_from": copies}})
    links = {each.label: 7 for each in instances[0].updates}
    assert lines_of(instances, ("eu", "us"), "Remote links", links=counted(links)) == [
        "Remote links: 7, counted 2026-02-28 09:00Z, complete as this account sees it"
    ]


def test_where_letters_have_no_room_for_links_each_row_has_their_sum() -> None:
    plain = matrix_of(instances_of(TWELVE), TWELVE)
    lines = matrix_of(instances_of(TWELVE), TWELVE, all_pairs(TWELVE))
    assert [line.rpartition("  ")[0].rstrip() for line in lines[:13]] == plain[:13]
    assert [line.rpartition("  ")[2] for line in lines[:13]] == ["links", *["13,574"] * 12]


def test_letters_have_their_links_where_there_is_room() -> None:
    names = [f"s{number}" for number in range(5)]
    lines = matrix_of(instances_of(names), names, all_pairs(names, 12345))
    assert lines[1].split()[:6] == ["1", "s0", ".", "S", "12,345", "S"]


def test_a_row_whose_pairs_were_not_all_counted_says_so() -> None:
    lines = matrix_of(instances_of(TWENTY), TWENTY, {f"{TWENTY[0]} -> {TWENTY[1]}": 5})
    assert lines == [
        "instance                 schedule  links",
        "instance-01              19        5+?",
        "instance-02 and 18 more  19        ?",
    ]


def test_the_plan_says_how_many_links_there_are_and_which_pairs_have_none() -> None:
    links = counted(all_pairs(FOUR[:3], eu_us=0, us_eu=0))
    del links.pairs["ap -> us"]  # type: ignore[attr-defined]
    lines = joined(text_of(instances_of(FOUR[:3]), FOUR, NOW, links=links))
    assert lines[5:8] == [
        "Remote links: 3,702+?, counted 2026-02-28 09:00Z, complete as this account sees it",
        "No links: 2 pairs (eu -> us, us -> eu). Their jobs still update links in texts, which are not counted. To "
        "leave these pairs out: -e link_update_only=with_links",
        "Not counted (?): 1 pair (ap -> us)",
    ]


def test_what_the_database_says_is_exact() -> None:
    links = counted(all_pairs(FOUR), read_from="/srv/links.csv")
    (line,) = lines_of(instances_of(FOUR), FOUR, "Remote links", links=links)
    assert line.endswith(", exact")


def test_the_plan_says_where_the_newest_census_is_not_complete() -> None:
    gap = Gap("https://jira.example.com", "census 4 is not complete", "Run again")
    for links in (counted(all_pairs(FOUR), gap), CountedLinks(gaps=(gap,))):
        assert lines_of(instances_of(FOUR), FOUR, "jira", links=links) == [
            "jira.example.com: census 4 is not complete. Run again"
        ]


def test_where_nobody_has_counted_the_plan_says_nothing_of_links() -> None:
    assert not [line for line in text_of(instances_of(FOUR), FOUR, NOW) if line.startswith(("Links", "No", "?"))]


@pytest.mark.parametrize("count", [2, 4, 6, 9, 12, 20, 50])
def test_every_line_of_a_plan_with_links_fits_80_columns_with_its_clock_time(count: int) -> None:
    names = [f"instance-{number:02}" for number in range(1, count + 1)]
    links = counted(all_pairs(names, 1234567, **{f"{names[0]}_{names[1]}": 0}))
    lines = text_of(instances_of(names, migrated_at=before(days=2)), names, NOW, links=links)
    assert max(len(line) for line in lines) <= 70


# -- What it comes to


def test_the_jobs_are_counted_by_what_is_done_for_them() -> None:
    actions = {("eu", "us"): Action.DONE, ("eu", "ap"): Action.DONE, ("us", "eu"): Action.ATTACH}
    assert lines_of(instances_of(FOUR, actions=actions), FOUR, "Plan") == [
        "Plan for wave 1: 12 jobs (9 to schedule, 1 to wait for, 2 done)"
    ]


def test_one_job_is_not_called_jobs() -> None:
    plan = text_of(instances_of(FOUR, ["eu"], destinations=["us"]), FOUR, NOW)
    assert plan[0] == "Plan for wave 1: 1 job (1 to schedule)"


def test_the_plan_says_which_wave_it_is() -> None:
    plan = text_of(instances_of(TWENTY, wave="7"), TWENTY, NOW)
    assert plan[0] == "Plan for wave 7: 380 jobs (380 to schedule)"


def test_each_refusal_is_said_with_its_reason() -> None:
    actions = {("eu", "us"): Action.REFUSED, ("ap", "us"): Action.REFUSED}
    assert lines_of(instances_of(FOUR, actions=actions), FOUR, "Refused") == [
        "Refused: 2 jobs (eu -> us, ap -> us): it ended in ERROR and is to stay so",
    ]


def test_what_several_updates_are_refused_for_is_said_once() -> None:
    instances = instances_of(FOUR, ["eu"])
    for each in instances[0].updates[1:]:
        each.job, each.changed, each.held = None, False, "the backup was not made"
    assert lines_of(instances, FOUR, "Refused") == ["Refused: 2 jobs (eu -> ap, eu -> au): the backup was not made"]


def test_the_plan_is_data_as_well() -> None:
    actions = {("eu", "us"): Action.DONE, ("us", "eu"): Action.RETRY, ("us", "ap"): Action.REFUSED}
    instances = instances_of(FOUR, ["eu", "us"], actions=actions)
    plan = plan_of(instances, FOUR, NOW, links=counted({"eu -> us": 5, "us -> eu": 0, "ap -> eu": 7}))
    assert plan["links"] == {"eu -> us": 5, "us -> eu": 0}
    assert plan["actions"] == {
        "eu -> us": "done",
        "eu -> ap": "schedule",
        "eu -> au": "schedule",
        "us -> eu": "retry",
        "us -> ap": "refused",
        "us -> au": "schedule",
    }
    counts = {action: count for action, count in plan["counts"].items() if count}
    assert counts == {"schedule": 3, "retry": 1, "done": 1, "refused": 1}
    assert plan["scheduled"] == 4
    assert plan["recreating"] == ["eu -> ap", "eu -> au", "us -> eu", "us -> au"]
    assert plan["text"][0] == text_of(instances, FOUR, NOW)[0]


def test_only_what_will_be_recreated_is_on_the_list_of_application_links() -> None:
    done = {("eu", "us"): Action.DONE}
    plan = plan_of(instances_of(FOUR, ["eu"], actions=done, destinations=["us", "ap", "eu"]), FOUR, NOW)
    assert plan["app_links"][0].startswith("1 application link to authorize by hand, once, before the run.")
    assert plan["app_links"][-2:] == ["[ ] eu  https://eu.example.net", "    to ap"]
    regular = plan_of(instances_of(FOUR, ["eu"], recreate_as_remote=False), FOUR, NOW)
    assert (regular["scheduled"], regular["recreating"], regular["app_links"]) == (3, [], [])


def test_the_list_of_application_links_of_many_sites_has_the_url_of_each_once_and_fits_80_columns() -> None:
    names = [f"s{number}" for number in range(22)]
    lines = plan_of(instances_of(names), names, NOW)["app_links"]
    assert lines[0].startswith("462 application links to authorize by hand")
    assert lines[4:7] == [
        "[ ] s0  https://s0.example.net",
        "    to s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14,",
        "       s15, s16, s17, s18, s19, s20, s21",
    ]
    assert all("".join(lines).count(f"https://{name}.example.net") == 1 for name in names)


# -- The backups


def test_the_jobs_that_order_a_backup_are_named() -> None:
    assert lines_of(instances_of(FOUR, ["eu", "us"]), FOUR, "Backups") == [
        "Backups: ordered by eu -> us, us -> eu. The other jobs of an instance start after its backup (usually 20 min "
        "to 8 h)"
    ]
    assert lines_of(instances_of(FOUR, ["eu"]), FOUR, "Backups")[0].startswith("Backups: ordered by eu -> us. ")


def test_the_job_that_orders_the_backup_is_the_first_that_is_scheduled() -> None:
    instances = instances_of(FOUR, ["eu"], actions={("eu", "us"): Action.DONE})
    assert lines_of(instances, FOUR, "Backups")[0].startswith("Backups: ordered by eu -> ap. ")


def test_twenty_jobs_that_order_backups_are_not_all_named() -> None:
    line = lines_of(instances_of(TWENTY), TWENTY, "Backups")[0]
    assert f"{TWENTY[5]} -> {TWENTY[0]} and 14 more. " in line


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (BackupState.UNDER_WAY, "Backups running: eu, us. Their other jobs start after the backup"),
        (BackupState.DONE, "Backups already done in this wave: eu, us"),
    ],
)
def test_backups_that_were_ordered_before_are_told_by_how_far_they_are(state: BackupState, says: str) -> None:
    assert lines_of(instances_of(FOUR, ["eu", "us"], state=state), FOUR, "Backups") == [says]


def test_instances_whose_backups_differ_get_a_line_for_each_kind() -> None:
    instances = [
        *instances_of(FOUR, ["eu"]),
        *instances_of(FOUR, ["us"], state=BackupState.UNDER_WAY),
        *instances_of(FOUR, ["ap"], state=BackupState.DONE),
        *instances_of(FOUR, ["au"], create_backup="always"),
    ]
    lines = lines_of(instances, FOUR, "Backups")
    assert lines[0].startswith("Backups: ordered by eu -> us. ")
    assert lines[1:] == [
        "Backups running: us. Their other jobs start after the backup",
        "Backups already done in this wave: ap",
        "Backups: every job of au orders one",
    ]


def test_a_run_without_backups_says_so() -> None:
    assert lines_of(instances_of(FOUR, create_backup="never"), FOUR, "Backups") == ["Backups: none"]


@pytest.mark.parametrize("backup", ["first", "always", "never"])
@pytest.mark.parametrize("usual", [Action.DONE, Action.ATTACH, Action.REFUSED])
def test_where_nothing_is_scheduled_no_backup_is_spoken_of(usual: Action, backup: str) -> None:
    assert lines_of(instances_of(FOUR, usual=usual, create_backup=backup), FOUR, "Backups") == []


# -- The time that is left


def closing(**ends: str | None) -> list[InstanceState]:
    return [instance for name, end in ends.items() for instance in instances_of(FOUR, [name], migrated_at=end)]


def before(**back: float) -> str:
    return (NOW - timedelta(**back)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_time_left_is_that_of_the_instance_that_has_least() -> None:
    instances = closing(eu=before(days=2), us=before(days=11, hours=3), ap=before(days=5))
    assert lines_of(instances, FOUR, "Deadline") == ["Deadline to recreate links: 2026-03-04 09:00Z, 2d21h left (us)"]


def test_only_what_would_be_scheduled_needs_time_each_update_by_itself() -> None:
    soon = [{"url": "https://old.example.com", "migrated_at": before(days=13)}, "https://jira.example.com"]
    members = {"us": {"migrated_from": soon}, "eu": {"migrated_from": soon, "migrated_at": before(days=2)}}
    instances = instances_of(FOUR, ["eu"], members=members, destinations=["us", "ap"])
    first, *others = instances[0].updates
    assert first.label == "eu -> us (from old.example.com)"
    assert lines_of(instances, FOUR, "Deadline") == ["Deadline to recreate links: 2026-03-02 12:00Z, 1d00h left (eu)"]
    first.changed = False
    assert lines_of(instances, FOUR, "Deadline") == ["Deadline to recreate links: 2026-03-13 12:00Z, 12d00h left (eu)"]
    for each in others:
        each.changed = False
    assert lines_of(instances, FOUR, "Deadline") == []


def test_where_nobody_said_when_the_migration_ended_the_time_left_is_not_known() -> None:
    says = "Deadline unknown for us, ap. Set link_update_migrated_at: links can be recreated for 14 days only"
    lines = lines_of(closing(eu=before(days=2), us=None, ap=None), FOUR, "Deadline")
    assert lines == ["Deadline to recreate links: 2026-03-13 12:00Z, 12d00h left (eu)", says]


def test_where_one_origin_has_no_date_only_its_pairs_are_named() -> None:
    dated = {"url": "https://old.example.com", "migrated_at": before(days=2)}
    members = {"us": {"migrated_from": [dated, "https://jira.example.com"]}, "eu": {"migrated_from": [dated]}}
    instances = instances_of(FOUR, ["eu"], members=members, destinations=["us"])
    assert lines_of(instances, FOUR, "Deadline unknown") == [
        "Deadline unknown for eu -> us (from jira.example.com). Set link_update_migrated_at: links can be recreated "
        "for 14 days only"
    ]


def test_no_time_is_left_for_what_is_not_recreated() -> None:
    regular = instances_of(FOUR, recreate_as_remote=False, migrated_at=before(days=15))
    assert lines_of(regular, FOUR, "Deadline") == []
    local = [*regular, *closing(eu=before(days=2))]
    assert lines_of(local, FOUR, "Deadline")[0].endswith("(eu)")


def test_instances_without_a_backup_are_not_spoken_of_beside_those_with_one() -> None:
    instances = [
        *instances_of(FOUR, ["eu"], create_backup="never"),
        *instances_of(FOUR, ["us"], create_backup="always"),
    ]
    assert lines_of(instances, FOUR, "Backups") == ["Backups: every job of us orders one"]


def test_of_the_time_that_ends_this_very_moment_nothing_is_left() -> None:
    assert lines_of(closing(eu=before(days=14)), FOUR, "Deadline") == [
        "Deadline to recreate links: 2026-03-01 12:00Z, 0.0s left (eu)"
    ]


def test_the_plan_begins_with_the_numbers_and_the_matrix() -> None:
    plan = text_of(instances_of(FOUR, ["eu"], destinations=["us"], recreate_as_remote=False), FOUR, NOW)
    assert joined(plan) == [
        "Plan for wave 1: 1 job (1 to schedule)",
        "from \\ to  eu  us",
        "eu         .   schedule",
        "Backups: ordered by eu -> us. The other jobs of an instance start after its backup (usually 20 min to 8 h)",
        "Jobs that recreate links: 0 of 1",
        "Regular updates: 1 because link_update_recreate_as_remote is false (eu -> us)",
    ]


def test_each_action_is_counted_in_words_of_its_own() -> None:
    others = [name for name in TWENTY if name != TWENTY[0]]
    actions = {(TWENTY[0], other): action for other, action in zip(others, Action, strict=False)}
    (counts,) = lines_of(instances_of(TWENTY, TWENTY[:1], actions=actions, usual=Action.DONE), TWENTY, "Plan")
    assert counts == (
        "Plan for wave 1: 19 jobs (1 to schedule, 1 to wait for, 13 done, 1 to retry, 1 to schedule again, 1 forced, 1 "
        "refused)"
    )


# -- What is recreated


def test_the_plan_says_which_jobs_recreate_links_and_why_the_others_do_not() -> None:
    members = {
        "wiki": {"product_url": "https://eu.example.net/wiki", "migrated_from": "https://wiki.example.com"},
        "us": {"migrated_from": ["https://jira.example.com", "https://old.atlassian.net"]},
    }
    names = ["eu", "us", "wiki"]
    lines = joined(text_of(instances_of(names, members=members, destinations=[*names]), names, NOW))
    assert [line for line in lines if line.startswith(("Jobs that", "Regular"))] == [
        "Jobs that recreate links: 2 of 12",
        "Regular updates: 3 because the links are local (eu -> eu, us -> us (from jira.example.com), us -> us (from "
        "old.atlassian.net)), 1 because the origin is a cloud site (eu -> us (from old.atlassian.net)), 2 because the "
        "destination is Confluence (eu -> wiki, us -> wiki), 4 because the product is Confluence (wiki -> eu, wiki -> "
        "us (from jira.example.com), wiki -> us (from old.atlassian.net) and 1 more)",
    ]


def test_where_all_links_are_recreated_one_line_says_so() -> None:
    lines = text_of(instances_of(TWENTY), TWENTY, NOW)
    assert "Jobs that recreate links: 380 of 380" in lines
    assert not [line for line in lines if line.startswith("Regular")]


def test_what_is_recreated_takes_two_lines_of_a_federation_of_any_size() -> None:
    members = {name: {"product_url": f"https://{name}.example.net/wiki"} for name in TWENTY[10:]}
    counts = lines_of(instances_of(TWENTY, members=members), TWENTY, "Jobs that")
    (reasons,) = lines_of(instances_of(TWENTY, members=members), TWENTY, "Regular")
    assert counts == ["Jobs that recreate links: 90 of 380"]
    assert "100 because the destination is Confluence (" in reasons
    assert "190 because the product is Confluence (" in reasons
    assert len(reasons) < 400


# -- Several origins of one destination


TWO = ["https://jira.example.com", "https://old.example.com"]


def test_a_cell_has_the_action_of_each_origin_of_its_destination() -> None:
    instances = instances_of(FOUR, ["eu", "ap"], members={"us": {"migrated_from": TWO}}, destinations=["us", "eu"])
    instances[0].updates[1].changed = False
    assert instances[0].updates[1].action is Action.ATTACH
    assert matrix_of(instances, FOUR) == [
        "from \\ to  eu        us              ap",
        "eu         schedule  schedule, wait  .",
        "ap         schedule  schedule x2     .",
        "A destination with several origins has a job for each, in this order:",
        "us (from jira.example.com, old.example.com)",
    ]


def test_a_cell_of_the_matrix_of_many_has_the_letters_of_its_origins_side_by_side() -> None:
    members = {TWELVE[1]: {"migrated_from": TWO}}
    instances = instances_of(TWELVE, members=members, actions={(TWELVE[2], TWELVE[1]): Action.DONE})
    instances[0].updates[1].changed = False
    lines = matrix_of(instances, TWELVE)
    assert [line.split()[3] for line in lines[1:4]] == ["SW", ".", "DD"]
    assert lines[13] == "S schedule, W wait, D done"
    assert lines[-1].endswith(f"{TWELVE[1]} (from jira.example.com, old.example.com)")


def test_an_application_link_is_listed_once_however_many_origins_its_destination_has() -> None:
    members = {"us": {"migrated_from": TWO}, "ap": {"product_url": "https://ap.example.net/wiki"}}
    plan = plan_of(instances_of(FOUR[:3], members=members), FOUR, NOW)
    assert plan["recreating"] == [
        "eu -> us (from jira.example.com)",
        "eu -> us (from old.example.com)",
        "us -> eu",
    ]
    assert plan["app_links"][-4:] == [
        "[ ] eu  https://eu.example.net",
        "    to us",
        "[ ] us  https://us.example.net",
        "    to eu",
    ]


# -- A backup that may take too long


@pytest.mark.parametrize("state", [BackupState.NOT_ORDERED, BackupState.UNDER_WAY])
def test_the_plan_warns_where_the_backup_may_last_beyond_the_time_to_recreate_links(state: BackupState) -> None:
    late = instances_of(FOUR, ["eu", "us"], state=state, migrated_at=before(days=13, hours=16, seconds=1))
    in_time = instances_of(FOUR, ["ap"], state=state, migrated_at=before(days=13, hours=16))
    assert lines_of([*late, *in_time], FOUR, "Warning") == [
        "Warning: a backup can take 8 h, and the deadline to recreate links is near: eu 2026-03-01 19:59Z, us "
        "2026-03-01 19:59Z. To go on without a backup: -e link_update_create_backup=never"
    ]
    assert lines_of(in_time, FOUR, "Warning") == []


@pytest.mark.parametrize(
    "how",
    [
        {"state": BackupState.DONE},
        {"create_backup": "never"},
        {"create_backup": "always"},
        {"recreate_as_remote": False},
        {"destinations": ["us"]},
        {"usual": Action.DONE},
    ],
    ids=["done", "none", "all at once", "regular", "only the one that orders it", "nothing to schedule"],
)
def test_the_plan_does_not_warn_where_nothing_waits_for_a_backup(how: dict[str, Any]) -> None:
    late = before(days=13, hours=20)
    assert lines_of(instances_of(FOUR, ["eu"], migrated_at=late), FOUR, "Warning")
    assert lines_of(instances_of(FOUR, ["eu"], migrated_at=late, **how), FOUR, "Warning") == []


# -- The plan of a real run


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, *FOUR)


def refusals(plan: Plan) -> list[str]:
    return [line for line in joined(plan["text"]) if line.startswith("Refused")]


def test_an_instance_whose_time_is_over_has_one_line_and_the_others_are_scheduled(harness: ReportHarness) -> None:
    harness.change("us", migrated_at="2026-02-01")
    harness.change("au", product_url="https://au.example.net/wiki")
    harness.job("us -> eu", "COMPLETE")
    why = (
        "not scheduled: the deadline to recreate links was 2026-02-15 00:00Z, 14 days after the migration. Correct "
        "migrated_at if it is wrong. A regular update is still possible: recreate_as_remote: false"
    )
    assert refusals(harness.planned()) == [f"Refused: us -> ap: {why}"]
    harness.location.unlink()
    plan = harness.planned()
    assert refusals(plan) == [f"Refused: 2 jobs (us -> eu, us -> ap): {why}"]
    assert plan["text"][2:6] == [
        "eu         .         schedule  schedule  schedule",
        "us         REFUSED   .         REFUSED   schedule",
        "ap         schedule  schedule  .         schedule",
        "au         schedule  schedule  schedule  .",
    ]


def test_a_federation_that_is_complete_has_nothing_refused_when_its_time_is_over(harness: ReportHarness) -> None:
    for name in FOUR:
        harness.change(name, migrated_at="2026-02-01")
        for other in FOUR:
            if other != name:
                harness.job(f"{name} -> {other}", "COMPLETE")
    plan = harness.planned()
    assert (plan["scheduled"], plan["counts"]["done"], plan["counts"]["refused"]) == (0, 12, 0)
    assert not [line for line in plan["text"] if line.startswith(("Refused", "Deadline", "Warning", "Backups"))]


def test_a_plan_that_is_made_in_the_last_hours_warns_of_the_backup_that_it_would_order(harness: ReportHarness) -> None:
    for name in FOUR:
        harness.change(name, migrated_at="2026-02-15T18:00:00Z")
    (warning,) = [line for line in joined(harness.planned()["text"]) if line.startswith("Warning")]
    assert "near: eu 2026-03-01 18:00Z, us 2026-03-01 18:00Z, " in warning


# -- How long it will take


def test_the_plan_estimates_the_time_where_the_ledger_knows_of_earlier_jobs(harness: ReportHarness) -> None:
    assert not [line for line in harness.planned()["text"] if line.startswith("Estimate")]
    harness.job("us -> eu", "IN_PROGRESS", "COMPLETE")
    (estimate,) = [line for line in joined(harness.planned()["text"]) if line.startswith("Estimate")]
    assert estimate.endswith("plus backups and jobs of others (from 1 earlier job in the ledger)")
