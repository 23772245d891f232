"""What several tests share: places, the shipped model, and a small model fitted on the spot."""

from pathlib import Path

import pytest

from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.training.corpus import Row, read_messages

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "datasets" / "samples" / "whatsapp_android_arabic.txt"
CANARY = "كناريا٤٢"  # planted in messages; must never come out where no message belongs


@pytest.fixture(scope="session")
def model() -> Model:
    return shipped_model()


@pytest.fixture(scope="session")
def corpus_rows() -> list[Row]:
    return read_messages(ROOT / "datasets")
