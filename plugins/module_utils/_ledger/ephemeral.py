# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file is lost with the container that the run is in, such as an execution environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

#: The environment variables that name the folder which AWX or ansible-runner makes for a run, and removes after it.
_RUN_FOLDERS = ("AWX_PRIVATE_DATA_DIR", "AWX_ISOLATED_DATA_DIR")


def is_ephemeral(path: Path, environ: Mapping[str, str], root: Path = Path("/")) -> bool:
    """Whether a file, which need not exist yet, will be lost after the run.

    It will in the folder that AWX makes for one job, and in a container wherever no other file system is mounted.

    :param root: the root of the file system, where container engines leave files that tell of them.
    """
    run_folders = [Path(environ[name]) for name in _RUN_FOLDERS if environ.get(name)]
    if any(path.is_relative_to(folder) for folder in run_folders):
        return True
    in_container = (
        (root / "run" / ".containerenv").exists()
        or (root / ".dockerenv").exists()
        or "KUBERNETES_SERVICE_HOST" in environ
    )
    if not in_container:
        return False
    return _device_of(path) == root.stat().st_dev


def _device_of(path: Path) -> int | None:
    """The file system that a file is in, or would be; None where nobody may look."""
    for there in (path, *path.parents):
        try:
            return there.stat().st_dev
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            break
    return None
