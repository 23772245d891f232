"""No message text where no message belongs: canaries go in by every public door, and must not come out."""

import logging
import pickle
import traceback

import numpy as np
import pandas as pd
import pytest
from conftest import CANARY
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sextortion_detect import (
    ArabicNormalizer,
    Chat,
    ChatMonitor,
    Message,
    SextortionClassifier,
    classify,
    read_chat,
)
from sextortion_detect.scoring.input_tables import GoodRow

FLAGGED = f"معي تسجيلك كامل يا {CANARY} حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"


def test_no_repr_shows_a_text():
    message = Message(FLAGGED, sender=CANARY)
    chat = Chat([message], source="x")
    verdict = classify(FLAGGED, thresholds={"offense": 0.1})
    assert verdict.evidence
    for shown in (message, chat, chat.report, verdict, verdict.evidence, classify(chat), ChatMonitor().update(message)):
        assert CANARY not in repr(shown)
        assert CANARY not in str(shown)


def test_no_estimator_shows_its_background():
    """In a notebook an estimator is shown by itself, within others, and as HTML; errors and searches show it too."""
    for texts in ([FLAGGED] * 3, (FLAGGED,), pd.Series([FLAGGED]), np.array([FLAGGED])):
        one = SextortionClassifier(background=texts)
        assert list(one.get_params()["background"]) == list(clone(one).get_params()["background"]) == list(texts)
        assert one.background is texts
        with pytest.raises(ValueError, match="Invalid parameter") as caught:
            one.set_params(nothing=1)
        within = make_pipeline(ArabicNormalizer(), one)
        shown = [repr(one), str(one), repr(within), one._repr_html_(), within._repr_html_(), str(caught.value)]
        shown += [repr(one.set_params(background=texts)), repr(GridSearchCV(one, {})), repr(one.get_params())]
        with config_context(print_changed_only=False, display="text"):
            shown += [repr(one), repr(within)]
        assert not any(CANARY in text for text in shown)
    assert "background=<3 texts>" in repr(SextortionClassifier(background=[FLAGGED] * 3))


def test_no_row_of_a_table_shows_its_text():
    assert repr(GoodRow(3, FLAGGED)) == f"GoodRow(3, {len(FLAGGED)} characters)"


@pytest.mark.parametrize(
    "given", [[FLAGGED, 3], [FLAGGED, None], pd.Series([FLAGGED, 3]), FLAGGED.encode(), {FLAGGED: 1, 2: 3}],
    ids=["list", "missing", "series", "bytes", "mapping"],
)  # fmt: skip
def test_no_error_shows_a_text(given):
    with pytest.raises(TypeError) as caught:
        classify(given)
    assert CANARY not in "".join(traceback.format_exception_only(caught.value))


def test_no_reader_error_shows_a_text(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text(CANARY, encoding="utf-8")
    with pytest.raises(ValueError, match="No chat was found") as caught:
        read_chat(path)
    assert CANARY not in str(caught.value)


def test_nothing_is_logged_or_printed(caplog, capsys):
    with caplog.at_level(logging.DEBUG):
        classify(FLAGGED)
        classify(Chat([Message(FLAGGED)]))
        classify(pd.Series([FLAGGED]))
    assert caplog.text == ""
    assert capsys.readouterr() == ("", "")


def test_verdicts_travel_between_processes():
    verdict = classify(FLAGGED)
    assert pickle.loads(pickle.dumps(verdict)) == verdict
