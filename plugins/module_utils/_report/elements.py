# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements of a page. Whatever a name holds, it is text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from .._text import visible

#: What the labels of pairs have between two names.
_ARROW = "->"


def tag(kind: str, /, *children: Element | str, **attributes: str) -> Element:
    """An element. C(class_) stands for C(class), and C(http_equiv) for C(http-equiv)."""
    element = Element(kind, {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()})
    for child in children:
        if isinstance(child, Element):
            element.append(child)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + visible(child)
        else:
            element.text = (element.text or "") + visible(child)
    return element


def table_of(columns: Iterable[str], rows: Iterable[Element], **attributes: str) -> Element:
    """A table whose columns have names."""
    head = tag("tr", *(tag("th", name, scope="col") for name in columns))
    return tag("table", tag("thead", head), tag("tbody", *rows), **attributes)


def with_labels(text: str) -> Iterator[Element | str]:
    """The children that a text with labels of pairs becomes: no line ends within an arrow."""
    first, *others = text.split(_ARROW)
    yield first
    for other in others:
        yield tag("span", _ARROW, class_="arrow")
        yield other


def fold(text: str, *children: Element) -> Element:
    """Something that is shown on a screen when a box is ticked, and always on paper.

    What is in C(details) does not get printed by every browser.
    """
    label = tag("label", tag("input", type="checkbox"), f" {text}", class_="switch")
    return tag("div", label, *children, class_="fold")
