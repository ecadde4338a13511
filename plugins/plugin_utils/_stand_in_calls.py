# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that the stand-in answers, but for those of its Data Center."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ._stand_in_reply import Reply


@dataclass(frozen=True)
class Call:
    """What somebody asks for."""

    host: str
    #: What the path names, see L(Route).
    named: Mapping[str, str]
    query: str
    authorization: str
    body: bytes
    #: When it came, in seconds since 1970.
    at: float


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
