# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as it is released: built, and installed where nothing else is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import yaml
from federations import COLLECTION

GALAXY = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())


def programs_and_libraries() -> dict[str, str]:
    """What of the environment its users have as well: no setting, and no path into the checkout."""
    libraries = os.environ.get("PYTHONPATH", "").split(":")
    elsewhere = [path for path in libraries if path and not Path(path).is_relative_to(COLLECTION)]
    return {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(elsewhere), "LC_ALL": "C.UTF-8"}


def clean_environment(home: Path) -> dict[str, str]:
    """Programs and libraries as they are here, for a home where nothing is set."""
    return {
        **programs_and_libraries(),
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }


def call(folder: Path, *command: str | Path) -> str:
    """What a command says that is run in a folder, which is its home as well; it has to succeed."""
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(folder), stdout=subprocess.PIPE, text=True, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, command
    return done.stdout


def build(folder: Path) -> Path:
    """The tarball of the collection."""
    call(folder, "ansible-galaxy", "collection", "build", COLLECTION, "--output-path", folder)
    return folder / f"jira_cloud-federation-{GALAXY['version']}.tar.gz"


def commit(folder: Path) -> str:
    """The address of a repository with the collection in it."""
    repository = folder / "repository"
    ignored = shutil.ignore_patterns("output", "__pycache__", ".git", ".venv")
    shutil.copytree(COLLECTION, repository, ignore=ignored, symlinks=True)
    git = ("git", "-C", repository, "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    call(folder, *git, "init", "--quiet")
    call(folder, *git, "add", "--all")
    call(folder, *git, "commit", "--quiet", "--message", "The collection")
    return f"git+file://{repository}"


def install(folder: Path, source: str | Path) -> Path:
    """The collections path that it was installed into, which has nothing else."""
    collections = folder / "collections"
    call(folder, "ansible-galaxy", "collection", "install", source, "--collections-path", collections)
    return collections
