# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a run can succeed: what can be known to be wrong before anything is scheduled, of all instances at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .._clock import to_text
from .._errors import InvalidOption, LinkUpdateError
from .._model.federation import Problem, normalised
from .._model.update import RECREATE_WINDOW, end_of_window
from .._service.site_api import Account, SiteApi
from .._text import aligned, names, wrapped
from .._urls import site_url

#: When to warn that the time to recreate links is running out.
_LAST_DAYS = timedelta(days=3)
#: How many instances are asked at once. Each is a site of its own.
_AT_ONCE = 8

_CREDENTIALS = "check link_update_email and link_update_api_token: an unscoped token that has not expired"
_TRANSIENT = "check the URL, the network and the state of the service, then rerun"


@dataclass
class Site:
    """What was found out about one instance; None where it was not asked, or not answered."""

    name: str
    product_url: str | None = None
    site_id: str | None = None
    account: Account | None = None
    is_admin: bool | None = None
    issue_linking_enabled: bool | None = None
    window_closes: datetime | None = None
    #: Whether recreating is desired of it in this run.
    recreating: bool = False

    def as_result(self, now: datetime) -> dict[str, Any]:
        """The module's return value C(sites)."""
        left = self.time_left(now)
        return {
            "product_url": self.product_url,
            "site_id": self.site_id,
            "account": vars(self.account) if self.account else None,
            "is_admin": self.is_admin,
            "issue_linking_enabled": self.issue_linking_enabled,
            "window_closes": to_text(self.window_closes) if self.window_closes else None,
            "days_left": round(left.total_seconds() / 86400, 2) if left is not None else None,
        }

    def time_left(self, now: datetime) -> timedelta | None:
        """The time left for recreating links."""
        return self.window_closes - now if self.window_closes else None


@dataclass
class Findings:
    """What a preflight has found."""

    sites: list[Site]
    problems: list[Problem]
    #: What does not keep the run from succeeding now.
    notes: list[str]


def inspect(
    federation: Mapping[str, Mapping[str, Any]],
    orders: Sequence[Mapping[str, Any]],
    *,
    open_api: Callable[[str, Mapping[str, Any] | None], SiteApi],
    patiently: Callable[[Callable[[], Any]], Any],
    now: datetime,
) -> Findings:
    """Look at all instances of a federation.

    :param orders: what is to be done for those whose links are to be updated; the others are only destinations, of
        which no more is asked than whether they are there.
    :param open_api: gives the API of the site at a product's URL, with the account of an order, if there is one.
    :param patiently: asks something again while asking again may help.
    """
    instances, problems = normalised(federation)
    order_of = {order["name"]: order for order in orders}
    problems += [_stranger(name, instances) for name in order_of if name not in instances]

    def look_at(name: str) -> tuple[Site, list[Problem]]:
        return _Look(name, instances[name]["product_url"], order_of.get(name), open_api, patiently).findings()

    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        looked_at = list(pool.map(look_at, instances))
    finally:
        # After a Ctrl-C nobody waits for those that are still asked.
        pool.shutdown(wait=False, cancel_futures=True)
    sites = [site for site, found in looked_at]
    problems += [problem for site, found in looked_at for problem in found]
    problems += _wrong_ids(instances, order_of, sites)
    problems += [
        problem for site in sites for problem in _closed(site, order_of.get(site.name), instances[site.name], now)
    ]
    place = {name: index for index, name in enumerate(instances)}
    problems.sort(key=lambda each: place.get(each.instance, -1))
    return Findings(sites, problems, list(_notes(sites, now)))


class _Look:
    """A look at one instance: each question whose answer does not hang on one that failed."""

    def __init__(
        self,
        name: str,
        product_url: str | None,
        order: Mapping[str, Any] | None,
        open_api: Callable[[str, Mapping[str, Any] | None], SiteApi],
        patiently: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self._site = Site(name, product_url)
        self._order = order
        self._open_api = open_api
        self._patiently = patiently
        self._problems: list[Problem] = []

    def findings(self) -> tuple[Site, list[Problem]]:
        site, order = self._site, self._order
        if site.product_url is None:
            return site, self._problems
        try:
            api = self._open_api(site.product_url, order)
        except LinkUpdateError as exc:
            self._problem(exc.message, _CREDENTIALS)
            return site, self._problems
        site.site_id = self._ask(api.site_id)
        # Confluence has no such calls, and of a destination nothing is changed.
        if order is None or order["product"] != "jira" or site.site_id is None:
            return site, self._problems
        site.account = self._ask(api.account)
        if site.account is None:
            return site, self._problems
        site.is_admin = self._ask(api.is_admin)
        if site.is_admin is False:
            self._problem(
                f"{site.account.display_name} is no Jira admin there",
                "make the account an admin of this product, or give that of one as link_update_email and "
                "link_update_api_token of this host",
            )
        site.issue_linking_enabled = self._ask(api.issue_linking_enabled)
        if site.issue_linking_enabled is False:
            self._problem("issue linking is switched off", "switch it on in the site's Jira settings, Issue features")
        return site, self._problems

    def _ask(self, question: Callable[[], Any]) -> Any:
        try:
            return self._patiently(question)
        except LinkUpdateError as exc:
            if exc.code == "site_not_found":
                self._problem(exc.message.partition(". Correct ")[0], "correct link_update_product_url")
            elif exc.code in ("unauthorized", "forbidden"):
                self._problem(f"the credentials are refused: {exc.message.partition(': the ')[0]}", _CREDENTIALS)
            else:
                self._problem(exc.message.partition(". Given up; ")[0], _TRANSIENT)
            return None

    def _problem(self, problem: str, remedy: str) -> None:
        self._problems.append(Problem(self._site.name, problem, remedy))


def _stranger(name: str, instances: Mapping[str, Any]) -> Problem:
    return Problem(
        name, f"is not in the federation, which has {', '.join(instances)}", "add it to link_update_federation"
    )


def _wrong_ids(
    instances: Mapping[str, Mapping[str, Any]], order_of: Mapping[str, Mapping[str, Any]], sites: Sequence[Site]
) -> list[Problem]:
    """Site ids that are not those of the sites, URLs that disagree, and sites that are one and the same."""
    problems = []
    first: dict[str, str] = {}
    for site in sites:
        order = order_of.get(site.name) or {}
        given = order.get("site_id") or instances[site.name]["site_id"]
        if given and site.site_id and given != site.site_id:
            problem = f"link_update_site_id is {given}, but {site.product_url} is the site {site.site_id}"
            problems.append(Problem(site.name, problem, "correct it, or leave it out to have it looked up"))
        if order.get("product_url") and site.product_url:
            try:
                host_says = site_url("link_update_product_url", order["product_url"])
            except InvalidOption:
                host_says = order["product_url"]
            if host_says != site.product_url:
                problem = f"link_update_product_url is {host_says}, but link_update_federation says {site.product_url}"
                problems.append(Problem(site.name, problem, "correct one of the two"))
        if site.site_id is None:
            continue
        other = first.setdefault(site.site_id, site.name)
        if other != site.name and site.product_url != instances[other]["product_url"]:
            problem = f"{site.product_url} is the same site as {other} ({site.site_id})"
            problems.append(Problem(site.name, problem, "correct one of the two"))
    return problems


def _closed(
    site: Site, order: Mapping[str, Any] | None, instance: Mapping[str, Any], now: datetime
) -> Iterable[Problem]:
    """The window for recreating, where it is over or cannot be told; the site is told when it closes."""
    if order is None or order["product"] != "jira" or not order["recreate_as_remote"]:
        return
    site.recreating = True
    if not order["migrated_at"]:
        return
    try:
        site.window_closes = end_of_window(order["migrated_at"])
    except InvalidOption as exc:
        yield Problem(site.name, f"link_update_{exc.message}", "correct it")
        return
    if site.window_closes < now:
        yield Problem(
            site.name,
            f"links can be recreated for {RECREATE_WINDOW.days} days after the migration, that is until "
            f"{site.window_closes:%Y-%m-%d %H:%M}Z",
            "correct link_update_migrated_at if it is wrong; a regular update is still possible: "
            "link_update_recreate_as_remote: false",
        )


def _notes(sites: Sequence[Site], now: datetime) -> Iterable[str]:
    for site in sites:
        left = site.time_left(now)
        if left is not None and timedelta() <= left <= _LAST_DAYS:
            yield (
                f"{site.name}: {left.total_seconds() / 86400:.1f} days left for recreating links, "
                f"until {site.window_closes:%Y-%m-%d %H:%M}Z"
            )


def sites_table(sites: Sequence[Site], now: datetime) -> list[str]:
    """What is known of each instance, for people."""
    rows = [("instance", "site", "account", "admin", "issue linking", "days left to recreate")]
    rows += [
        (
            site.name,
            site.site_id or "?",
            site.account.display_name if site.account else "-",
            _said(site.is_admin, "yes", "NO"),
            _said(site.issue_linking_enabled, "on", "OFF"),
            _days(site, now),
        )
        for site in sites
    ]
    return aligned(rows)


def problems_table(problems: Sequence[Problem]) -> list[str]:
    """What is wrong, and what to do, for people. A mistake that many instances share is one row."""
    shared: dict[tuple[str, str], list[str]] = {}
    for each in problems:
        shared.setdefault((each.problem, each.remedy), []).append(each.instance or "all")
    rows = [(names(instances), *what) for what, instances in shared.items()]
    return wrapped([("instance", "problem", "what to do"), *rows])


def _said(answer: bool | None, yes: str, no: str) -> str:
    return "-" if answer is None else yes if answer else no


def _days(site: Site, now: datetime) -> str:
    left = site.time_left(now)
    if left is None:
        return "not known" if site.recreating else "-"
    return f"{left.total_seconds() / 86400:.1f}" if left > timedelta() else "OVER"
