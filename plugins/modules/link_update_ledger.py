#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger has recorded."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_ledger
short_description: Show what the ledger of link updates has recorded, and forget or record an entry on purpose
version_added: 0.1.0
description:
  - Shows every attempt to schedule a link update that the ledger has, with the job it came to.
  - Can remove one entry. The next run then schedules its update as if that attempt had never been made. Use it when you have
    looked at the site and know better than the ledger. The job at the service is not changed.
  - Can record a job that the ledger does not know, because its id could not be written down, or because somebody has scheduled
    it with another program. The next run waits for it.
  - Sends nothing to the service.
options:
  wave:
    description:
      - Show only the entries of this wave.
    type: str
  forget:
    description:
      - The entry to remove, as RV(entries[].entry) names it.
    type: str
  record:
    description:
      - A job to record, by the id that the service gave it, and what it was scheduled with. A run that could not write an id down
        shows the command that does so.
      - It completes the entry of the request whose answer was never recorded, or makes a new one. It is refused if the update
        has another job that has not failed, if the job is recorded for another update, and while a run is sending the
        request.
      - Not together with O(forget).
    type: dict
    suboptions:
      job_id:
        description:
          - The id that the service gave the job.
        type: str
        required: true
      product_url:
        description:
          - The URL of the product whose links are updated.
        type: str
        required: true
      site_id:
        description:
          - The cloud ID of the product's site. Nothing is looked up; it may be left out where other entries of the ledger have it.
        type: str
      destination_url:
        description:
          - The URL that they point to.
        type: str
        required: true
      migrated_from:
        description:
          - The base URL of the instance that was migrated to the destination.
        type: str
        required: true
      migrated_from_override:
        description:
          - The base URL of the production instance, if it was given.
        type: str
      create_backup:
        description:
          - Whether the job was ordered with a backup.
        type: bool
      product:
        description:
          - The product, V(jira) or V(confluence). When not set, it follows from O(record.product_url).
        type: str
      recreate_as_remote:
        description:
          - Whether links are recreated as remote ones. V(auto) means the same as for M(jira_cloud.federation.link_update_job).
        type: raw
        default: auto
      wave:
        description:
          - The migration wave.
        type: str
        default: "1"
extends_documentation_fragment:
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
attributes:
  check_mode:
    support: full
    details:
      - Shows what would be there after O(forget) or O(record), and changes nothing.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - An entry that was forgotten cannot be forgotten again; that fails. A job that is recorded already is left as it is.
  platform:
    support: full
requirements:
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_job
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Show what was scheduled in the second wave
  jira_cloud.federation.link_update_ledger:
    wave: "2"
  delegate_to: localhost

- name: Forget an attempt
  jira_cloud.federation.link_update_ledger:
    forget: 3f2a91c0.1
  delegate_to: localhost

- name: Record a job that was scheduled with curl
  jira_cloud.federation.link_update_ledger:
    record:
      job_id: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
      site_id: 11223344-a1b2-3b33-c444-def123456789
      product_url: https://eu.example.atlassian.net
      destination_url: https://us.example.atlassian.net
      migrated_from: https://jira.example.com
  delegate_to: localhost
"""

RETURN = r"""
entries:
  description: The attempts, in the order in which they were made.
  returned: success
  type: list
  elements: dict
  contains:
    entry:
      description: A short name for the entry, for O(forget).
      type: str
      sample: 3f2a91c0.1
    wave:
      description: The wave, as in all fields that follow up to RV(entries[].create_backup) what the update was given.
      type: str
      sample: "1"
    product:
      description: The product.
      type: str
      sample: jira
    product_url:
      description: The URL of the product whose links are updated.
      type: str
      sample: https://eu.example.atlassian.net
    destination_url:
      description: The URL that they point to.
      type: str
      sample: https://us.example.atlassian.net
    migrated_from:
      description: The base URL of the instance that was migrated to the destination.
      type: str
      sample: https://jira.example.com
    migrated_from_override:
      description: The base URL of the production instance, or V(null).
      type: str
      sample: null
    site_id:
      description: The cloud ID of the product's site.
      type: str
      sample: 11223344-a1b2-3b33-c444-def123456789
    recreate_as_remote:
      description: Whether links are recreated as remote ones.
      type: bool
      sample: true
    create_backup:
      description: Whether the job was ordered with a backup.
      type: bool
      sample: false
    attempt:
      description: Counts the jobs of the update from 1.
      type: int
      sample: 1
    job_id:
      description: The service's id of the job, or V(null) when its answer was never recorded.
      type: str
      sample: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
    status:
      description:
        - The status that was last recorded, see RV(jira_cloud.federation.link_update_job#module:job.status). It may have changed
          since then.
        - V(SENDING) while a run is sending the request, V(UNKNOWN) when it is not known whether the service took it.
      type: str
      sample: COMPLETE
    claimed_at:
      description: When the attempt was made, RFC 3339 in UTC.
      type: str
      sample: "2026-03-01T18:29:59.700000Z"
    submitted_at:
      description: When the job was scheduled, likewise, or V(null).
      type: str
      sample: "2026-03-01T18:30:00.000000Z"
    completed_at:
      description: When the job was first seen to have ended, likewise, or V(null).
      type: str
      sample: "2026-03-01T18:52:10.500000Z"
table:
  description: The entries as the lines of a table.
  returned: success
  type: list
  elements: str
  sample: ["entry       wave  pair  attempt  status  scheduled  ended  job"]
failure:
  description: What went wrong, as RV(jira_cloud.federation.link_update_job#module:failure).
  returned: on failure, unless an option has a wrong type
  type: dict
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
  description: What happened, and what to do.
  returned: on failure
  type: str
  sample: "nothing was forgotten: the ledger has no entries '3f2a91c0.1'. Use the name of an entry of the table"
"""

from ..module_utils._ansible.argspec import LINK_UPDATE_LEDGER
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.ledger import link_update_ledger


def main() -> None:
    """Run as a module."""
    run_module(link_update_ledger, LINK_UPDATE_LEDGER)


if __name__ == "__main__":
    main()
