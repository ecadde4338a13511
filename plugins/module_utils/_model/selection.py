# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pairs that a run is about, where a user names some of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from .._errors import InvalidOption
from .._naming import ROLE, Naming
from .._text import counted, harmless, names
from .desired import InstanceSpec
from .links import COUNT, NOT_COUNTED, WITH_LINKS, CountedLinks
from .pairs import label_of

#: So many pairs are named to somebody who has named one that is none.
_MOST_NAMED = 12


def selected_labels(
    given: Sequence[str] | None,
    specs: Sequence[InstanceSpec],
    named: Naming = ROLE,
    links: CountedLinks = NOT_COUNTED,
) -> frozenset[str] | None:
    """The labels of the pairs that a user has named; None for all pairs.

    :param given: C(eu -> us) stands for all origins of that pair, a whole label for one of them. Blanks between the
        parts do not matter. C(with_links) stands for all pairs but those for which a census has counted no links.
    :param specs: have the pairs there are.
    :param named: what messages call the option.
    :param links: those that were counted.
    :raises InvalidOption: there is no such pair, none is named, or nobody has counted.
    """
    # Before ansible-core 2.19, a template makes an empty text of none.
    if given is None or given == [""]:
        return None
    labels = {WITH_LINKS: _with_links(specs, named, links)} if asks_for_links(given) else {}
    for spec in specs:
        for each in spec.desired:
            for name in (each.label, label_of(spec.name, each.destination)):
                labels.setdefault(_key(name), set()).add(each.label)
    strange = [harmless(each) for each in given if _key(each) not in labels]
    if strange or not given:
        there_are = [each.label for spec in specs for each in spec.desired]
        what = f"has {names(strange)}, which is not a pair of this run" if strange else "is an empty list"
        raise InvalidOption(
            f"{named('only')} {what}",
            f"use pairs of this run, for example {named.setting('only', there_are[:1])}, or leave it out. Pairs: "
            + names(there_are, _MOST_NAMED),
        )
    return frozenset(label for each in given for label in labels[_key(each)])


def hints_about_selection(
    given: Sequence[str] | None,
    specs: Sequence[InstanceSpec],
    only: Collection[str] | None,
    named: Naming,
    links: CountedLinks = NOT_COUNTED,
) -> Iterator[str]:
    """What a user should know who leaves out the pairs without links.

    :param only: the labels that are selected.
    :param links: those that were counted.
    """
    left_out = [each.label for spec in specs for each in spec.desired if each.label not in (only or ())]
    if not asks_for_links(given) or not left_out:
        return
    yield (
        f"{named('only')} is {WITH_LINKS}. Left out: {counted(len(left_out), 'pair')} without links by the census "
        f"({names(left_out, 3)}). Links in texts, such as descriptions and comments, are not counted, and only the "
        f"jobs of these pairs update them. For all pairs, leave {named('only')} out"
    )
    for count in links.counts:
        if later := [name for name, end in count.migrations.items() if end and end > count.begun_at]:
            yield (
                f"The links of {count.source} were counted before the migration to {names(later)} ended. Projects and "
                f"links that came later are not in the numbers. Count again: {COUNT}"
            )


def asks_for_links(given: Sequence[str] | None) -> bool:
    """Whether the pairs with links are among those that a user has named."""
    return any(_key(each) == WITH_LINKS for each in given or ())


def _with_links(specs: Sequence[InstanceSpec], named: Naming, links: CountedLinks) -> set[str]:
    """The pairs with links, and those that no census covers.

    :raises InvalidOption: nobody has counted.
    """
    if not links.counts:
        raise InvalidOption(
            f"{named('only')} is {WITH_LINKS}, but there is no complete census",
            f"count the links first: {COUNT}. Or leave {named('only')} out",
        )
    return {each.label for spec in specs for each in spec.desired if links.pairs.get(each.label) != 0}


def _key(name: str) -> str:
    """The name of a pair, less the blanks around what stands between its parts. Those within a name are of the name."""
    return re.sub(r" ?(->|\(from) ?", r"\1", " ".join(name.split()))
