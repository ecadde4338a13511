#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first task of the roles."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_read
short_description: Read what is asked for one instance, as a task of a role
version_added: 0.2.0
description:
  - The first task of each role of this collection. Outside of them it fails.
  - Reads the role's variables of its host, wherever they are set, and checks each. A wrong variable is no failure here. The second
    task of the role shows the wrong variables of all hosts in one table, and then does nothing else.
extends_documentation_fragment:
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.role_task
seealso:
  - module: jira_cloud.federation.link_census
  - module: jira_cloud.federation.link_check
  - module: jira_cloud.federation.link_repair
  - module: jira_cloud.federation.link_reports
  - module: jira_cloud.federation.link_update_run
  - module: jira_cloud.federation.link_update_outcome
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Have the role do it
  ansible.builtin.import_role:
    name: jira_cloud.federation.link_update
"""

RETURN = r"""
invocation_id:
  description: The identity of this invocation of the role, the same for all hosts.
  returned: where a stage is selected
  type: str
  sample: 0242ac12-0002-1f0e-9c3b-0000000000a7
nonce:
  description: A text that no other reading of a host has.
  returned: where a stage is selected
  type: str
  sample: 3f2a91c07d5e8b46
sealed:
  description: What was read, encrypted with a key that this run of Ansible keeps in memory.
  returned: where a stage is selected
  type: str
  sample: gAAAAABo
"""

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Fail: the action plugin of the same name does the work."""
    AnsibleModule(argument_spec={}, supports_check_mode=True).fail_json(
        msg="this runs on the controller only, as an action"
    )


if __name__ == "__main__":
    main()
