# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of Jira and Confluence, whose addresses users paste where a base URL is asked for.

The paths are those that the products have in a browser. A path is shortened only where nothing but a page can have it:
a Data Center instance may be anywhere below a context path such as C(/jira) or C(/apps/issues).
"""

from __future__ import annotations

import re

#: What the path of a page on a cloud site begins with. Jira has all but C(/wiki) there.
_OF_A_SITE = frozenset(
    {"browse", "secure", "login.jsp", "login", "jira", "projects", "issues", "plugins", "servicedesk", "people"}
)
#: What follows the context path on a page of a Data Center instance, where nothing else can look like it.
_CERTAIN = re.compile(
    r"/(?:browse/[A-Za-z][A-Za-z0-9_]*(?:-[0-9]+)?|secure/(?:[^/]+/)*[^/]+\.jspa|login\.jsp"
    r"|(?:admin|pages|spaces|users)/[^/]+\.action|(?:dashboard|homepage|index|login)\.action)"
    # A session.
    r"(?:;[^/]*)?/*$"
)
#: A part of a path that pages have, and a context path hardly does.
_LIKELY = re.compile(
    r"/(?:browse|login|rest|secure|servicedesk|plugins/servlet)(?:/|$)|/(?:projects|display|spaces|pages|x)/[^/]"
    r"|\.(?:action|html?|jspa?)/*$",
    re.IGNORECASE,
)


def site_path(path: str) -> str | None:
    """What is left of a path on a cloud site when the page is taken off: C(/wiki) or nothing. None: it is no page."""
    first = path.strip("/").split("/")[0]
    if first == "wiki":
        return "/wiki"
    if first in _OF_A_SITE or not first:
        return ""
    return None


def context_path(path: str) -> str:
    """What is left of a path on a Data Center instance when the page is taken off, where there certainly is one."""
    return _CERTAIN.sub("", path)


def looks_like_a_page(path: str) -> bool:
    """Whether a path is likely to be a page's, although it may be a context path."""
    return _LIKELY.search(path) is not None
