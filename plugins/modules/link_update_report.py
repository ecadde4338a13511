#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done for a federation."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_report
short_description: Say what was done for a federation, and write a report
version_added: 0.1.0
description:
  - Sums up a run in one sentence, and writes a report as a web page, as JSON and as CSV. The role
    C(jira_cloud.federation.link_update) ends with it.
  - The report shows the whole federation. What O(run) does not tell, the ledger does. No site is asked.
  - RV(ignore:changed) is always V(false), so that a run that scheduled nothing counts as one.
extends_documentation_fragment:
  - jira_cloud.federation.links.federation
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  directory:
    description:
      - Where to write V(report.html), V(report.json) and V(report.csv). Files of these names are replaced. No report is written
        when not set or empty.
      - The fields of the JSON file are documented in the collection's C(docs/docsite/rst/report.rst).
    type: path
  run:
    description:
      - The result of M(jira_cloud.federation.link_update_run). When not set, the ledger is all there is.
    type: dict
  settings:
    description: The variables of the run, to be shown in the report. Passwords in URLs are left out; other secrets do not belong here.
    type: dict
    default: {}
  rehearsal:
    description: Say in the report that it is about a rehearsal.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - No report is written.
  diff_mode:
    support: none
  idempotent:
    support: N/A
    details:
      - Each report tells the time.
  platform:
    support: full

requirements:
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_run
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Write a report
  jira_cloud.federation.link_update_report:
    federation: "{{ link_update_federation }}"
    orders:
      - name: eu
      - name: us
    run: "{{ run }}"
    directory: ./report
  delegate_to: localhost
"""

RETURN = r"""
message:
  description: What is done, what is not, what to do next, and where the report is.
  returned: success
  type: str
  sample: "12 of 12 jobs complete; nothing is left to do; report: ./report/report.html"
verdict:
  description: See RV(jira_cloud.federation.link_update_run#module:verdict); that of the ledger without O(run).
  returned: success
  type: dict
  sample:
    ok: true
    counts:
      complete: 12
stats:
  description: The numbers of RV(verdict), to be handed to M(ansible.builtin.set_stats).
  returned: success
  type: dict
  sample:
    link_update_ok: true
    link_update_complete: 12
    link_update_under_way: 0
    link_update_error: 0
    link_update_failed: 0
    link_update_held_back: 0
    link_update_not_scheduled: 0
files:
  description: What was written, by its kind.
  returned: success
  type: dict
  sample:
    html: ./report/report.html
    json: ./report/report.json
    csv: ./report/report.csv
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
  sample: the report cannot be written to ./report
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(report) - the report cannot be written.
        - V(invalid_option) - an option has a value that cannot be right.
        - V(missing_library) - a Python library is missing.
        - V(ledger) - the ledger cannot be opened or read.
      type: str
      sample: report
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

from ansible_collections.jira_cloud.federation.plugins.module_utils._argspec import LINK_UPDATE_REPORT
from ansible_collections.jira_cloud.federation.plugins.module_utils._module import run_module
from ansible_collections.jira_cloud.federation.plugins.module_utils._task_report import link_update_report


def main() -> None:
    """Run as a module."""
    run_module(link_update_report, LINK_UPDATE_REPORT)


if __name__ == "__main__":
    main()
