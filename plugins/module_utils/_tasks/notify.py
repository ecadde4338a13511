# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifies a webhook at the first job error and at the end of a run. If that fails, the run goes on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import cast

from .._errors import LinkUpdateError
from .._model.connection import Connection
from .._model.webhook import Webhook, webhook_of
from .._progress import Reporter
from .._report.notice import Notice, end_notice, job_error_notice
from .._report.results import RunResult
from .._run.state import InstanceState, UpdateState
from .._service.notify import post
from .._text import harmless
from .options import connection_of, naming_of
from .task import Options, Result

#: The stages of a run that somebody wants to know the end of. Without them, whoever runs it sees the end at once.
_LASTING = frozenset({"submit", "wait"})


class Notifier:
    """Sends the notifications of one run.

    :param webhook: where to; None where nobody wants to know.
    :param wave: what the run is called.
    """

    def __init__(self, webhook: Webhook | None, connection: Connection, wave: str, reporter: Reporter) -> None:
        self._webhook = webhook
        self._connection = connection
        self._wave = wave
        self._reporter = reporter
        self._instances: Sequence[InstanceState] = ()
        #: Taken with the first job error, and never given back: several threads may see one.
        self._first = threading.Lock()

    def follow(self, instances: Sequence[InstanceState]) -> None:
        """Have the numbers of these instances."""
        self._instances = instances

    def job_error(self, update: UpdateState) -> None:
        """A job has ended without success. Only the first time anything is sent."""
        if self._webhook and self._first.acquire(blocking=False):
            self._send(self._webhook, job_error_notice(self._wave, update, self._instances))

    def ended(self, result: Result) -> None:
        """The run has ended, or was refused."""
        if self._webhook:
            self._send(self._webhook, end_notice(self._wave, cast(RunResult, result), self._instances))

    def _send(self, webhook: Webhook, notice: Notice) -> None:
        if self._connection.is_rehearsal:
            self._reporter.line(f"Rehearsal: no notification is sent. Its text would be: {notice['text']}")
            return
        try:
            post(webhook, notice, self._connection)
        except LinkUpdateError as exc:
            why = exc.failure.message
            self._reporter.warn(
                f"the webhook at {webhook.host} did not accept the notification: {why}. The run is not affected"
            )


def notifier_of(options: Options, check: bool, reporter: Reporter) -> Notifier:
    """What sends the notifications of a run of C(link_update_run).

    :raises InvalidOption: the webhook cannot be one, or the connection.
    """
    webhook = webhook_of(naming_of(options)("notify_url"), options["notify_url"]) if options["notify_url"] else None
    is_wanted = not check and _LASTING & set(options["stages"])
    wave = harmless(", ".join(sorted({order["wave"] for order in options["orders"]})), 60)
    return Notifier(webhook if is_wanted else None, connection_of(options), wave, reporter)
