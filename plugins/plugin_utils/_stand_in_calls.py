# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that the stand-in answers, but for those of its Data Center."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ._stand_in_reply import Reply


@dataclass(frozen=True)
class Call:
    """What somebody asks for."""

    host: str
    #: From the host on.
    path: str
    #: What the path names, see L(Route).
    named: Mapping[str, str]
    query: str
    authorization: str
    body: bytes
    #: When it came, in seconds since 1970.
    at: float

    @property
    def url(self) -> str:
        """Host, path and query, as they were asked for."""
        return f"{self.host}{self.path}?{self.query}"


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object that a body is; None where it is none."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


Act = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """A kind of call."""

    method: str
    #: What it is counted as.
    kind: str
    path: re.Pattern[str]
    act: Act


def route(method: str, kind: str, path: str, act: Act) -> Route:
    """A kind of call.

    :param path: with C({name}) for each part that the call is asked about.
    """
    return Route(method, kind, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), act)
