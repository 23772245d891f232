"""A chat verdict as one HTML file that needs nothing else: offline, printable, in Arabic or English.

Its one script and its one style sheet are in the page, and a policy in the page lets nothing else run or load; every
text from the chat is escaped. What is flagged stands open, with the messages around it; the rest is folded.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from importlib.metadata import version
from itertools import groupby
from typing import Any, Final

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape

from sextortion_detect.chat_summary import summarize
from sextortion_detect.facts.case_facts import MOST
from sextortion_detect.facts.left_to_right import runs
from sextortion_detect.facts.redact import redacted
from sextortion_detect.marked_text import pieces
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.page.risk_curve import HEIGHT, WIDTH, draw
from sextortion_detect.page.source_files import fingerprints
from sextortion_detect.records import ChatVerdict, Entry, Message, MessageKind
from sextortion_detect.taxonomy import Label
from sextortion_detect.wording import Wording, wording

_AROUND: Final = 2
"""Messages before and after a marked one that stand open with it."""

_FOLD: Final = 400
"""Messages to a fold at most, so that opening one is quick."""

_SHORT: Final = 40
"""Conversations that are no longer are not folded."""

_MOST_FACTS: Final = 100

MARK: Final = Markup('<meta name="generator" content="sextortion-detect">')
"""Stands in the head of every page: what bears it may be replaced by another one."""

_LEFT_TO_RIGHT: Final = Markup('<bdi dir="ltr">{}</bdi>')


def render_html(verdict: ChatVerdict, *, lang: str = "ar", redact: bool = False, country: str | None = None) -> str:
    """The page in a language, `ar` or `en`; with `redact`, without who it is of (see `redact`).

    `country` adds that country's lines of help to the advice. Raises `InputError` for another language.
    """
    ui = wording(lang)
    source = verdict.chat.source
    files, more_files = fingerprints(source)
    verdict, facts = redacted(verdict, ui) if redact else (verdict, None)
    summary = summarize(verdict, facts=facts)
    key = [entry.index for entry in summary.key_messages]
    marked = {entry.index for entry in verdict.entries() if entry.is_notable}.union(key)
    return template("chat.html").render(
        **page_basics(ui),
        verdict=verdict,
        summary=summary,
        redacted=redact,
        has_source=source is not None,
        days=dict(_days(verdict.chat.messages)),
        period=[message for message in verdict.chat.messages if message.kind is not MessageKind.SYSTEM],
        curve=draw(verdict.risk, verdict.threshold, key, verdict.first_flagged, mirrored=lang == "ar"),
        tactics=[tactic for tactic, _ in summary.tactics.most_common()],
        sender_numbers={sender: number for number, sender in enumerate(summary.senders)},
        key=key,
        folds=list(_folds(verdict, marked)),
        files=files,
        more_files=more_files,
        advice=verdict.advice(lang, country),
        model_rates=_rates(verdict.model, ui),
    )


def _rates(model: str, ui: Wording) -> str:
    """How often the shipped model errs, where the verdict is by it and its figures are of it."""
    file = shipped_folder() / "figures.json"
    figures = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if not model.endswith(figures.get("model", " ")):
        return ui.say("model_no_rates")
    alarms, missed = figures["budgets"]["1e-3"]["false_alarms"][0], 1.0 - figures["whole"]["caught"][0]
    return ui.say("model_rates", alarms=round(10_000 * alarms), missed=round(100 * missed))


def page_basics(ui: Wording) -> dict[str, Any]:
    """What every page needs: its words, and when it was made by which version."""
    now = ui.time(datetime.now(UTC).replace(tzinfo=None, second=0))
    return {"ui": ui, "made": ui.say("made", version=version("sextortion-detect"), date=now)}


def _days(messages: Iterable[Message]) -> Iterator[tuple[int, tuple[datetime, int]]]:
    """Where days begin, by the index of the message: its time, and how many days before it had none.

    What lies between a notice, such as that of the group's making, and the first message is no silence.
    """
    last: date | None = None
    begun = False
    for index, message in enumerate(messages):
        if message.sent_at and message.sent_at.date() != last:
            day = message.sent_at.date()
            yield index, (message.sent_at, max((day - last).days - 1, 0) if last and begun else 0)
            last = day
        begun |= message.kind is not MessageKind.SYSTEM


def _folds(verdict: ChatVerdict, marked: set[int]) -> Iterator[tuple[bool, list[Entry]]]:
    """Messages in a row, with whether they stand open or are folded away."""
    near = {place + step for place in marked for step in range(-_AROUND, _AROUND + 1)}
    short = len(verdict.messages) <= _SHORT
    for is_open, group in groupby(verdict.entries(), key=lambda entry: short or entry.index in near):
        run = list(group)
        yield from ((is_open, run[start : start + _FOLD]) for start in range(0, len(run), _FOLD))


def template(name: str) -> Template:
    """A template of this package; every value that it shows is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    loader = PackageLoader("sextortion_detect.page")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(runs=_runs, label=Label)  # a count is kept by label, and a template knows strings
    environment.globals.update(pieces=pieces, wording=wording, mark=MARK, kinds=MessageKind)
    environment.globals.update(width=WIDTH, height=HEIGHT, most_facts=_MOST_FACTS, most_kept=MOST)
    style, script = _asset("report.css"), _asset("report.js")
    environment.globals.update(style=Markup(style), script=Markup(script))  # noqa: S704  # our own files, which this pins:
    environment.globals["policy"] = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return environment


def _runs(text: str, *, linked: bool = False) -> Markup:
    """The text, escaped; numbers, accounts, links and dates run from left to right, and are links where asked for."""
    shown = Markup()
    for run in runs(text):
        part = escape(run.text)
        if linked and run.link:
            part = Markup('<a href="{}">{}</a>').format(run.link, part)
        elif run.kind == "date":
            part = Markup("<time>{}</time>").format(part)
        shown += part if run.kind is None else _LEFT_TO_RIGHT.format(part)
    return shown


def _asset(name: str) -> str:
    return resources.files("sextortion_detect.page").joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """The hash of a style or script by which a content security policy (CSP level 3) lets it through."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
