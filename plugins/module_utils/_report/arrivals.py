# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that come in from elsewhere: in the folder of the report there is all of one, or nothing."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .._naming import Naming
from .files import failing_for, make_private


@dataclass(frozen=True)
class Arrival:
    """A file that comes in. Until it is kept, it is for its owner alone and has a name that nobody looks for."""

    file: BinaryIO
    _path: Path
    _named: Naming

    def keep(self, name: str) -> tuple[str, bool]:
        """Give it its name, for it is complete. Where there is a larger one of that name, that stays.

        :returns: the path of the file of that name, and whether it is this one.
        :raises LinkUpdateError: it cannot be written.
        """
        target = self._path.with_name(name)
        with failing_for(target.parent, self._named):
            self.file.flush()
            if target.exists() and target.stat().st_size > self._path.stat().st_size:
                return str(target), False
            self._path.replace(target)
        return str(target), True


@contextlib.contextmanager
def arriving(directory: str, named: Naming) -> Iterator[Arrival]:
    """A block in which a file comes in. At its end, what was not kept is gone.

    :raises LinkUpdateError: no file can be written to the folder.
    """
    folder = Path(directory)
    with failing_for(folder, named):
        make_private(folder)
        descriptor, path = tempfile.mkstemp(prefix=".report.", dir=folder)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield Arrival(file, Path(path), named)
    finally:
        Path(path).unlink(missing_ok=True)
