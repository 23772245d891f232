"""A chat while it is being read, and that no reader shows a text where none belongs."""

import time
import tracemalloc
import zipfile
from dataclasses import replace

import pytest
from chat_writers import SYSTEM, TEXT, WRITERS
from conftest import CANARY
from test_round_trip import FIRST, LAST

from sextortion_detect import Chat, ChatMonitor, ChatStream, Message, classify, open_chats, read_chat
from sextortion_detect.chat_summary import summarize
from sextortion_detect.chats import follow
from sextortion_detect.classify import classify_iter
from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.records import Unit

AT = FIRST[1]


def test_a_stream_is_read_once_and_accounts_for_what_was_read():
    counter = ReadCounter(Unit.RECORD)
    stream = ChatStream((counter.count(Message(text), 1) for text in "ابت"), counter.report, source="x")
    assert stream.report.entries == {}
    assert next(stream.messages()).text == "ا"
    assert stream.report.entries == {TEXT: 1}
    chat = stream.read()
    assert ([message.text for message in chat.messages], chat.source) == (["ب", "ت"], "x")
    assert chat.report.entries == {TEXT: 3}
    assert stream.read() == Chat([], "x", stream.report)


def test_the_report_as_plain_types():
    counter = ReadCounter(Unit.LINE, lines=5, notes=["n"])
    counter.count(Message("x", kind=SYSTEM), 2)
    counter.skip(4)
    assert counter.report().to_dict() == {
        "unit": "line", "units": 5, "text": 0, "media": 0, "system": 1, "deleted": 0, "skipped": 1, "numbers": {"system": [2], "skipped": [4]},
        "notes": ["n", "1 entries bear a date that cannot be read; they are kept without a time"],
    }  # fmt: skip


THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"


def test_a_stream_feeds_a_monitor_as_the_chat_does(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(WRITERS["Telegram"]([FIRST, ("لين", AT, THREAT, TEXT), LAST])[0])
    limits = {"conversation": classify(read_chat(path)).risk[1]}
    monitor = ChatMonitor(thresholds=limits)
    for stream in open_chats(path):
        states = [monitor.update(message) for message in stream.messages()]
    verdict = classify(read_chat(path), thresholds=limits)
    assert (states[-1].offender, states[-1].first_flagged) == ("لين", 1) == (verdict.offender, verdict.first_flagged)


def test_a_threat_between_two_greetings_is_flagged():
    chat = Chat([Message(FIRST[2], FIRST[0]), Message(THREAT, "لين"), Message(LAST[2], LAST[0])])
    verdict = classify(chat)
    assert (verdict.offender, verdict.first_flagged) == ("لين", 1)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("packed", [True, False])
def test_no_reader_shows_a_text(tmp_path, form, packed, capsys, caplog):
    if packed and form in {"Parquet", "Excel"}:
        pytest.skip("is a binary file of its own")
    data = WRITERS[form]([FIRST, (CANARY, AT, f"{CANARY} نص", TEXT), LAST])[0]
    path = tmp_path / "export"
    if packed:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("folder/file", data)
    else:
        path.write_bytes(data)
    (stream,) = [Keeper(stream) for stream in open_chats(path)]
    assert CANARY in "".join(message.text for message in stream.chat.messages)
    for shown in (stream.repr, repr(stream.chat), repr(stream.chat.report), str(stream.chat.report.to_dict())):
        assert CANARY not in shown
    path.write_bytes(data[: len(data) // 2])
    try:
        shown = [repr(stream.read().report) for stream in open_chats(path)]
    except ValueError as error:
        shown = [str(error)]
    assert CANARY not in "".join(shown)
    assert capsys.readouterr() == ("", "")
    assert caplog.text == ""


@pytest.mark.parametrize("form", ["WhatsApp, Arabic Android", "sigtop, short", "sigtop", "signal-export"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_long_chat_takes_no_more_memory_than_a_short_one(tmp_path, form, encoding):
    def peak(times):
        entries = [("سارة" if n % 2 else "منى", AT, f"{'كلام ' * 200}{n % 9}", TEXT) for n in range(times)]
        path = tmp_path / "x"
        path.write_bytes(WRITERS[form](entries)[0].decode().encode(encoding))
        tracemalloc.start()
        read = sum(1 for stream in open_chats(path) for _ in stream.messages())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert read == times
        return most, path.stat().st_size

    peak(10)  # loads what is loaded once
    (few, small), (many, large) = peak(300), peak(2_500)
    assert large - small > 2**21
    assert many - few < (large - small) / 8


class Keeper:
    """Reads a stream while it is there."""

    def __init__(self, stream):
        self.repr = repr(stream)
        self.chat = stream.read()


@pytest.mark.parametrize(("n_jobs", "most"), [(1, 2_000), (2, 64_000)])
def test_a_slow_taker_is_not_read_ahead_of_without_bound(n_jobs, most):
    read = 0

    def texts():
        nonlocal read
        while read < 200_000:
            read += 1
            yield "صباح الخير"

    verdicts = classify_iter(texts(), n_jobs=n_jobs)
    next(verdicts)
    time.sleep(1)  # the processes are long done with what they were sent
    assert read <= most
    for taken in range(2, 40_002):
        next(verdicts)
        assert read <= taken + most
    verdicts.close()


def forwards(threat, ask):
    """A mother is shown by her daughter what a stranger wrote to her."""
    return Chat([
        Message("يمه شوفي وش يرسل لي", "هند"), Message(threat, "هند", forwarded_from="Ziad ♠"),
        Message(ask, "هند", forwarded_from="Ziad ♠"), Message("لا تخافين يا بنتي انا معك", "ام هند"),
    ])  # fmt: skip


FORWARDED = [
    ("عندي كل صورك وبنشرها لاهلك الليلة", "حولي ٣٠٠٠ قبل العشا والا وصلت لابوك"),
    ("معايا الفيديو بتاعك وهبعته لكل قرايبك", "ابعتي ٥٠٠٠ جنيه دلوقتي والا هفضحك"),
]


@pytest.mark.parametrize(("threat", "ask"), FORWARDED)
def test_what_is_forwarded_counts_for_who_wrote_it(threat, ask):
    chat = forwards(threat, ask)
    verdict = classify(chat)
    *_, (_, last) = follow(chat.messages)
    assert (verdict.flagged, verdict.offender, last.offender) == (True, "Ziad ♠", "Ziad ♠")
    assert {chat.messages[index].author for index in verdict.turning_points()} == {"Ziad ♠"}
    alone = classify(Chat(replace(message, sender=message.author, forwarded_from=None) for message in chat.messages))
    assert alone.risk == verdict.risk


@pytest.mark.parametrize(("threat", "ask"), FORWARDED)
def test_who_forwards_keeps_a_side_as_if_nothing_was_forwarded(threat, ask):
    own = classify(Chat([message for message in forwards(threat, ask).messages if message.forwarded_from is None]))
    assert not own.flagged
    totals = summarize(classify(forwards(threat, ask))).senders
    assert sum(totals["هند"].flagged.values()) == 0
    assert totals["Ziad ♠"].messages == 2
