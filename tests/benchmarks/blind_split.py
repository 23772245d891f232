"""The blind test split with thresholds as the first model's were set: on the first collection of the traffic alone.

    python tests/benchmarks/blind_split.py TRAFFIC.jsonl.gz [MODEL ...]

So that models can be compared on the same rows; the card's thresholds are set by stratum. One line of JSON a model.
"""

import argparse
import gzip
import json
from hashlib import sha256
from pathlib import Path

from sextortion_detect.training.calibration import calibration_error, reliability
from sextortion_detect.training.scored import score_rows
from sextortion_detect.training.slices import average_precision, macro_f1

from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.model.storage import load_model
from sextortion_detect.taxonomy import Label
from sextortion_detect.training.corpus import read_messages
from sextortion_detect.training.thresholds import offense_probabilities, score_labels, threshold_for_budget
from sextortion_detect.training.traffic import TrafficText

BUDGET = 1e-3


def sets_threshold(text):
    """Half of the texts, by their digest."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % 2 == 0


def compare(model, rows, texts):
    """The figures of one model."""
    scored = score_rows(model, rows)
    threshold = threshold_for_budget(offense_probabilities(score_labels(model, texts)), BUDGET)
    flagged = scored.probabilities >= threshold
    of = {label: scored.truth == place for place, label in enumerate(Label)}
    offending = scored.offending
    figures = {
        "average precision": average_precision(offending, scored.probabilities),
        "macro-F1": macro_f1(scored.truth, scored.labels.argmax(axis=1)),
        "recall at 1 in 1,000": flagged[offending].mean(),
        "victims flagged per 1,000": 1000 * flagged[of[Label.VICTIM_REPORT]].mean(),
        "hard negatives flagged per 1,000": 1000 * flagged[of[Label.BENIGN]].mean(),
        "ECE": calibration_error(reliability(scored.probabilities, offending)),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("traffic", type=Path)
    parser.add_argument("models", type=Path, nargs="*", default=[shipped_folder()])
    options = parser.parse_args()
    rows = [row for row in read_messages(Path("datasets")) if row.split == "test"]
    with gzip.open(options.traffic, "rt", encoding="utf-8") as lines:
        first = [record for record in map(json.loads, lines) if record["collection"] == 1]
    texts = [TrafficText(one["text"], one["source"]) for one in first if sets_threshold(one["text"])]
    for folder in options.models:
        print(json.dumps({"model": folder.name, **compare(load_model(folder), rows, texts)}))


if __name__ == "__main__":
    main()
