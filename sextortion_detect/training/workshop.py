"""The jobs of the workshop as the command line asks for them: train, describe, check the corpus, list words."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sextortion_detect.errors import InputError
from sextortion_detect.model.linear import Model
from sextortion_detect.training import kept
from sextortion_detect.training.card import write_card
from sextortion_detect.training.corpus import SPLITS, Row, read_chats, read_messages
from sextortion_detect.training.corpus_check import Check, check_corpus, to_markdown
from sextortion_detect.training.evaluate import evaluate
from sextortion_detect.training.evasion import measure_evasion
from sextortion_detect.training.experiments import Plan, corpus_digest, run_experiments
from sextortion_detect.training.fit import Settings, fit
from sextortion_detect.training.plots import write_plots
from sextortion_detect.training.traffic import TrafficFile, read_left_out, read_traffic, set_thresholds
from sextortion_detect.training.word_list import count_words

__all__ = ["Task", "check", "describe", "list_words", "to_markdown", "train"]


def train(
    name: str,
    corpus: Path,
    background: Sequence[Path] = (),
    traffic: Path | None = None,
    n_jobs: int = 1,
    settings: Settings | None = None,
) -> tuple[Model, list[str]]:
    """Fit a model of that name from files; also gives a note for each file that has lines which could not be read.

    The manifest gets the hashes of all that was read, the thresholds at every budget (none without traffic) and the
    headline figures on the dev split. Raises `CorpusError` for a corpus that breaks the guide and `InputError` for a
    file that cannot be read.
    """
    rows, chats = read_messages(corpus), read_chats(corpus)
    backgrounds = [read_traffic(path) for path in background]
    traffics = [read_traffic(traffic)] if traffic is not None else []
    left_out = read_left_out(corpus)
    measured = [text for file in traffics for text in file.texts if text.digest not in left_out]
    ordinary = [text.text for file in backgrounds for text in file.texts]
    real = [text for text, sets in zip(measured, set_thresholds(measured), strict=True) if sets]
    notes = [note for file in (*backgrounds, *traffics) for note in _notes(file)]
    model = fit(rows, ordinary, real, settings, n_jobs, chats)
    figures = evaluate(model, rows, "dev", measured, chats)
    model.manifest["traffic"]["left_out"] = sorted(left_out)
    manifest = {
        **model.manifest,
        "name": name,
        "package": version("sextortion-detect"),
        "data": {
            "messages": _hashes(corpus),
            "background": [_describe(file) for file in backgrounds],
            "traffic": [_describe(file) for file in traffics],
        },
        "thresholds_by_budget": {
            budget: {"offense": point.threshold, "victim_report": point.victim_threshold}
            for budget, point in figures.budgets.items()
        },
        "figures": {
            "split": "dev",
            "average_precision": round(figures.whole.average_precision, 4),
            "macro_f1": round(figures.whole.macro_f1, 4),
            "recall": round(figures.whole.recall, 4),
        },
    }
    return replace(model, manifest=manifest), notes


@dataclass(frozen=True, slots=True)
class Task:
    """What to measure a model on, and what of the slow measurements to make anew rather than take from the folder.

    `folder` is that of the card: pictures and kept results go there and come from there; None keeps nothing.
    """

    corpus: Path
    traffic: Path | None = None
    split: str = "test"
    background: Sequence[Path] = ()
    evasion: bool = False
    experiments: bool = False
    folder: Path | None = None
    plan: Plan | None = None


def describe(model: Model, task: Task) -> str:
    """The card of a model, measured on a split.

    Raises `InputError` for a split that does not exist and for experiments without background, and as `train` does.
    """
    if task.split not in SPLITS:
        raise InputError(f"There is no split {task.split!r}; name one of {', '.join(SPLITS)}.")
    if task.experiments and not task.background:
        raise InputError("The experiments need ordinary messages to fit against; give --background.")
    rows, chats = read_messages(task.corpus), read_chats(task.corpus)
    left_out = {*model.manifest.get("traffic", {}).get("left_out", ())}
    traffic = read_traffic(task.traffic).texts if task.traffic is not None else ()
    measured = [text for text in traffic if text.digest not in left_out]
    figures = evaluate(model, rows, task.split, measured, chats)
    digest = str(model.manifest.get("sha256", ""))
    evasion = experiments = None
    if task.evasion:
        evasion = measure_evasion(model, [row for row in rows if row.split == task.split])
    elif task.folder is not None:
        evasion = kept.load_evasion(digest, task.split, task.folder)
    if task.experiments:
        background = [text.text for path in task.background for text in read_traffic(path).texts]
        experiments = run_experiments(rows, background, measured, task.plan)
    elif task.folder is not None:
        experiments = kept.load_experiments(task.folder)
    pictures: dict[str, str] = {}
    if task.folder is not None:
        if evasion is not None:
            kept.save_evasion(evasion, digest, task.split, task.folder)
        if experiments is not None:
            kept.save_experiments(experiments, task.folder)
        kept.save_figures(figures, digest, task.folder)
        pictures = write_plots(figures, experiments, task.folder)
    return write_card(
        model,
        figures,
        _count(rows),
        corpus=corpus_digest(rows),
        evasion=evasion,
        experiments=experiments,
        peers=None if task.folder is None else kept.load_peers(task.folder),
        pictures=pictures,
    )


def check(corpus: Path) -> list[Check]:
    """Every figure of the corpus beside its bound; raises `CorpusError` for a corpus that breaks the guide."""
    return check_corpus(read_messages(corpus), read_chats(corpus), corpus)


def list_words(corpus: Path, background: Sequence[Path]) -> list[str]:
    """The words of the lexicon, commonest first; raises `CorpusError` and `InputError` as `train` does."""
    texts = (text.text for path in background for text in read_traffic(path).texts)
    return count_words(read_messages(corpus), texts)


def _count(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """How many rows of each label there are in each split."""
    return {split: Counter(row.label.value for row in rows if row.split == split) for split in SPLITS}


def _hashes(corpus: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((corpus / "messages").glob("*.csv"))
    }


def _describe(file: TrafficFile) -> dict[str, Any]:
    return {
        "file": file.name,
        "sha256": file.sha256,
        "texts": len(file.texts),
        "bad_lines": len(file.bad_lines),
        "sources": dict(Counter(text.source for text in file.texts)),
    }


def _notes(file: TrafficFile) -> list[str]:
    if not file.bad_lines:
        return []
    shown = ", ".join(map(str, file.bad_lines[:10]))
    return [f"{file.name}: {len(file.bad_lines)} lines without a text were passed over: {shown}"]
