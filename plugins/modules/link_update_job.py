#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One link update, ensured."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_job
short_description: Ensure that the links from one cloud site to another are updated
version_added: 0.1.0
description:
  - Schedules a job of Atlassian's link-fixing API that updates the links of one cloud product to one destination, and waits
    for its end.
  - When one Jira Data Center instance was split into several cloud sites, such a job is needed for every ordered pair of
    sites, and for every Data Center instance whose data the destination has.
  - A job is scheduled at most once. A ledger (O(ledger)) records it before the request is sent. So a task that is repeated,
    was killed, or runs in several places at once finds the job that exists.
  - "An update is known by its site, O(product), O(product_url), O(destination_url), O(migrated_from),
    O(migrated_from_override), O(recreate_as_remote) and O(wave). With any of them changed, it is another update."
  - The request is sent again only if the service certainly did not take it (no connection, HTTP 429, HTTP 503 with a header
    that says when to come back). If its outcome is unknown the task fails, and O(unknown_submission) decides what the next
    run does.
options:
  product:
    description:
      - The product whose links are updated, V(jira) or V(confluence), in upper or lower case.
      - When not set, it follows from O(product_url), which ends with V(/wiki) for Confluence only. When set, it must be the same.
    type: str
  product_url:
    description:
      - The URL of the cloud product whose links are updated, for example V(https://eu.example.atlassian.net); for Confluence
        with V(/wiki) at the end.
      - Of the address of a page, such as V(https://eu.example.atlassian.net/browse/ABC-1), the page is removed, with a warning.
      - V(http://) is accepted for a loopback address only.
    type: str
    required: true
  site_id:
    description:
      - The cloud ID of the site of O(product_url).
      - When not set, it is looked up at V(/_edge/tenant_info) of the site, without credentials.
    type: str
  destination_url:
    description:
      - The URL of the cloud product that the updated links point to. May be that of O(product_url), for local links.
        The page of an address is removed as in O(product_url).
    type: str
    required: true
  migrated_from:
    description:
      - The base URL of the instance whose data was migrated to the B(destination). Jira shows it under System > General
        configuration. It may be V(http://), and have a context path.
      - A page at its end is removed, with a warning, where it certainly is one. A URL that may be the address of a page is refused.
      - The URL of a cloud site is for a regular update. The vendor documents that regular updates are for migrations from Data
        Center and from cloud sites, and recreating for those from Data Center only.
      - When the destination has data of several instances, it needs an update for each.
    type: str
    required: true
  migrated_from_override:
    description:
      - The base URL of the production instance, when the destination was migrated from a staging copy or a backup of it.
    type: str
  migrated_at:
    description:
      - When the migration of O(product_url) ended, or will end, as a date or an RFC 3339 time. A date counts as the start of its
        day in UTC.
      - Where links are recreated, no job is scheduled once 14 days have passed since then. The vendor documents that it then
        deletes the data that the links are recreated from. A job that was scheduled before is still waited for.
      - It is unknown whether the date of the product or that of the destination counts.
      - A date more than 30 days ahead is refused. One that is nearer, or more than a year ago, gets a warning.
      - When not set, this is not checked.
    type: str
  recreate_as_remote:
    description:
      - V(auto) recreates links that were local to the split instance as remote links where both sites are a Jira, are different
        sites, and O(migrated_from) is no cloud site. It makes a regular link update in all other cases. The vendor documents
        that recreating works for Jira, and for migrations from Data Center.
      - V(true) recreates, and fails where V(auto) would not recreate.
      - V(false) makes a regular link update.
      - For recreating, the application link between the two sites must have been authorized once, by hand; the vendor offers
        no way to find out whether it was.
    type: raw
    default: auto
  create_backup:
    description:
      - Have the service back up the Jira Cloud instance before it updates the links. Jira only.
      - It takes from 20 minutes to hours, and reports of users say that it is possible about once in two days. Order it
        for one job of an instance, not for each.
      - When not set, it is left out of the request; the service's documented default is V(false).
      - It is not a part of the identity of an update. If it changes, nothing is scheduled again.
    type: bool
  wave:
    description:
      - A label for the wave of the migration. With a new label every update is scheduled again, for example after more data was
        migrated. The service skips links that are already fixed.
    type: str
    default: "1"
  force:
    description:
      - Schedule a new job although the last one is complete.
      - A job that has not ended is waited for, and never scheduled twice.
    type: bool
    default: false
  resubmit_failed:
    description:
      - Schedule a new job when the last one ended in V(ERROR). Otherwise the task fails.
    type: bool
    default: true
  unknown_submission:
    description:
      - What to do when it is not known whether the service took the last request. Its answer was lost, the run that sent it
        died, or the service does not know the job any more.
      - V(resubmit) warns and schedules a new job. The service skips links that are already fixed.
      - V(fail) fails, so that somebody can look at the site first.
    type: str
    choices: [resubmit, fail]
    default: resubmit
  label:
    description:
      - What progress lines and messages call this update.
      - When not set, the URLs of the two products without C(https://).
    type: str
  wait:
    description:
      - Wait until the job has ended. With V(false), M(jira_cloud.federation.link_update_wait) can wait for many jobs at once.
    type: bool
    default: true
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
      - The site and the status of a job are looked up, nothing is scheduled, and nothing is written to the ledger.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - As long as the same ledger is used, O(force=false), and the job did not end in V(ERROR).
  platform:
    support: full
requirements:
  - requests
  - urllib3
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_wait
  - name: Link fixing
    description: The vendor's documentation of the API, in the group Migration utility APIs.
    link: https://developer.atlassian.com/cloud/migration/
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Update the links from the European to the American site
  jira_cloud.federation.link_update_job:
    product_url: https://eu.example.atlassian.net
    destination_url: https://us.example.atlassian.net
    migrated_from: https://jira.example.com
    email: "{{ atlassian_email }}"
    api_token: "{{ atlassian_api_token }}"
  delegate_to: localhost

- name: Schedule several updates first, then wait for them together
  module_defaults:
    group/jira_cloud.federation.links:
      email: "{{ atlassian_email }}"
      api_token: "{{ atlassian_api_token }}"
  block:
    - name: Schedule
      jira_cloud.federation.link_update_job:
        product_url: https://eu.example.atlassian.net
        destination_url: "{{ item }}"
        migrated_from: https://jira.example.com
        wait: false
      loop:
        - https://us.example.atlassian.net
        - https://ap.example.atlassian.net
      register: scheduled

    - name: Wait
      jira_cloud.federation.link_update_wait:
        jobs: "{{ scheduled.results | jira_cloud.federation.jobs }}"

- name: Update the links inside one Confluence, after a migration from a staging copy
  jira_cloud.federation.link_update_job:
    product_url: https://eu.example.atlassian.net/wiki
    destination_url: https://eu.example.atlassian.net/wiki
    migrated_from: https://wiki-staging.example.com
    migrated_from_override: https://wiki.example.com
"""

RETURN = r"""
label:
  description: What messages call the update. See O(label).
  returned: always; empty when not given and the input is wrong
  type: str
  sample: eu -> us
job:
  description: The job of the update, as far as it is known.
  returned: when the input is right and the site is known, also on failure
  type: dict
  contains:
    job_id:
      description: The service's id of the job. V(null) when none is known, for example in check mode before it is scheduled.
      type: str
      sample: 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11
    site_id:
      description: The cloud ID of the product's site.
      type: str
      sample: 11223344-a1b2-3b33-c444-def123456789
    product:
      description: The product, V(jira) or V(confluence).
      type: str
      sample: jira
    product_url:
      description: O(product_url), with scheme and host in lower case, and no page and no slash at the end, as it was sent.
      type: str
      sample: https://eu.example.atlassian.net
    destination_url:
      description: O(destination_url), likewise.
      type: str
      sample: https://us.example.atlassian.net
    migrated_from:
      description: O(migrated_from), likewise.
      type: str
      sample: https://jira.example.com
    migrated_from_override:
      description: O(migrated_from_override), likewise, or V(null).
      type: str
      sample: null
    recreate_as_remote:
      description: Whether links are recreated as remote ones. See O(recreate_as_remote).
      type: bool
      sample: true
    create_backup:
      description: Whether this job was ordered with a backup.
      type: bool
      sample: false
    wave:
      description: See O(wave).
      type: str
      sample: "1"
    attempt:
      description: Counts the jobs of this update from 1. In check mode, the number that the next one would have.
      type: int
      sample: 1
    status:
      description:
        - The last known status, one of V(PENDING), V(BACKUP), V(IN_PROGRESS), V(RETRY), V(COMPLETE), V(ERROR), or the
          service's own word in upper case.
        - V(null) when there is no job yet.
      type: str
      sample: COMPLETE
    submitted_at:
      description: When the job was scheduled, RFC 3339 in UTC, by the clock of the host that did it.
      type: str
      sample: "2026-03-01T18:30:00.000000Z"
    completed_at:
      description: When the job was first seen to have ended, likewise, or V(null).
      type: str
      sample: "2026-03-01T18:52:10.500000Z"
    elapsed:
      description: Seconds from RV(job.submitted_at) to RV(job.completed_at), or to now.
      type: float
      sample: 1330.5
    attached:
      description: Whether the job was scheduled by another call than this one.
      type: bool
      sample: false
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs. Nothing was scheduled by this call unless the code is one of the first five.
        - V(job_error) - the job ended in V(ERROR), or in another word for a failure, such as V(FAILED) or V(CANCELLED).
        - V(timeout) - O(wait_timeout) has passed and the job has not ended. Run again to wait for it.
        - V(submission_unknown) - a request was sent, by this call or an earlier one, and it is not known whether the service took
          it. The return value C(changed) tells whether it was this one.
        - V(ledger) - the ledger cannot be opened, read or written. If a job was scheduled, RV(failure.job_id) is its id.
        - V(job_unknown) - the service does not know the job any more (HTTP 404).
        - V(invalid_option) - an option has a value that cannot be right.
        - V(missing_library) - a Python library is missing, requests or, for a ledger in PostgreSQL, psycopg.
        - V(window_closed) - more than 14 days have passed since O(migrated_at), so that no links can be recreated.
        - V(site_not_found) - O(product_url) is no cloud site.
        - V(unauthorized) - HTTP 401.
        - V(forbidden) - HTTP 403.
        - V(not_found) - HTTP 404.
        - V(redirected) - HTTP 3xx; redirections are not followed.
        - V(rejected) - any other HTTP 4xx.
        - V(rate_limited) - HTTP 429, again and again.
        - V(unavailable) - HTTP 503 with a header that says when to come back, again and again.
        - V(unreachable) - no connection could be made.
        - V(tls) - the certificate of the other end is not trusted.
        - V(no_answer) - no usable answer came to a question that schedules nothing.
        - While a job is waited for, the codes from V(unauthorized) on are about polling it, not about scheduling it.
      type: str
      sample: job_error
    message:
      description: For people. The same as RV(msg).
      type: str
      sample: See RV(msg)
    http_status:
      description: The HTTP status that the service answered with, or V(null).
      type: int
      sample: 401
    request_id:
      description: The service's id of the request, if it gave one; its support asks for it.
      type: str
      sample: 0f8fad5b-d9cb-469f-a165-70867728950e
    job_id:
      description: The id of the job that failed, or V(null).
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
  description: What happened, to which pair, and what to do.
  returned: on failure
  type: str
  sample: >-
    eu -> us (job 1f4c9a7e-3b5d-4c8e-9a61-0d8a4b6f2c11) ended in ERROR at the service. A rerun schedules a new attempt
"""

from ..module_utils._ansible.argspec import LINK_UPDATE_JOB
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.job import link_update_job


def main() -> None:
    """Run as a module."""
    run_module(link_update_job, LINK_UPDATE_JOB)


if __name__ == "__main__":
    main()
