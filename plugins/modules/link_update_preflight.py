#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a run can succeed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: link_update_preflight
short_description: Check a federation before its links are updated
version_added: 0.1.0
description:
  - Finds out, for all instances at once, what would keep a run from succeeding, and fails with every problem there is
    instead of the first. The role C(jira_cloud.federation.link_update) does so before it schedules anything.
  - Of every instance of O(federation) it checks that it is complete, that its URL is that of a cloud site, and that no other
    one has the same URL or site.
  - Of those in O(orders), too, that a cloud ID that was given is the site's own and that links can still be recreated; for
    Jira also that the credentials work, that their account is a Jira admin, and that issue linking is switched on.
  - What no API tells, it cannot check, above all whether the application links were authorized.
extends_documentation_fragment:
  - jira_cloud.federation.links.federation
  - jira_cloud.federation.links.transport
  - jira_cloud.federation.links.attributes
  - jira_cloud.federation.links.live
attributes:
  check_mode:
    support: full
    details:
      - It does the same, as it changes nothing.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
  platform:
    support: full

requirements:
  - requests
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.site_info
  - module: jira_cloud.federation.link_update_run
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Check both sites
  jira_cloud.federation.link_update_preflight:
    federation:
      eu:
        product_url: https://eu.example.atlassian.net
        migrated_from: https://jira.example.com
      us:
        product_url: https://us.example.atlassian.net
        migrated_from: https://jira.example.com
    orders:
      - name: eu
        migrated_at: "2026-03-01"
      - name: us
        migrated_at: "2026-03-02"
  delegate_to: localhost
"""

RETURN = r"""
sites:
  description: What was found out about each instance, by its name.
  returned: always
  type: dict
  sample:
    eu:
      product_url: https://eu.example.atlassian.net
      site_id: 11223344-a1b2-3b33-c444-def123456789
      account:
        account_id: 5b10a2844c20165700ede21g
        display_name: Ann Admin
      is_admin: true
      issue_linking_enabled: true
      window_closes: "2026-03-16T00:00:00.000000Z"
      days_left: 9.25
site_ids:
  description: The cloud IDs that are known, by the name of the instance.
  returned: always
  type: dict
  sample:
    eu: 11223344-a1b2-3b33-c444-def123456789
problems:
  description: What keeps a run from succeeding.
  returned: always
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
      sample: make the account an admin of this product
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
  description: How many problems there are.
  returned: on failure
  type: str
  sample: "Nothing was scheduled: 4 problems"
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(preflight) - there are RV(problems).
        - V(missing_library) - the Python library requests is missing.
      type: str
      sample: preflight
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

from ansible_collections.jira_cloud.federation.plugins.module_utils._argspec import LINK_UPDATE_PREFLIGHT
from ansible_collections.jira_cloud.federation.plugins.module_utils._module import run_module
from ansible_collections.jira_cloud.federation.plugins.module_utils._task_preflight import link_update_preflight


def main() -> None:
    """Run as a module."""
    run_module(link_update_preflight, LINK_UPDATE_PREFLIGHT)


if __name__ == "__main__":
    main()
