"""The fingerprint of how texts are read: a model is only as good as the reading that it was trained with.

It covers the tables of characters, the shipped lists of words, and what all steps together make of a few texts.
"""

import hashlib
from pathlib import Path
from typing import Final

import numpy as np

from sextortion_detect.model.features import read_features
from sextortion_detect.model.stretches import stretches_of, whole_texts
from sextortion_detect.text import chars, lexicon

FILES: Final = ("concepts.tsv", "lexicon.txt")
_TEXT: Final = Path(lexicon.__file__).parent

# Texts that pass through every step.
_PROBES: Final = (
    "صــورك يا ف.ض.ي.ح.ة", "حوّل ٥٠٠$ قبل ٩:٤١", "ab3atly sowarek 3al whatsapp", "https://t.co/x @user ﷺ ههههه",
    "خليها سر بيني وبينك يا قلبي باقي ساعة و الا", "albanat sa3at kulliha", "صوررررتك وصوورتي", "ابتـ ـزاز عنديصورك",
    "ٮبعٮلى صورك", "عنديصورتك صو.رك", "sаlаm صgرك", "TR00 a@b.co 1234567890 20 سنة 5 ايام 40% IBAN", "3'ali 5,000 x'y",
)  # fmt: skip


def reading_fingerprint() -> str:
    """SHA-256 over all that decides how a text is read, as 64 hexadecimal digits."""
    features = read_features(_PROBES)
    stretches = stretches_of(whole_texts(np.zeros(99, dtype=np.int64), 1))
    digest = hashlib.sha256()
    for array in (
        chars.FOLDED_CODES, chars.FOLDED_KINDS, chars.TO_LATIN, chars.TO_ARABIC, features.words.texts,
        features.words.starts, features.words.ends, features.places, features.of_word, features.word_keys,
        features.first, features.second, features.keys, stretches.begins, stretches.ends,
    ):  # fmt: skip
        digest.update(array.astype("<u8").tobytes())
    for name in FILES:
        digest.update((_TEXT / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
