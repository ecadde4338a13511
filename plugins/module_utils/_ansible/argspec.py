# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules, written once for modules and action plugins. Documented in plugins/doc_fragments."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback

from .._service.links_api import DEFAULT_API_URL

ArgumentSpec = dict[str, dict[str, Any]]

ACCOUNT: ArgumentSpec = {
    "email": {"type": "str", "fallback": (env_fallback, ["ATLASSIAN_EMAIL"])},
    "api_token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["ATLASSIAN_API_TOKEN"])},
}

API: ArgumentSpec = {
    "api_url": {"type": "str", "default": DEFAULT_API_URL},
}

TRANSPORT: ArgumentSpec = {
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "request_timeout": {"type": "float", "default": 30.0},
    "stand_in_url": {"type": "str"},
}

CONNECTION: ArgumentSpec = {**ACCOUNT, **API, **TRANSPORT}

LEDGER: ArgumentSpec = {
    "ledger": {"type": "str"},
}

WAITING: ArgumentSpec = {
    "wait_timeout": {"type": "float", "default": 86400.0},
    "poll_min": {"type": "float", "default": 2.0},
    "poll_max": {"type": "float", "default": 60.0},
}

#: What an update has whichever pair it is of.
_MANNER: ArgumentSpec = {
    "product": {"type": "str"},
    "migrated_at": {"type": "str"},
    "recreate_as_remote": {"type": "raw", "default": "auto"},
    "wave": {"type": "str", "default": "1"},
    "force": {"type": "bool", "default": False},
    "resubmit_failed": {"type": "bool", "default": True},
    "unknown_submission": {"type": "str", "default": "resubmit", "choices": ["resubmit", "fail"]},
}

#: What is asked for one instance.
ORDER: ArgumentSpec = {
    "product_url": {"type": "str"},
    "site_id": {"type": "str"},
    "destinations": {"type": "list", "elements": "str"},
    "create_backup": {"type": "str", "default": "first", "choices": ["first", "always", "never"]},
    "preflight": {"type": "bool", "default": True},
    **_MANNER,
    **ACCOUNT,
}

_FEDERATION: ArgumentSpec = {
    "federation": {"type": "dict", "required": True},
}

FEDERATION: ArgumentSpec = {
    **_FEDERATION,
    "orders": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {"name": {"type": "str", "required": True}, **ORDER},
    },
}

LINK_UPDATE_JOB: ArgumentSpec = {
    "product_url": {"type": "str", "required": True},
    "site_id": {"type": "str"},
    "destination_url": {"type": "str", "required": True},
    "migrated_from": {"type": "str", "required": True},
    "migrated_from_override": {"type": "str"},
    "create_backup": {"type": "bool"},
    **_MANNER,
    "label": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    **WAITING,
    **LEDGER,
    **CONNECTION,
}

LINK_UPDATE_WAIT: ArgumentSpec = {
    "jobs": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "site_id": {"type": "str", "required": True},
            "job_id": {"type": "str", "required": True},
            "label": {"type": "str"},
        },
    },
    **WAITING,
    **LEDGER,
    **CONNECTION,
}

LINK_UPDATE_LEDGER: ArgumentSpec = {
    "wave": {"type": "str"},
    "forget": {"type": "str"},
    "record": {
        "type": "dict",
        "options": {
            "job_id": {"type": "str", "required": True},
            "product_url": {"type": "str", "required": True},
            "site_id": {"type": "str"},
            "destination_url": {"type": "str", "required": True},
            "migrated_from": {"type": "str", "required": True},
            "migrated_from_override": {"type": "str"},
            "create_backup": {"type": "bool"},
            **{name: _MANNER[name] for name in ("product", "recreate_as_remote", "wave")},
        },
    },
    **LEDGER,
}

#: Which pairs a run is about.
_ONLY: ArgumentSpec = {
    "only": {"type": "list", "elements": "str"},
}

#: Where a run finds the links that were counted.
_CENSUS_STORE: ArgumentSpec = {
    "census_store": {"type": "str"},
}

#: How many requests a run sends at once.
_CONNECTIONS: ArgumentSpec = {
    "connections": {"type": "int", "default": 8},
}

#: Where a run sends its notifications.
_NOTIFY: ArgumentSpec = {
    "notify_url": {"type": "str", "no_log": True, "fallback": (env_fallback, ["JIRA_FEDERATION_NOTIFY_URL"])},
}

#: What a report is written to, and has of the variables.
_REPORT: ArgumentSpec = {
    "report_dir": {"type": "path"},
    "settings": {"type": "dict", "default": {}},
}

STAGES = ("preflight", "plan", "submit", "wait", "report")

LINK_UPDATE_RUN: ArgumentSpec = {
    **FEDERATION,
    **_ONLY,
    **_CENSUS_STORE,
    "site_ids": {"type": "dict", "default": {}},
    "stages": {"type": "list", "elements": "str", "default": list(STAGES), "choices": list(STAGES)},
    "app_links_authorized": {"type": "bool", "default": False},
    **_REPORT,
    **_NOTIFY,
    "run_by": {"type": "str"},
    **_CONNECTIONS,
    **WAITING,
    **LEDGER,
    **API,
    **TRANSPORT,
}

#: What is shown of one instance. No credentials: nothing is sent.
_SHOWN: ArgumentSpec = {name: option for name, option in ORDER.items() if name not in (*ACCOUNT, "preflight")}

LINK_UPDATE_STATUS: ArgumentSpec = {
    "federation": {"type": "dict"},
    "orders": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {"type": "str", "required": True}, **_SHOWN},
    },
    **_ONLY,
    **_CENSUS_STORE,
    "problems": {
        "type": "list",
        "elements": "dict",
        "options": {name: {"type": "str", "required": True} for name in ("instance", "problem", "remedy")},
    },
    **LEDGER,
}

#: How to read a Data Center instance, and where to keep what was counted: the variables of the role, too.
CENSUS: ArgumentSpec = {
    "url": {"type": "raw"},
    "token": {"type": "raw", "no_log": True, "fallback": (env_fallback, ["JIRA_DC_TOKEN"])},
    "user": {"type": "raw", "fallback": (env_fallback, ["JIRA_DC_USER"])},
    "password": {"type": "raw", "no_log": True, "fallback": (env_fallback, ["JIRA_DC_PASSWORD"])},
    "file": {"type": "raw"},
    "store": {"type": "str"},
    "delete": {"type": "str"},
    "connections": {"type": "int", "default": 1},
}

LINK_CENSUS: ArgumentSpec = {
    **_FEDERATION,
    "accounts": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": {"type": "str", "required": True}, **ACCOUNT},
    },
    **CENSUS,
    "unless_complete": {"type": "bool", "default": False},
    **_REPORT,
    **LEDGER,
    **TRANSPORT,
    "request_timeout": {"type": "float", "default": 120.0},
}

SITE_INFO: ArgumentSpec = {
    "product_url": {"type": "str", "required": True},
    **ACCOUNT,
    **TRANSPORT,
}

LINK_UPDATE_OUTCOME: ArgumentSpec = {
    "of": {"type": "str", "required": True, "choices": ["jobs", "verdict"]},
}

#: The role's variables of one instance, less their prefix.
INSTANCE_VARIABLES: ArgumentSpec = {
    "migrated_from": {"type": "raw"},
    "migrated_from_override": {"type": "str"},
    "projects": {"type": "raw"},
    "aliases": {"type": "list", "elements": "str"},
    **ORDER,
}

#: The role's variables of a whole run, less their prefix.
RUN_VARIABLES: ArgumentSpec = {
    "group": {"type": "str", "default": "federated_instances"},
    "federation": {"type": "dict"},
    **_ONLY,
    "app_links_authorized": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "prove": {"type": "bool", "default": False},
    "report_dir": {"type": "str"},
    **_NOTIFY,
    **_CONNECTIONS,
    **WAITING,
    **LEDGER,
    **API,
}

#: The variables of a rehearsal, less their prefix.
REHEARSAL_VARIABLES: ArgumentSpec = {
    "fail": {"type": "list", "elements": "str"},
    "retry": {"type": "list", "elements": "str"},
    "not_admin": {"type": "list", "elements": "str"},
    "linking_off": {"type": "list", "elements": "str"},
    "leave_out": {"type": "raw"},
    "parallel": {"type": "bool"},
    "queue_seconds": {"type": "float"},
    "backup_seconds": {"type": "float"},
    "run_seconds": {"type": "float"},
    "latency_seconds": {"type": "float"},
    "rate_limit": {"type": "list", "elements": "float"},
    "ledger": {"type": "path"},
}

#: How thoroughly links are checked: the variables of the role, too.
CHECK: ArgumentSpec = {
    "sample": {"type": "raw", "default": "auto"},
    "confidence": {"type": "float", "default": 0.99},
    "max_missing": {"type": "float"},
    "jobs": {"type": "str", "default": "complete", "choices": ["complete", "any"]},
    "connections": {"type": "int", "default": 4},
}

LINK_CHECK: ArgumentSpec = {
    **FEDERATION,
    **CHECK,
    **_CENSUS_STORE,
    **_REPORT,
    **LEDGER,
    **TRANSPORT,
}

#: What a repair acts on, and how far it may go: the variables of the role, too.
REPAIR: ArgumentSpec = {
    "findings": {"type": "path"},
    "max": {"type": "int", "default": 1000},
    "undo": {"type": "bool", "default": False},
    "jobs": {"type": "str", "default": "complete", "choices": ["complete", "any"]},
}

LINK_REPAIR: ArgumentSpec = {
    **FEDERATION,
    **REPAIR,
    **_CENSUS_STORE,
    **_REPORT,
    **LEDGER,
    **TRANSPORT,
}

#: Which of Atlassian's reports are downloaded: the variables of the role, too.
REPORTS: ArgumentSpec = {
    "history_url": {"type": "str"},
    "audit_log_url": {"type": "str"},
    "id_mappings": {"type": "bool", "default": False},
}

LINK_REPORTS: ArgumentSpec = {
    **FEDERATION,
    **REPORTS,
    **_REPORT,
    **LEDGER,
    **API,
    **TRANSPORT,
}
