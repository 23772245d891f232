"""Many machines: a column of a Spark or Dask table scored where its parts lie, with the verdicts of `classify(Series)`.

Both adapters add the columns of `classify(Series)` to those of the table, whose types stand before anything is
computed. A worker process loads the model once, when it gets its first part. The package must be installed on the
workers, and a `model` folder must lie at the same path there.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Final, cast

from sextortion_detect.classify import classify
from sextortion_detect.decision_thresholds import ThresholdChoice
from sextortion_detect.errors import InputError
from sextortion_detect.frames import column_types
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.model.storage import load_model

if TYPE_CHECKING:
    import pandas as pd

Scoring = Callable[["pd.DataFrame"], "pd.DataFrame"]
"""Gives a part of a table with its verdicts."""

_SPAN: Final = "struct<start:int,end:int,text:string,tactic:string,weight:double>"
_SPARK_TYPES: Final = column_types("string", "boolean", "string", "double", f"array<{_SPAN}>")
"""The columns of `classify(Series)` in Spark's own type language."""


def score_spark(
    df: Any,
    text_column: str,
    *,
    model: str | PathLike[str] | None = None,
    thresholds: ThresholdChoice | None = None,
) -> Any:
    """A Spark `DataFrame` with its columns and those of the verdicts, by `mapInPandas`; nothing is done yet.

    `label` is a string and `evidence` an array of structs; missing text gives missing values. `model` is a model folder
    in place of the shipped one, `thresholds` as in `classify`. Raises `InputError` where the table has no such column
    of strings, or has columns of the names that would be added.
    """
    from pyspark.sql.types import StringType, StructType

    fields = {field.name: field.dataType for field in df.schema.fields}
    score = _scoring(fields, text_column, model, thresholds)
    if not isinstance(fields[text_column], StringType):
        raise InputError(f"The column {text_column!r} must be of strings; cast it first.")
    added = cast("StructType", StructType.fromDDL(", ".join(f"`{name}` {kind}" for name, kind in _SPARK_TYPES.items())))
    return df.mapInPandas(partial(_score_batches, score), schema=StructType([*df.schema.fields, *added.fields]))


def score_dask(
    ddf: Any,
    text_column: str,
    *,
    model: str | PathLike[str] | None = None,
    thresholds: ThresholdChoice | None = None,
) -> Any:
    """A Dask `DataFrame` with its columns and those of `classify(Series)`, by `map_partitions`; nothing is done yet.

    Arguments and errors as in `score_spark`.
    """
    score = _scoring(ddf.columns, text_column, model, thresholds)
    return ddf.map_partitions(score, meta=score(ddf._meta))


def _scoring(
    columns: Iterable[str], text_column: str, model: str | PathLike[str] | None, thresholds: ThresholdChoice | None
) -> Scoring:
    """What adds the verdicts to a part of a table with these columns; `InputError` where that cannot be."""
    present = set(columns)
    if text_column not in present:
        raise InputError(f"The table has no column {text_column!r}; name the one that holds the texts.")
    if taken := sorted(present & _SPARK_TYPES.keys()):
        raise InputError(f"The table has columns named {', '.join(taken)} already; rename or drop them first.")
    path = None if model is None else fspath(model)
    return partial(_score_part, text_column=text_column, model=path, thresholds=thresholds)


@lru_cache(maxsize=2)
def _model(path: str | None) -> Model:
    """The model of this worker process; a second one takes a second place."""
    return shipped_model() if path is None else load_model(path)


def _score_part(
    part: "pd.DataFrame", *, text_column: str, model: str | None, thresholds: ThresholdChoice | None
) -> "pd.DataFrame":
    verdicts = classify(part[text_column], model=_model(model), thresholds=thresholds)
    return part.assign(**{name: verdicts[name] for name in verdicts.columns})


def _score_batches(score: Scoring, batches: Iterable["pd.DataFrame"]) -> Iterator["pd.DataFrame"]:
    return (score(batch).astype({"label": "string"}) for batch in batches)
