"""Scans a Telegram export of a million fresh messages as the command does: how fast, and in how much memory.

    python tests/benchmarks/scan_million.py [MESSAGES] [--out]

The messages are recombined from train rows, and written by a process of their own, whose memory is not counted. With
`--out` every verdict is also written to a JSON Lines file, which is removed. Peak memory is that of the whole process;
what it grew by, after a first scan of a few thousand messages, is what the length of the chat takes.
"""

import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import islice
from multiprocessing import Process
from pathlib import Path

from telegram_million import peak, write_export
from traffic import generated, training_rows

from sextortion_detect import open_chats
from sextortion_detect.chat_summary import scan_chat
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.verdict_files import VerdictWriter


def write_fresh(path, count):
    write_export(path, islice(generated(training_rows()), count))


def write(path, count):
    writer = Process(target=write_fresh, args=(path, count))
    writer.start()
    writer.join()


def scan(path, out):
    with ExitStack() as files:
        writer = files.enter_context(VerdictWriter(out)) if out else None
        row = writer.write if writer else None
        return sum(scan_chat(stream, shipped_model(), row=row).count for stream in open_chats(path))


def main(count, with_rows):
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "result.json", Path(folder) / "rows.jsonl" if with_rows else None
        write(path, 5_000)
        scan(path, out)
        write(path, count)
        before, started = peak(), time.perf_counter()
        scanned = scan(path, out)
        seconds = time.perf_counter() - started
    assert scanned == count
    print(
        f"{count:,} messages scanned: {seconds:.0f} s, {count / seconds:,.0f} messages/s; "
        f"peak memory grew by {(peak() - before) / 2**20:.1f} MB to {peak() / 2**20:.0f} MB"
    )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    main(numbers[0] if numbers else 1_000_000, "--out" in sys.argv)
