# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pairs that a run is about, where a user names some of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._errors import InvalidOption
from .._naming import ROLE, Naming
from .._text import harmless, names
from .desired import InstanceSpec
from .pairs import label_of

#: So many pairs are named to somebody who has named one that is none.
_MOST_NAMED = 12


def selected_labels(
    given: Sequence[str] | None, specs: Sequence[InstanceSpec], named: Naming = ROLE
) -> frozenset[str] | None:
    """The labels of the pairs that a user has named; None for all pairs.

    :param given: C(eu -> us) stands for all origins of that pair, a whole label for one of them. Blanks between the
        parts do not matter.
    :param specs: have the pairs there are.
    :param named: what messages call the option.
    :raises InvalidOption: there is no such pair, or none is named.
    """
    # Before ansible-core 2.19, a template makes an empty text of none.
    if given is None or given == [""]:
        return None
    labels: dict[str, set[str]] = {}
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


def _key(name: str) -> str:
    """The name of a pair, less the blanks around what stands between its parts. Those within a name are of the name."""
    return re.sub(r" ?(->|\(from) ?", r"\1", " ".join(name.split()))
