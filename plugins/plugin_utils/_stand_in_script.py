# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the stand-in is to behave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ._stand_in_checks import check_links, is_limit
from ._stand_in_faults import Faults

#: Links of a pair: how many of them, chosen by chance and always the same, or a list of ``[issue, target]``.
Some = int | list[list[str]]
#: What may change while it runs.
_CHANGEABLE = frozenset(
    {"api_token", "blocked", "cloud_limit", "email", "faults", "hidden", "latency_seconds", "linking_off", "not_admin"}
)


@dataclass
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
    #: Pairs -> which of their remote links the jobs do not make. A number alone: so many of the first pair that has as
    #: many.
    leave_out: int | dict[str, Some] = field(default_factory=dict)
    #: Pairs -> which of their remote links still lead to the Data Center.
    stale: dict[str, Some] = field(default_factory=dict)
    #: Pairs -> which of their remote links are there twice.
    double: dict[str, Some] = field(default_factory=dict)
    #: Remote links that somebody removes as soon as a job has made them: ``[name of an instance, issue, target]``.
    removed: tuple[tuple[str, str, str], ...] = ()
    #: Name of an instance -> how many of its issues with remote links the account does not see, or their keys.
    hidden: dict[str, int | list[str]] = field(default_factory=dict)
    #: Name of an instance -> the key that an issue had when it was migrated -> the one that it has now.
    moved: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Name of an instance -> key of an issue -> how many remote links it has to pages that are no issues.
    other_links: dict[str, dict[str, int]] = field(default_factory=dict)
    #: Pairs -> base URL that the remote links have in place of that of the destination.
    link_alias: dict[str, str] = field(default_factory=dict)
    #: Pairs -> how the URLs of their remote links are written, in turns: ``upper_host``, ``lower_key``, ``query``,
    #: ``encoded``.
    link_variants: dict[str, list[str]] = field(default_factory=dict)
    #: Pairs -> relationship of their remote links, in place of the phrase of the type.
    relationship: dict[str, str] = field(default_factory=dict)
    #: Pairs -> ``app_id`` of the application link, and ``type`` and ``name`` of the application, of their remote links.
    form: dict[str, dict[str, str]] = field(default_factory=dict)
    #: All jobs of all pairs were COMPLETE when it started, though nobody has scheduled one.
    completed: bool = False
    #: What goes wrong with some calls, see L(Fault).
    faults: tuple[dict[str, Any], ...] = ()
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
    #: So many requests a second to each site by each account, and so many at once; more are answered with 429.
    cloud_limit: tuple[float, float] | None = None
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
        script = cls(**given)
        script._check()
        return script

    def changed(self, values: Any) -> Script:
        """The same script but for some fields, which may change while it runs.

        :raises ValueError: they may not, or make no sense.
        """
        fixed = sorted(set(values) - _CHANGEABLE) if isinstance(values, Mapping) else [repr(values)]
        if fixed:
            raise ValueError(f"{', '.join(fixed)} cannot change while it runs; {', '.join(sorted(_CHANGEABLE))} can")
        return Script.from_dict({**vars(self), **values})

    def _check(self) -> None:
        check_links(vars(self), self.sites)
        if not isinstance(self.completed, bool):
            raise ValueError(f"completed: {self.completed!r} is neither true nor false")
        if self.cloud_limit is not None and not is_limit(self.cloud_limit):
            raise ValueError(f"cloud_limit: {self.cloud_limit!r} is not [requests a second, requests at once]")
        Faults(self.faults)
