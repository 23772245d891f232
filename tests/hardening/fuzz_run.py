"""Fuzzes one target, guided by the lines that it reaches: changes the seeds again and again and keeps what is new.

    python tests/hardening/fuzz_run.py "model loader" 600 [--record]

The last line says how many inputs were tried. Where one breaks the target, its traceback comes out, and the input lies
in the folder FUZZ_FOUND, if that is named, or in a temporary one. A run without a fault is recorded where that is asked
for (`recorded.py`). Needs atheris, which has wheels for Linux on x86-64.
"""

import operator
import os
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

WORD = re.compile(rb"[A-Za-z_]{3,24}|[\xd8-\xdb][\x80-\xbf](?:[\xd8-\xdb][\x80-\xbf]){2,8}")


def run_and_record(name: str, seconds: str) -> None:
    """Fuzz in a process of its own, and record how many inputs were tried; what was found before stays as it stands."""
    import recorded

    done = subprocess.run(
        [sys.executable, __file__, name, seconds], stderr=subprocess.PIPE, text=True, errors="replace"
    )
    sys.stderr.write(done.stderr[-4000:])
    if done.returncode:
        sys.exit(done.returncode)
    before = recorded.recorded().get("fuzzed", {}).get(name, {}).get("before", "")
    (inputs,) = re.findall(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    recorded.record("fuzzed", name, {"seconds": int(seconds), "inputs": int(inputs), "before": before})


def sparing_arrays(check):
    """The check, with arrays compared without atheris, which keeps what comes of each comparison that it traces for ever.

    It sets its functions anew when the fuzzing begins.
    """
    import atheris
    import numpy as np
    from atheris.version_dependent import CMP_OP_SHIFT_AMOUNT

    traced = None
    ways = (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)

    def compare(left, right, way, *more):
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            return ways[way >> CMP_OP_SHIFT_AMOUNT](left, right)
        return traced(left, right, way, *more)

    def checked(data):
        nonlocal traced
        if atheris._trace_cmp is not compare:
            traced, atheris._trace_cmp = atheris._trace_cmp, compare
        check(data)

    return checked


def main() -> None:
    """Write the seeds and their words, and leave the rest to libFuzzer, which ends the process."""
    if sys.argv[3:] == ["--record"]:
        run_and_record(*sys.argv[1:3])
        return
    import atheris

    with atheris.instrument_imports(include=["sextortion_detect"]):
        import fuzz_targets

    name, seconds = sys.argv[1:]
    target = fuzz_targets.TARGETS[name]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    found = Path(os.environ.get("FUZZ_FOUND") or folder / "found")
    corpus, words = folder / "corpus", folder / "words"
    for place in (corpus, found):
        place.mkdir(exist_ok=True)
    seeds = target.seeds()
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
        target.check(seed)
    escaped = ["".join(f"\\x{byte:02x}" for byte in word) for word in sorted(set(WORD.findall(b" ".join(seeds))))]
    words.write_text("".join(f'"{word}"\n' for word in escaped), encoding="utf-8")
    warnings.simplefilter("error")
    options = [
        f"-max_total_time={seconds}",
        "-timeout=20",
        "-rss_limit_mb=4096",
        "-max_len=16384",
        "-print_final_stats=1",
    ]
    options += [f"-dict={words}", f"-artifact_prefix={found}/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], sparing_arrays(target.check))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
