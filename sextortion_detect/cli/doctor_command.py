"""`doctor`: what is installed, which model is in use, and whether it judges as it should."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Final

import typer
from rich.table import Table

from sextortion_detect.classify import classify as judge_texts
from sextortion_detect.cli.options import JsonOption, ModelOption, model_at
from sextortion_detect.cli.printing import FAULT, complain, locale_language, output, print_json
from sextortion_detect.errors import ModelError
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.taxonomy import Action
from sextortion_detect.terminal import harmless
from sextortion_detect.wording import wording

_LIBRARIES: Final = ("numpy", "scipy", "scikit-learn", "joblib", "narwhals", "typer", "rich", "jinja2")
_EXTRAS: Final = {
    "train": ("threadpoolctl", "matplotlib"),
    "pandas": ("pandas",),
    "spark": ("pyspark", "pyarrow", "pandas"),
    "dask": ("dask",),
    "serve": ("starlette", "uvicorn"),
}
_SELF_TEST: Final = {
    "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك": Action.FLAG,
    "واحد يهددني ينشر صوري وش اسوي": Action.SUPPORT,
    "صباح الخير يا أمي": Action.NONE,
    "": Action.NONE,
}
"""Messages whose judgment is beyond doubt, with what is to be done about them."""


def doctor(*, as_json: JsonOption = False, model: ModelOption = None) -> None:
    """Show versions, the model in use and the extras that are installed, and judge a few messages as a self-test.

    Exit code 1: the model cannot be used, or it judges otherwise than it should.
    """
    found: dict[str, Any] = {
        "package": version("sextortion-detect"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "output": f"{sys.stdout.encoding}, messages in {locale_language()}",
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "extras": {name: all(find_spec(module) for module in modules) for name, modules in _EXTRAS.items()},
    }
    fault = None
    try:
        used = model_at(model)
        found["model"] = {
            "folder": str(model or shipped_folder()),
            "name": used.manifest.get("name"),
            "format": used.manifest.get("format"),
            "features": len(used.vectorizer.idf),
            "offense_threshold": used.thresholds["offense"],
        }
        passed = sum(judge_texts(text, model=used).action is action for text, action in _SELF_TEST.items())
        found["self_test"] = {"passed": passed, "of": len(_SELF_TEST)}
        if passed < len(_SELF_TEST):
            fault = "The model judges otherwise than it should; install the package again."
    except ModelError as error:
        fault = str(error)
    found["healthy"] = fault is None
    if as_json:
        print_json(found)
    else:
        output().print(_table(found))
    if fault is not None:
        complain(fault)
        raise typer.Exit(FAULT)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _table(found: dict[str, Any]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    told = wording(locale_language()).told
    for name, value in found.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for number, (part, said) in enumerate(parts):
            table.add_row(told(_spaced(name)) if number == 0 else "", told(_spaced(part)), told(_said(said)))
    return table


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _said(value: object) -> str:
    if value is None:
        return "not installed"
    return harmless(str(value)) if not isinstance(value, bool) else "yes" if value else "no"
