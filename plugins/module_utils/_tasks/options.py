# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that several modules have, turned into what they stand for, and the shape of what modules give back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from .._clock import Clock
from .._errors import InvalidOption, LinkUpdateError
from .._ledger.ledger import Ledger, open_ledger, warning_about
from .._progress import Reporter
from .._run.poll_schedule import PollPolicy
from .._service.connection import Connection
from .._urls import is_loopback, site_url

Options = Mapping[str, Any]
Result = dict[str, Any]
Task = Callable[[Options, bool, Reporter, Clock], Result]

#: Whom a rehearsal is made as: a stand-in never gets to see real credentials.
REHEARSAL_EMAIL = "rehearsal@example.com"
REHEARSAL_TOKEN = "rehearsal"  # noqa: S105

#: What messages call a character that no credential has.
_NAMES = {" ": "a blank", "\t": "a tab", "\n": "a line end", "\r": "a line end"}


def connection_of(options: Options, account: Options | None = None) -> Connection:
    """How to reach the service, and as whom.

    :param account: where C(email) and C(api_token) are, if not among the options.
    :raises InvalidOption: a value cannot be right, or a credential is missing.
    """
    stand_in_url = options["stand_in_url"]
    if stand_in_url:
        stand_in_url = site_url("stand_in_url", stand_in_url)
        if not is_loopback(urlsplit(stand_in_url).hostname or ""):
            raise InvalidOption(f"stand_in_url {stand_in_url} is not on this machine: a rehearsal stays at home")
        email, api_token = REHEARSAL_EMAIL, REHEARSAL_TOKEN
    else:
        account = account or options
        email, api_token = (_credential(name, account[name]) for name in ("email", "api_token"))
    if options["request_timeout"] <= 0:
        raise InvalidOption(f"request_timeout is {options['request_timeout']:g} seconds: it must be more than 0")
    return Connection(
        email=email,
        api_token=api_token,
        verify=(options["ca_path"] or True) if options["validate_certs"] else False,
        timeout=options["request_timeout"],
        stand_in_url=stand_in_url or None,
    )


def _credential(name: str, value: str | None) -> str:
    """A credential, less what surrounds it in the file that it was read from: line ends, blanks, a byte order mark.

    :raises InvalidOption: it is not set, or cannot be one. It is not quoted.
    """
    value = (value or "").strip().strip("\ufeff").strip()
    if not value:
        raise InvalidOption(f"{name} is not set: give it, or set the environment variable ATLASSIAN_{name.upper()}")
    strange = next((each for each in value if each == " " or not each.isprintable()), None)
    if strange:
        what = _NAMES.get(strange, "a character that cannot be seen")
        raise InvalidOption(f"{name} has {what} in it, and none has one: look at the file or variable it comes from")
    return value


def poll_policy_of(options: Options) -> PollPolicy:
    """How long to wait, and how often to look.

    :raises InvalidOption: a value cannot be right.
    """
    patience = PollPolicy(timeout=options["wait_timeout"], poll_min=options["poll_min"], poll_max=options["poll_max"])
    if not patience.timeout > 0:
        raise InvalidOption(f"wait_timeout is {patience.timeout:g} seconds: it must be more than 0")
    if not 0 < patience.poll_min <= patience.poll_max:
        raise InvalidOption(
            f"poll_min is {patience.poll_min:g} and poll_max {patience.poll_max:g} seconds: "
            "poll_min must be more than 0 and at most poll_max"
        )
    return patience


def ledger_of(options: Options, clock: Clock, *, copy: bool) -> Ledger:
    """The ledger, or a copy of it.

    :raises InvalidOption, MissingLibrary, LedgerError: what L(open_ledger) raises.
    """
    if options["stand_in_url"] and not options["ledger"]:
        raise InvalidOption("stand_in_url is set without ledger: a rehearsal needs a ledger of its own")
    return open_ledger(options["ledger"], clock, os.environ, copy=copy)


def warn_of_ledger(options: Options, reporter: Reporter) -> None:
    """Say what a user should know of the ledger before relying on it, if anything."""
    if not options["stand_in_url"] and (warning := warning_about(options["ledger"], os.environ)):
        reporter.warn(warning)


def lease_of(options: Options) -> timedelta:
    """What one request can last: looking up the name, connecting, sending, silence, a slow body; with a margin."""
    return timedelta(seconds=4 * options["request_timeout"] + 30)


def failed(failure: LinkUpdateError) -> Result:
    """The result of a task that failed."""
    return {"failed": True, "msg": failure.message, "failure": failure.as_result()}
