"""What the README shows is what happens."""

import doctest
import re

import pytest
from conftest import ROOT


@pytest.mark.parametrize("name", ["README.md", "README.ar.md"])
def test_code_in_the_readme_runs(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(str(ROOT / name), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 5
    assert failed == 0


def blocks(name):
    return re.findall("```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)


def asked(block):
    """The code of a block without comments and answers, and without the language that is asked for."""
    lines = [line for line in block.splitlines() if line.startswith(">>> ") and not line.startswith(">>> #")]
    return [line.replace('"ar"', "LANG").replace('"en"', "LANG") for line in lines]


def test_both_languages_begin_with_the_same_example():
    english, arabic = blocks("README.md")[0], blocks("README.ar.md")[0]
    assert asked(english) == asked(arabic)
    assert len(asked(english)) == 6


@pytest.mark.parametrize("name", ["README.md", "README.ar.md", "SECURITY.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
    headings = {re.sub(r"[^\w\s-]", "", line.lstrip("# ")).strip().lower().replace(" ", "-")
                for line in text.splitlines() if line.startswith("#")}  # fmt: skip
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize(
    "path",
    re.findall(
        r"`((?:sextortion_detect|tests|datasets)/[\w/.]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    ),
)
def test_contributing_names_files_that_exist(path):
    assert (ROOT / path).exists()
