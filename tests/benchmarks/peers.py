"""Measures ar-16 and its peers on the same rows, the same background and the same traffic, and writes peers.json.

    python tests/benchmarks/peers.py --background background.jsonl.gz --traffic traffic.jsonl.gz \
        --out models/ar-16 [--only NAME] [--ours-only]

Needs the extra `peers`. Every peer is fitted on the messages that `train` fits on, each once and without disguised copies, and
on the background as a label more, each written row weighed as `train` weighs it. Thresholds come from one half of the traffic
and the private dev lines, false alarms from the other half, recall and F1 from the blind split, and what is found of plain
and of wrapped offenses from the dev halves of `datasets/blind`. `--ours-only` measures ar-16 alone anew and keeps what
is known of the peers; `--only` one of them. About 40 minutes on one core, half of that for embeddings.
"""

import argparse
import json
import pickle
import random
import time
from pathlib import Path

import numpy as np
from blind_sets import offenses_of, read
from peer_methods import PEERS
from threadpoolctl import threadpool_limits

from sextortion_detect import load_model
from sextortion_detect.budget_thresholds import offense_probabilities
from sextortion_detect.taxonomy import Script, Variety
from sextortion_detect.training.corpus import corpus_digest, load_messages
from sextortion_detect.training.intervals import plain, share
from sextortion_detect.training.measure import DEFAULT, Scored, label_probabilities, macro_f1, measure
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.traffic import private_lines, read_left_out, read_traffic

ROOT = Path(__file__).parent.parent.parent
SAMPLE = {"written": 3_000, "background": 2_000, "traffic": 4_000}  # embeddings take a long time
TIMED = 200  # texts
SEED = 20261124


def figures_of(detector, test, traffic):
    """All figures of one detector, as peers.json has them; rates are [value, low, high] with exact 95 % intervals."""
    scored = Scored(test, label_probabilities(detector, [row.text for row in test]))
    found = measure(detector, scored, traffic)
    given = scored.labels.argmax(axis=1)
    f1 = {
        part.value: macro_f1(scored.truth[of_part], given[of_part])
        for part in (*Variety, *Script)
        if (of_part := np.array([part in (row.variety, row.script) for row in test])).any()
    }
    threshold = found["budgets"][DEFAULT]["threshold"]
    blind = {name: [row["text"] for row in offenses_of(read(name, "dev"))] for name in ("front", "wrapped")}
    worst = min((variety.value for variety in Variety), key=f1.__getitem__)
    texts = [row.text for row in test[: 2 * TIMED]]
    label_probabilities(detector, texts[:TIMED])  # a first go on other texts
    started = time.process_time()
    label_probabilities(detector, texts[TIMED:])
    return plain(
        {
            "average_precision": found["whole"]["average_precision"],
            "budgets": {
                name: {rate: point[rate] for rate in ("recall", "false_alarms")}
                for name, point in found["budgets"].items()
            },
            "blind": {
                name: share(offense_probabilities(label_probabilities(detector, some)) >= threshold)
                for name, some in blind.items()
            },
            "macro_f1": found["whole"]["macro_f1"],
            "worst_variety": [worst, f1[worst]],
            "arabizi": f1["arabizi"],
            "messages_per_second": round(TIMED / (time.process_time() - started)),
            "traffic_texts": len(traffic) // 2,
        }
    )


def megabytes(peer):
    return getattr(peer, "megabytes", None) or len(pickle.dumps([step for _, step in peer.steps[1:]])) / 1e6


def sample(items, size):
    return random.Random(SEED).sample(items, min(size, len(items)))


def main(options):
    rows = load_messages(ROOT / "datasets")
    train, test = ([row for row in rows if row.split == split] for split in ("train", "test"))
    corpus = ROOT / "datasets"
    left_out, distressed = (read_left_out(corpus, collection) for collection in ("traffic", "background"))
    background = [text.text for path in options.background for text in read_traffic(path).without(distressed)]
    traffic = [*read_traffic(options.traffic).without(left_out), *private_lines(corpus)]
    path = options.out / "peers.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"peers": {}}
    with threadpool_limits(limits=1):
        if not options.only:
            ours = load_model(options.out)
            files = (*ours.manifest["files"], "manifest.json")
            size = round(sum((options.out / name).stat().st_size for name in files) / 1e6, 2)
            known["ours"] = {"model": ours.manifest["sha256"], **figures_of(ours, test, traffic), "megabytes": size}
        if not options.ours_only:
            known["corpus"] = corpus_digest(rows)
            known["fitted_on"] = {"rows": len(train), "background": len(background)}
        save(known, path)
        for name, make in {} if options.ours_only else PEERS.items():
            if options.only and options.only not in name:
                continue
            few = "sample" in name
            written, ordinary, seen = (
                sample(items, SAMPLE[kind]) if few else items
                for kind, items in (("written", train), ("background", background), ("traffic", traffic))
            )
            started = time.perf_counter()
            peer = make()
            of_last = f"{peer.steps[-1][0]}__" if hasattr(peer, "steps") else ""
            weights = np.repeat([Recipe().written_weight, 1.0], [len(written), len(ordinary)])
            peer.fit(
                [*(row.text for row in written), *ordinary],
                [*(row.label.value for row in written), *["ordinary"] * len(ordinary)],
                **{f"{of_last}sample_weight": weights},
            )
            figures = figures_of(peer, test, seen)
            size = round(megabytes(peer), 2) if hasattr(peer, "steps") or hasattr(peer, "megabytes") else 0.0
            known["peers"][name] = {"fitted_on": len(written) + len(ordinary), **figures, "megabytes": size}
            save(known, path)
            print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)


def save(known, path):
    path.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--background", type=Path, action="append", default=[])
    parser.add_argument("--traffic", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only")
    parser.add_argument("--ours-only", action="store_true")
    main(parser.parse_args())
