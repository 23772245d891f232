"""Imports go down the floors of the design, and the way to the first verdict stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sextortion_detect"

FLOORS = {
    "taxonomy": 0, "advised": 0, "evidence": 0, "records": 0, "errors": 0,
    "text": 1, "readers": 1,
    "model": 2,
    "verdicts": 3, "windows": 3, "batches": 3, "chats": 3, "classify": 3, "frames": 3,
    "streams": 3, "digest": 4, "interface": 4, "terminal": 4, "redact": 4, "codes": 4, "pieces": 4, "curve": 4, "fingerprint": 4, "html_reports": 4, "scanning": 4,
    "report": 4, "html": 4, "export": 4, "support": 4, "support_html": 4, "scale": 4, "scoring": 4,
    "training": 5, "estimators": 5,
    "integrations": 6, "cli": 6, "__init__": 6,
}  # fmt: skip

THIRD_PARTY = {
    0: set(), 1: set(), 2: {"numpy", "scipy"}, 3: {"numpy", "scipy"}, 4: {"rich", "jinja2", "markupsafe"},
    5: {"numpy", "scipy", "sklearn", "joblib", "cleanlab", "threadpoolctl", "matplotlib"}, 6: {"typer", "rich", "starlette", "osprey"},
}  # fmt: skip

# Imports that a function makes when it is called: what they load is asked for by name, never on the way to a verdict.
DEFERRED = {
    ("records.py", "sextortion_detect.frames"), ("records.py", "sextortion_detect.html"),
    ("advised.py", "sextortion_detect.support"), ("frames.py", "pandas"),
    ("frames.py", "narwhals"), ("frames.py", "pyarrow"), ("batches.py", "joblib"), ("batches.py", "joblib.externals.loky.backend"),
    ("model/linear.py", "sextortion_detect.model.sklearn_export"),
    ("cli/training.py", "sextortion_detect.training"), ("model/serving.py", "scipy.sparse"), ("model/vectorize.py", "scipy.sparse"),
    ("scoring/tables.py", "pyarrow"), ("scoring/sinks.py", "pyarrow"),
    ("cli/serve.py", "sextortion_detect.integrations"), ("integrations/service.py", "uvicorn"), ("scale.py", "pyspark.sql.types"),
    ("__init__.py", "sextortion_detect"), ("__init__.py", "sextortion_detect.readers"), ("estimators.py", "sextortion_detect.training.corpus"),
    ("estimators.py", "sextortion_detect.training.fit"),
    ("readers/json_walk.py", "ijson"), ("readers/table_files.py", "pyarrow"),
    ("readers/table_files.py", "pyarrow.parquet"), ("readers/table_files.py", "openpyxl"),
}  # fmt: skip

# The scikit-learn twin of a model lives beside it and is loaded by `to_sklearn` alone.
EXEMPT = {"model/sklearn_export.py"}


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if str(path.relative_to(PACKAGE)) not in EXEMPT)


def imported(nodes):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_go_down(path):
    floor = FLOORS[path.relative_to(PACKAGE).parts[0].removesuffix(".py")]
    for name in imported(ast.parse(path.read_text(encoding="utf-8")).body):
        parts = name.split(".")
        if parts[0] == "sextortion_detect":
            assert FLOORS[parts[1]] <= floor, f"{name} lies above"
        elif parts[0] not in sys.stdlib_module_names:
            assert parts[0] in THIRD_PARTY[floor], f"{name} is not for this floor"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_deferred_imports_are_the_listed_ones(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    deferred = {name for function in functions for name in imported(ast.walk(function))}
    assert {(str(path.relative_to(PACKAGE)), name) for name in deferred} <= DEFERRED


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 280


def loaded_after(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('\\n'.join(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_importing_the_package_loads_no_heavy_library():
    assert not {"sklearn", "pandas", "torch", "camel_tools", "rich", "typer"} & loaded_after("import sextortion_detect")


def test_a_first_verdict_loads_numpy_alone():
    loaded = loaded_after("from sextortion_detect import classify; classify('صباح الخير')")
    assert "numpy" in loaded
    assert not {"scipy", "sklearn", "pandas", "joblib", "torch", "camel_tools", "rich", "jinja2"} & loaded
