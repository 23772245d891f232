"""What several tests share: places, the shipped model, and a small model fitted on the spot."""

import json
import os
from pathlib import Path
from unittest import mock

import pytest

from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.training import corpus
from sextortion_detect.training.corpus import Row

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
    """The rows of the shipped corpus; that none nearly repeats another, which takes longest, is held by one test."""
    with mock.patch.object(corpus, "near_duplicates", return_value=[]):
        return corpus.read_messages(ROOT / "datasets")
