# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script of the stand-in may say about remote links: anything else gets a message before it starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ._stand_in_variants import VARIANTS

#: Checks a value of a script, and says where it is.
Check = Callable[[str, Any], None]
_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[1-9][0-9]*")
_FORM = ("app_id", "type", "name")


def check_links(values: Mapping[str, Any], names: Collection[str]) -> None:
    """Check the fields of a script that say what becomes of remote links.

    :param names: of the sites; without any, every name is one.
    :raises ValueError: one of them makes no sense.
    """
    pair, site = _pair_of(names), _site_of(names)
    links = _either("a number of links, or a list of [issue, target]", _number, _list_of(_row("issue", "target")))
    checks: dict[str, Check] = {
        "leave_out": _either("a number of links, or such a number for each pair", _number, _map_of(pair, links)),
        "stale": _map_of(pair, links),
        "double": _map_of(pair, links),
        "hidden": _map_of(site, _either("a number of issues, or a list of their keys", _number, _list_of(_key))),
        "moved": _map_of(site, _map_of(_key, _key)),
        "removed": _list_of(_row("site", "issue", "target", first=site)),
        "other_links": _map_of(site, _map_of(_key, _number)),
        "link_alias": _map_of(pair, _url),
        "link_variants": _map_of(pair, _list_of(_one_of(VARIANTS))),
        "relationship": _map_of(pair, _text),
        "form": _map_of(pair, _map_of(_one_of(_FORM), _text)),
    }
    for name, check in checks.items():
        check(name, values[name])


def is_limit(value: Any) -> bool:
    """Whether a value is a rate above 0, and a number from 1 on."""
    is_pair = isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, (int, float)) for each in value)
    return is_pair and value[0] > 0 and value[1] >= 1


def _pair_of(names: Collection[str]) -> Check:
    def check(where: str, value: Any) -> None:
        ends = str(value).split(" -> ")
        if len(ends) != 2 or ends[0] == ends[1] or any(names and end not in names for end in ends):
            known = f" of {', '.join(names)}" if names else ""
            raise ValueError(f"{where}: {value!r} is no pair{known}, such as 'eu -> us'")

    return check


def _site_of(names: Collection[str]) -> Check:
    def check(where: str, value: Any) -> None:
        if names and value not in names:
            raise ValueError(f"{where}: {value!r} is no site, there are {', '.join(names)}")

    return check


def _one_of(names: Collection[str]) -> Check:
    def check(where: str, value: Any) -> None:
        if value not in names:
            raise ValueError(f"{where}: {value!r} is none of {', '.join(names)}")

    return check


def _number(where: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{where}: {value!r} is no number from 0 on")


def _text(where: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{where}: {value!r} is no text")


def _url(where: str, value: Any) -> None:
    if not isinstance(value, str) or not re.match(r"https?://[^/]+", value):
        raise ValueError(f"{where}: {value!r} is no URL, such as 'https://us.example.net'")


def _key(where: str, value: Any) -> None:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise ValueError(f"{where}: {value!r} is no key of an issue, such as 'ABC-1'")


def _row(*columns: str, first: Check = _key) -> Check:
    def check(where: str, value: Any) -> None:
        if not isinstance(value, (list, tuple)) or len(value) != len(columns):
            raise ValueError(f"{where}: {value!r} is not [{', '.join(columns)}]")
        for each, column in zip((first, *[_key] * (len(columns) - 1)), value, strict=True):
            each(where, column)

    return check


def _list_of(check: Check) -> Check:
    def check_list(where: str, value: Any) -> None:
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{where}: {value!r} is no list")
        for each in value:
            check(where, each)

    return check_list


def _map_of(name: Check, check: Check) -> Check:
    def check_map(where: str, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise ValueError(f"{where}: {value!r} is no object")
        for key, each in value.items():
            name(where, key)
            check(f"{where}: {key}", each)

    return check_map


def _either(what: str, number: Check, other: Check) -> Check:
    """A number, or something else."""

    def check(where: str, value: Any) -> None:
        if not isinstance(value, (int, list, tuple, Mapping)):
            raise ValueError(f"{where}: {value!r} is not {what}")
        (number if isinstance(value, int) else other)(where, value)

    return check
