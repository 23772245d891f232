"""What the guide shows is what happens, its pictures are those of the code, and no figure in it is typed by hand."""

import doctest
import re
import runpy
import shutil
import xml.etree.ElementTree as ET

import pytest
from conftest import ROOT

import sextortion_detect
from sextortion_detect.model.shipped import shipped_folder

GUIDE = ROOT / "notebooks" / "guide"
PAGES = sorted(path for path in GUIDE.rglob("*.md") if not {"_build", "_written"} & {*path.parts})
SVG = "{http://www.w3.org/2000/svg}"


def name(path):
    return path.relative_to(GUIDE).as_posix()


@pytest.fixture(scope="module")
def drawing():
    return runpy.run_path(str(GUIDE / "draw_architecture.py"))


@pytest.fixture(scope="module")
def known(drawing):
    return drawing["floors"]()


@pytest.fixture(scope="module")
def figures():
    return runpy.run_path(str(GUIDE / "write_figures.py"))


@pytest.mark.parametrize("path", [path for path in PAGES if ">>> " in path.read_text(encoding="utf-8")], ids=name)
def test_code_on_a_page_runs(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(str(path), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried
    assert failed == 0


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path, figures):
    text = path.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#:]+)", text) if not target.startswith("_written/")]
    targets += re.findall(r"`((?:sextortion_detect|tests|datasets|notebooks)/[\w/.]+\.\w+)`", text)
    for target in targets:
        assert (path.parent / target).exists() or (ROOT / target).exists(), target
    written = {*figures["SECTIONS"], "commands", "openings"}
    for target in re.findall(r"_written/(\w+)\.md", text):
        assert target in written


def test_every_page_is_in_the_navigation():
    index = (GUIDE / "index.md").read_text(encoding="utf-8")
    for path in PAGES:
        assert name(path) == "index.md" or re.search(rf"^(.*<)?{name(path).removesuffix('.md')}>?$", index, re.M), path


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_figure_of_the_model_is_typed_by_hand(path):
    """The next model has others: they come from its card, when the guide is built."""
    prose = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.findall(r"\d[\d.]* ?[%٪]|\b0\.\d{2,}\b(?!\.\d)|\bar-\d", prose.replace("0.001", ""))


def test_the_reference_names_all_that_is_exported():
    page = (GUIDE / "reference.md").read_text(encoding="utf-8")
    assert {one for one in sextortion_detect.__all__ if not re.search(rf"\b{one}\b", page)} == set()


def test_what_is_written_for_the_guide(figures):
    written = figures["written"](shipped_folder())
    assert all(text.strip() for text in written.values())
    for one, text in written.items():
        if one.endswith(".svg"):
            assert ET.fromstring(text).tag == f"{SVG}svg"
    assert written == figures["written"](shipped_folder())
    for command in figures["COMMANDS"]:
        assert f"## {command}\n\n```text\nUsage: sextortion-detect {command}" in written["commands.md"]


def test_a_section_ends_where_the_next_begins(figures):
    page = "# A\n## B\none\n### C\ntwo\n## D\nthree\n"
    assert [figures["section"](page, one) for one in ("B", "C", "D")] == ["one\n### C\ntwo\n", "two\n", "three\n"]


def test_openings_are_those_of_the_datasheet(figures):
    line = "- Blind test half opened on 2030-01-02 for x: release."
    assert figures["openings"](f"text\n\n{line}\nmore\n") == line
    assert figures["openings"]("text\n") == "The log in the datasheet holds no opening yet."


# --- the picture of the rooms


def test_the_picture_of_the_rooms_is_that_of_the_code(drawing, known):
    """Stale? `make picture` draws it anew."""
    assert drawing["picture"](known, known["PACKAGE"]) == (GUIDE / "architecture.svg").read_text(encoding="utf-8")
    page = (GUIDE / "architecture.md").read_text(encoding="utf-8")
    assert drawing["with_table"](page, drawing["table"](known, known["PACKAGE"])) == page


def arrows_upward(picture):
    """The arrows of a picture that end higher than they begin."""
    tree = ET.fromstring(picture)
    high = {room.get("id"): float(room.get("y")) for room in tree.iter(f"{SVG}rect") if room.get("id")}
    arrows = [
        (arrow.get("data-from"), arrow.get("data-to")) for arrow in tree.iter(f"{SVG}path") if arrow.get("data-from")
    ]
    assert len(arrows) > 30
    return {(here, there) for here, there in arrows if high[here] >= high[there]}


def allowed(drawing, known):
    rooms = known["FLOORS"]
    return {
        (drawing["room_of"](place.removesuffix(".py").replace("/", "."), rooms),
         drawing["room_of"](target.partition(".")[2], rooms)) for place, _, target in known["UPWARD"]
    }  # fmt: skip


def test_no_arrow_points_upward_but_the_listed_ones(drawing, known):
    picture = (GUIDE / "architecture.svg").read_text(encoding="utf-8")
    assert arrows_upward(picture) == allowed(drawing, known)


def test_an_import_of_a_floor_above_would_be_seen(drawing, known, tmp_path):
    package = tmp_path / "sextortion_detect"
    shutil.copytree(known["PACKAGE"], package, ignore=shutil.ignore_patterns("*.tsv", "*.txt", "__pycache__"))
    with (package / "taxonomy.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef above():\n    from sextortion_detect.terminal import show\n")
    assert arrows_upward(drawing["picture"](known, package)) - allowed(drawing, known) == {("taxonomy", "terminal")}
