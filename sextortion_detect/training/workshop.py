"""The two jobs of the workshop as the command line asks for them: train a model, and describe one."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sextortion_detect.errors import InputError
from sextortion_detect.model.linear import Model
from sextortion_detect.training.card import write_card
from sextortion_detect.training.corpus import SPLITS, Row, read_chats, read_messages
from sextortion_detect.training.evaluate import evaluate
from sextortion_detect.training.fit import Settings, fit
from sextortion_detect.training.traffic import TrafficFile, read_traffic


def train(
    name: str,
    corpus: Path,
    background: Sequence[Path] = (),
    traffic: Path | None = None,
    n_jobs: int = 1,
    settings: Settings | None = None,
) -> tuple[Model, list[str]]:
    """Fit a model of that name from files; also gives a note for each file that has lines which could not be read.

    The manifest gets the hashes of all that was read and the headline figures on the dev split. Raises `CorpusError`
    for a corpus that breaks the guide and `InputError` for a file that cannot be read.
    """
    rows, chats = read_messages(corpus), read_chats(corpus)
    backgrounds = [read_traffic(path) for path in background]
    traffics = [read_traffic(traffic)] if traffic is not None else []
    measured = [text for file in traffics for text in file.texts]
    model = fit(
        rows,
        [text.text for file in backgrounds for text in file.texts],
        [text.text for text in measured if text.sets_thresholds],
        settings,
        n_jobs,
        chats,
    )
    figures = evaluate(model, rows, "dev", measured, chats)
    manifest = {
        **model.manifest,
        "name": name,
        "package": version("sextortion-detect"),
        "data": {
            "messages": _hashes(corpus),
            "background": [_describe(file) for file in backgrounds],
            "traffic": [_describe(file) for file in traffics],
        },
        "figures": {
            "split": "dev",
            "average_precision": round(figures.whole.average_precision, 4),
            "macro_f1": round(figures.whole.macro_f1, 4),
            "recall": round(figures.whole.recall, 4),
        },
    }
    return replace(model, manifest=manifest), [note for file in (*backgrounds, *traffics) for note in _notes(file)]


def describe(model: Model, corpus: Path, traffic: Path | None, split: str) -> str:
    """The card of a model: measured on a split, beside a model fitted on the corpus alone.

    Raises `InputError` for a split that does not exist, and as `train` does.
    """
    if split not in SPLITS:
        raise InputError(f"There is no split {split!r}; name one of {', '.join(SPLITS)}.")
    rows = read_messages(corpus)
    chats = read_chats(corpus)
    measured = list(read_traffic(traffic).texts) if traffic is not None else []
    alone = fit(rows, (), [text.text for text in measured if text.sets_thresholds], chats=chats)
    return write_card(
        model,
        evaluate(model, rows, split, measured, chats),
        evaluate(alone, rows, split, measured, chats),
        _count(rows),
    )


def _count(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """How many rows of each label there are in each split."""
    return {split: Counter(row.label.value for row in rows if row.split == split) for split in SPLITS}


def _hashes(corpus: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((corpus / "messages").glob("*.csv"))
    }


def _describe(file: TrafficFile) -> dict[str, Any]:
    sources = Counter(text.source for text in file.texts)
    return {"file": file.name, "sha256": file.sha256, "texts": len(file.texts), "sources": dict(sources)}


def _notes(file: TrafficFile) -> list[str]:
    if not file.bad_lines:
        return []
    shown = ", ".join(map(str, file.bad_lines[:10]))
    return [f"{file.name}: {len(file.bad_lines)} lines without a text were passed over: {shown}"]
