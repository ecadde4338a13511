#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The updates of many instances."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_run
short_description: Update the links of many instances together
version_added: 0.1.0
description:
  - Schedules the updates of any number of instances and waits for them, in one process. The role
    C(jira_cloud.federation.link_update) is made of it.
  - Each update is ensured as M(jira_cloud.federation.link_update_job) does it, with the same ledger, so that a rerun schedules
    nothing that is complete or under way. An update that fails does not keep the others from being scheduled and waited for.
  - Everything is scheduled first, then waited for. Where an instance's backup is ordered with its first job, its other jobs
    are scheduled as soon as that job has been seen past V(BACKUP).
  - The task itself fails only where nothing could be done at all. Whether all updates are as they were to be, RV(verdict) and
    RV(instances) tell.
  - In check mode it shows the plan instead.
extends_documentation_fragment:
  - jira_cloud.federation.links.federation
  - jira_cloud.federation.links.api
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.waiting
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  site_ids:
    description:
      - The cloud IDs that are known already, by the name of the instance, for example RV(ignore:site_ids) of
        M(jira_cloud.federation.link_update_preflight). What is missing is looked up.
    type: dict
    default: {}
  submit:
    description:
      - Schedule what has no job. With V(false), only the jobs there are are taken up.
    type: bool
    default: true
  wait:
    description:
      - Wait for the jobs. With V(false) the task ends when everything is scheduled that may be scheduled now.
    type: bool
    default: true
attributes:
  check_mode:
    support: full
    details:
      - The sites that are not known and the status of jobs under way are looked up. Nothing is scheduled, nothing is written
        to the ledger, and nothing is waited for.
  diff_mode:
    support: partial
    details:
      - In check mode only.
  idempotent:
    support: full
    details:
      - As long as the same ledger is used, no order has C(force), and no job ended in V(ERROR).
  platform:
    support: full

requirements:
  - requests
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_job
  - module: jira_cloud.federation.link_update_preflight
  - module: jira_cloud.federation.link_update_report
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Update the links between two sites, in both directions
  jira_cloud.federation.link_update_run:
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
  delegate_to: localhost
  register: run
  failed_when: run.failed | default(false) or not run.verdict.ok
"""

RETURN = r"""
updates:
  description: Each update, and what has become of it.
  returned: when the input is right and the ledger can be read
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
    label:
      description: What messages call it.
      type: str
      sample: eu -> us
    state:
      description:
        - V(complete), V(open) (there is a job that has not ended), V(error) (it ended in V(ERROR)), V(held) (held back until the
          instance's backup is done), V(failed) (there is no job that anybody knows of), or V(absent) (there is none, and this
          task was not to schedule one).
      type: str
      sample: complete
    changed:
      description: Whether this task scheduled its job, or in check mode would.
      type: bool
      sample: true
    held:
      description: Why it is held back, or V(null).
      type: str
      sample: null
    wanted:
      description: What it is, in the words of O(orders).
      type: dict
      sample:
        product_url: https://eu.example.atlassian.net
        destination_url: https://us.example.atlassian.net
    job:
      description: See RV(jira_cloud.federation.link_update_job#module:job). V(null) when there is none.
      type: dict
      sample:
        job_id: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
        status: COMPLETE
    failure:
      description: See RV(jira_cloud.federation.link_update_job#module:failure). V(null) when there is none.
      type: dict
      sample: null
instances:
  description: The same as RV(verdict), for each instance by its name, with C(changed), C(site_id) and C(details), the messages.
  returned: when the input is right and the ledger can be read
  type: dict
  sample:
    eu:
      ok: true
      changed: true
      message: 3 of 3 jobs complete; nothing is left to do
verdict:
  description: What is done and what is not.
  returned: when RV(updates) is, outside check mode
  type: dict
  contains:
    ok:
      description:
        - Whether all is as it was to be. If jobs were waited for, nothing less than complete will do.
      type: bool
      sample: true
    message:
      description: What is done, what is not, and what to do next.
      type: str
      sample: 12 of 12 jobs complete; nothing is left to do
    counts:
      description: How many updates are in each state of RV(updates[].state).
      type: dict
      sample:
        complete: 12
        error: 0
    pairs:
      description: The labels of the updates in each state.
      type: dict
      sample:
        complete: [eu -> us, us -> eu]
        error: []
plan:
  description: What would be done.
  returned: when RV(updates) is, in check mode
  type: dict
  contains:
    actions:
      description:
        - What would be done for each update, by its label, one of V(schedule), V(attach) (wait for the job there is), V(done),
          V(retry) (schedule anew after V(ERROR)), V(again) (schedule anew what nobody knows the outcome of), V(anew) (schedule
          anew although complete), V(refused).
      type: dict
      sample:
        eu -> us: schedule
    counts:
      description: How many updates there are of each.
      type: dict
      sample:
        schedule: 1
    scheduled:
      description: How many jobs would be scheduled.
      type: int
      sample: 1
    recreating:
      description: The labels of those that need authorized application links.
      type: list
      elements: str
      sample: [eu -> us]
    app_links:
      description: These links as lines, to be checked off.
      type: list
      elements: str
      sample: ["[ ] eu  https://eu.example.atlassian.net  to: us (https://us.example.atlassian.net)"]
    text:
      description: The plan, as lines for people.
      type: list
      elements: str
      sample: ["1 job: 1 to schedule"]
progress:
  description: What was said meanwhile. Otherwise it is shown, and not returned.
  returned: when the task ran in the background, with C(async)
  type: list
  elements: dict
  contains:
    text:
      description: A line.
      type: str
      sample: eu -> us  IN_PROGRESS  25m10s
    tone:
      description: What kind of line it is, one of V(plain), V(change), V(good), V(bad), V(careful), V(aside).
      type: str
      sample: plain
msg:
  description: What happened, and what to do.
  returned: on failure
  type: str
  sample: the ledger /var/lib/ledger cannot be opened
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(invalid_option) - an option has a value that cannot be right.
        - V(missing_library) - a Python library is missing.
        - V(ledger) - the ledger cannot be opened or read.
      type: str
      sample: ledger
    message:
      description: For people. The same as RV(msg).
      type: str
      sample: See RV(msg)
    http_status:
      description: The HTTP status that was answered with, or V(null).
      type: int
      sample: null
    request_id:
      description: The id of the request, if there was one to be had; support asks for it.
      type: str
      sample: null
    job_id:
      description: Always V(null) here.
      type: str
      sample: null
"""

from ansible_collections.jira_cloud.federation.plugins.module_utils._argspec import LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._module import run_module
from ansible_collections.jira_cloud.federation.plugins.module_utils._task_run import link_update_run


def main() -> None:
    """Run as a module."""
    run_module(link_update_run, LINK_UPDATE_RUN)


if __name__ == "__main__":
    main()
