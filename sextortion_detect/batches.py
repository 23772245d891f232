"""Many texts, a batch at a time, in this process or in others."""

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary, finalize

from sextortion_detect.model.linear import Judgment, Model

_CHUNK: Final = 2_000  # messages scored as one batch: large enough to be fast, small enough to stay in the cache
_CHUNK_OF_JOB: Final = 4_000  # sent to another process at once: each journey costs a millisecond or two
_CHUNKS_IN_WINDOW: Final = 4  # for each process
_MOST_CHARACTERS: Final = 1 << 21  # of a batch
_READ_AT_ONCE: Final = 50


def scored_chunks(
    texts: Iterable[str], model: Model, n_jobs: int | None, with_context: bool = False
) -> Iterator[tuple[list[str], Judgment]]:
    """Texts in chunks, in order, each with what the model says of it; `n_jobs` has joblib's meaning.

    One chunk is read ahead; with other processes at most 32,000 texts for each, of which some may be waited for when
    the rest is not taken. These give numbers, which travel fast, `context` only where it is asked for; verdicts are
    made of them by the caller.
    """
    if n_jobs not in (None, 1):
        return _scored_elsewhere(texts, model, n_jobs, with_context)
    return ((chunk, model.score_texts(chunk)) for chunk in _chunks(texts, _CHUNK))


def _scored_elsewhere(
    texts: Iterable[str], model: Model, n_jobs: int | None, with_context: bool
) -> Iterator[tuple[list[str], Judgment]]:
    """A window of chunks at a time, one sent ahead so that no process waits: joblib would read on without bound."""
    from joblib import Parallel, delayed, effective_n_jobs

    file = _file_of(model)
    sent: deque[tuple[list[list[str]], Any]] = deque()
    try:
        for window in _windows(_chunks(texts, _CHUNK_OF_JOB), _CHUNKS_IN_WINDOW * effective_n_jobs(n_jobs)):
            send = Parallel(n_jobs=n_jobs, return_as="generator", pre_dispatch="all", batch_size=1)
            sent.append((window, send(delayed(_score)(file, chunk, with_context) for chunk in window)))
            if len(sent) > 1:
                yield from zip(*sent[0], strict=True)
                sent.popleft()
        for judged in sent:
            yield from zip(*judged, strict=True)
    finally:
        with suppress(Exception):  # an error of theirs has been raised before
            for _, judgments in sent:
                deque(judgments, maxlen=0)  # waited for: joblib would end the processes, and warn


_files: Final[WeakKeyDictionary[Model, tuple[str, tuple[int, ...]]]] = WeakKeyDictionary()


def _file_of(model: Model) -> str:
    """A private file that other processes map the model from: once a model, while each window would send it anew."""
    file, mark = _files.get(model, ("", ()))
    if not file or _mark(file) != mark:  # temporary folders are swept now and then, and names taken by others
        import joblib
        from joblib.externals.loky.backend import resource_tracker

        folder = tempfile.mkdtemp(prefix="sextortion_detect-")
        resource_tracker.register(folder, "folder")  # removes it should this process be killed
        finalize(model, _remove, folder, os.getpid())
        file = str(joblib.dump(model, Path(folder) / "model")[0])
        _files[model] = file, _mark(file)
    return file


def _mark(file: str) -> tuple[int, ...]:
    """What tells a file from another one of its name; empty where there is none."""
    with suppress(OSError):
        found = Path(file).stat()
        return found.st_dev, found.st_ino, found.st_uid, found.st_mtime_ns
    return ()


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a fork of it ends earlier
        from joblib.externals.loky.backend import resource_tracker

        shutil.rmtree(folder, ignore_errors=True)
        resource_tracker.unregister(folder, "folder")


@lru_cache(maxsize=1)
def _mapped(file: str) -> Model:
    """The last model that another process wrote, with what it has learnt here since."""
    import joblib

    model: Model = joblib.load(file, mmap_mode="r")
    return model


def _score(file: str, texts: Sequence[str], with_context: bool) -> Judgment:
    judgment = _mapped(file).score_texts(texts)
    return judgment if with_context else replace(judgment, context=judgment.context[:, :0])


def _chunks(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """At most so many texts at once, and few behind `_MOST_CHARACTERS`: long ones take memory in small batches."""
    remaining = iter(texts)
    chunk: list[str] = []
    characters = 0
    while some := list(islice(remaining, min(_READ_AT_ONCE, size - len(chunk)))):
        chunk.extend(some)
        characters += sum(map(len, some))
        if len(chunk) == size or characters >= _MOST_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def _windows(chunks: Iterable[list[str]], size: int) -> Iterator[list[list[str]]]:
    remaining = iter(chunks)
    while window := list(islice(remaining, size)):
        yield window
