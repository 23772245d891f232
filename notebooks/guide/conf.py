"""How `make docs` builds the guide: what can be said as data stands in `pyproject.toml`, under `[tool.sphinx]`."""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import write_figures  # noqa: E402  # beside this file

from sextortion_detect.model.shipped import shipped_folder, shipped_model  # noqa: E402

settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
version = release = settings["project"]["version"]
globals().update(settings["tool"]["sphinx"])

write_figures.main()
folder = shipped_folder()
myst_substitutions = write_figures.facts(write_figures.kept(folder), shipped_model().manifest, folder)

RIGHT_TO_LEFT = ("notebooks/guide/ar/", "README.ar")


def read(_app, page, source):
    """Leaves out heads that model hubs read, and the marks that turn README.ar.md around: here the whole page is turned."""
    if source[0].startswith("---\n"):
        source[0] = source[0].partition("\n---\n")[2]
    if page.startswith(RIGHT_TO_LEFT):
        source[0] = source[0].replace('<div dir="rtl">\n', "").replace("</div>\n", "")


def turn(_app, page, _template, context, _tree):
    """An Arabic page runs from right to left, its code from left to right."""
    if page.startswith(RIGHT_TO_LEFT) and "body" in context:
        context["body"] = f'<div lang="ar" dir="rtl">{context["body"]}</div>'


def as_markdown(_app, _what, _name, _object, _options, lines):
    """Docstrings are written as Markdown: their fences become blocks."""
    inside = False
    for place, line in enumerate(lines):
        if line.strip().startswith("```"):
            inside = not inside
            lines[place] = "::" if inside else ""
            if inside:
                lines.insert(place + 1, "")
        elif inside:
            lines[place] = "    " + line


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", read)
    app.connect("html-page-context", turn)
    app.connect("autodoc-process-docstring", as_markdown)
