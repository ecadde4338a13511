# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on another host that takes long, and whose progress is shown here while it goes on.

A module returns nothing before it has ended, and a connection would have to last as long as it does. So the module
works in the background there, as with C(async), keeps a journal, and the controller reads that piece by piece.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, TypeVar

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ..module_utils._ansible.journal import ENTRIES, READ_MARK, UNREAD_LIMIT, VARIABLE, WORKER, entries_in
from ..module_utils._clock import Clock
from ..module_utils._tasks.task import Result

#: A line of progress, see C(_journal.as_entry).
Entry = Mapping[str, str]
T = TypeVar("T")

#: How long one reading of the journal waits for a new entry, in seconds: long enough to be rare, short enough to notice
#: that the host is gone.
_READ_SECONDS = 10
#: How long to wait when the host could not be reached.
_PAUSE = 5.0
#: How long a worker may not be seen, in seconds: before it has begun, and between its end and its result.
_GRACE = 20.0
#: The background task's own limit, in seconds. Its real limits are the task's timeouts, and that its journal is read.
_LIMIT = 30 * 86400
#: What the background adds to a module's result.
_OF_THE_BACKGROUND = frozenset(
    ("ansible_job_id", "results_file", "started", "finished", "stdout", "stdout_lines", "stderr", "stderr_lines")
)

#: Waits until there is more than so much in the journal, the worker is gone, or time is up; says whether the worker
#: lives, and what is new. A shell may greet first, so the answer begins with a word of its own.
_READ = """\
lives() {{ test -s {worker} && kill -0 "$(cat {worker})"; }} 2> /dev/null
if cd {folder} 2> /dev/null; then
  touch {read}
  i=0
  while lives && [ "$(wc -c < {entries})" -le {offset} ] && [ "$i" -lt {seconds} ]; do sleep 1; i=$((i + 1)); done
fi
if lives; then state=lives; else state=gone; fi
echo; echo {mark} $state
if test -e {entries}; then tail -c +$(({offset} + 1)) {entries}; fi"""
_MARK = "federation-journal"


class RemoteWorker:
    """The work of one task, on the host that its action's connection leads to.

    :param action: the task's action.
    :param show: gets each entry of the journal as soon as it is read.
    :param say: gets what there is to say of the connection itself.
    :param clock: ends the work at a checkpoint when the controller is gone.
    """

    def __init__(
        self, action: ActionBase, *, show: Callable[[Entry], None], say: Callable[[str], None], clock: Clock
    ) -> None:
        self._action = action
        self._clock = clock
        self._show = show
        self._say = say
        self._offset = 0
        #: How many entries were shown.
        self.shown = 0

    def do(self, execute: Callable[..., Result], task_vars: dict[str, Any] | None) -> Result:
        """Have a module do the work, and give its result back.

        :param execute: C(_execute_module) of the action, with the module and its arguments.
        :raises AnsibleActionFail: the host could not be reached for long.
        """
        folder = self._shell("umask 077 && mktemp -d").strip().splitlines()[-1]
        leftovers = [folder]
        try:
            with _changed(self._action._task, folder):
                started = execute(wrap_async=True)
            if "ansible_job_id" not in started:
                return started
            leftovers.append(started["results_file"])
            return self._await(folder, started, task_vars)
        finally:
            # Without its journal, a worker that is still there ends.
            self._remove(leftovers)

    def _await(self, folder: str, started: Result, task_vars: dict[str, Any] | None) -> Result:
        """Show the journal until there is a result.

        :raises AnsibleActionFail: the worker is gone without one, as when its host was started anew.
        """
        last_seen = self._clock.monotonic()
        while True:
            self._clock.checkpoint()
            if self._read_journal(folder):
                last_seen = self._clock.monotonic()
            elif result := self._result_of(started, task_vars):
                return result
            elif self._clock.monotonic() - last_seen > _GRACE:
                raise AnsibleActionFail(
                    "the work on the other host ended without a result: it was killed, or the host restarted. "
                    "Nothing is lost: run again to resume"
                )

    def _read_journal(self, folder: str) -> bool:
        """Show what is new; whether the worker lives."""
        read = _READ.format(
            folder=shlex.quote(folder),
            offset=self._offset,
            seconds=_READ_SECONDS,
            mark=_MARK,
            read=READ_MARK,
            entries=ENTRIES,
            worker=WORKER,
        )
        said = self._retry(lambda: self._shell(read))
        state, _separator, text = said.partition(f"{_MARK} ")[2].partition("\n")
        entries, length = entries_in(text)
        self._offset += length
        for entry in entries:
            self._show(entry)
        self.shown += len(entries)
        return state.strip() == "lives"

    def _result_of(self, started: Result, task_vars: dict[str, Any] | None) -> Result | None:
        """The module's result, once there is one."""
        results = PurePosixPath(started["results_file"])
        result: Result = self._retry(
            lambda: self._action._execute_module(
                module_name="ansible.legacy.async_status",
                module_args={"jid": results.name, "_async_dir": str(results.parent)},
                task_vars=task_vars,
            )
        )
        if not result.get("finished"):
            return None
        return {key: value for key, value in result.items() if key not in _OF_THE_BACKGROUND}

    def _retry(self, ask: Callable[[], T]) -> T:
        """Ask the host something, again while it cannot be reached.

        :raises AnsibleActionFail: it could not be reached for so long that the worker has stopped, too.
        """
        last_reached = self._clock.monotonic()
        away = False
        while True:
            try:
                return ask()
            except AnsibleConnectionFailure as exc:
                why = " ".join(str(exc).split())
                if self._clock.monotonic() - last_reached > UNREAD_LIMIT:
                    raise AnsibleActionFail(
                        f"no connection to the host that does the work for {UNREAD_LIMIT:.0f} s: {why}. The work there "
                        "stops after that time. Nothing is lost: run again when you can reach the host"
                    ) from exc
                if not away:
                    self._say(f"no connection to the host that does the work: {why}; its work continues, trying again")
                away = True
                self._clock.sleep(_PAUSE)

    def _shell(self, command: str) -> str:
        done = self._action._low_level_execute_command(command)
        if done["rc"]:
            why = done.get("stderr", "").strip() or f"exit status {done['rc']}"
            raise AnsibleActionFail(f"a command failed on the host that does the work: {why}")
        # A terminal there, as SSH connections have, ends lines in its own way.
        return str(done["stdout"]).replace("\r\n", "\n")

    def _remove(self, paths: list[str]) -> None:
        try:
            self._shell("rm -rf " + " ".join(map(shlex.quote, paths)))
        except (AnsibleConnectionFailure, AnsibleActionFail):
            self._say(f"left behind on the host that did the work: {', '.join(paths)}")


@contextmanager
def _changed(task: Any, folder: str) -> Iterator[None]:
    """The task as one in the background, with a journal."""
    before = task.async_val, task.environment
    task.async_val, task.environment = _LIMIT, [*(task.environment or []), {VARIABLE: folder}]
    try:
        yield
    finally:
        task.async_val, task.environment = before
