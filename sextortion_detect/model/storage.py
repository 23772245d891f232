"""A model on disk: `manifest.json`, `weights.npz` and `vocabulary.txt.gz`. Loading runs no code from any of them.

FORMAT is the number of this layout. A change after which an older package would read a folder wrongly must raise it;
`load_model` refuses every other number with a sentence. Say so in CHANGELOG.md.
"""

import hashlib
import io
import json
import os
import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.errors import ModelMismatch, ModelMissing
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import CONTEXT, LABELS, OF_DISTRESS, OFFENSE, ORDINARY, TACTICS, LinearHead, Model
from sextortion_detect.model.reading_fingerprint import reading_fingerprint
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import Label

FORMAT: Final = 11
MANIFEST: Final = "manifest.json"
WEIGHTS: Final = "weights.npz"
VOCABULARY: Final = "vocabulary.txt.gz"
LARGEST_FILE: Final = 64 * 2**20  # bytes; a model has under 12 MB

_HEADS: Final = {"messages": len(LABELS) + 1 + len(TACTICS), "distress": 1, "context": len(CONTEXT)}
_NEW: Final = ".new"
"""Behind the name of a file that was written and does not yet stand in its place."""

_CONTRADICTIONS: Final = (
    LookupError, ValueError, TypeError, AttributeError, OverflowError, OSError, EOFError, MemoryError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What files raise that have the right digests and are no model all the same: somebody signed them anew."""


def load_model(path: str | os.PathLike[str]) -> Model:
    """Read and verify a model folder.

    Raises `ModelMissing` where a file of it is not there, and `ModelMismatch` where one is damaged, altered, of another
    format, or made with another version of the text stages.
    """
    folder = Path(path)
    manifest = _read_manifest(folder)
    try:
        if manifest["reading"] != reading_fingerprint():
            raise ModelMismatch(f"{folder} was trained with another way to read texts; train it again.")
        files = manifest["files"]
        with (
            _verified(folder / VOCABULARY, files[VOCABULARY]) as names,
            _verified(folder / WEIGHTS, files[WEIGHTS]) as weights,
        ):
            return _assemble(manifest, names.read(), weights)
    except _CONTRADICTIONS:
        raise ModelMismatch(f"The files of {folder} do not belong together; install the model again.") from None


def _assemble(manifest: Mapping[str, Any], names: bytes, weights: BufferedReader) -> Model:
    """The model of verified files; `ValueError` or the like where they contradict each other."""
    thresholds, sizes = manifest["thresholds"], manifest["blocks"]
    width = sum(sizes.values())
    told = {"distress": {*OF_DISTRESS} <= {*thresholds}, "context": manifest["context"] is not None}
    _check_packing(weights)
    with np.load(weights, allow_pickle=False) as arrays:
        vectorizer = Vectorizer(arrays["keys"], arrays["idf"], sizes, names)
        heads = {
            name: LinearHead(_halves_together(arrays[f"{name}_weights"]), arrays[f"{name}_bias"])
            for name in _HEADS
            if told.get(name, True)
        }
        labels = LinearHead(arrays["labels_weights"], arrays["labels_bias"])
    of_distress = OF_DISTRESS if "distress" in heads else ()
    if not (
        manifest["labels"] == [label.value for label in LABELS]
        and manifest["tactics"] == [tactic.value for tactic in TACTICS]
        and manifest["context"] in (None, list(CONTEXT))
        and set(thresholds) == {OFFENSE, Label.VICTIM_REPORT.value, *manifest["tactics"], *of_distress}
        and all(0.0 <= threshold <= 1.0 for threshold in thresholds.values())
        and all(size >= 0 for size in sizes.values())
        and vectorizer.keys.dtype == np.uint64
        and vectorizer.keys.shape == (width,)
        and _is_fit(vectorizer.idf, (width,), np.float32)
        # 1 is of what stands in every text; from 0 lengths would come that divide.
        and bool((vectorizer.idf >= 1.0).all())
        and _is_fit_head(labels, (2 * _HEADS["messages"] + 1, ORDINARY + 1), np.float64)
        and all(_is_fit_head(head, (width, _HEADS[name]), np.float32) for name, head in heads.items())
    ):
        raise ValueError("the parts of the model contradict each other")
    model = Model(vectorizer, labels=labels, thresholds=thresholds, manifest=manifest, **heads)
    conversation_head(model)  # raises where it is damaged
    return model


_LARGEST_NUMBER: Final = float(np.finfo(np.float16).max)


def _is_fit(array: NDArray[Any], shape: tuple[int, ...], kind: type[np.floating]) -> bool:
    low, high = array.min(initial=0.0), array.max(initial=0.0)  # neither of which compares where a number is none
    return array.dtype == kind and array.shape == shape and bool(-_LARGEST_NUMBER <= low <= high <= _LARGEST_NUMBER)


def _is_fit_head(head: LinearHead, shape: tuple[int, int], kind: type[np.floating]) -> bool:
    return _is_fit(head.weights, shape, kind) and _is_fit(head.bias, shape[1:], np.float64)


def _check_packing(weights: BufferedReader) -> None:
    """Before anything is unpacked: other ways of packing raise errors of their own, and a megabyte may hold many."""
    with zipfile.ZipFile(weights) as archive:
        entries = archive.infolist()
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise ValueError("the weights are packed in a way that numpy does not use")
    if sum(entry.file_size for entry in entries) > LARGEST_FILE:
        raise ValueError("the weights are far larger than those of a model")
    weights.seek(0)


def _halves_apart(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """16-bit floats, the first byte of each and then the second of each: so they are packed a tenth smaller."""
    return np.moveaxis(weights.astype("<f2").view(np.uint8).reshape(*weights.shape, 2), -1, 0)


def _halves_together(halves: NDArray[np.uint8]) -> NDArray[np.float32]:
    if halves.dtype != np.uint8:
        raise ValueError("the weights are no bytes")
    weights = np.empty(halves.shape[1:], dtype=np.float32)
    for begin in range(0, len(weights), _ROWS_AT_ONCE):
        low, high = halves[:, begin : begin + _ROWS_AT_ONCE].astype(np.uint16)
        weights[begin : begin + _ROWS_AT_ONCE] = (low | high << 8).view(np.float16)
    return weights


_ROWS_AT_ONCE: Final = 1 << 13  # rows unpacked at a time, lest the whole stand in memory three times


def save_model(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a model folder; whenever that is interrupted, the folder holds the older model or the new one.

    The new files lie beside the older ones until the manifest, which tells by their digests which ones count, is
    replaced; `load_model` finds them there where only the last renames are missing. Weights are rounded to 16-bit
    floats. `model.manifest` is completed with the format, the files and their SHA-256.
    """
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    weights = io.BytesIO()
    arrays: dict[str, Any] = {"keys": model.vectorizer.keys, "idf": model.vectorizer.idf}
    for name, head in zip(_HEADS, (model.messages, model.distress, model.context), strict=True):
        if head is not None:
            arrays |= {f"{name}_weights": _halves_apart(head.weights), f"{name}_bias": head.bias}
    arrays |= {"labels_weights": model.labels.weights, "labels_bias": model.labels.bias}
    np.savez_compressed(weights, **arrays)
    contents = {WEIGHTS: weights.getvalue(), VOCABULARY: model.vectorizer.packed_names}
    manifest = {
        **model.manifest,
        "format": FORMAT,
        "labels": [label.value for label in LABELS],
        "tactics": [tactic.value for tactic in TACTICS],
        "context": None if model.context is None else list(CONTEXT),
        "thresholds": dict(model.thresholds),
        "blocks": model.vectorizer.sizes,
        "reading": reading_fingerprint(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    manifest["sha256"] = _manifest_digest(manifest)
    contents[MANIFEST] = (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    for name, data in contents.items():
        with (folder / f"{name}{_NEW}").open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    for name in (MANIFEST, WEIGHTS, VOCABULARY):  # from the first rename on, the new model counts
        (folder / f"{name}{_NEW}").replace(folder / name)


def _read_manifest(folder: Path) -> dict[str, Any]:
    with _open(folder / MANIFEST) as file:
        raw = file.read()
    try:
        manifest = json.loads(raw)
        found = manifest["format"]
        if not isinstance(found, int):
            raise TypeError("the format is no number")
        if found != FORMAT:
            raise ModelMismatch(f"{folder} has model format {found}, this package reads {FORMAT}; train it again.")
        if manifest["sha256"] != _manifest_digest(manifest) or set(manifest["files"]) != {WEIGHTS, VOCABULARY}:
            raise ModelMismatch(f"{folder / MANIFEST} was altered; install the model again.")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ModelMismatch(f"{folder / MANIFEST} is damaged; install the model again.") from None
    return dict(manifest)


def _manifest_digest(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _verified(path: Path, digest: str) -> BufferedReader:
    """The file with that digest, open: the one in its place, or the one that was about to take it."""
    beside = path.with_name(f"{path.name}{_NEW}")
    for place in [place for place in (path, beside) if os.path.lexists(place)] or [path]:
        file = _open(place)
        if hashlib.file_digest(file, "sha256").hexdigest() == digest:
            file.seek(0)
            return file
        file.close()
    raise ModelMismatch(f"{path} is damaged or was altered; install the model again.")


def _open(path: Path) -> BufferedReader:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for, a device read without end
            raise ModelMismatch(f"{path} is no ordinary file; install the model again.")
        if found.st_size > LARGEST_FILE:
            raise ModelMismatch(f"{path} is far larger than a model file is; install the model again.")
        return path.open("rb")
    except FileNotFoundError:
        raise ModelMissing(
            f"There is no model file {path}; name a model folder, or install the package again."
        ) from None
    except OSError as error:
        raise ModelMissing(f"The model file {path} cannot be read ({error.strerror}); check its permissions.") from None
