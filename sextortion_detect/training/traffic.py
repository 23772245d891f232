"""Real text of other people: the background that is fitted against, and the traffic that sets thresholds.

Both are JSON Lines files with a `text` field, packed with gzip or not. What enters a model from the background is
n-gram statistics, never text; traffic is never fitted on.
"""

import gzip
import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sextortion_detect.errors import InputError
from sextortion_detect.readers.table_rows import parsed_object
from sextortion_detect.taxonomy import Label
from sextortion_detect.training.corpus import read_table

PRIVATE: Final = "private"
"""The kind and the source of ordinary private lines, which come with the corpus."""

PRIVATE_LINES: Final = "private lines"
"""Their stratum."""

STRATA: Final[dict[str, tuple[str, ...]]] = {
    "conversation": ("chat", "dialogue", "customer_service", "sms", "qa", "subtitle"),
    "public talk": ("tweet", "comment", "insult", "spam", "lyric", "lyrics", "proverb"),
    "edited text": ("news", "review", "other"),
    PRIVATE_LINES: (PRIVATE,),
}
"""The kinds of text of each stratum: a budget of false alarms must hold where it is spent."""

_STRATUM_OF: Final = {kind: stratum for stratum, kinds in STRATA.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class TrafficText:
    """One text, with the source and the kind that the file names for it (empty where it names none)."""

    text: str = field(repr=False)
    source: str
    kind: str = ""

    @property
    def stratum(self) -> str:
        """The stratum of its kind; texts of no known kind are one of their own, named ``."""
        return _STRATUM_OF.get(self.kind, "")

    @property
    def digest(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def private_lines(folder: Path) -> list[TrafficText]:
    """The ordinary private lines in `blind/private_dev.csv` of a corpus, a stratum of their own; none without it."""
    lines = read_table(folder / "blind" / "private_dev.csv")
    return [TrafficText(line["text"], PRIVATE, PRIVATE) for line in lines if line["label"] == Label.BENIGN]


def read_left_out(folder: Path, collection: str) -> frozenset[str]:
    """The digests in `traffic_left_out.csv` or `background_left_out.csv` of a corpus, whichever is asked for.

    Of the traffic they are of texts that a reader took for offenses, or could not decide, among the 500 of each stratum
    that a model scored highest; of the background, of texts that speak of distress, or may, among the 1,600 that scored
    highest by fits without them. Empty where there is no such file.
    """
    return frozenset(next(iter(line.values())) for line in read_table(folder / f"{collection}_left_out.csv"))


def set_thresholds(texts: Sequence[TrafficText]) -> NDArray[np.bool_]:
    """Which texts are of the half that sets thresholds; the other half only measures.

    Halves are split by source, so that no threshold is set on the kind of text that it is measured on: in each stratum
    the sources go, the largest first, to the half that has fewer texts of it so far. Where a stratum has one source,
    each other text of it is of either half. All private lines set thresholds: others of their kind, that nobody looks
    at, measure.

    >>> set_thresholds([TrafficText(str(place), source) for place, source in enumerate("aaabbc")]).tolist()
    [True, True, True, False, False, False]
    """
    strata, sources = defaultdict[str, Counter[str]](Counter), defaultdict[str, list[str]](list)
    for text in texts:
        strata[text.source][text.stratum] += 1
    strata.pop(PRIVATE, None)
    for source, of_source in sorted(strata.items(), key=lambda item: (-item[1].total(), item[0])):
        sources[min(of_source, key=lambda name: (-of_source[name], name))].append(source)
    named = np.array([text.source for text in texts])
    sets = np.array([text.kind == PRIVATE for text in texts], dtype=np.bool_)
    for some in sources.values():
        sizes = [0, 0]
        for source in some:
            half = int(sizes[1] <= sizes[0])
            sizes[half] += strata[source].total()
            sets[named == source] = half
        if len(some) == 1:
            sets[np.flatnonzero(named == some[0])[1::2]] = False
    return sets


class TrafficFile(NamedTuple):
    """The texts of a file, its SHA-256, and the numbers of the lines that could not be read."""

    name: str
    sha256: str
    texts: tuple[TrafficText, ...]
    bad_lines: tuple[int, ...]

    def without(self, left_out: Collection[str]) -> list[TrafficText]:
        """The texts but those of these digests."""
        return [text for text in self.texts if text.digest not in left_out]

    def to_dict(self) -> dict[str, Any]:
        """As the manifest of a model names the file."""
        sources = Counter(text.source for text in self.texts)
        counts = {"texts": len(self.texts), "bad_lines": len(self.bad_lines), "sources": dict(sources)}
        return {"file": self.name, "sha256": self.sha256, **counts}

    def notes(self) -> list[str]:
        """A sentence where there are lines that could not be read."""
        shown = ", ".join(map(str, self.bad_lines[:10]))
        passed_over = f"{self.name}: {len(self.bad_lines)} lines without a text were passed over: {shown}"
        return [passed_over] if self.bad_lines else []


def read_traffic(path: Path) -> TrafficFile:
    """Read one file; lines that are no JSON object with a text are skipped and listed.

    Raises `InputError` where the file is missing, damaged, or has no text at all.
    """
    try:
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8").split("\n")
    except FileNotFoundError:
        raise InputError(f"There is no file at {path}; check the path.") from None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        raise InputError(f"{path} cannot be read as JSON Lines in UTF-8; check that it is complete.") from None
    read = [(number, _text_of(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    texts = tuple(text for _, text in read if text is not None)
    if not texts:
        raise InputError(f"{path} has no line with a text; each line must be a JSON object with the field text.")
    bad_lines = tuple(number for number, text in read if text is None)
    return TrafficFile(path.name, hashlib.sha256(raw).hexdigest(), texts, bad_lines)


def _text_of(line: str) -> TrafficText | None:
    record = parsed_object(line)
    if record is None or not isinstance(record.get("text"), str):
        return None
    return TrafficText(record["text"], str(record.get("source", "")), str(record.get("kind", "")))
