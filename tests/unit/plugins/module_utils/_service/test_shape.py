# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer looks like: the names of its fields, no text that is in it, and never much."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.shape import shape_of


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        ({}, "{}"),
        ({"id": 17, "ok": True, "at": None, "part": 0.5}, "{id: number, ok: true or false, at: null, part: number}"),
        ({"uuid": "secret", "jobId": ""}, "{uuid: text, jobId: empty text}"),
        ({"data": {"job": {"id": "secret"}}}, "{data: {job: object}}"),
        ([{"id": "secret"}, 2], "list of 2"),
        ("secret", "text"),
        (None, "null"),
        ({"se cret": 1, "s" * 31: 2, "": 3}, ", ".join(["{(a name that is not shown): number"] * 1)),
    ],
)
def test_the_shape_of_an_answer(answer: Any, shape: str) -> None:
    assert shape_of(answer).startswith(shape)
    assert "secret" not in shape_of(answer)
    assert "se cret" not in shape_of(answer)


def test_a_large_answer_has_a_short_shape() -> None:
    large = {f"f{number}": {f"g{other}": 1 for other in range(100)} for number in range(100)}
    assert "f7: {g0: number" in shape_of(large)
    assert "f8" not in shape_of(large)
    assert shape_of(large).endswith("92 more}")
    assert len(shape_of(large)) < 1500
