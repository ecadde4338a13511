# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who does what a page says, to the letter, from its top to its end."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pages import Block, Command, Page

#: Runs a command in the folder and with the environment that the one before it has left.
_SHELL = """
. "$0"
trap 'export -p > "$0"; printf "cd %q\\n" "$PWD" >> "$0"' EXIT
eval "$1"
"""


class WrongPage(AssertionError):
    """What the page says is not so."""


@dataclass
class Reader:
    """Somebody with a folder and an environment of their own."""

    folder: Path
    environment: dict[str, str]
    #: What was seen so far.
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = self.folder.with_suffix(".left")
        self._left.touch()

    def follow(self, page: Page) -> None:
        """:raises WrongPage: something in it does not hold."""
        for block in page.blocks:
            try:
                self._do(block)
            except (WrongPage, ValueError, yaml.YAMLError) as exc:
                raise WrongPage(f"{page.name}, line {block.line}: {exc}") from None

    def _do(self, block: Block) -> None:
        if block.language == "yaml":
            list(yaml.compose_all(block.text, Loader=yaml.SafeLoader))
        if block.language == "json":
            json.loads(block.text)
        if block.file:
            (self.folder / block.file).write_text(block.text, encoding="utf-8")
        if block.language == "console" and not block.not_run:
            self._type_all(block.commands, block.exits)

    def _type_all(self, commands: list[Command], last_exits: int) -> None:
        for number, command in enumerate(commands, start=1):
            self._type(command, last_exits if number == len(commands) else 0)

    def _type(self, command: Command, exits: int) -> None:
        # Nothing in the documentation takes minutes; what hangs is a fault.
        done = subprocess.run(
            ["timeout", "300", "bash", "-c", _SHELL, self._left, command.typed],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(f"$ {command.typed}\n{done.stdout}")
        self.seen.append(done.stdout)
        if done.returncode != exits:
            raise WrongPage(f"exits with {done.returncode}, not with {exits}:\n$ {command.typed}\n{done.stdout}")
        if not command.is_answered_by(done.stdout):
            raise WrongPage(f"$ {command.typed}\nwas to show\n\n{command.shown}\n\nand shows\n\n{done.stdout}")
