#!/usr/bin/python
# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site says of itself and of the caller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_info
short_description: Ask a cloud site what it is, and what the caller may do there
version_added: 0.1.0
description:
  - Looks up the cloud ID of a site, whether the credentials work there, whether their account is a Jira admin, and whether
    issues can be linked. Changes nothing.
  - The calls are documented by the vendor, the first one for migrations (V(/_edge/tenant_info)), the others (V(myself),
    V(mypermissions), V(configuration)) in the reference of the Jira Cloud platform's REST API, version 3.
options:
  product_url:
    description:
      - The URL of the cloud product. At that of a Confluence, which ends in V(/wiki), only the cloud ID is looked up.
      - Of the address of a page, such as V(https://eu.example.atlassian.net/browse/ABC-1), the page is removed, with a warning.
    type: str
    required: true
extends_documentation_fragment:
  - jira_cloud.federation.links.account
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
  - urllib3
  - Python >= 3.11
seealso:
  - module: jira_cloud.federation.link_update_run
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Ask who I am
  jira_cloud.federation.site_info:
    product_url: https://eu.example.atlassian.net
    email: "{{ atlassian_email }}"
    api_token: "{{ atlassian_api_token }}"
  register: site
  delegate_to: localhost

- name: Check that I may do it
  ansible.builtin.assert:
    that:
      - site.is_admin
      - site.issue_linking_enabled
"""

RETURN = r"""
site_id:
  description: The cloud ID of the site, V(null) if it could not be found out.
  returned: always
  type: str
  sample: 11223344-a1b2-3b33-c444-def123456789
account:
  description: Whose credentials they are, V(null) at a Confluence, or if it could not be found out.
  returned: always
  type: dict
  contains:
    account_id:
      description: The account's id.
      type: str
      sample: 5b10a2844c20165700ede21g
    display_name:
      description: Its name, for people.
      type: str
      sample: Ann Admin
is_admin:
  description: Whether the account has the global permission V(ADMINISTER) of Jira. V(null) like RV(account).
  returned: always
  type: bool
  sample: true
issue_linking_enabled:
  description: Whether issue linking is switched on. V(null) like RV(account).
  returned: always
  type: bool
  sample: true
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
  sample: >-
    GET https://eu.example.atlassian.net/rest/api/3/myself: HTTP 401. Check the e-mail address and the API token. A token
    expires (by default after a year). A scoped token does not work: use an unscoped one. [...]
failure:
  description: What went wrong.
  returned: on failure, unless an option is missing or has a wrong type
  type: dict
  contains:
    code:
      description:
        - For programs.
        - V(invalid_option), V(missing_library), V(site_not_found), V(unauthorized), V(forbidden), V(not_found), V(redirected),
          V(rejected), V(rate_limited), V(unavailable), V(unreachable), V(tls), V(no_answer), with the meanings that
          M(jira_cloud.federation.link_update_job) documents.
      type: str
      sample: unauthorized
    message:
      description: For people. The same as RV(msg).
      type: str
      sample: See RV(msg)
    http_status:
      description: The HTTP status that was answered with, or V(null).
      type: int
      sample: 401
    request_id:
      description: The id of the request, if there is one. Support asks for it.
      type: str
      sample: null
    job_id:
      description: Always V(null) here.
      type: str
      sample: null
"""

from ..module_utils._ansible.argspec import SITE_INFO
from ..module_utils._ansible.module import run_module
from ..module_utils._tasks.site_info import site_info


def main() -> None:
    """Run as a module."""
    run_module(site_info, SITE_INFO)


if __name__ == "__main__":
    main()
