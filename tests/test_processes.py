"""Texts that are judged in other processes: the same verdicts, whoever takes them and however many of them."""

import multiprocessing
import os

import pandas as pd
import pytest
from conftest import SAMPLE

from sextortion_detect import Label, classify, classify_iter, read_chat

TEXTS = ["صباح الخير", "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل", "", "واحد يهددني بصوري شو اعمل"]


@pytest.fixture(scope="module")
def many(corpus_rows):
    """More than one process gets at once, a few offenses and a long text among them."""
    harmless = [row.text for row in corpus_rows if row.label is Label.BENIGN]
    return [*harmless[::5], *(row.text for row in corpus_rows[::80]), "صورك عندي " * 30_000, *TEXTS]


def test_verdicts_are_those_of_one_process(many):
    assert classify(many, n_jobs=2) == classify(many)


def test_a_model_of_ones_own_goes_along(model):
    assert list(classify_iter(TEXTS * 3, model=model, n_jobs=2)) == list(classify_iter(TEXTS * 3, model=model))


def test_a_column_is_judged_the_same():
    column = pd.Series([*TEXTS, None] * 3)
    pd.testing.assert_frame_equal(classify(column, n_jobs=2), classify(column))


def test_a_conversation_is_judged_the_same():
    chat = read_chat(SAMPLE)
    assert classify(chat, n_jobs=2) == classify(chat)


def test_verdicts_that_nobody_takes_leave_no_process_waiting():
    verdicts = classify_iter((TEXTS[0] for _ in range(20_000)), n_jobs=2)
    assert next(verdicts) == classify(TEXTS[0])
    verdicts.close()  # warnings are errors here: joblib would warn of work that was thrown away
    assert list(classify_iter(TEXTS, n_jobs=2)) == classify(TEXTS)


def test_progress_is_told_from_here():
    seen = []
    classify(["هلا"] * 9_000, n_jobs=2, progress=seen.append)
    assert (seen, seen[-1]) == (sorted(seen), 9_000)


def test_an_error_among_the_texts_is_raised_as_in_one_process():
    with pytest.raises(TypeError) as caught:
        classify([*TEXTS, 3], n_jobs=2)
    assert str(caught.value) == (
        "classify takes texts, and the item at position 4 is of type int; convert it to str or leave it out."
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forked with threads, as servers do
def test_a_forked_process_does_not_wait_for_processes_of_another():
    classify(TEXTS * 3, n_jobs=2)
    forked = multiprocessing.get_context("fork").Process(target=classify, args=(TEXTS * 3,), kwargs={"n_jobs": 2})
    forked.start()
    forked.join(timeout=60)
    waits = forked.is_alive()
    forked.kill()
    assert (waits, forked.exitcode) == (False, 0)
