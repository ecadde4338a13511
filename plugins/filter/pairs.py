# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pairs of one instance of a federation."""

from __future__ import annotations

DOCUMENTATION = r"""
name: pairs
short_description: The pairs that one instance forms with the others of its federation
version_added: 0.1.0
description:
  - Gives one dictionary for each origin of each destination of an instance, with the options of
    M(jira_cloud.federation.link_update_job) that depend on the pair. A destination with data of one server has one origin.
positional: product
options:
  _input:
    description: The federation, as P(jira_cloud.federation.federation#filter) gives it.
    type: dict
    required: true
  product:
    description: The name of the instance whose links are updated.
    type: str
    required: true
  destinations:
    description:
      - The names of the destinations. All the others of the federation when not set.
      - May name the product itself, for its local links.
    type: list
    elements: str
  backup:
    description: Which of the pairs order a backup. None of a Confluence does.
    type: str
    choices: [first, always, never]
    default: never
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Show the pairs of this host
  ansible.builtin.debug:
    msg: "{{ federation | jira_cloud.federation.pairs(inventory_hostname) }}"
  vars:
    federation: "{{ hostvars | jira_cloud.federation.federation(groups['federated_instances']) }}"
"""

RETURN = r"""
_value:
  description:
    - For each origin of each destination a dictionary with C(label) (as in C(eu -> us), or V(eu -> us (from jira.example.com\)) where
      the destination has several origins), C(destination) (its name), C(destination_url), C(migrated_from),
      C(migrated_from_override) (all three of the destination) and C(create_backup).
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ..module_utils._model.pairs import pairs_of
from ..plugin_utils._filter import as_filter


class FilterModule:
    """The filter's entry."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"pairs": as_filter(pairs_of)}
