# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server for the tests: prints its URL as a line, and is gone when its standard input is closed.

It is the one of Debian's package postgresql (or any whose initdb is on the PATH), in a folder of its own, on a free
port of the loopback address. It does not run as root; then it runs as the user postgres, whom the package has created.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path


def _folder_of_programs() -> Path:
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = packaged[-1] if packaged else shutil.which("initdb")
    if not initdb:
        sys.exit("The tests need a PostgreSQL server: install Debian's package postgresql.")
    return Path(initdb).parent


def main() -> None:
    """Run the server for as long as somebody holds our standard input open."""
    programs = _folder_of_programs()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="jira-federation-postgresql-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    try:
        if user:
            shutil.chown(folder, user)
        data = str(folder / "data")
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", port, *settings],
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
        )
        try:
            subprocess.run(
                ["bash", "-c", f'until "{programs}/pg_isready" -q -h 127.0.0.1 -p {port}; do sleep 0.05; done'],
                timeout=60,
                check=True,
            )
            # The first connection to a database leaves a summary of its catalog there, which each copy then comes with.
            psql = [programs / "psql", "-X", "-q", "-h", "127.0.0.1", "-p", port, "-U", "tests", "-c", "", "template1"]
            subprocess.run(psql, check=True)
            print(f"postgresql://tests@127.0.0.1:{port}/postgres", flush=True)
            sys.stdin.read()
        finally:
            # The way to end it that waits for no client, and writes nothing to the disk: it is gone in a moment.
            server.send_signal(signal.SIGQUIT)
            server.wait()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
