# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is asked for: the updates of each instance, and how they are to be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .._errors import InvalidOption
from .._text import harmless, names
from .._urls import cloud_id, site_url
from .connection import Account
from .federation import Federation, Member, Problem, destinations_of, label_of
from .policy import Policy
from .update import Update, broken_rules, end_of_window

_ADD = "leave it out of the play, or add it to the group that link_update_group names"


@dataclass(frozen=True)
class DesiredUpdate:
    """One update that a run is asked for."""

    destination: str
    #: What messages call it: C(eu -> us).
    label: str
    update: Update


@dataclass(frozen=True)
class InstanceSpec:
    """What is asked for one instance."""

    name: str
    product: str
    #: Empty where it is missing or wrong, or the federation has another one.
    product_url: str
    #: None until it is looked up.
    site_id: str | None
    #: Empty where something is wrong.
    desired: tuple[DesiredUpdate, ...]
    policy: Policy
    #: Which updates order a backup: C(first), and the others are not scheduled before it is done; C(always), C(never).
    backup: str
    recreate_as_remote: bool
    wave: str
    #: When recreating links stops being possible, where somebody said when the migration ended.
    window_closes: datetime | None
    account: Account

    @property
    def recreates(self) -> bool:
        """Whether its links are to be recreated, which only Jira can do."""
        return self.product == "jira" and self.recreate_as_remote

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
    return tuple(specs), problems


class _Parser:
    """Reads what is asked for one instance."""

    def __init__(self, federation: Federation, given: Mapping[str, Any]) -> None:
        self._federation = federation
        self._given = given
        self._name: str = given["name"]
        self._member = federation.members.get(self._name, Member())
        self.problems: list[Problem] = []

    def spec(self) -> InstanceSpec:
        """The instance, without updates where something is wrong."""
        given = self._given
        # A backup is a matter of Jira; that of another product is never ordered by default.
        backup = "never" if given["create_backup"] == "first" and given["product"] != "jira" else given["create_backup"]
        window_closes = self._window_closes()
        site_id = self._site_id()
        self._check()
        product_url = self._agreed_url()
        return InstanceSpec(
            name=self._name,
            product=given["product"],
            product_url=product_url,
            site_id=site_id,
            desired=() if self.problems else tuple(self._desired(backup, site_id, window_closes)),
            policy=Policy(
                force=given["force"],
                resubmit_failed=given["resubmit_failed"],
                resubmit_unknown=given["unknown_submission"] == "resubmit",
            ),
            backup=backup,
            recreate_as_remote=given["recreate_as_remote"],
            wave=given["wave"],
            window_closes=window_closes,
            account=Account(given["email"] or "", given["api_token"] or ""),
        )

    def _desired(self, backup: str, site_id: str | None, window_closes: datetime | None) -> Iterator[DesiredUpdate]:
        for name in self._destinations():
            destination = self._federation.members[name]
            if self._member.product_url and destination.product_url and destination.migrated_from:
                update = Update(
                    product=self._given["product"],
                    product_url=self._member.product_url,
                    destination_url=destination.product_url,
                    migrated_from=destination.migrated_from,
                    migrated_from_override=destination.migrated_from_override,
                    recreate_as_remote=self._given["recreate_as_remote"],
                    create_backup=True if backup == "always" else None,
                    wave=self._given["wave"],
                    site_id=site_id,
                    window_closes=window_closes,
                )
                yield DesiredUpdate(name, label_of(self._name, name), update)

    def _destinations(self) -> list[str]:
        given = self._given["destinations"]
        # Before ansible-core 2.19, a template makes an empty text of none.
        return destinations_of(self._federation, self._name, None if given == [""] else given)

    def _check(self) -> None:
        members = self._federation.members
        known = f"not in the federation, which has {names(self._federation.names)}"
        if self._name not in members:
            self._problem(f"is {known}", _ADD)
        for each in self._destinations():
            if each not in members:
                self._problem(f"link_update_destinations has {harmless(each)}, which is {known}", "name others")
        if not self._destinations():
            self._problem(
                "no destinations", "a federation has at least two instances, and link_update_destinations at least one"
            )
        for broken in broken_rules(
            product=self._given["product"],
            product_url=self._member.product_url or "",
            recreate_as_remote=self._given["recreate_as_remote"],
            create_backup=False,
            wave=self._given["wave"],
        ):
            self._broken(broken)
        if self._given["product"] != "jira" and self._given["create_backup"] == "always":
            self._problem("link_update_create_backup is always, which works for Jira only", "set it to first or never")

    def _agreed_url(self) -> str:
        """Where its credentials may go. Its own variable and the federation may both have it, and must agree."""
        given, federation_says = self._given["product_url"], self._member.product_url
        if not given or not federation_says:
            return federation_says or ""
        try:
            host_says = site_url("product_url", given)
        except InvalidOption as exc:
            self._broken(exc)
            return ""
        if host_says == federation_says:
            return federation_says
        problem = f"link_update_product_url is {host_says}, but link_update_federation says {federation_says}"
        self._problem(problem, "correct one of the two")
        return ""

    def _site_id(self) -> str | None:
        given = self._given["site_id"]
        try:
            return cloud_id("site_id", given) if given else self._member.site_id
        except InvalidOption as exc:
            self._broken(exc)
            return None

    def _window_closes(self) -> datetime | None:
        given = self._given["migrated_at"]
        try:
            return end_of_window(given) if given else None
        except InvalidOption as exc:
            # It limits nothing but recreating.
            if self._given["product"] == "jira" and self._given["recreate_as_remote"]:
                self._broken(exc)
            return None

    def _broken(self, exc: InvalidOption) -> None:
        self._problem(f"link_update_{exc.failure.what}", exc.failure.advice or "correct it")

    def _problem(self, problem: str, remedy: str) -> None:
        self.problems.append(Problem(self._name, problem, remedy))
