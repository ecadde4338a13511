# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of repairs: what was sent is known, whatever happens, and no link is created twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import claimant
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.store import Row, Unavailable
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.repairing import Repairing
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.repairs import RepairLink, RepairState
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.schema import CENSUS
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.store import CensusStore
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._store.censuses import (
    AP,
    EU,
    LEASE,
    SERVER,
    US,
    counted,
    store_at,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

HERE = claimant.myself().split(" ")[0]
INTENDED, CREATED, UNDONE, NOT_CREATED = RepairState
LINK = RepairLink(SERVER, EU, US, "A-1", "C-7", "appId=1&issueId=2", "blocks", f"{US}/browse/C-7")
OTHER = replace(LINK, target="C-8", url=f"{US}/browse/C-8")


def states(store: CensusStore) -> list[RepairState]:
    return [each.state for each in store.repairs.every([EU, US, AP])]


# -- One link


def test_a_link_is_written_down_before_it_is_sent_and_its_id_after(location: str, clock: FakeClock) -> None:
    with store_at(location, clock) as store, store.repairs.begin(LEASE) as repairing:
        assert store.repairs.latest(EU, "A-1", "C-7") is None
        intended = repairing.intend(LINK)
        assert store.repairs.latest(EU, "A-1", "C-7") == intended
        assert (intended.number, intended.state, intended.link_id, intended.created_at) == (1, INTENDED, None, None)
        assert {name: getattr(intended, name) for name in vars(LINK)} == vars(LINK)
        clock.sleep(2)
        repairing.created(intended.number, 10**12)
        created = store.repairs.latest(EU, "A-1", "C-7")
        assert created
        assert (created.state, created.link_id, created.intended_at) == (CREATED, 10**12, intended.intended_at)
        assert created.created_at
        assert created.created_at >= created.intended_at
        repairing.undoing(created.number)
        undoing = store.repairs.latest(EU, "A-1", "C-7")
        assert undoing
        assert undoing.state is CREATED
        assert undoing.undone_at
        repairing.undone(created.number)
        undone = store.repairs.latest(EU, "A-1", "C-7")
        assert undone
        assert (undone.state, undone.link_id, undone.created_at) == (UNDONE, 10**12, created.created_at)
        assert undone.undone_at
        assert undone.undone_at >= created.created_at


def test_a_link_that_was_created_is_not_intended_again_until_it_is_undone(location: str) -> None:
    with store_at(location) as store, store.repairs.begin(LEASE) as repairing:
        first = repairing.intend(LINK)
        repairing.created(first.number, 7)
        with pytest.raises(LedgerError, match=r"a repair has created the link from A-1 to C-7 already"):
            repairing.intend(LINK)
        assert states(store) == [CREATED]
        repairing.undone(first.number)
        second = repairing.intend(LINK)
        assert (second.number, states(store)) == (2, [UNDONE, INTENDED])
        assert store.repairs.latest(EU, "A-1", "C-7") == second


def test_what_was_intended_and_has_no_id_goes_on_as_it_was_intended(location: str) -> None:
    """It may have been sent: with another global id it could be created twice."""
    with store_at(location) as store:
        with store.repairs.begin(LEASE) as killed:
            intended = killed.intend(LINK)
        with store.repairs.begin(LEASE) as repairing:
            assert repairing.is_resumed
            assert repairing.intend(replace(LINK, global_id="another", relationship="relates to")) == intended
            assert states(store) == [INTENDED]
            repairing.not_created(intended.number)
            assert repairing.intend(OTHER).number == 2
            assert repairing.intend(replace(LINK, global_id="another")).global_id == "another"
        assert states(store) == [NOT_CREATED, INTENDED, INTENDED]


def to_not_created(repairing: Repairing) -> None:
    repairing.not_created(1)


def to_undone(repairing: Repairing) -> None:
    repairing.undone(1)


def to_created(repairing: Repairing) -> None:
    repairing.created(1, 7)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (to_not_created, to_created, "is not_created in the journal, so it cannot become created"),
        (to_not_created, to_undone, "is not_created in the journal, so it cannot become undone"),
        (to_created, to_not_created, "is created in the journal, so it cannot become not_created"),
        (to_created, lambda repairing: repairing.created(1, 8), "is created in the journal"),
        (to_undone, to_created, "is undone in the journal, so it cannot become created"),
    ],
)
def test_the_journal_takes_no_step_back(
    location: str, before: Callable[[Repairing], None], after: Callable[[Repairing], None], says: str
) -> None:
    with store_at(location) as store, store.repairs.begin(LEASE) as repairing:
        repairing.intend(LINK)
        before(repairing)
        journal = store.repairs.every([EU])
        with pytest.raises(LedgerError, match=says):
            after(repairing)
        before(repairing)
        assert store.repairs.every([EU]) == journal, "the same step twice is one"


def test_a_link_that_was_intended_can_be_undone(location: str) -> None:
    with store_at(location) as store, store.repairs.begin(LEASE) as repairing:
        repairing.undone(repairing.intend(LINK).number)
        assert states(store) == [UNDONE]


# -- Two at once


def test_one_process_repairs_at_a_time(location: str) -> None:
    with store_at(location) as store, store_at(location) as other:
        with store.repairs.begin(LEASE):
            with pytest.raises(LedgerError) as caught:
                other.repairs.begin(LEASE)
            assert caught.value.failure.what == f"another process repairs links already (in {store.name})"
        with other.repairs.begin(LEASE) as repairing:
            assert repairing.intend(LINK).number == 1


def test_who_was_taken_over_creates_nothing(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with store_at(location) as store, store_at(location) as other:
        with monkeypatch.context() as patch:
            patch.setattr(claimant, "myself", lambda: f"{HERE} 1 1")
            earlier = store.repairs.begin(LEASE)
            intended = earlier.intend(LINK)
        with other.repairs.begin(LEASE) as later:
            journal = store.repairs.every([EU])
            for act in (
                lambda: earlier.intend(OTHER),
                lambda: earlier.created(intended.number, 7),
                lambda: earlier.not_created(intended.number),
                lambda: earlier.undone(intended.number),
                earlier.keep_alive,
            ):
                with pytest.raises(LedgerError, match="another process repairs links now, so this one has stopped"):
                    act()
            assert store.repairs.every([EU]) == journal
            later.created(intended.number, 7)
        assert states(store) == [CREATED]


class AnswersGetLost(PostgresqlStore):
    """A store that changes something, and loses every other answer to that."""

    losing = False

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        changed = super().execute(statement, parameters, *more)
        self.losing = not self.losing
        if self.losing:
            raise Unavailable("the connection broke")
        return changed


def test_a_step_whose_answer_is_lost_is_taken_once(postgresql: str) -> None:
    with CensusStore(AnswersGetLost(postgresql, CENSUS), FakeClock()) as store:
        repairing = store.repairs.begin(LEASE)
        intended = repairing.intend(LINK)
        repairing.created(intended.number, 7)
        repairing.undone(intended.number)
        repairing.not_created(repairing.intend(LINK).number)
        assert states(store) == [UNDONE, NOT_CREATED]


# -- All of them


def test_repairs_are_listed_by_site_and_counted_each_time_a_site_changes(location: str) -> None:
    mirrored = replace(LINK, product_url=US, destination_url=EU, issue="C-7", target="A-1")
    with store_at(location) as store, store.repairs.begin(LEASE) as repairing:
        assert store.checks.repairs_made() == 0
        for number, each in enumerate((LINK, mirrored, OTHER), 1):
            repairing.intend(each)
            assert store.checks.repairs_made() == number - 1
            repairing.created(number, number)
        repairing.undone(2)
        assert store.checks.repairs_made() == 4
        assert [each.number for each in store.repairs.every([EU])] == [1, 3]
        assert [each.number for each in store.repairs.every([US, EU])] == [1, 2, 3]
        assert store.repairs.every([]) == []


def test_a_deleted_census_leaves_the_journal(location: str) -> None:
    with store_at(location) as store:
        counted(store)
        with store.repairs.begin(LEASE) as repairing:
            repairing.created(repairing.intend(LINK).number, 7)
        store.delete(None)
        assert states(store) == [CREATED]


def test_a_journal_is_on_disk_when_a_step_was_taken(tmp_path: Path) -> None:
    with store_at(str(tmp_path / "census")) as store, store_at(str(tmp_path / "census")) as other:
        store.repairs.begin(LEASE).intend(LINK)
        assert states(other) == [INTENDED]
