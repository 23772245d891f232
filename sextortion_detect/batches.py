"""Many texts or messages, a chunk at a time, in this process or in others."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Final, TypeVar

from sextortion_detect.model.linear import Judgment, Model

Progress = Callable[[int], object]
"""Called now and then with how many messages have been scored so far."""

Chunk = TypeVar("Chunk")
"""What is scored at once."""

_CHUNK: Final = 2_000  # messages scored as one batch: large enough to be fast, small enough to stay in the cache
_CHUNK_OF_JOB: Final = 4_000  # sent to another process at once: each journey costs a millisecond or two
_CHUNKS_SENT: Final = 4  # to each process at once; as many again are ahead
_MOST_CHARACTERS: Final = 1 << 21  # of a batch
_READ_AT_ONCE: Final = 50  # texts, whose characters are counted together

_processes_of: Final[set[int]] = set()
"""Which process asked for others: one that is forked from it inherits joblib's hold on them, and would wait forever."""


def scored_chunks(
    texts: Iterable[str], model: Model, n_jobs: int | None = None, *, progress: Progress | None = None
) -> Iterator[tuple[list[str], Judgment]]:
    """Texts in chunks, in order, each with what the model says of it; `n_jobs` as in `judged_chunks`."""
    done = 0
    chunks = _chunks(texts, _CHUNK if n_jobs in (None, 1) else _CHUNK_OF_JOB)
    for chunk, judgment in judged_chunks(chunks, model.score, n_jobs):
        yield chunk, judgment
        done += len(chunk)
        if progress is not None:
            progress(done)


def judged_chunks(
    chunks: Iterable[Chunk], judge: Callable[[Chunk], Judgment], n_jobs: int | None
) -> Iterator[tuple[Chunk, Judgment]]:
    """Chunks in order, each with what is said of it; `n_jobs` has joblib's meaning.

    In this process one chunk is held at a time; with others at most 8 for each, of which some may be waited for when
    the rest is not taken. These give numbers, which travel fast; verdicts are made of them by the caller. In a process
    forked from one that used others, all is judged in that process.
    """
    if n_jobs not in (None, 1) and _processes_of <= {os.getpid()}:
        yield from _judged_elsewhere(chunks, judge, n_jobs)
    else:
        yield from ((chunk, judge(chunk)) for chunk in chunks)


def _judged_elsewhere(
    chunks: Iterable[Chunk], judge: Callable[[Chunk], Judgment], n_jobs: int | None
) -> Iterator[tuple[Chunk, Judgment]]:
    """Some chunks at a time, as many again sent ahead so that no process waits: joblib would read on without bound."""
    from joblib import Parallel, delayed, effective_n_jobs

    _processes_of.add(os.getpid())
    sent: deque[tuple[list[Chunk], Any]] = deque()
    try:
        remaining, size = iter(chunks), _CHUNKS_SENT * effective_n_jobs(n_jobs)
        while some := list(islice(remaining, size)):
            send = Parallel(n_jobs=n_jobs, return_as="generator", pre_dispatch="all", batch_size=1, mmap_mode="r")
            sent.append((some, send(delayed(judge)(chunk) for chunk in some)))
            if len(sent) > 1:
                yield from zip(*sent[0], strict=True)
                sent.popleft()
        for judged in sent:
            yield from zip(*judged, strict=True)
    finally:
        with suppress(Exception):  # an error of theirs has been raised before
            for _, judgments in sent:
                deque(judgments, maxlen=0)  # waited for: joblib would end the processes, and warn


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
