"""Mutation testing: changes the code in one place, runs the tests that guard it, and counts how many changes they see.

    python tests/hardening/mutants.py [--each 40] [--seed 20261124] [--module text/join.py] [--record]

Of each module a random sample is tried, the same for the same seed. A change is killed where a test fails or hangs; the
others are printed. Not changed: annotations, docstrings, decorators, and the texts of errors that are caught within.

A mutant is a copy of the package, tested in a fork of a process that has loaded the libraries.
"""

import argparse
import ast
import copy
import io
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TEXT = ["tests/test_normalize.py", "tests/test_repair.py", "tests/test_words.py"]
GUARDS = {
    "text/normalize.py": TEXT,
    "text/fold.py": TEXT,
    "text/join.py": TEXT,
    "classify.py": ["tests/test_classify.py", "tests/test_frames.py"],
    "chats.py": ["tests/test_conversation.py", "tests/test_classify.py"],
    "model/storage.py": ["tests/test_model.py", "tests/hardening/test_model_files.py"],
}
LONGEST = 40  # seconds; what takes longer hangs
COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr}  # fmt: skip


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that may be changed, in their order."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list"} or isinstance(tree, ast.ImportFrom | ast.Import):
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                continue
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", "") in {"ValueError", "TypeError"} and "model" in ast.unparse(node):  # fmt: skip
                continue
            yield node
            yield from places(node)


def ways(node: ast.AST) -> list[ast.AST]:
    """What a node may become."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in COMPARED:
        new.ops[0] = COMPARED[type(new.ops[0])]()
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
    elif isinstance(new, ast.BinOp | ast.AugAssign) and type(new.op) in COUNTED:
        new.op = COUNTED[type(new.op)]()
    elif (isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.Not)) or (
        isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.USub)
    ):
        return [new.operand]
    elif isinstance(new, ast.Constant) and isinstance(new.value, bool):
        new.value = not new.value
    elif isinstance(new, ast.Constant) and isinstance(new.value, int | float):
        new.value += 1
    elif isinstance(new, ast.Constant) and isinstance(new.value, str):
        new.value = f"XX{new.value}XX"
    elif isinstance(new, ast.Return) and new.value is not None and not isinstance(new.value, ast.Constant):
        new.value = ast.Constant(None)
    elif isinstance(new, ast.IfExp):
        new.body, new.orelse = new.orelse, new.body
    elif isinstance(new, ast.Break):
        return [ast.copy_location(ast.Continue(), node)]
    elif isinstance(new, ast.Continue):
        return [ast.copy_location(ast.Break(), node)]
    else:
        return []
    return [new]


def mutants(source: str) -> list[tuple[int, str, str]]:
    """The line, what the change is, and the changed source, of every mutant of a module."""
    count = sum(1 for _ in places(ast.parse(source)))
    found = []
    for number in range(count):
        tree = ast.parse(source)
        node = [*places(tree)][number]
        for new in ways(node):
            before = ast.unparse(node)
            node_line = getattr(node, "lineno", 0)
            after = ast.unparse(new)
            for parent in ast.walk(tree):
                for name, value in ast.iter_fields(parent):
                    if value is node:
                        setattr(parent, name, new)
                    elif isinstance(value, list):
                        value[:] = [new if one is node else one for one in value]
            found.append(
                (node_line, f"{before[:70]!r} -> {after[:70]!r}", ast.unparse(ast.fix_missing_locations(tree)))
            )
    return found


def cap_examples(most: int) -> None:
    """Let no property try more examples than that, so that a mutant which survives takes seconds."""
    import hypothesis

    plain = hypothesis.settings.__init__

    def capped(self: object, *given: object, **options: object) -> None:
        options["max_examples"] = min(options.get("max_examples", most), most)
        plain(self, *given, **options)

    hypothesis.settings.__init__ = capped


def is_killed(package: Path, name: str) -> bool:
    """Whether the tests or examples of a module fail, or hang, with that package; they run in a fork of this process."""
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        sys.path.insert(0, str(package.parent))
        cap_examples(40)
        import pytest

        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            options = [
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:xdist",
                "-o",
                "addopts=",
                "-o",
                "filterwarnings=",
                "-m",
                "not slow",
                "--import-mode=append",
                "--doctest-modules",
            ]
            code = pytest.main([*options, *DESELECTED, str(package / name), *GUARDS[name]])
        os._exit(int(code) != 0)
    return os.waitpid(child, 0)[1] != 0


DESELECTED: list[str] = []
PAGE = ROOT / "SECURITY.md"
BEGIN, END = "<!-- mutants: begin -->\n", "<!-- mutants: end -->\n"
HEAD = "| module | changes possible | tried | noticed |\n|---|--:|--:|--:|\n"


def record(name: str, every: int, tried: int, killed: int) -> None:
    """Put the row of a module into the table, in place of the one that it had."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    table, after = rest.split(END)
    rows = {row.split("|")[1].strip(): row for row in table.splitlines()[2:]}
    rows[f"`{name}`"] = f"| `{name}` | {every} | {tried} | {killed} ({killed / tried:.0%}) |"
    lines = "".join(f"{rows[row]}\n" for row in sorted(rows))
    PAGE.write_text(f"{before}{BEGIN}{HEAD}{lines}{END}{after}", encoding="utf-8")


def main() -> None:
    """Try the samples and say how many were killed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--each", type=int, default=40)
    asked.add_argument("--seed", type=int, default=20261124)
    asked.add_argument("--module", choices=GUARDS)
    asked.add_argument("--deselect", action="append", default=[])
    asked.add_argument("--record", action="store_true")
    given = asked.parse_args()
    DESELECTED.extend(f"--deselect={one}" for one in given.deselect)
    os.chdir(ROOT)
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import polars  # noqa: F401
    import pyarrow  # noqa: F401
    import sklearn.feature_extraction.text
    import sklearn.pipeline  # noqa: F401

    sys.path.insert(0, str(ROOT / "tests"))
    with tempfile.TemporaryDirectory() as place:
        package = Path(place) / "sextortion_detect"
        shutil.copytree(ROOT / "sextortion_detect", package, ignore=shutil.ignore_patterns("__pycache__"))
        if not (package / "models").exists():
            shutil.copytree(ROOT / "models" / "ar-1", package / "models" / "ar-1")
        sys.dont_write_bytecode = True
        for name in [given.module] if given.module else GUARDS:
            path = package / name
            source = path.read_text(encoding="utf-8")
            if is_killed(package, name):
                print(f"{name}: its tests fail as it is", flush=True)
                continue
            every = mutants(source)
            sample = random.Random(given.seed).sample(every, min(given.each, len(every)))
            survived = []
            for line, change, changed in sample:
                path.write_text(changed, encoding="utf-8")
                if not is_killed(package, name):
                    survived.append((line, change))
                    print(f"  survived: {name}:{line} {change}", flush=True)
            path.write_text(source, encoding="utf-8")
            killed = len(sample) - len(survived)
            print(
                f"{name}: {killed} of {len(sample)} killed ({killed / len(sample):.0%}), of {len(every)} mutants",
                flush=True,
            )
            if given.record:
                record(name, len(every), len(sample), killed)


if __name__ == "__main__":
    main()
