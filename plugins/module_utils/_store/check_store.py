# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks, and what they have left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from .checking import Checking
from .checks import CheckScope, Form, PastCheck


class CheckStore:
    """All checks. May be used by several threads."""

    def begin(self, scope: CheckScope, lease: timedelta) -> Checking:
        """Go on with the newest check of a scope, or with a new one."""
        raise NotImplementedError

    def past(self, product_urls: Collection[str]) -> list[PastCheck]:
        """The checks of a federation that have ended, the newest first."""
        raise NotImplementedError

    def form(self, product_url: str, destination_url: str) -> Form | None:
        """What the links of an ordered pair look like, as the newest check has found."""
        raise NotImplementedError

    def repairs_made(self) -> int:
        """How often repairs have changed a site."""
        raise NotImplementedError
