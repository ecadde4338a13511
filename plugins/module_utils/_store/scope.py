# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census is to read: the projects of a federation in each Data Center instance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Project:
    """A project that was migrated to an instance."""

    #: The server of the source that it was in.
    source: str
    key: str
    product_url: str


@dataclass(frozen=True)
class Scope:
    """What is read of which source."""

    #: By the server of the source: the URL or the file that is read.
    read_from: Mapping[str, str]
    projects: tuple[Project, ...]
    #: By the server of the source: the product URLs of instances that may have no project of it.
    instances: Mapping[str, Collection[str]] = field(default_factory=dict)
    #: By the server of a source that is read from a file: which one it is, as another may take its place.
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> dict[str, dict[str, str | list[str]]]:
        """By the server of each source: what is read, and all instances that were migrated from it."""
        return {
            source: {
                "read_from": self.read_from[source],
                "instances": sorted(
                    {each.product_url for each in self.projects if each.source == source}.union(
                        self.instances.get(source, ())
                    )
                ),
            }
            for source in sorted(self.read_from)
        }

    @property
    def digest(self) -> str:
        """The same for the same scope, in whatever order its parts are."""
        projects = sorted((each.source, each.key, each.product_url) for each in self.projects)
        return hashlib.sha256(json.dumps([self.sources, projects, sorted(self.files.items())]).encode()).hexdigest()
