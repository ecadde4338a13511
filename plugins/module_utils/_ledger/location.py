# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a ledger is: what users and their environment say of it, as a path or a URL."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from .._errors import InvalidOption
from .._urls import database_name
from .ephemeral import is_ephemeral
from .file import is_missing


def locate(location: str | None, environ: Mapping[str, str], option: str = "ledger") -> Path | str:
    """The file of a SQLite ledger, or the URL of a PostgreSQL one.

    :param location: an absolute path, in which C(~) and C($VARIABLE) are expanded, C(sqlite:///path),
        C(postgresql://user:password@host/database), or None for the default: what C(JIRA_FEDERATION_LEDGER) says, else
        C(jira_cloud.federation/ledger.sqlite3) in the user's state directory.
    :param environ: where the default and variables are looked up.
    :param option: what messages call the location.
    :raises InvalidOption: it cannot be told which file is meant, or there is no such kind of ledger.
    """
    location = location or environ.get("JIRA_FEDERATION_LEDGER") or _default(environ)
    if location == environ.get("JIRA_FEDERATION_LEDGER"):
        option = "JIRA_FEDERATION_LEDGER"
    scheme, is_url, _rest = location.partition("://")
    # What is no name is no scheme, and is not quoted below: it may be a part of a password.
    if not is_url or not scheme.isalnum():
        return _file(location, environ, option)
    if scheme == "sqlite":
        return _file(re.sub("^sqlite://(/(?=~))?", "", location), environ, option)
    if scheme in ("postgresql", "postgres"):
        return location
    # The location itself is not quoted: that of a server may hold a password.
    raise InvalidOption(
        f"{option}: {scheme}:// is not a kind of ledger", "use a file path, sqlite:///path, or postgresql://..."
    )


def name_of(where: Path | str) -> str:
    """What messages call a ledger, without a password.

    :param where: see L(locate).
    """
    return str(where) if isinstance(where, Path) else database_name(where) or "in PostgreSQL"


def may_exist(where: Path | str) -> bool:
    """Whether there may be a ledger. Of a file this is known; a database would have to be asked.

    :param where: see L(locate).
    """
    return isinstance(where, str) or not is_missing(where)


def warning_about(location: str | None, environ: Mapping[str, str]) -> str | None:
    """What a user should know of a ledger at this location before relying on it, if anything."""
    where = locate(location, environ)
    if isinstance(where, str) or not is_ephemeral(where, environ):
        return None
    return (
        f"the ledger {where} is inside a container and is lost with it. The next run would not know the jobs of this "
        "run. Use a ledger at postgresql://, or a path in a mounted folder"
    )


def _default(environ: Mapping[str, str]) -> str:
    state = environ.get("XDG_STATE_HOME", "")
    # The specification of that variable has a relative path ignored.
    state = state if state.startswith(("/", "~")) else "~/.local/state"
    return f"{state}/jira_cloud.federation/ledger.sqlite3"


def _file(location: str, environ: Mapping[str, str], option: str) -> Path:
    """The file that a path names.

    :raises InvalidOption: it cannot be told which file is meant.
    """
    path = _expanded(location, environ, f"{option}{_quoted(location)}")
    if not path.startswith("/"):
        raise InvalidOption(
            f"{option}{_quoted(location)} is a relative path: it would be another file in every folder",
            "use an absolute path, for example /var/lib/ledger or sqlite:///var/lib/ledger",
        )
    if not path.isprintable():
        raise InvalidOption(f"{option}: the path {path!r} has an invisible character in it", "remove it")
    # Two slashes at the beginning would stay, and the path would not be that of the folders that it is in.
    return Path(re.sub("^/+", "/", path))


def _expanded(location: str, environ: Mapping[str, str], what: str) -> str:
    """A path with the values of its variables, and with the home directory that a C(~) at its beginning stands for.

    :param what: how messages begin.
    :raises InvalidOption: there is no such variable, or no such home directory.
    """
    template = Template(location)
    missing = [name for name in template.get_identifiers() if not environ.get(name)]
    if missing:
        raise InvalidOption(
            f"{what}: the environment variable {missing[0]} is not set",
            "set it, or use an absolute path without it",
        )
    path = template.safe_substitute(environ)
    if not path.startswith("~"):
        return path
    user, slash, rest = path[1:].partition("/")
    return _home_of(user, environ, what) + slash + rest


def _home_of(user: str, environ: Mapping[str, str], what: str) -> str:
    if not user and environ.get("HOME"):
        return environ["HOME"]
    try:
        return (pwd.getpwnam(user) if user else pwd.getpwuid(os.getuid())).pw_dir
    except (KeyError, ValueError):
        pass
    if user:
        raise InvalidOption(f"{what}: there is no user {user} on this machine", "use an absolute path")
    # Containers are often run as a user that exists in none of their files.
    raise InvalidOption(
        f"{what}: no home directory. HOME is not set, and this machine has no user with the number {os.getuid()}",
        "set HOME, or set JIRA_FEDERATION_LEDGER to an absolute path or a postgresql:// URL",
    )


def _quoted(location: str) -> str:
    """A path as part of a message; nothing where it may be a misspelt URL or connection string, with a password."""
    return "" if re.search("[@=]", location) else f" {location}"
