# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in answers with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any


@dataclass(frozen=True)
class Reply:
    """An answer: a document, or a page where it is a string."""

    #: 0: none at all, the connection is closed.
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    #: It leaves that much later.
    wait_seconds: float = 0.0
    #: The connection breaks in the middle of the body.
    is_cut: bool = False


def refusal(status: int, message: str) -> Reply:
    """An error in the shape of the vendor's sibling API (inferred)."""
    return Reply(status, {"status": status, "errorMessage": message, "id": str(uuid.uuid4())})


def no_such_page() -> Reply:
    """What a web server has to say of an address that is not there."""
    return Reply(404, "<!DOCTYPE html><title>404</title><h1>Page not found</h1>")


def jira_error(status: int, message: str) -> Reply:
    """An error in the form of Jira's errors."""
    return Reply(status, {"errorMessages": [message], "errors": {}})


def moment(seconds: float) -> str:
    """A moment, given in seconds since 1970."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat()
