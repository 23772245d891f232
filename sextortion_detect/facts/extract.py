"""What a text says that leads to somebody, or that a report to the police asks for: numbers, accounts, sums, deadlines.

The text is folded first, and what writers do to hide a number or an address is undone: digits of any script or in
words, signs between them, (at) and (dot). Links and addresses are then found by linkify-it, numbers by the rules of
each Arab country (phonenumbers) and of banks (python-stdnum), and the rest by the patterns of `fact_patterns.tsv` with
the words of `fact_words.tsv`: one after the other, each in what those before have left. What is searched for is wider
than the placeholders that the model learns from (`text.placeholders`).

>>> [(fact.kind, fact.value) for fact in find_facts("رقمي ٠٥٥/١٢٣/٤٥٦٧ والسعر ٥٠٠٠ ريال")]
[('phone', '055/123/4567'), ('sum', '5000 ريال')]
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sextortion_detect.text import chars
from sextortion_detect.wording import rows_of

if TYPE_CHECKING:
    from linkify_it import LinkifyIt

KINDS: Final = (
    "sum", "deadline", "payment", "date", "phone", "iban", "card", "wallet", "number", "account", "link", "email",
    "app",
)  # fmt: skip
"""In the order in which they are listed."""

WEAK: Final = ("when", "few")
"""Any time, and a number without its thousands: only a conversation tells whether it is a deadline, or a sum."""

LEADS: Final = frozenset(("phone", "iban", "card", "wallet", "number", "account", "link", "email"))
"""The kinds that lead to somebody."""

PHONE_TAIL: Final = 8
"""Digits by which a number with and without its country code is the same."""

_ARAB_COUNTRIES: Final = (
    "SA", "AE", "KW", "QA", "BH", "OM", "YE", "IQ", "JO", "LB", "PS", "SY", "EG", "SD", "LY", "TN", "DZ", "MA", "MR",
    "SO", "DJ", "KM",
)  # fmt: skip


class Fact(NamedTuple):
    """What is found: one of `KINDS`, its half-open range in the text, its folded text, and that to show for it."""

    kind: str
    start: int
    end: int
    value: str
    shown: str

    def __repr__(self) -> str:
        return f"Fact({self.kind}, {self.start} to {self.end})"

    @property
    def identity(self) -> str:
        """What it has in common with other spellings: the last digits of a number, a name without @, the app itself."""
        digits = "".join(filter(str.isdigit, self.value))
        is_number = self.kind in ("phone", "number") or (self.kind in LEADS and not re.search(r"[^\W\d]", self.value))
        return digits[-PHONE_TAIL:] if is_number and digits else _APPS.get(self.value) or self.value.strip("@ ")


class Folded(NamedTuple):
    """A text with its letters, digits and signs folded, and the half-open range that each character comes from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def _folded_sign(character: str) -> str:
    """What a character becomes: as in `chars`, save that signs stay, in their plain form."""
    becomes = chars.fold_character(character)
    if becomes != chars.SEPARATOR:
        return becomes
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


_FOLDED: Final = {chr(code): _folded_sign(chr(code)) for code in (*range(0x80), *range(0x600, 0x700))}
"""The characters of most texts, folded once."""


def fold_signs(text: str) -> Folded:
    """The text with its letters and digits folded and its signs as they are."""
    folded = {one: _FOLDED[one] if one in _FOLDED else _folded_sign(one) for one in set(text)}
    parts = [folded[character] for character in text]
    if {*map(len, folded.values())} <= {1}:  # as nearly always
        return Folded("".join(parts), range(len(text)), range(1, len(text) + 1))
    places = [place for place, part in enumerate(parts) for _ in part]
    return Folded("".join(parts), places, [place + 1 for place in places])


def _words(kind: str) -> dict[str, str]:
    """The folded words of a kind, each with what it stands for."""
    rows = [row for row in rows_of("fact_words.tsv", "sextortion_detect.facts") if row["kind"] == kind]
    return {fold_signs(word).text: row["value"] for row in rows for word in row["words"].split("|")}


def _one_of(words: Iterable[str]) -> str:
    """A pattern for the longest of these words, letter by letter: a text is not compared with one after the other."""
    tails = defaultdict[str, list[str]](list)
    for word in words:
        tails[word[:1]].append(word[1:])
    longer = f"(?:{'|'.join(re.escape(letter) + _one_of(tails[letter]) for letter in sorted(tails) if letter)})"
    return "" if set(tails) == {""} else f"{longer}?" if "" in tails else longer


class _Search(NamedTuple):
    """What to look for, the kind that it is or what it stands for, and without which it is not in a text at all."""

    name: str
    text: str
    needs: re.Pattern[str]

    @property
    def pattern(self) -> re.Pattern[str]:
        """The text as an expression; the long ones take most of a second, and most texts need none of these."""
        return _compiled(self.text)


_compiled: Final = cache(re.compile)


@cache
def _searches() -> dict[str, list[_Search]]:
    """The searches by step, with words and parts put in for their names between % signs."""
    parts, steps = dict[str, str](), defaultdict[str, list[_Search]](list)
    for kind in {row["kind"] for row in rows_of("fact_words.tsv", "sextortion_detect.facts")}:
        parts[kind] = _one_of(_words(kind))
    for row in rows_of("fact_patterns.tsv", "sextortion_detect.facts"):
        pattern, needs = (re.sub(r"%(\w+)%", lambda name: parts[name[1]], row[key]) for key in ("pattern", "needs"))
        if row["step"] == "part":
            parts[row["name"]] = f"(?:{pattern})"
        else:
            steps[row["step"]].append(_Search(row["name"], pattern, re.compile(needs)))
    return steps


DIGITS: Final = _words("digits")
_APPS: Final = _words("app")
_THOUSANDS: Final = _words("thousands")
_BEHIND: Final = 60  # characters before a number, in which the words are that say what it is
_HIDDEN: Final = "\0"  # stands where something was found; no folded text has it
_SUM: Final = "\x01"  # stands where a sum was found, in what is said of its payment
_STRETCH: Final = re.compile(r"\S{1,2000}")  # no link is longer, and a flood takes linear time
_RUN: Final = re.compile(
    r"(?<![a-z\d])[a-z]{2} ?\d\d(?:[ /_-]*(?:[a-z]{4}(?=[ /_-]?\d)|[a-z]{0,3}\d[a-z\d]*))+|"
    r"(?<![a-z\d])\+?\d(?:(?:[^\w\0]|_){0,3}\d)*"
)
"""Where the number of an account may stand, and digits with any signs between them."""

_GROUP: Final = re.compile(r"[a-z\d]+")
_MOST_GROUPS: Final = 24  # of one number; more are a flood, which is hidden as a whole


def find_facts(text: str, *, weak: bool = False) -> list[Fact]:
    """What leads to a person, and what was asked for, by when, and paid, from left to right; those in `WEAK` if asked.

    These change none of the others. Of the kinds in `LEADS` none overlaps another; payments stand around their sum.
    """
    folded = fold_signs(text)
    if not any(search.pattern.search(folded.text) for search in _searches()["any"] if weak or search.name not in WEAK):
        return []
    folded = _undisguised(folded)
    left, told, found = folded.text, folded.text, list[tuple[int, int, str]]()
    for search in _searches()["find"]:
        if (weak or search.name not in WEAK) and search.needs.search(left):
            look = _matches if search.text else _LIBRARIES[search.name]
            for start, end, kind in look(search, left):
                named = _named_behind(kind, folded.text[max(start - _BEHIND, 0) : start])
                found.append((start, end, named))
                left = left if kind in WEAK else f"{left[:start]}{_HIDDEN * (end - start)}{left[end:]}"
                told = f"{told[:start]}{_SUM * (end - start)}{told[end:]}" if named == "sum" else told
    around = (search for search in _searches()["around"] if search.needs.search(told))
    found += [span for search in around for span in _matches(search, told)]
    places = ((folded.starts[start], folded.ends[end - 1], start, end, kind) for start, end, kind in sorted(found))
    return [
        Fact(kind, first, behind, folded.text[start:end], text[first:behind])
        for first, behind, start, end, kind in places
        if kind in KINDS or kind in WEAK
    ]


def thousands_of(sum_told: str) -> set[str]:
    """The numbers of thousands in the folded value of a sum."""
    return {number or _THOUSANDS[word] for number, word in _searches()["thousands"][0].pattern.findall(sum_told)}


def _named_behind(kind: str, before: str) -> str:
    """The kind of a number by the words before it; those of other kinds stay what they are."""
    behind = _searches()["behind"]
    return next((one.name for one in behind if one.needs.fullmatch(kind) and one.pattern.search(before)), kind)


def _matches(search: _Search, text: str) -> Iterator[tuple[int, int, str]]:
    """What a pattern matches, or its group where one took part."""
    return ((*match.span(match.lastindex or 0), search.name) for match in search.pattern.finditer(text))


@cache
def _linkify() -> "LinkifyIt":
    from linkify_it import LinkifyIt
    from linkify_it.tlds import TLDS

    return LinkifyIt(options={"fuzzy_ip": True}).tlds([*TLDS, *_words("domain")])


def _links(search: _Search, text: str) -> Iterator[tuple[int, int, str]]:
    for stretch in _STRETCH.finditer(text):
        for found in (_linkify().match(stretch[0]) if search.needs.search(stretch[0]) else None) or ():
            start = stretch.start() + found.index
            end = start + len(found.raw.rstrip("،؛؟;?!.»"))
            yield start, end, "email" if found.schema == "mailto:" else "link"


def _numbers(_: _Search, text: str) -> Iterator[tuple[int, int, str]]:
    """Numbers that a country or a bank could have given, the longest that the pieces of a run make."""
    for run in _RUN.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        first = 0
        while first < len(groups) <= _MOST_GROUPS:
            start = groups[first][0] - (text[groups[first][0] - 1 : groups[first][0]] == "+")
            for last in range(len(groups), first, -1):
                end = groups[last - 1][1]
                if kind := _known_number("".join(_GROUP.findall(text, start, end)), abroad=text[start] == "+"):
                    yield start, end, kind
                    first = last - 1
                    break
            first += 1


def _known_number(digits: str, *, abroad: bool) -> str | None:
    """The kind of a number that is valid somewhere; None for any other. Without 0 or country it may be no phone."""
    from phonenumbers import NumberParseException, is_valid_number, parse
    from stdnum import iban, luhn

    if digits[:2].isalpha():
        return "iban" if iban.is_valid(f"{digits[:2]}{iban.calc_check_digits(digits)}{digits[4:]}") else None
    for country in [None, *([] if abroad else _ARAB_COUNTRIES)] if 7 <= len(digits) <= 15 else ():
        with suppress(NumberParseException):
            if is_valid_number(parse(digits if country else f"+{digits}", country)):
                return "phone" if country is None or digits[0] == "0" else "number"
    return "card" if 13 <= len(digits) <= 19 and luhn.is_valid(digits) else None


_LIBRARIES: Final = {"link": _links, "number": _numbers}


def _undisguised(folded: Folded) -> Folded:
    """Without what hides a number or an address from a reader of patterns."""
    for search in _searches()["undo"]:
        hiding = [*search.pattern.finditer(folded.text)] if search.needs.search(folded.text) else []
        if not hiding:
            continue
        letters, ends = [*folded.text], [*folded.ends]
        for found in hiding:
            start, end = found.span()
            letters[start:end] = [search.name or DIGITS[found[1]], *[""] * (end - start - 1)]
            ends[start] = folded.ends[end - 1]
        places = [place for place, letter in enumerate(letters) for _ in letter]
        starts = [folded.starts[place] for place in places]
        folded = Folded("".join(letters), starts, [ends[place] for place in places])
    return folded
