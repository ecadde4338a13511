# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update is: its fields, the rules they obey, and its identity."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from urllib.parse import urlsplit

from .._clock import from_text
from .._errors import InvalidOption
from .._urls import base_url, cloud_id, site_url

#: For how long after a migration former local links can be recreated; afterwards the vendor deletes the data that
#: identifies them. Documented: developer.atlassian.com/cloud/migration, "Link fixing".
RECREATE_WINDOW = timedelta(days=14)


@dataclass(frozen=True)
class Update:
    """The links of one product that point to one destination, to be brought up to date in one wave.

    Two updates are the same when their identity is; C(create_backup) is an order given with an update, and
    C(window_closes) a limit on scheduling it, neither is part of what it is.
    """

    product: str
    product_url: str
    destination_url: str
    migrated_from: str
    migrated_from_override: str | None = None
    recreate_as_remote: bool = True
    wave: str = "1"
    #: The cloud ID of the product's site, whose links the service updates. C(None) until it is looked up.
    site_id: str | None = None
    #: C(None) leaves the decision to the service, whose documented default is no backup.
    create_backup: bool | None = field(default=None, compare=False)
    #: When recreating stops being possible; C(None) where nobody said when the migration ended.
    window_closes: datetime | None = field(default=None, compare=False)

    def at(self, site_id: str) -> Update:
        """The same update, its site known."""
        return replace(self, site_id=site_id)

    def as_dict(self) -> dict[str, str | bool | None]:
        """What it is and what is ordered with it, in the words of results, diffs and the ledger."""
        return {
            "site_id": self.site_id,
            "product": self.product,
            "product_url": self.product_url,
            "destination_url": self.destination_url,
            "migrated_from": self.migrated_from,
            "migrated_from_override": self.migrated_from_override,
            "recreate_as_remote": self.recreate_as_remote,
            "create_backup": bool(self.create_backup),
            "wave": self.wave,
        }

    def identity(self) -> str:
        """The text by which the ledger tells updates apart."""
        if self.site_id is None:
            raise ValueError("an update has no identity before its site is known")
        return json.dumps(
            [
                self.site_id,
                self.product,
                self.product_url,
                self.destination_url,
                self.migrated_from,
                self.migrated_from_override,
                self.recreate_as_remote,
                self.wave,
            ]
        )


def make_update(
    *,
    product: str,
    product_url: str,
    destination_url: str,
    migrated_from: str,
    migrated_from_override: str | None = None,
    recreate_as_remote: bool = True,
    create_backup: bool | None = None,
    wave: str = "1",
    site_id: str | None = None,
    migrated_at: str | None = None,
) -> Update:
    """An update from what a user wrote, checked and normalised.

    :param migrated_at: when the migration of the product ended; a date counts as the end of its day, UTC.
    :raises InvalidOption: a value cannot be right; the message names the option and what to do.
    """
    if product != "jira":
        for name, desired in (("recreate_as_remote", recreate_as_remote), ("create_backup", create_backup)):
            if desired:
                raise InvalidOption(f"{name} works for Jira only (product is {product}): set {name} to false")
    product_url = site_url("product_url", product_url)
    if product == "jira" and urlsplit(product_url).path == "/wiki":
        raise InvalidOption(
            f"product_url {product_url} is the URL of a Confluence, but product is jira: "
            "leave out /wiki, or set product to confluence and recreate_as_remote to false"
        )
    if not wave.strip():
        raise InvalidOption("wave is empty: give the migration wave a label, for example 1")
    return Update(
        product=product,
        product_url=product_url,
        destination_url=site_url("destination_url", destination_url),
        migrated_from=base_url("migrated_from", migrated_from),
        migrated_from_override=(
            base_url("migrated_from_override", migrated_from_override) if migrated_from_override else None
        ),
        recreate_as_remote=recreate_as_remote,
        create_backup=create_backup,
        wave=wave,
        site_id=cloud_id("site_id", site_id) if site_id else None,
        window_closes=end_of_window(migrated_at) if migrated_at else None,
    )


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
