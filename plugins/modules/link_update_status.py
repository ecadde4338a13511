#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the job of each pair is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_status
short_description: Show where the job of each pair is, during a run and after it
version_added: 0.2.0
description:
  - Shows the state of each pair of a federation, for how long, and what comes next. The playbook C(jira_cloud.federation.status)
    has this one task.
  - Reads the ledger, and nothing else. No site is asked, no credentials are read, and nothing is written. So a status is the one
    that a run last recorded. A run records a status when it changes.
  - Without O(orders), the task reads the role's variables of all hosts of the group C(link_update_group). The hosts of the play and
    C(--limit) do not matter.
  - A wrong variable is no failure here. It is shown, and so is all that can be shown without it.
  - A file as the ledger is the one on the host that does the work. Where runs are made on another host, delegate this task to it.
    The playbook does so where C(ansible_connection) of the instances leads to one.
extends_documentation_fragment:
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  federation:
    description:
      - All instances, as in O(jira_cloud.federation.link_update_run#module:federation).
      - When not set, the inventory is read.
    type: dict
  orders:
    description:
      - One dictionary for each instance whose pairs are shown. Each suboption has the value that it has for
        M(jira_cloud.federation.link_update_run), so that the same jobs are found in the ledger.
      - When not set, the inventory is read.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the instance in O(federation).
        type: str
        required: true
      product_url:
        description: Its URL as its inventory host has it, only to be compared with that of O(federation).
        type: str
      site_id:
        description: The cloud ID of its site. It is not needed where the ledger has a job of the instance.
        type: str
      destinations:
        description: The names of the instances that its links point to. When not set, all others of O(federation).
        type: list
        elements: str
      create_backup:
        description: Which jobs order a backup. With V(first), the other jobs of the instance are on hold until it is done.
        type: str
        choices: [first, always, never]
        default: first
      product:
        description: The product, V(jira) or V(confluence). When not set, it follows from the URL.
        type: str
      migrated_at:
        description: When the migration to this instance ended, as a date or an RFC 3339 time.
        type: str
      recreate_as_remote:
        description: Whether links are recreated as remote ones, V(auto), V(true) or V(false).
        type: raw
        default: auto
      wave:
        description: The migration wave that is shown.
        type: str
        default: "1"
      force:
        description: Whether the next run schedules complete jobs again. It changes only what is said to come next.
        type: bool
        default: false
      resubmit_failed:
        description: Whether the next run retries jobs that ended in V(ERROR). It changes only what is said to come next.
        type: bool
        default: true
      unknown_submission:
        description: What a run does where nobody knows whether the service accepted a job. It changes nothing here.
        type: str
        choices: [resubmit, fail]
        default: resubmit
  only:
    description:
      - The pairs to show, as in O(jira_cloud.federation.link_update_run#module:only). When not set, all pairs of O(orders).
      - Where there are RV(problems), all pairs are shown.
    type: list
    elements: str
  census_store:
    description:
      - The store of M(jira_cloud.federation.link_census), as in O(jira_cloud.federation.link_update_run#module:census_store). It is only
        read, and only where O(only) is V(with_links).
    type: str
  problems:
    description:
      - What is wrong with variables of instances. It is shown together with what is wrong with O(federation) and O(orders).
      - The task sets it when it reads the inventory. Messages then name the variables of the role.
    type: list
    elements: dict
    suboptions:
      instance:
        description: The name of the instance, or an empty text.
        type: str
        required: true
      problem:
        description: What is wrong. It begins with the name of the variable.
        type: str
        required: true
      remedy:
        description: What to do.
        type: str
        required: true
attributes:
  check_mode:
    support: full
    details:
      - It changes nothing.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
  platform:
    support: full
requirements:
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_ledger
  - module: jira_cloud.federation.link_update_run
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Show the status of all pairs of the inventory
  hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - name: Show where the jobs are
      jira_cloud.federation.link_update_status:

- name: Show the status where the runs and their ledger are on another host
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Show where the jobs are
      jira_cloud.federation.link_update_status:
      delegate_to: bastion.example.com

- name: Act on the numbers
  hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - name: Read the status of two sites that are in no inventory
      jira_cloud.federation.link_update_status:
        federation:
          eu:
            product_url: https://eu.example.atlassian.net
            migrated_from: https://jira.example.com
          us:
            product_url: https://us.example.atlassian.net
            migrated_from: https://jira.example.com
        orders:
          - name: eu
          - name: us
      register: status

    - name: Fail if a job ended in ERROR
      ansible.builtin.assert:
        that: status.counts.error == 0
"""

RETURN = r"""
pairs:
  description: The pairs, in the order of O(orders). A pair is there once for each origin of its destination.
  returned: success
  type: list
  elements: dict
  contains:
    instance:
      description: The name of the instance whose links are updated.
      type: str
      sample: eu
    destination:
      description: The name of the instance that they point to.
      type: str
      sample: us
    origin:
      description: The origin, where the destination has several. Otherwise an empty text.
      type: str
      sample: ""
    label:
      description: What messages call the pair.
      type: str
      sample: eu -> us
    state:
      description:
        - V(complete), V(open) (its job has not ended), V(error) (its job ended without success), V(held) (on hold, it has no job until
          the backup of its instance is done), V(failed) (nobody knows whether there is a job), or V(absent) (not scheduled).
      type: str
      sample: open
    status:
      description:
        - The status that a run last recorded, see RV(jira_cloud.federation.link_update_job#module:job.status). V(null) without a job,
          and while a run is just sending the request.
      type: str
      sample: IN_PROGRESS
    attempt:
      description: Counts the jobs of the pair from 1. V(null) without a job.
      type: int
      sample: 1
    job_id:
      description: The service's id of the job, or V(null).
      type: str
      sample: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
    waiting:
      description: For how many seconds the job was V(PENDING), as runs saw it. A job that has not ended counts until now.
      type: float
      sample: 42.0
    backup:
      description: The same for V(BACKUP).
      type: float
      sample: 1504.2
    running:
      description: The same for all other statuses of a job that has not ended.
      type: float
      sample: 180.5
    next:
      description: What comes next, or what to do. V(null) where there is nothing to do but to wait, and where the job is complete.
      type: str
      sample: run again to retry it
counts:
  description: How many pairs there are in each RV(pairs[].state).
  returned: success
  type: dict
  sample:
    complete: 2
    open: 4
    error: 1
    held: 5
    failed: 0
    absent: 0
wave:
  description: The wave. Several are separated by commas.
  returned: success
  type: str
  sample: "1"
ledger:
  description: Where the ledger is, without a password.
  returned: success
  type: str
  sample: /home/ann/.local/state/jira_cloud.federation/ledger.sqlite3
last_change:
  description: When a run last recorded a change of these instances, RFC 3339 in UTC, or V(null) where none did.
  returned: success
  type: str
  sample: "2026-03-01T18:52:10.500000Z"
run_at_work:
  description:
    - V(true) where a run is certainly at work. Its process is on the same machine, or it is just sending a request. Otherwise V(null),
      as the ledger does not record it.
  returned: success
  type: bool
  sample: true
problems:
  description: What is wrong with variables or options, and keeps pairs from being shown.
  returned: success
  type: list
  elements: dict
  contains:
    instance:
      description: The name of the instance, or an empty text.
      type: str
      sample: us
    problem:
      description: What is wrong.
      type: str
      sample: link_update_product_url is not set
    remedy:
      description: What to do.
      type: str
      sample: set it for this host of the inventory
text:
  description: The status, as lines for people. They are shown as well.
  returned: success
  type: list
  elements: str
  sample: ["2 of 12 jobs complete, 1 failed, 4 running, 5 on hold; wave 1; ledger /var/lib/ledger"]
failure:
  description: What went wrong, as RV(jira_cloud.federation.link_update_job#module:failure).
  returned: on failure, unless an option has a wrong type
  type: dict
progress:
  description: What was said meanwhile. Otherwise it is shown, and not returned.
  returned: when the task ran in the background, with C(async)
  type: list
  elements: dict
  contains:
    text:
      description: A line.
      type: str
      sample: "Next: nothing is left to do"
    tone:
      description: What kind of line it is, one of V(plain), V(change), V(good), V(bad), V(careful), V(aside).
      type: str
      sample: plain
msg:
  description: What happened, and what to do.
  returned: on failure
  type: str
  sample: the ledger /var/lib/ledger cannot be opened
"""

from ..module_utils._ansible.argspec import LINK_UPDATE_STATUS
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.status import link_update_status


def main() -> None:
    """Run as a module."""
    run_module(link_update_status, LINK_UPDATE_STATUS)


if __name__ == "__main__":
    main()
