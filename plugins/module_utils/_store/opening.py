# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where censuses are kept, and how their store is opened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .._clock import Clock
from .._ledger.ephemeral import is_ephemeral
from .._ledger.location import locate
from .._ledger.outage import OPENING_LIMIT, OutageRetry
from .._ledger.postgresql import PostgresqlStore
from .._ledger.sqlite import SqliteStore
from .._ledger.store import Store
from .schema import CENSUS
from .store import CensusStore


def store_location(store: str | None, ledger: str | None, environ: Mapping[str, str], option: str) -> Path | str:
    """Where censuses are: at a place of their own, in the database of the ledger, or in a file beside that.

    :param store: as users write it, see L(locate); None for the default.
    :param ledger: the same of the ledger.
    :param option: what messages call the store.
    :raises InvalidOption: it cannot be told which file is meant, or there is no such kind of store.
    """
    if store:
        return locate(store, environ, option)
    where = locate(ledger, environ)
    return where if isinstance(where, str) else where.with_name("census.sqlite3")


def warning_about_store(where: Path | str, environ: Mapping[str, str], option: str) -> str | None:
    """What a user should know of a store before relying on it, if anything.

    :param where: see L(store_location).
    """
    if isinstance(where, str) or not is_ephemeral(where, environ):
        return None
    return (
        f"the census {where} is inside a container and is lost with it: the next run has no numbers. Use a store at "
        f"postgresql://, or a path in a mounted folder ({option})"
    )


def open_store(where: Path | str, clock: Clock, *, copy: bool = False) -> CensusStore:
    """The censuses at a location.

    :param where: see L(store_location).
    :param copy: only to read them: nothing is created, and where nothing is there are none.
    :raises MissingLibrary: a library for this kind of store is missing.
    :raises LedgerError: it cannot be opened.
    """

    def opened() -> Store:
        if isinstance(where, Path):
            return SqliteStore(where, CENSUS, read_only=copy)
        return PostgresqlStore(where, CENSUS, read_only=copy)

    found = OutageRetry(clock, OPENING_LIMIT).repeat(opened)
    if found.version == 0:
        found.close()
        found = SqliteStore(None, CENSUS)
    return CensusStore(found, clock)
