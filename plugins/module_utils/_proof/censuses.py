# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The censuses that say which links must be there."""

from __future__ import annotations

from collections.abc import Iterable

from .._errors import Code, LinkUpdateError
from .._model.federation import Federation
from .._model.links import COUNT
from .._model.sources import Source
from .._store.store import CensusStore
from .._text import names


def complete_censuses(store: CensusStore, federation: Federation, sources: Iterable[Source]) -> dict[str, int]:
    """The number of the newest complete census of each source, by its server.

    :raises LinkUpdateError: a source has none.
    """
    found = {}
    for source in sources:
        sites = {str(federation.members[name].product_url) for name in source.instances}
        census = store.last_complete(sites, source.server)
        if census is None:
            raise LinkUpdateError(
                f"there is no complete census of {source.server} with its instances {names(source.instances)}",
                code=Code.CENSUS_INCOMPLETE,
                advice=f"count the links first: {COUNT}",
            )
        found[source.server] = census.generation
    return found
