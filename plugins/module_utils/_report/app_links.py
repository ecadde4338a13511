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
from .results import AppLinks, Destination

#: Of a product with more destinations than this the text has no URLs. Each site has a line of its own, if it is one of
#: the products; and a hundred sites have ten thousand pairs.
_MOST_URLS = 20

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


def text_of(checklist: Iterable[AppLinks]) -> list[str]:
    """The checklist, as lines."""
    lines = [f"On the site of each product, for each of its destinations: {', '.join(STEPS)}."]
    for product in checklist:
        lines.append(f"[ ] {product['product']}  {product['product_url']}  to: {_named(product['destinations'])}")
    return lines


def _named(destinations: Sequence[Destination]) -> str:
    if len(destinations) > _MOST_URLS:
        return ", ".join(each["name"] for each in destinations)
    return ", ".join(f"{each['name']} ({each['url']})" for each in destinations)
