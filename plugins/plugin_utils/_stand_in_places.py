# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host is which site of the stand-in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit


class Places:
    """The sites of a script, by their hosts.

    :param sites: those of the script; without any, every host is a site.
    """

    def __init__(self, sites: Mapping[str, Mapping[str, Any]]) -> None:
        #: host:port of the stand-in, for URLs that already lead there.
        self.address = ""
        self.scheme = "http"
        #: The name and the cloud ID of each product, by its host and by whether it is a Confluence.
        self._products = {
            self._place_of(site["product_url"]): (name, site.get("site_id") or _site_id_of(site["product_url"]))
            for name, site in sites.items()
        }

    @property
    def url(self) -> str:
        """That of the stand-in."""
        return f"{self.scheme}://{self.address}"

    def known(self) -> Iterator[tuple[str, str]]:
        """The cloud ID of each Jira site with its name, and its host with its name."""
        for (host, is_confluence), (name, site_id) in self._products.items():
            if not is_confluence:
                yield from ((site_id, name), (host, name))

    def server(self, url: str) -> str:
        """The host of a server, with its path if it has one."""
        place = place_of(url)
        return place.removeprefix(f"{self.address}/") if self.address else place

    def product_at(self, url: str) -> tuple[str, str] | None:
        """Name and cloud ID of the product at a URL."""
        place = self._place_of(url)
        return self._products.get(place) if self._products else self.site_at(place[0])

    def site_at(self, host: str) -> tuple[str, str] | None:
        """Name and cloud ID of the site at a host; of one with both products it is the name of the Jira."""
        if self._products:
            return self._products.get((host, False)) or self._products.get((host, True))
        return (host, _site_id_of(f"https://{host}")) if host else None

    def name_of(self, host: str) -> str:
        """The name of the site at a host; empty where there is none."""
        return (self.site_at(host) or ("", ""))[0]

    def is_confluence(self, url: str) -> bool:
        """Whether a product is a Confluence."""
        return self._place_of(url)[1]

    def _place_of(self, url: str) -> tuple[str, bool]:
        """The host of a product, and whether it is a Confluence."""
        host, _slash, path = self.server(url).partition("/")
        return host, path.split("/")[0] == "wiki"


def place_of(url: str) -> str:
    """The host of a server, with its path if it has one."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _site_id_of(url: str) -> str:
    """A cloud ID for a site that was not given one: always the same for the same host."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, urlsplit(url).netloc.lower()))
