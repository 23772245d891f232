"""The one entry point: what comes back follows from what goes in."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, overload

from sextortion_detect.chats import scored_text, sum_up
from sextortion_detect.errors import InputError
from sextortion_detect.frames import verdict_frame
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Verdict
from sextortion_detect.verdicts import Thresholds, judge, judge_one

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int], object]
"""Called now and then with how many messages have been scored so far."""

_CHUNK: Final = 2_000  # messages scored as one batch: large enough to be fast, small enough to stay in the cache


_REFUSED: Final = (bytes, bytearray, memoryview, Mapping)  # iterable, and never of messages


@overload
def classify(  # type: ignore[overload-overlap]  # a str is an iterable of str too; the first overload wins, as at run time
    text: str,
    /,
    *,
    model: Model | None = None,
    thresholds: Mapping[str, float] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Verdict: ...
@overload
def classify(
    text: Chat,
    /,
    *,
    model: Model | None = None,
    thresholds: Mapping[str, float] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> ChatVerdict: ...
@overload
def classify(
    text: "pd.Series[Any]",
    /,
    *,
    model: Model | None = None,
    thresholds: Mapping[str, float] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> "pd.DataFrame": ...
@overload
def classify(
    text: Iterable[str],
    /,
    *,
    model: Model | None = None,
    thresholds: Mapping[str, float] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[Verdict]: ...
def classify(
    text: "str | Chat | pd.Series[Any] | Iterable[str]",
    /,
    *,
    model: Model | None = None,
    thresholds: Mapping[str, float] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> "Verdict | ChatVerdict | pd.DataFrame | list[Verdict]":
    """Say whether a message is blackmail, grooming, a victim's report or benign; by which tactics, and which words.

    A `str` gives a `Verdict`; a `Chat` a `ChatVerdict`; a pandas `Series` of texts a `DataFrame` on the same index,
    where missing text gives a row of missing values; any other iterable of `str` a list of `Verdict` in its order.

    `model` is the shipped one unless given. `thresholds` changes some of its thresholds by name (`offense`,
    `victim_report`, or a tactic), each 0 to 1. `n_jobs` scores many texts in that many processes (joblib's meaning;
    one by default). `progress` is called with the number of texts scored so far.

    Raises `TypeError`, which names the type and the position and never the text, for anything that is not text;
    `InputError` for a threshold that does not exist; `ModelError` where the model cannot be used.

    >>> verdict = classify("معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك")
    >>> verdict.label, verdict.flagged, "payment_demand" in verdict.tactics
    (<Label.BLACKMAIL: 'blackmail'>, True, True)
    >>> [verdict.label.value for verdict in classify(["صباح الخير", ""])]
    ['benign', 'benign']
    """
    if isinstance(text, _REFUSED) or hasattr(text, "columns") or not isinstance(text, (str, Chat, Iterable)):
        raise TypeError(
            f"classify takes a str, an iterable of str, a pandas Series or a Chat, not {type(text).__name__}; "
            "decode bytes first and leave out missing texts."
        )
    if n_jobs == 0:
        raise InputError("n_jobs must not be 0; give a number of processes, or -1 for one a core.")
    used = checked_model(model)
    limits = Thresholds.of(used, thresholds)
    if isinstance(text, str):
        return judge_one(used, text, limits)
    if isinstance(text, Chat):
        texts = [scored_text(message) for message in text.messages]
        return sum_up(text, list(_classify_many(texts, used, limits, n_jobs, progress)))
    pandas = sys.modules.get("pandas")  # who hands in a Series has imported it
    if pandas is not None and isinstance(text, pandas.Series):
        return _classify_series(text, used, limits, n_jobs, progress)
    return list(_classify_many(_checked(text), used, limits, n_jobs, progress))


def _classify_many(
    texts: Iterable[str], model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> Iterator[Verdict]:
    done = 0
    for verdicts in _judged_chunks(_chunks(texts), model, thresholds, n_jobs):
        yield from verdicts
        done += len(verdicts)
        if progress is not None:
            progress(done)


def _judged_chunks(
    chunks: Iterator[list[str]], model: Model, thresholds: Thresholds, n_jobs: int | None
) -> Iterator[list[Verdict]]:
    if n_jobs in (None, 1):
        yield from (_judge_chunk(model, chunk, thresholds) for chunk in chunks)
        return
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    yield from parallel(delayed(_judge_chunk)(model, chunk, thresholds) for chunk in chunks)


def _judge_chunk(model: Model, texts: Sequence[str], thresholds: Thresholds) -> list[Verdict]:
    return judge(model, texts, thresholds)


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _checked(texts: Iterable[Any]) -> Iterator[str]:
    for position, text in enumerate(texts):
        yield _check(text, position)


def _check(text: Any, position: int) -> str:
    if isinstance(text, str):
        return text
    raise TypeError(
        f"classify takes texts, and the item at position {position} is of type {type(text).__name__}; "
        "convert it to str or leave it out."
    )


def _classify_series(
    series: "pd.Series[Any]", model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> "pd.DataFrame":
    present = series.notna().to_numpy()
    texts = [_check(text, position) for position, text in enumerate(series) if present[position]]
    verdicts = iter(list(_classify_many(texts, model, thresholds, n_jobs, progress)))
    return verdict_frame([next(verdicts) if there else None for there in present], series.index)
