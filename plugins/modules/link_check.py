#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check of the links that a census has counted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_check
short_description: Check whether the links between federated instances are there
version_added: 0.2.0
description:
  - Asks each Jira Cloud site for the remote links that its issues must have by the census of M(jira_cloud.federation.link_census).
    Each of these links gets a verdict.
  - It is the second task of the role C(jira_cloud.federation.link_check). There it needs no options, and takes what
    M(jira_cloud.federation.link_update_read) has read of each host.
  - Only the sites of O(orders) are asked, all of them at once. Their accounts must be able to browse the projects that were migrated.
    The other suboptions are those of M(jira_cloud.federation.link_update_run), so that its jobs are found in the ledger.
  - Each request is about one issue, and a site gets several at a time.
    A site gets 10 requests a second at first, then more or fewer as its answers say.
  - A link counts as found if it leads to the key of its target at the destination. Upper and lower case, a query, and the aliases of
    the destination make no difference. Issues that were moved are found by their new key.
  - The links of a pair whose job is not complete are not checked. They are counted as not yet, and they are not missing.
  - Nothing is changed at the sites. The store keeps keys of issues, what links are called and where they lead, and no text of an issue.
  - If a check was interrupted, the same task continues it within a day.
  - In check mode, the accounts are checked, and what would be asked is shown. No issue is asked for.
extends_documentation_fragment:
  - jira_cloud.federation.links.federation
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.ledger
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  sample:
    description:
      - How many links are checked.
      - V(auto) - all links of a site with up to 20,000 issues that have links. Of a larger site, a sample of each pair.
      - V(all) - all links.
      - A number - so many links of each ordered pair, chosen at random. A larger sample has all links of a smaller one.
    type: raw
    default: auto
  confidence:
    description: How certain a sample has to be about how many links are missing at most, from V(0.5) to less than V(1).
    type: float
    default: 0.99
  max_missing:
    description:
      - The task fails if more than this share of the links of a pair, or of all links together, is missing, or if so many may be
        missing with the O(confidence).
      - When not set, V(0) if all links are checked, and otherwise V(0.01). No sample can show that no link is missing.
    type: float
  jobs:
    description:
      - V(complete) - check the links of pairs whose jobs are complete by the ledger.
      - V(any) - check the links of all pairs, as for jobs that somebody has scheduled in another way.
    type: str
    choices: [complete, any]
    default: complete
  connections:
    description:
      - The most requests that one site gets at the same time, from V(1) to V(20). All sites together get 100 at most.
    type: int
    default: 4
  census_store:
    description:
      - The store of M(jira_cloud.federation.link_census). The check is kept there as well.
      - When not set, the database of the ledger if that is PostgreSQL, and otherwise C(census.sqlite3) in the folder of the ledger.
    type: str
  report_dir:
    description:
      - Where V(link_check.json), V(link_check.html) and V(link_check_findings.csv) are written, replacing earlier ones. When not set, they
        are not written.
    type: path
  settings:
    description: The settings of the run. If the role's variables are here, messages name these and not the options.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    details:
      - The accounts are checked. No issue is asked for, and nothing is written.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Nothing is changed at the sites.
  platform:
    support: full

requirements:
  - requests
  - urllib3
  - psycopg (for a store or a ledger in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_census
  - module: jira_cloud.federation.link_update_run
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Check all links between two sites
  jira_cloud.federation.link_check:
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
      - name: us
        email: ann@example.com
        api_token: "{{ us_api_token }}"
    sample: all
    report_dir: ./report
  delegate_to: localhost
  register: checked

- name: Check 500 links of each pair, and accept that 2 percent are missing
  jira_cloud.federation.link_check:
    federation: "{{ federation }}"
    orders: "{{ orders }}"
    sample: 500
    max_missing: 0.02
  delegate_to: localhost
"""

RETURN = r"""
ok:
  description: Whether neither a pair nor all of them together may miss more links than O(max_missing) allows.
  returned: after a check
  type: bool
  sample: true
confidence:
  description: The confidence of RV(pairs[].missing_at_most), where only a sample was checked.
  returned: after a check
  type: float
  sample: 0.99
check:
  description: The number of the check. Each new one has a higher number.
  returned: after a check
  type: int
  sample: 1
begun_at:
  description: When the check began, RFC 3339 in UTC.
  returned: after a check
  type: str
  sample: "2026-03-04T12:00:00.000000Z"
ended_at:
  description: When it ended, RFC 3339 in UTC.
  returned: after a check
  type: str
  sample: "2026-03-04T12:09:41.500000Z"
sampled:
  description: Whether only a sample of the links of a pair was to be checked.
  returned: after a check
  type: bool
  sample: false
max_missing:
  description: The share of links that may be missing.
  returned: after a check
  type: float
  sample: 0
total:
  description: The numbers of all pairs together, the same as in RV(pairs).
  returned: after a check
  type: dict
  sample:
    expected: 1290
    checked: 1290
    found: 1286
    missing: 3
    stale: 0
    duplicate: 1
    source_absent: 0
    target_absent: 0
    unanswered: 0
    not_yet: 0
    missing_at_most: 3
pairs:
  description: The ordered pairs of the instances in O(orders), also those without links.
  returned: after a check
  type: list
  elements: dict
  contains:
    instance:
      description: The name of the instance.
      type: str
      sample: eu
    destination:
      description: The name of the instance that its links lead to.
      type: str
      sample: us
    expected:
      description: How many remote links the instance must have to the destination, by the census.
      type: int
      sample: 645
    checked:
      description: How many of them have a verdict. It is the sum of the next seven numbers.
      type: int
      sample: 645
    found:
      description: Those that are there.
      type: int
      sample: 641
    missing:
      description: Those that are not there, though both issues are.
      type: int
      sample: 3
    stale:
      description: Those that still lead to the old base URL.
      type: int
      sample: 0
    duplicate:
      description: Those that are there more than once. They count as found.
      type: int
      sample: 1
    source_absent:
      description: Those whose own issue is not at its site, or not visible to the account.
      type: int
      sample: 0
    target_absent:
      description: Those that are not there, and whose target is not at its site, or not visible to the account.
      type: int
      sample: 0
    unanswered:
      description: Those for which a site gave no answer. The next run asks for them.
      type: int
      sample: 0
    not_yet:
      description: Those whose job is not complete. They were not checked.
      type: int
      sample: 0
    missing_at_most:
      description:
        - How many of the links whose job is complete are missing at most, with the RV(confidence). Without a sample, it is the number
          of those that are neither found nor duplicate.
      type: int
      sample: 3
text:
  description: The result, as lines for people. They are shown as well. In check mode, what would be asked.
  returned: after a check, and in check mode
  type: list
  elements: str
  sample: ["Check 1: All 1,290 links were checked: 1,287 found, 3 missing, 1 of those found there more than once"]
stats:
  description: The numbers for workflows. Ansible gets them as custom statistics, as from C(set_stats).
  returned: after a check
  type: dict
  sample:
    link_check_ok: false
    link_check_expected: 1290
    link_check_found: 1286
    link_check_missing: 3
    link_check_missing_at_most: 3
    link_check_not_yet: 0
files:
  description: The paths of the files, as far as they were written.
  returned: after a check
  type: dict
  contains:
    json:
      description: The numbers, as they are here.
      type: str
      sample: ./report/link_check.json
    html:
      description: The same as a page, with the first 1,000 findings and the checks before this one.
      type: str
      sample: ./report/link_check.html
    findings:
      description: Every link that is not plainly found, as a table for spreadsheets.
      type: str
      sample: ./report/link_check_findings.csv
problems:
  description: What keeps the check from beginning.
  returned: with the failure code V(preflight)
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
      sample: "the credentials were refused: HTTP 401"
    remedy:
      description: What to do about it.
      type: str
      sample: check the e-mail address and the API token
progress:
  description: The lines of progress. Without C(async) they are shown, and not returned.
  returned: when the task ran in the background, with C(async)
  type: list
  elements: dict
  contains:
    text:
      description: A line.
      type: str
      sample: 12,400 of 48,210 issues  98/s  6m05s left, the most at eu
    tone:
      description: What kind of line it is, one of V(plain), V(change), V(good), V(bad), V(careful), V(aside).
      type: str
      sample: aside
msg:
  description: What happened, and what to do.
  returned: on failure
  type: str
  sample: "All 1,290 links were checked: 1,287 found, 3 missing. Pairs that may miss too many: eu -> us (642 found, 3 missing)"
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(links_missing) - more links are missing, or may be, than O(max_missing) allows. See RV(pairs).
        - V(check_incomplete) - a site did not answer, or refused the account, so that too many links are not known to be there. Or
          nothing was checked, because no job is complete.
        - V(census_incomplete) - there is no complete census of a source.
        - V(preflight) - there are RV(problems). Nothing was checked.
        - V(invalid_option) - an option has a value that cannot be right.
        - V(missing_library) - a Python library is missing.
        - V(ledger) - the store or the ledger cannot be opened, read or written, or another process makes this check.
        - V(report) - a file cannot be written to O(report_dir).
      type: str
      sample: links_missing
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

from ..module_utils._ansible.argspec import LINK_CHECK
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.check import link_check


def main() -> None:
    """Run as a module."""
    run_module(link_check, LINK_CHECK)


if __name__ == "__main__":
    main()
