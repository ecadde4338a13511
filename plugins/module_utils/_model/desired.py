# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is asked for: the updates of each instance, and how they are to be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .._errors import InvalidOption
from .federation import Problem, checked, pairs_of
from .policy import Policy
from .update import Update, make_update


@dataclass(frozen=True)
class DesiredUpdate:
    """One update that a run is to see to."""

    destination: str
    #: What messages call it: C(eu -> us).
    label: str
    update: Update


@dataclass(frozen=True)
class InstanceSpec:
    """The updates that one instance is to have."""

    name: str
    product_url: str
    site_id: str | None
    desired: tuple[DesiredUpdate, ...]
    policy: Policy
    #: C(first): the first one orders a backup, and the others are not scheduled before it is done. C(always), C(never).
    backup: str
    #: Whose credentials to use: C(email) and C(api_token).
    account: Mapping[str, Any] = field(repr=False)

    @property
    def window_closes(self) -> datetime | None:
        """When recreating links stops being possible, where somebody said when the migration ended."""
        return self.desired[0].update.window_closes if self.desired else None

    def at(self, site_id: str) -> InstanceSpec:
        """The same order, its site known."""
        desired = tuple(replace(each, update=each.update.at(site_id)) for each in self.desired)
        return replace(self, site_id=site_id, desired=desired)


def specs_of(
    federation: Mapping[str, Mapping[str, Any]], given: Sequence[Mapping[str, Any]], site_ids: Mapping[str, str]
) -> list[InstanceSpec]:
    """The orders that a user gave, checked and normalised.

    :param federation: the instances, by name.
    :param given: one dictionary for each instance to be updated.
    :param site_ids: the cloud IDs that are known already, by name.
    :raises InvalidOption: every problem found, one to a line.
    """
    if not given:
        raise InvalidOption("orders names no instance whose links are to be updated")
    instances = checked(federation)
    problems: list[str] = []
    orders = []
    for each in given:
        try:
            orders.append(_order(instances, each, site_ids))
        except InvalidOption as exc:
            problems.append(f"{each['name']}: {exc.message}")
    if problems:
        raise InvalidOption("nothing was sent:\n" + "\n".join(dict.fromkeys(problems)))
    return orders


def problems_with(given: Mapping[str, Any], names: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with what is asked for one instance, as far as nobody has to be asked for that.

    :param names: all instances of the federation.
    """
    name = given["name"]
    if given["product"] != "jira":
        jira_only = {"recreate_as_remote": "false", "create_backup": "first or never"}
        for key, remedy in jira_only.items():
            if given[key] in (True, "always"):
                problem = f"link_update_{key} is {str(given[key]).lower()}, which works for Jira only"
                yield Problem(name, problem, f"set it to {remedy} where link_update_product is {given['product']}")
    if not given["wave"].strip():
        yield Problem(name, "link_update_wave is empty", "give the migration wave a label, for example 1")
    for each in [name, *(given["destinations"] or [])]:
        if each and each not in names:
            known = f"not in the federation, which has {', '.join(names)}"
            if each == name:
                remedy = "leave it out of the play, or add it to the group that link_update_group names"
                yield Problem(name, f"is {known}", remedy)
            else:
                yield Problem(name, f"link_update_destinations has {each}, which is {known}", "name others")


def _order(instances: Mapping[str, Any], given: Mapping[str, Any], site_ids: Mapping[str, str]) -> InstanceSpec:
    # Before ansible-core 2.19, a template makes an empty text of none.
    optional = {key: given[key] or None for key in ("site_id", "migrated_at")}
    optional["destinations"] = None if given["destinations"] == [""] else given["destinations"]
    given = {**given, **optional}
    name, product = given["name"], given["product"]
    # A backup is a matter of Jira; that of another product is never asked for by default.
    backup = "never" if given["create_backup"] == "first" and product != "jira" else given["create_backup"]
    desired = []
    for pair in pairs_of(instances, name, given["destinations"]):
        update = make_update(
            product=product,
            product_url=instances[name]["product_url"],
            destination_url=pair["destination_url"],
            migrated_from=pair["migrated_from"],
            migrated_from_override=pair["migrated_from_override"],
            recreate_as_remote=given["recreate_as_remote"],
            create_backup=True if backup == "always" else None,
            wave=given["wave"],
            site_id=given["site_id"] or site_ids.get(name),
            migrated_at=given["migrated_at"],
        )
        desired.append(DesiredUpdate(pair["destination"], pair["label"], update))
    if not desired:
        raise InvalidOption(
            "no destinations: a federation has at least two instances, and link_update_destinations, if it is set, "
            "names at least one"
        )
    first = desired[0].update
    return InstanceSpec(
        name=name,
        product_url=first.product_url,
        site_id=first.site_id,
        desired=tuple(desired),
        policy=Policy(
            force=given["force"],
            resubmit_failed=given["resubmit_failed"],
            resubmit_unknown=given["unknown_submission"] == "resubmit",
        ),
        backup=backup,
        account={key: given[key] for key in ("email", "api_token")},
    )
