# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON schemas of report.json, link_census.json and link_check.json follow from the types: no field changes
unnoticed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._census.summary import CensusResult
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import Gap
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.summary import CheckResult
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.report import SCHEMA
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import Report
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.checked import check_of
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    REFUSED,
    ReportHarness,
    counted,
)
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.test_census_text import census
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION
from jsonschema import Draft202012Validator

Json = dict[str, Any]

KEPT = COLLECTION / "docs/report.schema.json"
CENSUS, CHECK = (COLLECTION / f"docs/link_{kind}.schema.json" for kind in ("census", "check"))
_SCALARS: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}


def report_schema() -> Json:
    return {**_head(f"report.json, schema {SCHEMA}"), **schema_of(Report)}


def census_schema() -> Json:
    return {**_head("link_census.json"), **schema_of(CensusResult)}


def check_schema() -> Json:
    return {**_head("link_check.json"), **schema_of(CheckResult)}


def _head(title: str) -> Json:
    return {"$schema": Draft202012Validator.META_SCHEMA["$id"], "title": title}


def schema_of(kind: Any) -> Json:
    """The JSON schema of a type. Fields that it does not know are allowed: new ones leave it true."""
    if kind in _SCALARS:
        return {"type": _SCALARS[kind]}
    if is_typeddict(kind):
        fields = get_type_hints(kind, include_extras=True)
        properties = {name: schema_of(each) for name, each in fields.items()}
        return {"type": "object", "properties": properties, "required": list(fields)}
    origin, parts = get_origin(kind), get_args(kind)
    if kind is Any:
        return {}
    if origin is Annotated:
        return {**schema_of(parts[0]), **_narrowed(kind.__metadata__[0])}
    if origin is Literal:
        return {"const": parts[0]}
    if origin is list:
        return {"type": "array", "items": schema_of(parts[0])}
    if origin is dict:
        return {"type": "object", "propertyNames": schema_of(parts[0]), "additionalProperties": schema_of(parts[1])}
    # What is left are types that may be null instead.
    some, none = (schema_of(each) for each in parts)
    return {**some, "type": [some["type"], none["type"]]}


def _narrowed(by: Any) -> Json:
    """What an annotation of a text says of it: its format, or the enumeration that it is a value of."""
    return {"format": by} if isinstance(by, str) else {"enum": [each.value for each in by]}


@pytest.fixture
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(KEPT.read_text(encoding="utf-8")))


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us", "ap")


@pytest.fixture
def report(harness: ReportHarness) -> Json:
    """A report that has all there is: updates of a run in many states, and those of the ledger."""
    harness.change(
        "ap", migrated_from=["https://jira.example.com", {"url": "https://a.com", "override": "https://b.com"}]
    )
    harness.orders = [harness.order("eu", migrated_at="2026-03-01"), harness.order("us", create_backup="always")]
    gap = Gap("https://b.com", "not complete", "run again")
    links = counted({"eu -> us": 5}, gap, migrations={"eu": harness.clock.now()})
    harness.links = replace(links, checks=(check_of(["eu", "us"]),))
    harness.claim("ap -> eu", abandon=True)
    harness.claim("ap -> us")
    became: dict[str, Json] = {
        "eu_us": {"job": harness.job("eu -> us", "IN_PROGRESS", "COMPLETE")},
        "eu_ap": {"failure": REFUSED},
        "us_eu": {"job": harness.job("us -> eu", "ERROR", create_backup="always")},
        "us_ap": {"held": "waits for the backup, which us -> eu has ordered"},
    }
    return harness.reported(harness.run(**became))


def test_the_schema_that_is_published_is_that_of_the_types(tmp_path: Path) -> None:
    fresh = tmp_path / KEPT.name
    fresh.write_text(json.dumps(report_schema(), indent=2) + "\n", encoding="utf-8")
    assert fresh.read_text(encoding="utf-8") == KEPT.read_text(encoding="utf-8"), (
        "report.json has changed. If a field has another meaning or is gone, raise SCHEMA of _report/report.py and the "
        f"type of the field schema. Then document it in report.rst, and copy {fresh} to docs."
    )


def test_the_schema_is_one(validator: Draft202012Validator) -> None:
    validator.check_schema(validator.schema)
    assert validator.schema["properties"]["schema"] == {"const": SCHEMA}


def test_a_report_obeys_the_schema_whatever_became_of_its_updates(
    report: Json, validator: Draft202012Validator
) -> None:
    assert {each["state"] for each in report["updates"]} == {"complete", "failed", "error", "held", "open"}
    validator.validate(report)


def test_a_report_of_the_ledger_alone_obeys_the_schema(harness: ReportHarness, validator: Draft202012Validator) -> None:
    validator.validate(harness.reported())
    harness.job("eu -> us", "BACKUP", create_backup="always")
    validator.validate(harness.reported(stand_in_url="http://127.0.0.1:1"))


def test_a_report_with_a_new_field_obeys_the_schema(report: Json, validator: Draft202012Validator) -> None:
    validator.validate({**report, "news": True, "updates": [{**each, "news": 1} for each in report["updates"]]})


def objects_in(value: Any) -> Iterator[Json]:
    """Every object with fields of its own in a report; what is by name or by state has none."""
    if isinstance(value, list):
        for each in value:
            yield from objects_in(each)
    elif isinstance(value, dict):
        yield value
        for key, each in value.items():
            if key not in ("settings", "by_source") and not (key in ("counts", "pairs") and isinstance(each, dict)):
                yield from objects_in(each)


def test_a_report_without_one_of_its_fields_or_with_another_type_breaks_the_schema(
    report: Json, validator: Draft202012Validator
) -> None:
    assert sum(map(len, objects_in(report))) > 100
    _hold_to_its_fields(report, validator)


@pytest.mark.parametrize("key", ["counts", "pairs"])
def test_a_state_that_does_not_exist_breaks_the_schema(report: Json, validator: Draft202012Validator, key: str) -> None:
    verdict = report["verdict"]
    verdict[key]["lost"] = verdict[key]["complete"]
    assert not validator.is_valid(report)


# -- That of a census


@pytest.mark.parametrize(("kept", "schema"), [(CENSUS, census_schema()), (CHECK, check_schema())])
def test_the_schema_of_a_census_and_of_a_check_that_is_published_is_that_of_the_types(
    tmp_path: Path, kept: Path, schema: Json
) -> None:
    fresh = tmp_path / kept.name
    fresh.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    assert fresh.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), (
        f"a file has changed. Document it, and copy {fresh} to docs."
    )


def test_what_the_documentation_shows_of_a_census_and_a_check_obeys_the_schemas() -> None:
    page = (COLLECTION / "docs/docsite/rst/report.rst").read_text(encoding="utf-8")
    examples = re.findall(r"code-block:: json\n\n((?:   .*\n)+)", page)
    for schema, example in zip((CENSUS, CHECK), examples, strict=True):
        Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(json.loads(example))


def test_a_census_obeys_its_schema_and_one_without_a_field_or_with_another_type_does_not() -> None:
    validator = Draft202012Validator(json.loads(CENSUS.read_text(encoding="utf-8")))
    whole = census(
        ended_at=None,
        outside={"links": 1, "projects": [{"source": "s", "project": "OPS", "links": 1}]},
        unread=[{"source": "s", "project": "ABC", "problem": "p", "remedy": "r"}],
    )
    whole["not_covered"]["issues_over_limit"].append({"source": "s", "issue": "ABC-1", "links": 2001})
    validator.check_schema(validator.schema)
    _hold_to_its_fields(deepcopy(dict(whole)), validator)


def test_a_check_obeys_its_schema_and_one_without_a_field_or_with_another_type_does_not() -> None:
    validator = Draft202012Validator(json.loads(CHECK.read_text(encoding="utf-8")))
    validator.check_schema(validator.schema)
    _hold_to_its_fields(dict(check_of(["eu", "us"])), validator)


def _hold_to_its_fields(broken: Json, validator: Draft202012Validator) -> None:
    """Take away each field, and give each another type: the schema must not accept that."""
    validator.validate(broken)
    fields = [(each, key) for each in objects_in(broken) for key in each]
    for each, key in fields:
        value = each.pop(key)
        assert not validator.is_valid(broken), f"without {key}"
        each[key] = {"of": "another type"} if not isinstance(value, dict) else "text"
        assert not validator.is_valid(broken), f"{key} of another type"
        each[key] = value
    validator.validate(broken)
