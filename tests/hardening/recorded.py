"""What was tried, how often and with what result: `recorded.json`, and the tables of SECURITY.md that tell it.

    python tests/hardening/recorded.py

writes the tables anew. Nothing in the file or the tables names a machine, a path on it, or a host.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
FILE = Path(__file__).with_suffix(".json")
PAGE = ROOT / "SECURITY.md"


def recorded() -> dict[str, dict[str, Any]]:
    """All that was recorded, by its kind and what it is about."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def record(kind: str, about: str, found: Any) -> None:
    """Keep what was found, in place of what was found before, and write the tables anew."""
    everything = recorded()
    everything.setdefault(kind, {})[about] = found
    FILE.write_text(
        json.dumps(everything, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n"
    )
    write_tables()


def tried(found: dict[str, Any]) -> list[str]:
    """A row for each kind of attempt."""
    rows = [
        f"| {one['item']} | {one['tried']} | {one['times']:,} | {one['result']} |"
        for one in sorted(found.get("all", []), key=lambda one: (one["item"], one["tried"], one["result"]))
    ]
    return ["| about | what was tried | how often | result |", "|---|---|--:|---|", *rows]


def fuzzed(found: dict[str, Any]) -> list[str]:
    """A row for each target: its longest run without a fault, and what earlier ones had found."""
    rows = [
        f"| {name} | {one['seconds']} | {one['inputs']:,} | {one['before'] or 'nothing'} |"
        for name, one in sorted(found.items())
    ]
    return ["| target | seconds | inputs | found before, and mended |", "|---|--:|--:|---|", *rows]


def mutants(found: dict[str, Any]) -> list[str]:
    """A row for each module, and one for all of them."""
    counted = {name: (one["possible"], one["tried"], one["noticed"]) for name, one in sorted(found.items())}
    counted["all"] = tuple(map(sum, zip(*counted.values(), strict=True))) or (0, 0, 0)
    rows = [
        f"| {'all' if name == 'all' else f'`{name}`'} | {possible:,} | {made} | {seen} ({seen / max(made, 1):.0%}) |"
        for name, (possible, made, seen) in counted.items()
    ]
    return ["| module | changes possible | tried | noticed |", "|---|--:|--:|--:|", *rows]


def survivors(found: dict[str, Any]) -> list[str]:
    """How many of the changes that no test noticed are left for which reason."""
    reasons: dict[str, list[str]] = {}
    for name, one in sorted(found.items()):
        for left in one["left"]:
            reasons.setdefault(left.get("why", "not yet looked at"), []).append(name)
    rows = [
        f"| {why} | {len(names)} | {', '.join(f'`{name}`' for name in dict.fromkeys(names))} |"
        for why, names in sorted(reasons.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    return ["| why a change is not noticed | how many | where |", "|---|--:|---|", *rows]


def versions(found: dict[str, Any]) -> list[str]:
    """A row for each environment."""
    rows = [
        f"| {name} | {one['python']} | {', '.join(f'{package} {number}' for package, number in one['packages'].items())} "
        f"| {one['result']} |"
        for name, one in sorted(found.items())
    ]
    return ["| bounds | Python | versions | tests |", "|---|---|---|---|", *rows]


def outside(_found: dict[str, Any]) -> list[str]:
    """A row for each area of `outside_attempts.tsv`: what two outsiders tried, each attempt judged by a program."""
    with FILE.with_name("outside_attempts.tsv").open(encoding="utf-8", newline="") as file:
        attempts = [*csv.DictReader(file, delimiter="\t")]
    counted = Counter((one["area"], one["result"]) for one in attempts)
    rows = [
        f"| {area} | {' | '.join(f'{counted[area, result]}' for result in ('held', 'finding', 'unsure'))} |"
        for area in dict.fromkeys(one["area"] for one in attempts)
    ]
    return ["| area | held | finding | unsure |", "|---|--:|--:|--:|", *rows]


TABLES: dict[str, tuple[str, Callable[[dict[str, Any]], list[str]]]] = {
    "tried": ("tried", tried),
    "fuzzed": ("fuzzed", fuzzed),
    "mutants": ("mutants", mutants),
    "survivors": ("mutants", survivors),
    "versions": ("versions", versions),
    "outside": ("outside", outside),
}


def with_tables(page: str) -> str:
    """The page with each table between its two marks."""
    everything = recorded()
    for name, (kind, rows) in TABLES.items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
        before, rest = page.split(begin)
        page = before + begin + "".join(f"{row}\n" for row in rows(everything.get(kind, {}))) + end + rest.split(end)[1]
    return page


def write_tables() -> None:
    """Write all tables anew."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_tables()
