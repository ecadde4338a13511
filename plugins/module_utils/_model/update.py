# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update is: its fields, the rules they obey, and its identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Self

from .._errors import InvalidOption
from .._naming import MODULE, Naming
from .._text import harmless, is_visible
from .._urls import CONFLUENCE, JIRA, base_url, cloud_id, product_of, product_url
from .origin import NOT_ITSELF, Origin, why_regular
from .window import check_migration_end, migration_end, window_after


@dataclass(frozen=True, kw_only=True)
class Update:
    """The links of one product that point to one destination, to be brought up to date in one wave.

    Two updates are the same when their identity is. The identity is made of the fields that are compared, in the order
    in which they are written here. Recorded updates are found by it, so the order stays.
    """

    #: The cloud ID of the product's site, whose links the service updates. C(None) until it is looked up.
    site_id: str | None = None
    product: str
    product_url: str
    destination_url: str
    migrated_from: str
    migrated_from_override: str | None = None
    recreate_as_remote: bool = True
    #: An order given with an update. C(None) leaves the decision to the service, whose documented default is no backup.
    create_backup: bool | None = field(default=None, compare=False)
    wave: str = "1"
    #: When recreating stops being possible; C(None) where nobody said when the migration ended.
    window_closes: datetime | None = field(default=None, compare=False)
    #: Whether release 0.1.0 recreated such links, which get a regular update now.
    was_recreated: bool = field(default=False, compare=False)

    @property
    def server(self) -> str:
        """The base URL that the links have: that of the origin, see L(Origin.server)."""
        return self.migrated_from_override or self.migrated_from

    def in_other_manner(self, now: datetime) -> Update | None:
        """The same links updated in the other manner, where a job of that manner counts for this update as well.

        That of an older release does, so that what is done stays done. And a regular update does for links that cannot
        be recreated any more.
        """
        if self.was_recreated or self.is_too_late(now):
            return replace(self, recreate_as_remote=not self.recreate_as_remote)
        return None

    def is_too_late(self, now: datetime) -> bool:
        """Whether its links cannot be recreated any more."""
        return self.recreate_as_remote and self.window_closes is not None and now > self.window_closes

    def at(self, site_id: str) -> Update:
        """The same update, its site known."""
        return replace(self, site_id=site_id)

    def as_dict(self) -> dict[str, str | bool | None]:
        """What it is and what is ordered with it, in the words of results, diffs and the ledger."""
        return {name: getattr(self, name) for name in FIELDS} | {"create_backup": bool(self.create_backup)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The update that has these values, as L(as_dict) gives them. SQLite keeps booleans as numbers."""
        booleans = {name: bool(values[name]) for name in ("recreate_as_remote", "create_backup")}
        return cls(**{name: values[name] for name in FIELDS} | booleans)

    def identity(self) -> str:
        """The text by which the ledger tells updates apart."""
        if self.site_id is None:
            raise ValueError("an update has no identity before its site is known")
        return json.dumps([getattr(self, name) for name in _IDENTITY])


#: Ansible's spellings of true and false.
_TRUE = frozenset({"true", "yes", "y", "on", "1", "1.0", "t"})
_FALSE = frozenset({"false", "no", "n", "off", "0", "0.0", "f"})

#: The fields of an update that are given and recorded: options, results and columns have these names.
FIELDS = tuple(each.name for each in fields(Update) if each.name not in ("window_closes", "was_recreated"))
_IDENTITY = tuple(each.name for each in fields(Update) if each.compare)


def make_update(
    *,
    product: str | None = None,
    recreate_as_remote: Any = "auto",
    migrated_at: str | None = None,
    now: datetime | None = None,
    **given: Any,
) -> Update:
    """An update from what a user wrote, checked and normalised.

    :param product: see L(product_given).
    :param recreate_as_remote: see L(recreating_given).
    :param migrated_at: when the migration of the product ended.
    :param now: to check that against.
    :param given: the other fields of an L(Update).
    :raises InvalidOption: a value cannot be right; the message names the option and what to do.
    """
    url = product_url("product_url", given["product_url"])
    destination_url = product_url("destination_url", given["destination_url"])
    origin = _origin(given["migrated_from"], given.get("migrated_from_override"), migrated_at)
    if origin.migrated_at and now:
        check_migration_end("migrated_at", origin.migrated_at, now)
    update = Update(
        **{
            **given,
            "product_url": url,
            "destination_url": destination_url,
            "migrated_from": origin.url,
            "migrated_from_override": origin.override,
            "site_id": cloud_id("site_id", given["site_id"]) if given.get("site_id") else None,
            "window_closes": window_after(origin.migrated_at) if origin.migrated_at else None,
            **_manner(product, recreate_as_remote, url, destination_url, origin),
        }
    )
    if update.create_backup and update.product == CONFLUENCE:
        raise InvalidOption("create_backup is true, but only Jira has backups", "set it to false")
    check_wave(update.wave)
    return update


def product_given(product: str | None, url: str, named: Naming = MODULE) -> str:
    """The product that a user means.

    :param product: what the user calls it, in letters of any case; None for what the URL says.
    :param url: of the product, normalised.
    :param named: what messages call the options.
    :raises InvalidOption: there is no such product, or the URL is that of another one.
    """
    found, option = product_of(url), named("product")
    meant = (product or found).strip().lower()
    if meant not in (JIRA, CONFLUENCE):
        raise InvalidOption(f"{option} is {harmless(repr(product))}", "set it to jira or confluence, or leave it out")
    if meant == found:
        return meant
    change = "remove /wiki from" if found == CONFLUENCE else "add /wiki to"
    raise InvalidOption(
        f"{named('product_url')} {url} is the URL of a {found.capitalize()}, but {option} is {meant}",
        f"{change} the URL, or leave {option} out",
    )


def recreating_given(value: Any, named: Naming = MODULE) -> bool | None:
    """Whether a user wants links recreated; None where each pair decides.

    :param value: C(auto), or a boolean in one of Ansible's spellings.
    :raises InvalidOption: it is something else.
    """
    word = str(value).strip().lower()
    if word == "auto":
        return None
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise InvalidOption(f"{named('recreate_as_remote')} is {harmless(repr(value))}", "set it to auto, true or false")


def check_wave(wave: str, named: Naming = MODULE) -> None:
    """Refuse what is no label of a wave.

    :raises InvalidOption: it is none.
    """
    if not wave.strip():
        raise InvalidOption(f"{named('wave')} is empty", "give the wave a label, for example 1")
    if not is_visible(wave):
        raise InvalidOption(f"{named('wave')} {harmless(wave)} has an invisible character in it", "use another label")


def _origin(url: str, override: str | None, migrated_at: str | None) -> Origin:
    return Origin(
        base_url("migrated_from", url),
        base_url("migrated_from_override", override) if override else None,
        migration_end("migrated_at", migrated_at) if migrated_at else None,
    )


def _manner(
    product: str | None, recreate_as_remote: Any, url: str, destination_url: str, origin: Origin
) -> dict[str, str | bool]:
    """The fields of an update that say what is updated, and how.

    :raises InvalidOption: they cannot be right.
    """
    named, wanted = product_given(product, url), recreating_given(recreate_as_remote)
    recreates = _recreates(wanted, url, destination_url, origin)
    return {
        "product": named,
        "recreate_as_remote": recreates,
        "was_recreated": wanted is None and not recreates and named == JIRA,
    }


def _recreates(wanted: bool | None, url: str, destination_url: str, origin: Origin) -> bool:
    """Whether the links of a pair are recreated.

    :raises InvalidOption: they are to be, and cannot.
    """
    if wanted is not False and (own := origin.url_at(destination_url)):
        raise InvalidOption(
            f"the origin is {own}, the URL of the destination itself", f"set migrated_from to {NOT_ITSELF}"
        )
    reason = why_regular(url, destination_url, origin)
    if wanted and reason:
        raise InvalidOption(f"recreate_as_remote is true, but {reason}", "set it to auto or false")
    return not reason if wanted is None else wanted
