# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links of a cloud site's issues: what there is, what is created, and what is deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .._naming import MODULE, Naming
from .site_api import Ask

if TYPE_CHECKING:
    from .site_session import SiteSession

#: How many issues one L(RemoteLinks.resolve) may ask for.
MOST_KEYS = 100


@dataclass(frozen=True)
class RemoteLink:
    """A remote link, as its issue has it. A text that it does not have is empty."""

    link_id: int
    global_id: str
    url: str
    relationship: str
    application_type: str
    application_name: str
    title: str


@dataclass(frozen=True)
class NewLink:
    """A remote link that is to be created."""

    global_id: str
    url: str
    title: str
    relationship: str
    application_type: str
    application_name: str


@dataclass(frozen=True)
class ResolvedIssue:
    """An issue as it is called now."""

    key: str
    issue_id: str


@dataclass(frozen=True)
class LinkChange:
    """A remote link that was added to an issue, or removed from it: the id, and what Jira called it."""

    at: datetime
    removed_id: str | None
    removed: str
    added_id: str | None
    added: str


class RemoteLinks:
    """The calls of one site.

    :param product_url: the URL of its Jira.
    :param named: what messages call the options.
    """

    def __init__(self, session: SiteSession, product_url: str, named: Naming = MODULE) -> None:
        raise NotImplementedError

    def resolve(self, keys: Sequence[str]) -> dict[str, ResolvedIssue]:
        """What issues are called now, by the keys that they are asked for; those that are not there are left out.

        :param keys: L(MOST_KEYS) at most.
        :raises LinkUpdateError: what L(Session.get) raises. It may be asked again.
        """
        raise NotImplementedError

    def links(self, issue: str) -> list[RemoteLink] | None:
        """All remote links of an issue; None where there is no such issue, or the account may not see it.

        :raises LinkUpdateError: what L(Session.get) raises. It may be asked again.
        """
        raise NotImplementedError

    def create(self, issue: str, link: NewLink, before_sending: Callable[[], None] = lambda: None) -> int:
        """Add a remote link to an issue, or change the one with this global id. Sent once.

        :param before_sending: see L(Session.post).
        :returns: the id of the remote link.
        :raises LinkUpdateError: what L(Session.post) raises. After OutcomeUnknown, the links of the issue show whether
            it is there.
        """
        raise NotImplementedError

    def delete(self, issue: str, link_id: int) -> bool:
        """Take a remote link from an issue. It may be asked again.

        :returns: whether it was there; if not, it may also be the issue that is gone, or not visible.
        :raises LinkUpdateError: what L(Session.get) raises.
        """
        raise NotImplementedError

    def changes(self, issue: str, ask: Ask) -> list[LinkChange]:
        """What happened to the remote links of an issue, in the order of the changelog.

        :param ask: sends each of the requests, for example with L(retry).
        :raises LinkUpdateError: what L(Session.get) raises.
        """
        raise NotImplementedError
