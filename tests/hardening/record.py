"""Writes the table of SECURITY.md: runs the tests that are marked `harden`, and tells what they tried and found.

    python tests/hardening/record.py

Nothing is written unless every test passes.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "SECURITY.md"
BEGIN, END = "<!-- tried: begin -->\n", "<!-- tried: end -->\n"


def table(records: list[dict]) -> str:
    """A row for each kind of attempt, those of several cases of one test added up."""
    rows: dict[tuple[str, str, str], int] = {}
    for record in records:
        key = record["item"], record["tried"], record["result"]
        rows[key] = rows.get(key, 0) + record["times"]
    lines = ["| about | what was tried | how often | result |", "|---|---|--:|---|"]
    lines += [f"| {item} | {tried} | {times:,} | {result} |" for (item, tried, result), times in sorted(rows.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run, collect, write."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.jsonl"
        command = [sys.executable, "-m", "pytest", "-m", "harden", "tests/hardening", *sys.argv[1:]]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "HARDEN_RESULTS": str(results)}, check=True)
        records = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}{table(records)}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
