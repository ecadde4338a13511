# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of each site on the report's page: a bar, and in words how far its jobs are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .._text import names
from .elements import tag
from .looks import COMPLETE, FAILED, HELD, Look, by_severity, look_of
from .results import Report

#: Of more sites than this, those whose jobs are all complete are on one line.
_MOST_SITES = 12
_MOST_NAMED = 60


def sites_of(report: Report) -> Iterator[Element]:
    """The section of the page, with the sites that need a person first."""
    sites: dict[str, Counter[Look]] = {}
    for each in report["updates"]:
        sites.setdefault(each["instance"], Counter())[look_of(each)] += 1
    if not sites:
        return
    yield tag("h2", "Progress by site")
    worst_first = sorted(sites, key=lambda name: _urgency(sites[name]))
    done = [name for name in worst_first if len(sites) > _MOST_SITES and sites[name].keys() == {COMPLETE}]
    rows = [_site(name, sites[name]) for name in worst_first if name not in done]
    yield tag("div", *rows, id="sites")
    if done:
        jobs = sum(sites[name].total() for name in done)
        yield tag("p", f"{COMPLETE.shape} {len(done)} sites: all {jobs} jobs complete ({names(done, _MOST_NAMED)})")


def _urgency(looks: Counter[Look]) -> tuple[int, ...]:
    return (-looks[FAILED], -looks[HELD], looks[COMPLETE] - looks.total())


def _site(name: str, looks: Counter[Look]) -> Element:
    others = [look for look in by_severity(looks) if look is not COMPLETE]
    words = [f"{looks[COMPLETE]} of {looks.total()} complete", *(f"{looks[each]} {each.word}" for each in others)]
    return tag(
        "div",
        tag("b", f"{(others or [COMPLETE])[0].shape} {name}", title=name),
        tag("div", *(_bar(each, looks) for each in (COMPLETE, *others) if looks[each]), class_="track"),
        tag("span", ", ".join(words)),
        class_="site",
    )


def _bar(look: Look, looks: Counter[Look]) -> Element:
    return tag("i", class_=f"bar {look.key}", style=f"width:{100 * looks[look] / looks.total():.2f}%")
