# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Atlassian's own reports on what its jobs have done: where they are, what their files are called, how long they last.

Documented: for each product there are a history report, with a summary of the updates, and an audit log, with all links
that were updated within the last 29 days. Not known: their paths, their parameters and their columns. So a user gives
the URLs, and there is no default.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, urlsplit

from .._errors import InvalidOption
from .._text import harmless, is_visible
from .._urls import is_encrypted, short_url, shown_url
from .connection import Connection
from .desired import InstanceSpec
from .federation import Federation, Problem

#: For how long the audit log has a link after it was updated. Documented.
KEPT_FOR = timedelta(days=29)
#: The host of the vendor's APIs.
ATLASSIAN = "api.atlassian.com"

JOB = "{job_id}"
_PLACEHOLDERS = ("{site_id}", "{product_url}", JOB)
#: What a name of a file may have: it must be good in every system.
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
#: No part of a name is longer.
_LONGEST_PART = 80


class Kind(StrEnum):
    """The reports, as the names of their files begin."""

    HISTORY = "history"
    AUDIT_LOG = "audit_log"
    ID_MAPPINGS = "id_mappings"

    @property
    def words(self) -> str:
        """What people call it."""
        return {Kind.HISTORY: "history report", Kind.AUDIT_LOG: "audit log"}.get(self, "id mappings")


@dataclass(frozen=True)
class Template:
    """The URL of a report, with places for what it depends on."""

    kind: Kind
    #: What messages call it.
    option: str
    text: str

    def __post_init__(self) -> None:
        """:raises InvalidOption: it has a place that nobody knows what to fill with."""
        rest = self.text
        for each in _PLACEHOLDERS:
            rest = rest.replace(each, "")
        if unknown := re.search(r"\{[^{}]*\}?|\}", rest):
            what = f"{self.option} has {harmless(unknown[0])} in it"
            raise InvalidOption(what, f"use {', '.join(_PLACEHOLDERS[:-1])} and {JOB} only")

    @property
    def is_of_job(self) -> bool:
        """Whether each job has a report of its own."""
        return JOB in self.text

    def url(self, product_url: str, site_id: str, job_id: str, hosts: Collection[str]) -> str:
        """The URL of one report.

        :param hosts: where credentials may go besides the site itself.
        :raises InvalidOption: it is no URL, or credentials must not go there.
        """
        url = self.text
        for place, value in zip(_PLACEHOLDERS, (_part(site_id), product_url, _part(job_id)), strict=True):
            url = url.replace(place, value)
        own = urlsplit(product_url).netloc
        if _host_of(self.option, url) not in {own, *hosts}:
            raise InvalidOption(
                f"{self.option} leads to {harmless(urlsplit(url).netloc)}, which must not get the credentials",
                f"correct the host. Credentials go to {', '.join(sorted(hosts))} and to the site itself ({own}) only",
            )
        return url


@dataclass(frozen=True)
class ReportsSettings:
    """What C(link_reports) was asked for."""

    federation: Federation
    #: The instances whose reports are downloaded.
    specs: tuple[InstanceSpec, ...]
    problems: tuple[Problem, ...]
    templates: tuple[Template, ...]
    id_mappings: bool
    api_url: str
    connection: Connection
    ledger: str | None
    report_dir: str

    @property
    def hosts(self) -> frozenset[str]:
        """Where credentials may go, besides the site that they are for."""
        return frozenset({ATLASSIAN, urlsplit(self.api_url).netloc})


def name_of_file(kind: Kind, product_url: str, day: datetime, *more: str) -> str:
    """The name of the file of a report, without its extension.

    :param more: what tells it from others of that kind, site and day.
    """
    parts = (short_url(product_url), f"{day:%Y-%m-%d}", *more)
    return "_".join([kind.value, *(_NOT_IN_A_NAME.sub("_", part)[:_LONGEST_PART] for part in parts if part)])


def beginning_of_name(kind: Kind, product_url: str) -> str:
    """What the names of all files of that kind and site begin with."""
    return f"{kind.value}_{_NOT_IN_A_NAME.sub('_', short_url(product_url))[:_LONGEST_PART]}_"


def days_left(completed: Iterable[datetime], now: datetime) -> float | None:
    """For how many days the audit log still has all that jobs have done; 0 where it no longer has. None: no job is
    complete.

    :param completed: when each of them was complete.
    """
    first = min(completed, default=None)
    if first is None:
        return None
    return max((first + KEPT_FOR - now).total_seconds() / 86400, 0.0)


def _part(value: str) -> str:
    """A value as a part of a path, or of a query."""
    return quote(value, safe="")


def _host_of(option: str, url: str) -> str:
    """The host of a URL that credentials may travel to.

    :raises InvalidOption: it is none.
    """
    # Not quoted: what stands before an @ is a secret, as a rule.
    if "@" in url:
        advice = "remove it. Credentials go into ATLASSIAN_EMAIL and ATLASSIAN_API_TOKEN"
        raise InvalidOption(f"{option} has an @ in it", advice)
    if not is_encrypted(url) or not is_visible(url) or re.search(r"[\s\\]", url):
        raise InvalidOption(
            f"{option} {shown_url(url)} is not a URL that begins with https://",
            "use the URL that Atlassian's page 'Check the status and results' has",
        )
    return urlsplit(url).netloc.lower()
