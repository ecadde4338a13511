# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One check while it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from .._model.verdicts import Verdict
from .checks import CheckedLink, Form, IssueWork, Stratum


class Checking:
    """A check that this process makes. May be used by several threads."""

    number: int
    begun_at: datetime
    is_resumed: bool
    strata: tuple[Stratum, ...]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Let others go on with the check."""

    def work(self, product_url: str, after: tuple[int, int] | None = None, limit: int = 100) -> list[IssueWork]:
        """The next issues of a site that have an expectation without a verdict, by their places."""
        raise NotImplementedError

    def size(self, product_url: str) -> int:
        """How many issues of a site the check asks."""
        raise NotImplementedError

    def done(self, product_url: str) -> int:
        """How many of these have all their verdicts."""
        raise NotImplementedError

    def add(self, links: Sequence[CheckedLink]) -> None:
        """Write verdicts, all or none of them."""
        raise NotImplementedError

    def add_form(self, product_url: str, destination_url: str, form: Form) -> None:
        """Write what the links of a pair look like. The first one of a check counts."""
        raise NotImplementedError

    def tallies(self) -> dict[tuple[str, str, str], Counter[Verdict]]:
        """How often each verdict was given, by source, instance and destination."""
        raise NotImplementedError

    def findings(self) -> Iterator[CheckedLink]:
        """What is not plainly found, by instance, issue and target."""
        raise NotImplementedError

    def keep_alive(self) -> None:
        """Tell others that this process goes on, as for a long wait."""
        raise NotImplementedError

    def end(self, complete: bool, result: Mapping[str, Any]) -> None:
        """The check is made."""
        raise NotImplementedError
