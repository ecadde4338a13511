# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes exactly the links that repairs have created."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from .._service.remote_links import RemoteLink
from .._store.repairing import Repairing
from .._store.repairs import Repair, RepairState
from .._urls import short_url
from .repair_outcome import Fate, Outcome
from .repair_sites import RepairSites, Site

#: The states of repairs that an undo acts on.
OPEN = frozenset({RepairState.CREATED, RepairState.INTENDED})


@dataclass(frozen=True)
class Undoer:
    """Removes links, one after the other. May be used by several threads."""

    sites: RepairSites
    #: None in check mode: then nothing is sent, and nothing written down.
    repairing: Repairing | None
    #: The names of the instances by their URLs.
    names: Mapping[str, str]

    def act(self, site: Site, repair: Repair) -> Outcome | None:
        """Remove one link. None where it was written down, and never created.

        :raises LinkUpdateError: that was not possible.
        """
        api = self.sites.links(site)
        there = self.sites.ask(partial(api.links, repair.issue))
        if there is None:
            return self.outcome(repair, Fate.SKIPPED, f"{repair.issue} is not there, or the account does not see it")
        found = _link_of(repair, there)
        if found is None and repair.state is RepairState.INTENDED:
            # It stays written down: the request of a process that was killed may still come.
            return None
        if found and found.global_id != repair.global_id:
            return self.outcome(repair, Fate.SKIPPED, "somebody changed it")
        if found is None and repair.undone_at is None:
            return self.outcome(repair, Fate.SKIPPED, "somebody has removed it already")
        if self.repairing:
            self._remove(repair, found, partial(api.delete, repair.issue), self.repairing)
        return self.outcome(repair, Fate.UNDONE)

    def _remove(
        self, repair: Repair, found: RemoteLink | None, delete: Callable[[int], bool], repairing: Repairing
    ) -> None:
        """Remove a link. Where it is gone, an undo that was killed has removed it."""
        if found:
            if repair.state is RepairState.INTENDED:
                # The id tells later that nobody else has removed the link.
                repairing.created(repair.number, found.link_id)
            repairing.undoing(repair.number)
            self.sites.ask(partial(delete, found.link_id))
        repairing.undone(repair.number)

    def outcome(self, repair: Repair, fate: Fate, reason: str = "") -> Outcome:
        """What became of a link."""
        instance, destination = (
            self.names.get(url, short_url(url)) for url in (repair.product_url, repair.destination_url)
        )
        return Outcome(
            fate, instance, destination, repair.issue, repair.target, repair.relationship, repair.url, reason
        )


def _link_of(repair: Repair, there: list[RemoteLink]) -> RemoteLink | None:
    """The link that a repair has created, or may have created; None where it is gone."""
    if repair.link_id is None:
        return next((each for each in there if each.global_id == repair.global_id), None)
    return next((each for each in there if each.link_id == repair.link_id), None)
