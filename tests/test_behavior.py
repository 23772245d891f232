"""Minimal pairs: one thing changes in each set, and the label must change with it or stay.

A set that fails today stands in `behavior_failures.csv` as a strict expected failure with the reason, so that its cure
is noticed; `python tests/test_behavior.py` writes that file anew after the model was trained again.
"""

import csv
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from sextortion_detect import classify

CASES = Path(__file__).parent / "cases"
FAILURES = CASES / "behavior_failures.csv"


def read(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def sets():
    """The rows of each (function, set)."""
    return {
        key: list(rows)
        for key, rows in groupby(read(CASES / "behavior.csv"), lambda row: (row["function"], row["set"]))
    }


def mistakes(rows):
    """What the model says of the rows that it gets wrong: (right label, given label)."""
    verdicts = classify([row["text"] for row in rows])
    return [
        (row["label"], verdict.label.value)
        for row, verdict in zip(rows, verdicts, strict=True)
        if verdict.label != row["label"]
    ]


SETS = sets()
KNOWN = {(row["function"], row["set"]): row["reason"] for row in read(FAILURES)}


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(key, marks=pytest.mark.xfail(strict=True, reason=KNOWN[key])) if key in KNOWN else key
        for key in SETS
    ],
    ids="-".join,
)
def test_what_changes_the_label_and_what_does_not(key):
    assert not mistakes(SETS[key])


def test_the_suite_is_as_broad_as_promised():
    counts = Counter(function for function, _ in SETS)
    assert len(counts) >= 44
    assert min(counts.values()) >= 12
    assert all(len(rows) >= 2 for rows in SETS.values())


def test_most_sets_hold():
    assert len(KNOWN) <= 130  # of some 530; a model that loses more has got worse
    assert KNOWN.keys() <= SETS.keys()


REASONS = {
    "benign": "words of an offense outweigh the harmless setting",
    "victim_report": "a report is told in the offender's words",
    "blackmail": "a threat without its usual words",
    "grooming": "an advance without its usual words",
}

if __name__ == "__main__":
    with FAILURES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["function", "set", "right", "given", "reason"])
        for (function, number), rows in SETS.items():
            if found := mistakes(rows):
                writer.writerow([function, number, *found[0], REASONS[found[0][0]]])
