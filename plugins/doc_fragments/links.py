# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that several modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Who asks, and where."""

    ACCOUNT = r"""
options:
  email:
    description:
      - The e-mail address of the Atlassian account in whose name the requests are made.
      - The account must be organization admin or site admin, and admin of the product whose links are updated.
      - When not set, the environment variable E(ATLASSIAN_EMAIL) of the controller is used.
    type: str
  api_token:
    description:
      - An API token of this account.
      - It has to be an unscoped one. A scoped token does not work, it is refused with HTTP 401.
      - When not set, the environment variable E(ATLASSIAN_API_TOKEN) of the controller is used.
    type: str
"""

    API = r"""
options:
  api_url:
    description:
      - The base URL of the links API.
      - V(http://) is accepted for a loopback address only.
    type: str
    default: https://api.atlassian.com/links/v1
"""

    TRANSPORT = r"""
options:
  validate_certs:
    description:
      - Whether the certificates of the API and of the sites are checked.
      - Without the check, whoever sits between you and them can read the API token.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificate authorities to trust, instead of those that come with the Python library requests.
    type: path
  request_timeout:
    description:
      - Seconds that a request may last in all, from looking up the name of the host to the last byte of the answer.
    type: float
    default: 30.0
  stand_in_url:
    description:
      - The URL of a stand-in for the service, for a rehearsal. It must be on a loopback address.
      - Every request goes there instead of to its real host, whose name becomes the first segment of the path.
      - The real credentials are not used, and a ledger must be given, so that a rehearsal never writes to the real one.
      - The playbook C(jira_cloud.federation.rehearse) starts one and does all of it. By itself it is the program
        C(plugins/plugin_utils/stand_in.py) of this collection.
    type: str
"""

    FEDERATION = r"""
options:
  federation:
    description:
      - All instances, as a dictionary from the name of each to its C(product_url), C(migrated_from), and optionally
        C(migrated_from_override), C(migrated_at) and C(site_id). The output of P(jira_cloud.federation.federation#filter) will do.
      - C(migrated_from) is the base URL of the instance whose data was migrated B(to this instance), or a list where there are
        several. Each entry of the list is a URL, or a dictionary with C(url), and optionally C(override) and C(migrated_at). A pair
        has one update for each origin of its destination.
      - Jira and Confluence may be in one federation, also those of one site.
    type: dict
    required: true
  orders:
    description: One dictionary for each instance whose links are to be updated.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the instance in O(federation).
        type: str
        required: true
      product_url:
        description: Its URL as its inventory host has it, only to be compared with that of O(federation).
        type: str
      site_id:
        description: The cloud ID of its site. Looked up when not set.
        type: str
      destinations:
        description: The names of the instances that its links point to. When not set, all others of O(federation).
        type: list
        elements: str
      create_backup:
        description:
          - Which jobs order a backup of the Jira Cloud instance before they start.
          - V(first) - the first one of the instance and its wave, whichever run schedules it; the others are not scheduled
            before its backup is done.
          - V(always) - each of them.
          - V(never) - none. For Confluence, the others are the same as this.
        type: str
        choices: [first, always, never]
        default: first
      preflight:
        description:
          - Whether the stage V(preflight) asks the site of this instance. With V(false), nothing is asked of it; its options are
            checked all the same. For a site whose IP allowlist does not have the machine that does the work, for instance, which
            does not matter to the links API. Give O(orders[].site_id) as well then, as the site is asked for it otherwise.
        type: bool
        default: true
      product:
        description:
          - The product whose links are updated, V(jira) or V(confluence), in upper or lower case. When not set, it follows from
            the URL in O(federation), which ends with V(/wiki) for Confluence only. When set, it must be the same.
        type: str
      migrated_at:
        description:
          - When the migration to this instance ended, or will end, as a date (the start of that day, UTC) or an RFC 3339 time. It
            comes before the C(migrated_at) that O(federation) has of the instance. An origin's own comes before both.
          - Links can be recreated for 14 days after it. A date more than 30 days ahead is refused.
        type: str
      recreate_as_remote:
        description:
          - V(auto) recreates links that were local to the split instance as remote links, for each pair of two different Jira
            sites and each origin that is no cloud site. All others get a regular update.
          - V(true) fails where that is not so, V(false) recreates none.
        type: raw
        default: auto
      wave:
        description: A label for the wave of the migration. A new one schedules every update anew.
        type: str
        default: "1"
      force:
        description: Schedule updates anew although they are complete, or have failed.
        type: bool
        default: false
      resubmit_failed:
        description:
          - Schedule updates anew whose last job ended in V(ERROR). Otherwise they fail.
          - Those whose last job ended in another word for a failure, such as V(FAILED) or V(CANCELLED), fail in any case but
            with C(force).
        type: bool
        default: true
      unknown_submission:
        description:
          - What to do when nobody knows whether the service took an earlier request for an update. V(resubmit) warns and
            schedules a new job, V(fail) fails.
        type: str
        choices: [resubmit, fail]
        default: resubmit
      email:
        description:
          - The e-mail address of the Atlassian account to use for this instance.
          - When not set, the environment variable E(ATLASSIAN_EMAIL) of the controller is used.
        type: str
      api_token:
        description:
          - An unscoped API token of this account.
          - When not set, the environment variable E(ATLASSIAN_API_TOKEN) of the controller is used.
        type: str
"""

    WAITING = r"""
options:
  wait_timeout:
    description:
      - How long to wait for the jobs, in seconds. When it has passed the task fails, and the jobs go on at the service.
    type: float
    default: 86400.0
  poll_min:
    description:
      - The shortest pause between two polls of one job, in seconds.
      - A job is polled again after 5 % of its age, but not sooner than this and not later than O(poll_max).
    type: float
    default: 2.0
  poll_max:
    description:
      - The longest pause between two polls of one job, in seconds.
      - A job that is in the queue of its site behind others is polled more rarely.
    type: float
    default: 60.0
"""

    LEDGER = r"""
options:
  ledger:
    description:
      - Where it is recorded which jobs were scheduled. Whoever uses the same ledger never schedules the same job twice.
      - A path or V(sqlite:///absolute/path) of a file on a local disk, shared by all runs on one machine. Locks do
        not work on all network file systems. The file and its folder are created on first use, readable for the user
        only.
      - V(postgresql://user:password@host:5432/database) for runs on several machines, or in containers that leave nothing
        behind, as in AWX. Needs the Python library psycopg. The tables C(link_update_ledger), C(link_update_attempts),
        C(link_update_statuses), C(link_update_limits) and C(link_update_generation) are created on first use. What the URL leaves
        out is found by libpq in a password file, a service file or C(PG...) environment variables.
      - A ledger of an older release is migrated on first use, not in check mode. One of a newer release is refused.
      - When not set, the environment variable E(JIRA_FEDERATION_LEDGER) of the controller is used, and without it
        V(jira_cloud.federation/ledger.sqlite3) in the folder E(XDG_STATE_HOME), V(~/.local/state) by default,
        on the host that the task runs on.
    type: str
"""

    ATTRIBUTES = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and tell what it would do, changing nothing.
  diff_mode:
    description: Returns details on what has changed (or would change in C(check_mode)), when in diff mode.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second time changes nothing.
  platform:
    description: The systems it runs on.
    platforms: posix
"""

    LIVE = r"""
options: {}
attributes:
  action:
    description: Has an action plugin of the same name, which does the work in the controller where it can.
    support: full
    details:
      - With a local connection, without C(become) and without C(async), the work is done in the controller's own process and
        Python, and what it says is shown at once.
      - Otherwise it is done by the module, with the Python of the host that the task is delegated to. What takes long works in
        the background there, and what it says is read and shown every second in which there is something to say. Where nobody
        reads for two minutes, because the controller or the connection is gone, it leaves the work; a rerun takes it up.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - Nothing is shown then until the task has ended. What was said is in RV(ignore:progress).
"""

    ROLE_TASK = r"""
options: {}
attributes:
  action:
    description: Has an action plugin of the same name, which does the work in the controller.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    support: full
    details:
      - It changes nothing.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
  platform:
    support: full
"""
