# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking from an answer what is wanted. What is not as the reference has it is a failure, and never taken for less."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .._errors import OutcomeUnknown
from .._model.projects import is_issue_key
from .shape import shape_of

_ID = re.compile(r"[0-9]{1,18}")


class Unreadable(ValueError):
    """Something in an answer is not what the reference says."""


def reading(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads an answer; where it is not as the reference has it, the failure says what it looks like, and no text."""

    def checked(answer: Any) -> Any:
        try:
            return read(answer)
        except (LookupError, TypeError, AttributeError, Unreadable) as exc:
            what = str(exc) if isinstance(exc, Unreadable) else "an answer in a form that is not known"
            raise OutcomeUnknown(f"{what}: {shape_of(answer)}") from None

    return checked


def issue_key_in(found: Any) -> str:
    if not is_issue_key(found):
        raise Unreadable("an answer with an issue key that is none")
    return str(found)


def id_in(found: Any) -> str:
    """The id of something, which may come as a number or as a text."""
    if isinstance(found, bool) or not _ID.fullmatch(str(found)):
        raise Unreadable("an answer with an id that is no number")
    return str(found)


def list_in(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise Unreadable("an answer without a list that it has to have")
    return found


def text_in(found: Any) -> str:
    if not isinstance(found, str):
        raise Unreadable("an answer with something else in the place of a text")
    return found
