# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a ledger is: what users say names one file or database, or is refused."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.location import locate, warning_about
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


@pytest.mark.parametrize(
    ("location", "environ", "expected"),
    [
        ("{tmp}/a.db", {"JIRA_FEDERATION_LEDGER": "{tmp}/b.db"}, "a.db"),
        ("sqlite://{tmp}/a.db", {}, "a.db"),
        (None, {"JIRA_FEDERATION_LEDGER": "{tmp}/b.db"}, "b.db"),
        (None, {"XDG_STATE_HOME": "{tmp}/state"}, "state/jira_cloud.federation/ledger.sqlite3"),
        (None, {"HOME": "{tmp}"}, ".local/state/jira_cloud.federation/ledger.sqlite3"),
        ("~/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("$HOME/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("{tmp}/${{NAME}}.db", {"NAME": "a"}, "a.db"),
        ("$PLACE/a.db", {"PLACE": "~/b", "HOME": "{tmp}"}, "b/a.db"),
        ("{tmp}/a$$b.db", {}, "a$b.db"),
        ("sqlite:///~/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("sqlite://$HOME/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("sqlite:///$HOME/a.db", {"HOME": "{tmp}"}, "a.db"),
        (None, {"JIRA_FEDERATION_LEDGER": "$HOME/b.db", "HOME": "{tmp}"}, "b.db"),
        (None, {"XDG_STATE_HOME": "~/state", "HOME": "{tmp}"}, "state/jira_cloud.federation/ledger.sqlite3"),
        (None, {"XDG_STATE_HOME": "state", "HOME": "{tmp}"}, ".local/state/jira_cloud.federation/ledger.sqlite3"),
    ],
)
def test_the_ledger_is_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str | None, environ: dict[str, str], expected: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    environ = {name: value.format(tmp=tmp_path) for name, value in environ.items()}
    open_ledger(location.format(tmp=tmp_path) if location else None, FakeClock(), environ)
    assert (tmp_path / expected).is_file()
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("environ", [{}, {"NOT_SET": ""}])
@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("ledger.sqlite3", " ledger.sqlite3 is a relative path: .* Use an absolute path"),
        ("./state/ledger", " ./state/ledger is a relative path: .* Use an absolute path"),
        ("sqlite://relative", " relative is a relative path: .* sqlite:///var/lib/ledger"),
        ("$NOT_SET/ledger", r" \$NOT_SET/ledger: the environment variable NOT_SET is not set"),
        ("/srv/${NOT_SET}/ledger", r"the environment variable NOT_SET is not set. Set it, or use an absolute path"),
        ("~no-such-user/ledger", " ~no-such-user/ledger: there is no user no-such-user .* Use an absolute path"),
    ],
)
@pytest.mark.parametrize("copy", [False, True])
def test_a_path_that_does_not_say_which_file_it_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, says: str, environ: dict[str, str], copy: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    by_environment = {**environ, "JIRA_FEDERATION_LEDGER": location}
    for given, known, named in ((location, environ, "ledger"), (None, by_environment, "JIRA_FEDERATION_LEDGER")):
        with pytest.raises(InvalidOption, match=f"^{named}.*{says}"):
            open_ledger(given, FakeClock(), known, copy=copy)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "location",
    [
        "mysql://me:hunter2@db",
        "postgresql:/me:hunter2@db/ledger",
        "me:hunter2@db",
        "host=db password=hunter2",
        "host=db password=hunter2 sslrootcert=file://ca",
    ],
)
def test_a_ledger_that_cannot_be_is_refused_without_repeating_a_password(location: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        open_ledger(location, FakeClock(), {})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("location", ["$HOME/ledger", "sqlite:///$HOME/ledger", "sqlite:////{home}/ledger"])
def test_a_ledger_that_will_be_gone_is_warned_of_however_it_is_written(tmp_path: Path, location: str) -> None:
    environ = {"HOME": str(tmp_path), "AWX_PRIVATE_DATA_DIR": str(tmp_path)}
    warning = warning_about(location.format(home=tmp_path), environ)
    assert warning
    assert f"the ledger {tmp_path}/ledger is inside a container" in warning


#: Opens a ledger as a user that exists in no file of the machine, as a container of OpenShift does.
AS_NOBODY_KNOWN = """
import os, pwd, sys
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
if os.getuid() == 0:
    os.setuid(1000730000)
else:
    pwd.getpwuid = {}.__getitem__
try:
    open_ledger(None, SystemClock(), os.environ, copy=bool(sys.argv[1:]))
except LinkUpdateError as exc:
    print(exc.code, exc)
"""


def said_to_nobody_known(*arguments: str, **environ: str) -> str:
    given = {"PYTHONPATH": os.pathsep.join(sys.path), **environ}
    command = [sys.executable, "-c", AS_NOBODY_KNOWN, *arguments]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout


def test_without_a_home_directory_the_variables_to_set_are_named() -> None:
    said = said_to_nobody_known()
    assert said.startswith("invalid_option ledger ~/.local/state/jira_cloud.federation/ledger.sqlite3: no home dir")
    assert "Set HOME, or set JIRA_FEDERATION_LEDGER to an absolute path" in said
    assert "no home directory" in said_to_nobody_known(HOME="")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("arguments", [(), ("copy",)])
def test_a_ledger_in_a_folder_that_is_closed_cannot_be_opened_nor_taken_for_empty(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    (home / ".local").mkdir(parents=True)
    tmp_path.chmod(0o700)
    path = home / ".local/state/jira_cloud.federation/ledger.sqlite3"
    said = said_to_nobody_known(*arguments, HOME=str(home))
    assert said.startswith(f"ledger the ledger {path} cannot be opened")


def test_where_no_variable_says_what_the_home_directory_is_the_machine_does() -> None:
    me = pwd.getpwuid(os.getuid())
    assert locate("~/ledger", {}) == locate("~/ledger", {"HOME": ""}) == Path(me.pw_dir, "ledger")
    assert locate(f"~{me.pw_name}/ledger", {"HOME": "/elsewhere"}) == Path(me.pw_dir, "ledger")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_database_is_left_for_its_library_to_find(scheme: str) -> None:
    assert locate(f"{scheme}://me@db/ledger", {}) == f"{scheme}://me@db/ledger"
    assert warning_about(f"{scheme}://me@db/ledger", {"AWX_PRIVATE_DATA_DIR": "/"}) is None


def test_what_can_be_a_ledger_is_named_where_one_cannot_be() -> None:
    with pytest.raises(InvalidOption) as caught:
        locate("mysql://db/ledger", {})
    assert str(caught.value) == (
        "ledger: mysql:// is not a kind of ledger. Use a file path, sqlite:///path, or postgresql://..."
    )


def test_a_warning_says_what_will_be_lost_and_what_to_use_instead(tmp_path: Path) -> None:
    warning = warning_about(str(tmp_path / "ledger"), {"AWX_PRIVATE_DATA_DIR": str(tmp_path)})
    assert warning
    assert warning.endswith(
        "is inside a container and is lost with it. The next run would not know the jobs of this run. "
        "Use a ledger at postgresql://, or a path in a mounted folder"
    )
