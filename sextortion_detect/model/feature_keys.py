"""What features are called, and the key that each name has."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sextortion_detect.text.arrays import Codes, Integers, Keys
from sextortion_detect.text.keys import keys_of
from sextortion_detect.text.spans import PLACEHOLDERS, cut_out

BLOCKS: Final = ("word", "character", "concept")
"""The feature spaces, in the order of their columns."""

NUMBER: Final = "<number>"

LAUGHTER: Final = "<laughter>"
"""Stands for laughter, of words or of emoji; no model learns from it, since it is added to threats as well."""

SIGNS: Final = PLACEHOLDERS | {
    name: chr(ord(max(PLACEHOLDERS.values())) + place) for place, name in enumerate((NUMBER, LAUGHTER), start=1)
}
"""The character that stands for a whole kind of words, by name: one code point after the other."""

SALTS: Final = keys_of([f"block of features: {block}" for block in BLOCKS])
"""The same string is another feature in another block."""


def keys_of_names(block: str, names: Sequence[str]) -> Keys:
    """The keys of features from their names, as a vocabulary has them.

    Words have signs as they stand in texts: nothing that a user writes has brackets.
    """
    if block == "word":
        names = [" ".join(SIGNS.get(part, part) for part in name.split(" ")) for name in names]
    return np.asarray(keys_of(names) ^ SALTS[BLOCKS.index(block)])


_SIGN_NAMES: Final = {sign: name for name, sign in SIGNS.items()}


def strings(codes: Codes, begins: Integers, lengths: Integers) -> list[str]:
    """The strings at some ranges of characters; a sign by its name."""
    return [_SIGN_NAMES.get(name, name) for name in cut_out(codes, begins, lengths)]
