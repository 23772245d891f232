"""Where texts are parted: into pieces between white space, and long ones into sections.

Sections end where neighbors leave each other alone; then only the section of an odd place is looked at as a whole.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.model.grown import Numbers

Flags = NDArray[np.bool_]

LONG: Final = 128
"""Pieces between white space of a text that is cut."""

SHORTEST: Final = 16
"""There is at most one cut in so many pieces: so few that nearly all sections have no odd place."""

_NEAR: Final = 4  # pieces on either side of a cut that must not bear on each other: a phrase has as many words
_FAR: Final = 12  # pieces that may make up one broken word, or one account number, and a piece more


def cuts(apart: Flags, rough: Flags) -> Numbers:
    """Before which pieces a text is cut: not near two that are not `apart`, and far from where words or codes go on.

    `apart` says of each piece and the next whether they leave each other alone, `rough` whether they or what is made of
    them may go on over more pieces.

    >>> cuts(np.ones(59, dtype=np.bool_), np.zeros(59, dtype=np.bool_)).tolist()
    [12, 16, 32, 48]
    """
    places = np.arange(_FAR, len(apart) + 2 - _FAR)
    wide = np.concatenate(([0], np.cumsum(rough)))
    near = np.concatenate(([0], np.cumsum(~apart)))
    smooth = wide[places + _FAR - 1] == wide[places - _FAR]
    places = places[smooth & (near[places + _NEAR - 1] == near[places - _NEAR])]
    return np.asarray(places[np.unique(places // SHORTEST, return_index=True)[1]])


def sections_of(docs: Numbers, cut: Numbers) -> tuple[Numbers, Numbers]:
    """The section of each piece, and the piece that each section begins with; a text that is not cut is one section.

    >>> [array.tolist() for array in sections_of(np.array([0, 0, 0, 2]), np.array([1]))]
    [[0, 1, 1, 2], [0, 1, 3]]
    """
    begins = np.concatenate(([True], docs[1:] != docs[:-1]))[: len(docs)]
    begins[cut] = True
    return np.cumsum(begins) - 1, np.flatnonzero(begins)


_SPACES: Final = np.array([chr(code).isspace() for code in range(0x3002)])  # none lies higher


def pieces_of(codes: NDArray[np.uint32]) -> tuple[Numbers, Numbers]:
    """Where the pieces of a text between white space begin, and how long they are."""
    inside = ~np.concatenate(([True], _SPACES[np.minimum(codes, len(_SPACES) - 1)], [True]))
    borders = np.flatnonzero(inside[1:] != inside[:-1])
    return borders[::2], borders[1::2] - borders[::2]
