# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking one site for the remote links of its issues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from .._errors import Code, Failure, LedgerError, LinkUpdateError
from .._model.verdicts import Verdict
from .._service.remote_links import MOST_KEYS, RemoteLink, RemoteLinks, ResolvedIssue
from .._store.checks import CheckedLink, IssueWork
from .access import Access
from .judging import Judge, Lookup, Question
from .matching import IssueLinks
from .recorder import Recorder
from .site_work import SiteWork

_T = TypeVar("_T")

#: After one of these, every further request to the site would fail in the same way.
_REFUSED = frozenset(
    {Code.UNAUTHORIZED, Code.FORBIDDEN, Code.RATE_LIMITED, Code.TLS, Code.INVALID_OPTION, Code.MISSING_LIBRARY}
)


class Worker:
    """Asks for some of a site's issues, one after the other. Used by one thread.

    :param sites: all that are asked, by their product URLs.
    :param names: what people call each, and each other one.
    :param say: gets the name of a site and a line for each pause before something is asked for again.
    """

    def __init__(
        self,
        site: SiteWork,
        sites: Mapping[str, SiteWork],
        access: Access,
        judge: Judge,
        recorder: Recorder,
        names: Mapping[str, str],
        say: Callable[[str, str], None],
    ) -> None:
        self._site = site
        self._sites = sites
        self._access = access
        self._judge = judge
        self._recorder = recorder
        self._names = names
        self._say = say
        self._opened: dict[str, RemoteLinks] = {}

    def work(self) -> None:
        """Take issues as long as there are some."""
        while works := self._site.take():
            self._ask_for(works)

    def _ask_for(self, works: Sequence[IssueWork]) -> None:
        current = self._resolved(self._site.product_url, [each.issue for each in works])
        # Where that has failed, the issues are asked for by their old keys: Jira finds moved ones by these as well.
        known = {} if isinstance(current, Failure) else current
        open_ones: list[Question] = []
        for work in works:
            if self._site.failure:
                break
            issue = known.get(work.issue)
            is_known = issue is not None or isinstance(current, Failure)
            open_ones += self._judged_at_once(work, issue.key if issue else work.issue, is_known=is_known)
        self._look_up(open_ones)

    def _judged_at_once(self, work: IssueWork, key: str, *, is_known: bool) -> list[Question]:
        """Ask for the links of an issue. What is left where the target has to be looked up.

        :param is_known: False where the site has left the issue out when it was asked for its key.
        """
        found = self._answer(self._site.product_url, lambda issues: issues.links(key, is_known=is_known))
        if isinstance(found, Failure):
            if not self._site.failure:
                self._site.unanswered(found)
                self._record_all(work, Verdict.UNANSWERED, found.what)
            return []
        self._site.answered()
        if found is None:
            self._record_all(work, Verdict.SOURCE_ABSENT)
            return []
        questions = [*self._questions(work, found)]
        answers = [(each, self._judge.at_once(each)) for each in questions]
        self._recorder.add([answer for _question, answer in answers if answer and _counts(answer)])
        return [question for question, answer in answers if answer is None]

    def _questions(self, work: IssueWork, links: Sequence[RemoteLink]) -> Iterator[Question]:
        indexed = IssueLinks(links)
        for is_sampled, expectations in ((True, work.expectations), (False, work.others)):
            for each in expectations:
                yield Question(self._site.product_url, work, each, indexed, is_sampled)

    def _record_all(self, work: IssueWork, verdict: Verdict, note: str = "") -> None:
        """The same verdict on all links of an issue."""
        self._recorder.add([each.answered(verdict, note=note) for each in self._questions(work, ()) if each.is_sampled])

    def _look_up(self, questions: Sequence[Question]) -> None:
        """Judge the links that are not there by the keys of their targets."""
        by_site: defaultdict[str, list[Question]] = defaultdict(list)
        for each in questions:
            by_site[each.expectation.destination_url].append(each)
        for url, some in by_site.items():
            lookups = self._lookups(url, list(dict.fromkeys(each.expectation.target for each in some)))
            answers: list[CheckedLink] = []
            for each in some:
                answer = self._judge.with_target(each, lookups(each.expectation.target), final=self._site.is_final)
                if answer is None:
                    self._site.has_doubts = True
                elif _counts(answer):
                    answers.append(answer)
            self._recorder.add(answers)

    def _lookups(self, url: str, targets: Sequence[str]) -> Callable[[str], Lookup]:
        """What the site of some targets says of each."""
        if not self._access.takes_part(url):
            skipped = Lookup(skipped=f"the target was not looked up: {self._names[url]} takes no part in this check")
            return lambda _target: skipped
        known: dict[str, ResolvedIssue] = {}
        failed: dict[str, str] = {}
        for first in range(0, len(targets), MOST_KEYS):
            some = targets[first : first + MOST_KEYS]
            found = self._resolved(url, some)
            if isinstance(found, Failure):
                failed |= dict.fromkeys(some, found.what)
            else:
                known |= found
        return lambda target: Lookup(known.get(target), failed=failed.get(target, ""))

    def _resolved(self, url: str, keys: Sequence[str]) -> dict[str, ResolvedIssue] | Failure:
        return self._answer(url, lambda issues: issues.resolve(keys))

    def _answer(self, url: str, ask: Callable[[RemoteLinks], _T]) -> _T | Failure:
        """What a site answers, or why it does not.

        :raises LedgerError: the check cannot go on.
        """
        site = self._sites.get(url)
        if site and site.failure:
            return site.failure
        try:
            if url not in self._opened:
                self._opened[url] = self._access.issues(url)
            issues = self._opened[url]
            return self._access.ask(lambda: ask(issues), lambda text: self._say(self._names[url], text))
        except LedgerError:
            raise
        except LinkUpdateError as exc:
            if site and exc.code in _REFUSED:
                site.stop(exc.failure)
            return exc.failure


def _counts(answer: CheckedLink) -> bool:
    """Whether an answer is written: a link outside the sample is only where it is not there."""
    return answer.is_sampled or answer.verdict not in (Verdict.FOUND, Verdict.DUPLICATE, Verdict.UNANSWERED)
