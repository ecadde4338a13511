# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the options of C(link_check), each once, into what they stand for."""

from __future__ import annotations

from typing import Any

from .._errors import InvalidOption
from .._model.check import ALL, AUTO, CheckSettings, Thoroughness
from .._model.sources import sources_of
from .._naming import CHECK, Naming
from .._text import quoted
from .options import connection_of, connections_in, federation_and_specs, jira_accounts, ledger_location, naming_of
from .task import Options

_MOST_CONNECTIONS = 20


def check_settings(options: Options) -> CheckSettings:
    """What C(link_check) was asked for. What is wrong with single instances is among its problems.

    :raises InvalidOption: nothing can be checked.
    """
    named = naming_of(options, CHECK)
    connections = connections_in(options, named, _MOST_CONNECTIONS)
    federation, specs, problems = federation_and_specs(options, naming_of(options))
    settings = CheckSettings(
        federation=federation,
        specs=specs,
        sources=tuple(sources_of(federation)),
        accounts=jira_accounts(federation, specs),
        thoroughness=_thoroughness(options, named),
        any_job=options["jobs"] == "any",
        connection=connection_of(options),
        connections=connections,
        ledger=ledger_location(options),
        report_dir=options["report_dir"] or "",
        problems=(*federation.problems, *problems),
        named=named,
    )
    if not settings.problems and not (settings.sources and settings.accounts):
        raise InvalidOption(
            "there is no link to check: no Jira instance of the play came from a Data Center instance",
            f"correct {federation.named('migrated_from')}, or name other instances",
        )
    return settings


def _thoroughness(options: Options, named: Naming) -> Thoroughness:
    confidence, max_missing = options["confidence"], options["max_missing"]
    if not 0.5 <= confidence < 1:
        raise InvalidOption(
            f"{named('confidence')} is {confidence:g}", "set it to a number from 0.5 to less than 1, such as 0.99"
        )
    if max_missing is not None and not 0 <= max_missing < 1:
        raise InvalidOption(
            f"{named('max_missing')} is {max_missing:g}",
            "set it to a share from 0 to less than 1: 0.01 stands for one link of 100",
        )
    return Thoroughness(_sample(options["sample"], named), confidence, max_missing)


def _sample(given: Any, named: Naming) -> str | int:
    text = str(given).strip().lower()
    if text in (AUTO, ALL):
        return text
    if text.isascii() and text.isdecimal() and int(text):
        return int(text)
    raise InvalidOption(
        f"{named('sample')} is {quoted(given)}",
        "set it to auto, to all, or to how many links of each pair are checked, such as 300",
    )
