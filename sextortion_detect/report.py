"""What a person sees of verdicts in a terminal: marked evidence, the flagged messages of a chat, totals by sender.

Arabic is printed in its logical order; terminals that can will show it from right to left. Where a terminal has no
styles, evidence stands between « and ».
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sextortion_detect.records import ChatVerdict, Evidence, MessageKind, Verdict
from sextortion_detect.taxonomy import Action, Label

_STYLES: Final = {
    Label.BLACKMAIL: "bold red",
    Label.GROOMING: "bold magenta",
    Label.VICTIM_REPORT: "bold cyan",
    Label.BENIGN: "green",
}
_EVIDENCE_STYLE: Final = "bold underline"
_INDENT: Final = 7  # columns, to the first letter of the time

_COMMANDS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_LEFT_TO_RIGHT: Final = "\N{LEFT-TO-RIGHT MARK}"
"""Before each line of several fields, and the name last in it: else a terminal that turns Arabic around turns the order
of the fields around too."""


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


def show_chat(verdict: ChatVerdict, *, styled: bool) -> Iterator[RenderableType]:
    """What a scan prints of a chat: a headline, the flagged messages, totals by sender, and what the reader noted."""
    yield Text(_harmless(verdict.chat.source or "chat"), style="bold")
    yield _headline(verdict)
    if any(message.action is not Action.NONE for message in verdict.messages):
        yield from _messages_to_read(verdict, styled=styled)
    yield _totals_table(verdict)
    yield from _reader_notes(verdict)


def _sureness(verdict: Verdict) -> float:
    """The probability that the decision rests on."""
    return verdict.probability if verdict.flagged else verdict.scores[verdict.label]


def mark_evidence(text: str, evidence: Iterable[Evidence], *, styled: bool) -> Text:
    """The text with its evidence underlined, or between « and » where there are no styles."""
    marked = Text()
    position = 0
    for span in sorted(evidence, key=lambda span: span.start):
        marked.append(_harmless(text[position : span.start]))
        shown = _harmless(text[span.start : span.end])
        marked.append(shown if styled else f"«{shown}»", style=_EVIDENCE_STYLE)
        position = span.end
    marked.append(_harmless(text[position:]))
    return marked


def _harmless(text: str) -> str:
    """A stranger's text without what commands a terminal: escape sequences and overrides of the writing direction."""
    return _COMMANDS.sub("", text)


def _headline(verdict: ChatVerdict) -> Text:
    flagged = sum(message.flagged for message in verdict.messages)
    if verdict.first_flagged is None:
        said = f"No message flagged among {len(verdict.messages)} entries."
        return Text(said, style=_STYLES[Label.BENIGN])
    since = verdict.chat.messages[verdict.first_flagged].sent_at
    return Text.assemble(
        (f"{verdict.label.value} · {verdict.label.arabic}", _STYLES[verdict.label]),
        f"{_LEFT_TO_RIGHT}: {flagged} of {len(verdict.messages)} entries flagged",
        f", the first on {since:%Y-%m-%d at %H:%M}" if since else "",
        f", riskiest sender {_harmless(verdict.offender)}." if verdict.offender else ".",
    )


def _messages_to_read(verdict: ChatVerdict, *, styled: bool) -> Iterator[RenderableType]:
    """What a person should read: flagged messages and reports of victims.

    A line says when, what, how sure and who; below it stand the message and its tactics in full width.
    """
    yield Text(f"\n{_LEFT_TO_RIGHT}{'#':>5}  {'time':16}  {'label':13}  {'sure':4}  sender", style="bold")
    for number, (message, judged) in enumerate(zip(verdict.chat.messages, verdict.messages, strict=True), start=1):
        if judged.action is Action.NONE:
            continue
        yield Text.assemble(
            f"{_LEFT_TO_RIGHT}{number:>5}  ",
            f"{message.sent_at:%Y-%m-%d %H:%M}  " if message.sent_at else f"{'':16}  ",
            (f"{judged.label.value:13}", _STYLES[judged.label]),
            f"  {_sureness(judged):.2f}  {_harmless(message.sender or '')}",
        )
        tactics = ", ".join(f"{tactic.value} {probability:.2f}" for tactic, probability in judged.tactics.items())
        means = tactics if judged.flagged else f"action: {judged.action.value}"
        said = Group(mark_evidence(message.text, judged.evidence, styled=styled), Text(means, style="dim"))
        yield Padding(said, (0, 0, 1, _INDENT))


def _totals_table(verdict: ChatVerdict) -> Table:
    messages: Counter[str] = Counter()
    flagged: Counter[tuple[str, Label]] = Counter()
    support: Counter[str] = Counter()
    for message, judged in zip(verdict.chat.messages, verdict.messages, strict=True):
        if message.kind is MessageKind.SYSTEM:
            continue
        sender = message.sender or ""
        messages[sender] += 1
        flagged[sender, judged.label] += judged.flagged
        support[sender] += judged.action is Action.SUPPORT
    table = Table(box=SIMPLE, pad_edge=False)
    for title in ("messages", "blackmail", "grooming", "needs support"):
        table.add_column(title, justify="right")
    table.add_column("sender")
    for sender, count in messages.most_common():
        offenses = (flagged[sender, Label.BLACKMAIL], flagged[sender, Label.GROOMING])
        table.add_row(f"{_LEFT_TO_RIGHT}{count}", *map(str, offenses), str(support[sender]), Text(_harmless(sender)))
    return table


def _reader_notes(verdict: ChatVerdict) -> Iterator[Text]:
    report = verdict.chat.report
    counts = ", ".join(f"{count} {kind.value}" for kind, count in sorted(report.entries.items()))
    yield Text(f"{report.lines} lines read: {counts}; {len(report.not_understood)} not understood.", style="dim")
    if report.not_understood:
        shown = ", ".join(map(str, report.not_understood[:_LINES_SHOWN]))
        more = " …" if len(report.not_understood) > _LINES_SHOWN else ""
        yield Text(f"Lines not understood: {shown}{more}", style="yellow")
    for note in report.notes:
        yield Text(f"Note: {note}.", style="yellow")


_LINES_SHOWN: Final = 20
