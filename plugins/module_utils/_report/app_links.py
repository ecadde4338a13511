# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application links that recreating needs, and that only a human can see to.

Documented by the vendor: an application link between the two sites, authorized once by hand for each ordered pair. No
public API tells whether it was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._model.desired import DesiredUpdate
from .._text import counted, wrapped
from .results import AppLinks, Destination

STEPS = (
    "open any issue",
    "choose Link issue",
    "open the Local drop-down",
    "choose the destination",
    "choose Authorize and search",
)


def checklist_of(recreating: Iterable[tuple[str, DesiredUpdate]]) -> list[AppLinks]:
    """Which destinations have to be authorized on which product's site.

    :param recreating: the name of each instance whose links are to be recreated, with what is desired of it.
    """
    products: dict[tuple[str, str], dict[str, Destination]] = {}
    for name, desired in recreating:
        destinations = products.setdefault((name, desired.update.product_url), {})
        # A destination has an update for each origin, and one application link.
        destinations[desired.destination] = {"name": desired.destination, "url": desired.update.destination_url}
    return [
        {"product": name, "product_url": url, "destinations": list(destinations.values())}
        for (name, url), destinations in products.items()
    ]


def text_of(checklist: Sequence[AppLinks]) -> list[str]:
    """The checklist, as lines; empty where nothing has to be authorized."""
    if not checklist:
        return []
    count = sum(len(product["destinations"]) for product in checklist)
    lines = [
        f"{counted(count, 'application link')} to authorize by hand, once, before the run. No API tells which are.",
        *wrapped(f"On each site below, for each of its destinations: {', '.join(STEPS)}."),
    ]
    for product in checklist:
        lines.append(f"[ ] {product['product']}  {product['product_url']}")
        lines += wrapped(", ".join(each["name"] for each in product["destinations"]), "    to ", "       ")
    return lines
