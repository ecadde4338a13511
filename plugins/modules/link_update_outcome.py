#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last tasks of the roles."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_outcome
short_description: Show the result of one instance, as a task of a role
version_added: 0.2.0
description:
  - The last task of each role of this collection. Outside of them it fails.
  - Says what the module of the role has done for its host in the same invocation of the role. A host fails if that left no result for
    it.
extends_documentation_fragment:
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.role_task
options:
  of:
    description:
      - V(jobs) - the host is C(changed) where a job was scheduled for it; in check mode, where one would be.
      - V(verdict) - the host is C(failed) if something is missing.
    type: str
    choices: [jobs, verdict]
    required: true
seealso:
  - module: jira_cloud.federation.link_census
  - module: jira_cloud.federation.link_check
  - module: jira_cloud.federation.link_repair
  - module: jira_cloud.federation.link_reports
  - module: jira_cloud.federation.link_update_run
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Have the role do it
  ansible.builtin.import_role:
    name: jira_cloud.federation.link_update
"""

RETURN = r"""
msg:
  description: What is done for this instance, what is not, and what to do next.
  returned: with O(of=verdict)
  type: str
  sample: "eu: 3 of 3 jobs complete; nothing is left to do"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.argspec import LINK_UPDATE_OUTCOME


def main() -> None:
    """Fail: the action plugin of the same name does the work."""
    module = AnsibleModule(argument_spec=LINK_UPDATE_OUTCOME, supports_check_mode=True)
    module.fail_json(msg="this runs on the controller only, as an action")


if __name__ == "__main__":
    main()
