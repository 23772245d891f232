"""JSON exports of any size, walked in flat memory: one record is held at a time.

The chats of an export are arrays of objects; which arrays are taken apart into records, and which objects are walked
through on the way there, follows from three places where the exports of all families keep them: the root, the arrays
right below it, and any array named `messages`.
"""

import re
from collections.abc import Iterator
from typing import IO, Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.readers.decode import LONGEST_LINE

DEEPEST: Final = 64
"""How deep objects may lie within one another; those of real exports lie at most 10 deep."""

_READ_AT_ONCE: Final = 1 << 16

Path = tuple[str, ...]
"""The keys from the root to a value; the items of an array bear the name `item`."""

Events = Iterator[tuple[str, Any]]


def walk(file: IO[bytes], place: str) -> Iterator[tuple[Path, Any]]:
    """Every value outside of records in its order, with its path; for each array of records an iterator over them.

    Records that have not been taken are passed over when the next value is asked for. Raises `InputError` at the place
    where the document breaks off, is no JSON, or lies too deep; what came before has been yielded by then.
    """
    cleaned = _Cleaned(file, place)
    events = _events(cleaned)
    for event, value in events:
        yield from _walk_value(cleaned, events, event, value, ())


class DamagedJson(InputError):
    """A document that breaks off, or is no JSON from some place on."""


def _events(cleaned: "_Cleaned") -> Events:
    import ijson

    depth = 0
    try:
        for found in ijson.basic_parse(cleaned, buf_size=_READ_AT_ONCE):
            depth += _DEEPER.get(found[0], 0)
            if depth > DEEPEST:
                raise InputError(f"{cleaned.place} is nested more deeply than any chat; it was not read further.")
            yield found
        return
    # UnicodeDecodeError of bad bytes between the values, the others of numbers with thousands of digits.
    except (ijson.JSONError, UnicodeDecodeError, SystemError, ArithmeticError):
        what = "breaks off in the middle" if cleaned.has_ended else "is damaged: it is no valid JSON"
    # Raised outside: the parser's errors quote the text, and would hang on to ours.
    raise DamagedJson(f"{cleaned.place} {what}; export it again.")


def _walk_value(cleaned: "_Cleaned", events: Events, event: str, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    cleaned.since_step = 0
    if event == "start_map":
        for _, key in iter(events.__next__, _END_OF_MAP):
            yield from _walk_value(cleaned, events, *next(events), (*path, key))
    elif event == "start_array" and (len(path) <= 1 or path[-1] == "messages"):
        yield path, (records := _records(cleaned, events))
        for _ in records:
            pass
    elif event == "start_array":
        for inner, item in iter(events.__next__, _END_OF_ARRAY):
            yield from _walk_value(cleaned, events, inner, item, (*path, "item"))
    else:
        yield path, value


def _records(cleaned: "_Cleaned", events: Events) -> Iterator[Any]:
    for event, value in iter(events.__next__, _END_OF_ARRAY):
        yield _build(events, event, value)
        cleaned.since_step = 0


def _build(events: Events, event: str, value: Any) -> Any:
    if event == "start_map":
        built: dict[str, Any] = {}
        for _, key in iter(events.__next__, _END_OF_MAP):
            opening, plain = next(events)
            # Most values are plain, and a call for each costs a third of the time.
            built[key] = _build(events, opening, plain) if opening in _DEEPER else plain
        return built
    if event == "start_array":
        return [_build(events, *item) for item in iter(events.__next__, _END_OF_ARRAY)]
    return value


_END_OF_MAP: Final = ("end_map", None)
_END_OF_ARRAY: Final = ("end_array", None)
_DEEPER: Final = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}

# Telegram Desktop writes control characters as \x0B, which is no JSON (SerializeString in its export_output_json.cpp).
_HEX_ESCAPE: Final = re.compile(rb"((?<!\\)(?:\\\\)*)\\x([0-9A-Fa-f]{2})")
_HIGH: Final = rb"\\u[dD][89abAB][0-9A-Fa-f]{2}"
_CUT_ESCAPE: Final = re.compile(
    rb"(?<!\\)(?:\\\\)*(\\(?:x[0-9A-Fa-f]?|u[0-9A-Fa-f]{0,3})?|" + _HIGH + rb"(?:\\(?:u[0-9A-Fa-f]{0,3})?)?)\Z"
)
# The second half of an emoji that an app has cut in two; the parser puts a question mark for a first half alone.
_LOW: Final = rb"\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
_LOW_ESCAPE: Final = re.compile(rb"(\\\\|" + _HIGH + _LOW + rb")|" + _LOW)


class _Cleaned:
    """The bytes of a file as the parser wants them: no byte-order mark, proper escapes, no endless records."""

    def __init__(self, file: IO[bytes], place: str) -> None:
        self._file = file
        self.place = place
        self._kept = b""
        self._mark = b"\xef\xbb\xbf"  # of the byte order, which only the first bytes may have
        self.has_ended = False
        self.since_step = 0  # bytes since the walk came by something: no record may fill the memory

    def read(self, size: int = -1) -> bytes:
        if size == 0:  # the parser asks once whether bytes come
            return b""
        data = self._file.read(size)
        self.has_ended = not data
        data, self._mark = data.removeprefix(self._mark), b""
        self.since_step += len(data)
        if self.since_step > LONGEST_LINE:
            raise InputError(
                f"{self.place} holds a record of more than {LONGEST_LINE // 2**20} MB, which no chat has; "
                "it was not read further."
            )
        return self._repair(data)

    def _repair(self, data: bytes) -> bytes:
        if not self._kept and b"\\" not in data:
            return data
        at_end = not data
        data, self._kept = self._kept + data, b""
        if not at_end and (cut := _CUT_ESCAPE.search(data)):
            data, self._kept = data[: cut.start(1)], data[cut.start(1) :]
            if not data:  # nothing must not look like the end of the file
                return self.read(_READ_AT_ONCE)
        if b"\\ud" in data or b"\\uD" in data:
            data = _LOW_ESCAPE.sub(lambda found: found[1] or b"\\ufffd", data)
        return _HEX_ESCAPE.sub(rb"\1\\u00\2", data) if b"\\x" in data else data
