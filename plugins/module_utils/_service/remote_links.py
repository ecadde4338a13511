# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links of a cloud site's issues: what there is, what is created, and what is deleted.

Documented in the reference of the Jira Cloud platform's REST API, version 3: all the calls, and their fields. Inferred:
which entries of a changelog are of remote links. Not known: how the links look that a job creates.

An answer in another form is a failure, and never taken for "no links". Of the links of an issue, none is left out: what
a link does not have is empty, also its URL, and what cannot be read makes the whole answer a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._clock import from_text
from .._errors import Code, LinkUpdateError, OutcomeUnknown
from .._text import harmless
from .reading import Unreadable, id_in, issue_key_in, list_in, reading, text_in
from .site_api import Ask, advising, once

if TYPE_CHECKING:
    from .site_session import SiteSession

#: How many issues one L(RemoteLinks.resolve) may ask for. Documented.
MOST_KEYS = 100
#: How many entries of a changelog to ask for. Documented.
_ENTRIES = 100
#: The field of an entry of a changelog that is of a remote link. Inferred.
_FIELD = "RemoteIssueLink"
#: How long a text is at most that people read, and how many different names are remembered.
_LONGEST, _NAMES = 255, 1000
#: What to do about a refusal, by its HTTP status. What each means is documented.
_ADVICE = {
    403: "turn on issue linking in the Jira settings of this site, Issue features. Give the account the permissions "
    "Browse projects and, for a repair, Link issues",
    404: "give the account the permission Browse projects, or check that the issue is there",
    413: "remove remote links from the issue: it has as many as an issue can have",
}


@dataclass(frozen=True)
class RemoteLink:
    """A remote link, as its issue has it. A text that it does not have is empty.

    The relationship and the title are fit to be shown. The other texts are as the site has them.
    """

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
    """A remote link that was removed from an issue, or added to it: its id, and the text that Jira had for it."""

    at: datetime
    removed_id: str | None
    removed: str
    added_id: str | None
    added: str


class RemoteLinks:
    """The calls of one site.

    :param product_url: the URL of its Jira.
    """

    def __init__(self, session: SiteSession, product_url: str) -> None:
        self._session = session
        self._api = f"{product_url}/rest/api/3"
        self._exact = lru_cache(_NAMES)(self._without_secrets)

    def resolve(self, keys: Sequence[str], ask: Ask = once) -> dict[str, ResolvedIssue]:
        """What issues are called now, by the keys that they are asked for; those that are not there are left out.

        Documented: an issue that was moved comes back under its key of now. One that is not there, or not visible, is
        left out without an error. An error is for one that Jira could not read just now.

        :param keys: L(MOST_KEYS) at most.
        :param ask: sends each of the requests, for example with L(retry).
        :raises LinkUpdateError: what L(Session.query) raises.
        """
        found, has_errors = ask(lambda: self._fetched(keys))
        known = {key: found[key] for key in keys if key in found}
        rest = [key for key in keys if key not in found]
        moved = [issue for key, issue in found.items() if key not in known]
        if len(rest) == len(moved) == 1:
            return known | {rest[0]: moved[0]}
        if moved or has_errors:
            for key in rest:
                known |= self._resolved_alone(key, ask)
        return known

    def links(self, issue: str, *, is_known: bool = True) -> list[RemoteLink] | None:
        """All remote links of an issue; None where there is no such issue, or where it is not visible.

        Documented: all of them come at once.

        :param is_known: False where L(resolve) has not found it. Then every HTTP 404 says the same, whoever sends it.
        :raises LinkUpdateError: what L(Session.get) raises.
        """
        try:
            with advising(_ADVICE):
                links: list[RemoteLink] = self._session.get(self._links_of(issue), read=reading(self._links_in))
        except LinkUpdateError as exc:
            if exc.code is not Code.NOT_FOUND and (is_known or exc.failure.http_status != 404):
                raise
            return None
        return links

    def create(self, issue: str, link: NewLink, before_sending: Callable[[], None] = lambda: None) -> int:
        """Add a remote link to an issue, or change the one that has this global id already. Sent once.

        Documented: HTTP 201 for a new link and 200 for a known one, with its id.

        :param before_sending: see L(Session.post).
        :returns: the id of the link.
        :raises OutcomeUnknown: the links of the issue show whether it is there.
        :raises LinkUpdateError: what L(Session.post) raises.
        """
        url = self._links_of(issue)
        read = reading(lambda answer: int(id_in(answer["id"])))
        with advising(_ADVICE):
            link_id: int = self._session.post(url, _document_of(link), read=read, before_sending=before_sending)
        return link_id

    def delete(self, issue: str, link_id: int) -> bool:
        """Take a remote link from an issue. It may be asked again.

        Documented: HTTP 204, and 404 where there is no such link or no such issue.

        :returns: whether it was there. If not, the issue may also be gone, or not visible.
        :raises LinkUpdateError: what L(Session.delete) raises.
        """
        try:
            with advising(_ADVICE):
                self._session.delete(f"{self._links_of(issue)}/{link_id}")
        except LinkUpdateError as exc:
            if exc.code is not Code.NOT_FOUND:
                raise
            return False
        return True

    def changes(self, issue: str, ask: Ask = once) -> list[LinkChange]:
        """What happened to the remote links of an issue, in the order of its changelog.

        Documented: the pages, the time and the fields of an entry. Inferred: the name of the field for remote links.
        That its C(from) and C(to) are ids of links is seen in answers.

        :param ask: see L(resolve).
        :raises LinkUpdateError: what L(Session.get) raises.
        """
        changes: list[LinkChange] = []
        start = 0
        while True:
            page, count, is_last = ask(lambda: self._changelog_from(issue, start))  # noqa: B023
            changes += page
            start += count
            if is_last:
                return changes
            if not count:
                raise OutcomeUnknown(f"a changelog of issue {issue} that ends before its last entry")

    def _fetched(self, keys: Sequence[str]) -> tuple[dict[str, ResolvedIssue], bool]:
        """Issues by their keys of now, and whether there is any that Jira could not read."""
        question = {"issueIdsOrKeys": list(keys), "fields": ["created"]}

        def read(answer: Any) -> tuple[dict[str, ResolvedIssue], bool]:
            issues = [ResolvedIssue(issue_key_in(each["key"]), id_in(each["id"])) for each in list_in(answer["issues"])]
            if len(issues) > len(keys):
                raise Unreadable("an answer with more issues than were asked for")
            return {each.key: each for each in issues}, bool(list_in(answer.get("issueErrors")))

        with advising():
            found: tuple[dict[str, ResolvedIssue], bool] = self._session.query(
                f"{self._api}/issue/bulkfetch", question, read=reading(read)
            )
        return found

    def _resolved_alone(self, key: str, ask: Ask) -> dict[str, ResolvedIssue]:
        """What one issue is called now, if it is there."""
        found, has_errors = ask(lambda: self._fetched([key]))
        if has_errors and not found and ask(lambda: self.links(key)) is not None:
            raise OutcomeUnknown(f"Jira does not say the id of issue {key}, although the issue is there")
        return dict(zip([key], found.values(), strict=False))

    def _changelog_from(self, issue: str, start: int) -> tuple[list[LinkChange], int, bool]:
        """The changes in a page of a changelog, how many entries the page has, and whether it is the last one."""

        def read(answer: Any) -> tuple[list[LinkChange], int, bool]:
            entries = list_in(answer["values"])
            if not isinstance(answer["isLast"], bool):
                raise Unreadable("an answer that does not say whether it is the last one")
            changes = [
                self._change(entry["created"], item)
                for entry in entries
                for item in list_in(entry["items"])
                if item["field"] == _FIELD
            ]
            return changes, len(entries), answer["isLast"]

        url = f"{self._api}/issue/{quote(issue, safe='')}/changelog?startAt={start}&maxResults={_ENTRIES}"
        with advising(_ADVICE):
            page: tuple[list[LinkChange], int, bool] = self._session.get(url, read=reading(read))
        return page

    def _change(self, created: Any, item: Mapping[str, Any]) -> LinkChange:
        try:
            at = from_text(created)
        except ValueError:
            raise Unreadable("an answer with a change at no time") from None
        removed_id, added_id = (_text(item.get(name)) or None for name in ("from", "to"))
        removed, added = (self._shown(item.get(name)) for name in ("fromString", "toString"))
        return LinkChange(at, removed_id, removed, added_id, added)

    def _links_of(self, issue: str) -> str:
        return f"{self._api}/issue/{quote(issue, safe='')}/remotelink"

    def _links_in(self, answer: Any) -> list[RemoteLink]:
        return [self._link(each) for each in list_in(answer)]

    def _link(self, found: Mapping[str, Any]) -> RemoteLink:
        target, application = found.get("object") or {}, found.get("application") or {}
        return RemoteLink(
            int(id_in(found["id"])),
            self._without_secrets(_text(found.get("globalId"))),
            self._without_secrets(_text(target.get("url"))),
            self._shown(found.get("relationship")),
            self._exact(_text(application.get("type"))),
            self._exact(_text(application.get("name"))),
            self._shown(target.get("title")),
        )

    def _shown(self, found: Any) -> str:
        """A text, fit to be shown."""
        return harmless(self._exact(_text(found)), _LONGEST)

    def _without_secrets(self, text: str) -> str:
        """A text, fit to be kept: half of a character could not be written anywhere."""
        return self._session.clean(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _document_of(link: NewLink) -> dict[str, Any]:
    """The document that creates a remote link; what it does not have is left out."""
    application = {"type": link.application_type, "name": link.application_name}
    document = {
        "globalId": link.global_id,
        "application": {name: text for name, text in application.items() if text},
        "relationship": link.relationship,
        "object": {"url": link.url, "title": link.title},
    }
    return {name: value for name, value in document.items() if value}


def _text(found: Any) -> str:
    """A text; an empty one where there is none."""
    return "" if found is None else text_in(found)
