# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the options of the modules, each once, into what they stand for. All raise C(InvalidOption)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._clock import Clock
from .._errors import InvalidOption
from .._ledger.ledger import Ledger, open_ledger
from .._ledger.location import locate, warning_about
from .._login import login
from .._model.connection import Account, Connection
from .._model.desired import InstanceSpec, parse_specs
from .._model.federation import Federation, Problem, parse_federation
from .._model.hints import hints_about, problems_with_dates
from .._model.links import NOT_COUNTED, CountedLinks
from .._model.policy import Policy, PollPolicy
from .._model.selection import hints_about_selection, selected_labels
from .._model.settings import Settings
from .._model.sources import jira_members
from .._model.update import FIELDS, Update, make_update
from .._model.window import migration_end, notice_about
from .._naming import CENSUS, MODULE, ROLE, Naming
from .._progress import Reporter
from .._store.opening import store_location
from .._text import harmless
from .._urls import is_loopback, page_notice, short_url, site_url
from .shown import shown_settings
from .task import Options

_UPDATE_OPTIONS = (*FIELDS, "migrated_at")
_URL_OPTIONS = ("product_url", "destination_url", "migrated_from", "migrated_from_override")
_MOST_CONNECTIONS = 100


@dataclass(frozen=True)
class Access:
    """How a task reaches the links API and the ledger."""

    connection: Connection
    account: Account
    api_url: str
    ledger: str | None
    polling: PollPolicy


@dataclass(frozen=True)
class JobSettings:
    """What C(link_update_job) was asked for."""

    update: Update
    #: What messages call the update.
    label: str
    policy: Policy
    wait: bool
    access: Access
    #: What a user should know, and may be right.
    hints: tuple[str, ...]


def run_settings(
    options: Options, now: datetime, count: Callable[[Federation], CountedLinks] = lambda _federation: NOT_COUNTED
) -> Settings:
    """What C(link_update_run) was asked for. What is wrong with single instances is among its problems.

    :param now: the run begins.
    :param count: finds out what was counted of the links.
    """
    if not options["orders"]:
        raise InvalidOption("orders is empty", "name at least one instance")
    named, ledger = naming_of(options), ledger_location(options)
    federation, specs, found = federation_and_specs(options, named)
    problems = (*federation.problems, *problems_with_dates(federation, now), *found)
    # Where something is wrong, not all pairs there are may be known.
    links = NOT_COUNTED if problems else count(federation)
    only = None if problems else selected_labels(options["only"], specs, named, links)
    settings = Settings(
        federation=federation,
        specs=specs,
        only=only,
        links=links,
        problems=problems,
        hints=(*hints_about(federation, now), *hints_about_selection(options["only"], specs, only, named, links)),
        stages=frozenset(options["stages"]),
        connection=connection_of(options),
        connections=connections_in(options, named, _MOST_CONNECTIONS),
        api_url=site_url(named("api_url"), options["api_url"]),
        ledger=ledger,
        polling=poll_policy_of(options),
        report_dir=options["report_dir"] or "",
        app_links_authorized=options["app_links_authorized"],
        run_by=harmless(options["run_by"] or login()),
        started_at=now,
        shown=shown_settings(federation, options["orders"], options["settings"]),
    )
    return settings.at(options["site_ids"])


def naming_of(options: Options, of_role: Naming = ROLE) -> Naming:
    """What messages call the options. A role hands over its variables, for the report to show them.

    :param of_role: what they are called there.
    """
    return of_role if ROLE("group") in options.get("settings", ()) else MODULE


def census_location(options: Options, named: Naming) -> Path | str:
    """Where the censuses, checks and repairs are kept, see L(store_location)."""
    option = CENSUS("store") if named is ROLE else "census_store"
    return store_location(options["census_store"], options["ledger"], os.environ, option)


def federation_and_specs(options: Options, named: Naming) -> tuple[Federation, tuple[InstanceSpec, ...], list[Problem]]:
    """The federation, what is asked for its instances, and what is wrong with that."""
    federation = parse_federation(_with_own_dates(options["federation"], options["orders"]), named)
    return federation, *parse_specs(federation, options["orders"])


def jira_accounts(federation: Federation, specs: Iterable[InstanceSpec]) -> dict[str, Account]:
    """Who asks the Jira sites, by the name of the instance."""
    jira = {name for name, _member in jira_members(federation)}
    return {each.name: each.account for each in specs if each.name in jira}


def _with_own_dates(federation: Mapping[str, Any], orders: Sequence[Options]) -> dict[str, Any]:
    """The federation, with the date that each instance has in its own variables before the one that others say."""
    own = {order["name"]: {"migrated_at": order["migrated_at"]} for order in orders if order["migrated_at"]}
    return {
        name: {**member, **own.get(name, {})} if isinstance(member, Mapping) else member
        for name, member in federation.items()
    }


def connections_in(options: Options, named: Naming, most: int) -> int:
    """How many requests are under way at once, at most.

    :param most: the largest number that can be right.
    """
    connections: int = options["connections"]
    if not 1 <= connections <= most:
        raise InvalidOption(f"{named('connections')} is {connections}", f"set it to a number from 1 to {most}")
    return connections


def job_settings(options: Options, now: datetime) -> JobSettings:
    """What C(link_update_job) was asked for."""
    update = make_update(now=now, **{name: options[name] for name in _UPDATE_OPTIONS})
    product, destination = (short_url(url) for url in (update.product_url, update.destination_url))
    return JobSettings(
        update=update,
        label=harmless(options["label"] or f"{product} -> {destination}"),
        policy=Policy(
            force=options["force"],
            resubmit_failed=options["resubmit_failed"],
            resubmit_unknown=options["unknown_submission"] == "resubmit",
        ),
        wait=options["wait"],
        access=access_of(options),
        hints=_hints_about(update, options, now),
    )


def _hints_about(update: Update, options: Options, now: datetime) -> tuple[str, ...]:
    notices = [page_notice(name, options[name], getattr(update, name)) for name in _URL_OPTIONS if options[name]]
    if options["migrated_at"]:
        notices.append(notice_about("migrated_at", migration_end("migrated_at", options["migrated_at"]), now))
    return tuple(each for each in notices if each)


def access_of(options: Options) -> Access:
    """How a task reaches the links API and the ledger, and for how long it waits."""
    return Access(
        polling=poll_policy_of(options),
        connection=connection_of(options),
        account=account_of(options),
        api_url=site_url(naming_of(options)("api_url"), options["api_url"]),
        ledger=ledger_location(options),
    )


def account_of(options: Options) -> Account:
    """Whose credentials are used."""
    return Account(options["email"] or "", options["api_token"] or "")


def connection_of(options: Options) -> Connection:
    """How to reach the service."""
    stand_in_url = options["stand_in_url"] and site_url("stand_in_url", options["stand_in_url"])
    if stand_in_url and not is_loopback(urlsplit(stand_in_url).hostname or ""):
        raise InvalidOption(f"stand_in_url {stand_in_url} is not on this machine", "start the stand-in on this machine")
    if options["request_timeout"] <= 0:
        raise InvalidOption(f"request_timeout is {options['request_timeout']:g} seconds", "set it to more than 0")
    return Connection(
        verify=(options["ca_path"] or True) if options["validate_certs"] else False,
        timeout=options["request_timeout"],
        stand_in_url=stand_in_url or None,
    )


def poll_policy_of(options: Options) -> PollPolicy:
    """How long to wait, and how often to poll."""
    policy = PollPolicy(timeout=options["wait_timeout"], poll_min=options["poll_min"], poll_max=options["poll_max"])
    named = naming_of(options)
    if not policy.timeout > 0:
        raise InvalidOption(f"{named('wait_timeout')} is {policy.timeout:g} seconds", "set it to more than 0")
    if not 0 < policy.poll_min <= policy.poll_max:
        shortest, longest = named("poll_min"), named("poll_max")
        raise InvalidOption(
            f"{shortest} is {policy.poll_min:g} seconds and {longest} is {policy.poll_max:g} seconds",
            f"set {shortest} to more than 0, and to at most {longest}",
        )
    return policy


def ledger_location(options: Options) -> str | None:
    """Where the ledger is; None for the default. Whether it can be there is checked before anything is sent."""
    if options["stand_in_url"] and not options["ledger"]:
        raise InvalidOption("stand_in_url is set without ledger", "give the rehearsal a ledger of its own")
    location: str | None = options["ledger"]
    locate(location, os.environ, naming_of(options)("ledger"))
    return location


def ledger_at(location: str | None, clock: Clock, *, copy: bool) -> Ledger:
    """The ledger, or a copy of it.

    :raises InvalidOption, MissingLibrary, LedgerError: what L(open_ledger) raises.
    """
    return open_ledger(location, clock, os.environ, copy=copy)


def warn_of_ledger(location: str | None, connection: Connection, reporter: Reporter) -> None:
    """Say what a user should know of the ledger before relying on it, if anything."""
    if not connection.is_rehearsal and (warning := warning_about(location, os.environ)):
        reporter.warn(warning)
