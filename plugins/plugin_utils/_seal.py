# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one task leaves for a later one in a registered variable, readable for this run of Ansible alone.

Ansible loads action plugins in its main process and forks a worker for each task. So the key, made when this file is
loaded, is the same in all tasks of one run, and is never written anywhere.
"""

from __future__ import annotations

import base64
import json
import os
from contextlib import suppress
from typing import Any

# Ansible itself needs this library, but not where it only reads plugins. Imported here, it is so once for all workers.
with suppress(ImportError):
    from cryptography.fernet import Fernet

_KEY = base64.urlsafe_b64encode(os.urandom(32))


def seal(value: Any) -> str:
    """Encrypt a JSON-like value."""
    text: bytes = _box().encrypt(json.dumps(value).encode())
    return text.decode()


def unseal(text: str) -> Any:
    """The value that was sealed in this run."""
    return json.loads(_box().decrypt(text.encode()))


def _box() -> Any:
    return Fernet(_KEY)
