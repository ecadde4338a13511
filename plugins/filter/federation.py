# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The federation that inventory hosts form."""

from __future__ import annotations

DOCUMENTATION = r"""
name: federation
short_description: The federation that inventory hosts form
version_added: 0.1.0
description:
  - Reads the instances of a federation from the variables of inventory hosts, as they are.
  - The values are not checked here. P(jira_cloud.federation.pairs#filter) and the modules check them.
    M(jira_cloud.federation.link_update_run) shows all problems at once.
positional: names
options:
  _input:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  names:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Show the federation
  ansible.builtin.debug:
    msg: "{{ hostvars | jira_cloud.federation.federation(groups['federated_instances']) }}"
"""

RETURN = r"""
_value:
  description:
    - For each name a dictionary with C(product_url), C(site_id), C(migrated_from) (a URL, or a list of origins),
      C(migrated_from_override) and C(migrated_at), from the variables with C(link_update_) before these names. What is not set is
      V(null).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ..module_utils._model.federation import federation_of
from ..plugin_utils._filter import as_filter


class FilterModule:
    """The filter's entry."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"federation": as_filter(lambda hostvars, names: federation_of(names, hostvars))}
