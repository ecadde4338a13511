# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates missing links. Each is written down before it is sent, and its id after, so that none is created twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from .._clock import Clock
from .._errors import LedgerError, LinkUpdateError, OutcomeUnknown
from .._service.remote_links import NewLink, RemoteLink, RemoteLinks, ResolvedIssue
from .._store.checks import Form
from .._store.repair_store import RepairStore
from .._store.repairing import Repairing
from .._store.repairs import Repair, RepairLink, RepairState
from .._text import counted, names
from .._urls import short_url
from .addresses import Addresses
from .matching import IssueLinks, Target
from .missing import MissingLink
from .removals import removed_at
from .repair_outcome import Fate, Outcome
from .repair_sites import RepairSites, Resolved, Site

#: The kind of links that this collection makes where no link of Jira shows how those look.
OWN_KIND = "jira_cloud.federation"
#: The most remote links that an issue of a site can have. Documented.
_MOST_LINKS = 2000
#: What is said of a request whose answer nobody knows.
_UNKNOWN = "run again: it looks first whether the link is there"


@dataclass(frozen=True)
class Places:
    """Where new links lead, and what the links between the same sites look like."""

    resolved: Resolved
    addresses: Addresses
    #: By the URLs of the two sites of a pair.
    forms: Mapping[tuple[str, str], Form | None]

    def target(self, link: MissingLink, issue: ResolvedIssue) -> Target:
        """What a link has to lead to."""
        form = self.forms[link.product_url, link.destination_url]
        keys = frozenset({link.target, issue.key.upper()})
        return Target(keys, self.addresses.instances[link.destination_url], issue.issue_id, form.app_id if form else "")

    def new_link(self, link: MissingLink, issue: ResolvedIssue) -> NewLink:
        """The link that is created: as Jira makes it, or of a kind of its own."""
        form = self.forms[link.product_url, link.destination_url]
        site = short_url(link.destination_url)
        return NewLink(
            global_id=f"appId={form.app_id}&issueId={issue.issue_id}"
            if form
            else f"{OWN_KIND}&site={site}&issueId={issue.issue_id}",
            url=f"{link.destination_url}/browse/{issue.key}",
            title=issue.key,
            relationship=link.relationship,
            application_type=form.application_type if form else OWN_KIND,
            application_name=form.application_name if form else site,
        )


@dataclass(frozen=True)
class _Work:
    """One link that is to be created."""

    link: MissingLink
    #: The issue that has to have it, and the one that it leads to.
    issue: ResolvedIssue
    target: ResolvedIssue
    api: RemoteLinks
    new: NewLink
    #: What an earlier repair has written down of it.
    earlier: Repair | None

    @property
    def intended(self) -> Repair | None:
        """What an earlier repair has perhaps sent: nobody knows whether the link was created."""
        return self.earlier if self.earlier and self.earlier.state is RepairState.INTENDED else None

    def as_intended(self) -> _Work:
        """The same link, as it was perhaps sent."""
        if (sent := self.intended) is None:
            return self
        new = replace(self.new, global_id=sent.global_id, relationship=sent.relationship, url=sent.url)
        return replace(self, new=new)


class Creator:
    """Creates links, one after the other. May be used by several threads.

    :param repairing: None in check mode: then nothing is sent, and nothing written down.
    """

    def __init__(
        self, sites: RepairSites, places: Places, repairs: RepairStore, repairing: Repairing | None, clock: Clock
    ) -> None:
        self._sites = sites
        self._places = places
        self._repairs = repairs
        self._repairing = repairing
        self._clock = clock
        #: By the URL of a site: the ids of the links that an undo has removed there.
        self._undone: dict[str, set[int]] = {}
        for each in repairs.every({url for url, _destination in places.forms}):
            if each.state is RepairState.UNDONE and each.link_id is not None:
                self._undone.setdefault(each.product_url, set()).add(each.link_id)

    def act(self, site: Site, link: MissingLink) -> Outcome:
        """Create one link, unless there is a reason not to.

        :raises LinkUpdateError: that was not possible.
        """
        issue = self._places.resolved.get((link.product_url, link.issue))
        target = self._places.resolved.get((link.destination_url, link.target))
        if issue is None:
            return link.outcome(Fate.SKIPPED, _absent(link.issue, link.instance))
        if target is None:
            return link.outcome(Fate.SKIPPED, _absent(link.target, link.destination))
        earlier = self._repairs.latest(link.product_url, link.issue, link.target)
        new = self._places.new_link(link, target)
        return self._created(_Work(link, issue, target, self._sites.links(site), new, earlier).as_intended())

    def _created(self, work: _Work) -> Outcome:
        link, repairing = work.link, self._repairing
        there = self._sites.ask(partial(work.api.links, work.issue.key))
        if there is None:
            return link.outcome(Fate.SKIPPED, _absent(link.issue, link.instance))
        if work.intended and (ours := _of_ours(there, work.new)):
            return self._recorded(work, work.intended, ours)
        if reason := self._reason_against(work, there):
            if work.intended and repairing:
                repairing.not_created(work.intended.number)
            return link.outcome(Fate.SKIPPED, reason, work.new.url)
        if repairing:
            return self._send(work, repairing)
        return _as_created(work)

    def _reason_against(self, work: _Work, there: Sequence[RemoteLink]) -> str:
        """Why a link is not created; empty if it is."""
        link, links = work.link, IssueLinks(there)
        target, old = self._places.target(link, work.target), self._places.addresses.sources[link.server]
        if links.to(target, old):
            return "the link is there"
        if links.at(target.keys, old):
            return f"a link to it is there that leads to {short_url(link.server)}"
        if _of_ours(there, work.new):
            # To send it would change that one.
            return "a link with the same globalId is there, and leads elsewhere"
        if work.earlier and work.earlier.state is RepairState.CREATED:
            return "a repair has created it, and somebody has removed it since"
        if len(there) >= _MOST_LINKS:
            return f"the issue has {len(there):,} remote links, the most that an issue can have"
        changes = work.api.changes(work.issue.key, self._sites.ask)
        removed = removed_at(changes, target.keys, self._undone.get(link.product_url, ()))
        return f"somebody removed it on {removed:%Y-%m-%d}" if removed else ""

    def _send(self, work: _Work, repairing: Repairing) -> Outcome:
        written: list[Repair] = []
        try:
            self._sites.send(partial(self._send_once, work, repairing, written))
        except OutcomeUnknown as exc:
            there = self._sites.ask(partial(work.api.links, work.issue.key))
            ours = _of_ours(there or (), work.new)
            if not written or not ours:
                raise exc.amended(advice=_UNKNOWN) from None
            return self._recorded(work, written[-1], ours)
        except LedgerError:
            raise
        except LinkUpdateError:
            # A clear no.
            if written:
                repairing.not_created(written[-1].number)
            raise
        return _as_created(work)

    def _send_once(self, work: _Work, repairing: Repairing, written: list[Repair]) -> None:
        """Write down what is sent, send it, and write down its id.

        :param written: gets what was written down.
        """

        def intend() -> None:
            written.append(repairing.intend(_as_written(work)))

        with self._clock.uninterrupted():
            link_id = work.api.create(work.issue.key, work.new, before_sending=intend)
            repairing.created(written[-1].number, link_id)

    def _recorded(self, work: _Work, intended: Repair, ours: RemoteLink) -> Outcome:
        """The outcome of a link that was sent, and has got its id only now."""
        if self._repairing:
            self._repairing.created(intended.number, ours.link_id)
        return _as_created(work)


def _as_created(work: _Work) -> Outcome:
    phrases = [phrase for _type, phrase in work.link.phrases]
    types = f"the census has {counted(len(phrases), 'type')} of it ({names(phrases)}), the first one counts"
    return work.link.outcome(Fate.CREATED, types if len(phrases) > 1 else "", work.new.url)


def _as_written(work: _Work) -> RepairLink:
    link, new = work.link, work.new
    return RepairLink(
        server=link.server,
        product_url=link.product_url,
        destination_url=link.destination_url,
        issue=link.issue,
        target=link.target,
        global_id=new.global_id,
        relationship=new.relationship,
        url=new.url,
    )


def _of_ours(there: Iterable[RemoteLink], new: NewLink) -> RemoteLink | None:
    """The link that was sent, if it is there."""
    return next((each for each in there if each.global_id == new.global_id), None)


def _absent(issue: str, instance: str) -> str:
    return f"{issue} is not at {instance}, or the account does not see it"
