# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer looks like, for people who have to find out why it could not be read."""

from __future__ import annotations

import re
from typing import Any

#: Fields and levels that are shown at most.
_FIELDS, _LEVELS = 8, 2
#: What a field is called. Anything else may be a value, which can be secret.
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,29}", re.ASCII)
_KINDS = {str: "text", bool: "true or false", int: "number", float: "number", type(None): "null"}


def shape_of(answer: Any, levels: int = _LEVELS) -> str:
    """The names of the fields of a JSON document, and the kinds of their values; no text that is in it.

    For example C({data: {id: number}, links: list of 2}).
    """
    if isinstance(answer, dict):
        if levels == 0:
            return "object"
        shown = list(answer.items())[:_FIELDS]
        fields = [f"{_name_of(name)}: {shape_of(value, levels - 1)}" for name, value in shown]
        fields += [f"{len(answer) - _FIELDS} more"] if len(answer) > _FIELDS else []
        return "{" + ", ".join(fields) + "}"
    if isinstance(answer, list):
        return f"list of {len(answer)}"
    return "empty text" if answer == "" else _KINDS[type(answer)]


def _name_of(field: str) -> str:
    return field if _NAME.fullmatch(field) else "(a name that is not shown)"
