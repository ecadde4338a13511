# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task as a module in a process of its own: what it gets, and what it gives back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.journal import (
    ENTRIES,
    VARIABLE,
    RemoteClock,
    entries_in,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.module import run_module
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level, Reporter
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Options, Result

SPEC = {"wave": {"type": "str"}, "ledger": {"type": "str"}}


class Module:
    """Runs tasks as modules, with the arguments that Ansible would hand over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.clock: Clock | None = None
        self.told: tuple[Any, ...] = ()

    def run(self, result: Result, *, lines: tuple[str, ...] = (), **arguments: Any) -> tuple[int, dict[str, Any]]:
        """How the module ends, and what it prints, when its task has this result."""

        def task(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
            self.told, self.clock = (options["wave"], check, reporter.glances), clock
            for line in lines:
                reporter.line(line, Level.SUCCESS)
            reporter.warn("take care")
            reporter.glance("not kept")
            return result

        given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", given)
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit) as ended:
            run_module(task, SPEC)
        return int(str(ended.value.code)), json.loads(self._capsys.readouterr().out)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Module:
    monkeypatch.delenv(VARIABLE, raising=False)
    # Other tests load what belongs to the controller, and this process is one from then on. A module is none.
    if internal := sys.modules.get("ansible.module_utils._internal"):
        monkeypatch.setattr(internal, "is_controller", False)
    return Module(monkeypatch, capsys)


def test_a_module_gives_back_the_result_and_the_progress_of_its_task(module: Module) -> None:
    code, printed = module.run({"changed": True, "jobs": [1]}, lines=("eu -> us  COMPLETE",), wave="2")
    assert code == 0
    assert (printed["changed"], printed["jobs"]) == (True, [1])
    assert [(each["text"], each["tone"]) for each in printed["progress"]] == [("eu -> us  COMPLETE", "good")]
    assert "take care" in json.dumps(printed["warnings"]), "newer releases of ansible-core wrap it"
    assert module.told == ("2", False, False)
    assert isinstance(module.clock, SystemClock)
    assert not isinstance(module.clock, RemoteClock)


def test_a_task_that_failed_fails_the_module_and_keeps_its_result(module: Module) -> None:
    code, printed = module.run({"failed": True, "msg": "eu -> us: lost", "jobs": [1]})
    assert code == 1
    assert (printed["failed"], printed["msg"], printed["jobs"]) == (True, "eu -> us: lost", [1])


@pytest.mark.parametrize("diff", [True, False])
def test_a_diff_is_given_back_only_where_it_is_asked_for(module: Module, diff: bool) -> None:
    printed = module.run({"diff": {"after": "job"}}, _ansible_diff=diff, _ansible_check_mode=True)[1]
    assert ("diff" in printed) is diff
    assert module.told[1] is True, "check mode is supported, and the task knows of it"


def test_the_password_of_a_ledger_is_not_repeated(module: Module) -> None:
    ledger = "postgresql://ann:c4n4ry@db.example.net/ledger"
    printed = module.run({"said": "c4n4ry"}, ledger=ledger)[1]
    assert "c4n4ry" not in json.dumps(printed)


def test_progress_goes_to_the_journal_where_there_is_one(
    module: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    module.run({}, lines=("one", "two"))
    entries, _length = entries_in((tmp_path / ENTRIES).read_text(encoding="ascii"))
    assert [each["text"] for each in entries] == ["one", "two", "Warning: take care"]
    assert isinstance(module.clock, RemoteClock)


def test_a_worker_that_has_lost_its_controller_fails_and_says_so(
    module: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "journal"))
    (tmp_path / "journal").mkdir()

    def task(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
        (tmp_path / "journal" / "read").unlink()
        clock.checkpoint()
        return {}

    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", b'{"ANSIBLE_MODULE_ARGS": {}}')
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit):
        run_module(task, SPEC)
    printed = json.loads(capsys.readouterr().out)
    assert printed["failed"]
    assert "Lost contact with the controller" in printed["msg"]
