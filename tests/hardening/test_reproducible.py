"""Training in two folders, by processes whose sets and dictionaries are hashed differently, gives the same bytes."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = pytest.mark.harden

FIT = """
import sys
from pathlib import Path
from sextortion_detect.model.storage import save_model
from sextortion_detect.taxonomy import Label
from sextortion_detect.training.corpus import load_chats, load_messages
from sextortion_detect.training.fit import fit
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.traffic import TrafficText
rows = load_messages(Path(sys.argv[1]))
train = [row for row in rows if row.split == "train"]
small = [*train[::40], *[row for row in rows if row.split == "dev"][::8]]
texts = [row.text for row in train if row.label is Label.BENIGN][::20]
ordinary = [" ".join(text.split()[:length]) for text in texts for length in (3, 6)]
traffic = [TrafficText(text, "own", ("dialogue", "tweet", "news")[place % 3]) for place, text in enumerate(ordinary)]
chats = load_chats(Path(sys.argv[1]))[::80]
recipe = Recipe(background_frequency=20, written_copies=1.0, snippets=500, grown=12)
save_model(fit(small, ordinary, traffic, recipe, chats=chats), "model")
"""


def test_training_in_two_folders(tmp_path, record):
    seeds = ("1", "2")
    for seed in seeds:
        folder = tmp_path / f"folder {seed}"
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", FIT, ROOT / "datasets"], cwd=folder, env=environment, check=True)
    first, second = (tmp_path / f"folder {seed}" / "model" for seed in seeds)
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir())
    assert len(names) == 3
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    record("reproducible", "a small training in two folders with two hash seeds", 2, "the same bytes")
