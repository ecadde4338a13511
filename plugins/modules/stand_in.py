#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the service, for the time of one run."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stand_in
short_description: Start a stand-in for the service, to rehearse link updates
version_added: 0.1.0
description:
  - Starts a small web server on a loopback address of the controller that answers as Atlassian's link-fixing API, and as the
    cloud sites of a federation, as far as this collection needs it. The playbook C(jira_cloud.federation.rehearse) uses it.
  - It ends with the run of C(ansible-playbook) that started it, and keeps nothing on disk.
  - It always runs on the controller, wherever the task is delegated to.
options:
  sites:
    description:
      - The sites that exist, by the name of the instance, each with C(product_url) and, if it is to be a certain one,
        C(site_id). The output of P(jira_cloud.federation.federation#filter) will do.
      - When not set, every host is a site.
    type: dict
  queue_seconds:
    description: How long a job waits in the queue at least, in seconds. When not set, 1.
    type: float
  backup_seconds:
    description: How long a backup takes, in seconds. When not set, 2.
    type: float
  run_seconds:
    description: How long a job takes once it is started, in seconds. When not set, 3.
    type: float
  parallel:
    description:
      - Let the jobs of one site run side by side, instead of one after the other. The vendor does not document which it is.
    type: bool
  fail:
    description:
      - Pairs, as in V(eu -> us), one of whose jobs ends in V(ERROR) for each time that it is named here.
    type: list
    elements: str
  retry:
    description: Pairs whose jobs go through the status V(RETRY).
    type: list
    elements: str
  not_admin:
    description: Names of instances where the account is not a Jira admin.
    type: list
    elements: str
  linking_off:
    description: Names of instances where issue linking is switched off.
    type: list
    elements: str
  rate_limit:
    description:
      - Two numbers, of requests and of seconds. More requests to the API in that time, by all clients together, are answered
        with HTTP 429.
      - When not set, there is no limit.
    type: list
    elements: float
  ledger:
    description:
      - A file for the ledger of the rehearsal, to be used again by another one. When not set, a file that is removed at the end of
        the run.
    type: path
extends_documentation_fragment:
  - jira_cloud.federation.links.attributes
attributes:
  check_mode:
    support: full
    details:
      - It does the same, as it changes nothing.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: N/A
    details:
      - Each call starts a stand-in of its own.
  platform:
    support: full
  action:
    description: Has an action plugin of the same name, which does the work in the controller.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
seealso:
  - module: jira_cloud.federation.link_update_job
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Start a stand-in
  jira_cloud.federation.stand_in:
    sites: "{{ hostvars | jira_cloud.federation.federation(groups['federated_instances']) }}"
    fail:
      - eu -> us
  register: stage

- name: Rehearse one update
  jira_cloud.federation.link_update_job:
    product_url: https://eu.example.atlassian.net
    destination_url: https://us.example.atlassian.net
    migrated_from: https://jira.example.com
    stand_in_url: "{{ stage.url }}"
    ledger: "{{ stage.ledger }}"
"""

RETURN = r"""
url:
  description: For O(jira_cloud.federation.link_update_job#module:stand_in_url).
  returned: success
  type: str
  sample: http://127.0.0.1:40123
ledger:
  description: For O(jira_cloud.federation.link_update_job#module:ledger), absolute.
  returned: success
  type: str
  sample: /home/me/.ansible/tmp/ansible-local-4242abcdef/rehearsal.sqlite3
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.jira_cloud.federation.plugins.module_utils._argspec import STAND_IN


def main() -> None:
    """Run as a module, which happens only where the action plugin was got round."""
    module = AnsibleModule(argument_spec=STAND_IN, supports_check_mode=True)
    module.fail_json(msg="stand_in runs on the controller only, as an action")


if __name__ == "__main__":
    main()
