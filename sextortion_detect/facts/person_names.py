"""A person's name as others write it: in parts, with clitics, stretched or spaced, in Arabic and in Latin letters.

Texts and names are read by the normalization of the detector, each doubled letter once, so that stretched, dotted and
look-alike spellings are one; a sign within a word stands for nothing, or for a letter. Dots left out make a name of
what is no other word. Nicknames that are another word than the name are not known.

>>> [bool(re.fullmatch(any_spelling("ساره"), word)) for word in ("ساره", "سارتي", "sara", "sarah", "سر")]
[True, True, True, True, False]
"""

import re
from itertools import pairwise
from typing import Final

from sextortion_detect.facts.extract import Folded
from sextortion_detect.text import lexicon
from sextortion_detect.text.keys import keys_of
from sextortion_detect.text.words import read_words
from sextortion_detect.wording import rows_of

_LATIN: Final = {row["letter"]: row["latin"] for row in rows_of("name_letters.tsv", "sextortion_detect.facts")}
"""How each Arabic letter is written in Latin letters and arabizi; a doubled letter stands once."""

_CONSONANTS: Final = {
    sound: "".join(letter for letter, latin in _LATIN.items() if sound in latin.split("|"))
    for sound in re.findall(r"(?<![^|])[a-z\d]+(?![^|])", "|".join(_LATIN.values()))
}
"""Latin consonants, each with the Arabic letters that it may be."""

_SOUND: Final = re.compile(
    "|".join(["[aeiou]+h?$", *sorted(_CONSONANTS, key=len, reverse=True), "[aeiou][aeiouy]*", r"\d"])
)
_ANY_LETTER: Final = "\N{RUNIC LETTER X}"  # stands for a sign within a word, which may stand for a letter
_LETTER: Final = rf"[^\W{_ANY_LETTER}]"
_SIGNS: Final = re.compile(r"(?<=[^\W\d])[*#$@+=~|^•●×\u2600-\u27bf\U0001f000-\U0001fbff\ufe0f\u200d]+(?=[^\W\d])")
_SHORT: Final = "[aeiou]{0,2}"  # vowels that Arabic does not write

_CLITICS: Final = "[وف]??(?:يا|ا?بو|لل|[بلكع])??"
"""And, so; oh; by, for, like, at: written in one word with the name after them."""

_ARTICLE: Final = "(?:ال ?|[aeiou][lnrstdz]?h? ?)"
_LEAST_LETTERS: Final = 3  # of a part of a name: shorter ones are mostly particles
_TITLES: Final = {"حاج", "الحاج", "شيخ", "الشيخ", "دكتور", "استاذ", "the", "and"}
_SERVANT: Final = {"عبد", "abd"}
_FIRST_HALVES: Final = {
    "ابو", "ام", "ابن", "بنت", "بو", "بن", "ال", "abu", "abou", "um", "om", "ibn", "bin", "ben", "al", "el",
}  # fmt: skip
_SECOND_HALVES: Final = {"الدين", "اله", "الاسلام"}
_SERVANT_OF: Final = re.compile(r"3?abd[aeiou]l?(\w{4,})")
_WITH_OR_WITHOUT_DOTS: Final = str.maketrans(
    {one: f"[{one}{other}]" for one, other in zip("تثخجذزشضظغ", "بتححدرسصطع", strict=True)}
)


def read_names(text: str) -> Folded:
    """A text as names are looked for in it: its words, with one space between them."""
    words = read_words([_SIGNS.sub(lambda signs: _ANY_LETTER * len(signs[0]), text)])
    letters, starts, ends = list[str](), list[int](), list[int]()
    code_starts, code_ends = words.code_starts.tolist(), words.code_ends.tolist()
    for word, begin in zip(words.strings(), words.begins.tolist(), strict=True):
        for place, letter in enumerate(word, begin):
            if letters and letter == letters[-1] and not letter.isdigit():
                ends[-1] = code_ends[place]
            else:
                letters.append(letter)
                starts.append(code_starts[place])
                ends.append(code_ends[place])
        letters.append(" ")
        starts.append(ends[-1])
        ends.append(ends[-1])
    return Folded("".join(letters), starts, ends)


def parts_of(name: str) -> list[str]:
    """A name as a whole, and the parts that somebody may be called by, in folded letters."""
    words = read_names(name).text.split()
    halves = _FIRST_HALVES | _SERVANT
    joined = [f"{one} {two}" for one, two in pairwise(words) if one in halves or two in _SECOND_HALVES]
    no_names = _TITLES | halves | _SECOND_HALVES | {two for one, two in pairwise(words) if one in _SERVANT}
    single = [word for word in words if len(re.findall(r"[^\W\d_]", word)) >= _LEAST_LETTERS and word not in no_names]
    whole = [" ".join(words)] if re.search(r"[^\W\d_]", "".join(words)) else []
    return list(dict.fromkeys([*whole, *joined, *single]))


def any_spelling(part: str, *, dots: bool = True) -> str:
    """A pattern for a part of a name in any spelling, of text as `read_names` gives it.

    Without `dots` it takes letters that lack theirs too, and so may match another word (see `is_word`).
    """
    pattern = f"[ {_ANY_LETTER}]?".join(map(_spelling, part.split()))
    return pattern if dots else pattern.translate(_WITH_OR_WITHOUT_DOTS)


def one_of(named: dict[str, str]) -> re.Pattern[str]:
    """A pattern with a group of each name: the patterns of parts by the names of their groups."""
    anyone = "|".join(f"(?P<{group}>(?:ال)?{pattern})" for group, pattern in named.items()) or "(?!)"
    return re.compile(rf"(?<!{_LETTER}){_CLITICS}(?:{anyone})(?!{_LETTER})")


def is_everyday_word(word: str) -> bool:
    """Whether a folded word is so common that it is one, and not a name in the spelling of another alphabet."""
    core = word.removeprefix("ال")
    ranks = lexicon.ranks(keys_of([word, core]))
    return bool(((ranks >= 0) & (ranks < _EVERYDAY_WORDS)).any()) and core not in _NAMES_AND_WORDS


def is_word(word: str) -> bool:
    """Whether folded words are all listed: what looks like a name without its dots is then none."""
    return bool((lexicon.ranks(keys_of(word.split())) >= 0).all())


_EVERYDAY_WORDS: Final = 430  # of the lexicon; behind these come the first names
_NAMES_AND_WORDS: Final = {"علي", "مني"}


def _spelling(word: str) -> str:
    if servant := _SERVANT_OF.fullmatch(word):
        return f"{_spelling('عبد')} ?{_ARTICLE}{_of_latin(servant[1])}"
    if word.isascii() and re.search("[a-z]", word):
        return _of_latin(word)
    if not re.fullmatch("[\u0621-\u064a]+", word):
        return re.escape(word)
    article, core = (f"{_ARTICLE}?", word[2:]) if word.startswith("ال") and len(word) > 4 else ("", word)
    is_long = len(core) > _LEAST_LETTERS
    letters = ["|".join([letter, _LATIN.get(letter, letter), *_ANY_LETTER[:at]]) for at, letter in enumerate(core[:-1])]
    letters = [f"(?:{one}){'?' * (core[at - 1 : at + 1] == 'عا')}" for at, one in enumerate(letters)]
    for place in {0, core.find("ال", 1)} & {at for at, letter in enumerate(core[:-1]) if letter == "ا"}:
        of_any_vowel = letters[place].replace("ae", "aeiou")  # Osama, Abdullah
        letters[place] = of_any_vowel + "?" * (word in _FIRST_HALVES)
    last = _LAST.get(core[-1]) or f"(?:{core[-1]}|{_LATIN.get(core[-1], core[-1])})(?:{'ي|نا|ك|و|' * is_long}e)?"
    return article + f"[{_ANY_LETTER}{' ' * is_long}]?{_SHORT}".join([*letters, last])


_OF_FEMININE: Final = "(?:[ها]|ت(?:ي|ك|نا|ها?|[هك]م|و)?|[ae][ht]?|h)"
_LAST: Final = {"ه": _OF_FEMININE, "ا": _OF_FEMININE, "ي": "(?:[يا]|[aei]?y|[iea])"}


_WRITTEN_FOR: Final = {"a": "aeاع", "e": "aeiyاي", "i": "eiyي", "y": "aeiyي", "o": "ouو", "u": "ouو"}
"""How each Latin vowel inside a name may be written otherwise, in either alphabet."""


def _of_latin(word: str) -> str:
    """Vowels inside may be left out in Arabic, unless hardly anything else is there."""
    sounds = _SOUND.findall(word)
    ends = (sounds[0] not in _CONSONANTS) + (sounds[-1] not in _CONSONANTS)
    least = int(sum(sound in _CONSONANTS for sound in sounds) + ends < 3)
    spelled = list[str]()
    for place, sound in enumerate(sounds):
        if sound in _CONSONANTS:
            digits = re.findall(r"\d", "".join(_LATIN[letter] for letter in _CONSONANTS[sound]))
            spelled.append(f"(?:{'|'.join([sound, *_CONSONANTS[sound], *digits, *_ANY_LETTER[:place]])})")
        elif sound.isdigit():
            spelled.append(sound)
        elif not place:
            spelled.append("(?:[aeiou]{1,2}|[اع][وي]?)")
        elif place == len(sounds) - 1:
            spelled.append(f"(?:[ae][ht]?|[aeiouy]{{1,3}}|{'[يو]?' * (len(sound) > 1)}[اهيو]ء?)" + "?" * (sound == "e"))
        else:
            spelled.append(f"[{''.join(_WRITTEN_FOR[vowel] for vowel in sound)}]{{{least},2}}")
    return f"{_ANY_LETTER}?".join(spelled)
