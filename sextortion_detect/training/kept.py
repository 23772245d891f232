"""What is kept beside the card, so that it can be written again without measuring or fitting again."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sextortion_detect.training.attacks import ATTACKS
from sextortion_detect.training.evaluate import Figures
from sextortion_detect.training.evasion import Robustness

EXPERIMENTS: Final = "experiments.json"
EVASION: Final = "evasion.json"
FIGURES: Final = "figures.json"
PEERS: Final = "peers.json"


def save_experiments(results: Mapping[str, Any], folder: Path) -> None:
    """Keep the results of `run_experiments`."""
    _write(folder / EXPERIMENTS, results)


def load_experiments(folder: Path) -> dict[str, Any] | None:
    """The results kept in a folder, or None where there are none."""
    return _read(folder / EXPERIMENTS)


def save_evasion(measured: Sequence[Robustness], model: str, split: str, folder: Path) -> None:
    """Keep what `measure_evasion` found of the model with that SHA-256, on that split."""
    attacks = [
        {"attack": one.attack and one.attack.name, "recall": one.recall, "macro_f1": one.macro_f1} for one in measured
    ]
    _write(folder / EVASION, {"model": model, "split": split, "attacks": attacks})


def load_evasion(model: str, split: str, folder: Path) -> list[Robustness] | None:
    """What is kept of this very model on this split, or None where nothing is."""
    kept = _read(folder / EVASION)
    if kept is None or (kept["model"], kept["split"]) != (model, split):
        return None
    return [
        Robustness(ATTACKS[one["attack"]] if one["attack"] else None, one["recall"], one["macro_f1"])
        for one in kept["attacks"]
    ]


def load_peers(folder: Path) -> dict[str, Any] | None:
    """What `tests/benchmarks/peers.py` wrote into a folder, or None where it did not."""
    return _read(folder / PEERS)


def save_figures(figures: Figures, model: str, folder: Path) -> None:
    """Write all figures for programs; a rate is [value, low, high], and null is a figure that is not defined."""
    _write(folder / FIGURES, {"model": model, **_plain(asdict(figures))})


def _plain(value: Any) -> Any:
    """Without NaN, which JSON does not have, and with six digits."""
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
