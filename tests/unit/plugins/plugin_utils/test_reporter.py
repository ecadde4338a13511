# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller shows while work goes on."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._reporter import DisplayReporter


def test_no_terminal_obeys_a_line_or_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    reporter = DisplayReporter()
    reporter.line("eu\x1b[2J -> us\u202e\nthe second line")
    reporter.warn("take\x07care")
    reporter.repeat({"text": "of another host\x9b31m", "tone": "plain"})
    said = capfd.readouterr().out
    assert "eu\\x1b[2J -> us\\u202e\nthe second line\n" in said
    assert "of another host\\x9b31m\n" in said
    assert "Warning: take\\x07care\n" in said
