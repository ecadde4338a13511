# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the service, and as whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Connection:
    """How to reach the service, and as whom."""

    email: str
    api_token: str
    #: True checks certificates against the system's authorities, a path against the ones in that file or folder.
    verify: bool | str = True
    #: Seconds to connect, and seconds of silence while an answer is awaited.
    timeout: float = 30.0
    #: Loopback URL of a stand-in that gets every request in the place of its real host, for a rehearsal.
    stand_in_url: str | None = None
