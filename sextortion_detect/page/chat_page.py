"""A chat verdict as one HTML file that needs nothing else: offline, printable, in Arabic or English.

Its one script and its one style sheet are in the page, and a policy in the page lets nothing else run or load; every
text from the chat is escaped. What is flagged stands open, with the messages around it; the rest is folded.
"""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from importlib.metadata import version
from itertools import groupby
from typing import Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape

from sextortion_detect.chat_summary import summarize
from sextortion_detect.marked_text import Piece, pieces
from sextortion_detect.page.risk_curve import HEIGHT, WIDTH, draw
from sextortion_detect.page.source_files import fingerprints
from sextortion_detect.records import ChatVerdict, Entry, MessageKind
from sextortion_detect.redact import Redactor, find_contacts
from sextortion_detect.taxonomy import Label
from sextortion_detect.wording import Wording, wording

_AROUND: Final = 2
"""Messages before and after a marked one that stand open with it."""

_FOLD: Final = 400
"""Messages to a fold at most, so that opening one is quick."""

_SHORT: Final = 40
"""Conversations that are no longer are not folded."""

_LEFT_TO_RIGHT: Final = Markup('<bdi dir="ltr">{}</bdi>')


def render_html(verdict: ChatVerdict, *, lang: str = "ar", redact: bool = False, country: str | None = None) -> str:
    """The page in a language, `ar` or `en`; with `redact`, without who it is of (see `redact`).

    `country` adds that country's lines of help to the advice. Raises `InputError` for another language.
    """
    ui = wording(lang)
    told = _Told(verdict, ui, Redactor((m.sender for m in verdict.chat.messages), ui) if redact else None)
    summary = summarize(verdict)
    files, more_files = fingerprints(verdict.chat.source)
    turning = [entry.index for entry in summary.turning_points]
    marked = {entry.index for entry in verdict.entries() if entry.is_notable}.union(turning)
    return template("chat.html").render(
        **page_basics(ui),
        verdict=verdict,
        summary=summary,
        told=told,
        curve=draw(verdict.risk, verdict.threshold, turning, verdict.first_flagged, mirrored=lang == "ar"),
        width=WIDTH,
        height=HEIGHT,
        tactics=[tactic for tactic, _ in summary.tactics.most_common()],
        sender_numbers={sender: number for number, sender in enumerate(summary.senders)},
        turning=turning,
        folds=list(_folds(verdict, marked)),
        files=files,
        more_files=more_files,
        advice=verdict.advice(lang, country).brief(),
        kinds=MessageKind,
    )


def page_basics(ui: Wording) -> dict[str, Any]:
    """What every page needs: its words, its style and script, and the policy that allows these two alone."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return {
        "ui": ui,
        "style": Markup(style),  # noqa: S704  # our own files, which a hash in the policy pins
        "script": Markup(script),  # noqa: S704
        "policy": policy,
        "made": ui.say("made", version=version("sextortion-detect"), date=ui.time(datetime.now(UTC))),
    }


class _Told:
    """How the names and texts of one conversation are told: as they are, or redacted."""

    def __init__(self, verdict: ChatVerdict, ui: Wording, redactor: Redactor | None) -> None:
        self._source = verdict.chat.source
        self._ui = ui
        self._redactor = redactor
        self.redacted = redactor is not None

    def name(self, sender: str | None) -> str:
        """A sender as the page names him."""
        if sender is None:
            return self._ui.say("unnamed")
        return (self._redactor.person(sender) if self._redactor else sender) or self._ui.say("unnamed")

    def text(self, entry: Entry) -> Iterator[Piece]:
        """The text of a message in pieces."""
        text = entry.message.text
        return pieces(text, entry.verdict.evidence, self._redactor.find(text) if self._redactor else ())

    def plain(self, text: str) -> str:
        """Another text that may name somebody, such as a note of the reader."""
        return "".join(piece.text for piece in pieces(text, (), self._redactor.find(text) if self._redactor else ()))

    @property
    def source(self) -> str:
        """Where the chat came from; a file is often named after a person."""
        if self._source is None:
            return self._ui.say("no_source")
        return self._ui.say("source_hidden") if self._redactor else self._source


class _Fold(NamedTuple):
    """Messages in a row that stand open, or are folded away."""

    is_open: bool
    entries: list[Entry]


def _folds(verdict: ChatVerdict, marked: set[int]) -> Iterator[_Fold]:
    near = {place + step for place in marked for step in range(-_AROUND, _AROUND + 1)}
    short = len(verdict.messages) <= _SHORT
    for is_open, group in groupby(verdict.entries(), key=lambda entry: short or entry.index in near):
        run = list(group)
        yield from (_Fold(is_open, run[start : start + _FOLD]) for start in range(0, len(run), _FOLD))


def template(name: str) -> Template:
    """A template of this package; every value that it shows is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    loader = PackageLoader("sextortion_detect.page")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["label"] = Label  # a count is kept by label, and a template knows strings
    environment.filters["contacts"] = _contacts
    return environment


def _contacts(text: str) -> Markup:
    """The text, escaped; numbers, accounts and links run from left to right, as they are written and dialed.

    Else an Arabic line shows the parts of 055 123 4567 in the opposite order, and the sign of @name behind it.
    """
    shown = Markup()
    position = 0
    for found in find_contacts(text):
        shown += escape(text[position : found.start]) + _LEFT_TO_RIGHT.format(text[found.start : found.end])
        position = found.end
    return shown + escape(text[position:])


@cache
def _asset(name: str) -> str:
    return resources.files("sextortion_detect.page").joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """The hash of a style or script by which a content security policy (CSP level 3) lets it through."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
