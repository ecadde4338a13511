# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one task leaves for a later one in a registered variable, readable for this run of Ansible alone.

Ansible loads action plugins in its main process and forks a worker for each task. So the key, made when this file is
loaded, is the same in all tasks of one run, and is never written anywhere.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet

_BOX = Fernet(Fernet.generate_key())


def seal(value: Any) -> str:
    """Encrypt a JSON-like value."""
    return _BOX.encrypt(json.dumps(value).encode()).decode()


def unseal(text: str) -> Any:
    """The value that was sealed in this run."""
    return json.loads(_BOX.decrypt(text.encode()))
