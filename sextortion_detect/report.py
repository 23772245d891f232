"""What a person sees of verdicts in a terminal: the verdict on a chat, what raised its risk, and its timeline.

Arabic is printed in its logical order. For terminals that turn it around themselves, each field of a stranger's text is
isolated, so that it turns nothing else around; other terminals get no such marks, since some show them as boxes. Where
there are no styles, evidence stands between « and ».
"""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.box import SIMPLE
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sextortion_detect.digest import Digest, Entry
from sextortion_detect.evidence import Evidence
from sextortion_detect.interface import Interface, interface
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.terminal import Look, harmless, isolated

_STYLES: Final = {
    Label.BLACKMAIL: "bold red",
    Label.GROOMING: "bold magenta",
    Label.VICTIM_REPORT: "bold cyan",
    Label.BENIGN: "green",
}
_EVIDENCE_STYLE: Final = "bold underline"
_INDENT: Final = 9  # columns, to the first letter of the time
_BAR: Final = 8  # columns of a full bar
_LINES_SHOWN: Final = 20


def show_verdict(text: str, verdict: Verdict, *, styled: bool) -> RenderableType:
    """A verdict on one message: the text with its evidence marked, label, probability, action and tactics."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_row("label", Text(f"{verdict.label.value} · {verdict.label.arabic}", style=_STYLES[verdict.label]))
    offense = "" if verdict.flagged else "; below the threshold, so not flagged"
    table.add_row("sure", f"{verdict.probability:.2f} that it is blackmail or grooming{offense}")
    table.add_row("action", f"{verdict.action.value} · {verdict.action.arabic}")
    for tactic, probability in verdict.tactics.items():
        table.add_row("tactic", f"{tactic.value} {probability:.2f} · {tactic.arabic}")
    return Group(Padding(mark_evidence(text, verdict.evidence, styled=styled), (0, 0, 1, 0)), table)


def show_digest(shown: Digest, look: Look) -> Iterator[RenderableType]:
    """What a scan prints of a chat: the verdict, what raised the risk, the timeline, totals, and the reader's notes."""
    ui = interface(look.lang)
    yield _Isolated(Text(harmless(shown.source or ui.say("title")), style="bold"), look, indent=0)
    yield from _header(shown, ui, look)
    if shown.turning_points:
        yield Text(f"\n{ui.say('turning_points')}", style="bold")
        yield from (_turning_point(entry, ui, look) for entry in shown.turning_points)
    if shown.shown:
        yield Text(f"\n{ui.say('timeline')}", style="bold")
        yield from _timeline(shown, ui, look)
    yield _totals_table(shown, ui, look)
    yield from _reader_notes(shown, ui, look)


def mark_evidence(text: str, evidence: Iterable[Evidence], *, styled: bool) -> Text:
    """The text with its evidence underlined, or between « and » where there are no styles."""
    marked = Text()
    position = 0
    for span in sorted(evidence, key=lambda span: span.start):
        marked.append(harmless(text[position : span.start]))
        shown = harmless(text[span.start : span.end])
        marked.append(shown if styled else f"«{shown}»", style=_EVIDENCE_STYLE)
        position = span.end
    marked.append(harmless(text[position:]))
    return marked


class _Isolated:
    """A stranger's text, indented, wrapped, and isolated line by line: an isolate ends with the line it is on."""

    def __init__(self, text: Text, look: Look, indent: int = _INDENT) -> None:
        self._text = text
        self._look = look
        self._indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._text.wrap(console, max(options.max_width - self._indent, 20)):
            line.rstrip()
            yield Text.assemble(" " * self._indent, self._look.opening, line, self._look.closing)


def _header(shown: Digest, ui: Interface, look: Look) -> Iterator[Text]:
    style = _STYLES[shown.label]
    if not shown.notable and not shown.flagged:
        yield Text(ui.say("no_message", count=shown.count), style=_STYLES[Label.BENIGN])
        return
    named = f"{shown.label.value} · {shown.label.arabic}" if ui.lang == "en" else shown.label.arabic
    if shown.flagged:
        yield Text(ui.say("whole_flagged", label=named), style=style)
    elif shown.label is Label.VICTIM_REPORT:
        yield Text(ui.say("whole_support"), style=style)
        yield Text(ui.say("no_message", count=shown.count))
    else:
        yield Text(ui.say("whole_some"), style="bold")
    facts = [ui.say("flagged_count", flagged=shown.notable, count=shown.count)]
    if shown.flagged:
        facts.append(f"{ui.say('highest_risk')}: {ui.percent(shown.probability)}")
    yield Text(" · ".join(facts))
    if shown.flagged and shown.offender is not None:
        yield Text(f"{ui.say('riskiest')}: {isolated(shown.offender, look)}")
    if shown.first:
        when = f", {ui.time(shown.first.message.sent_at)}" if shown.first.message.sent_at else ""
        number = ui.say("message_number", number=ui.plain(shown.first.index + 1))
        yield Text(f"{ui.say('first_flagged')}: {number}{when}")


def _turning_point(entry: Entry, ui: Interface, look: Look) -> Text:
    return Text.assemble(
        f"{ui.plain(entry.index + 1):>7}  {ui.time(entry.message.sent_at):16}  ",
        f"{ui.move(entry.move)}, {ui.say('up_to', risk=ui.percent(entry.risk))}",
        f"  {isolated(entry.message.sender or '', look)}",
    )


def _timeline(shown: Digest, ui: Interface, look: Look) -> Iterator[RenderableType]:
    """The messages that are shown, with a line for those between them that are not."""
    turning = {entry.index for entry in shown.turning_points}
    expected = 0 if shown.flagged else None
    for entry in shown.shown:
        if expected is not None and entry.index > expected:
            yield Text(f"{'':{_INDENT}}… {ui.say('left_out', count=entry.index - expected)}", style="dim")
        expected = entry.index + 1
        is_first = shown.first is not None and entry.index == shown.first.index
        mark = "first_flagged_here" if is_first else "turning_point" if entry.index in turning else None
        yield from _timeline_entry(entry, ui.say(mark) if mark else "", ui, look)
    if expected is not None and expected < shown.count and shown.flagged:
        yield Text(f"{'':{_INDENT}}… {ui.say('left_out', count=shown.count - expected)}", style="dim")
    hidden = shown.notable - sum(entry.is_notable for entry in shown.shown)
    if (shown.flagged and len(shown.shown) < shown.count) or hidden:
        yield Text(ui.say("shown_note", shown=len(shown.shown), count=shown.count, notable=hidden), style="bold")


def _timeline_entry(entry: Entry, mark: str, ui: Interface, look: Look) -> Iterator[RenderableType]:
    """A line says when, the risk after it and who; below it stand the message, its label and its tactics."""
    judged = entry.verdict
    full = round(entry.risk * _BAR)
    yield Text.assemble(
        f"{ui.plain(entry.index + 1):>7}  {ui.time(entry.message.sent_at):16}  ",
        (f"{'█' * full}{'·' * (_BAR - full)}", "red" if full >= _BAR / 2 else "dim"),
        f" {ui.percent(entry.risk):>4}  {isolated(entry.message.sender or '', look)}",
        (f"  ◂ {mark}" if mark else "", "bold"),
    )
    yield _Isolated(mark_evidence(entry.message.text, judged.evidence, styled=look.styled), look)
    if judged.flagged:
        tactics = (f"{_tactic(tactic, ui)} {share:.2f}" for tactic, share in judged.tactics.items())
        label = judged.label.value if ui.lang == "en" else judged.label.arabic
        said = Text.assemble((label, _STYLES[judged.label]), f" {entry.sureness:.2f}: {', '.join(tactics)}")
        yield Padding(said, (0, 0, 0, _INDENT), expand=False)
    elif judged.action is Action.SUPPORT:
        yield Padding(Text(ui.say("action_support"), style=_STYLES[judged.label]), (0, 0, 0, _INDENT), expand=False)
    yield Text()


def _tactic(tactic: object, ui: Interface) -> str:
    return str(tactic) if ui.lang == "en" else str(getattr(tactic, "arabic", tactic))


def _totals_table(shown: Digest, ui: Interface, look: Look) -> Table:
    table = Table(box=SIMPLE, pad_edge=False)
    for title in (ui.say("messages"), ui.name(Label.BLACKMAIL), ui.name(Label.GROOMING), ui.say("support")):
        table.add_column(title.lower(), justify="right")
    table.add_column(ui.say("sender").lower())
    by_count = sorted(shown.senders.items(), key=lambda item: -item[1].messages)
    for sender, totals in by_count[:_LINES_SHOWN]:
        counts = (totals.messages, totals.flagged[Label.BLACKMAIL], totals.flagged[Label.GROOMING], totals.support)
        table.add_row(*map(ui.number, counts), Text(isolated(sender or "", look)))
    if len(by_count) > _LINES_SHOWN:
        rest = sum(totals.messages for _, totals in by_count[_LINES_SHOWN:])
        table.add_row(ui.number(rest), "", "", "", f"… {ui.number(len(by_count) - _LINES_SHOWN)}")
    return table


def _reader_notes(shown: Digest, ui: Interface, look: Look) -> Iterator[Text]:
    report = shown.report
    counts = ", ".join(ui.say(f"kind_{kind.value}", count=count) for kind, count in sorted(report.entries.items()))
    read = ui.say(f"{report.unit.value}s_read", count=report.lines)
    yield Text(f"{read}: {counts}; {ui.say('not_understood', count=len(report.not_understood))}.", style="dim")
    if report.not_understood:
        numbers = ", ".join(map(ui.plain, report.not_understood[:_LINES_SHOWN]))
        more = " …" if len(report.not_understood) > _LINES_SHOWN else ""
        yield Text(f"{ui.say('not_understood_at')}: {numbers}{more}", style="yellow")
    for note in report.notes:
        yield Text(f"{ui.say('note')}: {isolated(note, look)}.", style="yellow")
