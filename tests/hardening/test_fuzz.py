"""Each target fuzzed for FUZZ_SECONDS (8 unless told so), where atheris has wheels, and many messages scored."""

import os
import platform
import random
import re
import subprocess
import sys

import fuzz_targets
import numpy as np
import pytest
from conftest import ROOT

from sextortion_detect import classify

pytestmark = pytest.mark.harden

SECONDS = int(os.environ.get("FUZZ_SECONDS", "8"))
MESSAGES = 120_000
BATCH = 20_000
ONE_IN = 40


@pytest.mark.parametrize("name", fuzz_targets.TARGETS)
def test_the_seeds_hold(name):
    target = fuzz_targets.TARGETS[name]
    seeds = target.seeds()
    assert len(seeds) > 1
    for seed in seeds:
        target.check(seed)


@pytest.mark.slow
@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="atheris has wheels for Linux on x86-64 alone"
)
@pytest.mark.parametrize("name", fuzz_targets.TARGETS)
def test_fuzzing(name, tmp_path, record):
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "hardening" / "fuzz_run.py", name, str(SECONDS)],
        cwd=tmp_path,
        env={**os.environ, "FUZZ_FOUND": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS + 120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    (inputs,) = re.findall(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    assert int(inputs) > len(fuzz_targets.TARGETS[name].seeds())
    record("fuzzing", f"{name}, guided by coverage, {SECONDS} seconds", int(inputs), "what must hold holds")


# Beside what rows of the corpus have: marks that nobody sees, look-alikes, ligatures, digits, and half characters.
STRANGE = "\u200f\u200c\u0640\u064b\u0651\ufdfa\ufefb٠٥۵۰50$€@#/.:،؟!\n\t\x00\x1b\ud800\udfff😂🏽\u200dаоеｆｕıßﬁ"
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةىپچگ abcdefghijklmnopqrstuvwxyz 23567890"


def changed(text, rng):
    """A row with letters dropped, doubled, swapped, made strange, or parted; or joined with noise."""
    letters = list(text[:400])
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        place = rng.randrange(len(letters) + 1)
        length = rng.choice((0, 0, 1, 1, 2, 9))
        new = rng.choice(("", " ", rng.choice(STRANGE), rng.choice(LETTERS), "".join(letters[place : place + 3]) * 3))
        letters[place : place + length] = new
    return "".join(letters)


def noise(rng):
    """Code points of any plane, mostly from few blocks, or letters alone."""
    if rng.random() < 0.5:
        return "".join(rng.choices(LETTERS + STRANGE, k=rng.randint(0, 40)))
    first = rng.choice((0, 0x600, 0x600, 0x2000, 0xFB00, 0xFE00, 0xD800, 0x1F000, rng.randrange(0x10FF00)))
    return "".join(chr(first + rng.randrange(256)) for _ in range(rng.randint(0, 25)))


@pytest.mark.slow
def test_many_messages(corpus_rows, record):
    """What comes of each is whole, and some of them are judged once more by themselves."""
    rng = random.Random(20261124)
    rows = [row.text for row in corpus_rows if row.split == "train"]
    limits = {"offense": 0.5}
    for _ in range(MESSAGES // BATCH):
        texts = [noise(rng) if rng.random() < 0.2 else changed(rng.choice(rows), rng) for _ in range(BATCH)]
        verdicts = classify(texts, thresholds=limits)
        scores = np.array([list(verdict.scores.values()) for verdict in verdicts])
        assert scores.shape == (BATCH, 4)
        assert np.isfinite(scores).all()
        assert (scores >= 0.0).all()
        assert (scores <= 1.0).all()
        assert np.abs(scores.sum(axis=1) - 1.0).max() < 1e-9
        for text, verdict in zip(texts[::ONE_IN], verdicts[::ONE_IN], strict=True):
            assert all(text[span.start : span.end] == span.text != "" for span in verdict.evidence)
            assert classify(text, thresholds=limits) == verdict
    record(
        "fuzzing",
        "messages through classify: rows of the corpus changed, and arbitrary Unicode",
        MESSAGES,
        "finite, sum to 1, one by one as in a batch",
    )
