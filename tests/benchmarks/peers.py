"""Measures ar-2 and its peers on the same rows, the same background and the same traffic, and writes peers.json.

    python tests/benchmarks/peers.py --background background.jsonl.gz --traffic traffic.jsonl.gz \
        --out models/ar-2 [--cache FOLDER] [--only NAME] [--ours-only]

Needs the extra `peers`. Every peer is fitted on the messages and chats that `train` fits on, without disguised copies,
and on the background as benign, each written row weighed as `train` weighs it. Thresholds come from one half of the
traffic, false alarms from the other, recall and F1 from the blind split. `--ours-only` measures ar-2 alone anew and
keeps what is known of the peers; `--only` one of them. About 25 minutes on one core, a third of that for embeddings
that no cache holds.
"""

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
from peer_methods import OFFENDING, peers
from sextortion_detect.training.slices import macro_f1
from sklearn.metrics import average_precision_score
from threadpoolctl import threadpool_limits

from sextortion_detect import load_model
from sextortion_detect.model.linear import LABELS
from sextortion_detect.taxonomy import Script, Variety
from sextortion_detect.training.corpus import read_messages
from sextortion_detect.training.experiments import corpus_digest
from sextortion_detect.training.fit import Settings
from sextortion_detect.training.intervals import share
from sextortion_detect.training.thresholds import BUDGETS, offense_probabilities, threshold_for_budget
from sextortion_detect.training.traffic import read_traffic, set_thresholds

ROOT = Path(__file__).parent.parent.parent
SAMPLE = {"written": 3_000, "background": 2_000, "traffic": 2_000}  # of each half; embeddings take a long time
TIMED = 1_000  # texts
SEED = 20261124


class Ours:
    def __init__(self, folder):
        self.model, self.folder = load_model(folder), folder

    def score(self, texts):
        labels = np.concatenate([self.model.score(texts[at : at + 5_000]).labels for at in range(0, len(texts), 5_000)])
        return offense_probabilities(labels), labels.argmax(axis=1)

    def megabytes(self):
        return (
            sum((self.folder / name).stat().st_size for name in (*self.model.manifest["files"], "manifest.json")) / 1e6
        )


def measure(peer, test, choosing, measuring):
    """All figures of one peer; rates are [value, low, high] with exact 95 % intervals."""
    truth = np.array([LABELS.index(row.label) for row in test])
    offends = np.isin(truth, OFFENDING)
    scores, given = peer.score([row.text for row in test])
    chosen, elsewhere = peer.score(choosing)[0], peer.score(measuring)[0]
    budgets = {}
    for name, budget in BUDGETS.items():
        threshold = (
            threshold_for_budget(chosen, budget) if len(np.unique(chosen)) > 20 else whole_threshold(chosen, budget)
        )
        budgets[name] = {
            "recall": plain(share(scores[offends] >= threshold)),
            "false_alarms": plain(share(elsewhere >= threshold)),
        }
    f1 = {
        part.value: macro_f1(truth[places], given[places])
        for parts, key in ((Variety, "variety"), (Script, "script"))
        for part in parts
        if (places := [at for at, row in enumerate(test) if getattr(row, key) is part])
    }
    worst = min((variety.value for variety in Variety), key=f1.__getitem__)
    return {
        "average_precision": round(float(average_precision_score(offends, scores)), 4),
        "budgets": budgets,
        "macro_f1": round(macro_f1(truth, given), 4),
        "worst_variety": [worst, round(f1[worst], 4)],
        "arabizi": round(f1["arabizi"], 4),
        "messages_per_second": speed(peer, [row.text for row in test]),
        "megabytes": round(peer.megabytes(), 2),
        "traffic_texts": len(measuring),
    }


def whole_threshold(scores, budget):
    """Of counts: the lowest number that keeps the budget."""
    return next(at for at in range(int(scores.max()) + 2) if (scores >= at).mean() <= budget)


def speed(peer, texts):
    """Messages a second of processor time, by one thread, after a first go on other texts."""
    texts = [*texts, *texts][: 2 * TIMED]
    few = texts[TIMED : TIMED + 100] if hasattr(peer, "encoder") else texts[TIMED:]
    peer.score(texts[:50])
    started = time.process_time()
    peer.score(few)
    return round(len(few) / (time.process_time() - started))


def plain(rate):
    return [round(value, 6) for value in (rate.value, rate.low, rate.high)]


def sample(items, size):
    return random.Random(SEED).sample(items, min(size, len(items)))


def main(options):
    rows = read_messages(ROOT / "datasets")
    test = [row for row in rows if row.split == "test"]
    train = [row for row in rows if row.split == "train"]
    background = [text.text for path in options.background for text in read_traffic(path).texts]
    traffic = read_traffic(options.traffic).texts
    setting = set_thresholds(traffic)
    halves = [[traffic[place].text for place in (setting == wanted).nonzero()[0]] for wanted in (True, False)]
    path = options.out / "peers.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"peers": {}}
    with threadpool_limits(limits=1):
        if not options.only:
            ours = Ours(options.out)
            known["ours"] = {"model": ours.model.manifest["sha256"], **measure(ours, test, *halves)}
        if not options.ours_only:
            known["corpus"] = corpus_digest(rows)
            known["fitted_on"] = {"rows": len(train), "background": len(background)}
        save(known, path)
        makers = {} if options.ours_only else peers([*(row.text for row in train), *background], options.cache)
        for name, make in makers.items():
            if options.only and options.only not in name:
                continue
            few = "sample" in name
            written, ordinary = (
                (sample(train, SAMPLE["written"]), sample(background, SAMPLE["background"]))
                if few
                else (train, background)
            )
            texts = [*(row.text for row in written), *ordinary]
            labels = np.array([LABELS.index(row.label) for row in written] + [0] * len(ordinary))
            weights = np.array([Settings().labels.written_weight] * len(written) + [1.0] * len(ordinary))
            started = time.perf_counter()
            peer = make()
            peer.fit(texts, labels, weights)
            seen = [sample(half, SAMPLE["traffic"]) for half in halves] if few else halves
            known["peers"][name] = {"fitted_on": len(texts), **measure(peer, test, *seen)}
            save(known, path)
            print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)


def save(known, path):
    path.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--background", type=Path, action="append", default=[])
    parser.add_argument("--traffic", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--ours-only", action="store_true")
    asked = parser.parse_args()
    if asked.cache:
        asked.cache.mkdir(parents=True, exist_ok=True)
    main(asked)
