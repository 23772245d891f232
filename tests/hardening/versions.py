"""Tries the oldest and the newest versions that the bounds in pyproject.toml let in, each in an environment of its own.

    python tests/hardening/versions.py [oldest] [newest]

`oldest` is Python 3.11 with the lower bound of each dependency, `newest` is Python 3.13 with what the registry has
now; both interpreters must be on the path. The wheel is installed with the extras that need no server, and the tests
below run against it. Takes some minutes and downloads packages, so it is no part of `make test`.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
EXTRAS = ("train", "pandas", "tables-io", "serve")
PYTHON = {"oldest": "python3.11", "newest": "python3.13"}
TOOLS = ("pytest>=8.3,<10", "hypothesis>=6.120,<7", "polars>=1.20,<3", "httpx>=0.28,<1")
TESTS = (
    "test_classify.py", "test_cli.py", "test_conversation.py", "test_estimators.py", "test_frames.py", "test_model.py",
    "test_normalize.py", "test_reading.py", "test_tables.py",
)  # fmt: skip
SHOWN = ("numpy", "scipy", "scikit-learn", "pandas", "pyarrow", "typer", "rich")


def requirements() -> list[str]:
    """What the package and the extras ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(one for extra in EXTRAS for one in extras[extra])]


def lowest(requirement: str) -> str:
    """The requirement at its lower bound.

    >>> lowest("numpy>=2.0,<3")
    'numpy==2.0'
    """
    return re.sub(r">=([^,]+),<.*", r"==\1", requirement)


def try_out(name: str, wheel: Path, folder: Path) -> bool:
    """Whether all tests pass there."""
    python = folder / name / "bin" / "python"
    subprocess.run([PYTHON[name], "-m", "venv", folder / name], check=True)
    asked = [lowest(one) if name == "oldest" else one for one in requirements()]
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, wheel, *asked, *TOOLS], check=True)
    listed = subprocess.run([python, "-m", "pip", "freeze"], check=True, capture_output=True, text=True).stdout
    have = dict(line.split("==") for line in listed.splitlines() if "==" in line)
    print(name, PYTHON[name], *(f"{package} {have[package]}" for package in SHOWN), flush=True)
    # Not `python -m pytest`: that would put the checkout before the wheel.
    command = [
        python.with_name("pytest"),
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=",
        "-m",
        "not slow and not harden",
    ]
    return subprocess.run([*command, *(ROOT / "tests" / test for test in TESTS)], cwd=folder).returncode == 0


def main() -> None:
    """Build the wheel, and try it."""
    names = sys.argv[1:] or list(PYTHON)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True, capture_output=True
        )
        (wheel,) = folder.glob("*.whl")
        passed = {name: try_out(name, wheel, folder) for name in names}
    print(*(f"{name}: {'passed' if it else 'FAILED'}" for name, it in passed.items()), sep="\n")
    sys.exit(not all(passed.values()))


if __name__ == "__main__":
    main()
