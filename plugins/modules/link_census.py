#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A census of the issue links between the instances of a federation."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_census
short_description: Count the issue links between federated instances
version_added: 0.2.0
description:
  - Reads the Jira Data Center instance that a federation was migrated from, and counts its issue links between issues of different
    instances. So it is known how many links there must be from each instance to each other one.
  - It is the second task of the role C(jira_cloud.federation.link_census). There it needs no options, and takes what
    M(jira_cloud.federation.link_update_read) has read of each host.
  - A Jira instance that is an origin of at least one Jira instance of O(federation) is a source, and is read. Cloud sites as origins,
    and Confluence, are not counted.
  - Nothing is changed at the Data Center instance or at the sites. The store keeps keys of issues and the types of links, and no text
    of an issue.
  - A census that was interrupted is continued. One that is done again is another generation, and the last complete one counts.
  - A census is complete as the account sees it. It is not complete if a project could not be read, if the number of issues does not
    match, or if a link was seen from one end only. Then the task fails, and RV(unread) says what to do. Only O(file) has also the
    issues that no account sees.
  - In check mode, the accounts and the projects are checked, and what would be read is shown. No issue is read.
extends_documentation_fragment:
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
options:
  federation:
    description:
      - All instances, as in O(jira_cloud.federation.link_update_run#module:federation).
      - An instance may also have C(projects), the keys of the projects that were migrated to it. If it has several origins, that is a
        dictionary from the URL of each origin to its keys. Without C(projects), its site is asked, which needs its account in
        O(accounts). Of the projects that the site lists, those that the Data Center instance knows count.
    type: dict
    required: true
  accounts:
    description: The Atlassian accounts that ask the sites for their projects.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the instance in O(federation).
        type: str
        required: true
      email:
        description:
          - The e-mail address of the account.
          - When not set, the environment variable E(ATLASSIAN_EMAIL) of the controller is used.
        type: str
      api_token:
        description:
          - An unscoped API token of this account.
          - When not set, the environment variable E(ATLASSIAN_API_TOKEN) of the controller is used.
        type: str
  url:
    description:
      - The URL that the Data Center instance is read from, if it is no longer the origin in O(federation).
      - With several sources, a dictionary from the URL of each origin to the URL that it is read from.
      - V(http://) is accepted for a loopback address only.
    type: raw
  token:
    description:
      - A personal access token for the Data Center instance. It needs the permission to browse all projects of the federation.
      - With several sources, a dictionary from the URL of each origin to its token.
      - Set either the token, or O(user) and O(password). Both together are refused, also if one of them is in the environment.
      - When not set, the environment variable E(JIRA_DC_TOKEN) of the controller is used.
    type: raw
  user:
    description:
      - The name of an account of the Data Center instance, together with O(password). With several sources, a dictionary as for O(token).
      - When not set, the environment variable E(JIRA_DC_USER) of the controller is used.
    type: raw
  password:
    description:
      - The password of O(user). With several sources, a dictionary as for O(token).
      - When not set, the environment variable E(JIRA_DC_PASSWORD) of the controller is used.
    type: raw
  file:
    description:
      - A CSV file with all links that a database administrator has exported, which is read instead of the Data Center instance. Its
        columns are C(link_id,source_key,target_key,type,outward,inward,pstyle). The documentation has the query.
      - With several sources, a dictionary from the URL of each origin to its file. A source without a file is read from its URL.
      - It is on the host that does the work.
    type: raw
  store:
    description:
      - Where the counted links are kept. A path or V(sqlite:///absolute/path) of a file on a local disk, or
        V(postgresql://user:password@host:5432/database).
      - When not set, the database of the ledger if that is PostgreSQL, and otherwise C(census.sqlite3) in the folder of the ledger.
    type: str
  ledger:
    description:
      - The ledger, as in O(jira_cloud.federation.link_update_run#module:ledger). Only the default of O(store) depends on it.
      - When not set, the environment variable E(JIRA_FEDERATION_LEDGER) of the controller is used.
    type: str
  delete:
    description:
      - Delete what was counted, and do nothing else. The number of a generation, or V(all).
    type: str
  unless_complete:
    description:
      - Do nothing if there is a complete census of each source. Then no credentials for the Data Center instance are needed, and the
        result has RV(text) only.
    type: bool
    default: false
  connections:
    description:
      - The most requests that one Data Center instance gets at the same time, from V(1) to V(20). People work with it meanwhile, so V(1)
        is gentle.
    type: int
    default: 1
  report_dir:
    description: Where V(link_census.json) is written, replacing an earlier one. When not set, it is not written.
    type: path
  settings:
    description: The settings of the run. If the role's variables are here, messages name these and not the options.
    type: dict
    default: {}
  request_timeout:
    description:
      - The timeout of a whole request in seconds, from the lookup of the host name to the last byte of the answer.
      - The search of a large Data Center instance can take long.
    type: float
    default: 120.0
attributes:
  check_mode:
    support: full
    details:
      - The accounts and the projects are checked. No issue is read, and nothing is written.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each complete census adds a generation.
  platform:
    support: full

requirements:
  - requests
  - urllib3
  - psycopg (for a store in a PostgreSQL database)
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_run
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Count the links between two sites
  jira_cloud.federation.link_census:
    federation:
      eu:
        product_url: https://eu.example.atlassian.net
        migrated_from: https://jira.example.com
        projects: [ABC, DEF]
      us:
        product_url: https://us.example.atlassian.net
        migrated_from: https://jira.example.com
    accounts:
      - name: us
        email: ann@example.com
        api_token: "{{ us_api_token }}"
    token: "{{ jira_dc_token }}"
    report_dir: ./report
  delegate_to: localhost
  register: census

- name: Count them in a file that a database administrator has exported
  jira_cloud.federation.link_census:
    federation: "{{ federation }}"
    file: /home/ann/links.csv
  delegate_to: localhost

- name: Delete all that was counted
  jira_cloud.federation.link_census:
    federation: "{{ federation }}"
    delete: all
  delegate_to: localhost
"""

RETURN = r"""
complete:
  description: Whether the census is complete, as this account sees it.
  returned: after a census
  type: bool
  sample: true
generation:
  description: The number of the census. Each new one has a higher number.
  returned: after a census
  type: int
  sample: 1
begun_at:
  description: When the census began, RFC 3339 in UTC. Links that were added after the migration are not expected at the sites.
  returned: after a census
  type: str
  sample: "2026-03-01T12:00:00.000000Z"
ended_at:
  description: When it ended, RFC 3339 in UTC, or V(null) as long as something is unread.
  returned: after a census
  type: str
  sample: "2026-03-01T12:41:07.250000Z"
sources:
  description: What was read.
  returned: after a census
  type: list
  elements: dict
  contains:
    url:
      description: The base URL of the Data Center instance, as the links had it.
      type: str
      sample: https://jira.example.com
    read_from:
      description: The URL or the file that was read.
      type: str
      sample: https://jira.example.com
    exact:
      description: Whether the numbers are exact. They are with O(file), which has also the issues that no account sees.
      type: bool
      sample: false
    issues:
      description: How many issues were read.
      type: int
      sample: 48210
    total:
      description: How many issues there are, as the account sees it.
      type: int
      sample: 48210
    links:
      description: How many links it has between issues of different instances.
      type: int
      sample: 1290
    complete:
      description: Whether all of it was read.
      type: bool
      sample: true
pairs:
  description: Every ordered pair of Jira instances that have a source in common, also those without links.
  returned: after a census
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
      description:
        - How many remote links the instance must have to the destination. Links of different types between the same two issues count
          once.
      type: int
      sample: 645
    by_source:
      description: The same, by the URL of each source.
      type: dict
      sample:
        https://jira.example.com: 645
outside:
  description: The links that leave the federation. No job recreates them.
  returned: after a census
  type: dict
  contains:
    links:
      description: How many there are.
      type: int
      sample: 12
    projects:
      description: The projects that no instance has, each with its C(source), its C(project) key and the number of C(links) to it.
      type: list
      elements: dict
      sample: [{source: https://jira.example.com, project: OLD, links: 12}]
not_covered:
  description: What no job recreates. It is counted apart.
  returned: after a census
  type: dict
  contains:
    epic_links:
      description: The C(total) of the relations to an epic, and those C(between_instances).
      type: dict
      sample: {total: 310, between_instances: 2}
    sub_tasks:
      description: The same for sub-tasks.
      type: dict
      sample: {total: 1207, between_instances: 0}
    issues_over_limit:
      description: The issues with more than 2,000 links to other instances, the most remote links that an issue of a site can have.
      type: list
      elements: dict
      sample: [{source: https://jira.example.com, issue: ABC-1, links: 2104}]
unread:
  description: What keeps the census from being complete.
  returned: after a census
  type: list
  elements: dict
  contains:
    source:
      description: The URL of the source.
      type: str
      sample: https://jira.example.com
    project:
      description: The key of the project, or an empty text if it is about the whole source.
      type: str
      sample: DEF
    problem:
      description: What is missing.
      type: str
      sample: "the project is not visible to this account, or does not exist: HTTP 400"
    remedy:
      description: What to do.
      type: str
      sample: give the account Browse projects there, or correct link_update_projects; then run again
text:
  description: The result, as lines for people. They are shown as well. In check mode, what would be read.
  returned: after a census, and in check mode
  type: list
  elements: str
  sample: ["Census 1 of jira.example.com: 48,210 issues, 1,290 links between instances, complete as this account sees it"]
stats:
  description: The numbers for workflows. Ansible gets them as custom statistics, as from C(set_stats).
  returned: after a census
  type: dict
  sample:
    link_census_complete: true
    link_census_generation: 1
    link_census_links: 1290
    link_census_pairs_with_links: 4
    link_census_pairs_without_links: 2
    link_census_unread: 0
file:
  description: The path of V(link_census.json).
  returned: after a census, with O(report_dir)
  type: str
  sample: ./report/link_census.json
deleted:
  description: The numbers of the generations that were deleted, in check mode those that would be.
  returned: with O(delete)
  type: list
  elements: int
  sample: [1, 2]
problems:
  description: What keeps the census from beginning.
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
      sample: link_update_product_url is not set
    remedy:
      description: What to do about it.
      type: str
      sample: set it for this instance
progress:
  description: The lines of progress. Without C(async) they are shown, and not returned.
  returned: when the task ran in the background, with C(async)
  type: list
  elements: dict
  contains:
    text:
      description: A line.
      type: str
      sample: project ABC  12,400 of 48,210 issues  312/s  1m55s left
    tone:
      description: What kind of line it is, one of V(plain), V(change), V(good), V(bad), V(careful), V(aside).
      type: str
      sample: plain
msg:
  description: What happened, and what to do.
  returned: on failure
  type: str
  sample: the census is not complete
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(census_incomplete) - the census is not complete, see RV(unread).
        - V(preflight) - there are RV(problems). Nothing was counted.
        - V(invalid_option) - an option has a value that cannot be right.
        - V(missing_library) - a Python library is missing.
        - V(ledger) - the store cannot be opened, read or written.
        - V(unauthorized), V(forbidden) - the Data Center instance or a site does not accept the account.
        - V(no_answer), V(not_found), V(rate_limited), V(redirected), V(rejected), V(tls), V(unavailable), V(unreachable) - a request
          failed, see RV(jira_cloud.federation.link_update_job#module:failure.code).
        - V(report) - V(link_census.json) cannot be written.
      type: str
      sample: census_incomplete
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

from ..module_utils._ansible.argspec import LINK_CENSUS
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.census import link_census


def main() -> None:
    """Run as a module."""
    run_module(link_census, LINK_CENSUS)


if __name__ == "__main__":
    main()
