# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stages tags leave, and who would answer a question."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._invocation import TAGS, is_unattended, stages_of

ALL = list(TAGS)


@pytest.mark.parametrize(
    ("run", "skip", "given", "stages"),
    [
        (["all"], [], set(), ALL),
        (["preflight"], [], set(), ["preflight"]),
        (["wait", "submit"], [], set(), ["submit", "wait"]),
        (["all"], ["wait"], set(), ["preflight", "submit", "report"]),
        (["preflight", "submit"], ["submit"], set(), ["preflight"]),
        (["sumbit"], [], set(), []),
        (["all"], ["always"], set(), []),
        (["all"], ["tagged"], set(), []),
        (["untagged"], [], set(), ALL),
    ],
)
def test_tags_select_stages(run: list[str], skip: list[str], given: set[str], stages: list[str]) -> None:
    assert stages_of(run, skip, given) == stages


@pytest.mark.parametrize(
    ("run", "skip", "given", "stages"),
    [
        (["links"], [], {"links"}, ALL),
        (["links", "wait"], [], {"links"}, ["wait"]),
        (["links"], ["wait"], {"links"}, ["preflight", "submit", "report"]),
        (["tagged"], [], {"links"}, ALL),
        (["other"], [], {"links"}, []),
        (["other"], [], {"always"}, ALL),
        (["untagged"], [], {"links"}, []),
        (["all"], ["all"], {"links"}, []),
        (["all"], ["all"], {"always"}, ALL),
        (["all"], [], {"never"}, []),
        (["other"], [], {"never", "x"}, []),
        (["x"], [], {"never", "x"}, ALL),
    ],
)
def test_a_tag_around_the_role_selects_all_of_it_or_none(
    run: list[str], skip: list[str], given: set[str], stages: list[str]
) -> None:
    assert stages_of(run, skip, given) == stages


@pytest.mark.parametrize(
    ("variables", "environ", "unattended"),
    [
        ({}, {}, False),
        ({}, {"AWX_ISOLATED_DATA_DIR": "/runner"}, True),
        ({"awx_job_id": 7}, {}, True),
        ({"tower_job_id": 7}, {}, True),
    ],
)
def test_nobody_answers_where_a_terminal_is_only_pretended(
    variables: dict[str, int], environ: dict[str, str], unattended: bool
) -> None:
    assert is_unattended(variables, environ) is unattended
