# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress on the controller's screen, while the work goes on."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible import constants
from ansible.utils.display import Display

from ..module_utils._clock import from_text
from ..module_utils._progress import Level, timed
from ..module_utils._signals import SIGNALS
from ..module_utils._text import fitting, visible
from ._guardian import be_guarded
from ._interrupt import show

#: Colours as Ansible uses them, and where it would; a user may have set others.
_COLOURS = {
    Level.INFO: None,
    Level.CHANGED: constants.COLOR_CHANGED,
    Level.SUCCESS: constants.COLOR_OK,
    # Ansible's own red is weaker than the colour of its warnings.
    Level.FAILURE: "bright red" if constants.COLOR_ERROR == "red" else constants.COLOR_ERROR,
    Level.WARNING: constants.COLOR_WARN,
    Level.STATUS: None,
    Level.DETAIL: constants.COLOR_VERBOSE,
}

#: Whether the main process has a real terminal, not the one that ansible-runner, and so AWX, pretend to be. A worker's
#: own output leads elsewhere.
_AT_A_TERMINAL = (
    sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("AWX_ISOLATED_DATA_DIR")
)
#: How wide it is. Display takes every terminal for one of 79 columns at least.
_WIDTH = shutil.get_terminal_size().columns
#: A worker asks it how wide it is by now.
_TERMINAL = os.dup(sys.stdout.fileno()) if _AT_A_TERMINAL else -1
#: To the beginning of the line, and nothing left on it.
_CLEAR = "\r\x1b[2K"


def _width_left() -> int:
    """How wide the terminal is, where somebody has made it narrower: a glance of two lines would stay for ever."""
    try:
        return min(os.get_terminal_size(_TERMINAL).columns or _WIDTH, _WIDTH)
    except OSError:
        return _WIDTH


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _unbuffer_output() -> None:
    """Have the lines of this process leave it at once, also when they go to a pipe or a file.

    Display leaves that to Python, which then keeps them until 8 KiB have come together: hours, in a wait of hours.
    Ansible loads action plugins in its main process, the one that writes, before it forks a worker for their task;
    so this is called when this file is loaded.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


_unbuffer_output()


class DisplayReporter:
    """Shows progress at once: Display brings a worker's line to the main process, so to terminal, AWX and log."""

    def __init__(self) -> None:
        self._display = Display()
        self._glanced = False
        # Without colours as well: to show a text in place takes none.
        self.glances = _AT_A_TERMINAL

    def line(self, text: str, level: Level = Level.INFO) -> None:
        self._line(text, level, _now())

    def repeat(self, entry: Mapping[str, str]) -> None:
        """Show what was said on another host."""
        self._line(entry["text"], Level(entry["tone"]), from_text(entry["at"]))

    def _line(self, text: str, level: Level, moment: datetime) -> None:
        if level is Level.DETAIL and not self._display.verbosity:
            return
        self.glance("")
        # A terminal breaks lines in the middle of words. What goes to a file or to AWX stays on one line.
        shown = timed(visible(text), moment, _WIDTH if _AT_A_TERMINAL else 0)
        self._show(shown, color=_COLOURS[level])

    def glance(self, text: str) -> None:
        if text and self.glances:
            shown = fitting(timed(" ".join(visible(text).split("\n")), _now()), _width_left() - 1)
            self._show(_CLEAR + shown, newline=False, screen_only=True)
            self._glanced = True
        elif self._glanced:
            self._show(_CLEAR, newline=False, screen_only=True)
            self._glanced = False

    def warn(self, text: str) -> None:
        # Ansible shows the warnings of a result when the task has ended, which for a wait is hours later.
        self.line(f"Warning: {text}", Level.WARNING)

    def _show(self, text: str, **how: Any) -> None:
        if show(text):
            return
        # The queue to the main process is guarded by a lock that a worker which ends in mid-line would never give back:
        # after a Ctrl-C just then, the main process would wait for it for ever. So the end waits for the line.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            be_guarded()
            self._display.display(text, **how)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
