# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters have in common."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import LinkUpdateError


def as_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the collection as a filter: its own failures become Ansible's, all others stay what they are."""

    @functools.wraps(function)
    def filtered(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except LinkUpdateError as exc:
            raise AnsibleFilterError(exc.failure.message) from exc

    return filtered
