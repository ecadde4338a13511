# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The notification of a run: one POST to a webhook, which gets no credentials, and at most ten seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._errors import Code, LinkUpdateError
from .._model.connection import Connection
from .._model.webhook import Webhook
from .._text import harmless
from .transport import Answer, Call, Transport

#: Seconds for all of it, from looking up the name of the host to the last byte of the answer.
SECONDS = 10.0
#: A longer answer is not read to its end, in bytes: a chat says in a word why it refuses.
_MAX_ANSWER = 4096


def post(webhook: Webhook, document: Mapping[str, Any], connection: Connection) -> None:
    """Send a document as JSON. Redirects are not followed: the next host has no business with it.

    :raises LinkUpdateError: it was not taken. No part of the URL is quoted.
    """
    try:
        transport = Transport(replace(connection, timeout=SECONDS), _MAX_ANSWER)
        with transport.exchange() as exchange:
            _check(transport.send(Call("POST", webhook.url, dict(document), changes=True), None, exchange))
    except LinkUpdateError as exc:
        # Cleaned before it is shortened: half of a secret would not be found.
        raise exc.amended(what=harmless(webhook.clean(exc.failure.what))) from None


def _check(answer: Answer) -> None:
    """:raises LinkUpdateError: the answer is no success."""
    if 200 <= answer.status < 300:
        return
    if 300 <= answer.status < 400:
        raise LinkUpdateError(f"HTTP {answer.status}: redirected, not followed", code=Code.REDIRECTED)
    said = answer.body.decode(errors="replace").strip()
    # A page of a proxy or a login is long, and says nothing about the reason.
    what = f"HTTP {answer.status}: {said}" if said and not said.startswith("<") else f"HTTP {answer.status}"
    raise LinkUpdateError(what, code=Code.REJECTED, http_status=answer.status)
