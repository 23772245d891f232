"""A chat verdict as one HTML file that needs nothing else: no script, nothing from outside, printable."""

from collections.abc import Iterable, Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, Template

from sextortion_detect.records import ChatVerdict, Evidence


def render_html(verdict: ChatVerdict) -> str:
    """The page; every text and name from the chat is escaped."""
    entries = list(zip(verdict.chat.messages, verdict.messages, strict=True))
    return _template().render(verdict=verdict, entries=entries, parts=_parts)


@cache
def _template() -> Template:
    return Environment(loader=PackageLoader("sextortion_detect"), autoescape=True).get_template("chat.html")


def _parts(text: str, evidence: Iterable[Evidence]) -> Iterator[tuple[str, str | None]]:
    """The text in pieces, each with the tactic it shows (empty where none is sure), or None where it is no evidence."""
    position = 0
    for span in sorted(evidence, key=lambda span: span.start):
        yield text[position : span.start], None
        yield text[span.start : span.end], span.tactic.value if span.tactic else ""
        position = span.end
    yield text[position:], None
