# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a run that its report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._model.federation import Federation
from .._model.origin import Origin
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


def shown_settings(
    federation: Federation, orders: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables less what is secret. Those that differ between instances are shown for each."""
    # Of all instances: the origins of destinations count, whether the run updates them or not.
    origins = {name: _origins(member.origins) for name, member in federation.members.items()}
    given = {key: {order["name"]: _shown(order[key]) for order in orders} for key in _SHOWN}
    by_name = {f"link_update_{key}": _common(each) for key, each in {**given, "migrated_from": origins}.items()}
    # Before ansible-core 2.19, a template makes an empty text of none.
    shown = {name: value for name, value in by_name.items() if value not in (None, "", [""])}
    return shown | {
        name: without_passwords(value, value) if isinstance(value, str) else value for name, value in settings.items()
    }


def _shown(value: Any) -> Any:
    return shown_url(value) if isinstance(value, str) and "://" in value else value


def _origins(origins: Sequence[Origin]) -> str | list[str]:
    texts = [f"{each.url} as {each.override}" if each.override else each.url for each in origins]
    return texts[0] if len(texts) == 1 else texts


def _common(values: dict[str, Any]) -> Any:
    """The value that all instances have, or each one's."""
    first = next(iter(values.values()), None)
    return first if all(each == first for each in values.values()) else values
