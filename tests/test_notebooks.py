"""The notebooks run from top to bottom, are short to read, and show their outputs on a code host."""

import re

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

from sextortion_detect.taxonomy import Kind

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_LINES = 16  # of a cell
ARABIC = re.compile("[\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER YEH}]")
LONGEST_LINE = 100  # what code hosts and the documentation show of a line of code


def code_of(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_there_are_six():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_define_nothing(path):
    for cell in code_of(path):
        assert len(cell.source.splitlines()) <= MOST_LINES
        assert "def " not in cell.source
        assert "class " not in cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_kept(path):
    cells = code_of(path)
    assert all(cell.execution_count for cell in cells)
    assert sum(bool(cell.outputs) for cell in cells) >= len(cells) / 2
    assert not any(output.output_type == "error" for cell in cells for output in cell.outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_clipped_and_arabic_runs_from_the_right(path):
    for cell in nbformat.read(path, as_version=4).cells:
        quoted = [line for line in cell.source.splitlines() if line.startswith("    ")]
        lines = cell.source.splitlines() if cell.cell_type == "code" else quoted
        assert not [line for line in lines if len(line) > LONGEST_LINE]
        assert "execution" not in cell.metadata
        for output in cell.get("outputs", ()):
            data = output.get("data", {"text/plain": output.get("text", "")})
            html = data.get("text/html", "")
            assert "...</td>" not in html
            assert not ARABIC.search(data.get("text/plain", ""))
            assert not ARABIC.search(re.sub(r'<(\w+)[^>]* dir="(auto|rtl)".*?</\1>', "", html, flags=re.DOTALL))


def test_what_the_prose_counts():
    prose = (ROOT / "notebooks" / "02_the_corpus.ipynb").read_text(encoding="utf-8")
    assert "come in sixteen kinds" in prose
    assert len(Kind) == 16


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    # One adapts models, again and again: it runs after the rest.
    [pytest.param(path, marks=pytest.mark.harden) if path.stem[:2] == "05" else path for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_runs(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
