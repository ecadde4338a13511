# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets a collection where only a package index can be reached: out of the package C(ansible), which bundles many.

C(python tests/borrow.py awx.awx FOLDER) puts it to C(FOLDER/ansible_collections/awx/awx).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

BUNDLE = "ansible==12.3.0"


def main() -> None:
    """Do what the arguments say."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    inside = f"ansible_collections/{name.replace('.', '/')}/"
    if (folder / inside / "MANIFEST.json").exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "download", "--no-deps", "--only-binary=:all:", "-d", scratch, BUNDLE], check=True)
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as bundle:
            bundle.extractall(folder, [each for each in bundle.namelist() if each.startswith(inside)])


if __name__ == "__main__":
    main()
