# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The projects that were migrated to an instance, as a user declares them, and the keys of projects and issues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import InvalidOption
from .._text import quoted
from .origin import Origin, origin_url

#: The keys of projects, by the server that they were migrated from.
Projects = Mapping[str, tuple[str, ...]]

#: Jira's default is two capital letters or more; an administrator can allow digits and underscores. Documented:
#: confluence.atlassian.com, "Changing the project key format".
_PROJECT = r"[A-Z][A-Z0-9_]*"
_PROJECT_KEY = re.compile(_PROJECT)
_ISSUE_KEY = re.compile(rf"{_PROJECT}-[1-9][0-9]{{0,17}}")


def is_project_key(text: str) -> bool:
    """Whether a text can be the key of a project."""
    return len(text) <= 255 and _PROJECT_KEY.fullmatch(text) is not None


def is_issue_key(text: Any) -> bool:
    """Whether a text is the key of an issue."""
    return isinstance(text, str) and _ISSUE_KEY.fullmatch(text) is not None


def split_key(key: str) -> tuple[str, int]:
    """The project and the number that the key of an issue names.

    :param key: one that was checked, see L(is_issue_key).
    """
    project, _dash, number = key.rpartition("-")
    return project, int(number)


def projects_in(variable: str, given: Any, origins: Sequence[Origin]) -> Projects:
    """The projects that a user declares for one instance.

    :param given: a list of keys; or, for an instance with several origins, a mapping from their URLs to lists of keys.
    :param origins: those of the instance.
    :raises InvalidOption: it is neither, or cannot be right.
    """
    if isinstance(given, Mapping):
        return _by_origin(variable, given, origins)
    servers = list(dict.fromkeys(each.server for each in origins))
    if len(servers) > 1:
        raise InvalidOption(
            f"{variable} is a list, but the instance has {len(servers)} origins",
            f"set it to a dictionary from each origin to its keys, for example {{{servers[0]}: [ABC], ...}}",
        )
    return dict.fromkeys(servers, _keys_in(variable, given))


def _by_origin(variable: str, given: Mapping[Any, Any], origins: Sequence[Origin]) -> Projects:
    servers = {url: each.server for each in origins for url in (each.url, each.server)}
    projects: dict[str, tuple[str, ...]] = {}
    for name, keys in given.items():
        url = origin_url(variable, name, [])
        if url not in servers:
            raise InvalidOption(
                f"{variable} has {url}, which is not an origin of the instance", f"use one of {', '.join(servers)}"
            )
        if servers[url] in projects:
            raise InvalidOption(f"{variable} has {servers[url]} twice", "remove one")
        projects[servers[url]] = _keys_in(variable, keys)
    return projects


def _keys_in(variable: str, given: Any) -> tuple[str, ...]:
    if isinstance(given, str):
        # As -e name=ABC,DEF has it.
        given = re.split(r"[,\s]+", given.strip())
    if not isinstance(given, (list, tuple)):
        raise InvalidOption(f"{variable} is not a list of project keys", "use a list such as [ABC, DEF]")
    return tuple(dict.fromkeys(_checked(variable, given)))


def _checked(variable: str, given: Iterable[Any]) -> Iterator[str]:
    for each in given:
        key = str(each).strip().upper()
        if not is_project_key(key):
            what = f"{variable} has {quoted(each)}, which is not a project key"
            raise InvalidOption(what, "use keys such as ABC, and no issue keys such as ABC-1")
        yield key
