"""No message text where no message belongs: canaries go in by every public door, and must not come out."""

import logging
import pickle
import traceback

import pandas as pd
import pytest
from conftest import CANARY

from sextortion_detect import Chat, ChatMonitor, Message, classify, read_chat

FLAGGED = f"معي تسجيلك كامل يا {CANARY} حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"


def test_no_repr_shows_a_text():
    message = Message(FLAGGED, sender=CANARY)
    chat = Chat([message], source="x")
    verdict = classify(FLAGGED, thresholds={"offense": 0.1})
    assert verdict.evidence
    for shown in (message, chat, chat.report, verdict, verdict.evidence, classify(chat), ChatMonitor().update(message)):
        assert CANARY not in repr(shown)
        assert CANARY not in str(shown)


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
