"""Characters and words of many texts in one row of arrays, each with where it stands."""

from typing import Final, NamedTuple

import numpy as np

from sextortion_detect.text.arrays import Codes, Flags, Integers, Kinds
from sextortion_detect.text.placeholders import NAMES

PLACEHOLDERS: Final = {name: chr(0xE000 + place) for place, name in enumerate(NAMES)}
"""The character that stands for a placeholder, by its name: of Unicode's private use, which no text keeps."""

_NAMES: Final = {character: name for name, character in PLACEHOLDERS.items()}


class Characters(NamedTuple):
    """Folded characters with the half-open range of the raw ones that each comes from."""

    codes: Codes
    kinds: Kinds
    starts: Integers
    ends: Integers

    def at(self, places: Integers | Flags | slice) -> "Characters":
        """Those at some places."""
        return Characters(self.codes[places], self.kinds[places], self.starts[places], self.ends[places])


class Words(NamedTuple):
    """The words of some texts, in the order in which they stand.

    Word i is `codes[begins[i] : begins[i] + lengths[i]]`; it stands in text `texts[i]`, in the half-open range
    `starts[i]` to `ends[i]`, and `scripts[i]` has the bits `IS_ARABIC`, `IS_LATIN`, `IS_DIGIT` or `IS_PLACEHOLDER` of
    `chars`, none for marks. `code_starts` and `code_ends` give the range of each character in the texts written one
    behind the other, where each text begins at one of `text_starts`.
    """

    codes: Codes
    code_starts: Integers
    code_ends: Integers
    begins: Integers
    lengths: Integers
    texts: Integers
    scripts: Kinds
    text_starts: Integers

    @property
    def starts(self) -> Integers:
        """Where each word begins in its text."""
        return np.asarray(self.code_starts[self.begins] - self.text_starts[self.texts])

    @property
    def ends(self) -> Integers:
        """Where each word ends in its text (exclusive)."""
        return np.asarray(self.code_ends[self.begins + self.lengths - 1] - self.text_starts[self.texts])

    def by_text(self) -> list[list[str]]:
        """The words of each text, as `strings` gives them."""
        strings, ends = self.strings(), np.bincount(self.texts, minlength=len(self.text_starts)).cumsum().tolist()
        return [strings[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]

    def strings(self) -> list[str]:
        """Each word as a string, a placeholder by its name."""
        return [_NAMES.get(word, word) for word in cut_out(self.codes, self.begins, self.lengths)]


def decoded(codes: Codes) -> str:
    """Code points as a string."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def cut_out(codes: Codes, begins: Integers, lengths: Integers) -> list[str]:
    """The strings at some ranges of code points."""
    text, ends = decoded(codes), (begins + lengths).tolist()
    return [text[begin:end] for begin, end in zip(begins.tolist(), ends, strict=True)]
