"""Scans a Telegram export of a million fresh messages as the command does: how fast, and in how much memory.

    python tests/benchmarks/scan_million.py [MESSAGES] [--traffic FILE.jsonl.gz] [--out]

The messages are recombined from a traffic file or from train rows, and written by a process of their own, whose memory
is not counted. With `--out` every verdict is also written to a JSON Lines file, which is removed. Peak memory is that of
the whole process; what it grew by, after a first scan of a few thousand messages, is what the length of the chat takes.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from itertools import islice
from multiprocessing import Process
from pathlib import Path

from telegram_million import peak, write_export
from traffic import collected, generated, training_rows

from sextortion_detect import open_chats
from sextortion_detect.chat_summary import scan_chat
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.verdict_files import VerdictWriter


def write_fresh(path, count, traffic):
    texts = generated(collected(traffic) if traffic else training_rows())
    write_export(path, islice(texts, count))


def write(*given):
    writer = Process(target=write_fresh, args=given)
    writer.start()
    writer.join()


def scan(path, out):
    with ExitStack() as files:
        writer = files.enter_context(VerdictWriter(out)) if out else None
        row = writer.write if writer else None
        return sum(scan_chat(stream, shipped_model(), row=row).count for stream in open_chats(path))


def main(count, traffic, with_rows):
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "result.json", Path(folder) / "rows.jsonl" if with_rows else None
        write(path, 5_000, traffic)
        scan(path, out)
        write(path, count, traffic)
        before, started = peak(), time.perf_counter()
        scanned = scan(path, out)
        seconds = time.perf_counter() - started
    assert scanned == count
    print(
        f"{count:,} messages scanned: {seconds:.0f} s, {count / seconds:,.0f} messages/s; "
        f"peak memory grew by {(peak() - before) / 2**20:.1f} MB to {peak() / 2**20:.0f} MB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--traffic", type=Path)
    parser.add_argument("--out", action="store_true")
    main(*vars(parser.parse_args()).values())
