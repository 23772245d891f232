"""Records what the tests marked `harden` try and find, for the table of SECURITY.md.

    python tests/hardening/record.py [NOTES]

runs them; or takes the notes of a run that had HARDEN_RESULTS=NOTES in its environment. Nothing is recorded unless
every test passes.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from recorded import ROOT, record


def added_up(notes: list[dict]) -> list[dict]:
    """One entry for each kind of attempt, those of several cases of one test added up; of a test its last run counts."""
    latest = {(note["test"], note["item"], note["tried"]): note for note in notes}
    times: dict[tuple[str, str, str], int] = {}
    for note in latest.values():
        key = note["item"], note["tried"], note["result"]
        times[key] = times.get(key, 0) + note["times"]
    return [
        {"item": item, "tried": tried, "times": count, "result": result}
        for (item, tried, result), count in sorted(times.items())
    ]


def main() -> None:
    """Run, unless that was done, and record."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(sys.argv[1]) if sys.argv[1:] else Path(folder) / "notes.jsonl"
        if not sys.argv[1:]:
            command = [sys.executable, "-m", "pytest", "-m", "harden", "tests/hardening"]
            subprocess.run(command, cwd=ROOT, env={**os.environ, "HARDEN_RESULTS": str(results)}, check=True)
        notes = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    record("tried", "all", added_up(notes))


if __name__ == "__main__":
    main()
