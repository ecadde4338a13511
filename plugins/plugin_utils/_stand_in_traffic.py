# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How requests come to the stand-in."""

from __future__ import annotations

import contextlib
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ._stand_in_reply import moment


class Traffic:
    """How requests come: how many at once, when, and on how many connections."""

    def __init__(self) -> None:
        #: How many connections carried a request.
        self.connections = 0
        self._lock = threading.Lock()
        #: How many requests are under way, in all, to the links API, to each of its sites, and to each
        #: cloud site; and the most there were.
        self._under_way: Counter[str] = Counter()
        self._most: Counter[str] = Counter()
        #: When the requests to the links API came.
        self._times: list[float] = []

    @contextlib.contextmanager
    def request(self, path: str, at: float, *, is_first: bool) -> Iterator[None]:
        """A request is under way.

        :param at: when it came, in seconds since 1970.
        :param is_first: none came before it on its connection.
        """
        links_api = re.match(r"/[^/]+/links/v1/([^/]+)/", path)
        site = re.match(r"/([^/]+)/rest/api/3/", path)
        kinds = [
            "in all",
            *(["links API", f"site {links_api[1]}"] if links_api else []),
            *([f"host {site[1]}"] if site else []),
        ]
        with self._lock:
            self.connections += is_first
            self._times += [at] if links_api else []
            self._under_way.update(kinds)
            self._most |= self._under_way
        try:
            yield
        finally:
            with self._lock:
                self._under_way.subtract(kinds)

    def report(self) -> dict[str, Any]:
        """What was seen so far."""
        with self._lock:
            most, times = dict(self._most), list(self._times)
        return {
            "connections": self.connections,
            "most_at_once": most.get("in all", 0),
            "most_at_once_to_links_api": most.get("links API", 0),
            "most_at_once_to_a_site": _most_of("site", most),
            "most_at_once_to_a_host": _most_of("host", most),
            "first_to_links_api_at": moment(times[0]) if times else None,
            "last_to_links_api_at": moment(times[-1]) if times else None,
        }


def _most_of(kind: str, most: Mapping[str, int]) -> int:
    return max((number for name, number in most.items() if name.startswith(kind)), default=0)
