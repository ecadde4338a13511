# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody has removed a remote link on purpose, as the changelog of the issue tells it.

Inferred: an item of the field C(RemoteIssueLink) has the id of the link that was removed or added, and a text with the
title of the link, which is the key of the issue that it leads to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from .._service.remote_links import LinkChange


def removed_at(changes: Iterable[LinkChange], keys: Collection[str], undone: Collection[int]) -> datetime | None:
    """When somebody has removed the last link to an issue; None if nobody has, or there was another one after it.

    :param changes: all those of the issue that had the link.
    :param keys: all keys that the target has had, as far as they are known.
    :param undone: the ids of the links that an undo has removed.
    """
    mentioned = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, keys))})(?!\w)", re.IGNORECASE)
    ours = {str(each) for each in undone}
    removed = added = None
    for each in sorted(changes, key=lambda change: change.at):
        if mentioned.search(each.removed) and each.removed_id not in ours:
            removed = each.at
        if mentioned.search(each.added):
            added = each.at
    # At the same moment: the link was edited.
    return removed if removed and (added is None or added < removed) else None
