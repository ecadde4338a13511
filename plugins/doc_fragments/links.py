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
      - The e-mail address of the Atlassian account that makes the requests.
      - The account must be organization admin or site admin, and admin of the product whose links are updated.
      - When not set, the environment variable E(ATLASSIAN_EMAIL) of the controller is used.
    type: str
  api_token:
    description:
      - An API token of this account.
      - Use an unscoped token. The service refuses a scoped token with HTTP 401.
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
      - Check the certificates of the API and of the sites.
      - Without the check, anybody between you and them can read the API token.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificate authorities to trust, instead of those that come with the Python library requests.
    type: path
  request_timeout:
    description:
      - The timeout of a whole request in seconds, from the lookup of the host name to the last byte of the answer.
    type: float
    default: 30.0
  stand_in_url:
    description:
      - The URL of a stand-in for the service, for a rehearsal. It must be on a loopback address.
      - Every request goes there and not to its real host. The name of the real host becomes the first segment of the path.
      - The real credentials are not used. Set C(ledger) as well, so that a rehearsal never writes to the real ledger.
      - The playbook C(jira_cloud.federation.rehearse) starts a stand-in and sets all this. The stand-in is the program
        C(plugins/plugin_utils/stand_in.py) of this collection.
    type: str
"""

    FEDERATION = r"""
options:
  federation:
    description:
      - All instances, as a dictionary from the name of each to its C(product_url), C(migrated_from), and optionally
        C(migrated_from_override), C(migrated_at) and C(site_id). P(jira_cloud.federation.federation#filter) makes this dictionary.
      - C(migrated_from) is the base URL of the instance whose data was migrated B(to this instance), or a list where there are
        several. Each entry of the list is a URL, or a dictionary with C(url), and optionally C(override) and C(migrated_at). A pair
        has one update for each origin of its destination.
      - A federation may have Jira and Confluence instances, also those of one site.
    type: dict
    required: true
  orders:
    description: One dictionary for each instance whose links the task updates.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the instance in O(federation).
        type: str
        required: true
      product_url:
        description: The URL that the inventory host has. It must be the same as in O(federation).
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
          - V(first) - the first job of the instance in its wave, in whichever run. The others are scheduled when its backup is
            done.
          - V(always) - each of them.
          - V(never) - none. For Confluence it is always V(never).
        type: str
        choices: [first, always, never]
        default: first
      preflight:
        description:
          - Whether the stage V(preflight) sends requests to the site of this instance. With V(false), only its options are checked.
          - Use V(false) for a site whose IP allowlist does not have this machine. The links API works there in any case. Set
            O(orders[].site_id) as well; otherwise the site is asked for its cloud ID.
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
            has priority over the C(migrated_at) of the instance in O(federation). The C(migrated_at) of an origin has priority over
            both.
          - Links can be recreated for 14 days after it. A date more than 30 days ahead is refused.
        type: str
      recreate_as_remote:
        description:
          - V(auto) recreates links that were local to the split instance as remote links, for each pair of two different Jira
            sites and each origin that is not a cloud site. All others get a regular update.
          - V(true) fails where links cannot be recreated. V(false) makes a regular update of all.
        type: raw
        default: auto
      wave:
        description: A label for the wave of the migration. With a new label, every update is scheduled again.
        type: str
        default: "1"
      force:
        description: Schedule updates again, also those that are complete or have failed.
        type: bool
        default: false
      resubmit_failed:
        description:
          - Retry updates whose last job ended in V(ERROR). With V(false), they fail.
          - Updates whose last job ended in another word for a failure, such as V(FAILED) or V(CANCELLED), always fail. C(force)
            schedules them again.
        type: bool
        default: true
      unknown_submission:
        description:
          - What to do when it is not known whether the service took an earlier request for an update. V(resubmit) warns and
            schedules a new job. V(fail) fails.
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
      - How long to wait for the jobs, in seconds. After that the task fails; the jobs keep running at the service.
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
      - A job that waits behind others in the queue of its site is polled less often.
    type: float
    default: 60.0
"""

    LEDGER = r"""
options:
  ledger:
    description:
      - The ledger is the record of the jobs that were scheduled. Runs with the same ledger never schedule the same job twice.
      - A path or V(sqlite:///absolute/path) of a file on a local disk, shared by all runs on one machine. Locks do
        not work on all network file systems. The file and its folder are created on first use, readable for the user
        only.
      - V(postgresql://user:password@host:5432/database) for runs on several machines, or in containers that leave nothing
        behind, as in AWX. Needs the Python library psycopg. The tables C(link_update_ledger), C(link_update_attempts),
        C(link_update_statuses), C(link_update_limits) and C(link_update_generation) are created on first use. What the
        URL leaves out, libpq finds in a password file, a service file or C(PG...) environment variables.
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
    description: Can run in C(check_mode) and say what it would do, without a change.
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
      - Otherwise the module does the work, with the Python of the host that the task is delegated to. Long work runs in the
        background there, and the controller reads and shows its progress every second. If nobody reads it for two minutes,
        because the controller or the connection is gone, the module stops. Run again to resume.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - Then nothing is shown until the task has ended. Its progress is in RV(ignore:progress).
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
