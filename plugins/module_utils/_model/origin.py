# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Origins: the instances whose data was migrated to a site. A site that several were merged into has several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from .._errors import InvalidOption
from .._text import harmless
from .._urls import CONFLUENCE, base_url, is_cloud, page_notice, product_of, short_url
from .window import migration_end

#: What to set an option to where a site is given as its own origin.
NOT_ITSELF = "the base URL that its data had before the migration"

_FIELDS = ("url", "override", "migrated_at")


@dataclass(frozen=True)
class Origin:
    """An instance whose data was migrated to a site."""

    #: Its base URL.
    url: str
    #: The base URL of the production instance, where it was a staging copy of that.
    override: str | None = None
    #: When the migration from it ended; None where nobody said so of this one.
    migrated_at: datetime | None = None

    @property
    def server(self) -> str:
        """The base URL that the links had: two sites with data of one server have the same."""
        return self.override or self.url

    @property
    def is_cloud(self) -> bool:
        """Whether it was a cloud site, and so no Data Center or Server instance."""
        return any(map(is_cloud, self._urls))

    def url_at(self, product_url: str) -> str | None:
        """Its URL that is at the site of this product, if there is one: nothing was migrated to a site from itself."""
        site = urlsplit(product_url).netloc
        return next((url for url in self._urls if urlsplit(url).netloc == site), None)

    @property
    def _urls(self) -> tuple[str, ...]:
        return (self.url, self.override) if self.override else (self.url,)


def origins_in(variable: str, given: Any, notices: list[str]) -> tuple[Origin, ...]:
    """The origins that a user gave: a URL, or a list of URLs and of mappings.

    :param notices: gets what the user should know of them.
    :raises InvalidOption: they cannot be right.
    """
    entries = given if isinstance(given, (list, tuple)) else [given]
    origins = tuple(_origin(variable, each, notices) for each in entries)
    for index, each in enumerate(origins):
        if any((each.url, each.server) == (other.url, other.server) for other in origins[:index]):
            raise InvalidOption(f"{variable} has {each.url} twice", "remove one")
    return origins


def origin_url(option: str, given: Any, notices: list[str]) -> str:
    """The base URL of an origin that a user gave.

    :param notices: gets what the user should know of it.
    :raises InvalidOption: it cannot be right.
    """
    if isinstance(given, (Mapping, list, tuple)):
        raise InvalidOption(
            f"{option} has an entry whose URL is a list or a dictionary", "give each entry one URL, as text"
        )
    used = base_url(option, str(given))
    if notice := page_notice(option, str(given), used):
        notices.append(notice)
    return used


def names_of(origins: Iterable[tuple[str, str | None]]) -> dict[tuple[str, str | None], str]:
    """What people call each of the origins of one site: short, and different.

    :param origins: their URLs and overrides.
    """
    every = list(dict.fromkeys(origins))
    short = [short_url(override or url) for url, override in every]
    return {
        (url, override): name if short.count(name) == 1 else f"{url} as {override}" if override else url
        for (url, override), name in zip(every, short, strict=True)
    }


def why_regular(product_url: str, destination_url: str, origin: Origin) -> str | None:
    """Why the links of a pair can only get a regular update; None where they can be recreated.

    Documented by the vendor: recreating is for Jira only, and for migrations from Data Center to Cloud; links to other
    products, and local ones, get a regular update.
    """
    if product_of(product_url) == CONFLUENCE:
        return "the product is Confluence"
    if product_of(destination_url) == CONFLUENCE:
        return "the destination is Confluence"
    if product_url == destination_url:
        return "the links are local"
    return "the origin is a cloud site" if origin.is_cloud else None


def _origin(variable: str, given: Any, notices: list[str]) -> Origin:
    fields: Mapping[str, Any] = given if isinstance(given, Mapping) else {"url": given}
    strange = [str(name) for name in fields if name not in _FIELDS]
    if strange:
        # Where a colon follows a URL, that is a name. What stands before an @ is a secret.
        shown = harmless(strange[0].rpartition("@")[2])
        raise InvalidOption(
            f"{variable} has an entry with the unknown key {shown}", f"the keys are {', '.join(_FIELDS)}"
        )
    if not fields.get("url"):
        raise InvalidOption(f"{variable} has an entry without a URL", "give each entry a url")
    override, migrated_at = fields.get("override"), fields.get("migrated_at")
    return Origin(
        url=origin_url(variable, fields["url"], notices),
        override=origin_url(f"{variable}: override", override, notices) if override else None,
        migrated_at=migration_end(f"{variable}: migrated_at", str(migrated_at)) if migrated_at else None,
    )
