# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Jira Data Center instance says of itself and its issues. One request for each call, and none changes anything.

Documented in the reference of the Jira Data Center platform's REST API, version 2. A field that the configuration of a
project hides is not in the answer, although its values exist (seen in code). A search may answer with fewer issues than
it was asked for (documented), and answers with HTTP 400 where its JQL names an issue that is gone (seen in code). The
type of the field with the epic is as users report it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .._errors import Code, LinkUpdateError
from .._model.projects import is_project_key
from .._naming import MODULE, Naming
from .._text import harmless
from .reading import Unreadable, id_in, issue_key_in, reading, text_in

if TYPE_CHECKING:
    from .data_center_session import DataCenterSession

#: The type of the field that has an issue's epic.
_EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
#: The field that has an issue's links.
_LINKS = "issuelinks"
_CUSTOM_FIELD = re.compile(r"customfield_[0-9]{1,18}")
#: More issues than any instance has.
_MOST_ISSUES = 10**9
#: How long a name is at most that is taken from an answer, and how many different ones are remembered.
_LONGEST_NAME, _NAMES = 255, 1000


class IssueLink(NamedTuple):
    """A link, as one of its two issues has it."""

    #: The same at both ends.
    link_id: str
    #: The key of the issue at the other end.
    other: str
    type: str
    #: What the type is called from this end.
    phrase: str


class Issue(NamedTuple):
    """An issue, as far as it was asked for."""

    key: str
    links: tuple[IssueLink, ...] = ()
    #: The key of the issue that this one is a sub-task of, and that of its epic.
    parent: str | None = None
    epic: str | None = None


@dataclass(frozen=True)
class IssuePage:
    """What a search has found, from the first issue on. There may be fewer issues than it asked for."""

    issues: tuple[Issue, ...]
    #: How many issues the query finds.
    total: int


class DataCenter:
    """The calls of one instance.

    :param url: its base URL, with the context path if there is one.
    :param named: what messages call the options.
    """

    def __init__(self, session: DataCenterSession, url: str, named: Naming = MODULE) -> None:
        self._session = session
        self._url = f"{url.rstrip('/')}/rest/api/2"
        self._named = named
        #: The name of a type or of a phrase, fit to be kept and shown. There are few, and each comes many times.
        self._name = lru_cache(_NAMES)(lambda name: harmless(session.clean(name), _LONGEST_NAME))

    def account(self) -> str:
        """The name of the user that the credentials belong to.

        :raises LinkUpdateError: C(unauthorized) where they are refused, or what L(Session.get) raises.
        """
        name: str = self._get("myself", lambda answer: self._name(text_in(answer["name"])))
        return name

    def projects(self) -> list[str]:
        """The keys of the projects that the account sees.

        :raises LinkUpdateError: what L(Session.get) raises.
        """
        keys: list[str] = self._get("project", lambda answer: [_project_key(each["key"]) for each in answer])
        return keys

    def epic_field(self) -> str | None:
        """The id of the field that has an issue's epic; None where there is none.

        :raises LinkUpdateError: what L(Session.get) raises.
        """
        field: str | None = self._get("field", _epic_field_in)
        return field

    def search(self, jql: str, size: int, fields: Sequence[str]) -> IssuePage:
        """The first issues that a query finds.

        :param size: how many issues to ask for.
        :param fields: C(issuelinks), C(parent) and the id of the field with the epic, as far as they are wanted.
        :raises AnswerTooLarge: a smaller page may be short enough.
        :raises OutcomeUnknown: C(http_status) is 500 or more where the server failed; a smaller page may help.
        :raises LinkUpdateError: C(http_status) is 400 where the query is not valid, for example as it names an issue
            that is gone; or 200 where an issue has no C(issuelinks), and they were asked for; or what L(Session.get)
            raises.
        """
        epic_field = next((field for field in fields if _CUSTOM_FIELD.fullmatch(field)), "")
        question = {"jql": jql, "fields": list(fields), "maxResults": size, "startAt": 0}

        def read(answer: Any) -> IssuePage:
            if _LINKS in fields:
                self._check_links(answer["issues"])
            issues = tuple(
                _issue(found["key"], found.get("fields") or {}, epic_field, self._name) for found in answer["issues"]
            )
            return IssuePage(issues, _count(answer["total"]))

        url = f"{self._url}/search"
        page: IssuePage = self._asking(lambda: self._session.query(url, question, read=reading(read)))
        return page

    def _check_links(self, issues: Sequence[Mapping[str, Any]]) -> None:
        """Refuse issues whose links are hidden: taken for issues without links, they would make the count too small.

        :raises LinkUpdateError: an issue comes without the field that has its links.
        """
        key = next((each["key"] for each in issues if _LINKS not in (each.get("fields") or ())), None)
        if key is not None:
            raise LinkUpdateError(
                f"issue {issue_key_in(key)} comes without the field Linked Issues. Jira hides it in this project",
                code=Code.REJECTED,
                advice="show the field Linked Issues in the field configurations of the project while the links are "
                f"counted, or set {self._named('file')}",
            )

    def _get(self, question: str, read: Callable[[Any], Any]) -> Any:
        return self._asking(lambda: self._session.get(f"{self._url}/{question}", read=reading(read)))

    def _asking(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except LinkUpdateError as exc:
            if exc.code is not Code.NOT_FOUND:
                raise
            advice = f"correct {self._named('url')}: there is no Jira. A context path such as /jira is part of the URL"
            raise exc.amended(advice=advice) from None


def _issue(key: Any, fields: Mapping[str, Any], epic_field: str, name: Callable[[str], str]) -> Issue:
    links, parent, epic = fields.get(_LINKS), fields.get("parent"), fields.get(epic_field)
    if links is not None and not isinstance(links, list):
        raise Unreadable("an answer with an issue whose links are no list")
    return Issue(
        issue_key_in(key),
        tuple(_link(link, name) for link in links or ()),
        issue_key_in(parent["key"]) if parent else None,
        issue_key_in(epic) if epic else None,
    )


def _link(found: Mapping[str, Any], name: Callable[[str], str]) -> IssueLink:
    link_id, kind = id_in(found["id"]), found["type"]
    end = "outward" if "outwardIssue" in found else "inward"
    other = issue_key_in(found[f"{end}Issue"]["key"])
    return IssueLink(link_id, other, name(text_in(kind["name"])), name(text_in(kind[end])))


def _project_key(found: Any) -> str:
    if not is_project_key(found):
        raise Unreadable("an answer with a project key that is none")
    return str(found)


def _count(found: Any) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _MOST_ISSUES:
        raise Unreadable("an answer whose total is no number")
    return found


def _epic_field_in(answer: Any) -> str | None:
    kinds = {each["id"]: (each.get("schema") or {}).get("custom") for each in answer}
    return next((field for field, kind in kinds.items() if kind == _EPIC_LINK and _CUSTOM_FIELD.fullmatch(field)), None)
