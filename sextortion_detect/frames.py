"""Verdicts as a pandas table."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import Label

if TYPE_CHECKING:
    import pandas as pd

_LABELS: Final = [label.value for label in Label]
_COLUMNS: Final = ["label", "flagged", "action", "probability", *_LABELS, "tactics", "evidence"]


def verdict_frame(verdicts: Iterable[Verdict | None], index: "pd.Index[Any]") -> "pd.DataFrame":
    """A row a verdict on the given index; None gives a row of missing values.

    Columns: `label` (categorical), `flagged` (boolean), `action` (string), `probability` and one column a label
    (Float64, 0 to 1), `tactics` (string, joined by `;`), `evidence` (list of dicts as `Evidence.to_dict`).
    """
    import pandas as pd

    rows = [dict.fromkeys(_COLUMNS) if verdict is None else _row(verdict) for verdict in verdicts]
    frame = pd.DataFrame(rows, index=index, columns=_COLUMNS)
    return frame.astype(
        {
            "label": pd.CategoricalDtype(_LABELS),
            "flagged": "boolean",
            "action": "string",
            "probability": "Float64",
            **dict.fromkeys(_LABELS, "Float64"),
            "tactics": "string",
            "evidence": object,
        }
    )


def _row(verdict: Verdict) -> dict[str, Any]:
    plain = verdict.to_dict()
    return {**plain, **plain["scores"], "tactics": ";".join(plain["tactics"])}
