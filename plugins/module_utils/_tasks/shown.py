# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a run that its report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._secrets import without_passwords
from .._urls import shown_url

#: What is shown of each instance: a list, so that nothing is shown only because it was added.
_SHOWN = (
    "product",
    "product_url",
    "site_id",
    "destinations",
    "migrated_at",
    "recreate_as_remote",
    "create_backup",
    "wave",
    "force",
    "resubmit_failed",
    "unknown_submission",
    "preflight",
    "email",
)


def shown_settings(orders: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The variables less what is secret. Those that differ between instances are shown for each."""
    by_name = {f"link_update_{key}": _common({order["name"]: _shown(order[key]) for order in orders}) for key in _SHOWN}
    # Before ansible-core 2.19, a template makes an empty text of none.
    shown = {name: value for name, value in by_name.items() if value not in (None, "", [""])}
    return shown | {
        name: without_passwords(value, value) if isinstance(value, str) else value for name, value in settings.items()
    }


def _shown(value: Any) -> Any:
    return shown_url(value) if isinstance(value, str) and "://" in value else value


def _common(values: dict[str, Any]) -> Any:
    """The value that all instances have, or each one's."""
    first, *others = values.values()
    return first if all(each == first for each in others) else values
