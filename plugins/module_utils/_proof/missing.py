# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links that are to be created: those of a file of findings that a complete census expects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .._errors import InvalidOption
from .._model.federation import Federation
from .._model.projects import split_key
from .._model.sources import sources_of
from .._store.expectations import Expectation
from .._store.store import CensusStore
from .._text import counted, names
from .censuses import complete_censuses
from .findings import Finding
from .repair_outcome import Fate, Outcome

#: So many lines are named.
_MOST_NAMED = 5


@dataclass(frozen=True)
class MissingLink:
    """A link that is to be created."""

    instance: str
    destination: str
    #: The base URL of the Data Center instance that had it.
    server: str
    product_url: str
    destination_url: str
    issue: str
    target: str
    #: What the census has, at least one: the types of the links, each with what the issue calls it.
    phrases: tuple[tuple[str, str], ...]

    @property
    def relationship(self) -> str:
        """What the link is called."""
        return self.phrases[0][1]

    def outcome(self, fate: Fate, reason: str = "", url: str = "") -> Outcome:
        """What became of it."""
        leads_to = url or f"{self.destination_url}/browse/{self.target}"
        return Outcome(
            fate, self.instance, self.destination, self.issue, self.target, self.relationship, leads_to, reason
        )


class Expected:
    """The links that the last complete census of each source expects.

    :raises LinkUpdateError: there is a source without one.
    """

    def __init__(self, store: CensusStore, federation: Federation) -> None:
        self._store = store
        self._names = {each.product_url: name for name, each in federation.members.items()}
        self._urls = {name: url for url, name in self._names.items()}
        self._generations = complete_censuses(store, federation, sources_of(federation))
        #: The site of each project, by its source and key.
        self._sites = {
            (each.project.source, each.project.key): each.project.product_url
            for generation in self._generations.values()
            for each in store.progress(generation)
        }

    def missing(self, about: str, findings: Iterable[Finding]) -> list[MissingLink]:
        """The links that findings name.

        :param about: what messages call the file.
        :raises InvalidOption: one is not expected.
        """
        found = [(each, next(self._links(each), None)) for each in findings]
        if strange := [f"line {each.line} ({each.issue} -> {each.target})" for each, link in found if link is None]:
            raise InvalidOption(
                f"{about} has {counted(len(strange), 'line')} that the last complete census does not expect: "
                f"{names(strange, _MOST_NAMED)}",
                "use the findings of a check of this federation, or check again if the links were counted again since",
            )
        return [link for _finding, link in found if link]

    def _links(self, finding: Finding) -> Iterator[MissingLink]:
        """The link of a finding, in each source that has it."""
        for server, generation in self._generations.items():
            if self._site(server, finding.issue) == self._urls[finding.instance]:
                expectation = self._store.expectation(generation, server, finding.issue, finding.target)
                if expectation:
                    yield self._link(server, finding.instance, expectation)

    def _link(self, server: str, instance: str, expectation: Expectation) -> MissingLink:
        destination_url = str(self._site(server, expectation.target))
        return MissingLink(
            instance,
            self._names[destination_url],
            server,
            str(self._urls[instance]),
            destination_url,
            expectation.issue,
            expectation.target,
            expectation.phrases,
        )

    def _site(self, server: str, key: str) -> str | None:
        return self._sites.get((server, split_key(key)[0]))
