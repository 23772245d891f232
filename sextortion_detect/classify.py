"""The one entry point: what comes back follows from what goes in."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from numbers import Integral
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypedDict, Unpack, overload

from sextortion_detect.batches import Progress, scored_chunks
from sextortion_detect.chats import judge_chat
from sextortion_detect.decision_thresholds import ThresholdChoice, Thresholds
from sextortion_detect.errors import InputError
from sextortion_detect.frames import arrow_series, native_frame, verdict_frame
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.records import Chat, ChatVerdict, Verdict
from sextortion_detect.verdicts import decide

if TYPE_CHECKING:
    import pandas as pd


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


class Options(TypedDict, total=False):
    """The options of `classify`."""

    model: Model | None
    thresholds: ThresholdChoice | None
    prevalence: float | None
    n_jobs: int | None
    progress: Progress | None
    prefix: str


@overload
def classify(text: str, /, **options: Unpack[Options]) -> Verdict: ...  # type: ignore[overload-overlap]  # a str is an iterable of str too; the first overload wins, as at run time
@overload
def classify(text: Chat, /, **options: Unpack[Options]) -> ChatVerdict: ...
@overload
def classify(text: PandasColumn, /, **options: Unpack[Options]) -> "pd.DataFrame": ...
@overload
def classify(text: ArrowColumn, /, **options: Unpack[Options]) -> Any: ...
@overload
def classify(text: Iterable[str], /, **options: Unpack[Options]) -> list[Verdict]: ...
def classify(
    text: str | Chat | PandasColumn | ArrowColumn | Iterable[str],
    /,
    *,
    model: Model | None = None,
    thresholds: ThresholdChoice | None = None,
    prevalence: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    prefix: str = "",
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
    `prefix` goes before the name of each column of a table.

    Raises `TypeError`, which names the type and the position and never the text, for anything that is not text;
    `InputError` for another option that cannot be, and for a column whose bytes are no UTF-8; `ModelError` where the
    model cannot be used.

    >>> verdict = classify("معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك")
    >>> verdict.label, verdict.flagged, "payment_demand" in verdict.tactics
    (<Label.BLACKMAIL: 'blackmail'>, True, True)
    >>> [verdict.label.value for verdict in classify(["صباح الخير", ""])]
    ['benign', 'benign']
    """
    if isinstance(text, _REFUSED) or hasattr(text, "columns") or not isinstance(text, (Chat, Iterable)):
        raise TypeError(
            f"classify takes a str, an iterable of str, a pandas Series or a Chat, not {type(text).__name__}; "
            "decode bytes first and leave out missing texts."
        )
    if not isinstance(prefix, str):
        raise InputError(f"The prefix must be a str, not {type(prefix).__name__}.")
    how = _checked_options(model, thresholds, prevalence, n_jobs, progress)
    if isinstance(text, str):
        return next(decide(how.model, [text], how.model.score([text]), how.thresholds))
    if isinstance(text, Chat):
        return judge_chat(text, *how)
    pandas = sys.modules.get("pandas")  # who hands in a Series has imported it
    if pandas is not None and isinstance(text, pandas.Series):
        texts = _decoded(lambda: (one if there else None for one, there in zip(text, text.notna(), strict=True)))
        return verdict_frame(_classify_present(texts, how), text.index).add_prefix(prefix)
    if hasattr(text, "__arrow_c_stream__") or hasattr(text, "__arrow_c_array__"):
        series = arrow_series(text)
        return native_frame(_classify_present(_decoded(series.to_list), how), series.implementation, prefix)
    return list(_classify_many(_checked(text), how))


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
    how = _checked_options(model, thresholds, prevalence, n_jobs, progress)
    return _classify_many(checked_texts(texts, "classify_iter"), how)


def checked_texts(texts: Iterable[str], asked: str) -> Iterator[str]:
    """The texts as they come; `TypeError` at once for what holds none, and for what is none when it is met."""
    if isinstance(texts, (str, *_REFUSED)) or hasattr(texts, "columns") or not isinstance(texts, Iterable):
        raise TypeError(f"{asked} takes an iterable of str, not {type(texts).__name__}.")
    return _checked(texts)


class _How(NamedTuple):
    """How texts are judged: the options of `classify`, checked."""

    model: Model
    thresholds: Thresholds
    n_jobs: int | None
    progress: Progress | None


def _checked_options(
    model: Model | None,
    thresholds: ThresholdChoice | None,
    prevalence: float | None,
    n_jobs: int | None,
    progress: Progress | None,
) -> _How:
    if n_jobs is not None and (not isinstance(n_jobs, Integral) or n_jobs == 0):
        raise InputError("n_jobs must be a number of processes, or -1 for one a core.")
    used = checked_model(model)
    return _How(used, Thresholds.of(used, thresholds, prevalence), n_jobs, progress)


def _classify_many(texts: Iterable[str], how: _How) -> Iterator[Verdict]:
    for chunk, judgment in scored_chunks(texts, how.model, how.n_jobs, progress=how.progress):
        yield from decide(how.model, chunk, judgment, how.thresholds)


def _checked(texts: Iterable[Any], kinds: type | UnionType = str) -> Iterator[Any]:
    for position, text in enumerate(texts):
        if not isinstance(text, kinds):
            raise TypeError(
                f"classify takes texts, and the item at position {position} is of type {type(text).__name__}; "
                "convert it to str or leave it out."
            )
        yield text


def _decoded(column: Callable[[], Iterable[Any]]) -> list[Any]:
    """The values of a column; raises `InputError` where its bytes, as those of Arrow may be, are no UTF-8."""
    with suppress(UnicodeDecodeError):
        return list(column())
    raise InputError("The column holds bytes that are no UTF-8; write it again, or leave those texts out.")


def _classify_present(texts: Sequence[Any], how: _How) -> list[Verdict | None]:
    """A verdict for each text, and None for each None."""
    present = [text for text in _checked(texts, str | None) if text is not None]
    verdicts = iter(list(_classify_many(present, how)))
    return [None if text is None else next(verdicts) for text in texts]
