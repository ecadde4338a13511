# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is asked for: the updates of each instance, and how they are to be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from .._errors import InvalidOption
from .._text import harmless, names
from .._urls import JIRA, cloud_id, product_url
from .connection import Account
from .federation import Federation, Member, Problem
from .origin import NOT_ITSELF, Origin, why_regular
from .pairs import destinations_of, pairs_between
from .policy import Policy
from .update import Update, check_wave, product_given, recreating_given
from .window import window_after

_T = TypeVar("_T")

_ADD = "leave it out of the run, or add it to the federation (in the role: to the group link_update_group)"


@dataclass(frozen=True)
class DesiredUpdate:
    """One update that a run is asked for."""

    destination: str
    #: What messages call it: C(eu -> us).
    label: str
    update: Update
    #: What people call the origin; empty where the destination has no other.
    origin: str = ""
    #: Why its links are not recreated, where they could be if its sites were others. None where nobody asked for that.
    regular: str | None = None
    #: When recreating stops being possible by the date of the destination, as far as it is known. The vendor does not
    #: say which of the two sites counts.
    destination_closes: datetime | None = None


@dataclass(frozen=True)
class Manner:
    """How the links of an instance are updated, whichever pair it is."""

    product: str
    #: None where each pair decides.
    recreate: bool | None
    #: Which updates order a backup: C(first), and the others are not scheduled before it is done; C(always), C(never).
    backup: str
    wave: str


@dataclass(frozen=True)
class InstanceSpec:
    """What is asked for one instance."""

    name: str
    #: Empty where it is missing or wrong, or the federation has another one.
    product_url: str
    #: None until it is looked up.
    site_id: str | None
    #: Empty where something is wrong.
    desired: tuple[DesiredUpdate, ...]
    manner: Manner
    policy: Policy
    account: Account
    #: Whether its site is asked, before anything is scheduled, if the run can succeed.
    preflight: bool

    @property
    def recreates(self) -> bool:
        """Whether links of it are to be recreated."""
        return any(each.update.recreate_as_remote for each in self.desired)

    @property
    def window_closes(self) -> datetime | None:
        """When recreating its links stops being possible for the first of its pairs, as far as it is known."""
        return min((closes for each in self.desired if (closes := each.update.window_closes)), default=None)

    def at(self, site_id: str) -> InstanceSpec:
        """The same instance, its site known."""
        desired = tuple(replace(each, update=each.update.at(site_id)) for each in self.desired)
        return replace(self, site_id=site_id, desired=desired)


def parse_specs(
    federation: Federation, given: Sequence[Mapping[str, Any]]
) -> tuple[tuple[InstanceSpec, ...], list[Problem]]:
    """What a user asked for, checked and normalised, and what is wrong with it.

    :param given: one mapping for each instance whose links are updated, with the options of C(orders).
    """
    specs, problems = [], []
    for each in given:
        parser = _Parser(federation, each)
        specs.append(parser.spec())
        problems += parser.problems
    return tuple(specs), list(dict.fromkeys(problems))


def desired_between(
    federation: Federation, manner: Manner, name: str, destination: str, site_id: str | None = None
) -> Iterator[DesiredUpdate]:
    """The updates from one instance of a federation to another one: one for each origin of that. None where a URL is
    missing or wrong.
    """
    source, target = federation.members[name], federation.members[destination]
    if not source.product_url or not target.product_url:
        return
    for pair in pairs_between(federation, name, destination):
        reason = why_regular(source.product_url, target.product_url, pair.origin)
        # Where all are to be recreated, those that cannot be are refused before anything is sent.
        recreates = not reason and manner.recreate is not False
        server = pair.origin.server
        yield DesiredUpdate(
            destination,
            pair.label,
            Update(
                product=manner.product,
                product_url=source.product_url,
                destination_url=target.product_url,
                migrated_from=pair.origin.url,
                migrated_from_override=pair.origin.override,
                recreate_as_remote=recreates,
                create_backup=True if manner.backup == "always" else None,
                wave=manner.wave,
                site_id=site_id,
                window_closes=_closes(source, server) if recreates else None,
                was_recreated=bool(reason) and manner.recreate is None and manner.product == JIRA,
            ),
            origin=pair.origin_name,
            regular=None if manner.recreate is False else reason,
            destination_closes=_closes(target, server) if recreates else None,
        )


def _closes(member: Member, server: str) -> datetime | None:
    end = member.migration_end(server)
    return window_after(end) if end else None


@dataclass
class _Parser:
    """Reads what is asked for one instance."""

    federation: Federation
    given: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._name: str = self.given["name"]
        self._member = self.federation.members.get(self._name, Member())
        self._named = self.federation.named

    def spec(self) -> InstanceSpec:
        """The instance, without updates where something is wrong."""
        given = self.given
        self._check_names()
        url, site_id, manner = self._agreed_url(), self._site_id(), self._manner()
        desired = tuple(self._desired(manner, site_id))
        self._check_recreating(manner, desired)
        return InstanceSpec(
            name=self._name,
            product_url=url,
            site_id=site_id,
            desired=() if self.problems else desired,
            manner=manner,
            policy=Policy(
                force=given["force"],
                resubmit_failed=given["resubmit_failed"],
                resubmit_unknown=given["unknown_submission"] == "resubmit",
                named=self._named,
            ),
            account=Account(given["email"] or "", given["api_token"] or "", self._named),
            preflight=given["preflight"],
        )

    def _manner(self) -> Manner:
        given, url = self.given, self._member.product_url
        product = self._checked(lambda: product_given(given["product"], url, self._named)) if url else None
        self._checked(lambda: check_wave(given["wave"], self._named))
        # The vendor makes backups of Jira only.
        backup = given["create_backup"] if product in (None, JIRA) else "never"
        recreate = self._checked(lambda: recreating_given(given["recreate_as_remote"], self._named))
        return Manner(product or JIRA, recreate, backup, given["wave"])

    def _desired(self, manner: Manner, site_id: str | None) -> Iterator[DesiredUpdate]:
        members = self.federation.members
        for destination in self._destinations():
            if self._name in members and destination in members:
                yield from desired_between(self.federation, manner, self._name, destination, site_id)

    def _destinations(self) -> list[str]:
        given = self.given["destinations"]
        # Before ansible-core 2.19, a template makes an empty text of none.
        return destinations_of(self.federation, self._name, None if given == [""] else given)

    def _check_names(self) -> None:
        members = self.federation.members
        unknown = f"is not in the federation ({names(self.federation.names)})"
        if self._name not in members:
            self._problem(unknown, _ADD)
        for each in self._destinations():
            if each not in members:
                self._problem(
                    f"{self._named('destinations')} has {harmless(each)}, which {unknown}", "correct the name"
                )
        if not self._destinations():
            self._problem(
                "no destinations", f"add another instance to the federation, or a name to {self._named('destinations')}"
            )

    def _check_recreating(self, manner: Manner, desired: Sequence[DesiredUpdate]) -> None:
        """Refuse to recreate what cannot be recreated, and an origin that is the destination itself."""
        if manner.recreate is False:
            return
        for each in desired:
            update = each.update
            if own := Origin(update.migrated_from, update.migrated_from_override).url_at(update.destination_url):
                what = f"its origin is {own}, the URL of this instance itself"
                remedy = f"set {self._named('migrated_from')} to {NOT_ITSELF}"
                self.problems.append(Problem(each.destination, what, remedy))
        if manner.recreate:
            refused = [f"{each.label} ({each.regular})" for each in desired if each.regular]
            if refused:
                self._problem(
                    f"{self._named('recreate_as_remote')} is true, but links cannot be recreated for {names(refused)}",
                    "set it to auto: these pairs get a regular update, the others are recreated",
                )

    def _agreed_url(self) -> str:
        """Where its credentials may go. Its own variable and the federation may both have it, and must agree."""
        given, federation_says = self.given["product_url"], self._member.product_url
        if not given or not federation_says:
            return federation_says or ""
        option = self._named("product_url")
        host_says = self._checked(lambda: product_url(option, given))
        if host_says and host_says != federation_says:
            problem = f"{option} is {host_says}, but {self._named('federation')} says {federation_says}"
            self._problem(problem, "correct one of the two")
        return federation_says if host_says == federation_says else ""

    def _site_id(self) -> str | None:
        given = self.given["site_id"]
        return self._checked(lambda: cloud_id(self._named("site_id"), given)) if given else self._member.site_id

    def _checked(self, read: Callable[[], _T]) -> _T | None:
        """What is read, or None where that is a problem."""
        try:
            return read()
        except InvalidOption as exc:
            self._problem(exc.failure.what, exc.failure.advice or "correct it")
            return None

    def _problem(self, problem: str, remedy: str) -> None:
        self.problems.append(Problem(self._name, problem, remedy))
