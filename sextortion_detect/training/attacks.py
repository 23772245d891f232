"""Ways in which writers dodge filters, each a seeded function from a message to the message disguised.

Invisible and orthographic attacks change every word: a reader sees the same text. Attacks that a reader notices change
about one word in two, attacks that lose information about one in three: as people write who want to be understood.

>>> import random
>>> ATTACKS["tatweel"].disguise("صورك عندي", random.Random(1)).replace("\N{ARABIC TATWEEL}", "")
'صورك عندي'
"""

import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Final, NamedTuple

from sextortion_detect.training.recipe import Recipe

Disguise = Callable[[str, random.Random], str]

_ARABIC: Final = re.compile(r"[\u0621-\u064aگچپڤ]+")
_FEWEST_LETTERS: Final = 3  # shorter words are not worth an offender's trouble, and would no longer be read


class Strength(StrEnum):
    """How much an attack may cost: what a reader does not see, what a reader notices, what loses information."""

    UNSEEN = "unseen"
    NOTICED = "noticed"
    LOSSY = "lossy"


class Attack(NamedTuple):
    """A named disguise, how strong it is, and how much oftener than others a text is copied under it.

    Copied most are those that the normalizer can undo least; less, those that it undoes all but wholly; never, those
    that no reader sees.
    """

    name: str
    strength: Strength
    disguise: Disguise
    often: float = 1.0


def attack_all(attack: Attack, texts: Sequence[str], seed: int) -> list[str]:
    """Each text disguised; the same seed always gives the same texts."""
    return [attack.disguise(text, random.Random(f"{seed}:{attack.name}:{place}")) for place, text in enumerate(texts)]


def _changing_words(change: Disguise, share: float, fewest: int, letter: str = r"[^\W\d_]") -> Disguise:
    """Change a share of the words of so many letters or more."""
    words = re.compile(f"{letter}{{{fewest},}}")

    def disguise(text: str, rng: random.Random) -> str:
        return words.sub(lambda word: change(word[0], rng) if rng.random() < share else word[0], text)

    return disguise


def _between(marks: Sequence[str], share: float = 1.0, gap_share: float = 1.0) -> Disguise:
    """Put one of the marks between the letters of a share of words, in a share of the gaps (at least in one)."""

    def widen(word: str, rng: random.Random) -> str:
        always = rng.randrange(1, len(word))
        gaps = [rng.choice(marks) if at == always or rng.random() < gap_share else "" for at in range(1, len(word))]
        return word[0] + "".join(gap + letter for gap, letter in zip(gaps, word[1:], strict=True))

    return _changing_words(widen, share, _FEWEST_LETTERS)


def _replacing(table: Mapping[str, Sequence[str]], share: float = 1.0) -> Disguise:
    """Replace letters of a share of words by one of their look-alikes."""

    def swap(word: str, rng: random.Random) -> str:
        return "".join(rng.choice(table[letter]) if letter in table else letter for letter in word)

    return _changing_words(swap, share, 1, r"\S")


def _cutting(first: int, last: int, change: Callable[[str, str, random.Random], str]) -> Disguise:
    """Cut a word in two, `first` letters or more from its beginning and `last` from its end, and put it together."""

    def disguise(word: str, rng: random.Random) -> str:
        place = rng.randrange(first, len(word) + 1 - last)
        return change(word[:place], word[place:], rng)

    return disguise


_STRETCH: Final = _cutting(0, 1, lambda before, after, rng: before + after[0] * rng.randint(3, 7) + after[1:])
_SWAP: Final = _cutting(1, 2, lambda before, after, _: before + after[1] + after[0] + after[2:])
_DROP: Final = _cutting(1, 1, lambda before, after, _: before + after[1:])
_DOUBLE: Final = _cutting(0, 1, lambda before, after, _: before + after[0] + after)
_SPLIT: Final = _cutting(2, 2, lambda before, after, _: f"{before} {after}")
_BREAK: Final = _cutting(1, 1, lambda before, after, _: f"{before}\N{ARABIC TATWEEL} \N{ARABIC TATWEEL}{after}")


def _glue(text: str, rng: random.Random) -> str:
    return re.sub(r"(?<=[^\W\d_]{2}) (?=[^\W\d_]{2})", lambda match: "" if rng.random() < 0.5 else match.group(), text)


def _shape(letter: str) -> str:
    """An Arabic letter as a fixed initial or isolated shape, as old programs store them."""
    name = unicodedata.name(letter, "")
    for shape in ("INITIAL", "ISOLATED"):
        with suppress(KeyError):
            return unicodedata.lookup(f"{name} {shape} FORM")
    return letter


def _greet(text: str, rng: random.Random) -> str:
    return f"{rng.choice(('السلام عليكم ورحمة الله', 'صباح الخير كيف حالك', 'يعطيك العافية', 'هلا والله'))} {text}"


def _laugh(text: str, rng: random.Random) -> str:
    return f"{text} {rng.choice(('ههههههه', '😂😂😂', 'هههه 🤣', 'خخخخخ'))}"


def _spacing(gaps: Sequence[str]) -> Disguise:
    """Put one of the gaps in place of each space."""
    return lambda text, rng: re.sub(" ", lambda _: rng.choice(gaps), text)


_LATIN: Final = "a b t th j 7 5 d th r z s sh s d 6 z 3 gh f 9 k l m n h o i 2 a e a a a o 2 g ch b v"
_TO_LATIN: Final = dict(zip("ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآةىؤئگچپڤ", _LATIN.split(), strict=True))


def _to_arabizi(text: str, rng: random.Random) -> str:
    """Latin letters for Arabic ones, with a vowel where two consonants meet, as most people would write."""

    def spell(match: re.Match[str]) -> str:
        word = match.group()
        letters: list[str] = []
        for place, letter in enumerate(word):
            latin = _TO_LATIN.get(letter, "")
            if place and latin and latin not in "aoie" and letters and letters[-1][-1:] not in tuple("aoie"):
                letters.append(rng.choice("aaei") if place < len(word) - 1 else rng.choice(("a", "e", "")))
            if latin:
                letters.append("e" if letter == "ي" and rng.random() < 0.2 else latin)
        return "".join(letters)

    return _ARABIC.sub(spell, re.sub(r"[\u064b-\u0652\u0670\u0640]", "", text))


_HAMZAS: Final = {
    "أ": "اإآٱ", "إ": "اأ", "آ": "اأ", "ا": "أإاا", "ؤ": "و", "ئ": "ي", "ة": "ه", "ه": "هة", "ى": "ي", "ي": "يى",
}  # fmt: skip
_PERSIAN: Final = {"ي": "ی", "ك": "ک", "ه": "ھہ", "ى": "ی", "ة": "ۃ", "ف": "ڤ", "ب": "پ", "و": "ۆ", "ر": "ڕ", "ل": "ڵ"}
_DOTLESS: Final = {
    "ب": "ٮ", "ت": "ٮ", "ث": "ٮ", "ن": "ں", "ي": "ى", "ف": "ڡ", "ق": "ٯ", "خ": "ح", "ج": "ح", "ذ": "د", "ز": "ر",
    "ش": "س", "ض": "ص", "ظ": "ط", "غ": "ع", "ة": "ه",
}  # fmt: skip
_HOMOGRAPHS: Final = {  # Latin, Greek and Cyrillic letters that pass for Arabic or Latin ones
    "ا": ("l", "\N{GREEK SMALL LETTER IOTA}"), "ه": ("o", "\N{CYRILLIC SMALL LETTER O}"), "و": "g",
    "a": "\N{CYRILLIC SMALL LETTER A}\N{GREEK SMALL LETTER ALPHA}", "e": "\N{CYRILLIC SMALL LETTER IE}",
    "o": "\N{CYRILLIC SMALL LETTER O}\N{GREEK SMALL LETTER OMICRON}", "c": "\N{CYRILLIC SMALL LETTER ES}",
    "p": "\N{CYRILLIC SMALL LETTER ER}", "x": "\N{CYRILLIC SMALL LETTER HA}", "y": "\N{CYRILLIC SMALL LETTER U}",
    "i": "\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}", "s": "\N{CYRILLIC SMALL LETTER DZE}",
    "v": "\N{GREEK SMALL LETTER NU}", "k": "\N{GREEK SMALL LETTER KAPPA}",
}  # fmt: skip
_QURANIC: Final = "\u06d6\u06d7\u06da\u06dc\u06e1\u06e2\u0670\u0653"

_ALL: Final = (
    Attack("tatweel", Strength.UNSEEN, _between("\N{ARABIC TATWEEL}", gap_share=0.6)),
    Attack("vowel marks", Strength.UNSEEN, _between("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652")),
    Attack("Quranic marks", Strength.UNSEEN, _between(_QURANIC, gap_share=0.5)),
    Attack("zero-width characters", Strength.UNSEEN, _between("\u200b\u200c\u200d\u2060\ufeff")),
    Attack("bidi controls", Strength.UNSEEN, _between("\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2069")),
    Attack("variation selectors", Strength.UNSEEN, _between("\ufe00\ufe0e\ufe0f\U000e0101", gap_share=0.5)),
    Attack("presentation forms", Strength.UNSEEN, lambda text, _: "".join(map(_shape, text))),
    Attack("Persian and Urdu letters", Strength.UNSEEN, _replacing(_PERSIAN)),
    Attack("hamza, teh marbuta and yeh swaps", Strength.UNSEEN, _replacing(_HAMZAS)),
    Attack("stretched letters", Strength.UNSEEN, _changing_words(_STRETCH, 1.0, 2)),
    Attack("Arabic-Indic digits", Strength.UNSEEN, _replacing(dict(zip("0123456789", "٠١٢٣٤٥٦٧٨٩", strict=True)))),
    Attack("Persian digits", Strength.UNSEEN, _replacing(dict(zip("0123456789", "۰۱۲۳۴۵۶۷۸۹", strict=True)))),
    Attack("broken with tatweel", Strength.UNSEEN, _changing_words(_BREAK, 0.5, 4)),
    Attack("dots in words", Strength.NOTICED, _between(".", share=0.5), often=4),
    Attack("dashes and underscores in words", Strength.NOTICED, _between("-_", share=0.5), often=4),
    Attack("spaces between letters", Strength.NOTICED, _between(" ", share=0.5), often=8),
    Attack("one mark in words", Strength.NOTICED, _between(".-_*/~", share=0.5, gap_share=0.0)),
    Attack("emoji in words", Strength.NOTICED, _between("😂❤🔥📸💰👻😈", share=0.5, gap_share=0.0)),
    Attack("dotless letters", Strength.NOTICED, _replacing(_DOTLESS), often=3),
    Attack("homographs", Strength.NOTICED, _replacing(_HOMOGRAPHS, share=0.5), often=0.3),
    Attack("doubled letters", Strength.NOTICED, _changing_words(_DOUBLE, 0.5, 3)),
    Attack("broken lines", Strength.NOTICED, _spacing(("\n", " ", " \n")), often=0.3),
    Attack("marks between words", Strength.NOTICED, _spacing((" ", " . ", " ، ", " ... ", "/", " - "))),
    Attack("added greeting", Strength.NOTICED, _greet, often=3),
    Attack("added laughter", Strength.NOTICED, _laugh, often=0.3),
    Attack("words split in two", Strength.LOSSY, _changing_words(_SPLIT, 1 / 3, 5), often=4),
    Attack("swapped letters", Strength.LOSSY, _changing_words(_SWAP, 1 / 3, 4), often=40),
    Attack("dropped letters", Strength.LOSSY, _changing_words(_DROP, 1 / 3, 4), often=40),
    Attack("glued words", Strength.LOSSY, _glue, often=25),
    Attack("arabizi rewriting", Strength.LOSSY, _to_arabizi, often=40),
)
ATTACKS: Final = {attack.name: attack for attack in _ALL}
"""All of them by name, weakest first."""

_LEARNED: Final = tuple(attack for attack in _ALL if attack.strength is not Strength.UNSEEN)


def disguised_copies(texts: Sequence[str], share: float, seed: int) -> tuple[list[str], list[int]]:
    """Copies of about that share of the texts (may be over 1), each under one attack, and whose copy each is.

    Fitted on, they teach a model what writers do to dodge filters. Attacks that reading undoes by itself need no
    copies; those that a reader notices or that lose information do. Ordinary traffic is copied too: otherwise the
    disguise itself would speak for an offense.

    >>> copies, of = disguised_copies(["معي صورك كلها"] * 4, 0.5, seed=1)
    >>> len(copies) == len(of) <= 4
    True
    """
    copies: list[str] = []
    of: list[int] = []
    for place, text in enumerate(texts):
        rng = random.Random(f"{seed}:{place}")
        for _ in range(int(share) + (rng.random() < share % 1)):
            (attack,) = rng.choices(_LEARNED, [one.often for one in _LEARNED])
            copy = attack.disguise(text, rng)
            if copy != text:
                copies.append(copy)
                of.append(place)
    return copies, of


def padded(texts: Sequence[str], ordinary: Sequence[str], words: int, seed: int) -> list[str]:
    """Texts with so many ordinary words in a row beside them: in turn before, behind, and on both sides.

    >>> padded(["x"] * 3, ["هلا " * 30], 2, seed=1)
    ['هلا هلا x', 'x هلا هلا', 'هلا x هلا']
    """
    chance = random.Random(seed)
    all_words = [word for text in ordinary for word in text.split()]
    beside = []
    for place, text in enumerate(texts):
        begin = chance.randrange(max(len(all_words) - words, 1))
        pad = all_words[begin : begin + words]
        before = (words, 0, words // 2)[place % 3]
        beside.append(" ".join([*pad[:before], text, *pad[before:]]))
    return beside


def copies_of(texts: Sequence[str], ordinary: Sequence[str], recipe: Recipe) -> tuple[list[str], list[int]]:
    """Disguised copies of texts, copies with ordinary words beside them, and whose copy each is."""
    copies, copied = disguised_copies(texts, recipe.written_copies, recipe.seed)
    for turn in range(round(recipe.padded_copies) if ordinary else 0):
        for place, words in enumerate(_WORDS_BESIDE):
            some = range((place + turn) % len(_WORDS_BESIDE), len(texts), len(_WORDS_BESIDE))
            copies += padded([texts[of] for of in some], ordinary, words, recipe.seed + turn)
            copied += some
    return copies, copied


_WORDS_BESIDE: Final = (3, 7, 12, 25)
