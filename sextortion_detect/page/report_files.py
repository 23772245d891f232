"""Reports of a whole scan: one chat makes one file; several make one file each, and an index that leads to them."""

from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from sextortion_detect.chat_summary import ChatSummary, summarize
from sextortion_detect.errors import OutputError
from sextortion_detect.page.chat_page import MARK, page_basics, render_html, template
from sextortion_detect.records import ChatVerdict
from sextortion_detect.verdict_files import check_writable, write_text, writing
from sextortion_detect.wording import wording


class HtmlReports(AbstractContextManager["HtmlReports"]):
    """Writes the reports of a scan to `path`: the report itself where there is one chat, else an index.

    The reports of several chats lie beside the index, as `report-1.html`, `report-2.html`, … for `report.html`. Until
    `close` they lie in a temporary folder there, which goes at the end of a `with`, whatever happens.

    What bears the mark of a page is replaced, another file only with `force`. Raises `OutputError` where pages cannot
    be written or would take the place of such a file, `InputError` early where the language is unknown.
    """

    def __init__(
        self, path: Path, *, lang: str = "ar", redact: bool = False, country: str | None = None, force: bool = False
    ) -> None:
        if path.suffix not in {".html", ".htm"}:
            raise OutputError(f"{path} must end in .html; give the report such a name.")
        self._path = path
        self._ui = wording(lang)
        self._redact = redact
        self._country = country
        self._force = force
        self._listed: list[tuple[str, str, ChatSummary]] = []  # file of the report, name of the chat, and it in short
        self._check(path)
        with writing(path):
            self._folder = TemporaryDirectory(dir=path.parent, prefix=".")  # on the same disk, so that pages are moved

    def add(self, verdict: ChatVerdict) -> None:
        """Write the report of the next chat."""
        number = len(self._listed) + 1
        path = self._path.with_stem(f"{self._path.stem}-{number}")
        for first in self._listed[:1]:  # with a second one, both take places of their own
            self._check(self._path.with_name(first[0]))
            self._check(path)
        page = render_html(verdict, lang=self._ui.lang, redact=self._redact, country=self._country)
        write_text(self._made(path), page)
        hidden = self._redact or verdict.chat.source is None
        name = self._ui.say("chat_number", number=number) if hidden else str(verdict.chat.source)
        self._listed.append((path.name, name, summarize(verdict, facts=[()] * len(verdict.messages))))

    def close(self) -> list[Path]:
        """Put the one report in its place, or all of them and an index; gives the files that were written."""
        pages = [self._path, *(self._path.with_name(file) for file, *_ in self._listed)]
        if len(pages) == 2:
            self._made(pages.pop()).replace(self._made(self._path))
        else:
            by_need = sorted(self._listed, key=lambda listed: listed[-1].need)
            index = template("index.html").render(**page_basics(self._ui), listed=by_need)
            write_text(self._made(self._path), index)
        written = pages if self._listed else []
        for page in reversed(written):  # the index last, so that its links lead somewhere
            with writing(page):
                self._made(page).replace(page)
        self._folder.cleanup()
        return written

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def _made(self, path: Path) -> Path:
        return Path(self._folder.name, path.name)

    def _check(self, path: Path) -> None:
        check_writable(path)
        is_own = path.is_file() and MARK.encode() in path.read_bytes()  # nothing is read of pipes and devices
        if path.exists() and not is_own and not self._force:
            raise OutputError(
                f"{path} is no report that this program wrote; choose another place, or replace it with --force."
            )
