"""What several tests share: places, the shipped model, and a small model fitted on the spot."""

import json
import os
from pathlib import Path

import pytest

from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.taxonomy import Label
from sextortion_detect.training.corpus import DistressLine, Row, load_distress, load_messages
from sextortion_detect.training.fit import fit
from sextortion_detect.training.recipe import Recipe
from sextortion_detect.training.traffic import TrafficText

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "datasets" / "samples" / "whatsapp_android_arabic.txt"
CANARY = "كناريا٤٢"  # planted in messages; must never come out where no message belongs


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several processes the slow ones first: begun last, one of them would be waited for by all but its own."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def model() -> Model:
    return shipped_model()


@pytest.fixture
def record(request):
    """Notes what was tried, how often and with what result, for the table that `tests/hardening/record.py` writes."""

    def note(item, tried, times, result):
        if path := os.environ.get("HARDEN_RESULTS"):
            test = f"{request.node.path.name}::{request.node.name}"
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(
                    json.dumps({"item": item, "tried": tried, "times": times, "result": result, "test": test}) + "\n"
                )

    return note


@pytest.fixture(scope="session")
def corpus_rows() -> list[Row]:
    """The rows of the shipped corpus, read once."""
    return load_messages(ROOT / "datasets")


SMALL = Recipe(background_frequency=20, written_copies=1.0, snippets=500, plain_cases=1)


@pytest.fixture(scope="session")
def small(corpus_rows: list[Row]) -> list[Row]:
    """A few hundred rows of each split: enough for every tactic, little enough for seconds."""
    train = [row for row in corpus_rows if row.split == "train"][::60]
    return [*train, *[row for row in corpus_rows if row.split != "train"][::10]]


@pytest.fixture(scope="session")
def ordinary(corpus_rows: list[Row]) -> list[str]:
    """Our own stand-in for ordinary traffic: plain benign chat, repeated in fragments."""
    texts = [row.text for row in corpus_rows if row.split == "train" and row.label is Label.BENIGN]
    return [" ".join(text.split()[:length]) for text in texts[::20] for length in (3, 6)]


@pytest.fixture(scope="session")
def traffic(ordinary: list[str]) -> list[TrafficText]:
    return [TrafficText(text, "own", ("dialogue", "tweet", "news")[place % 3]) for place, text in enumerate(ordinary)]


@pytest.fixture(scope="session")
def distress() -> list[DistressLine]:
    return load_distress(ROOT / "datasets")[::20]


@pytest.fixture(scope="session")
def fitted(small: list[Row], ordinary: list[str], traffic: list[TrafficText], distress: list[DistressLine]) -> Model:
    """The model that the tests of the workshop share."""
    return fit(small, ordinary, traffic, SMALL, distress=distress)
