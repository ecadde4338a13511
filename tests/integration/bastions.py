# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is reached over SSH: a real sshd on a loopback port, with a home of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from federations import kill_all_of

NAME = "bastion.example.com"


class Bastion:
    """The host bastion.example.com, for those who give ssh its configuration.

    :param environ: what its sessions have in their environment besides.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        #: Where its temporary files are.
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self._roots = [self.home, self.scratch]
        self._folder = folder
        # Elsewhere, as the path of a socket has to be short.
        self._sockets = tempfile.mkdtemp(prefix="ssh-")
        self._sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "sshd"
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        for name in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        # Whoever logs in is the one who runs the tests, and what is theirs must stay as it is.
        session = {**(environ or {}), "HOME": str(self.home), "TMPDIR": str(self.scratch)}
        self._write("known_hosts", f"[127.0.0.1]:{self._port} {(folder / 'host.pub').read_text()}")
        self._write(
            "sshd_config",
            f"ListenAddress 127.0.0.1:{self._port}\n"
            f"HostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/user.pub\n"
            "PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
            "Subsystem sftp internal-sftp\n"
            f"SetEnv {' '.join(f'{name}={value}' for name, value in session.items())}\n",
        )
        self.ssh_config = self._write(
            "ssh_config",
            f"Host {NAME}\n"
            f"  HostName 127.0.0.1\n  Port {self._port}\n  User {getpass.getuser()}\n"
            f"  IdentityFile {folder}/user\n  IdentitiesOnly yes\n  UserKnownHostsFile {folder}/known_hosts\n",
        )
        self.start()

    @property
    def environment(self) -> dict[str, str]:
        """What makes Ansible find it."""
        return {
            "ANSIBLE_SSH_ARGS": f"-F {self.ssh_config} -o ControlMaster=auto -o ControlPersist=60s",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": self._sockets,
        }

    @property
    def variables(self) -> dict[str, str]:
        """The connection variables of an inventory host that is reached there."""
        return {
            "ansible_connection": "ssh",
            "ansible_host": NAME,
            "ansible_python_interpreter": sys.executable,
        }

    @property
    def _command(self) -> list[str]:
        return [self._sshd, "-D", "-e", "-f", str(self._folder / "sshd_config")]

    def start(self) -> None:
        """Take connections."""
        if getpass.getuser() == "root":
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._process = subprocess.Popen(self._command)
        while True:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            assert self._process.poll() is None, "sshd did not start, see above"

    def stop(self) -> None:
        """Be away: no connection is taken, and those there are are cut. What works there works on."""
        if self._process.poll() is not None:
            return
        daemon = self._process.pid
        sessions = Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split()
        for pid in [daemon, *map(int, sessions)]:
            os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Be away for good."""
        self.stop()
        kill_all_of(self.home)
        # What keeps a connection open notices, and removes its own socket meanwhile.
        shutil.rmtree(self._sockets, ignore_errors=True)

    def left_behind(self) -> list[str]:
        """The files that work there has left, by their paths below a home or the folder for temporary files.

        Ansible removes the module of a task in the background when it finds that it has ended: it looks every five
        seconds.
        """
        give_up = time.monotonic() + 30
        while any(path.name.startswith("AnsiballZ_") for path in self._files()) and time.monotonic() < give_up:
            time.sleep(0.1)
        return sorted(str(path.relative_to(self._folder)).partition("/")[2] for path in self._files())

    def _files(self) -> Iterator[Path]:
        return (path for root in self._roots for path in root.rglob("*") if path.is_file())

    def _write(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.write_text(text)
        path.chmod(0o600)
        return path


class SharedBastion(Bastion):
    """A bastion where root can become another account, with a home of its own, which is known in its sessions alone."""

    ACCOUNT = "deputy"
    #: Puts a file in the place of the list of accounts, for one command.
    _KNOWN_TO = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"')

    def __init__(self, folder: Path) -> None:
        self.home_of_account = folder / "home-of-account"
        self.home_of_account.mkdir(parents=True)
        self._accounts = folder / "passwd"
        # It has root's id, since the Python of the tests may be root's alone.
        account = f"{self.ACCOUNT}:*:0:0::{self.home_of_account}:/bin/sh\n"
        self._accounts.write_text(Path("/etc/passwd").read_text() + account)
        if reason := self._why_not():
            pytest.skip(reason)
        super().__init__(folder)
        self._roots.append(self.home_of_account)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "ANSIBLE_SYSTEM_TMPDIRS": str(self.scratch)}

    @property
    def _command(self) -> list[str]:
        return [*self._KNOWN_TO, str(self._accounts), *super()._command]

    def close(self) -> None:
        super().close()
        kill_all_of(self.home_of_account)

    def _why_not(self) -> str | None:
        if getpass.getuser() != "root":
            return "only root becomes somebody else without a password"
        become = [*self._KNOWN_TO, str(self._accounts), "su", self.ACCOUNT, "-c", "true"]
        done = subprocess.run(become, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return f"nobody can be made known to some processes only: {done.stderr}" if done.returncode else None


@pytest.fixture
def bastion(tmp_path: Path) -> Iterator[Bastion]:
    """A host that is reached over SSH, until the test is over."""
    bastion = Bastion(tmp_path / "bastion")
    yield bastion
    bastion.close()
