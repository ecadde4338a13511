# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rehearsal: the same run at a stand-in for the service, which starts and ends with it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

from ..module_utils._model.connection import REHEARSAL
from ..module_utils._model.federation import Problem, parse_federation

_STAND_IN = Path(__file__).with_name("stand_in.py")
#: Those of the variables that name pairs, and those that name instances.
_PAIRS = ("fail", "retry")
_INSTANCES = ("not_admin", "linking_off")


class StandInError(Exception):
    """The stand-in did not start."""


def problems_of(script: Mapping[str, Any], federation: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the variables of a rehearsal.

    :param federation: the names of all instances.
    """
    pairs = [" -> ".join(pair) for pair in permutations(federation, 2)] + [f"{name} -> {name}" for name in federation]
    for names, kind, known in ((_PAIRS, "pair", pairs), (_INSTANCES, "instance", federation)):
        for name in names:
            for each in script[name] or []:
                if each not in known:
                    remedy = f"use a name such as {known[0]}"
                    yield Problem("", f"rehearsal_{name} has {each!r}, which is no {kind} of the federation", remedy)
    yield from _problems_of_left_out(script["leave_out"], pairs)
    limit = script["rate_limit"]
    if limit is not None and (len(limit) != 2 or min(limit) <= 0):
        remedy = "use [requests, seconds], for example [60, 10]"
        yield Problem("", f"rehearsal_rate_limit is {limit}", remedy)
    for name in ("queue_seconds", "backup_seconds", "run_seconds", "latency_seconds"):
        if (script[name] or 0) < 0:
            yield Problem("", f"rehearsal_{name} is {script[name]:g}", "use 0 or more seconds")


def _problems_of_left_out(given: Any, pairs: Sequence[str]) -> Iterator[Problem]:
    if isinstance(given, Mapping):
        for each in given:
            if each not in pairs:
                remedy = f"use a name such as {pairs[0]}"
                yield Problem("", f"rehearsal_leave_out has {each!r}, which is no pair of the federation", remedy)
    elif given is not None and not str(given).isdecimal():
        remedy = f"use a number, or numbers by pair, for example {json.dumps({pairs[0]: 3})}"
        yield Problem("", f"rehearsal_leave_out is {given!r}", remedy)


@contextmanager
def rehearsal(
    script: Mapping[str, Any], federation: Mapping[str, Any], report_dir: str | None
) -> Iterator[dict[str, Any]]:
    """The options of C(link_update_run) that make a rehearsal of it, see also L(census_at).

    :param script: the variables of the rehearsal, less their prefix.
    :raises StandInError: the stand-in did not start.
    """
    given = {name: value for name, value in script.items() if value is not None and name != "ledger"}
    if isinstance(given.get("leave_out"), str):
        # On a command line, a number is a text.
        given["leave_out"] = int(given["leave_out"])
    account = {"email": REHEARSAL.email, "api_token": REHEARSAL.api_token}
    with (
        tempfile.TemporaryDirectory(prefix="rehearsal-") as folder,
        _stand_in_for({**given, **account, "sites": _sites_of(federation)}) as url,
    ):
        ledger = Path(script["ledger"]).absolute() if script["ledger"] else Path(folder, "ledger.sqlite3")
        yield {
            "stand_in_url": url,
            # Its own, wherever another one is set.
            "ledger": str(ledger),
            "census_store": str(Path(folder, "census.sqlite3")),
            # Its report does not take the place of a real one.
            "report_dir": f"{report_dir}/rehearsal" if report_dir else "",
        }


def _sites_of(federation: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The sites of a federation, and the Data Center instances that they came from. What is wrong with one of these,
    the run says: the stand-in starts without it.
    """
    return {
        name: {
            **{key: federation[name].get(key) for key in ("product_url", "site_id")},
            "migrated_from": [each.server for each in member.origins if not each.is_cloud],
            "projects": dict(member.projects or {}),
        }
        for name, member in parse_federation(federation).members.items()
        if federation[name].get("product_url")
    }


def census_at(place: Mapping[str, Any], federation: Mapping[str, Any]) -> dict[str, Any]:
    """The options of C(link_census) that count the links of a federation at a stand-in, where all sites answer.

    :param place: what C(rehearsal) gives.
    """
    return {
        "federation": federation,
        # Not left out: then they would be those of the environment.
        "accounts": [{"name": name, "email": None, "api_token": None} for name in federation],
        **dict.fromkeys(("token", "user", "password")),
        "store": place["census_store"],
        **{name: place[name] for name in ("stand_in_url", "ledger", "report_dir")},
    }


@contextmanager
def _stand_in_for(script: dict[str, Any]) -> Iterator[str]:
    """A stand-in, by its URL. It ends with the block, and with this process, however that ends.

    :param script: how it is to behave, see C(stand_in.Script).
    :raises StandInError: it did not start; the message says why.
    """
    process = subprocess.Popen(  # noqa: S603 (our own file)
        [sys.executable, str(_STAND_IN), "--until-pid", str(os.getpid()), "--script", json.dumps(script)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # The real credentials are none of its business.
        env={name: value for name, value in os.environ.items() if not name.startswith(("ATLASSIAN_", "JIRA_"))},
    )
    # Its first line is the URL; if it fails instead, everything it says is why.
    with process.stdout or io.BytesIO() as said:
        try:
            ready = said.readline()
            try:
                url = str(json.loads(ready)["url"])
            except ValueError:
                raise StandInError(f"the stand-in did not start: {(ready + said.read()).decode()}") from None
            yield url
        finally:
            process.kill()
            process.wait()
