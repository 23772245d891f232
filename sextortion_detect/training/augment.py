"""Disguised copies of training texts, so that a model learns what writers do to dodge filters.

Attacks that the normalizer undoes by itself need no copies; those that a reader notices or that lose information do.
Ordinary traffic is copied too: otherwise the disguise itself would speak for an offense.
"""

import random
from collections.abc import Sequence
from typing import Final

from sextortion_detect.training.attacks import ATTACKS, Strength

_LEARNED: Final = tuple(attack for attack in ATTACKS.values() if attack.strength is not Strength.UNSEEN)
_OFTEN: Final[dict[str, float]] = {
    "dropped letters": 40.0, "arabizi rewriting": 40.0, "swapped letters": 40.0, "glued words": 25.0,
    "spaces between letters": 8.0, "words split in two": 4.0, "dots in words": 4.0,
    "dashes and underscores in words": 4.0, "added greeting": 3.0, "dotless letters": 3.0, "homographs": 0.3,
    "broken lines": 0.3, "added laughter": 0.3,
}  # fmt: skip
"""How much more often than others an attack is copied: those that the normalizer can undo least, and less than those
that it undoes all but wholly."""
_ODDS: Final = tuple(_OFTEN.get(attack.name, 1.0) for attack in _LEARNED)


def disguised_copies(texts: Sequence[str], share: float, seed: int) -> tuple[list[str], list[int]]:
    """Copies of about that share of the texts (may be over 1), each under one attack, and whose copy each is.

    >>> copies, of = disguised_copies(["معي صورك كلها"] * 4, 0.5, seed=1)
    >>> len(copies) == len(of) <= 4
    True
    """
    copies: list[str] = []
    of: list[int] = []
    for place, text in enumerate(texts):
        rng = random.Random(f"{seed}:{place}")
        for _ in range(int(share) + (rng.random() < share % 1)):
            (attack,) = rng.choices(_LEARNED, _ODDS)
            copy = attack.disguise(text, rng)
            if copy != text:
                copies.append(copy)
                of.append(place)
    return copies, of
