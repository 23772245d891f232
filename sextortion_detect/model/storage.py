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
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.errors import ModelMismatch, ModelMissing
from sextortion_detect.model.conversation import conversation_head
from sextortion_detect.model.linear import CONTEXT, LABELS, OFFENSE, TACTICS, LinearHead, Model
from sextortion_detect.model.reading_fingerprint import reading_fingerprint
from sextortion_detect.model.vectorizer import Vectorizer
from sextortion_detect.taxonomy import Label

FORMAT: Final = 4
MANIFEST: Final = "manifest.json"
WEIGHTS: Final = "weights.npz"
VOCABULARY: Final = "vocabulary.txt.gz"
LARGEST_FILE: Final = 64 * 2**20  # bytes; a model has under 12 MB

_HEADS: Final = {"messages": len(LABELS) + 1 + len(TACTICS), "context": len(CONTEXT)}
_NEW: Final = ".new"
"""Behind the name of a file that was written and does not yet stand in its place."""

_CONTRADICTIONS: Final = (
    KeyError, ValueError, TypeError, AttributeError, OverflowError, EOFError, MemoryError, RuntimeError,
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
        names = _read_verified(folder / VOCABULARY, files[VOCABULARY])
        return _assemble(manifest, names, _read_verified(folder / WEIGHTS, files[WEIGHTS]))
    except _CONTRADICTIONS:
        raise ModelMismatch(f"The files of {folder} do not belong together; install the model again.") from None


def _assemble(manifest: Mapping[str, Any], names: bytes, weights: bytes) -> Model:
    """The model of verified files; `ValueError` or the like where they contradict each other."""
    temperature, thresholds = float(manifest["temperature"]), manifest["thresholds"]
    if (
        manifest["labels"] != [label.value for label in LABELS]
        or manifest["tactics"] != [tactic.value for tactic in TACTICS]
        or manifest["context"] not in (None, list(CONTEXT))
        or set(thresholds) != {OFFENSE, Label.VICTIM_REPORT.value, *manifest["tactics"]}
        or not all(0.0 <= threshold <= 1.0 for threshold in thresholds.values())
        or not 1.0 / _HOTTEST <= temperature <= _HOTTEST
        or not all(size >= 0 for size in manifest["blocks"].values())
    ):
        raise ValueError("the parts of the model contradict each other")
    width = sum(manifest["blocks"].values())
    heads = {name: size for name, size in _HEADS.items() if name != "context" or manifest["context"] is not None}
    _check_packing(weights)
    with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
        idf, keys = _read_array(arrays, "idf", (width,)), arrays["keys"]
        read = {
            name: LinearHead(
                _checked(_halves_together(arrays[f"{name}_weights"], (width, size))),
                _read_array(arrays, f"{name}_bias", (size,), np.float64),
            )
            for name, size in heads.items()
        }
    # An idf of 1 is of what stands in every text; from 0 lengths would come that divide.
    if keys.dtype != np.uint64 or keys.shape != (width,) or not (idf >= 1.0).all():
        raise ValueError("the parts of the model contradict each other")
    vectorizer = Vectorizer(keys, idf, manifest["blocks"], names)
    model = Model(vectorizer, read["messages"], temperature, thresholds, manifest, read.get("context"))
    conversation_head(model)  # raises where it is damaged
    return model


def _check_packing(weights: bytes) -> None:
    """Before anything is unpacked: other ways of packing raise errors of their own, and a megabyte may hold many."""
    with zipfile.ZipFile(io.BytesIO(weights)) as archive:
        entries = archive.infolist()
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise ValueError("the weights are packed in a way that numpy does not use")
    if sum(entry.file_size for entry in entries) > LARGEST_FILE:
        raise ValueError("the weights are far larger than those of a model")


def _read_array(
    arrays: Mapping[str, Any], name: str, shape: tuple[int, ...], kind: type[np.floating] = np.float32
) -> NDArray[Any]:
    array = arrays[name]
    if array.shape != shape or array.dtype.kind != "f":
        raise ValueError("the parts of the model contradict each other")
    return _checked(np.ascontiguousarray(array, dtype=kind))


def _halves_apart(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """16-bit floats, the first byte of each and then the second of each: so they are packed a tenth smaller."""
    return np.moveaxis(weights.astype("<f2").view(np.uint8).reshape(*weights.shape, 2), -1, 0)


def _halves_together(halves: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.float32]:
    if halves.shape != (2, *shape) or halves.dtype != np.uint8:
        raise ValueError("the parts of the model contradict each other")
    return np.ascontiguousarray(np.moveaxis(halves, 0, -1)).view("<f2")[..., 0].astype(np.float32)


def _checked(found: NDArray[Any]) -> NDArray[Any]:
    if not -_LARGEST_NUMBER <= found.min(initial=0.0) <= found.max(initial=0.0) <= _LARGEST_NUMBER:  # or NaN
        raise ValueError("the parts of the model contradict each other")
    return found


_LARGEST_NUMBER: Final = float(np.finfo(np.float16).max)
_HOTTEST: Final = 1000.0  # a temperature is between 0.5 and 3


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
    heads = zip(_HEADS, (model.messages, model.context), strict=True)
    for name, head in ((name, head) for name, head in heads if head is not None):
        arrays |= {f"{name}_weights": _halves_apart(head.weights), f"{name}_bias": head.bias}
    np.savez_compressed(weights, **arrays)
    contents = {WEIGHTS: weights.getvalue(), VOCABULARY: model.vectorizer.packed_names}
    manifest = {
        **model.manifest,
        "format": FORMAT,
        "labels": [label.value for label in LABELS],
        "tactics": [tactic.value for tactic in TACTICS],
        "context": None if model.context is None else list(CONTEXT),
        "temperature": model.temperature,
        "thresholds": dict(model.thresholds),
        "blocks": model.vectorizer.sizes,
        "reading": reading_fingerprint(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    manifest["sha256"] = _manifest_digest(manifest)
    contents[MANIFEST] = (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    for name, data in contents.items():
        _write(folder / f"{name}{_NEW}", data)
    for name in (MANIFEST, WEIGHTS, VOCABULARY):  # from the first rename on, the new model counts
        (folder / f"{name}{_NEW}").replace(folder / name)


def _read_manifest(folder: Path) -> dict[str, Any]:
    raw = _read(folder / MANIFEST)
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


def _read_verified(path: Path, digest: str) -> bytes:
    """The file with that digest: the one in its place, or the one that was about to take it."""
    beside = path.with_name(f"{path.name}{_NEW}")
    for place in [place for place in (path, beside) if os.path.lexists(place)] or [path]:
        data = _read(place)
        if hashlib.sha256(data).hexdigest() == digest:
            return data
    raise ModelMismatch(f"{path} is damaged or was altered; install the model again.")


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device read without end
            raise ModelMismatch(f"{path} is no ordinary file; install the model again.")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise ModelMissing(
            f"There is no model file {path}; name a model folder, or install the package again."
        ) from None
    except OSError as error:
        raise ModelMissing(f"The model file {path} cannot be read ({error.strerror}); check its permissions.") from None
    if len(data) > LARGEST_FILE:
        raise ModelMismatch(f"{path} is far larger than a model file is; install the model again.")
    return data


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
