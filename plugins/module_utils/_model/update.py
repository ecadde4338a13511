# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update is: its fields, the rules they obey, and its identity."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from urllib.parse import SplitResult, urlsplit

from .._clock import from_text
from .._errors import InvalidOption

#: For how long after a migration former local links can be recreated; afterwards the vendor deletes the data that
#: identifies them. Documented: developer.atlassian.com/cloud/migration, "Link fixing".
RECREATE_WINDOW = timedelta(days=14)

_DEFAULT_PORTS = {"http": 80, "https": 443}


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
        for name, wanted in (("recreate_as_remote", recreate_as_remote), ("create_backup", create_backup)):
            if wanted:
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


def site_url(option: str, url: str) -> str:
    """The normalised URL of a cloud product, or of anything else that credentials may travel to.

    :raises InvalidOption: it is no URL, or not encrypted on its way to another machine.
    """
    parts = _split(option, url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise InvalidOption(f"{option} {url} is not encrypted: use https:// (http:// is for a loopback address only)")
    return _normalised(parts)


def base_url(option: str, url: str) -> str:
    """The normalised base URL of a Data Center instance; nothing is sent there, so C(http://) is fine.

    :raises InvalidOption: it is no URL.
    """
    return _normalised(_split(option, url))


def cloud_id(option: str, site_id: str) -> str:
    """The cloud ID of a site, as given.

    :raises InvalidOption: it cannot be one.
    """
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,100}", site_id):
        raise InvalidOption(
            f"{option} {site_id!r} is no cloud ID: one looks like 11223344-a1b2-3b33-c444-def123456789. "
            "Leave it out to have it looked up"
        )
    return site_id


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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


def _split(option: str, url: str) -> SplitResult:
    if "@" in url:
        # Not quoted: what stands before an @ is a secret, as a rule. Where it ends, only a valid URL would tell.
        raise InvalidOption(f"{option} has an @ in it: give credentials as email and api_token, not in the URL")
    problem = None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (the property checks the port)
    except ValueError as exc:
        raise InvalidOption(f"{option} {url!r} is not a URL: {exc}") from exc
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        problem = "it must begin with https://"
    elif not parts.hostname:
        problem = "it names no host"
    elif re.search(r"[\s\\<>\"]", url):
        problem = "it has a space or another character in it that no URL has"
    elif parts.query or parts.fragment:
        problem = "leave out everything from the ? or # on"
    if problem:
        raise InvalidOption(f"{option} {url!r} is not a base URL: {problem}")
    return parts


def _normalised(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme.lower()]:
        host = f"{host}:{parts.port}"
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"
