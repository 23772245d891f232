"""Tries the oldest and the newest versions that the bounds in pyproject.toml let in, each in an environment of its own.

    python tests/hardening/versions.py ["oldest, 3.11"] ["newest, 3.13"] ...

`oldest` takes the lower bound of each dependency, or the first release with wheels for that Python, and `newest` what
the registry has now; both interpreters must be on the path. The wheel is installed with the extras that need no
server, and the tests below run against it. What came is recorded (`recorded.py`). Takes some minutes and downloads
packages, so it is no part of `make test`.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import recorded

ROOT = Path(__file__).parent.parent.parent
EXTRAS = ("train", "pandas", "tables-io", "serve")
ENVIRONMENTS = ("oldest, 3.11", "newest, 3.11", "oldest, 3.13", "newest, 3.13")
FIRST_WHEELS = {
    "3.13": {
        "numpy": "2.1",
        "scipy": "1.14.1",
        "pandas": "2.2.3",
        "matplotlib": "3.9.2",
        "pyarrow": "18.0",
    }
}
TOOLS = ("pytest>=8.3,<10", "hypothesis>=6.120,<7", "polars>=1.20,<3", "httpx>=0.28,<1")
TESTS = (
    "test_classify.py", "test_cli.py", "test_conversation.py", "test_estimators.py", "test_frames.py", "test_model.py",
    "test_normalize.py", "test_message_tables.py", "test_verdicts.py", "test_whatsapp.py",
)  # fmt: skip
LONG = "not budgets and not processes and not raw_texts and not add_up and not prevalence_m and not read_back_the_same"
"""Left out: what takes long and is as good on one version, and a comparison of bytes, which are those of one zlib."""
SHOWN = ("numpy", "scipy", "scikit-learn", "pandas", "pyarrow", "typer", "rich")


def requirements() -> list[str]:
    """What the package and the extras ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(one for extra in EXTRAS for one in extras[extra])]


def lowest(requirement: str, python: str) -> str:
    """The requirement at its lower bound, or at the first release that has wheels for that Python.

    >>> lowest("numpy>=2.0,<3", "3.11"), lowest("numpy>=2.0,<3", "3.13")
    ('numpy==2.0', 'numpy==2.1')
    """
    name, bound = re.fullmatch(r"([^>]+)>=([^,]+),<.*", requirement).groups()
    return f"{name}=={FIRST_WHEELS.get(python, {}).get(name, bound)}"


def try_out(name: str, wheel: Path, folder: Path) -> bool:
    """Whether all tests pass there."""
    which, version = name.split(", ")
    home = folder / name
    subprocess.run([f"python{version}", "-m", "venv", home], check=True)
    asked = [lowest(one, version) if which == "oldest" else one for one in requirements()]
    install = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--only-binary", ":all:", wheel, *asked, *TOOLS], check=True)
    listed = subprocess.run([*install[:3], "freeze"], check=True, capture_output=True, text=True).stdout
    have = dict(line.split("==") for line in listed.splitlines() if "==" in line)
    # Not `python -m pytest`: that would put the checkout before the wheel.
    options = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "-m", "not slow and not harden", "-k", LONG]
    options += ["-W", "default:datetime.datetime.utcnow():DeprecationWarning"]  # old openpyxl on a newer Python
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [home / "bin" / "pytest", *options, *(ROOT / "tests" / test for test in TESTS)],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    last = done.stdout.strip().splitlines()[-1]
    print(name, done.stdout if done.returncode else last, sep=": ", flush=True)
    packages = {package: have[package] for package in SHOWN}
    recorded.record("versions", name, {"python": version, "packages": packages, "result": last.partition(" in ")[0]})
    return done.returncode == 0


def main() -> None:
    """Build the wheel, and try it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], check=True, capture_output=True
        )
        (wheel,) = folder.glob("*.whl")
        passed = [try_out(name, wheel, folder) for name in sys.argv[1:] or ENVIRONMENTS]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
