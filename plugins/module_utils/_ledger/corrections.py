# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person corrects in a ledger."""

from __future__ import annotations

from .._clock import to_text
from .._errors import InvalidOption
from .._model.update import Update
from .._status import PENDING
from .attempt import Attempt
from .ledger import Ledger
from .schema import insertion
from .store import Row
from .unrecorded import number_for


def forget(ledger: Ledger, reference: str) -> Row:
    """Delete one attempt, and give back its row.

    :param reference: as L(Attempt.reference) is.
    :raises InvalidOption: there is not exactly one such attempt.
    """
    found = [row for row in ledger.rows() if ledger.attempt_in(row).reference == reference]
    if len(found) != 1:
        raise InvalidOption(
            f"nothing was forgotten: the ledger has {len(found) or 'no'} entries {reference!r}",
            "use the name of an entry of the table",
        )
    (row,) = found
    ledger.execute(
        "DELETE FROM link_update_attempts WHERE identity = :identity AND attempt = :attempt",
        {"identity": row["identity"], "attempt": row["attempt"]},
    )
    ledger.execute(
        "DELETE FROM link_update_statuses WHERE site_id = :site_id AND job_id = :job_id",
        {"site_id": row["site_id"], "job_id": row["job_id"]},
    )
    return row


def adopt(ledger: Ledger, update: Update, job_id: str) -> Attempt | None:
    """Record a job that was scheduled without the ledger, or whose id could not be written; None where it is there.

    :raises InvalidOption: the ledger knows better.
    """
    site_id = str(update.site_id)
    if known := ledger.attempt_of(site_id, job_id):
        if known.identity == update.identity():
            return None
        raise InvalidOption(
            f"nothing was recorded: the ledger has job {job_id} for another update (entry {known.reference})",
            "correct the fields of the job",
        )
    rows = ledger.query(
        "SELECT * FROM link_update_attempts WHERE identity = :identity ORDER BY attempt",
        {"identity": update.identity()},
    )
    now = to_text(ledger.now())
    row = {
        "identity": update.identity(),
        "attempt": number_for([ledger.attempt_in(each) for each in rows]),
        **update.as_dict(),
        **dict.fromkeys(("claimed_at", "lease_until", "submitted_at"), now),
        "job_id": job_id,
        "status": PENDING,
    }
    # Of a claim without an answer it is known when its request was sent.
    answered = (
        "(identity, attempt) DO UPDATE SET job_id = excluded.job_id, status = excluded.status, claimant = NULL,"
        " submitted_at = link_update_attempts.claimed_at WHERE link_update_attempts.job_id IS NULL"
    )
    ledger.execute(insertion("link_update_attempts", row, answered), row)
    recorded = ledger.attempt_of(site_id, job_id)
    if recorded is None:
        raise InvalidOption(
            "nothing was recorded: a run changed the same entry", "look at the ledger, then try again if it is needed"
        )
    return recorded
