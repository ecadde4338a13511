#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links that a check has found missing, created."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_repair
short_description: Create the remote links that a check has found missing
version_added: 0.2.0
description:
  - Creates the remote links that the file O(findings) of M(jira_cloud.federation.link_check) says are missing. This also works after the
    two weeks in which the links API recreates links.
  - It is the second task of the role C(jira_cloud.federation.link_repair). There it needs no options, and takes what
    M(jira_cloud.federation.link_update_read) has read of each host.
  - Before each link it reads the issue again. It does not create a link that is there by now, a link to an issue that is not there, or
    a link that somebody has removed on purpose, as the changelog of the issue shows. RV(skipped) names these.
  - A link looks like those that were found between the same two instances. If none was found, it gets the application
    C(jira_cloud.federation), and the task says so. Its relationship is that of the census. If the census has several for the same two
    issues, it is the first one.
  - The task writes down each link before it sends it, and its id after. So a repair that was interrupted goes on, no link is created
    twice, and O(undo) removes exactly what repairs have created.
  - Only links with the verdict V(missing) are created. Stale and duplicate links are not changed.
  - It is refused if a job of one of the pairs is open, has failed or was never scheduled. A run of
    M(jira_cloud.federation.link_update_run) could still create these links. O(jobs) can allow it.
extends_documentation_fragment:
  - jira_cloud.federation.links.federation
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  findings:
    description:
      - The file C(link_check_findings.csv) of a check, which a person has read. Required, unless O(undo) is V(true).
      - Rows may be deleted, and columns moved. Each missing link must be one that the last complete census expects. Otherwise the
        task is refused before anything is sent, and names the lines.
      - It is on the host that does the work.
    type: path
  max:
    description: The most missing links that the file may have. With more of them the task is refused, because that needs a decision.
    type: int
    default: 1000
  undo:
    description:
      - Delete the links that repairs of this federation have created, and do nothing else. A link with another C(globalId) than ours
        was changed by somebody, and is left.
    type: bool
    default: false
  jobs:
    description:
      - V(complete) refuses to repair a pair whose job is not complete.
      - V(any) repairs it. If the job recreates the same links later, there may be duplicates.
    type: str
    choices: [complete, any]
    default: complete
  census_store:
    description:
      - The store of M(jira_cloud.federation.link_census), a path, V(sqlite:///absolute/path) or V(postgresql://...). What repairs have
        created is kept there, too.
      - When not set, the database of the ledger if that is PostgreSQL, and otherwise C(census.sqlite3) in the folder of the ledger.
    type: str
  report_dir:
    description: Where V(link_repair.json) is written, replacing an earlier one. When not set, it is not written.
    type: path
  settings:
    description: The settings of the run. If the role's variables are here, messages name these and not the options.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    details:
      - Everything is read, and RV(created) or RV(undone) has what would be created or deleted. Nothing is changed at the sites, and
        nothing is written down.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full

requirements:
  - requests
  - urllib3
  - psycopg (for a store in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_check
  - module: jira_cloud.federation.link_census
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Show which links would be created
  jira_cloud.federation.link_repair:
    federation: "{{ federation }}"
    orders:
      - name: eu
        email: ann@example.com
        api_token: "{{ eu_api_token }}"
      - name: us
        email: ann@example.com
        api_token: "{{ us_api_token }}"
    findings: ./report/link_check_findings.csv
  check_mode: true
  diff: true
  delegate_to: localhost

- name: Create the links that the check has found missing
  jira_cloud.federation.link_repair:
    federation: "{{ federation }}"
    orders: "{{ orders }}"
    findings: ./report/link_check_findings.csv
    report_dir: ./report
  delegate_to: localhost
  register: repair

- name: Remove what repairs have created
  jira_cloud.federation.link_repair:
    federation: "{{ federation }}"
    orders: "{{ orders }}"
    undo: true
  delegate_to: localhost
"""

RETURN = r"""
created:
  description: The links that were created, in check mode those that would be.
  returned: after a repair, and in check mode
  type: list
  elements: dict
  contains: &link
    instance:
      description: The name of the instance whose issue has the link.
      type: str
      sample: eu
    destination:
      description: The name of the instance that it leads to.
      type: str
      sample: us
    issue:
      description: The issue that has the link.
      type: str
      sample: ABC-1
    target:
      description: The issue that it leads to.
      type: str
      sample: DEF-2
    relationship:
      description: What the link is called.
      type: str
      sample: blocks
    url:
      description: Where it leads.
      type: str
      sample: https://us.example.atlassian.net/browse/DEF-2
    reason:
      description: Why it was left, or what went wrong. For a link that was created or removed, what is worth knowing, or an empty text.
      type: str
      sample: ""
skipped:
  description: The links that were left as they are, each with the reason.
  returned: after a repair, and in check mode
  type: list
  elements: dict
  contains: *link
undone:
  description: The links of earlier repairs that were removed, in check mode those that would be.
  returned: after a repair, and in check mode
  type: list
  elements: dict
  contains: *link
failed_links:
  description: The links that could not be created or removed, each with the reason.
  returned: after a repair, and in check mode
  type: list
  elements: dict
  contains: *link
text:
  description: The result, as lines for people. They are shown as well.
  returned: after a repair, and in check mode
  type: list
  elements: str
  sample: ["Created 3 of 3 missing links"]
stats:
  description: The numbers for workflows. Ansible gets them as custom statistics, as from C(set_stats).
  returned: after a repair, and in check mode
  type: dict
  sample:
    link_repair_created: 3
    link_repair_skipped: 0
    link_repair_failed: 0
    link_repair_undone: 0
files:
  description: The paths of the files. C(json) is V(link_repair.json).
  returned: after a repair, with O(report_dir)
  type: dict
  sample: {json: ./report/link_repair.json}
problems:
  description: What keeps the repair from beginning.
  returned: with the failure code V(preflight)
  type: list
  elements: dict
  contains:
    instance:
      description: Of which instance or pair. An empty text if it is about all of them.
      type: str
      sample: eu -> us
    problem:
      description: What it is.
      type: str
      sample: its job is not complete (running)
    remedy:
      description: What to do about it.
      type: str
      sample: let its job end, or run link_update again. Then check again, and repair what is missing then
progress:
  description: The lines of progress. Without C(async) they are shown, and not returned.
  returned: when the task ran in the background, with C(async)
  type: list
  elements: dict
  contains:
    text:
      description: A line.
      type: str
      sample: 120 of 370 links done
    tone:
      description: What kind of line it is, one of V(plain), V(change), V(good), V(bad), V(careful), V(aside).
      type: str
      sample: plain
msg:
  description: What happened, and what to do.
  returned: on failure
  type: str
  sample: "2 of 37 links failed: ABC-1 -> DEF-2, ABC-7 -> DEF-9. See why above, then run again: it goes on where it stopped"
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(repair_incomplete) - some links could not be created or removed, see RV(failed_links).
        - V(preflight) - there are RV(problems). Nothing was created.
        - V(census_incomplete) - there is no complete census of a source.
        - V(invalid_option) - an option has a value that cannot be right, or the file has a line that cannot be used.
        - V(missing_library) - a Python library is missing.
        - V(ledger) - the ledger or the store cannot be opened, read or written, or another repair is at work.
        - V(report) - V(link_repair.json) cannot be written.
        - V(unauthorized), V(forbidden), V(no_answer), V(not_found), V(rate_limited), V(redirected), V(rejected), V(tls), V(unavailable),
          V(unreachable) - a request failed, see RV(jira_cloud.federation.link_update_job#module:failure.code).
      type: str
      sample: repair_incomplete
    message:
      description: For people. The same as RV(msg).
      type: str
      sample: See RV(msg)
    http_status:
      description: The HTTP status that was answered with, or V(null).
      type: int
      sample: null
    request_id:
      description: The id of the request, if there is one.
      type: str
      sample: null
    job_id:
      description: Always V(null) here.
      type: str
      sample: null
"""

from ..module_utils._ansible.argspec import LINK_REPAIR
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.repair import link_repair


def main() -> None:
    """Run as a module."""
    run_module(link_repair, LINK_REPAIR)


if __name__ == "__main__":
    main()
