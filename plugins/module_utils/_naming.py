# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What messages call an option: always the name that the reader has set."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Naming:
    """The names of options, for messages: those of a module, or of the variables of the role."""

    prefix: str = ""

    def __call__(self, option: str) -> str:
        """The name of an option, without a prefix."""
        return f"{self.prefix}{option}"

    def setting(self, option: str, value: Any) -> str:
        """How to set an option, ready to be copied."""
        if not self.prefix:
            return f"{option}: {value if isinstance(value, str) else json.dumps(value)}"
        if isinstance(value, str) and value.isalnum():
            return f"-e {self(option)}={value}"
        # On a command line, name=value would end at the first blank.
        return f"-e {shlex.quote(json.dumps({self(option): value}))}"


MODULE, ROLE, CENSUS = Naming(), Naming("link_update_"), Naming("link_census_")
CHECK = Naming("link_check_")
REPAIR = Naming("link_repair_")
REPORTS = Naming("link_reports_")
