# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong with the stand-in's answers: each fault comes at certain calls, so many times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ._stand_in_reply import Reply, jira_error, no_such_page

_LOGIN_PAGE = "<!DOCTYPE html><title>Log in</title><form id='login-form'>Log in to continue</form>"


@dataclass
class Fault:
    """A fault of calls of one kind, as C(/stand-in/requests) counts them.

    :param call: the kind, such as C(remotelink), C(create remotelink), C(bulkfetch) or C(audit log).
    :param what: a status from 400 to 599, or one of L(_FAULTS).
    :param site: only calls to this one.
    :param issue: only calls about this one, as the path names it.
    :param after: so many calls come first that are answered.
    :param times: so many calls have the fault.
    :param seconds: how long it hangs.
    """

    call: str
    what: int | str
    site: str | None = None
    issue: str | None = None
    after: int = 0
    times: int = 1
    seconds: float = 300.0

    @classmethod
    def from_dict(cls, given: Any) -> Fault:
        """Read a fault of a script.

        :raises ValueError: it makes no sense.
        """
        known = [each.name for each in fields(cls)]
        if not isinstance(given, dict) or not {"call", "what"} <= given.keys() <= set(known):
            raise ValueError(f"faults: {given!r} needs call and what, and may have {', '.join(known[2:])}")
        what = given["what"]
        if not (400 <= what <= 599 if isinstance(what, int) else what in _FAULTS):
            raise ValueError(f"faults: {what!r} is no HTTP status from 400 to 599, and none of {', '.join(_FAULTS)}")
        for name in ("after", "times", "seconds"):
            if not isinstance(given.get(name, 0), (int, float)) or given.get(name, 0) < 0:
                raise ValueError(f"faults: {name} is {given[name]!r}, use 0 or more")
        return cls(**given)

    def hits(self, kind: str, site: str, issue: str) -> bool:
        """Whether a call has the fault; counts it."""
        if self.call != kind or self.site not in (None, site) or self.issue not in (None, issue):
            return False
        if self.after or not self.times:
            self.after = max(0, self.after - 1)
            return False
        self.times -= 1
        return True

    def answer(self, act: Callable[[], Reply]) -> Reply:
        """What comes in place of the answer."""
        if isinstance(self.what, int):
            return jira_error(self.what, "The service is not available.")
        return _FAULTS[self.what](self, act)


class Faults:
    """All faults of a script."""

    def __init__(self, given: Sequence[Any]) -> None:
        self._faults = [Fault.from_dict(each) for each in given]

    def answer(self, kind: str, site: str, issue: str, act: Callable[[], Reply]) -> Reply:
        """The answer to a call, or what comes in its place."""
        for each in self._faults:
            if each.hits(kind, site, issue):
                return each.answer(act)
        return act()


def _truncated(_fault: Fault, act: Callable[[], Reply]) -> Reply:
    reply = act()
    return Reply(reply.status, reply.body, reply.headers, is_cut=True)


def _lost(_fault: Fault, act: Callable[[], Reply]) -> Reply:
    act()
    return Reply(0, "")


#: All but C(lost) and C(truncated) leave undone what was asked for. C(hang) ends without an answer.
_FAULTS: dict[str, Callable[[Fault, Callable[[], Reply]], Reply]] = {
    "hang": lambda fault, act: Reply(0, "", wait_seconds=fault.seconds),
    "no answer": lambda fault, act: Reply(0, ""),
    "html": lambda fault, act: Reply(200, _LOGIN_PAGE),
    "empty": lambda fault, act: Reply(200, ""),
    "no page": lambda fault, act: no_such_page(),
    "truncated": _truncated,
    "lost": _lost,
}
