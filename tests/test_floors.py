"""Imports go down the floors of the design, nothing read from a text is kept, and a first verdict stays light."""

import ast
import re
import subprocess
import sys
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sextortion_detect"

FLOORS = {
    "taxonomy": 0, "evidence": 0, "records": 0, "errors": 0,
    "text": 1, "readers": 1,
    "model": 2,
    "decision_thresholds": 3, "budget_thresholds": 3, "verdicts": 3, "distress": 3, "batches": 3, "running_risk": 3, "windows": 3, "chats": 3, "classify": 3, "frames": 3,
    "chat_summary": 4, "verdict_files": 4, "wording": 4, "marked_text": 4, "facts": 4, "terminal": 4, "page": 4, "support": 4,
    "scale": 4, "scoring": 4,
    "training": 5, "estimators": 5, "sklearn_twin": 5,
    "integrations": 6, "cli": 6, "__init__": 6,
}  # fmt: skip

THIRD_PARTY = {
    0: set(), 1: {"numpy"}, 2: {"numpy", "scipy"}, 3: {"numpy", "scipy"}, 4: {"rich", "jinja2", "markupsafe"},
    5: {"numpy", "scipy", "sklearn", "joblib", "threadpoolctl", "matplotlib", "jinja2"}, 6: {"typer", "rich", "starlette", "anyio", "limits", "uvicorn", "h11", "osprey"},
}  # fmt: skip

# The functions that reach for a floor above, when somebody calls them: no other may.
UPWARD = {
    ("records.py", "Advised.advice", "sextortion_detect.support"),
    ("records.py", "ChatVerdict.to_frame", "sextortion_detect.frames"),
    ("records.py", "ChatVerdict.to_html", "sextortion_detect.page.chat_page"),
    ("model/linear.py", "Model.to_sklearn", "sextortion_detect.sklearn_twin"),
}

# Imports that a function makes when it is called: what they load is asked for by name, never on the way to a verdict.
DEFERRED = {
    ("batches.py", "joblib"), ("frames.py", "pandas"), ("frames.py", "narwhals"), ("frames.py", "pyarrow"), ("scale.py", "pyspark.sql.types"), ("support.py", "sextortion_detect.page.chat_page"),
    ("facts/extract.py", "linkify_it"), ("facts/extract.py", "linkify_it.tlds"), ("facts/extract.py", "phonenumbers"), ("facts/extract.py", "stdnum"),
    ("support.py", "markupsafe"),
    ("model/sparse.py", "scipy.sparse"),
    ("readers/json_walk.py", "ijson"), ("readers/table_rows.py", "pyarrow.parquet"), ("readers/table_rows.py", "openpyxl.reader.excel"),
    ("scoring/input_tables.py", "pyarrow.parquet"), ("verdict_files.py", "pyarrow.parquet"), ("readers/decode.py", "charset_normalizer"),
    ("cli/serve_command.py", "sextortion_detect.integrations"), ("estimators.py", "sextortion_detect.training.corpus"),
    *(("estimators.py", f"sextortion_detect.training.{room}") for room in ("label_head", "recipe", "thresholds")),
    ("__init__.py", "sextortion_detect"), ("__init__.py", "sextortion_detect.readers"),
    ("__init__.py", "importlib.metadata"),
}  # fmt: skip

SHORTEST_MODULE, LONGEST_MODULE = 30, 320  # lines


def modules(*folders):
    return [
        pytest.param(path, id=place(path))
        for path in sorted(PACKAGE.rglob("*.py"))
        if not folders or path.parent.name in folders
    ]


def place(path):
    return path.relative_to(PACKAGE).as_posix()


def floor_of(name):
    """The floor of a module inside the package, by its own name or by that of its folder."""
    return FLOORS.get(name, FLOORS[name.partition(".")[0]])


def floor_of_path(path):
    return floor_of(place(path).removesuffix(".py").replace("/", "."))


def imported(path):
    """Each import of a module: in which function it is made ("" for none), and what it names."""
    return list(_imported(ast.parse(path.read_text(encoding="utf-8")), ()))


def _imported(node, inside):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _imported(child, (*inside, child))
        elif isinstance(child, (ast.Import, ast.ImportFrom)):
            in_function = any(isinstance(one, ast.FunctionDef) for one in inside)
            function = ".".join(one.name for one in inside) if in_function else ""
            names = [alias.name for alias in child.names] if isinstance(child, ast.Import) else [child.module]
            yield from ((function, name) for name in names)
        elif not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _imported(child, inside)


def is_ours(name):
    return name.partition(".")[0] == "sextortion_detect"


@pytest.mark.parametrize("path", modules())
def test_imports_only_go_down(path):
    floor = floor_of_path(path)
    for function, name in imported(path):
        if is_ours(name):
            above = floor_of(name.partition(".")[2] or "__init__") > floor
            assert not above or (place(path), function, name) in UPWARD, f"{name} lies above"
        elif not function and name.partition(".")[0] not in sys.stdlib_module_names:
            assert name.partition(".")[0] in THIRD_PARTY[floor], f"{name} is not for this floor"


def test_the_steps_upward_are_there():
    assert {(place(path), *step) for path in PACKAGE.rglob("*.py") for step in imported(path)} >= UPWARD


@pytest.mark.parametrize("path", modules())
def test_deferred_imports_are_the_listed_ones(path):
    deferred = {step for step in imported(path) if step[0]}
    upward = {step[1:] for step in UPWARD if step[0] == place(path)}
    assert {(place(path), name) for _, name in deferred - upward} <= DEFERRED


@pytest.mark.parametrize("path", modules())
def test_modules_are_neither_long_nor_fragments(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE
    assert lines >= SHORTEST_MODULE or path.name == "__init__.py"


@pytest.mark.parametrize("path", modules())
def test_a_module_begins_by_saying_what_it_is(path):
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert re.match(r"[A-Z`].{20,}?[.:;?]", told, re.DOTALL)


def test_no_two_modules_bear_one_name():
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert [name for name, times in names.items() if times > 1] == []


def test_no_modules_import_each_other_in_a_circle():
    graph = {}
    for path in PACKAGE.rglob("*.py"):
        ours = {(function, name) for function, name in imported(path) if is_ours(name)}
        kept = {name for function, name in ours if (place(path), function, name) not in UPWARD}
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        graph[module] = kept - {module}
    TopologicalSorter(graph).prepare()  # raises `CycleError`


@pytest.mark.parametrize("path", modules("text", "model"))
def test_nothing_that_was_read_from_a_text_is_kept(path):
    """Tables are built once; a function that remembers what it was asked would remember texts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and any("cache" in ast.unparse(one) for one in node.decorator_list):
            asked = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            assert {one.annotation and ast.unparse(one.annotation) for one in asked} <= {"int"}, node.name
            assert node.args.vararg is node.args.kwarg is None, node.name


def loaded_after(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('\\n'.join(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_importing_the_package_loads_no_heavy_library():
    assert not {"sklearn", "pandas", "torch", "camel_tools", "rich", "typer"} & loaded_after("import sextortion_detect")


def test_a_first_verdict_loads_numpy_and_scipy_alone():
    loaded = loaded_after("from sextortion_detect import classify; classify('صباح الخير')")
    assert {"numpy", "scipy"} <= loaded
    assert not {"sklearn", "pandas", "joblib", "torch", "camel_tools", "rich", "jinja2"} & loaded
