"""Writes a Telegram export of a million messages and reads it as a stream: how fast, and in how much memory.

    python tests/benchmarks/telegram_million.py [MESSAGES]

The file goes into a temporary folder and is removed. Peak memory is that of the whole process, as the system counts it,
before the reading and after; what it grew by is what reading takes.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from sextortion_detect import open_chats

WORDS = [
    "مرحبا",
    "كيف",
    "الحال",
    "وين",
    "انتم",
    "اليوم",
    "بكرا",
    "عندنا",
    "موعد",
    "في",
    "البيت",
    "ان",
    "شاء",
    "الله",
    "تمام",
    "شكرا",
]


def repeated(count):
    """Texts of the same words over and over, which say nothing of how fast fresh ones are scored."""
    for number in range(count):
        yield " ".join(WORDS[(number + step) % len(WORDS)] for step in range(3 + number % 9))


def write_export(path, texts):
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n "name": "سارة",\n "type": "personal_chat",\n "id": 7,\n "messages": [')
        for number, text in enumerate(texts):
            record = {
                "id": number, "type": "message", "date": f"2024-03-{number % 28 + 1:02}T{number % 24:02}:41:07",
                "date_unixtime": "1710538867", "from": ("سارة", "منى")[number % 2], "from_id": f"user{number % 2}",
                "text": text, "text_entities": [{"type": "plain", "text": text}],
            }  # fmt: skip
            file.write((",\n" if number else "\n") + json.dumps(record, ensure_ascii=False, indent=2))
        file.write("]}")


def peak():
    """Highest resident memory of this process so far, in bytes (Linux counts in KB, macOS in bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(count):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        write_export(path, repeated(1000))
        for stream in open_chats(path):  # loads the parser, so that only reading is measured below
            stream.read()
        write_export(path, repeated(count))
        size = path.stat().st_size
        before, started = peak(), time.perf_counter()
        read = 0
        for stream in open_chats(path):
            read += sum(1 for _ in stream.messages())
            assert stream.report.lines == count
        seconds = time.perf_counter() - started
        grown = peak() - before
    assert read == count
    print(
        f"{read:,} messages, {size / 2**20:,.0f} MB: {seconds:.1f} s, {read / seconds:,.0f} messages/s, "
        f"{size / 2**20 / seconds:.0f} MB/s; peak memory grew by {grown / 2**20:.1f} MB to {(before + grown) / 2**20:.0f} MB"
    )
    return grown


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
