# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the documentation as a reader takes them: their blocks, the commands in these, and what is to be seen.

In a page, `.. code-block:: LANGUAGE` has the option `:caption: NAME` where it is a file to be saved under this name,
and comments before it, `.. exits: N` and `.. not-run: reason`. In Markdown a fence has comments for all three:
`<!-- file: NAME -->`, `<!-- exits: N -->`, `<!-- not-run: reason -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives

_REMARK = re.compile(r"(?P<kind>file|exits|not-run): (?P<text>.+)", re.DOTALL)
#: A fence of three backticks, with its comments on the lines before it.
_FENCE = re.compile(
    r"(?P<remarks>(?:^<!-- .*? -->\n)*)^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


_CLOCK = re.compile(r"\d\d:\d\d:\d\d")
#: What a shell takes as it is: quoted, escaped, or the end of a line that goes on. In double quotes, ! is history.
_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\!])*"|\\.""", re.DOTALL)
#: What must be quoted for zsh, or for both: zsh splits no variable, refuses a pattern that matches no file, has no
#: comments at its prompt, and looks up =name. A >= writes a file, and a ! with something behind it is history.
_TRIPS_ZSH = re.compile(r"\$[\w{(]|[][?*{}]|(?<!\S)[=#]|>=|!(?=\S)")


@dataclass(frozen=True)
class Command:
    """What is typed, over several lines perhaps, and what is to be seen then."""

    typed: str
    shown: str

    @property
    def trips_zsh(self) -> str:
        """What is not quoted, and has to be for a reader who types it in zsh."""
        found = _TRIPS_ZSH.search(_QUOTED.sub("quoted", self.typed))
        return found[0] if found else ""

    def is_answered_by(self, output: str) -> bool:
        """Whether what is to be seen was seen, in this order.

        A line of three dots stands for anything, and so does [...] inside a line, and a clock time for any other. Where
        a line breaks does not matter, for Ansible breaks lines where it likes.
        """
        stretches = re.split(r"^\s*\.\.\.\s*$", self.shown, flags=re.MULTILINE)
        patterns = [r"^\s*" + _pattern_of(stretch) + r"\s*$" for stretch in stretches if stretch.strip()]
        return re.search(r"(?s:.*)".join(patterns), output, re.MULTILINE) is not None


@dataclass(frozen=True)
class Block:
    """A block of a page."""

    line: int
    language: str
    text: str
    #: The name of the file that it is.
    file: str | None = None
    #: What its last command exits with.
    exits: int = 0
    #: Why it cannot be run.
    not_run: str | None = None

    @property
    def commands(self) -> list[Command]:
        """What a reader types.

        :raises ValueError: something is to be seen before anything is typed.
        """
        before, *parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        if before.strip():
            raise ValueError(f"line {self.line}: what is this the output of? {before.strip()}")
        return [_command_in(part) for part in parts]


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> Page:
        return cls(path.name, path.read_text(encoding="utf-8"))

    @property
    def blocks(self) -> list[Block]:
        return list(_blocks_of_markdown(self.text) if self.name.endswith(".md") else _blocks_of_rst(self.text))

    @property
    def not_run(self) -> list[str]:
        """Why blocks of it cannot be run, one reason for each."""
        return [block.not_run for block in self.blocks if block.not_run]


def _pattern_of(text: str) -> str:
    words = [re.escape(word).replace(re.escape("[...]"), r"[^\n]*?") for word in text.split()]
    return r"\s+".join(_CLOCK.sub(_CLOCK.pattern.replace("\\", r"\\"), word) for word in words)


def _command_in(part: str) -> Command:
    """The first line and those that it is continued on, then what is to be seen."""
    found = re.match(r"(?:[^\n]*\\\n)*[^\n]*", part)
    typed = found[0] if found else ""
    return Command(typed, part[len(typed) :].strip("\n"))


def _remarks_of(comments: list[str]) -> dict[str, str]:
    found = [_REMARK.fullmatch(comment.strip()) for comment in comments]
    return {each["kind"]: " ".join(each["text"].split()) for each in found if each}


def _block(line: int, language: str, text: str, remarks: dict[str, str]) -> Block:
    return Block(line, language, text, remarks.get("file"), int(remarks.get("exits", 0)), remarks.get("not-run"))


class _CodeBlock(Directive):
    """As Sphinx has it, as far as it concerns a reader who types."""

    optional_arguments = 1
    option_spec = {"caption": directives.unchanged, "emphasize-lines": directives.unchanged}
    has_content = True

    def run(self) -> list[nodes.Node]:
        language = self.arguments[0] if self.arguments else ""
        text = "\n".join(self.content) + "\n"
        caption = self.options.get("caption")
        return [nodes.literal_block(text, text, language=language, caption=caption, number=self.lineno)]


def _blocks_of_rst(text: str) -> Iterator[Block]:
    directives.register_directive("code-block", _CodeBlock)
    # What only Sphinx knows, its roles for one, is no concern of ours.
    silent = {"report_level": 5, "halt_level": 5, "file_insertion_enabled": False, "_disable_config": True}
    document = publish_doctree(text, settings_overrides=silent)
    for node in document.findall(nodes.literal_block):
        if "language" in node:
            remarks = _remarks_of(_comments_before(node))
            if node["caption"]:
                remarks["file"] = node["caption"]
            yield _block(node["number"], node["language"], node.rawsource, remarks)


def _comments_before(node: nodes.Element) -> list[str]:
    parent = node.parent
    before = reversed(parent[: parent.index(node)])
    return [each.astext() for each in takewhile(lambda each: isinstance(each, nodes.comment), before)]


def _blocks_of_markdown(text: str) -> Iterator[Block]:
    for fence in _FENCE.finditer(text):
        remarks = _remarks_of(re.findall(r"<!-- (.*?) -->", fence["remarks"]))
        line = text.count("\n", 0, fence.start("language")) + 1
        yield _block(line, fence["language"], fence["text"], remarks)
