"""What a person sees of verdicts in a terminal: the verdict on a chat, its key messages, and its timeline.

Arabic is printed in its logical order. For terminals that turn it around themselves, each field of a stranger's text is
isolated, so that it turns nothing else around; other terminals get no such marks, since some show them as boxes. Where
there are no styles, evidence stands between « and ».
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from rich.box import SIMPLE
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from sextortion_detect.chat_summary import ChatSummary
from sextortion_detect.evidence import Evidence
from sextortion_detect.facts.case_facts import MOST
from sextortion_detect.marked_text import pieces
from sextortion_detect.records import Entry, Message, MessageKind, Verdict
from sextortion_detect.taxonomy import Action, Label, Tactic
from sextortion_detect.wording import Wording, wording

_STYLES: Final = {
    Label.BLACKMAIL: "bold red",
    Label.GROOMING: "bold magenta",
    Label.VICTIM_REPORT: "bold cyan",
    Label.BENIGN: "green",
}
_DISTRESS_STYLE: Final = "bold cyan"
_EVIDENCE_STYLE: Final = "bold underline"
_INDENT: Final = 9  # columns, to the first letter of the time
_BAR: Final = 8  # columns of a full bar
_LINES_SHOWN: Final = 20
_FACTS_SHOWN: Final = 40

_COMMANDS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"

_VTE_WITH_BIDI: Final = 5700
"""GNOME Terminal and its kin turn Arabic around since VTE 0.58, which calls itself by this number and higher."""


Shown = TypeVar("Shown", str, Text)


@dataclass(frozen=True, slots=True)
class Look:
    """How to print: with styles or without, with isolates around strangers' texts or without, and in which language."""

    styled: bool = False
    isolates: bool = False
    lang: str = "en"

    def around(self, text: Shown) -> tuple[str, Shown, str]:
        """A text whose direction is its own, with what goes before it and behind it."""
        return (_ISOLATE, text, _END) if self.isolates else ("", text, "")


def look_of(is_terminal: bool, environment: Mapping[str, str] = os.environ, *, lang: str, plain: bool = False) -> Look:
    """The look for an output: isolates for a terminal that needs them alone; with `plain` neither these nor styles."""
    styled = is_terminal and not plain
    return Look(styled=styled, isolates=styled and turns_arabic_around(environment), lang=lang)


def harmless(text: str) -> str:
    """A stranger's text without what commands a terminal: escape sequences and overrides of the writing direction."""
    return _COMMANDS.sub("", text)


def isolated(text: str, look: Look) -> str:
    """A name or another short text of a stranger, harmless, and kept from turning the rest of the line around."""
    return "".join(look.around(harmless(text))) if text else ""


def turns_arabic_around(environment: Mapping[str, str]) -> bool:
    """Whether the terminal that describes itself in this environment shows Arabic from right to left by itself.

    >>> turns_arabic_around({"VTE_VERSION": "7600"}), turns_arabic_around({"TERM": "xterm-256color"})
    (True, False)
    """
    version = environment.get("VTE_VERSION", "")
    return (
        (version.isdecimal() and int(version) >= _VTE_WITH_BIDI)
        or any(name in environment for name in ("KONSOLE_VERSION", "MLTERM"))
        or environment.get("TERM_PROGRAM") == "Apple_Terminal"
    )


def show_verdict(text: str, verdict: Verdict, look: Look) -> RenderableType:
    """A verdict on one message: the text with its evidence marked, label, probability, action and tactics."""
    ui = wording(look.lang)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    share = ui.say("offense_share", share=ui.percent(verdict.probability))
    table.add_row(ui.say("verdict_label"), Text(_named(verdict.label, ui), style=_STYLES[verdict.label]))
    table.add_row(ui.say("verdict_sure"), share if verdict.flagged else ui.listed([share, ui.say("below")]))
    table.add_row(ui.say("verdict_action"), _named(verdict.action, ui))
    for tactic, probability in verdict.tactics.items():
        table.add_row(ui.say("verdict_tactic"), f"{_named(tactic, ui)} {ui.percent(probability)}")
    return Group(Padding(mark_evidence(text, verdict.evidence, styled=look.styled), (0, 0, 1, 0)), table)


def show_summary(shown: ChatSummary, look: Look, now: str = "", later: str = "") -> Iterator[RenderableType]:
    """What a scan prints of a chat: the verdict, key messages, the timeline, totals, and the reader's notes.

    Advice stands in between: what is urgent `now` beside the verdict, what can be read `later` at the end.
    """
    ui = wording(look.lang)
    yield _Isolated(Text(harmless(shown.source or ui.say("title")), style="bold"), look, indent=0)
    if shown.distress:
        numbers = ui.listed(_numbered(entry, ui) for entry in shown.distress[:_LINES_SHOWN])
        yield Text(f"{ui.say('distress_first')}: {numbers}", style=_DISTRESS_STYLE)
    yield from _header(shown, ui, look)
    if now:
        yield Text(now, no_wrap=True, overflow="ignore")
    if shown.key_messages:
        yield Text(f"\n{ui.say('key_messages')}", style="bold")
        yield from (_key_message(entry, ui, look) for entry in shown.key_messages)
    if shown.shown:
        yield Text(f"\n{ui.say('timeline')}", style="bold")
        yield from _timeline(shown, ui, look)
    yield _totals_table(shown, ui, look)
    if shown.facts and (shown.notable or shown.flagged):
        yield from _facts_box(shown, ui, look)
    yield from _reader_notes(shown, ui, look)
    if later:
        yield Text(later, no_wrap=True, overflow="ignore")


def mark_evidence(text: str, evidence: Iterable[Evidence], *, styled: bool) -> Text:
    """The text with its evidence underlined, or between « and » where there are no styles."""
    marked = Text()
    for piece in pieces(text, evidence):
        quoted = "«{}»" if piece.is_evidence and not styled else "{}"
        marked.append(quoted.format(harmless(piece.text)), style=_EVIDENCE_STYLE if piece.is_evidence else None)
    return marked


class _Isolated(NamedTuple):
    """A stranger's text, indented, wrapped, and isolated line by line: an isolate ends with the line it is on."""

    text: Text
    look: Look
    indent: int = _INDENT

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.wrap(console, max(options.max_width - self.indent, 20)):
            line.rstrip()
            yield Text.assemble(" " * self.indent, *self.look.around(line))


def _header(shown: ChatSummary, ui: Wording, look: Look) -> Iterator[Text]:
    if shown.state == "none":
        yield Text(ui.say("no_message", count=shown.count), style=_STYLES[Label.BENIGN])
        return
    style = {"flagged": _STYLES[shown.label], "support": _STYLES[Label.VICTIM_REPORT]}.get(shown.state, "bold")
    yield Text(ui.say(f"whole_{shown.state}", label=_named(shown.label, ui)), style=style)
    if shown.to_read and shown.state != "some":
        yield Text(ui.say("whole_some"), style="bold")
    yield Text(ui.say("flagged_count", flagged=shown.notable, count=shown.count))
    if shown.flagged:
        yield Text(f"{ui.say('highest_risk')}: {ui.percent(shown.probability, 1)}. {ui.say('risk_is')}")
    if shown.flagged and shown.offender is not None:
        yield Text(f"{ui.say('riskiest')}: {isolated(ui.who(shown.offender), look)}")
    if shown.to_read:
        yield Text(ui.say("one_to_read", number=_numbered(shown.to_read, ui)), style="bold")
    if shown.first:
        yield Text(f"{ui.say('first_flagged')}: {_numbered(shown.first, ui)}")
    for entry in [*shown.in_need.values()][:_LINES_SHOWN]:
        who = [isolated(ui.who(entry.message.author), look), _numbered(entry, ui)]
        yield Text(f"{ui.say('support')}: {ui.listed(who)}", style=_STYLES[Label.VICTIM_REPORT])


def _numbered(entry: Entry, ui: Wording) -> str:
    parts = (ui.say("message_number", number=ui.plain(entry.index + 1)), ui.time(entry.message.sent_at))
    return ui.listed(filter(None, parts))


def _key_message(entry: Entry, ui: Wording, look: Look) -> Text:
    told = ui.listed(filter(None, [_sure(entry, ui), ui.move(entry.move)]))
    return Text(
        f"{ui.plain(entry.index + 1):>7}  {ui.time(entry.message.sent_at):19}  {_who(entry.message, ui, look)}  {told}"
    )


def _who(message: Message, ui: Wording, look: Look) -> str:
    """Who sent a message, and from whom it was forwarded."""
    sender = "" if message.sender is None else isolated(ui.who(message.sender), look)
    if message.forwarded_from is None:
        return sender
    return f"{sender} ({ui.say('forwarded_from')} {isolated(ui.who(message.forwarded_from), look)})"


def _sure(entry: Entry, ui: Wording) -> str:
    """The label of a message, how sure it is, and its tactics; of words of distress, that they are."""
    if entry.verdict.distress and not entry.verdict.flagged:
        return ui.say("distress")
    shares: list[tuple[Label | Tactic, float]] = [(entry.verdict.label, entry.sureness), *entry.verdict.tactics.items()]
    return " · ".join(f"{ui.name(one)} {ui.percent(share)}" for one, share in shares)


def _timeline(shown: ChatSummary, ui: Wording, look: Look) -> Iterator[RenderableType]:
    """The messages that are shown, with a line for those between them that are not."""
    key = {entry.index for entry in shown.key_messages}
    expected = 0
    for entry in shown.shown:
        if entry.index > expected:
            yield Text(f"{'':{_INDENT}}… {ui.say('left_out', count=entry.index - expected)}", style="dim")
        expected = entry.index + 1
        mark = "first_flagged_here" if entry == shown.first else "key_message" if entry.index in key else None
        yield from _timeline_entry(entry, ui.say(mark) if mark else "", ui, look)
    if expected < shown.count:
        yield Text(f"{'':{_INDENT}}… {ui.say('left_out', count=shown.count - expected)}", style="dim")
    hidden = shown.notable - sum(entry.is_notable or entry == shown.first for entry in shown.shown)
    if len(shown.shown) < shown.count:
        yield Text(ui.say("shown_note", shown=len(shown.shown), count=shown.count, notable=hidden), style="bold")


def _timeline_entry(entry: Entry, mark: str, ui: Wording, look: Look) -> Iterator[RenderableType]:
    """A line says when, the risk after it and who; below it stand the message, its label and its tactics."""
    judged = entry.verdict
    full = round(entry.risk * _BAR)
    yield Text.assemble(
        f"{ui.plain(entry.index + 1):>7}  {ui.time(entry.message.sent_at):19}  ",
        (f"{'█' * full}{'·' * (_BAR - full)}", "red" if full >= _BAR / 2 else "dim"),
        f" {ui.percent(entry.risk):>4}  {_who(entry.message, ui, look)}",
        (f"  ◂ {mark}" if mark else "", "bold"),
    )
    is_notice = entry.message.kind is MessageKind.SYSTEM and not judged.flagged
    text = ui.notice(entry.message.text) if is_notice else entry.message.text
    yield _Isolated(mark_evidence(text, judged.evidence, styled=look.styled), look)
    support = ui.say("action_support") if judged.action is Action.SUPPORT else ""
    distress = ui.say("distress") if judged.distress else ""
    told = _sure(entry, ui) if judged.flagged else support
    for note, style in ((told, _STYLES[judged.label]), (distress, _DISTRESS_STYLE)):
        if note:
            yield Padding(Text(note, style=style), (0, 0, 0, _INDENT), expand=False)
    yield Text()


def _named(of: Label | Tactic | Action, ui: Wording) -> str:
    """A word of the taxonomy, for readers of English beside the Arabic."""
    return f"{of.value} · {of.arabic}" if ui.lang == "en" else of.arabic


def _totals_table(shown: ChatSummary, ui: Wording, look: Look) -> Table:
    table = Table(box=SIMPLE, pad_edge=False)
    for title in (ui.say("messages"), ui.name(Label.BLACKMAIL), ui.name(Label.GROOMING), ui.say("support")):
        table.add_column(title.lower(), justify="right")
    table.add_column(ui.say("sender").lower())
    by_count = sorted(shown.senders.items(), key=lambda item: -item[1].messages)
    for sender, totals in by_count[:_LINES_SHOWN]:
        counts = (totals.messages, totals.flagged[Label.BLACKMAIL], totals.flagged[Label.GROOMING], totals.support)
        table.add_row(*map(ui.number, counts), Text(isolated(ui.who(sender), look)))
    if len(by_count) > _LINES_SHOWN:
        rest = sum(totals.messages for _, totals in by_count[_LINES_SHOWN:])
        table.add_row(ui.number(rest), "", "", "", f"… {ui.number(len(by_count) - _LINES_SHOWN)}")
    return table


def _facts_box(shown: ChatSummary, ui: Wording, look: Look) -> Iterator[RenderableType]:
    yield Text(ui.say("facts"), style="bold")
    table = Table(Column(), Column(overflow="fold"), box=None, show_header=False, pad_edge=False)
    for fact in shown.facts[:_FACTS_SHOWN]:
        who = "" if fact.sender is None else isolated(ui.who(fact.sender), look)
        times = f" ({ui.say('times', count=fact.times)})" if fact.times > 1 else ""
        number = ui.say("message_number", number=ui.plain(fact.index + 1))
        value = Text(f"{isolated(fact.value, look)}{times}")
        table.add_row(ui.say(f"fact_{fact.kind}"), value, Text(who), number, ui.time(fact.sent_at))
    yield table
    if len(shown.facts) > _FACTS_SHOWN:
        yield Text(ui.say("facts_more", count=len(shown.facts) - _FACTS_SHOWN), style="bold")
    if shown.facts_dropped:
        yield Text(ui.say("facts_dropped", count=shown.facts_dropped, most=MOST), style="bold")


def _reader_notes(shown: ChatSummary, ui: Wording, look: Look) -> Iterator[Text]:
    report = shown.report
    counts = [ui.say(f"kind_{kind.value}", count=count) for kind, count in sorted(report.entries.items())]
    read = ui.say(f"{report.unit.value}s_read", count=report.lines)
    counts.append(ui.say("not_understood", count=len(report.not_understood)))
    yield Text(f"{read} · {ui.listed(counts)}.", style="dim")
    if report.not_understood:
        numbers = ui.listed(map(ui.plain, report.not_understood[:_LINES_SHOWN]))
        more = " …" if len(report.not_understood) > _LINES_SHOWN else ""
        yield Text(f"{ui.say('not_understood_at')}: {numbers}{more}", style="yellow")
    for note in report.notes:
        yield Text(f"{ui.say('note')}: {isolated(ui.told(note), look)}.", style="yellow")
