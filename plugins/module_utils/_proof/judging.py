# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on each link that an issue must have, from the links that it has. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .._model.verdicts import Verdict
from .._service.remote_links import RemoteLink, ResolvedIssue
from .._store.checks import CheckedLink, IssueWork, PlacedExpectation
from .._text import harmless
from .._urls import shown_url
from .addresses import Addresses
from .forms import Forms
from .matching import IssueLinks, Target, ids_in


@dataclass(frozen=True)
class Question:
    """Whether an issue has one of the links that it must have."""

    product_url: str
    work: IssueWork
    expectation: PlacedExpectation
    links: IssueLinks
    #: False where the link is outside the sample.
    is_sampled: bool = True

    @property
    def phrases(self) -> list[str]:
        """What the issue calls the links."""
        return list(dict.fromkeys(phrase for _type, phrase in self.expectation.phrases))

    def answered(
        self, verdict: Verdict, *, relationship: str | None = None, url: str | None = None, note: str = ""
    ) -> CheckedLink:
        """The answer.

        :param relationship: of the link that is there; if none is, what the census has.
        :param url: where the link leads; if none is there, where it has to lead.
        """
        expectation = self.expectation
        shown = url_of(expectation.destination_url, expectation.target) if url is None else shown_url(url)
        return CheckedLink(
            self.work.server,
            self.product_url,
            expectation.destination_url,
            self.work.issue,
            expectation.target,
            verdict,
            ", ".join(self.phrases) if relationship is None else harmless(relationship),
            shown,
            note,
            self.is_sampled,
        )


@dataclass(frozen=True)
class Lookup:
    """What the site of a target said of it."""

    #: None where it is not there, or was not asked for.
    issue: ResolvedIssue | None = None
    #: Why it was not asked for; empty where it was.
    skipped: str = ""
    #: Why there was no answer; empty where there was one.
    failed: str = ""


class Judge:
    """Gives verdicts."""

    def __init__(self, addresses: Addresses, forms: Forms) -> None:
        self._addresses = addresses
        self._forms = forms

    def at_once(self, question: Question) -> CheckedLink | None:
        """That a link is there; None where the target has to be looked up first."""
        return self._found(question, self._target(question, Lookup()))

    def with_target(self, question: Question, lookup: Lookup, *, final: bool) -> CheckedLink | None:
        """The verdict on a link that is not there by the key of its target.

        :param final: whether no more links are read. None where a link that is read later may decide.
        """
        target = self._target(question, lookup)
        if found := self._found(question, target):
            return found
        if stale := self._stale(question, target):
            note = f"there are {len(stale)} of them" if len(stale) > 1 else ""
            return question.answered(Verdict.STALE, relationship=stale[0].relationship, url=stale[0].url, note=note)
        if lookup.failed:
            return question.answered(Verdict.UNANSWERED, note=f"the site of the target: {lookup.failed}")
        if not lookup.issue and not lookup.skipped:
            return question.answered(Verdict.TARGET_ABSENT)
        if not final and self._is_open(question, target):
            return None
        url = url_of(question.expectation.destination_url, lookup.issue.key) if lookup.issue else None
        notes = [lookup.skipped, *self._elsewhere(question, target)]
        return question.answered(Verdict.MISSING, url=url, note="; ".join(filter(None, notes)))

    def _target(self, question: Question, lookup: Lookup) -> Target:
        destination_url, issue = question.expectation.destination_url, lookup.issue
        return Target(
            frozenset({question.expectation.target.upper(), *([issue.key.upper()] if issue else [])}),
            self._addresses.instances[destination_url],
            issue.issue_id if issue else "",
            self._forms.app_id(question.product_url, destination_url),
        )

    def _found(self, question: Question, target: Target) -> CheckedLink | None:
        links = question.links.to(target, self._addresses.sources[question.work.server])
        if not links:
            return None
        self._learn(question, target)
        relationships = [_normalised(each.relationship) for each in links]
        if len(links) > len(question.phrases) or len(set(relationships)) < len(links):
            verdict, note = Verdict.DUPLICATE, f"there are {len(links)} of them"
        else:
            verdict, note = Verdict.FOUND, ""
        notes = [note, *_other_relationship(question, links)]
        if self._stale(question, target):
            notes.append("a link to the old base URL is there as well")
        first = links[0]
        return question.answered(
            verdict, relationship=first.relationship, url=first.url, note="; ".join(filter(None, notes))
        )

    def _learn(self, question: Question, target: Target) -> None:
        """See what links to the destination look like. Only those count whose address leads there."""
        for link in question.links.at(target.keys, target.bases):
            self._forms.learn(question.product_url, question.expectation.destination_url, link)

    def _stale(self, question: Question, target: Target) -> list[RemoteLink]:
        """The links to the target that still lead to the old base URL. The destination may have that as an alias."""
        current = question.links.at(target.keys, target.bases)
        old = question.links.at(target.keys, self._addresses.sources[question.work.server])
        return [each for each in old if each not in current]

    def _is_open(self, question: Question, target: Target) -> bool:
        """Whether there is a link whose global id has the id of the target, and what leads to its instance is not known
        yet: no link to it was found so far.
        """
        links = question.links.with_id(target.issue_id) if target.issue_id and not target.app_id else []
        return any(ids_in(each.global_id)[0] for each in links)

    def _elsewhere(self, question: Question, target: Target) -> Iterator[str]:
        """A link that is perhaps the one that is missing."""
        for link in question.links.with_key(target.keys):
            known = self._addresses.place_of(link.url)
            what = f", another {known}" if known else ". If that is the same site, set link_update_aliases to its URL"
            yield f"a link leads to {shown_url(link.url)}{what}"
            return


def url_of(product_url: str, key: str) -> str:
    """Where a link to an issue has to lead."""
    return f"{product_url}/browse/{key}"


def _other_relationship(question: Question, links: Sequence[RemoteLink]) -> Iterator[str]:
    """What to say of a link that is called otherwise than in the census."""
    expected = {_normalised(each) for each in question.phrases}
    other = [each.relationship for each in links if _normalised(each.relationship) not in expected]
    if other:
        yield f"the relationship is '{harmless(other[0])}', in the census it is '{', '.join(question.phrases)}'"


def _normalised(relationship: str) -> str:
    return relationship.strip().casefold()
