"""A conversation without who it is of: names, phone numbers, accounts, links and addresses replaced by aliases.

Senders become «شخص ١», «شخص ٢» in the order in which they come, also where a message names them: whole names and their
parts (`person_names`). What leads to somebody (`extract`) is replaced too; sums of money, dates and times stay, since
they are what a case is about. Names of people who wrote nothing are not known and stay.

>>> from sextortion_detect import Chat, Message, classify
>>> from sextortion_detect.wording import wording
>>> verdict = classify(Chat([Message("رقمي ٠٥٥ ١٢٣ ٤٥٦٧ يا لين", "سامر"), Message("طيب يا سااامر", "لين")]))
>>> [message.text for message in redacted(verdict, wording("ar")).verdict.chat.messages]
['رقمي «رقم ١» يا «شخص ٢»', 'طيب يا «شخص ١»']
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate, chain
from typing import Final, NamedTuple

from sextortion_detect.evidence import Evidence
from sextortion_detect.facts.extract import LEADS, PHONE_TAIL, Fact, Folded, find_facts, fold_signs
from sextortion_detect.facts.person_names import any_spelling, is_everyday_word, is_word, one_of, parts_of, read_names
from sextortion_detect.readers.app_sentences import DELETED_ACCOUNT
from sextortion_detect.records import Chat, ChatVerdict, Message, Verdict
from sextortion_detect.wording import Wording

_NAMED_APART: Final = ("link", "email", "account")
_GREETING: Final = re.compile(r"(?<!\w)(?:صباح(?:ك|كم|و)?|مسا\w{0,3}|رمضان|القران|عيد|s[ae]?ba[h7]|masa) (?:[ae]?l )?$")
"""Behind this a name is a word: morning of light, generous Ramadan."""

_LATIN_WORD: Final = re.compile(r"(?<![A-Za-z\d])[A-Za-z\d]++(?:[._-]++[A-Za-z\d]++)+")
_LONGEST: Final = 64  # characters of an account


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
        self._phones = {digits[-PHONE_TAIL:]: alias for digits, alias in phones if len(digits) >= PHONE_TAIL}
        self._names = {f"n{number}": name for number, name in enumerate(self._named().items())}
        parts = [(group, part) for group, (part, _) in self._names.items()]
        self._pattern = one_of({group: any_spelling(part) for group, part in parts})
        self._dotless = one_of({group: any_spelling(part, dots=False) for group, part in parts if len(part) > 3})

    def person(self, sender: str | None) -> str | None:
        """The alias of a sender; None where an entry has none."""
        return None if sender is None else self._persons[sender]

    def find(self, text: str) -> list[Hidden]:
        """What to hide in a text, from left to right, never overlapping."""
        leads = (Hidden(fact.start, fact.end, self._known(fact)) for fact in find_facts(text) if fact.kind in LEADS)
        found, taken = list[Hidden](), set[int]()
        named = [*self._named_in(text)]
        for one in chain(leads, (_whole(text, name) for name in named), named):
            if taken.isdisjoint(range(one.start, one.end)):
                found.append(one)
                taken.update(range(one.start, one.end))
        return sorted(found)

    def facts(self, text: str) -> list[Fact]:
        """The facts of a text by their aliases."""
        return [
            fact._replace(shown=self._known(fact) if fact.kind in LEADS else self.told(fact.shown)[0])
            for fact in find_facts(text, weak=True)
        ]

    def told(self, text: str, evidence: Iterable[Evidence] = ()) -> tuple[str, tuple[Evidence, ...]]:
        """The text with its aliases, and the evidence where it stands then; what it cuts into, it spans wholly."""
        letters, widths = [*text], [1] * len(text)
        for start, end, alias in self.find(text):  # what begins in it begins with it, and what ends in it ends with it
            inside = end - start - 1
            letters[start:end] = [alias, *[""] * inside]
            widths[start:end] = [*[0] * inside, len(alias)]
        told = "".join(letters)
        begins, ends = [0, *accumulate(widths)], [0, *accumulate(map(len, letters))]
        moved = ((begins[one.start], ends[one.end], one) for one in evidence)
        return told, tuple(replace(one, start=start, end=end, text=told[start:end]) for start, end, one in moved)

    def _named_in(self, text: str) -> Iterable[Hidden]:
        read = read_names(text) if self._names else Folded("", [], [])
        for pattern, is_other in ((self._pattern, is_everyday_word), (self._dotless, is_word)):
            for match in pattern.finditer(read.text):
                start, end = match.span(match.lastgroup or 0)
                part, alias = self._names[match.lastgroup or ""]
                first, behind = read.starts[start], read.ends[end - 1]
                is_name = read.text[start:end] == part or not is_other(fold_signs(text[first:behind]).text)
                if is_name and not _GREETING.search(read.text[max(start - _LONGEST, 0) : start]):
                    yield Hidden(first, behind, alias)

    def _known(self, fact: Fact) -> str:
        """The alias of a number, link or address; a mention is the number or the name of somebody after an at sign."""
        if fact.kind in ("phone", "number", "wallet", "account"):
            if alias := self._phones.get(_digits(fact.value)[-PHONE_TAIL:]):
                return alias
            name = fact.value.strip("@ ") if fact.kind == "account" else ""
            if named := [one.alias for one in self._named_in(name) if one[:2] == (0, len(name))]:
                return named[0]
        return self._alias(fact.kind if fact.kind in _NAMED_APART else "phone", fact.identity)

    def _alias(self, kind: str, value: str) -> str:
        if (kind, value) not in self._aliases:
            self._counts[kind] += 1
            self._aliases[kind, value] = f"«{self._ui.say(kind, number=self._counts[kind])}»"
        return self._aliases[kind, value]

    def _named(self) -> dict[str, str]:
        """Aliases by folded name, longest first; a part that two senders share says neither."""
        bearers: dict[str, list[str]] = {}
        for sender, alias in self._persons.items():
            for part in parts_of(sender.removeprefix(DELETED_ACCOUNT)):
                bearers.setdefault(part, []).append(alias)
        longest_first = sorted(bearers.items(), key=lambda borne: (-len(borne[0]), borne[0]))
        return {part: self._alias("name", part) if others else alias for part, (alias, *others) in longest_first}


class Redacted(NamedTuple):
    """A verdict on a conversation that names nobody, and the facts of each message by their aliases."""

    verdict: ChatVerdict
    facts: list[list[Fact]]


def redacted(verdict: ChatVerdict, ui: Wording, source: str | None = None) -> Redacted:
    """The verdict without names in its texts, evidence, senders and notes; of `source` as given."""
    chat = verdict.chat
    redactor = Redactor((name for message in chat.messages for name in (message.sender, message.forwarded_from)), ui)
    messages, verdicts = list[Message](), list[Verdict]()
    for message, judged in zip(chat.messages, verdict.messages, strict=True):
        text, evidence = redactor.told(message.text, judged.evidence)
        sender, origin = redactor.person(message.sender), redactor.person(message.forwarded_from)
        messages.append(replace(message, text=text, sender=sender, forwarded_from=origin))
        verdicts.append(replace(judged, evidence=evidence) if evidence else judged)
    notes = (*(redactor.told(note)[0] for note in chat.report.notes), ui.say("redacted"))
    told = Chat(messages, source, replace(chat.report, notes=notes))
    shown = replace(verdict, offender=redactor.person(verdict.offender), messages=tuple(verdicts), chat=told)
    return Redacted(shown, [redactor.facts(message.text) for message in chat.messages])


def _whole(text: str, name: Hidden) -> Hidden:
    """A name with all of the Latin account or address that it is a part of."""
    words = _LATIN_WORD.finditer(text, max(name.start - _LONGEST, 0), name.end + _LONGEST)
    spans = (word.span() for word in words if word.start() <= name.start and name.end <= word.end())
    return Hidden(*next(spans, name[:2]), name.alias)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, fold_signs(text).text))
