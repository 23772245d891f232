"""The commonest kinds of error, counted: which offenses are missed, which harmless texts are flagged; without text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sextortion_detect.model.linear import Flags
from sextortion_detect.training.corpus import Row
from sextortion_detect.training.scored import ScoredRows, ScoredTraffic
from sextortion_detect.training.slices import length_of

MOST: Final = 10
"""How many kinds are named."""


class Mistake(NamedTuple):
    """A kind of error: what its texts have in common, how many erred, and out of how many of that kind."""

    kind: str
    erred: int
    of: int


def misses(scored: ScoredRows, flagged: Flags) -> list[Mistake]:
    """Offenses that are not flagged, by label, length, script and tactic; a row counts under each of its tactics."""
    kinds = [(_miss_kinds(row), not flag) for row, flag in zip(scored.rows, flagged.tolist(), strict=True)]
    return _commonest((kind, wrong) for found, wrong in kinds for kind in found)


def false_alarms(scored: ScoredRows, flagged: Flags, traffic: ScoredTraffic, traffic_flagged: Flags) -> list[Mistake]:
    """What is flagged and is no offense: rows by label, kind and variety; texts of the measuring half by source."""
    rows = [
        (_harmless_kind(row), flag)
        for row, flag, offending in zip(scored.rows, flagged.tolist(), scored.offending.tolist(), strict=True)
        if not offending
    ]
    real = [
        (f"real text · {source or 'unnamed source'}", flag)
        for source, flag, chose in zip(traffic.sources, traffic_flagged.tolist(), traffic.chooses.tolist(), strict=True)
        if not chose
    ]
    return _commonest([*rows, *real])


def _miss_kinds(row: Row) -> Sequence[str]:
    common = f"{row.label.value} · {length_of(row.text)} · {row.script.value}"
    return [f"{common} · {tactic.value}" for tactic in row.tactics]


def _harmless_kind(row: Row) -> str:
    return f"{row.label.value} · {row.kind.value if row.kind else 'any'} · {row.variety.value}"


def _commonest(cases: Iterable[tuple[str, bool]]) -> list[Mistake]:
    """The kinds with most errors, then those where the share is larger, then by name."""
    erred, all_of = Counter[str](), Counter[str]()
    for kind, wrong in cases:
        all_of[kind] += 1
        erred[kind] += wrong
    found = [Mistake(kind, count, all_of[kind]) for kind, count in erred.items() if count]
    return sorted(found, key=lambda one: (-one.erred, one.of, one.kind))[:MOST]
