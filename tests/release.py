"""Makes a release ready: the version is told alike everywhere, wheel and sdist are built, and the wheel works alone.

    make release

What comes lies in `dist/`: wheel, sdist and the bill of materials (`sbom.cdx.json`, CycloneDX) of an environment that
holds the wheel and what it needs. Nothing is uploaded and nothing tagged; the last lines say what is left to do.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
MESSAGE = "معي صورك حول الف دولار والا انشرها"
ALONE = f"from sextortion_detect import classify; print(classify({MESSAGE!r}).label.value)"


def complaints(root):
    """What keeps this from being a release, each as a sentence that says what to do."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## (\S+)\n(.*?)(?=^## |\Z)", changes, re.DOTALL | re.MULTILINE)
    if first is None or first[1] != version:
        yield f"CHANGELOG.md must begin with ## {version}, the version in pyproject.toml."
    elif not re.search(r"^- ", first[2], re.MULTILINE):
        yield f"CHANGELOG.md says nothing about {version}; give each thing that a user would notice a line."
    cited = re.search(r"^version: (\S+)$", (root / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    if cited is None or cited[1] != version:
        yield f"CITATION.cff must say version: {version}, as pyproject.toml does."


def not_committed(root):
    """The sentence about changes that are in no commit, if there are any."""
    status = subprocess.run(["git", "status", "--porcelain"], cwd=root, check=True, capture_output=True, text=True)
    if status.stdout:
        yield "There are changes that are in no commit; commit them, or put them away."


def build():
    """Wheel and sdist, in an emptied `dist/`."""
    DIST.mkdir(exist_ok=True)
    for old in DIST.iterdir():
        old.unlink()
    subprocess.run([sys.executable, "-m", "build", "--outdir", DIST, ROOT], check=True, capture_output=True)
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    return wheel, sdist


def tried_alone(wheel, folder):
    """The interpreter of an empty environment outside the checkout, in which the wheel has judged a message."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel], check=True)
    for command, said in (
        ([python, "-I", "-c", ALONE], "blackmail\n"),
        ([python.parent / "sextortion-detect", "doctor", "--json"], None),
    ):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode or (said and done.stdout != said):
            sys.exit(f"The wheel does not work in an empty environment:\n{done.stdout}{done.stderr}")
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "pip", "setuptools"], check=True)
    return python


def main():
    """All of it, or the first sentences that say why not."""
    wrong = [*complaints(ROOT), *not_committed(ROOT)]
    if wrong:
        sys.exit("\n".join(wrong))
    print("Building wheel and sdist, then an empty environment with the wheel alone: five minutes.", flush=True)
    wheel, sdist = build()
    with tempfile.TemporaryDirectory() as folder:
        python = tried_alone(wheel, Path(folder))
        bill = DIST / "sbom.cdx.json"
        command = [
            Path(sys.executable).parent / "cyclonedx-py",
            "environment",
            "--output-reproducible",
            "--mc-type",
            "library",
        ]
        subprocess.run(
            [*command, "--pyproject", ROOT / "pyproject.toml", "-o", bill, python], check=True, capture_output=True
        )
    for made in (wheel, sdist, bill):
        print(f"{made.relative_to(ROOT)}  {made.stat().st_size / 1000:,.0f} kB")
    version = wheel.name.split("-")[1]
    print(f"Left to do: make test on this commit, git tag v{version}, push it, and upload both from where you publish.")


if __name__ == "__main__":
    main()
