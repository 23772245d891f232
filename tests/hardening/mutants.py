"""Mutation testing: changes the code in one place, runs the tests that guard it, and counts how many changes they see.

    python tests/hardening/mutants.py [--each 50] [--seed 20261124] [--module text/words.py] [--again]

Of each module a random sample is tried, the same for the same seed; with `--again` only what was not noticed the last
time. A change is noticed where a test fails, or takes several times the processor time that it took before; wall clock
counts for nothing, since a busy machine must not kill a mutant. What was found is recorded (`recorded.py`).

Each is tried in a fork of a process that has loaded a copy of the package and its model: the code of the function is
exchanged there, or, where the change is in none, the package is loaded anew. Only the tests that run through its line
are run, quickest first, as many as take `MOST` seconds; so a change is noticed by fast tests or not.
"""

import argparse
import ast
import importlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import recorded
from mutations import exchange, exchanged, mutants

ROOT = Path(__file__).parent.parent.parent
TEXT = ["tests/test_normalize.py", "tests/test_mending.py", "tests/test_words.py"]
JUDGED = ["tests/test_verdicts.py", "tests/test_classify.py", "tests/test_frames.py", "tests/test_chat_streams.py"]
CHATS = ["tests/test_conversation.py", "tests/test_verdicts.py", "tests/test_classify.py"]
SLOW = "not test_budgets and not prevalence_m and not processes and not bomb and not every_byte and not scikit and not random and not add_up and not fingerprint"  # fmt: skip
GUARDS = {
    "chats.py": [*CHATS, "tests/test_chat_streams.py"],
    "windows.py": CHATS,
    "running_risk.py": CHATS,
    "decision_thresholds.py": [*JUDGED, "tests/test_conversation.py"],
    "verdicts.py": [*JUDGED, "tests/test_conversation.py"],
    "model/conversation.py": CHATS,
    "model/participant.py": CHATS,
    "model/storage.py": ["tests/test_model.py", "tests/hardening/test_model_files.py"],
    "classify.py": JUDGED,
    "text/words.py": TEXT,
    "text/mending.py": TEXT,
}
MOST = 10.0  # seconds of tests against one change


def cap_examples(most: int) -> None:
    """Let no property try more examples than that, so that a mutant which survives takes seconds."""
    import hypothesis

    plain = hypothesis.settings.__init__

    def capped(self: object, *given: object, **options: object) -> None:
        options["max_examples"] = min(options.get("max_examples", most), most)
        plain(self, *given, **options)

    hypothesis.settings.__init__ = capped


class Lines:
    """A plugin of pytest that notes of each test which lines of one file it runs, and the seconds that it takes."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.tests: dict[str, tuple[float, list[int]]] = {}
        self.failed: list[str] = []
        self.now: set[int] = set()

    def trace(self, frame, event, given):
        if frame.f_code.co_filename != self.path:
            return None
        self.now.add(frame.f_lineno)
        return self.trace

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        self.now = set()
        begun = time.process_time()
        sys.settrace(self.trace)
        threading.settrace(self.trace)
        yield
        self.tests[item.nodeid] = time.process_time() - begun, sorted(self.now)

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.skipped:
            self.tests.pop(report.nodeid, None)


def in_fork(work: Callable[[], int], seconds: float) -> bool:
    """Whether work ends with 0 within so many seconds of processor time, in a fork of this process."""
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, seconds)  # which ends the process
        signal.alarm(1_800)  # for what sleeps
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            try:
                code = work()
            except BaseException:
                code = 1
        os._exit(int(code != 0))
    return os.waitpid(child, 0)[1] == 0


OPTIONS = [
    "-x", "-q", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin", "-o", "addopts=", "-o", "filterwarnings=",
    "-m", "not slow", "-c", str(ROOT / "pyproject.toml"), "--import-mode=append", "--doctest-modules",
]  # fmt: skip


def tests_by_line(package: Path, name: str) -> dict[str, tuple[float, list[int]]]:
    """What the tests of a module run through, its own examples among them, without those that fail as it is."""
    path, told = package / name, package.parent / "lines.json"

    def work() -> int:
        lines = Lines(path)
        pytest.main([*OPTIONS[1:], "-k", SLOW, str(path), *GUARDS[name]], plugins=[lines])
        told.write_text(json.dumps([lines.tests, lines.failed]))
        return 0

    in_fork(work, 900)
    tests, failed = json.loads(told.read_text())
    if failed:
        print(f"{name}: left out, since they fail as it is: {failed}", flush=True)
    # An example of the module, which lies outside the root of the tests, is named without its file.
    return {
        f"{path if test.startswith('::') else ''}{test}": found for test, found in tests.items() if test not in failed
    }


def is_noticed(path: Path, tests: dict[str, tuple[float, list[int]]], lines: range, old: str, new: str) -> bool:
    """Whether a test that runs through the lines fails now; all are run where the lines run on import."""
    within = exchanged(old, lines)
    through = {test: seconds for test, (seconds, seen) in tests.items() if not within or set(seen) & set(lines)}
    chosen, whole = [], 0.0
    for test in sorted(through, key=lambda test: through[test]):
        if chosen and whole + through[test] > MOST:
            break
        chosen.append(test)
        whole += through[test]

    def work() -> int:
        if not within or not exchange(path, new, within):
            path.write_text(new, encoding="utf-8")
            for module in [module for module in sys.modules if module.partition(".")[0] == "sextortion_detect"]:
                del sys.modules[module]
        return int(pytest.main([*OPTIONS, *chosen]))

    return bool(chosen) and not in_fork(work, 3 * whole + 60)


def try_module(package: Path, name: str, given: argparse.Namespace) -> dict:
    """The changes of a module that are tried and noticed, and those that are not."""
    path = package / name
    source = path.read_text(encoding="utf-8")
    tests = tests_by_line(package, name)
    every = mutants(source)
    within = next(lines for lines, _, _ in every if exchanged(source, lines))
    for lines in (range(1), within):  # in both ways of trying it
        if not tests or is_noticed(path, tests, lines, source, ast.unparse(ast.parse(source))):
            raise SystemExit(f"{name}: its tests fail where nothing is changed")
    sample = random.Random(f"{given.seed} {name}").sample(every, min(given.each, len(every)))
    before = recorded.recorded().get("mutants", {}).get(name, {"left": []})["left"]
    reasons = {one["change"]: one["why"] for one in before if "why" in one}
    if given.again:
        sample = [one for one in every if one[1] in {left["change"] for left in before}]
    left = []
    for lines, change, changed in sample:
        print(".", end="", flush=True)
        if not is_noticed(path, tests, lines, source, changed):
            left.append({"line": lines[0], "change": change} | ({"why": reasons[change]} if change in reasons else {}))
            print(f"\n  not noticed: {name}:{lines[0]} {change}", flush=True)
        path.write_text(source, encoding="utf-8")
    made = recorded.recorded()["mutants"][name]["tried"] if given.again else len(sample)
    print(f"\n{name}: {made - len(left)} of {made} noticed, of {len(every)} possible changes", flush=True)
    return {"possible": len(every), "tried": made, "noticed": made - len(left), "left": left}


def main() -> None:
    """Try the samples and record how many were noticed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--each", type=int, default=50)
    asked.add_argument("--seed", type=int, default=20261124)
    asked.add_argument("--module", choices=GUARDS, action="append")
    asked.add_argument("--again", action="store_true")
    given = asked.parse_args()
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for library in ("numpy", "pandas", "polars", "pyarrow", "sklearn.pipeline", "sklearn.feature_extraction.text", "hypothesis.strategies", "rich.console", "jinja2", "_hypothesis_pytestplugin"):  # fmt: skip
        importlib.import_module(library)
    sys.path.insert(0, str(ROOT / "tests"))
    with tempfile.TemporaryDirectory() as place:
        package = Path(place) / "sextortion_detect"
        shutil.copytree(ROOT / "sextortion_detect", package, ignore=shutil.ignore_patterns("__pycache__"))
        if not (package / "models").exists():
            shutil.copytree(ROOT / "models" / "ar-16", package / "models" / "ar-16")
        sys.dont_write_bytecode = True  # lest a change within the same second not be seen
        sys.path.insert(0, place)
        os.environ["PYTHONPATH"] = place
        cap_examples(40)
        for module in ("estimators", "chats", "cli", "training.corpus", "model.shipped"):
            importlib.import_module(f"sextortion_detect.{module}")
        sys.modules["sextortion_detect.model.shipped"].shipped_model()
        for name in given.module or GUARDS:
            recorded.record("mutants", name, try_module(package, name, given))


if __name__ == "__main__":
    main()
