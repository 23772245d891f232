"""A conversation without who it is of: names, numbers, accounts, links and addresses, each replaced by the same alias.

Senders become «شخص ١», «شخص ٢» in the order in which they come, also where a message names them: whole names and their
parts, in any spelling of their letters, with or without a clitic before them. Numbers of four digits and more are
replaced; sums of money and times of day stay, since they are what a case is about. Names of people who wrote nothing
are not known and stay.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sextortion_detect.codes import Code, find_folded, fold_signs
from sextortion_detect.interface import Interface

_LEAST_LETTERS: Final = 3  # of a part of a name: shorter ones are mostly particles
_PARTICLES: Final = frozenset(("ابو", "بنت", "ابن", "عبد", "حاج", "الحاج", "شيخ", "الشيخ", "the", "and"))
_CLITICS: Final = "[وف]??(?:[بلك]??ال|لل|[بلك])??"
"""And, so; by, for, like; the article: written in one word with the name after them, which may begin like them."""

_PHONE_TAIL: Final = 8  # digits by which a number with and without its country code is the same

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_WORDS: Final = re.compile(r"\w+")


class Hidden(NamedTuple):
    """A half-open range of an original text, and what stands in its place."""

    start: int
    end: int
    alias: str


class Redactor:
    """Gives every sender, number, account, link and address of one conversation an alias, and keeps to it."""

    def __init__(self, senders: Iterable[str | None], ui: Interface) -> None:
        self._ui = ui
        self._aliases: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._persons: dict[str, str] = {}
        for sender in senders:
            if sender is not None and sender not in self._persons:
                self._persons[sender] = self._alias("person", sender)
        phones = {sender: _digits(sender) for sender in self._persons}
        self._phones = {
            digits[-_PHONE_TAIL:]: self._persons[sender]
            for sender, digits in phones.items()
            if len(digits) >= _PHONE_TAIL
        }
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

    def text(self, text: str) -> str:
        """The text with its aliases in place."""
        parts: list[str] = []
        position = 0
        for start, end, alias in self.find(text):
            parts += (text[position:start], alias)
            position = end
        return "".join([*parts, text[position:]])

    def _found(self, folded: str) -> Iterator[tuple[int, int, str]]:
        spans = [(code.start, code.end, self._known(code)) for code in find_folded(folded)]
        taken = [(start, end) for start, end, _ in spans]
        if self._name_pattern:
            for match in self._name_pattern.finditer(folded):
                start, end = match.span("name")
                if not any(start < other_end and other < end for other, other_end in taken):
                    spans.append((start, end, self._names[_spelled(match["name"])]))
        return iter(sorted(spans))

    def _known(self, code: Code) -> str:
        """The alias of a number or another code; a mention is the number or the name of somebody after an at sign."""
        kind, value = code.kind, code.value
        if kind in ("phone", "account"):
            known = self._phones.get(_digits(value)[-_PHONE_TAIL:]) or self._names.get(_spelled(value))
            if known:
                return known
        return self._alias(kind, value.casefold() if _LETTERS.search(value) else _digits(value))

    def _alias(self, kind: str, value: str) -> str:
        if (kind, value) not in self._aliases:
            self._counts[kind] = number = self._counts.get(kind, 0) + 1
            self._aliases[kind, value] = f"«{self._ui.say(kind, number=number)}»"
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
