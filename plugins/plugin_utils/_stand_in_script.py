# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the stand-in is to behave."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Script:
    """How the service is to behave. Times are in seconds, and may be fractions."""

    #: Name of an instance -> ``{"product_url": ..., "site_id": ...}``, and ``migrated_from``,
    #: ``migrated_from_override`` and ``projects`` as in the inventory. Without any, every host is a site.
    sites: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Host of a Data Center, and its path if it has one -> its data and its switches, see L(DataCenter). None: a small
    #: one for each origin of a site.
    data_centers: dict[str, dict[str, Any]] | None = None
    #: Name of an instance -> keys of projects that it has, and that no Data Center knows.
    cloud_projects: dict[str, list[str]] = field(default_factory=dict)
    #: Pairs -> for how many of their issues and targets the jobs make no remote link.
    leave_out: dict[str, int] = field(default_factory=dict)
    #: How long a job waits in the queue at least.
    queue_seconds: float = 1.0
    #: How long a backup takes.
    backup_seconds: float = 2.0
    #: How long the links of one job take.
    run_seconds: float = 3.0
    #: Where it is given, each job takes a time of its own between run_seconds and this, the same in each rehearsal.
    run_seconds_up_to: float | None = None
    #: Let the jobs of one site run side by side instead of one after the other. The vendor does not document which.
    parallel: bool = False
    #: Pairs as ``eu -> us``, one of whose jobs ends in Error for each time it is named.
    fail: tuple[str, ...] = ()
    #: Pairs whose jobs go through Retry.
    retry: tuple[str, ...] = ()
    #: Names of instances where the caller is no admin.
    not_admin: tuple[str, ...] = ()
    #: Names of instances where issue linking is switched off.
    linking_off: tuple[str, ...] = ()
    #: Names of instances whose sites take requests from other addresses only, as an IP allowlist has it.
    blocked: tuple[str, ...] = ()
    #: Pairs whose request for a job is answered with HTTP 200 and an error.
    no_job: tuple[str, ...] = ()
    #: What the service says beside Error.
    error_message: str | None = None
    #: So many requests to the links API in so many seconds, by all clients together; more are answered with 429.
    rate_limit: tuple[int, float] | None = None
    #: How long every answer takes, as over a network; a new connection over TLS takes two of these more.
    latency_seconds: float = 0.0
    #: The only credentials to accept. None: any.
    email: str | None = None
    api_token: str | None = None

    @classmethod
    def from_dict(cls, values: Any) -> Script:
        """Read a script from JSON-like values; what is not given keeps its default."""
        if not isinstance(values, dict):
            raise ValueError("not an object")
        known = {each.name for each in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**given)
