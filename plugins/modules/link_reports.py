#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Atlassian's reports on the link updates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_reports
short_description: Download Atlassian's reports on the link updates
version_added: 0.2.0
description:
  - Downloads the history report and the audit log of each instance in O(orders), and the id mappings, into a folder.
  - It is the second task of the role C(jira_cloud.federation.link_reports). There it needs no options, and takes what
    M(jira_cloud.federation.link_update_read) has read of each host.
  - A report is written completely or not at all. An error, an HTML page such as that of a login, an empty body and a body that is
    shorter than announced are refused. A larger file of the same name is not replaced.
  - Atlassian documents that there is a history report for each product, an audit log with all links that were updated in the last 29
    days, and the calls of the id mappings with their statuses. The paths and the parameters of the first two, and what is in the files,
    are not known here. So these two URLs have no default. Atlassian's page I(Check the status and results) has them.
  - The credentials go to C(api.atlassian.com), to the host of O(api_url), and those of an instance to its own site. A URL that leads to
    another host is refused. What a URL redirects to, and the file of the id mappings, get no credentials.
  - RV(days_left) says for how many of the 29 days the audit log still has all links.
  - In check mode, what would be downloaded is shown. Only the cloud ID of a site is asked for, if it is not known.
extends_documentation_fragment:
  - jira_cloud.federation.links.federation
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.api
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  history_url:
    description:
      - The URL of the history report of a product. When not set, it is not downloaded.
      - C({site_id}) in it is replaced by the cloud ID of the site, C({product_url}) by the URL of the instance, and C({job_id}) by the
        id of a job. With C({job_id}), there is one report for each job of the instance and its wave that is C(COMPLETE) in the ledger.
    type: str
  audit_log_url:
    description: The URL of the audit log of a product, as for O(history_url). When not set, it is not downloaded.
    type: str
  id_mappings:
    description:
      - Download the id mappings of each instance, for each of its origins. They say which id an issue, a project and the like got in the
        migration.
      - Atlassian makes this report when it is asked for. The task waits for it for up to an hour.
    type: bool
    default: false
  report_dir:
    description:
      - The folder of the reports. It is created for its owner alone.
      - The name of a file has the kind of the report, the site, the date, and the job if there is one, such as
        V(audit_log_eu.example.atlassian.net_2026-03-01.csv).
      - Required.
    type: path
  settings:
    description: The settings of the run. If the role's variables are here, messages name these and not the options.
    type: dict
    default: {}
  request_timeout:
    description:
      - The timeout in seconds until the first byte of the answer, and after that between two parts of it. A report can be large.
      - Any other request must end within this time, and the download of a report within an hour.
    type: float
    default: 30.0
attributes:
  check_mode:
    support: full
    details:
      - Nothing is downloaded or written.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each run downloads the reports again.
  platform:
    support: full

requirements:
  - requests
  - urllib3
  - psycopg (for a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_run
  - module: jira_cloud.federation.link_check
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Download the id mappings of a site
  jira_cloud.federation.link_reports:
    federation:
      eu:
        product_url: https://eu.example.atlassian.net
        migrated_from: https://jira.example.com
      us:
        product_url: https://us.example.atlassian.net
        migrated_from: https://jira.example.com
    orders:
      - name: eu
        email: ann@example.com
        api_token: "{{ eu_api_token }}"
    id_mappings: true
    report_dir: ./report
  delegate_to: localhost
  register: reports

- name: Download the audit log of each site, and the history report of each job
  jira_cloud.federation.link_reports:
    federation: "{{ federation }}"
    orders: "{{ orders }}"
    # The URLs that Atlassian's documentation has, with {site_id} and {job_id} in their places.
    audit_log_url: "{{ audit_log_url }}"
    history_url: "{{ history_url }}"
    report_dir: ./report
  delegate_to: localhost
"""

RETURN = r"""
files:
  description: The reports that are there. In check mode, the list is empty.
  returned: unless an option is wrong
  type: list
  elements: dict
  contains:
    instance:
      description: The name of the instance.
      type: str
      sample: eu
    kind:
      description: V(history), V(audit_log) or V(id_mappings).
      type: str
      sample: audit_log
    job_id:
      description: The job that it is of, or V(null).
      type: str
      sample: null
    path:
      description: The path of the file.
      type: str
      sample: ./report/audit_log_eu.example.atlassian.net_2026-03-01.csv
    size:
      description: How many bytes came in.
      type: int
      sample: 48210
    new:
      description: Whether the file is the one that came in. If not, a larger one of this name was there and was kept.
      type: bool
      sample: true
problems:
  description: The reports that are missing, each with the reason. With the failure code V(preflight), what keeps the task from beginning.
  returned: unless an option is wrong
  type: list
  elements: dict
  contains:
    instance:
      description: Of which instance. An empty text if it is about all of them.
      type: str
      sample: us
    problem:
      description: What it is.
      type: str
      sample: "no history report: no job of wave 1 is COMPLETE in the ledger"
    remedy:
      description: What to do about it.
      type: str
      sample: "a job has a report when it is COMPLETE. Wait for it: -e link_update_wait=true"
days_left:
  description:
    - For each instance the days until its audit log no longer has all links. 29 days after its first job of the wave was complete, it is
      V(0). V(null) if no job is complete.
  returned: unless an option is wrong
  type: dict
  sample: {eu: 26.9, us: null}
text:
  description: The result, as lines for people. They are shown as well. In check mode, what would be downloaded.
  returned: unless an option is wrong
  type: list
  elements: str
  sample: ["2 reports downloaded, 0 missing"]
stats:
  description: The numbers for workflows. Ansible gets them as custom statistics, as from C(set_stats).
  returned: unless an option is wrong
  type: dict
  sample:
    link_reports_downloaded: 2
    link_reports_missing: 0
progress:
  description: The lines of progress. Without C(async) they are shown, and not returned.
  returned: when the task ran in the background, with C(async)
  type: list
  elements: dict
  contains:
    text:
      description: A line.
      type: str
      sample: 2 reports downloaded, 0 missing
    tone:
      description: What kind of line it is, one of V(plain), V(change), V(good), V(bad), V(careful), V(aside).
      type: str
      sample: good
msg:
  description: What happened, and what to do.
  returned: on failure
  type: str
  sample: "1 report missing: us: no audit log: HTTP 404"
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(reports_incomplete) - a report is missing, see RV(problems). The others are there.
        - V(preflight) - there are RV(problems). Nothing was downloaded.
        - V(invalid_option) - an option has a value that cannot be right.
        - V(missing_library) - a Python library is missing.
        - V(ledger) - the ledger cannot be opened or read.
        - V(report) - a file cannot be written.
      type: str
      sample: reports_incomplete
    message:
      description: For people. The same as RV(msg).
      type: str
      sample: See RV(msg)
    http_status:
      description: Always V(null) here.
      type: int
      sample: null
    request_id:
      description: Always V(null) here.
      type: str
      sample: null
    job_id:
      description: Always V(null) here.
      type: str
      sample: null
"""

from ..module_utils._ansible.argspec import LINK_REPORTS
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.reports import link_reports


def main() -> None:
    """Run as a module."""
    run_module(link_reports, LINK_REPORTS)


if __name__ == "__main__":
    main()
