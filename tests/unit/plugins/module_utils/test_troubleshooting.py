# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page on failed runs quotes is what the code says: messages, word by word, and failure codes.

A message of the page is a term in double backticks that has its line to itself. Three dots in it stand for what
differs, or for a part of the message that is left out.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.schema import LEDGER
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.schema import CENSUS
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION

PAGE = (COLLECTION / "docs/docsite/rst/when_a_run_fails.rst").read_text(encoding="utf-8")
MESSAGES = re.findall(r"^``(.+)``$", PAGE, re.MULTILINE)
CENSUS_PAGE = (COLLECTION / "docs/docsite/rst/census_problems.rst").read_text(encoding="utf-8")
CENSUS_MESSAGES = sorted({text for text in re.findall("``([^`]+)``", CENSUS_PAGE) if " " in text})
#: What messages call the stores.
NOUNS = (LEDGER.noun, CENSUS.noun)
#: Stands where a text of the code has a placeholder: no quotation has it.
_PLACEHOLDER = "\0"


def folded(text: str) -> str:
    return " ".join(text.split())


def texts_of_python(path: Path) -> Iterator[str]:
    """Every text in a file but docstrings, those with placeholders in one piece."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if node in docstrings:
            continue
        if isinstance(node, ast.JoinedStr):
            for noun in NOUNS:
                yield "".join(text_of_part(part, noun) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def text_of_part(part: ast.expr, noun: str) -> str:
    """A part of a text with placeholders. An option has the name that it has in the role.

    :param noun: what the text calls a store.
    """
    match part:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(ast.Call(ast.Attribute(attr="_named" | "named"), [ast.Constant(value=str(option))])):
            return ROLE(option)
        case ast.FormattedValue(ast.Call(ast.Name(id="named"), [ast.Constant(value=str(option))])):
            return ROLE(option)
        case ast.FormattedValue(ast.Attribute(attr="noun") | ast.Name(id="noun")):
            return noun
        case ast.FormattedValue(ast.Attribute(attr="_title")):
            return f"the {noun} {_PLACEHOLDER}"
    return _PLACEHOLDER


def texts_of_yaml(path: Path) -> Iterator[str]:
    """Every text in a file, each expression in it a placeholder."""
    for node in yaml.compose_all(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader):
        yield from map(without_expressions, scalars_of(node))


def scalars_of(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.ScalarNode):
        yield node.value
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from scalars_of(each)
    elif isinstance(node, yaml.MappingNode):
        for _key, value in node.value:
            yield from scalars_of(value)


def without_expressions(text: str) -> str:
    return re.sub(r"{{.*?}}", _PLACEHOLDER, text, flags=re.DOTALL)


@cache
def said() -> list[str]:
    """Every text of the code that somebody may get to read; what only documents is elsewhere."""
    folders = [COLLECTION / "plugins" / name for name in ("action", "lookup", "module_utils", "plugin_utils")]
    python = (path for folder in folders for path in folder.rglob("*.py"))
    tasks = (path for name in ("roles", "playbooks") for path in (COLLECTION / name).rglob("*.yml"))
    return [
        *(folded(text) for path in python for text in texts_of_python(path)),
        *(folded(text) for path in tasks for text in texts_of_yaml(path)),
    ]


def quotes(message: str, text: str) -> bool:
    """Whether a text has the constant pieces of a message, in their order."""
    pieces = [re.escape(folded(piece)) for piece in message.split("...") if piece.strip()]
    return re.search(".*".join(pieces), text) is not None


def documented_codes() -> set[str]:
    """The failure codes that the modules document."""
    codes: set[str] = set()
    for path in (COLLECTION / "plugins/modules").glob("*.py"):
        module = importlib.import_module(f"ansible_collections.jira_cloud.federation.plugins.modules.{path.stem}")
        failure = yaml.safe_load(module.RETURN).get("failure", {})
        lines = failure.get("contains", {}).get("code", {}).get("description", [])
        codes.update(found[1] for line in lines if (found := re.match(r"V\((\w+)\) - ", line)))
    return codes


@pytest.mark.parametrize("message", MESSAGES + CENSUS_MESSAGES)
def test_what_is_quoted_is_what_the_code_says(message: str) -> None:
    assert any(quotes(message, text) for text in said())


def test_no_message_is_quoted_twice() -> None:
    assert sorted(MESSAGES) == sorted(set(MESSAGES))


def test_every_failure_code_is_explained_and_no_other() -> None:
    explained = re.findall(r"^   \* - ``(\w+)``$", PAGE, re.MULTILINE)
    assert sorted(explained) == sorted(documented_codes())


# -- Whether a quotation that is wrong would be noticed


@pytest.mark.parametrize(
    "message", ["the ledger ... cannot be opened", "cannot be opened: ...", "... cannot ... opened: no such file"]
)
def test_three_dots_stand_for_a_placeholder_or_for_what_is_left_out(message: str) -> None:
    assert quotes(message, folded(f"the ledger {_PLACEHOLDER} cannot be\n opened: no such file"))


@pytest.mark.parametrize(
    "message", ["the ledger cannot be opened", "opened ... the ledger", "the ledger \0 cannot be closed"]
)
def test_a_quotation_with_other_words_or_in_another_order_is_none(message: str) -> None:
    assert not quotes(message, f"the ledger {_PLACEHOLDER} cannot be opened")
