# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report, or a census, as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def json_of(report: Mapping[str, Any]) -> str:
    """Each field on a line, and of a list each entry: short, and yet two reports can be compared line by line."""
    fields = ",\n".join(f" {_text(name)}: {_value(value)}" for name, value in report.items())
    return f"{{\n{fields}\n}}\n"


def _value(value: Any) -> str:
    return _list(value) if isinstance(value, list) and value else _text(value)


def _list(items: Iterable[Any]) -> str:
    entries = ",\n".join(f"  {_text(item)}" for item in items)
    return f"[\n{entries}\n ]"


def _text(value: Any) -> str:
    # Without an indent, Python has it done in C.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
