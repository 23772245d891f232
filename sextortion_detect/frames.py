"""Verdicts as a table: of pandas, of polars or of pyarrow."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sextortion_detect.errors import needing
from sextortion_detect.records import ChatVerdict, Verdict
from sextortion_detect.taxonomy import Label

if TYPE_CHECKING:
    import pandas as pd

_LABELS: Final = [label.value for label in Label]


def column_types(label: Any, truth: Any, string: Any, number: Any, evidence: Any) -> dict[str, Any]:
    """The columns of a table of verdicts in their order, each with the type that is given for what it holds."""
    of_scores = dict.fromkeys(["probability", *_LABELS], number)
    last = {"tactics": string, "evidence": evidence, "distress": truth}
    return {"label": label, "flagged": truth, "action": string, **of_scores, **last}


def verdict_frame(verdicts: Iterable[Verdict | None], index: "pd.Index[Any]") -> "pd.DataFrame":
    """A row a verdict on the given index; None gives a row of missing values.

    Columns: `label` (categorical), `flagged` (boolean), `action` (string), `probability` and one column a label
    (Float64, 0 to 1), `tactics` (string, joined by `;`), `evidence` (list of dicts as `Evidence.to_dict`), `distress`
    (boolean).
    """
    import pandas as pd

    types = column_types(pd.CategoricalDtype(_LABELS), "boolean", "string", "Float64", object)
    return pd.DataFrame(_rows(verdicts, types), index=index, columns=[*types]).astype(types)


def chat_frame(verdict: ChatVerdict) -> "pd.DataFrame":
    """The table of `ChatVerdict.to_frame`; raises `InputError` where pandas is not installed."""
    with needing("Tables need", "pandas"):
        import pandas as pd

    messages = verdict.chat.messages
    chat = pd.DataFrame(
        {
            "sender": pd.array([_encodable(message.sender) for message in messages], dtype="string"),
            "forwarded_from": pd.array([_encodable(message.forwarded_from) for message in messages], dtype="string"),
            "sent_at": pd.Series([message.sent_at for message in messages]),
            "kind": pd.array([message.kind.value for message in messages], dtype="string"),
            "text": pd.array([_encodable(message.text) for message in messages], dtype="string"),
            "risk": pd.array(verdict.risk, dtype="Float64"),
            "move": pd.array(verdict.moves, dtype="Float64"),
        }
    )
    return pd.concat([chat, verdict_frame(verdict.messages, chat.index)], axis=1)


def _encodable(text: str | None) -> str | None:
    """A text that Arrow takes: each lone surrogate, which JSON can escape, as U+FFFD: ranges still hold."""
    return None if text is None else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def arrow_series(column: Any) -> Any:
    """A column that speaks Arrow as a narwhals Series: of its own library where narwhals knows it, else of pyarrow.

    Raises `InputError` where pyarrow is needed for it and is not installed.
    """
    import narwhals as nw

    series = nw.from_native(column, series_only=True, pass_through=True)
    if series is not column:
        return series
    with needing(f"A column of type {type(column).__name__} needs", "tables-io"):
        import pyarrow
    if not hasattr(column, "__arrow_c_stream__"):
        column = [column if isinstance(column, pyarrow.Array) else pyarrow.array(column)]
    return nw.from_native(pyarrow.chunked_array(column), series_only=True)


def native_frame(verdicts: Iterable[Verdict | None], implementation: Any, prefix: str = "") -> Any:
    """A table of that library (a narwhals `Implementation`) with the columns of `verdict_frame`; None gives nulls.

    `prefix` goes before their names; `label` is categorical (a dictionary in Arrow), `evidence` a list of structs.
    """
    import narwhals as nw

    span = nw.Struct({"start": nw.Int64, "end": nw.Int64, "text": nw.String, "tactic": nw.String, "weight": nw.Float64})
    types = column_types(nw.Categorical, nw.Boolean, nw.String, nw.Float64, nw.List(span))
    rows = _rows(verdicts, types)
    data = {f"{prefix}{column}": [row[column] for row in rows] for column in types}
    schema = {f"{prefix}{column}": kind for column, kind in types.items()}
    return nw.from_dict(data, schema, backend=implementation).to_native()


def _rows(verdicts: Iterable[Verdict | None], columns: Iterable[str]) -> list[dict[str, Any]]:
    return [dict.fromkeys(columns) if verdict is None else _row(verdict) for verdict in verdicts]


def _row(verdict: Verdict) -> dict[str, Any]:
    plain = verdict.to_dict()
    return {**plain, **plain["scores"], "tactics": ";".join(plain["tactics"])}
