"""The one entry point: what comes back follows from what goes in."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, overload

from sextortion_detect.batches import scored_chunks
from sextortion_detect.chats import sum_up
from sextortion_detect.errors import InputError
from sextortion_detect.frames import arrow_series, native_frame, verdict_frame
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Verdict
from sextortion_detect.verdicts import Judged, ThresholdChoice, Thresholds, decide, with_scores
from sextortion_detect.windows import Windows, scored_text, with_windows

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int], object]
"""Called now and then with how many messages have been scored so far."""


class PandasColumn(Protocol):
    """A pandas Series, told by what it can do, so that types hold where pandas is not installed."""

    @property
    def index(self) -> Any:
        """Its row labels."""

    def notna(self) -> Any:
        """Which values are there."""


class ArrowColumn(Protocol):
    """A column that speaks the Arrow C stream interface: a polars Series, a pyarrow ChunkedArray."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The column as an Arrow stream."""


_REFUSED: Final = (bytes, bytearray, memoryview, Mapping)  # iterable, and never of messages


@overload
def classify(  # type: ignore[overload-overlap]  # a str is an iterable of str too; the first overload wins, as at run time
    text: str,
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Verdict: ...
@overload
def classify(
    text: Chat,
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> ChatVerdict: ...
@overload
def classify(
    text: PandasColumn,
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> "pd.DataFrame": ...
@overload
def classify(
    text: ArrowColumn,
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Any: ...
@overload
def classify(
    text: Iterable[str],
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[Verdict]: ...
def classify(
    text: str | Chat | PandasColumn | ArrowColumn | Iterable[str],
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Any:
    """Say whether a message is blackmail, grooming, a victim's report or benign; by which tactics, and which words.

    A `str` gives a `Verdict`; a `Chat` a `ChatVerdict`; a pandas `Series` of texts a `DataFrame` on the same index,
    where missing text gives a row of missing values; a polars Series or a pyarrow array likewise a polars DataFrame or
    a pyarrow Table; any other iterable of `str` a list of `Verdict` in its order.

    `model` is the shipped one unless given. `thresholds` changes some of its thresholds by name (`offense`,
    `victim_report`, `conversation`, or a tactic), each 0 to 1; or it is the budget of false alarms to keep, `"1e-2"`,
    `"1e-3"` (what the shipped model does by default) or `"1e-4"`, as a share of real texts.
    `prevalence` is the share of offenses among your messages, 0 to 1: `scores` and `probability` then fit that base
    rate, not that of the corpus (about one in two); their order and every decision stay. `n_jobs` scores many texts in
    that many processes (joblib's meaning; one by default). `progress` is called with the number of texts done so far.

    Raises `TypeError`, which names the type and the position and never the text, for anything that is not text;
    `InputError` for a threshold, a budget or a prevalence that cannot be; `ModelError` where the model cannot be used.

    >>> verdict = classify("معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك")
    >>> verdict.label, verdict.flagged, "payment_demand" in verdict.tactics
    (<Label.BLACKMAIL: 'blackmail'>, True, True)
    >>> [verdict.label.value for verdict in classify(["صباح الخير", ""])]
    ['benign', 'benign']
    """
    if not isinstance(text, str) and (
        isinstance(text, _REFUSED) or hasattr(text, "columns") or not isinstance(text, (Chat, Iterable))
    ):
        raise TypeError(
            f"classify takes a str, an iterable of str, a pandas Series or a Chat, not {type(text).__name__}; "
            "decode bytes first and leave out missing texts."
        )
    _checked_jobs(n_jobs)
    used = checked_model(model)
    limits = Thresholds.of(used, thresholds, prevalence)
    if isinstance(text, str):
        return next(decide(used, [text], used.score([text]), limits))
    if isinstance(text, Chat):
        judged = _judged_chat(text, used, limits, n_jobs, progress)
        return sum_up(text, judged, conversation_head(used), limits.conversation)
    pandas = sys.modules.get("pandas")  # who hands in a Series has imported it
    if pandas is not None and isinstance(text, pandas.Series):
        return _classify_series(text, used, limits, n_jobs, progress)
    if hasattr(text, "__arrow_c_stream__") or hasattr(text, "__arrow_c_array__"):
        return _classify_arrow(text, used, limits, n_jobs, progress)
    return list(_classify_many(_checked(text), used, limits, n_jobs, progress))


def classify_iter(
    texts: Iterable[str],
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Verdict]:
    """Judge texts as they come, in their order: for generators of any length, in a memory that does not grow with it.

    A few thousand texts are read ahead, and with `n_jobs` at most 32,000 for each process, however slowly the
    verdicts are taken; arguments and errors are those of `classify`, and wrong texts raise when they are met.

    >>> [verdict.label.value for verdict in classify_iter(text for text in ["صباح الخير", ""])]
    ['benign', 'benign']
    """
    if isinstance(texts, (str, *_REFUSED)) or hasattr(texts, "columns") or not isinstance(texts, Iterable):
        raise TypeError(f"classify_iter takes an iterable of str, not {type(texts).__name__}.")
    used = checked_model(model)
    limits = Thresholds.of(used, thresholds, prevalence)
    return _classify_many(_checked(texts), used, limits, _checked_jobs(n_jobs), progress)


def _checked_jobs(n_jobs: int | None) -> int | None:
    if n_jobs == 0:
        raise InputError("n_jobs must not be 0; give a number of processes, or -1 for one a core.")
    return n_jobs


def _classify_many(
    texts: Iterable[str], model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> Iterator[Verdict]:
    done = 0
    for chunk, judgment in scored_chunks(texts, model, n_jobs):
        yield from decide(model, chunk, judgment, thresholds)
        done += len(chunk)
        if progress is not None:
            progress(done)


def _judged_chat(
    chat: Chat, model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> Iterator[Judged]:
    texts = (scored_text(message) for message in chat.messages)
    judged = _judged_many(texts, model, thresholds, n_jobs, progress)
    if model.context is None:
        return judged
    windows = Windows()
    read = (text for message in chat.messages for text in windows.add(message))
    return with_windows(
        judged, (row for _, heard in scored_chunks(read, model, n_jobs, with_context=True) for row in heard.context)
    )


def _judged_many(
    texts: Iterable[str], model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> Iterator[Judged]:
    done = 0
    for chunk, judgment in scored_chunks(texts, model, n_jobs, with_context=True):
        yield from with_scores(decide(model, chunk, judgment, thresholds), judgment)
        done += len(chunk)
        if progress is not None:
            progress(done)


def _checked(texts: Iterable[Any]) -> Iterator[str]:
    for position, text in enumerate(texts):
        if text.__class__ is not str:
            _check(text, position)
        yield text


def _check(text: Any, position: int) -> str:
    if isinstance(text, str):
        return text
    raise TypeError(
        f"classify takes texts, and the item at position {position} is of type {type(text).__name__}; "
        "convert it to str or leave it out."
    )


def _classify_series(
    series: Any, model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> "pd.DataFrame":
    texts = [text if there else None for text, there in zip(series, series.notna(), strict=True)]
    return verdict_frame(_classify_present(texts, model, thresholds, n_jobs, progress), series.index)


def _classify_arrow(
    column: Any, model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> Any:
    series = arrow_series(column)
    verdicts = _classify_present(series.to_list(), model, thresholds, n_jobs, progress)
    return native_frame(verdicts, series.implementation)


def _classify_present(
    texts: Sequence[Any], model: Model, thresholds: Thresholds, n_jobs: int | None, progress: Progress | None
) -> list[Verdict | None]:
    """A verdict for each text, and None for each None."""
    present = [_check(text, position) for position, text in enumerate(texts) if text is not None]
    verdicts = iter(list(_classify_many(present, model, thresholds, n_jobs, progress)))
    return [None if text is None else next(verdicts) for text in texts]
