"""What a person who is blackmailed or groomed can do now, and where help is: calm steps and sourced lines of help.

Both are data: `advice.tsv` holds the steps, each with the labels and tactics that it is given for, `support.tsv` the
lines of help with their sources. The Arabic speaks to women and men alike (nouns in place of commands), and no step
blames anyone.

>>> from sextortion_detect import classify
>>> advice = classify("معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك").advice("en", "LB")
>>> print(advice.steps[1])
Stop replying: no bargaining and no promises, since every answer opens the door to a new demand.
>>> advice.lines[0].contact, advice.lines[0].checked.isoformat()
('01-293293', '2026-11-24')
>>> bool(classify("صباح الخير").advice())
False
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sextortion_detect.errors import InputError
from sextortion_detect.facts.left_to_right import isolated_runs
from sextortion_detect.records import Advised, ChatVerdict, Verdict
from sextortion_detect.taxonomy import Action, Label, Tactic
from sextortion_detect.wording import LANGUAGES, rows_of, wording

if TYPE_CHECKING:
    from markupsafe import Markup

INTERNATIONAL: Final = "INT"
"""Where other lines bear a country (ISO 3166-1 alpha-2): those that serve people anywhere."""

CONFIRMED: Final = 2
"""The confidence of a line that an official page, or two sources that look independent, agree on; others have 1."""


class Topic(StrEnum):
    """What a line of help is for, in the order in which lines are given."""

    REPORT = "report"
    EMERGENCY = "emergency"
    IMAGES = "images"
    CARE = "care"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One place that helps, in one language.

    `contact` is as its source prints it, and empty where none was printed; `sources` are addresses of pages,
    `source_date` the newest date that they bear (year, month or day; empty where they bear none), `checked` the day on
    which they were read. `confidence` is 2 or 1, see `CONFIRMED`.
    """

    country: str
    topic: Topic
    name: str
    channel: str
    contact: str
    note: str
    source_date: str
    checked: date
    confidence: int
    sources: tuple[str, ...]
    lang: str

    def __str__(self) -> str:
        text = "".join(self.parts())
        return isolated_runs(text) if self.lang == "ar" else text

    def parts(self) -> tuple[str, str, str]:
        """What stands before the number or address, that, and what stands behind it."""
        host = (urlsplit(self.sources[0]).hostname or "").removeprefix("www.")
        say = wording(self.lang).say
        mark = "" if self.confidence >= CONFIRMED else f" [{say('unconfirmed')}]"
        note = f" · {self.note}" if self.note else ""
        source = say("line_source", source=host, checked=self.checked)
        return f"{self.name}{mark}: ", self.contact or say("no_contact"), f"{note} ({source})"

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON types."""
        return {**asdict(self), "topic": self.topic.value, "checked": str(self.checked), "sources": list(self.sources)}


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do now (`steps`), where help is (`lines`), and a plain `note` on how far to trust the numbers.

    All are empty, and the advice is false, where there is nothing to advise on. `str()` gives it as text.
    """

    steps: tuple[str, ...] = ()
    lines: tuple[HelpLine, ...] = ()
    note: str = ""
    lang: str = "ar"

    def __bool__(self) -> bool:
        return bool(self.steps)

    def __str__(self) -> str:
        note = isolated_runs(self.note) if self.lang == "ar" else self.note
        numbered = (f"{number}. {step}" for number, step in enumerate(self.steps, start=1))
        return "\n".join([*numbered, *(f"- {line}" for line in self.lines), note]).strip()

    def brief(self, steps: int = 6, lines: int = 6) -> "Advice":
        """The first few steps and lines alone, for a small screen."""
        return Advice(self.steps[:steps], self.lines[:lines], self.note, self.lang)

    def to_dict(self) -> dict[str, Any]:
        """The advice as plain JSON types with stable keys."""
        lines = [line.to_dict() for line in self.lines]
        return {"lang": self.lang, "steps": list(self.steps), "lines": lines, "note": self.note}


def advise(
    label: Label,
    tactics: Iterable[Tactic] = (),
    lang: str = "ar",
    country: str | None = None,
    *,
    distress: bool = False,
    unconfirmed: bool = False,
) -> Advice:
    """Advice for the person who got, or told of, a message of that label with those tactics; empty for benign.

    With `distress`, for a person who speaks of harming himself or herself too, whatever the label. `lang` is `ar` or
    `en`. `country` (ISO 3166-1 alpha-2) adds that country's lines before the international ones. `unconfirmed` adds
    lines that one unofficial source alone names, marked as such. Raises `InputError` for a language or country that
    there is nothing for.
    """
    if lang not in LANGUAGES:
        raise InputError(f"There is no advice in {lang!r}; choose one of {', '.join(LANGUAGES)}.")
    if country is not None and country.upper() not in countries():
        raise InputError(f"There are no lines of help for {country!r}; the countries are {', '.join(countries())}.")
    if label is Label.BENIGN and not distress:
        return Advice(lang=lang)
    found = {label, *tactics} | ({_DISTRESS} if distress else set())
    steps = tuple(row[lang] for row in rows_of("advice.tsv") if found & {*row["given_for"].split()})
    wanted = set(Topic) if found & _ABOUT_IMAGES else set(Topic) - {Topic.IMAGES}
    wanted = {Topic.EMERGENCY, Topic.CARE} if label is Label.BENIGN else wanted
    places = (country.upper(), INTERNATIONAL) if country else (INTERNATIONAL,)
    given = (line for place in places for line in help_lines(place, lang, unconfirmed=unconfirmed))
    lines = tuple(line for line in given if line.topic in wanted)
    note = wording(lang).say("advice_note", checked=min(line.checked for line in lines))
    return Advice(steps, lines, note, lang)


def advise_on(verdict: Advised, lang: str = "ar", country: str | None = None, *, unconfirmed: bool = False) -> Advice:
    """The advice that fits a `Verdict` or a `ChatVerdict`: the tactics of all its flagged messages count."""
    label, tactics, messages = Label.BENIGN, set[Tactic](), tuple[Verdict, ...]()
    if isinstance(verdict, (Verdict, ChatVerdict)):
        messages = verdict.messages if isinstance(verdict, ChatVerdict) else (verdict,)
        if any(one.flagged for one in (verdict, *messages)) or verdict.label is Label.VICTIM_REPORT:
            label, tactics = verdict.label, {tactic for message in messages for tactic in message.tactics}
    distress = any(message.distress and message.action is Action.SUPPORT for message in messages)
    return advise(label, tactics, lang, country, distress=distress, unconfirmed=unconfirmed)


def help_lines(country: str, lang: str = "ar", *, unconfirmed: bool = False) -> tuple[HelpLine, ...]:
    """The lines of one country, or of `INTERNATIONAL`, by topic; those of confidence 1 only where asked for."""
    rows = (row for row in rows_of("support.tsv") if row["country"] == country)
    lines = (_line(row, lang) for row in rows if unconfirmed or int(row["confidence"]) >= CONFIRMED)
    return tuple(sorted(lines, key=lambda line: (list(Topic).index(line.topic), -line.confidence)))


@cache
def countries() -> tuple[str, ...]:
    """The countries that there are lines for, in alphabetical order."""
    return tuple(sorted({row["country"] for row in rows_of("support.tsv")} - {INTERNATIONAL}))


_DISTRESS: Final = "distress"
"""What `advice.tsv` calls a person who speaks of harming himself or herself, beside the labels and tactics."""

_ABOUT_IMAGES: Final = {
    Label.BLACKMAIL, Label.VICTIM_REPORT, Tactic.INTIMATE_REQUEST, Tactic.POSSESSION_CLAIM, Tactic.EXPOSURE_THREAT,
}  # fmt: skip


def _line(row: dict[str, str], lang: str) -> HelpLine:
    return HelpLine(
        country=row["country"],
        topic=Topic(row["topic"]),
        name=row[f"name_{lang}"],
        channel=row["channel"],
        contact=(row["contact_ar"] if lang == "ar" else "") or row["contact"],
        note=row[f"note_{lang}"],
        source_date=row["source_date"],
        checked=date.fromisoformat(row["checked"]),
        confidence=int(row["confidence"]),
        sources=tuple(row["sources"].split()),
        lang=lang,
    )


def advice_html(advice: Advice) -> "Markup":
    """A `<section class="advice">` in the advice's own direction of writing; empty for empty advice.

    It is marked as safe, so a page's template shows it with `{{ advice_html(verdict.advice()) }}`.

    >>> advice_html(advise(Label.BLACKMAIL))[:44]
    Markup('<section class="advice" lang="ar" dir="rtl">')
    """
    from markupsafe import Markup

    from sextortion_detect.page.chat_page import template

    html = template("advice.html").render(advice=advice) if advice else ""
    return Markup(html)  # noqa: S704  # the template escapes
