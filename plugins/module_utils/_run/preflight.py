# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a run can succeed. Everything that can be found out before anything is scheduled is found at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .._clock import to_text
from .._errors import AddressRejected, Code, LinkUpdateError
from .._model.connection import Account
from .._model.desired import InstanceSpec
from .._model.federation import Member, Problem
from .._model.settings import Settings
from .._naming import Naming
from .._service.site_api import ALLOWLIST_ADVICE, SiteApi, User
from .._text import names
from .._threads import Threads
from .._urls import JIRA, product_of

#: When to warn that the time to recreate links is running out.
_LAST_DAYS = timedelta(days=3)

_REFUSED = {
    Code.UNAUTHORIZED: "the site refused the credentials",
    Code.FORBIDDEN: "the site refused the account",
    Code.NOT_FOUND: "there is no Jira",
}
_TRANSIENT = "check the URL, the network and https://status.atlassian.com, then run again"


@dataclass
class Site:
    """What was found out about one instance. None: not asked, or not answered."""

    name: str
    product_url: str | None = None
    site_id: str | None = None
    account: User | None = None
    is_admin: bool | None = None
    issue_linking_enabled: bool | None = None
    #: The servers that its data came from.
    origins: tuple[str, ...] = ()
    #: The deadline to recreate its links, if this run is to recreate them.
    window_closes: datetime | None = None
    #: Whether this run is to recreate its links.
    recreating: bool = False
    #: Whether the user wants no preflight of it.
    skipped: bool = False

    def as_result(self, now: datetime) -> dict[str, Any]:
        """The module's return value C(sites)."""
        left = self.time_left(now)
        return {
            "product_url": self.product_url,
            "skipped": self.skipped,
            "site_id": self.site_id,
            "account": vars(self.account) if self.account else None,
            "is_admin": self.is_admin,
            "issue_linking_enabled": self.issue_linking_enabled,
            "origins": list(self.origins),
            "window_closes": to_text(self.window_closes) if self.window_closes else None,
            "days_left": round(left.total_seconds() / 86400, 2) if left is not None else None,
        }

    def time_left(self, now: datetime) -> timedelta | None:
        """The time left to recreate links."""
        return self.window_closes - now if self.window_closes else None


@dataclass
class Findings:
    """What a preflight has found."""

    sites: list[Site]
    problems: list[Problem]
    #: Warnings that do not stop the run.
    notes: list[str]


def inspect(
    settings: Settings,
    *,
    open_api: Callable[[str, Account | None], SiteApi],
    retry: Callable[[Callable[[], Any]], Any],
    threads: Threads,
    now: datetime,
) -> Findings:
    """Check all instances of a federation. An instance that is only a destination is only asked for its cloud ID, and
    so is one whose URL differs between the variables: credentials are sent to no site but their own.

    :param open_api: gives the API of the site at a product's URL, with an account if there is one.
    :param retry: repeats a question while that may help.
    """
    specs = {spec.name: spec for spec in settings.selected}

    def check(name: str) -> tuple[Site, list[Problem]]:
        member = settings.federation.members[name]
        return _Inspection(name, member, specs.get(name), open_api, retry, settings.named).findings()

    checked = threads.for_each(settings.federation.members, check)
    sites = [site for site, found in checked]
    problems = [
        *settings.problems,
        *(problem for site, found in checked for problem in found),
        *_same_sites(sites),
    ]
    place = {name: index for index, name in enumerate(settings.federation.members)}
    problems.sort(key=lambda each: place.get(each.instance, -1))
    return Findings(
        sites, problems, [*_last_days(settings.selected, now), *_closed_at_destinations(settings.selected, now)]
    )


class _Inspection:
    """The questions to one instance. After one has failed, those that depend on its answer are not asked."""

    def __init__(
        self,
        name: str,
        member: Member,
        spec: InstanceSpec | None,
        open_api: Callable[[str, Account | None], SiteApi],
        retry: Callable[[Callable[[], Any]], Any],
        named: Naming,
    ) -> None:
        self._site = Site(
            name, member.product_url, origins=tuple(dict.fromkeys(each.server for each in member.origins))
        )
        if spec:
            self._site.recreating = spec.recreates
            self._site.window_closes = spec.window_closes
        self._given_id = spec.site_id if spec else member.site_id
        #: None where it is not asked with credentials.
        self._spec = spec if spec and spec.product_url else None
        self._open_api = open_api
        self._retry = retry
        self._named = named
        self._problems: list[Problem] = []

    def findings(self) -> tuple[Site, list[Problem]]:
        site, spec = self._site, self._spec
        if spec and not spec.preflight:
            site.skipped, site.site_id = True, self._given_id
        if site.product_url is None or site.skipped:
            return site, self._problems
        try:
            api = self._open_api(site.product_url, spec.account if spec else None)
        except LinkUpdateError as exc:
            self._problem(exc.failure.what, exc.failure.advice)
            return site, self._problems
        site.site_id = self._ask(api.site_id)
        self._check_site_id()
        # Confluence has no such calls, and of a destination nothing is changed.
        if spec and product_of(spec.product_url) == JIRA and site.site_id is not None:
            self._ask_about_account(api)
        return site, self._problems

    def _ask_about_account(self, api: SiteApi) -> None:
        site = self._site
        site.account = self._ask(api.account)
        if site.account is None:
            return
        site.is_admin = self._ask(api.is_admin)
        if site.is_admin is False:
            self._problem(
                f"{site.account.display_name} is not a Jira admin here",
                "make this account a Jira admin here, or set another admin's e-mail and token for this host "
                f"({self._named('email')}, {self._named('api_token')})",
            )
        site.issue_linking_enabled = self._ask(api.issue_linking_enabled)
        if site.issue_linking_enabled is False:
            self._problem("issue linking is off", "turn it on in the Jira settings of this site, Issue features")

    def _check_site_id(self) -> None:
        given, found = self._given_id, self._site.site_id
        if given and found and given != found:
            self._problem(
                f"{self._named('site_id')} is {given}, but {self._site.product_url} is the site {found}",
                "correct it, or remove it: the run then looks it up",
            )

    def _ask(self, question: Callable[[], Any]) -> Any:
        try:
            return self._retry(question)
        except AddressRejected as exc:
            # A site that rejects an address exists: of a destination, that is all that was asked.
            if self._spec:
                self._problem(exc.failure.what, f"{ALLOWLIST_ADVICE}, or {self._how_to_skip()}")
        except LinkUpdateError as exc:
            what, advice = exc.failure.what, exc.failure.advice
            if exc.code is Code.SITE_NOT_FOUND:
                self._problem(what, f"correct {self._named('product_url')}")
            elif exc.code in _REFUSED:
                self._problem(f"{_REFUSED[exc.code]}: {what}", advice)
            else:
                self._problem(what, _TRANSIENT)
        return None

    def _how_to_skip(self) -> str:
        named = self._named
        return f"skip the preflight of this host: set {named('preflight')}: false and {named('site_id')}"

    def _problem(self, problem: str, remedy: str) -> None:
        self._problems.append(Problem(self._site.name, problem, remedy))


def _same_sites(sites: Sequence[Site]) -> Iterable[Problem]:
    """Instances of one product whose URLs differ and lead to the same site."""
    first: dict[tuple[str, str], Site] = {}
    for site in sites:
        if site.site_id is None or site.product_url is None:
            continue
        other = first.setdefault((site.site_id, product_of(site.product_url)), site)
        if other.product_url != site.product_url:
            problem = f"{site.product_url} is the same site as {other.name} ({site.site_id})"
            yield Problem(site.name, problem, "correct one of the two URLs")


def _last_days(specs: Sequence[InstanceSpec], now: datetime) -> Iterable[str]:
    """The deadlines to recreate links that have passed, or are near. Jobs that are scheduled go on."""
    for spec in specs:
        for closes, which in _deadlines(spec):
            left, until = closes - now, f"{closes:%Y-%m-%d %H:%M}Z"
            if left < timedelta():
                yield (
                    f"{spec.name}: the deadline to recreate links{which} was {until}. Scheduled jobs go on, new ones "
                    "are refused"
                )
            elif left <= _LAST_DAYS:
                days = left.total_seconds() / 86400
                yield f"{spec.name}: {days:.1f} days left to recreate links{which}, until {until}"


def _deadlines(spec: InstanceSpec) -> Iterable[tuple[datetime, str]]:
    """The deadlines of an instance, the nearest first, each with its pairs. The pairs are empty where they are all:
    only the origins of an instance can have a date each.
    """
    recreating = [each for each in spec.desired if each.update.recreate_as_remote]
    deadlines: dict[datetime, list[str]] = {}
    for each in recreating:
        if each.update.window_closes:
            deadlines.setdefault(each.update.window_closes, []).append(each.label)
    for closes, labels in sorted(deadlines.items()):
        yield closes, "" if len(labels) == len(recreating) else f" of {names(labels)}"


def _closed_at_destinations(specs: Sequence[InstanceSpec], now: datetime) -> Iterable[str]:
    """The destinations whose own deadline has passed or is near, while that of the product is not."""
    first: dict[str, datetime] = {}
    for each in (each for spec in specs for each in spec.desired):
        product, destination = each.update.window_closes, each.destination_closes
        if destination and destination - now <= _LAST_DAYS and (product is None or destination < product):
            first[each.destination] = min(destination, first.get(each.destination, destination))
    if first:
        closes = min(first.values())
        can, earliest = "can" if now <= closes else "could", " at the earliest" if len(first) > 1 else ""
        yield (
            f"{names(list(first))}: if the migration date of the destination counts, links {can} be recreated until "
            f"{closes:%Y-%m-%d %H:%M}Z{earliest}. Atlassian does not say whether that date counts, or the date of the "
            "site that has the links"
        )
