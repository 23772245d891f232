"""The blind test split with thresholds as the first model's were set: on the first collection of the traffic alone.

    python tests/benchmarks/blind_split.py TRAFFIC.jsonl.gz [MODEL ...]

So that models can be compared on the same rows; the card's thresholds are set by stratum. One line of JSON a model.
"""

import argparse
import gzip
import json
from hashlib import sha256
from pathlib import Path

from sextortion_detect.budget_thresholds import offense_probabilities, threshold_for_budget
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.model.storage import load_model
from sextortion_detect.training.corpus import load_messages
from sextortion_detect.training.measure import Scored, measure
from sextortion_detect.training.thresholds import score_all

BUDGET = 1e-3


def sets_threshold(text):
    """Half of the texts, by their digest."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % 2 == 0


def compare(model, rows, texts):
    """The figures of one model."""
    threshold = threshold_for_budget(offense_probabilities(score_all(model, texts).labels), BUDGET)
    scored = Scored(rows, score_all(model, [row.text for row in rows]).labels)
    whole = measure(model, scored, threshold=threshold)["whole"]
    figures = {
        "average precision": whole["average_precision"],
        "macro-F1": whole["macro_f1"],
        "recall at 1 in 1,000": whole["caught"].value,
        "victims flagged per 1,000": 1000 * whole["victims_flagged"].value,
        "hard negatives flagged per 1,000": 1000 * whole["benign_flagged"].value,
        "ECE": whole["calibration_error"],
    }
    return {name: round(value, 4) for name, value in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("traffic", type=Path)
    parser.add_argument("models", type=Path, nargs="*", default=[shipped_folder()])
    options = parser.parse_args()
    rows = [row for row in load_messages(Path("datasets")) if row.split == "test"]
    with gzip.open(options.traffic, "rt", encoding="utf-8") as lines:
        first = [record for record in map(json.loads, lines) if record["collection"] == 1]
    texts = [one["text"] for one in first if sets_threshold(one["text"])]
    for folder in options.models:
        print(json.dumps({"model": folder.name, **compare(load_model(folder), rows, texts)}))


if __name__ == "__main__":
    main()
