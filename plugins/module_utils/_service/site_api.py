# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud site says of itself, and of the user that asks.

Documented on developer.atlassian.com: the cloud ID under "Cloud migration", the other calls in the reference of the
Jira Cloud platform's REST API, version 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from .._errors import AddressRejected, Code, InvalidOption, LinkUpdateError, OutcomeUnknown
from .._model.projects import is_project_key
from .._naming import MODULE, Naming
from .._text import harmless
from .._urls import cloud_id
from .own_words import outline_of

if TYPE_CHECKING:
    from .http import Session

#: Sends a request, and gives back what is read from its answer.
Ask = Callable[[Callable[[], Any]], Any]

#: How many projects to ask for: each takes a kilobyte and more of what an answer may have.
_PROJECTS = 20
#: What being a Jira admin is called by the API.
_ADMIN = "ADMINISTER"
#: What a URL that is none of a cloud site answers with.
_NO_SITE = frozenset(
    {Code.NOT_FOUND, Code.REDIRECTED, Code.UNAUTHORIZED, Code.FORBIDDEN, Code.REJECTED, Code.SITE_NOT_FOUND}
)
#: What to do about a refusal, by its HTTP status. What it may mean is as users and guides for admins report it.
_ADVICE = {
    401: "check the e-mail address and the API token. A token expires (by default after a year). A scoped token does "
    "not work: use an unscoped one. Check the URL as well: a site that was renamed, or got a custom domain, refuses "
    "requests to its old address",
    403: "give the account access to the product, or use another account",
    404: "check the URL: there is no Jira. The URL of a Confluence ends in /wiki",
}
#: What to do where the site takes requests from other addresses only.
ALLOWLIST_ADVICE = "put the address of the machine that sends the requests on the site's IP allowlist"


@dataclass(frozen=True)
class User:
    """Whose credentials they are."""

    account_id: str
    display_name: str


def once(ask: Callable[[], Any]) -> Any:
    """An L(Ask) that does not ask again."""
    return ask()


class SiteApi:
    """The calls of one product's site.

    :param product_url: the URL of the product. Confluence's calls for the same facts are others, so that only the
        cloud ID can be found out from one.
    :param named: what messages call the options.
    """

    def __init__(self, session: Session, product_url: str, named: Naming = MODULE) -> None:
        self._session = session
        self._product_url = product_url
        self._named = named
        self._site = product_url.removesuffix("/wiki")

    def site_id(self) -> str:
        """The cloud ID of the site. Needs no credentials, sends none.

        :raises LinkUpdateError: C(site_not_found), or what L(Session.get) raises.
        """
        try:
            site_id: str = self._session.get(f"{self._site}/_edge/tenant_info", signed=False, read=_cloud_id_in)
        except AddressRejected as exc:
            advice = f"{ALLOWLIST_ADVICE}, or set {self._named('site_id')}, then run again"
            raise exc.amended(advice=advice) from None
        except LinkUpdateError as exc:
            if exc.code not in _NO_SITE:
                raise
            raise exc.amended(
                what=f"{self._product_url} is not a Jira Cloud or Confluence Cloud site: {exc.failure.what}",
                code=Code.SITE_NOT_FOUND,
                advice=f"correct {self._named('product_url')}, or set {self._named('site_id')}",
            ) from None
        return site_id

    def account(self) -> User:
        """Who the credentials belong to.

        :raises LinkUpdateError: C(unauthorized) when they are refused, or what L(Session.get) raises.
        """
        user: User = self._ask("myself", _user_in)
        return user

    def is_admin(self) -> bool:
        """Whether the account administers Jira.

        :raises LinkUpdateError: what L(Session.get) raises.
        """
        answer: bool = self._ask(
            f"mypermissions?permissions={_ADMIN}", lambda answer: _flag(answer, "permissions", _ADMIN, "havePermission")
        )
        return answer

    def issue_linking_enabled(self) -> bool:
        """Whether issues can be linked at all.

        :raises LinkUpdateError: what L(Session.get) raises.
        """
        answer: bool = self._ask("configuration", lambda answer: _flag(answer, "issueLinkingEnabled"))
        return answer

    def projects(self, ask: Ask = once) -> list[str]:
        """The keys of the projects that the account sees.

        :param ask: sends each of the requests, for example with L(retry): an answer has only some of the projects.
        :raises LinkUpdateError: what L(Session.get) raises.
        """
        keys: list[str] = []
        while True:
            question = f"project/search?startAt={len(keys)}&maxResults={_PROJECTS}"
            found, is_last = ask(partial(self._ask, question, _projects_in))
            if found and not is_last and set(found) <= set(keys):
                raise OutcomeUnknown("the same page of projects twice, so that the others are not known")
            keys += found
            if is_last or not found:
                return keys

    def _ask(self, question: str, read: Callable[[Any], Any]) -> Any:
        with advising():
            return self._session.get(f"{self._site}/rest/api/3/{question}", read=read)


@contextmanager
def advising(more: Mapping[int, str] | None = None) -> Iterator[None]:
    """A failure of a call of a site says what to do.

    :param more: what else to do, or something else, by HTTP status.
    """
    advice = _ADVICE | dict(more or {})
    try:
        yield
    except AddressRejected as exc:
        raise exc.amended(advice=ALLOWLIST_ADVICE) from None
    except LinkUpdateError as exc:
        raise exc.amended(advice=advice.get(exc.failure.http_status or 0, exc.failure.advice)) from None


def _cloud_id_in(answer: Any) -> str:
    site_id = answer.get("cloudId") if isinstance(answer, dict) else None
    try:
        return cloud_id("cloudId", site_id if isinstance(site_id, str) else "")
    except InvalidOption:
        what = f"an answer without a cloud ID: {outline_of(answer)}"
        raise LinkUpdateError(what, code=Code.SITE_NOT_FOUND) from None


def _user_in(answer: Any) -> User:
    account_id = answer.get("accountId") if isinstance(answer, dict) else None
    if not isinstance(account_id, str) or not account_id:
        raise _without("an account", answer)
    return User(harmless(account_id, 200), harmless(str(answer.get("displayName") or account_id), 200))


def _projects_in(answer: Any) -> tuple[list[str], bool]:
    """The keys of some projects, and whether they are the last ones."""
    try:
        keys = [each["key"] for each in answer["values"]]
        are_keys = all(map(is_project_key, keys))
    except (LookupError, TypeError):
        are_keys = False
    if not are_keys:
        raise _without("the keys of projects", answer)
    return keys, _flag(answer, "isLast")


def _flag(answer: Any, *path: str) -> bool:
    found = answer
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, bool):
        raise _without(path[-1], answer)
    return found


def _without(what: str, answer: Any) -> OutcomeUnknown:
    return OutcomeUnknown(f"an answer without {what}: {outline_of(answer)}")
