"""What a person who is blackmailed or groomed can do now, and where help is: calm steps and sourced lines of help.

Both are data: `advice.tsv` holds the steps, each with the labels and tactics that it is given for, `support.tsv` the
lines of help with their sources. The steps come in the order of need, those for danger first. The Arabic speaks to
women and men alike (no commands), and no step blames anyone.

>>> from sextortion_detect import classify
>>> advice = classify("معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك").advice("en", "LB")
>>> print(advice.steps[5][:76])
Report it at once: to the police or the authority of your country, and to th
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
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from sextortion_detect.chat_summary import summarize
from sextortion_detect.errors import InputError
from sextortion_detect.facts.left_to_right import isolated_runs
from sextortion_detect.records import ChatVerdict, Verdict
from sextortion_detect.taxonomy import OFFENSES, Action, Label, Tactic
from sextortion_detect.wording import LANGUAGES, rows_of, wording

if TYPE_CHECKING:
    from markupsafe import Markup

INTERNATIONAL: Final = "INT"
"""Where other lines bear a country (ISO 3166-1 alpha-2): those that serve people anywhere."""

CONFIRMED: Final = 2
"""The confidence of a line that an official page, or two sources that look independent, agree on; others have 1."""


class Topic(StrEnum):
    """What a line of help is for, in the order in which lines are given."""

    EMERGENCY = "emergency"
    REPORT = "report"
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
        ui = wording(self.lang)
        source = ui.say("line_source", source=self.host, checked=ui.day(self.checked))
        text = f"{''.join(self.parts())} ({source})"
        return isolated_runs(text) if self.lang == "ar" else text

    def parts(self) -> tuple[str, str, str]:
        """What stands before the number or address, that, and what stands behind it."""
        say = wording(self.lang).say
        mark = "" if self.confidence >= CONFIRMED else f" [{say('unconfirmed')}]"
        return f"{self.name}{mark}: ", self.contact or say("no_contact"), f" · {self.note}" if self.note else ""

    @property
    def host(self) -> str:
        """The site of its first source; empty where it has none."""
        return (urlsplit(next(iter(self.sources), "")).hostname or "").removeprefix("www.")

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON types."""
        return {**asdict(self), "topic": self.topic.value, "checked": str(self.checked), "sources": list(self.sources)}


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do now (`steps`), where help is (`lines`), and a plain `note` on how far to trust the numbers.

    `doubt` says so in a sentence where the program is not sure that there is a case. The first `OPEN_STEPS` and
    `OPEN_LINES` stand open beside a verdict, and a reader finds the rest further down. All are empty, and the advice is
    false, where there is nothing to advise on. `str()` gives it as text.
    """

    OPEN_STEPS: ClassVar = 7
    OPEN_LINES: ClassVar = 8

    steps: tuple[str, ...] = ()
    lines: tuple[HelpLine, ...] = ()
    note: str = ""
    lang: str = "ar"
    doubt: str = ""

    def __bool__(self) -> bool:
        return bool(self.steps)

    def __str__(self) -> str:
        return "\n".join(self.parts()).strip()

    def parts(self) -> tuple[str, str]:
        """As text: what stands open beside a verdict, and what comes further down, the sources of the lines last."""
        plain = wording(self.lang).plain
        steps = [f"{plain(number)}. {step}" for number, step in enumerate(self.steps, start=1)]
        lines = [f"- {''.join(line.parts())}" for line in self.lines]
        now = [self.doubt, *steps[: self.OPEN_STEPS], *lines[: self.OPEN_LINES]]
        later = [*steps[self.OPEN_STEPS :], *lines[self.OPEN_LINES :], self.note, self.sources]
        shown = isolated_runs if self.lang == "ar" else str
        return shown("\n".join(filter(None, now))), shown("\n".join(filter(None, later)))

    @property
    def sources(self) -> str:
        """The fine print: where each line of help is from."""
        told = " · ".join(f"{line.name} ({line.host})" for line in self.lines if line.host)
        return told and f"{wording(self.lang).say('sources')}: {told}"

    def to_dict(self) -> dict[str, Any]:
        """The advice as plain JSON types with stable keys."""
        lines = [line.to_dict() for line in self.lines]
        return {"lang": self.lang, "doubt": self.doubt, "steps": list(self.steps), "lines": lines, "note": self.note}


def advise(
    label: Label,
    tactics: Iterable[Tactic] = (),
    lang: str = "ar",
    country: str | None = None,
    *,
    distress: bool = False,
    certain: bool = True,
    unconfirmed: bool = False,
) -> Advice:
    """Advice for the person who got, or told of, a message of that label with those tactics; empty for benign.

    With `distress`, for a person who speaks of harming himself or herself too, whatever the label. Unless `certain`, it
    says that it is not. `lang` is `ar` or `en`. `country` (ISO 3166-1 alpha-2) adds that country's lines before the
    international ones, and where no place to report to has a number or address, the nearest police station. Only where
    an emergency number is among the lines does a step ask for it.
    `unconfirmed` adds lines that one unofficial source alone names, marked as such. Raises `InputError` for a language
    or country that there is nothing for.
    """
    if lang not in LANGUAGES:
        raise InputError(f"There is no advice in {lang!r}; choose one of {', '.join(LANGUAGES)}.")
    if country is not None and country.upper() not in countries():
        raise InputError(f"There are no lines of help for {country!r}; the countries are {', '.join(countries())}.")
    if label is Label.BENIGN and not distress:
        return Advice(lang=lang)
    found = {label, *tactics} | ({_DISTRESS} if distress else set())
    wanted = set(Topic) if found & _ABOUT_IMAGES else set(Topic) - {Topic.IMAGES}
    wanted = {Topic.EMERGENCY, Topic.CARE} if label is Label.BENIGN else wanted
    places = (country.upper(), INTERNATIONAL) if country else (INTERNATIONAL,)
    given = (line for place in places for line in help_lines(place, lang, unconfirmed=unconfirmed))
    lines = tuple(line for line in given if line.topic in wanted)
    can_call = any(line.topic is Topic.EMERGENCY and line.contact for line in lines)
    left_out = _WITHOUT_A_NUMBER if can_call else _BY_NUMBER
    rows = [row for row in rows_of("advice.tsv") if row["step"] != left_out and found & {*row["given_for"].split()}]
    steps = tuple(row[lang] for row in rows)
    ui = wording(lang)
    note = ui.say("advice_note", checked=ui.day(min(line.checked for line in lines)))
    reached = {line.topic for line in lines if line.contact and line.country != INTERNATIONAL}
    if country and Topic.REPORT in wanted and not reached & {Topic.REPORT, Topic.EMERGENCY}:
        lines = (_police_station(country.upper(), lines[0].checked, lang), *lines)
    return Advice(steps, lines, note, lang, "" if certain else ui.say("not_certain", label=ui.name(label)))


def advise_on(verdict: Any, lang: str = "ar", country: str | None = None, *, unconfirmed: bool = False) -> Advice:
    """The advice that fits a `Verdict`, a `ChatVerdict` or its `ChatSummary`: the tactics of all its messages count.

    A message need not be flagged: advice is given where its label is not benign, or an offense is as likely as not. A
    conversation is advised on where it is flagged, has a message to read, or is a victim's.
    """
    if isinstance(verdict, ChatVerdict):
        verdict = summarize(verdict, facts=[()] * len(verdict.messages))
    label, certain, distress = verdict.label, True, bool(verdict.distress)
    if isinstance(verdict, Verdict):
        if label is Label.BENIGN and verdict.probability >= _AS_LIKELY_AS_NOT:
            label = max(OFFENSES, key=verdict.scores.__getitem__)
        certain = verdict.flagged or label not in OFFENSES
        distress = distress and verdict.action is Action.SUPPORT
    elif not (verdict.flagged or verdict.to_read or label is Label.VICTIM_REPORT):
        label = Label.BENIGN
    return advise(label, verdict.tactics, lang, country, distress=distress, certain=certain, unconfirmed=unconfirmed)


def help_lines(country: str, lang: str = "ar", *, unconfirmed: bool = False) -> tuple[HelpLine, ...]:
    """The lines of one country, or of `INTERNATIONAL`; those of confidence 1 only where asked for.

    They come by topic; those for children alone behind those for everybody, and platforms last.
    """

    def rank(row: dict[str, str]) -> tuple[bool, str, int, int]:
        topic = Topic(row["topic"])
        return topic is Topic.PLATFORM, row["under_18"], [*Topic].index(topic), -int(row["confidence"])

    least = 0 if unconfirmed else CONFIRMED
    found = (row for row in rows_of("support.tsv") if row["country"] == country and int(row["confidence"]) >= least)
    return tuple(_line(row, lang) for row in sorted(found, key=rank))


@cache
def countries() -> tuple[str, ...]:
    """The countries that there are lines for, in alphabetical order."""
    return tuple(sorted({row["country"] for row in rows_of("support.tsv")} - {INTERNATIONAL}))


_AS_LIKELY_AS_NOT: Final = 0.5

_DISTRESS: Final = "distress"
"""What `advice.tsv` calls a person who speaks of harming himself or herself, beside the labels and tactics."""

_BY_NUMBER: Final = "in_danger"
_WITHOUT_A_NUMBER: Final = "in_danger_without_a_number"
"""Two forms of the first step, one of which is given: as an emergency number stands below it or not."""

_ABOUT_IMAGES: Final = {
    Label.BLACKMAIL, Label.VICTIM_REPORT, Tactic.INTIMATE_REQUEST, Tactic.POSSESSION_CLAIM, Tactic.EXPOSURE_THREAT,
}  # fmt: skip


def _police_station(country: str, checked: date, lang: str) -> HelpLine:
    """What there is to say of a country of which no place to report to with a number or address is known."""
    name, contact, note = (wording(lang).say(key) for key in ("police", "police_station", "no_line_known"))
    return HelpLine(country, Topic.REPORT, name, "in person", contact, note, "", checked, CONFIRMED, (), lang)


def _line(row: dict[str, str], lang: str) -> HelpLine:
    contact = (row["contact_ar"] or row["contact"].replace(";", "؛")) if lang == "ar" else row["contact"]
    return HelpLine(
        row["country"], Topic(row["topic"]), row[f"name_{lang}"], row["channel"], contact, row[f"note_{lang}"],
        row["source_date"], date.fromisoformat(row["checked"]), int(row["confidence"]), tuple(row["sources"].split()),
        lang,
    )  # fmt: skip


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
