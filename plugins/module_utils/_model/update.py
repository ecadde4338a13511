# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update is: its fields, the rules they obey, and its identity."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Self
from urllib.parse import urlsplit

from .._clock import from_text
from .._errors import InvalidOption
from .._text import harmless, is_visible
from .._urls import base_url, cloud_id, site_url

#: For how long after a migration former local links can be recreated; afterwards the vendor deletes the data that
#: identifies them. Documented: developer.atlassian.com/cloud/migration, "Link fixing".
RECREATE_WINDOW = timedelta(days=14)


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


#: The fields of an update that are given and recorded: options, results and columns have these names.
FIELDS = tuple(each.name for each in fields(Update) if each.name != "window_closes")
_IDENTITY = tuple(each.name for each in fields(Update) if each.compare)


def make_update(*, migrated_at: str | None = None, **given: Any) -> Update:
    """An update from what a user wrote, checked and normalised.

    :param migrated_at: when the migration of the product ended; a date counts as the end of its day, UTC.
    :param given: the fields of an L(Update).
    :raises InvalidOption: a value cannot be right; the message names the option and what to do.
    """
    raw = Update(**given)
    update = replace(
        raw,
        product_url=site_url("product_url", raw.product_url),
        destination_url=site_url("destination_url", raw.destination_url),
        migrated_from=base_url("migrated_from", raw.migrated_from),
        migrated_from_override=(
            base_url("migrated_from_override", raw.migrated_from_override) if raw.migrated_from_override else None
        ),
        site_id=cloud_id("site_id", raw.site_id) if raw.site_id else None,
        window_closes=end_of_window(migrated_at) if migrated_at else None,
    )
    for broken in broken_rules(
        product=update.product,
        product_url=update.product_url,
        recreate_as_remote=update.recreate_as_remote,
        create_backup=update.create_backup,
        wave=update.wave,
    ):
        raise broken
    return update


def broken_rules(
    *, product: str, product_url: str, recreate_as_remote: bool, create_backup: object, wave: str
) -> Iterator[InvalidOption]:
    """The rules that options break together, each of which may be right alone.

    :param product_url: normalised.
    """
    if product != "jira":
        for name, value in (("recreate_as_remote", recreate_as_remote), ("create_backup", create_backup)):
            if value:
                yield InvalidOption(f"{name} is true, which works for Jira only", "set it to false")
    elif urlsplit(product_url).path == "/wiki":
        yield InvalidOption(
            f"product_url {product_url} is the URL of a Confluence, but product is jira",
            "leave out /wiki, or set product to confluence and recreate_as_remote to false",
        )
    if not wave.strip():
        yield InvalidOption("wave is empty", "give the migration wave a label, for example 1")
    if not all(map(is_visible, wave)):
        yield InvalidOption(f"wave {harmless(wave)} has a character in it that cannot be seen", "give it another label")


def end_of_window(text: str) -> datetime:
    """When recreating stops being possible after a migration that ended on a date, or at an RFC 3339 time.

    :raises InvalidOption: it is neither.
    """
    try:
        try:
            end = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), timezone.utc)
        except ValueError:
            end = from_text(text)
        return end + RECREATE_WINDOW
    except (ValueError, OverflowError) as exc:
        raise InvalidOption(
            f"migrated_at {text!r} is neither a date (2026-03-01) nor an RFC 3339 time (2026-03-01T18:30:00Z)"
        ) from exc
