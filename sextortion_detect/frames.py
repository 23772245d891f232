"""Verdicts as a table: of pandas, of polars or of pyarrow."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.records import ChatVerdict, Verdict
from sextortion_detect.taxonomy import Label

if TYPE_CHECKING:
    import pandas as pd

_LABELS: Final = [label.value for label in Label]
_TRUTHS: Final = ("flagged", "distress")
_STRINGS: Final = ("action", "tactics")
_NUMBERS: Final = ("probability", *_LABELS)
_COLUMNS: Final = ["label", "flagged", "action", "probability", *_LABELS, "tactics", "evidence", "distress"]


def verdict_frame(verdicts: Iterable[Verdict | None], index: "pd.Index[Any]") -> "pd.DataFrame":
    """A row a verdict on the given index; None gives a row of missing values.

    Columns: `label` (categorical), `flagged` (boolean), `action` (string), `probability` and one column a label
    (Float64, 0 to 1), `tactics` (string, joined by `;`), `evidence` (list of dicts as `Evidence.to_dict`), `distress`
    (boolean).
    """
    import pandas as pd

    rows = [dict.fromkeys(_COLUMNS) if verdict is None else _row(verdict) for verdict in verdicts]
    frame = pd.DataFrame(rows, index=index, columns=_COLUMNS)
    types: dict[str, Any] = {"label": pd.CategoricalDtype(_LABELS), "evidence": object}
    for names, kind in ((_TRUTHS, "boolean"), (_STRINGS, "string"), (_NUMBERS, "Float64")):
        types |= dict.fromkeys(names, kind)
    return frame.astype(types)


def chat_frame(verdict: ChatVerdict) -> "pd.DataFrame":
    """The table of `ChatVerdict.to_frame`; raises `InputError` where pandas is not installed."""
    try:
        import pandas as pd
    except ImportError:
        raise InputError(
            "Tables need pandas, which is not installed; run: pip install 'sextortion-detect[pandas]'"
        ) from None

    chat = pd.DataFrame(
        {
            "sender": pd.array([_encodable(message.sender) for message in verdict.chat.messages], dtype="string"),
            "forwarded_from": pd.array(
                [_encodable(message.forwarded_from) for message in verdict.chat.messages], dtype="string"
            ),
            "sent_at": pd.Series([message.sent_at for message in verdict.chat.messages]),
            "kind": pd.array([message.kind.value for message in verdict.chat.messages], dtype="string"),
            "text": pd.array([_encodable(message.text) for message in verdict.chat.messages], dtype="string"),
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
    return nw.from_native(_of_pyarrow(column), series_only=True) if series is column else series


def _of_pyarrow(column: Any) -> Any:
    """What speaks Arrow as a chunked array of pyarrow, by way of the Arrow C interface."""
    try:
        import pyarrow
    except ImportError:
        raise InputError(
            f"A column of type {type(column).__name__} needs pyarrow, which is not installed; "
            "run: pip install 'sextortion-detect[tables-io]'"
        ) from None
    if hasattr(column, "__arrow_c_stream__"):
        return pyarrow.chunked_array(column)
    return pyarrow.chunked_array([column if isinstance(column, pyarrow.Array) else pyarrow.array(column)])


def native_frame(verdicts: Iterable[Verdict | None], implementation: Any, prefix: str = "") -> Any:
    """A table of that library (a narwhals `Implementation`) with the columns of `verdict_frame`; None gives nulls.

    `prefix` goes before their names; `label` is categorical (a dictionary in Arrow), `evidence` a list of structs.
    """
    import narwhals as nw

    places, texts = dict.fromkeys(("start", "end"), nw.Int64), dict.fromkeys(("text", "tactic"), nw.String)
    span: dict[str, Any] = {**places, **texts, "weight": nw.Float64}
    types: dict[str, Any] = {"label": nw.Categorical, "evidence": nw.List(nw.Struct(span))}
    for names, kind in ((_TRUTHS, nw.Boolean), (_STRINGS, nw.String), (_NUMBERS, nw.Float64)):
        types |= dict.fromkeys(names, kind)
    rows = [dict.fromkeys(_COLUMNS) if verdict is None else _row(verdict) for verdict in verdicts]
    data = {f"{prefix}{column}": [row[column] for row in rows] for column in _COLUMNS}
    schema = {f"{prefix}{column}": types[column] for column in _COLUMNS}
    return nw.from_dict(data, schema, backend=implementation).to_native()


def _row(verdict: Verdict) -> dict[str, Any]:
    plain = verdict.to_dict()
    return {**plain, **plain["scores"], "tactics": ";".join(plain["tactics"])}
