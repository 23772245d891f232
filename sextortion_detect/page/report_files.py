"""Reports of a whole scan: one chat makes one file; several make one file each, and an index that leads to them."""

from pathlib import Path
from typing import NamedTuple

from sextortion_detect.errors import InputError
from sextortion_detect.page.chat_page import page_basics, render_html, template
from sextortion_detect.records import ChatVerdict
from sextortion_detect.taxonomy import Action, Label
from sextortion_detect.verdict_files import check_writable
from sextortion_detect.wording import wording


class Listed(NamedTuple):
    """A chat as the index lists it: the file of its report, its name, and the verdict in short."""

    file: str
    name: str
    label: Label
    flagged: bool
    risk: float
    entries: int
    notable: int


class HtmlReports:
    """Writes the reports of a scan to `path`: the report itself where there is one chat, else an index.

    The reports of several chats lie beside the index, as `report-1.html`, `report-2.html`, … for `report.html`.
    Raises `InputError` early where they cannot be written or the language is unknown.
    """

    def __init__(self, path: Path, *, lang: str = "ar", redact: bool = False, country: str | None = None) -> None:
        if path.suffix not in {".html", ".htm"}:
            raise InputError(f"{path} must end in .html; give the report such a name.")
        check_writable(path)
        self._path = path
        self._ui = wording(lang)
        self._redact = redact
        self._country = country
        self._listed: list[Listed] = []

    def add(self, verdict: ChatVerdict) -> None:
        """Write the report of the next chat."""
        number = len(self._listed) + 1
        path = self._path.with_stem(f"{self._path.stem}-{number}")
        page = render_html(verdict, lang=self._ui.lang, redact=self._redact, country=self._country)
        _write(path, page)
        hidden = self._redact or verdict.chat.source is None
        name = self._ui.say("chat_number", number=number) if hidden else str(verdict.chat.source)
        notable = sum(message.action is not Action.NONE for message in verdict.messages)
        self._listed.append(
            Listed(path.name, name, verdict.label, verdict.flagged, verdict.probability, len(verdict.messages), notable)
        )

    def close(self) -> list[Path]:
        """Put the one report in its place, or write the index; gives the files that were written."""
        written = [self._path.with_name(listed.file) for listed in self._listed]
        if len(written) == 1:
            written[0].replace(self._path)
            return [self._path]
        if written:
            riskiest_first = sorted(self._listed, key=lambda listed: -listed.risk)
            _write(self._path, template("index.html").render(**page_basics(self._ui), listed=riskiest_first))
            written.insert(0, self._path)
        return written


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another place.") from None
