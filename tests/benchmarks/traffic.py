"""The messages that speed is measured on: rows of the corpus, changed so that none comes twice, or a traffic file."""

import gzip
import json
import random
from itertools import islice
from pathlib import Path

from sextortion_detect.training.corpus import load_messages

ROOT = Path(__file__).parents[2]


def training_rows():
    """The texts of the training split."""
    return [row.text for row in load_messages(ROOT / "datasets") if row.split == "train"]


def collected(path):
    """The `text` of each line of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def generated(texts, seed=1):
    """Messages without end: the beginning of one text and the rest of another, now and then a sum or a new word."""
    chance = random.Random(seed)
    pieces = [text.split() for text in texts]
    letters = "ابتجدرسعفكلمنهوي"
    while True:
        first, second = chance.choice(pieces), chance.choice(pieces)
        words = [*first[: chance.randint(1, 9)], *second[-chance.randint(1, 9) :]]
        if chance.random() < 0.1:
            words.append(f"{chance.randint(10, 9_999)} دولار")
        if chance.random() < 0.02:  # a name, a slip of the finger
            words.insert(0, "".join(chance.choices(letters, k=chance.randint(4, 7))))
        yield " ".join(words)


def samples(path, count):
    """`count` messages that are all different, drawn by a seed from a traffic file or made of training rows."""
    if path is None:
        return list(
            islice(dict.fromkeys(islice(generated(training_rows()), 2 * count)), count)
        ), "recombined train rows"
    texts = list(dict.fromkeys(collected(path)))
    random.Random(1).shuffle(texts)
    return texts[:count], f"texts of {Path(path).name}, each once"
