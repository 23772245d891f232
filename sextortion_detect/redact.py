"""A conversation without who it is of: names, phone numbers, accounts, links and addresses replaced by aliases.

Senders become «شخص ١», «شخص ٢» in the order in which they come, also where a message names them: whole names and their
parts, in any spelling of their letters, with or without a clitic before them. Numbers of four digits and more are
replaced; sums of money and times of day stay, since they are what a case is about. Names of people who wrote nothing
are not known and stay. What is searched for is wider than the placeholders that the model learns from
(`text.placeholders`): rather too much is found than too little.

>>> [(contact.kind, contact.value) for contact in find_contacts("رقمي ٠٥٥ ١٢٣ ٤٥٦٧ والسعر ٥٠٠٠ ريال")]
[('phone', '055 123 4567')]
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sextortion_detect.text import chars
from sextortion_detect.wording import Wording

_MONEY: Final = (
    r"(?:[$€£]\s?\d[\d,.٬٫]{0,11}+)|"
    r"(?:\d{1,3}(?:[,.٬٫ ]\d{3}){0,3}|\d{1,7})\s?(?:[$€£]|دولار|يورو|اورو|ريال|درهم|دراهم|دينار|دنانير|جنيه|لير|شيكل|"
    r"شيقل|الف|الاف|مليون|ملايين|دفتر|شده|usd|eur|sar|aed|kwd|egp|mad|dzd|dollar|euro|riyal|dinar|dirham|dh|da|k\b)"
)
_PATTERNS: Final = (
    ("link", r"(?:https?://|www\.)\S+|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,12}/\S*|"
             r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|info|me|ly|io|co|app|link|site|xyz|live|tv)(?![\w.@])"),
    ("email", r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    ("account", r"(?<!\w)@[\w.]*\w"),
    ("keep", rf"(?<![a-z\d]){_MONEY}|(?<!\d)\d{{1,2}}:\d\d(?!\d)"),
    # An IBAN, a wallet or a card code: letters and digits mixed, too long for a word; else digits with marks between.
    ("phone", r"(?<!\w)(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]{12,}(?!\w)|"
              r"(?<!\w)[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,8}(?!\w)|"
              r"\+?\d(?:[ ().-]{0,2}\d){3,}"),
)  # fmt: skip
_ANY: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS), re.IGNORECASE)

_TRIGGER: Final = re.compile(r"[\d@/.]")
"""Everything searched for has one of these, and most messages have none."""

_LEAST_LETTERS: Final = 3  # of a part of a name: shorter ones are mostly particles
_PARTICLES: Final = frozenset(("ابو", "بنت", "ابن", "عبد", "حاج", "الحاج", "شيخ", "الشيخ", "the", "and"))
_CLITICS: Final = "[وف]??(?:[بلك]??ال|لل|[بلك])??"
"""And, so; by, for, like; the article: written in one word with the name after them, which may begin like them."""

_PHONE_TAIL: Final = 8  # digits by which a number with and without its country code is the same

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_WORDS: Final = re.compile(r"\w+")


class Contact(NamedTuple):
    """What is found: `link`, `email`, `account` or `phone` (any number), its half-open range, and its folded text."""

    kind: str
    start: int
    end: int
    value: str


def find_contacts(text: str) -> Iterator[Contact]:
    """What leads to a person in a text from left to right, never overlapping."""
    if not _TRIGGER.search(text):
        return
    folded, places = fold_signs(text)
    for kind, start, end, value in find_in_folded(folded):
        yield Contact(kind, places[start], places[end - 1] + 1, value)


def find_in_folded(folded: str) -> Iterator[Contact]:
    """What leads to a person in a text that is folded already; ranges are of the folded text."""
    for match in _ANY.finditer(folded):
        if match.lastgroup and match.lastgroup != "keep":
            start, end = match.span()
            yield Contact(match.lastgroup, start, end, match[0])


def fold_signs(text: str) -> tuple[str, list[int]]:
    """The text with its letters and digits folded and its signs as they are, and where each character stands in it."""
    folded: list[str] = []
    places: list[int] = []
    for place, (character, becomes) in enumerate(zip(text, map(chars.fold_character, text), strict=True)):
        shown = character if becomes == chars.SEPARATOR else becomes
        folded.append(shown)
        places.extend([place] * len(shown))
    return "".join(folded), places


class Hidden(NamedTuple):
    """A half-open range of an original text, and what stands in its place."""

    start: int
    end: int
    alias: str


class Redactor:
    """Gives every sender, number, account, link and address of one conversation an alias, and keeps to it."""

    def __init__(self, senders: Iterable[str | None], ui: Wording) -> None:
        self._ui = ui
        self._aliases: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._persons = {sender: self._alias("person", sender) for sender in senders if sender is not None}
        phones = ((_digits(sender), alias) for sender, alias in self._persons.items())
        self._phones = {digits[-_PHONE_TAIL:]: alias for digits, alias in phones if len(digits) >= _PHONE_TAIL}
        self._names = self._named()
        self._name_pattern = _pattern(self._names)

    def person(self, sender: str | None) -> str | None:
        """The alias of a sender; None where an entry has none."""
        return None if sender is None else self._persons[sender]

    def find(self, text: str) -> list[Hidden]:
        """What to hide in a text, from left to right, never overlapping."""
        folded, places = fold_signs(text)
        found: list[Hidden] = []
        for start, end, alias in self._found(folded):
            first, last = places[start], places[end - 1] + 1
            if not found or first >= found[-1].end:
                found.append(Hidden(first, last, alias))
        return found

    def _found(self, folded: str) -> list[tuple[int, int, str]]:
        spans = [(found.start, found.end, self._known(found)) for found in find_in_folded(folded)]
        taken = [(start, end) for start, end, _ in spans]
        if self._name_pattern:
            for match in self._name_pattern.finditer(folded):
                start, end = match.span("name")
                if not any(start < other_end and other < end for other, other_end in taken):
                    spans.append((start, end, self._names[_spelled(match["name"])]))
        return sorted(spans)

    def _known(self, contact: Contact) -> str:
        """The alias of a number, link or address; a mention is the number or the name of somebody after an at sign."""
        kind, value = contact.kind, contact.value
        if kind in ("phone", "account"):
            known = self._phones.get(_digits(value)[-_PHONE_TAIL:]) or self._names.get(_spelled(value))
            if known:
                return known
        return self._alias(kind, value.casefold() if _LETTERS.search(value) else _digits(value))

    def _alias(self, kind: str, value: str) -> str:
        if (kind, value) not in self._aliases:
            self._counts[kind] += 1
            self._aliases[kind, value] = f"«{self._ui.say(kind, number=self._counts[kind])}»"
        return self._aliases[kind, value]

    def _named(self) -> dict[str, str]:
        """Aliases by folded name: whole names, and parts; a part that two senders share says neither."""
        names: dict[str, str] = {}
        parts: dict[str, set[str]] = {}
        for sender, alias in self._persons.items():
            folded = fold_signs(sender)[0]
            if whole := _spelled(folded):
                names[whole] = alias
            for word in _LETTERS.findall(folded):
                if len(word) >= _LEAST_LETTERS and word not in _PARTICLES:
                    parts.setdefault(word, set()).add(alias)
        for part, aliases in parts.items():
            names.setdefault(part, aliases.copy().pop() if len(aliases) == 1 else self._alias("name", part))
        return names


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the names as a whole word, longest first, with the clitics that Arabic writes before it."""
    spelled = sorted(names, key=lambda name: (-len(name), name))
    if not spelled:
        return None
    anyone = "|".join(r"[\W_]+".join(map(re.escape, name.split(" "))) for name in spelled)
    return re.compile(rf"(?<!\w){_CLITICS}(?P<name>{anyone})(?!\w)", re.IGNORECASE)


def _spelled(name: str) -> str:
    """A folded name as it is looked up: its words alone."""
    return " ".join(_WORDS.findall(name.casefold()))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
