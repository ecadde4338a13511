# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the run, at the end of the report's page."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import Element

from .elements import fold, tag
from .results import Report

#: A variable may differ between all hosts. What is longer than this is cut off; report.json has all of it.
_MOST_OF_A_VALUE = 800


def variables_of(report: Report) -> Element:
    """The section of the page."""
    rows = [
        tag("div", tag("dt", name), tag("dd", tag("code", _shown(value)))) for name, value in report["settings"].items()
    ]
    content = fold(f"show {len(rows)} variables", tag("dl", *rows))
    return tag("section", tag("h2", "Variables of the run"), content, id="settings")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _MOST_OF_A_VALUE:
        return text
    return f"{text[:_MOST_OF_A_VALUE]} \N{HORIZONTAL ELLIPSIS} report.json has all of it"
