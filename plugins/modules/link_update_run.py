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
  - Checks a federation, shows the plan, schedules the updates of all its instances, waits for the jobs, and writes a report, in
    one process. If a stage fails, the task ends.
  - It is the second task of the role C(jira_cloud.federation.link_update). There it needs no options, and takes what
    M(jira_cloud.federation.link_update_read) has read of each host.
  - Does for each update what M(jira_cloud.federation.link_update_job) does, with the same ledger. So another run schedules
    nothing that is complete or running. If one update fails, the others are still scheduled and waited for.
  - Schedules all jobs of an instance, then waits for them. If its first job orders a backup, its other jobs are on hold until
    that job has been seen past V(BACKUP).
  - The task fails only where a stage could not be done. RV(verdict) and RV(instances) say whether all updates are complete.
  - In check mode it ends with the plan.
extends_documentation_fragment:
  - jira_cloud.federation.links.federation
  - jira_cloud.federation.links.api
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.waiting
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  only:
    description:
      - The pairs that the task is about, as in V(eu -> us). Where the destination has several origins, that stands for all of them,
        and the whole label, as in V(eu -> us (from jira.example.com\)), for one. Blanks do not matter. When not set, the task is about
        all pairs of O(orders).
      - Nothing is scheduled, forced, retried or waited for of the others, and RV(verdict) is not about them. The report has them. An
        instance without any pair is only a destination, and needs no credentials.
      - A name that is no pair of O(orders) is refused before anything is sent.
      - V(with_links) instead of names leaves out the pairs for which a census has counted no issue links, and keeps those that it does
        not cover. Without a complete census it is refused.
    type: list
    elements: str
    version_added: 0.2.0
  census_store:
    description:
      - The store of M(jira_cloud.federation.link_census), a path, V(sqlite:///absolute/path) or V(postgresql://...). The plan and the
        report show the numbers of the last complete census. The store is only read. Without a census there are no numbers.
      - When not set, the database of the ledger if that is PostgreSQL, and otherwise C(census.sqlite3) in the folder of the ledger.
    type: str
    version_added: 0.2.0
  stages:
    description:
      - What to do. A stage that is not named is left out; the order is always this one.
      - V(preflight) - find out, for all instances at once, what would keep the run from succeeding, and end with every problem
        there is. Of every instance of O(federation) it checks that it is complete, that its URL is that of a cloud site, and that
        no other one has the same URL, or the same product of the same site. Of those in O(orders), too, that a cloud ID that was
        given is the site's own; for Jira also that the credentials work, that their account is a Jira admin, and that issue
        linking is switched on. It warns of what may be a mistake, and where the time to recreate links is over, or will be in 3
        days.
      - V(plan) - show what would be done.
      - V(submit) - schedule what has no job, the most urgent first. Without it, only existing jobs count. An update whose time to
        recreate links is over fails with the code V(window_closed); the others are scheduled.
      - V(wait) - wait for the jobs. Without it the task ends when everything is scheduled that may be scheduled now.
      - V(report) - write the report to O(report_dir).
    type: list
    elements: str
    choices: [preflight, plan, submit, wait, report]
    default: [preflight, plan, submit, wait, report]
  app_links_authorized:
    description:
      - Confirm that the application links that recreating needs are authorized. No API can tell. With V(false), a run that would
        schedule such jobs shows the links and ends. Not needed with O(stand_in_url).
    type: bool
    default: false
  report_dir:
    description:
      - Where V(report.html), V(report.json) and V(report.csv) are written, replacing those of earlier runs. When not set, there is no
        report. Whether it can be written is checked before anything is scheduled, also in check mode.
    type: path
  notify_url:
    description:
      - The URL of a webhook that gets one short JSON document by POST when the first job ends in V(ERROR), when the task fails, and
        when it ends well. So it gets two at most. The page R(Notify somebody,
        ansible_collections.jira_cloud.federation.docsite.how_to_notify) has its fields.
      - All of the URL but its host is a secret, and is shown nowhere. It must begin with V(https://); V(http://) is for a loopback
        address only.
      - The document has no secret, and no credentials are sent with it. Redirects are not followed. Certificates and proxies are
        those of all other requests.
      - Where that fails or takes more than 10 seconds, there is a warning, and the task goes on.
      - Nothing is sent in check mode, with O(stand_in_url), without the stages V(submit) and V(wait), and after a Ctrl-C. Where
        O(app_links_authorized=false) has ended the task, the role notifies, once nobody can be asked.
      - When not set, the environment variable E(JIRA_FEDERATION_NOTIFY_URL) of the controller is used.
    type: str
    version_added: 0.2.0
  connections:
    description:
      - The most requests that are sent at the same time, from V(1) to V(100). V(1) sends one after the other.
      - Each instance has one request at a time, so that its order stays.
      - All requests of one account together keep to the rate limit of the service. They begin with one, become more as answers come
        in, and go back to one at the first HTTP 429.
    type: int
    default: 8
    version_added: 0.2.0
  settings:
    description: The settings of the run that the report shows, in addition to O(orders). If the role's variables are here, messages name
      these and not the options.
    type: dict
    default: {}
  run_by:
    description: Who runs this, as the report shows it. By default the user and the machine where the work is done.
    type: str
    version_added: 0.2.0
  site_ids:
    description:
      - The cloud IDs that are known, by the name of the instance. The others are looked up.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    details:
      - Unknown cloud IDs and the status of running jobs are looked up. Nothing is scheduled, nothing is written
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
  - urllib3
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_job
  - module: jira_cloud.federation.link_update_wait
  - module: jira_cloud.federation.link_census
  - module: jira_cloud.federation.site_info
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
        migrated_at: "2026-03-02"
        migrated_from:
          - https://jira.example.com
          - url: https://jira-staging.example.org
            override: https://jira.example.org
            migrated_at: "2026-02-27T18:30:00Z"
    orders:
      - name: eu
      - name: us
    app_links_authorized: true
    report_dir: ./report
  delegate_to: localhost
  register: run
  # In check mode there is a plan, and no verdict.
  failed_when: run.failed | default(false) or not (run.verdict.ok | default(true))
"""

RETURN = r"""
sites:
  description: What was found out about each instance, by its name.
  returned: with the stage V(preflight)
  type: dict
  sample:
    eu:
      product_url: https://eu.example.atlassian.net
      skipped: false
      site_id: 11223344-a1b2-3b33-c444-def123456789
      account:
        account_id: 5b10a2844c20165700ede21g
        display_name: Ann Admin
      is_admin: true
      issue_linking_enabled: true
      origins: [https://jira.example.com]
      window_closes: "2026-03-16T00:00:00.000000Z"
      days_left: 9.25
site_ids:
  description: The cloud IDs that are known, by the name of the instance.
  returned: with the stage V(preflight)
  type: dict
  sample:
    eu: 11223344-a1b2-3b33-c444-def123456789
problems:
  description: What keeps the run from succeeding.
  returned: with the stage V(preflight)
  type: list
  elements: dict
  contains:
    instance:
      description: Of which instance.
      type: str
      sample: ap
    problem:
      description: What it is.
      type: str
      sample: Ann Admin is no Jira admin there
    remedy:
      description: What to do about it.
      type: str
      sample: Make this account a Jira admin here, or set another admin's e-mail and token for this host
updates:
  description: Each update and its state.
  returned: >-
    with the stage V(plan) in check mode or without the stage V(submit), and outside check mode with the stages V(submit) or
    V(wait), when the ledger can be read
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
        - V(complete), V(open) (there is a job that has not ended), V(error) (it ended without success), V(held) (on hold until the
          instance's backup is done), V(failed) (there is no job that anybody knows of), or V(absent) (there is none, and this
          task was not to schedule one).
      type: str
      sample: complete
    changed:
      description: Whether this task scheduled its job, or in check mode would.
      type: bool
      sample: true
    held:
      description: Why it is on hold, or V(null).
      type: str
      sample: null
    overdue:
      description: Set when its job has waited far longer than the others. Says so, and what to do.
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
  description:
    - By the name of each instance, C(ok), C(message), C(changed), C(site_id), C(reasons) (each reason once) and
      C(details) (all that went wrong). Outside check mode also the other fields of RV(verdict), unless O(only) leaves out all pairs of
      the instance.
  returned: when RV(updates) is
  type: dict
  sample:
    eu:
      ok: true
      changed: true
      message: 3 of 3 jobs complete; nothing is left to do
verdict:
  description: What is done and what is not. With the stage V(report) alone, as the ledger has it.
  returned: outside check mode, with the stages V(submit), V(wait) or V(report)
  type: dict
  contains:
    ok:
      description:
        - Whether the run did what it had to do. If it waited for jobs, all of them must be complete.
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
    left_out:
      description: The names of the instances of O(federation) whose links this task was not to update.
      type: list
      elements: str
      sample: []
stats:
  description: The numbers of the verdict. Ansible gets them as custom statistics, as from C(set_stats).
  returned: when RV(verdict) is
  type: dict
  sample:
    link_update_ok: true
    link_update_complete: 12
    link_update_under_way: 0
    link_update_error: 0
    link_update_failed: 0
    link_update_held_back: 0
    link_update_not_scheduled: 0
    link_update_left_out: 0
files:
  description: What was written, by its kind.
  returned: when RV(verdict) is
  type: dict
  sample:
    html: ./report/report.html
    json: ./report/report.json
    csv: ./report/report.csv
plan:
  description: What would be done.
  returned: >-
    with the stage V(plan) in check mode or without the stage V(submit), or where O(app_links_authorized=false) has ended the run
  type: dict
  contains:
    actions:
      description:
        - What would be done for each update, by its label, one of V(schedule), V(attach) (wait for the job there is), V(done),
          V(retry) (schedule again after a failure), V(again) (schedule again, as the outcome is unknown), V(anew) (schedule
          again although complete), V(refused).
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
    links:
      description: How many links each update is for, by its label, as far as a complete census has counted them.
      type: dict
      version_added: 0.2.0
      sample:
        eu -> us: 41206
    text:
      description: The plan, as lines for people.
      type: list
      elements: str
      sample: ["1 job: 1 to schedule"]
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
        - V(preflight) - there are RV(problems).
        - V(app_links) - the application links are not confirmed as authorized, see O(app_links_authorized).
        - V(report) - the report cannot be written.
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
      description: The id of the request, if there is one. Support asks for it.
      type: str
      sample: null
    job_id:
      description: Always V(null) here.
      type: str
      sample: null
"""

from ..module_utils._ansible.argspec import LINK_UPDATE_RUN
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.run import link_update_run


def main() -> None:
    """Run as a module."""
    run_module(link_update_run, LINK_UPDATE_RUN)


if __name__ == "__main__":
    main()
