# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud site says of itself, and of the user that asks.

Documented on developer.atlassian.com: the cloud ID under "Cloud migration", the other calls in the reference of the
Jira Cloud platform's REST API, version 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._errors import Code, InvalidOption, LinkUpdateError, OutcomeUnknown
from .._text import harmless
from .._urls import cloud_id

if TYPE_CHECKING:
    from .http import Session

#: What being a Jira admin is called by the API.
_ADMIN = "ADMINISTER"
#: What a URL that is none of a cloud site answers with.
_NO_SITE = {
    Code.NOT_FOUND,
    Code.REDIRECTED,
    Code.UNAUTHORIZED,
    Code.FORBIDDEN,
    Code.REJECTED,
    Code.SITE_NOT_FOUND,
}


@dataclass(frozen=True)
class User:
    """Whose credentials they are."""

    account_id: str
    display_name: str


class SiteApi:
    """The calls of one product's site.

    :param product_url: the URL of the product. Confluence's calls for the same facts are others, so that only the
        cloud ID is to be had of one.
    """

    def __init__(self, session: Session, product_url: str) -> None:
        self._session = session
        self._product_url = product_url
        self._site = product_url.removesuffix("/wiki")

    def site_id(self) -> str:
        """The cloud ID of the site. Needs no credentials, sends none.

        :raises LinkUpdateError: C(site_not_found), or what L(Session.get) raises.
        """
        try:
            site_id: str = self._session.get(f"{self._site}/_edge/tenant_info", signed=False, read=_cloud_id_in)
        except LinkUpdateError as exc:
            if exc.code not in _NO_SITE:
                raise
            raise exc.amended(
                what=f"{self._product_url} is no Jira Cloud or Confluence Cloud site: {exc.failure.what}",
                code=Code.SITE_NOT_FOUND,
                advice="correct product_url, or give site_id",
            ) from None
        return site_id

    def account(self) -> User:
        """Who the credentials belong to.

        :raises LinkUpdateError: C(unauthorized) when they are refused, or what L(Session.get) raises.
        """
        user: User = self._session.get(f"{self._site}/rest/api/3/myself", read=_user_in)
        return user

    def is_admin(self) -> bool:
        """Whether the account administers Jira.

        :raises LinkUpdateError: what L(Session.get) raises.
        """
        answer: bool = self._session.get(
            f"{self._site}/rest/api/3/mypermissions?permissions={_ADMIN}",
            read=lambda answer: _flag(answer, "permissions", _ADMIN, "havePermission"),
        )
        return answer

    def issue_linking_enabled(self) -> bool:
        """Whether issues can be linked at all.

        :raises LinkUpdateError: what L(Session.get) raises.
        """
        answer: bool = self._session.get(
            f"{self._site}/rest/api/3/configuration", read=lambda answer: _flag(answer, "issueLinkingEnabled")
        )
        return answer


def _cloud_id_in(answer: Any) -> str:
    site_id = answer.get("cloudId") if isinstance(answer, dict) else None
    try:
        return cloud_id("cloudId", site_id if isinstance(site_id, str) else "")
    except InvalidOption:
        raise LinkUpdateError("an answer without a cloud ID", code=Code.SITE_NOT_FOUND) from None


def _user_in(answer: Any) -> User:
    account_id = answer.get("accountId") if isinstance(answer, dict) else None
    if not isinstance(account_id, str) or not account_id:
        raise OutcomeUnknown("an answer without an account")
    return User(harmless(account_id, 200), harmless(str(answer.get("displayName") or account_id), 200))


def _flag(answer: Any, *path: str) -> bool:
    for key in path:
        answer = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(answer, bool):
        raise OutcomeUnknown(f"an answer without {path[-1]}")
    return answer
