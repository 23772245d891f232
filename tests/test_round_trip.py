"""What is written in any form is read back: the same senders, times, texts and kinds, and every entry accounted for."""

from datetime import datetime

import pytest
from chat_writers import DELETED, MEDIA, SYSTEM, TEXT, WRITERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sextortion_detect import read_chat

NAMES = st.sampled_from(["سارة", "منى الزهراء", "Samir", "~ لين 🌙", "+966 50 000 0000", "O'Neil-2"])
LINE = st.text(alphabet="ابتثصورك؟!.,[]()/<>|-\"' abc123\u200f🌙é", max_size=40).map(str.strip).filter(bool)
TEXTS = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
TIMES = st.datetimes(datetime(2012, 1, 1), datetime(2039, 12, 31)).map(lambda at: at.replace(microsecond=0))
KINDS = st.sampled_from([TEXT, TEXT, MEDIA, DELETED, SYSTEM])
FIRST = ("سارة", datetime(2012, 1, 1), "اول", TEXT)
LAST = ("سارة", datetime(2039, 12, 31, 21, 5), "آخر", TEXT)  # a day over 12 settles the order of day and month


def entries(draw_from):
    ordered = sorted(draw_from, key=lambda entry: entry[1])
    return [FIRST, *ordered, LAST]


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(chat=st.lists(st.tuples(NAMES, TIMES, TEXTS, KINDS), max_size=8).map(entries))
def test_what_is_written_is_read_back(tmp_path, form, chat):
    data, expected = WRITERS[form](chat)
    path = tmp_path / "export.bin"  # the name tells nothing
    path.write_bytes(data)
    read = read_chat(path)
    assert [(m.sender, m.sent_at, m.text, m.kind) for m in read.messages] == expected
    assert read.report.not_understood == ()
    assert sum(read.report.entries.values()) == len(expected)
    assert read.report.notes == ()
    numbered = {kind: len(numbers) for kind, numbers in read.report.numbers.items()}
    assert numbered == {kind: count for kind, count in read.report.entries.items() if kind is not TEXT}


def test_times_keep_or_lack_their_zone_as_the_export_has_it(tmp_path):
    zones = {}
    for form, write in WRITERS.items():
        (tmp_path / "x").write_bytes(write([FIRST, LAST])[0])
        at = read_chat(tmp_path / "x").messages[0].sent_at
        zones[form] = None if at.tzinfo is None else at.utcoffset().total_seconds()
    aware = {"Instagram, Messenger": 0, "Messenger, encrypted": 0, "Snapchat": 0, "Google Chat": 0, "Discord": 10_800,
             "sigtop": 10_800}  # fmt: skip
    assert zones == {form: aware.get(form) for form in WRITERS}
