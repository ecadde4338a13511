# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the jobs are whose links a check asks for, as the ledger has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .._clock import Clock
from .._model.desired import InstanceSpec
from .._model.federation import Federation
from .._model.pairs import label_of
from .._model.sources import Source, pairs_of
from .._report.status import PairStatus, status_of
from .._run.state import State
from .options import ledger_at


@dataclass(frozen=True)
class Jobs:
    """The jobs of some pairs."""

    #: By source, instance and destination: where the job is, if it is not complete.
    not_complete: Mapping[tuple[str, str, str], str]
    #: By the label of each update whose last job is complete, what tells that job from another one.
    complete: Mapping[str, tuple[str | None, int]]

    @property
    def waiting(self) -> dict[str, str]:
        """By the label of a pair, where its jobs are, if they are not complete."""
        return {label_of(name, destination): word for (_server, name, destination), word in self.not_complete.items()}


def jobs_of(
    federation: Federation,
    specs: Sequence[InstanceSpec],
    sources: Sequence[Source],
    instances: Collection[str],
    ledger_location: str | None,
    clock: Clock,
) -> Jobs:
    """The jobs of the pairs of some instances. No site is asked.

    :param instances: the names of those whose links are checked.
    :raises LinkUpdateError: the ledger cannot be read.
    """
    with ledger_at(ledger_location, clock, copy=True) as ledger:
        found = status_of(federation, specs, None, ledger, clock.now()).pairs
    by_source: defaultdict[tuple[str, str, str], list[PairStatus]] = defaultdict(list)
    for each in found:
        desired = each.update.desired
        server = desired.update.migrated_from_override or desired.update.migrated_from
        by_source[server, each.update.instance, desired.destination].append(each)
    pairs = [(source.server, *names) for source in sources for names in pairs_of(source) if names[0] in instances]
    return Jobs(
        {pair: word for pair in pairs if (word := _not_complete(by_source[pair]))},
        {
            each.update.label: (job.job_id, job.attempt)
            for each in found
            if (job := each.update.job) and each.update.state is State.COMPLETE
        },
    )


def _not_complete(found: Sequence[PairStatus]) -> str:
    """Where the jobs of a pair are; empty where all of them are complete."""
    left = [each.word for each in found if each.update.state is not State.COMPLETE]
    return left[0] if left else "" if found else "not scheduled"
