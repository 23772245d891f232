"""The wheel carries the model and not the corpus, and works in an empty environment outside the checkout."""

import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.slow
def test_what_is_in_the_wheel(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sextortion_detect"}
    for name in ("manifest.json", "weights.npz", "vocabulary.txt.gz"):
        assert f"sextortion_detect/models/ar-16/{name}" in names
    assert "sextortion_detect/py.typed" in names
    for name in (
        "text/concepts.tsv",
        "text/lexicon.txt",
        "support.tsv",
        "advice.tsv",
        "cli/errors_ar.tsv",
        "cli/help_ar.tsv",
        "facts/fact_patterns.tsv",
        "facts/fact_words.tsv",
        "facts/name_letters.tsv",
        "integrations/openapi.json",
        "page/templates/advice.html",
        "wording.tsv",
        "readers/app_sentences.tsv",
        "page/templates/chat.html",
        "page/templates/head.html",
        "page/templates/index.html",
        "page/templates/report.css",
        "page/templates/report.js",
    ):
        assert f"sextortion_detect/{name}" in names
    assert not any("datasets" in name or "tests/" in name for name in names)
    assert wheel.stat().st_size <= 13 * 2**20


@pytest.mark.harden
@pytest.mark.slow
def test_the_wheel_classifies_in_an_empty_environment(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True, cwd=tmp_path)
    code = "from sextortion_detect import classify; print(classify('معي صورك حول الف دولار والا انشرها').label)"
    done = subprocess.run([python, "-c", code], check=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "blackmail\n"
    packages = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    sizes = {
        folder.name: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for folder in packages.iterdir()
        if not folder.name.startswith(("pip", "setuptools", "pkg_resources"))  # the environment's own
    }
    assert not {"torch", "pandas"} & set(sizes)
    assert sum(sizes.values()) <= 320e6
