# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page that needs nothing else: no network, no script."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from .elements import tag
from .style import STYLE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page_of(title: str, *body: Element) -> str:
    """A page with a title, as text."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", STYLE),
    )
    page = tostring(tag("html", head, tag("body", *body), lang="en"), encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{page}\n"


def rehearsal_note(is_rehearsal: bool) -> Iterator[Element]:
    """What nobody must take for the truth."""
    if is_rehearsal:
        yield tag("p", "\N{WARNING SIGN} A rehearsal. Nothing of this has happened at any site.", class_="verdict held")
