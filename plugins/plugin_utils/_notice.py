# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller notifies of: a run that was refused before it began, or whose work ended without a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._ansible.argspec import TRANSPORT
from ..module_utils._errors import InvalidOption
from ..module_utils._model.federation import Problem
from ..module_utils._model.webhook import webhook_of
from ..module_utils._naming import ROLE
from ..module_utils._progress import Reporter
from ..module_utils._tasks.notify import notifier_of
from ..module_utils._tasks.task import Result
from ._record import Record

#: What Ansible says of it may repeat anything, so it is not sent.
BROKEN = {
    "failed": True,
    "msg": "The run ended without a result, and the output of Ansible says why. Jobs that were scheduled go on at "
    "Atlassian. Run the same command again",
}


def problems_of(url: str | None) -> Iterator[Problem]:
    """What is wrong with link_update_notify_url."""
    try:
        if url:
            webhook_of(ROLE("notify_url"), url)
    except InvalidOption as exc:
        yield Problem("", exc.failure.what, exc.failure.advice)


def notify(
    result: Result, records: Sequence[Record], stages: Sequence[str], arguments: Mapping[str, Any], reporter: Reporter
) -> None:
    """Notify of a run that has failed, from here.

    :param arguments: of the task, among them what module_defaults have of certificates.
    """
    transport = ArgumentSpecValidator(TRANSPORT).validate(
        {key: arguments[key] for key in TRANSPORT if key in arguments}
    )
    urls = {record.settings["link_update_notify_url"] for record in records}
    if transport.error_messages or len(urls) > 1:
        return
    options = {
        **transport.validated_parameters,
        "notify_url": urls.pop(),
        "orders": [record.order for record in records],
        "stages": stages,
    }
    if any(record.rehearsal is not None for record in records):
        # Nothing is sent at all, there or elsewhere.
        options["stand_in_url"] = "http://127.0.0.1"
    # What is wrong with one of these is among the problems, or has failed the run.
    with suppress(InvalidOption):
        notifier_of(options, any(record.check_mode for record in records), reporter).ended(result)
