"""The blind sets of `datasets/blind`: what a model finds of them, by half, as a table of sums; no text is printed.

    python tests/benchmarks/blind_sets.py dev
    python tests/benchmarks/blind_sets.py test --reason "release of ar-4"

The test half is opened for a release alone: each time is written into the datasheet with its date, model and reason.
"""

import argparse
import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sextortion_detect import classify, load_model
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.training.attacks import padded
from sextortion_detect.training.intervals import percent, share, table

ROOT = Path(__file__).parent.parent.parent
BLIND = ROOT / "datasets" / "blind"
OFFENSES = ("blackmail", "grooming")
WORDS_BESIDE = (5, 15, 25)


def read(name, half):
    """The rows of one set that can be judged alone."""
    with (BLIND / f"{name}_{half}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if not row["needs_context"]]


def offenses_of(rows):
    return [row for row in rows if row["label"] in OFFENSES]


def found(model, rows):
    """What is found of offenses, what bears the right label, and the variety in which least is found."""
    rows = offenses_of(rows)
    verdicts = classify([row["text"] for row in rows], model=model)
    flagged = np.array([verdict.flagged for verdict in verdicts])
    right = np.array([verdict.label == row["label"] for verdict, row in zip(verdicts, rows, strict=True)])
    of = {name: np.array([row["variety"] == name for row in rows]) for name in sorted({row["variety"] for row in rows})}
    worst = min(of, key=lambda name: flagged[of[name]].mean())
    arabizi = np.array([row["script"] == "arabizi" for row in rows])
    return {
        "found": share(flagged), "right label": share(right), f"found, worst variety ({worst})": share(flagged[of[worst]]),
        "found, arabizi": share(flagged[arabizi]),
    }  # fmt: skip


def figures(model, half):
    """All figures of one half, by name."""
    front, wrapped, private, pairs = (read(name, half) for name in ("front", "wrapped", "private", "pairs"))
    told = {f"front door, {name}": rate for name, rate in found(model, front).items()}
    told |= {f"wrapped, {name}": rate for name, rate in found(model, wrapped).items()}
    lines = [row["text"] for row in private]
    heard = [row["text"] for row in offenses_of([*front, *pairs])]
    heard = [text for text, verdict in zip(heard, classify(heard, model=model), strict=True) if verdict.flagged]
    for words in WORDS_BESIDE:
        beside = classify(padded(heard, lines, words, seed=words), model=model)
        told[f"flagged offenses with {words} private words beside them, still flagged"] = share(
            np.array([verdict.flagged for verdict in beside])
        )
    verdicts = classify(lines, model=model)
    told["private lines flagged"] = share(np.array([verdict.flagged for verdict in verdicts]))
    told["private lines labelled benign"] = share(np.array([verdict.label == "benign" for verdict in verdicts]))
    harmless = [row["text"] for row in front if row["label"] == "benign"]
    told["front door, harmless lines flagged"] = share(
        np.array([verdict.flagged for verdict in classify(harmless, model=model)])
    )
    labels = [verdict.label for verdict in classify([row["text"] for row in pairs], model=model)]
    right = np.array([label == row["label"] for label, row in zip(labels, pairs, strict=True)])
    told["pairs with both labels right"] = share(right[: len(right) // 2 * 2].reshape(-1, 2).all(axis=1))
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("half", choices=("dev", "test"))
    parser.add_argument("--model", type=Path, default=shipped_folder())
    parser.add_argument("--reason", default="")
    options = parser.parse_args()
    if options.half == "test":
        if not options.reason:
            parser.error("The test half is opened for a release alone; give the reason with --reason.")
        with (ROOT / "datasets" / "DATASHEET.md").open("a", encoding="utf-8") as sheet:
            sheet.write(
                f"- Blind test half opened on {datetime.now(UTC):%Y-%m-%d} for {options.model.name}: {options.reason}.\n"
            )
    told = figures(load_model(options.model), options.half)
    (options.model / f"blind_{options.half}.json").write_text(
        json.dumps({name: list(rate) for name, rate in told.items()}, indent=1) + "\n", encoding="utf-8"
    )
    print(table([f"blind sets, {options.half} half", "figure"], [[name, percent(rate)] for name, rate in told.items()]))


if __name__ == "__main__":
    main()
