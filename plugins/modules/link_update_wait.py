#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many jobs, waited for."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_wait
short_description: Wait for link-update jobs
version_added: 0.1.0
description:
  - Waits until each of several link-update jobs has ended, showing each change of a status.
  - Fails when a job ended in V(ERROR) or another word for a failure, when one cannot be polled any more, or when O(wait_timeout) has passed; never before the
    other jobs have ended or the timeout has passed.
  - Never schedules anything. A task that failed or was killed can be repeated at any time.
  - Keeps polling while the network is away or the service is overloaded, until the timeout has passed.
options:
  jobs:
    description:
      - The jobs.
    type: list
    elements: dict
    required: true
    suboptions:
      site_id:
        description:
          - The cloud ID of the site whose links the job updates.
        type: str
        required: true
      job_id:
        description:
          - The service's id of the job.
        type: str
        required: true
      label:
        description:
          - What progress lines and messages call the job.
          - When not set, O(jobs[].job_id).
        type: str
extends_documentation_fragment:
  - jira_cloud.federation.links.account
  - jira_cloud.federation.links.api
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.waiting
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
attributes:
  check_mode:
    support: full
    details:
      - Polls each job once and does not wait. A job that has not ended is no failure then.
  diff_mode:
    support: N/A
    details:
      - It changes nothing but what the ledger knows of the jobs' statuses.
  idempotent:
    support: full
  platform:
    support: full
requirements:
  - requests
  - urllib3
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_job
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Wait for two jobs, at most for an hour
  jira_cloud.federation.link_update_wait:
    jobs:
      - site_id: 11223344-a1b2-3b33-c444-def123456789
        job_id: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
        label: eu -> us
      - site_id: 11223344-a1b2-3b33-c444-def123456789
        job_id: 7c9e6679-7425-40de-944b-e07fc1f90ae7
        label: eu -> ap
    wait_timeout: 3600
  delegate_to: localhost
"""

RETURN = r"""
jobs:
  description: The jobs in the order given, each with its last known status.
  returned: always, also on failure; empty when an option is wrong
  type: list
  elements: dict
  contains:
    site_id:
      description: As given.
      type: str
      sample: 11223344-a1b2-3b33-c444-def123456789
    job_id:
      description: As given.
      type: str
      sample: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
    label:
      description: As given, or the job's id.
      type: str
      sample: eu -> us
    status:
      description:
        - The last known status, as RV(jira_cloud.federation.link_update_job#module:job.status).
        - V(null) when the service was never able to tell.
      type: str
      sample: COMPLETE
failure:
  description:
    - What went wrong, as RV(jira_cloud.federation.link_update_job#module:failure). When several jobs failed for several reasons,
      V(job_error) goes before the reasons why jobs cannot be polled, and these before V(timeout).
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description: See RV(jira_cloud.federation.link_update_job#module:failure.code).
      type: str
      sample: timeout
    message:
      description: For people. The same as RV(msg).
      type: str
      sample: See RV(msg)
    http_status:
      description: The HTTP status that the service answered with, or V(null).
      type: int
      sample: 401
    request_id:
      description: The service's id of the request, if it gave one.
      type: str
      sample: 0f8fad5b-d9cb-469f-a165-70867728950e
    job_id:
      description: The id of the job, when the failure is about one only.
      type: str
      sample: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
progress:
  description: The lines of progress. Without C(async) they are shown, and not returned.
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
  description: What happened, to which jobs, and what to do.
  returned: on failure
  type: str
  sample: >-
    timeout after 1h00m with eu -> us IN_PROGRESS. The jobs go on at the service; a rerun waits for them again and schedules nothing
    twice
"""

from ..module_utils._ansible.argspec import LINK_UPDATE_WAIT
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.wait import link_update_wait


def main() -> None:
    """Run as a module."""
    run_module(link_update_wait, LINK_UPDATE_WAIT)


if __name__ == "__main__":
    main()
