"""Many texts, a batch at a time, in this process or in others."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from sextortion_detect.model.linear import Judgment, Model

Progress = Callable[[int], object]
"""Called now and then with how many messages have been scored so far."""

_CHUNK: Final = 2_000  # messages scored as one batch: large enough to be fast, small enough to stay in the cache
_CHUNK_OF_JOB: Final = 4_000  # sent to another process at once: each journey costs a millisecond or two
_CHUNKS_IN_WINDOW: Final = 4  # for each process
_MOST_CHARACTERS: Final = 1 << 21  # of a batch
_READ_AT_ONCE: Final = 50  # even, as the chunks are: of a chat two texts a message are read

_processes_of: Final[set[int]] = set()
"""Which process asked for others: one that is forked from it inherits joblib's hold on them, and would wait forever."""


def scored_chunks(
    texts: Iterable[str],
    model: Model,
    n_jobs: int | None = None,
    *,
    with_context: bool = False,
    progress: Progress | None = None,
) -> Iterator[tuple[list[str], Judgment]]:
    """Texts in chunks, in order, each with what the model says of it; `n_jobs` has joblib's meaning.

    One chunk is read ahead; with other processes at most 32,000 texts for each, of which some may be waited for when
    the rest is not taken. These give numbers, which travel fast; verdicts are made of them by the caller. In a process
    forked from one that used others, all is scored in that process.
    """
    if n_jobs not in (None, 1) and _processes_of <= {os.getpid()}:
        scored = _scored_elsewhere(texts, model, n_jobs, with_context)
    else:
        scored = ((chunk, model.score(chunk, with_context=with_context)) for chunk in _chunks(texts, _CHUNK))
    done = 0
    for chunk, judgment in scored:
        yield chunk, judgment
        done += len(chunk)
        if progress is not None:
            progress(done)


def _scored_elsewhere(
    texts: Iterable[str], model: Model, n_jobs: int | None, with_context: bool
) -> Iterator[tuple[list[str], Judgment]]:
    """A window of chunks at a time, one sent ahead so that no process waits: joblib would read on without bound."""
    from joblib import Parallel, delayed, effective_n_jobs

    _processes_of.add(os.getpid())
    sent: deque[tuple[list[list[str]], Any]] = deque()
    try:
        chunks, size = _chunks(texts, _CHUNK_OF_JOB), _CHUNKS_IN_WINDOW * effective_n_jobs(n_jobs)
        while window := list(islice(chunks, size)):
            send = Parallel(n_jobs=n_jobs, return_as="generator", pre_dispatch="all", batch_size=1, mmap_mode="r")
            sent.append((window, send(delayed(model.score)(chunk, with_context=with_context) for chunk in window)))
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
