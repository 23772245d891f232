"""The fingerprint of the text stages: a model is only as good as the reading that it was trained with.

It covers every table of the text floor, the words and concepts that lie beside them, and what all stages together make
of a few probes. Tables of the code count by their values, so that a new name for one changes nothing.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sextortion_detect.model import features
from sextortion_detect.text import (
    arabizi,
    chars,
    concepts,
    dots,
    fold,
    homographs,
    join,
    latin,
    laughter,
    lexicon,
    normalize,
    placeholders,
    repair,
    tokens,
)

MODULES: Final = (
    arabizi, chars, concepts, dots, features, fold, homographs, join, latin, laughter, lexicon, normalize, placeholders,
    repair, tokens,
)  # fmt: skip
_TEXT: Final = Path(lexicon.__file__).parent
FILES: Final = ("concepts.tsv", "lexicon.txt")

# Texts that pass through every stage before the weights: folds, joins, placeholders, arabizi, concepts. Mending
# and dots are left to their tables: their lists of words would make every start half as long again.
_PROBES: Final = (
    "صــورك يا ف.ض.ي.ح.ة",
    "حوّل ٥٠٠$ قبل ٩:٤١",
    "ab3atly sowarek 3al whatsapp",
    "https://t.co/x @user ﷺ ههههه",
    "خليها سر بيني وبينك يا قلبي باقي ساعة و الا",
    "albanat sa3at kulliha",
)


def stages_fingerprint() -> str:
    """SHA-256 over all that decides how a text is read, as 64 hexadecimal digits."""
    probed = [
        [name for extract in features.BLOCKS.values() for name, _ in extract(features.read_words(probe))]
        for probe in _PROBES
    ]
    digest = hashlib.sha256(json.dumps([sorted(map(_plain_json, _tables(module))) for module in MODULES]).encode())
    digest.update(json.dumps(probed).encode())
    for name in FILES:
        digest.update((_TEXT / name).read_text(encoding="utf-8").encode())
    return digest.hexdigest()


def _tables(module: ModuleType) -> Iterator[Any]:
    """The constants of a module that are tables, numbers, texts or patterns."""
    for name, value in vars(module).items():
        if name.isupper() and isinstance(value, (str, int, float, tuple, frozenset, dict, re.Pattern)):
            yield value


def _plain_json(value: Any) -> str:
    return json.dumps(_plain(value))


def _plain(value: Any) -> Any:
    """A table as JSON types in a fixed order; functions, which the probes stand for, by their names."""
    if isinstance(value, dict):
        return sorted([json.dumps(_plain(key)), _plain(content)] for key, content in value.items())
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, tuple):
        return list(map(_plain, value))
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    return value if isinstance(value, (str, int, float)) else getattr(value, "__name__", type(value).__name__)
