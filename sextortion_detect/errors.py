"""What can go wrong, as one small family, so that a caller can catch it with one name.

```
DetectError
├── InputError (also a ValueError)     something handed in cannot be used
│   ├── OutputError                    a file, or standard output, that cannot be written
│   ├── UnknownExport                  a file that no reader recognizes
│   └── CorpusError                    a row of a training corpus breaks the guide
└── ModelError                         a model folder cannot be used
    ├── ModelMissing                   there is none at that place
    └── ModelMismatch                  it is damaged, altered or of another format
```

Each carries one sentence that says what to do, and never the text of a message.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real


def shown(value: object) -> str:
    """What an error may say of a value: a number as it is, of anything else its type alone, as it may be a message.

    >>> shown(1.5), shown("صباح الخير")
    ('1.5', 'a str')
    """
    return repr(value) if isinstance(value, Real) else f"a {type(value).__name__}"


class DetectError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(DetectError, ValueError):
    """Something handed in cannot be used as it is."""


class OutputError(InputError):
    """A place that nothing can be written to, or that must not be: something is read from it, or it is not ours."""


class UnknownExport(InputError):
    """A file that no chat reader recognizes."""


class CorpusError(InputError):
    """A row of a training corpus that breaks the annotation guide."""


class ModelError(DetectError):
    """A model folder that cannot be used."""


class ModelMissing(ModelError):
    """There is no model where one was looked for."""


class ModelMismatch(ModelError):
    """A model file that is damaged, altered, or written for another version."""


@contextmanager
def needing(asked: str, extra: str) -> Iterator[None]:
    """Make an `InputError` with what to install of a library that is missing, and that brings an extra."""
    try:
        yield
    except ImportError as error:
        library = (error.name or "a library").partition(".")[0]
        sentence = f"{asked} {library}, which is not installed; run: pip install 'sextortion-detect[{extra}]'"
        raise InputError(sentence) from None
