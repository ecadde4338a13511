# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the code of module_utils at random places, one at a time, and see whether the quick unit tests notice.

    make mutate SEED=1

Each change is made in a copy. A change that the tests do not notice is either harmless or a missing test. One that they
never come to an end with is noticed.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

COLLECTION = Path(__file__).parents[2]
MODULE_UTILS = Path("plugins/module_utils")
UNIT_TESTS = Path("tests/unit/plugins")
PLACE = Path("ansible_collections/jira_cloud/federation")
#: For how many times as long as usual the tests may run. They may have to share the machine.
PATIENCE = 5
#: How many bytes the tests may have at most: a loop that a change has made endless may fill the memory.
MEMORY = 4 << 30

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutation:
    """One change of one file."""

    path: Path
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(MODULE_UTILS)}:{self.line}  {self.before}  ->  {self.after}"


def mutations_of(path: Path) -> Iterator[Mutation]:
    """Every change of a file, in the order of its lines."""
    source = (COLLECTION / path).read_text(encoding="utf-8")
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    skipped = set(skipped_of(tree))
    for node in ast.walk(tree):
        if node in skipped or not isinstance(node, (ast.expr, ast.stmt)):
            continue
        begin, end = (
            starts[line - 1] + column
            for line, column in ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        )
        before = ast.get_source_segment(source, node) or ""
        for after in changed(node, before):
            text = source.encode()[:begin] + after.encode() + source.encode()[end:]
            yield Mutation(path, node.lineno, " ".join(before.split()), " ".join(after.split()), text.decode())


def skipped_of(tree: ast.Module) -> Iterator[ast.AST]:
    """What is no behaviour."""
    for node in ast.walk(tree):
        if is_for_readers(node):
            yield from ast.walk(node)
        for name in ("annotation", "returns"):
            if annotation := getattr(node, name, None):
                yield from ast.walk(annotation)
        if isinstance(node, ast.JoinedStr):
            # The pieces of a message have no place of their own before Python 3.12.
            yield from (child for child in ast.walk(node) if child is not node)


def is_for_readers(node: ast.AST) -> bool:
    """Whether it is documentation, a protocol, only for the type checker, or against slips of whoever writes code."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Call(func=ast.Name(id="TypeVar")) | ast.keyword(arg="frozen" | "strict"):
            return True
        case ast.ClassDef():
            return any(isinstance(base, ast.Name) and base.id in ("Protocol", "TypedDict") for base in node.bases)
    return False


def changed(node: ast.AST, before: str) -> Iterator[str]:
    """What a node may be changed to."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield str(not node.value)
        elif isinstance(node.value, (int, float)):
            yield str(node.value + 1)
        elif isinstance(node.value, str) and before[:1] in "\"'":
            yield '"mutated"' if node.value else '"not empty"'
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield ast.unparse(ast.Compare(node.left, [COMPARISONS[type(node.ops[0])]()], node.comparators))
    elif isinstance(node, ast.BoolOp):
        other: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"({ast.unparse(ast.BoolOp(other, node.values))})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield ast.unparse(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield f"({ast.unparse(ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right))})"
    elif isinstance(node, ast.IfExp):
        yield f"({ast.unparse(node.body)})"
    elif isinstance(node, ast.Return) and node.value is not None and not is_empty(node.value):
        yield "return None"
    elif isinstance(node, (ast.AugAssign, ast.Raise, ast.Continue, ast.Break)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield "pass"


def is_empty(node: ast.AST) -> bool:
    """Whether it is None, or what callers do not tell from None."""
    return isinstance(node, ast.Constant) and not node.value


def tests_for(path: Path) -> list[list[str]]:
    """The tests that may notice a change of a file: first those of its room, then all."""
    room = COLLECTION / UNIT_TESTS / "module_utils" / path.relative_to(MODULE_UTILS).parent
    near = sorted(str(test.relative_to(COLLECTION)) for test in room.glob("test_*.py"))
    return [near, [str(UNIT_TESTS)]] if near else [[str(UNIT_TESTS)]]


def fails(tests: Sequence[str], root: Path, limit: float | None = None) -> bool:
    """Whether one of these tests fails in a copy, or cannot be run, or does not end in so many seconds."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-x", "-m", "not slow", *tests],
            cwd=root / PLACE,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def is_noticed(mutation: Mutation, root: Path, limit: float) -> bool:
    """Whether a test fails with the change."""
    file = root / PLACE / mutation.path
    original = file.read_text(encoding="utf-8")
    file.write_text(mutation.source, encoding="utf-8")
    try:
        return any(fails(tests, root, limit) for tests in tests_for(mutation.path))
    finally:
        file.write_text(original, encoding="utf-8")


def copy_to(root: Path) -> None:
    listed = ["git", "ls-files", "-co", "--exclude-standard"]
    for name in subprocess.run(
        listed, cwd=COLLECTION, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines():
        if (COLLECTION / name).is_file():
            target = root / PLACE / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(COLLECTION / name, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    files = sorted(path.relative_to(COLLECTION) for path in (COLLECTION / MODULE_UTILS).rglob("*.py"))
    everything = [mutation for path in files for mutation in mutations_of(path)]
    chosen = random.Random(arguments.seed).sample(everything, arguments.count)
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        roots: SimpleQueue[Path] = SimpleQueue()
        for number in range(arguments.jobs):
            copy_to(Path(folder, str(number)))
            roots.put(Path(folder, str(number)))
        begun = time.monotonic()
        if fails([str(UNIT_TESTS)], Path(folder, "0")):
            sys.exit("The tests fail without a change.")
        limit = PATIENCE * (time.monotonic() - begun)

        def check(mutation: Mutation) -> bool:
            root = roots.get()
            try:
                return is_noticed(mutation, root, limit)
            finally:
                roots.put(root)

        with ThreadPoolExecutor(arguments.jobs) as pool:
            for mutation, noticed in zip(chosen, pool.map(check, chosen), strict=True):
                print(f"{'noticed ' if noticed else 'SURVIVED'}  {mutation}", flush=True)
                if not noticed:
                    survivors.append(mutation)
    print(f"seed {arguments.seed}: {len(chosen) - len(survivors)} of {len(chosen)} changes were noticed")
    for mutation in survivors:
        print(f"  {mutation}")


if __name__ == "__main__":
    main()
