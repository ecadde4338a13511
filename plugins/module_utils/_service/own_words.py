# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service itself says is wrong, whichever form it has.

Of the links API, no form of an error is documented. These are inferred: C(errorMessage) and C(message) are those of its
sibling APIs and of Atlassian's gateways, C(errorMessages) and C(errors) those of Jira Cloud's REST API, C(title) and
C(detail) those of RFC 9457.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from .._text import harmless
from .shape import shape_of

#: What only an answer has that is an error.
_OF_ERRORS = ("errorMessage", "errorMessages", "errors", "error")
#: What an answer that is none may have as well.
_OF_ALL = ("message", "title", "detail")
#: Where a document repeats the HTTP status of an error.
_STATUSES = ("status", "statusCode", "code")
_STATUS_OF_ERROR = re.compile(r"\s*(?:[4-9][0-9]{2}|[1-9][0-9]{3,})(?![\w-])", re.ASCII)
#: What a reader of a page does not see: scripts, style sheets, comments, tags. What has no end lasts to the end.
_UNSEEN = re.compile(
    r"<(script|style|template|svg)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|</?[a-z!?][^>]*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def words_in(answer: Any, levels: int = 3) -> str:
    """What a JSON document says, on one line and shortened; empty where it says nothing in a form that is known.

    :param levels: how deep to look.
    """
    if not isinstance(answer, dict):
        return ""
    said = (text for name in (*_OF_ERRORS, *_OF_ALL) for text in _texts_in(answer.get(name), levels))
    return harmless("; ".join(dict.fromkeys(said)))


def is_error(answer: Any) -> bool:
    """Whether a JSON document says that it is an error, whatever the HTTP status of its answer."""
    if not isinstance(answer, dict):
        return False
    return (
        # Such as errors, error_description, Error-Code.
        any(value for name, value in answer.items() if name.lower().startswith("error"))
        or str(answer.get("success")).lower() == "false"
        or any(_STATUS_OF_ERROR.match(str(answer.get(name))) for name in _STATUSES)
    )


def outline_of(answer: Any) -> str:
    """What a JSON document looks like that cannot be used, and what it says."""
    said = words_in(answer)
    return f"{shape_of(answer)}, which says: {said}" if said else shape_of(answer)


def text_of_page(page: str) -> str:
    """What a reader sees of a page; any other text as it is."""
    return html.unescape(_UNSEEN.sub(" ", page)) if page.lstrip().startswith("<") else page


def _texts_in(value: Any, levels: int) -> Iterator[str]:
    """The texts of a field: of a list one after the other, of an object each with the name that it has there."""
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, list) and levels:
        for each in value:
            yield from _texts_in(each, levels - 1)
    elif isinstance(value, dict) and levels:
        if said := words_in(value, levels - 1):
            yield said
        else:
            yield from (f"{name}: {text}" for name, each in value.items() for text in _texts_in(each, levels - 1))
