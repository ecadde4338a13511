# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the links look like that are there, for each ordered pair of sites."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from .._service.remote_links import RemoteLink
from .._store.checking import Checking
from .._store.checks import Form
from .matching import ids_in


class Forms:
    """The forms that are known. May be used by several threads.

    :param earlier: those that earlier checks have found, by the two product URLs.
    """

    def __init__(self, checking: Checking, earlier: Mapping[tuple[str, str], Form]) -> None:
        self._checking = checking
        self._known = dict(earlier)
        self._seen: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def app_id(self, product_url: str, destination_url: str) -> str:
        """The id of the application link that leads to a site; empty where it is not known."""
        form = self._known.get((product_url, destination_url))
        return form.app_id if form else ""

    def learn(self, product_url: str, destination_url: str, link: RemoteLink) -> None:
        """A link is there. The first one that Jira has made shows what they look like."""
        pair, app_id = (product_url, destination_url), ids_in(link.global_id)[0]
        if not app_id or pair in self._seen:
            return
        with self._lock:
            if pair in self._seen:
                return
            self._seen.add(pair)
        self._known[pair] = Form(app_id, link.application_type, link.application_name)
        self._checking.add_form(*pair, self._known[pair])
