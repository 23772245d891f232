"""The blind sets of `datasets/blind`: what a model finds of them, by half, as a table of sums; no text is printed.

    python tests/benchmarks/blind_sets.py dev
    python tests/benchmarks/blind_sets.py test --reason "release of ar-16"

The test half is opened for a release alone: each time is written into the datasheet with its date, model and reason, and
its figures into `datasets/blind/RESULTS.md`.
"""

import argparse
import csv
import json
import random
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sextortion_detect import classify, load_model
from sextortion_detect.chats import follow
from sextortion_detect.model.shipped import shipped_folder
from sextortion_detect.records import Chat, Message, MessageKind
from sextortion_detect.taxonomy import Label, Tactic, Variety
from sextortion_detect.training.attacks import padded
from sextortion_detect.training.corpus import AnnotatedChat
from sextortion_detect.training.grown_chats import PEOPLE, behind_lines, in_pieces, ordinary_chat, with_words_beside
from sextortion_detect.training.intervals import percent, share, table
from sextortion_detect.training.measure import measure_chats

ROOT = Path(__file__).parent.parent.parent
BLIND = ROOT / "datasets" / "blind"
OFFENSES = ("blackmail", "grooming")
WORDS_BESIDE = (5, 15, 25)
LINES_BEFORE = 300
LENGTHS = (30, 100, 300)
DRAWS = 200
REPEATED = 300


def read(name, half):
    """The rows of one set that can be judged alone."""
    with (BLIND / f"{name}_{half}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if not row["needs_context"]]


def offenses_of(rows):
    return [row for row in rows if row["label"] in OFFENSES]


def found(model, rows):
    """What is found of offenses, what bears the right label, and the variety in which least is found."""
    rows = offenses_of(rows)
    verdicts = classify([row["text"] for row in rows], model=model)
    flagged = np.array([verdict.flagged for verdict in verdicts])
    right = np.array([verdict.label == row["label"] for verdict, row in zip(verdicts, rows, strict=True)])
    of = {name: np.array([row["variety"] == name for row in rows]) for name in sorted({row["variety"] for row in rows})}
    worst = min(of, key=lambda name: flagged[of[name]].mean())
    arabizi = np.array([row["script"] == "arabizi" for row in rows])
    return {
        "found": share(flagged), "right label": share(right), f"found, worst variety ({worst})": share(flagged[of[worst]]),
        "found, arabizi": share(flagged[arabizi]),
    }  # fmt: skip


def figures(model, half):
    """All figures of one half, by name."""
    front, wrapped, private, pairs = (read(name, half) for name in ("front", "wrapped", "private", "pairs"))
    told = {f"front door, {name}": rate for name, rate in found(model, front).items()}
    told |= {f"wrapped, {name}": rate for name, rate in found(model, wrapped).items()}
    lines = [row["text"] for row in private]
    heard = [row["text"] for row in offenses_of([*front, *pairs])]
    heard = [text for text, verdict in zip(heard, classify(heard, model=model), strict=True) if verdict.flagged]
    for words in WORDS_BESIDE:
        beside = classify(padded(heard, lines, words, seed=words), model=model)
        told[f"flagged offenses with {words} private words beside them, still flagged"] = share(
            np.array([verdict.flagged for verdict in beside])
        )
    verdicts = classify(lines, model=model)
    told["private lines flagged"] = share(np.array([verdict.flagged for verdict in verdicts]))
    told["private lines labelled benign"] = share(np.array([verdict.label == "benign" for verdict in verdicts]))
    labels = [verdict.label for verdict in classify([row["text"] for row in pairs], model=model)]
    right = np.array([label == row["label"] for label, row in zip(labels, pairs, strict=True)])
    told["pairs with both labels right"] = share(right[: len(right) // 2 * 2].reshape(-1, 2).all(axis=1))
    return told


def blind_chats(half):
    """The conversations of one half, none of which was fitted on."""
    for path in sorted(BLIND.glob("chats-*.jsonl" if half == "test" else "dev_chats-*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            record = json.loads(line)
            entries = record["messages"]
            messages = [
                Message(entry["text"], entry["sender"], kind=MessageKind(entry.get("kind") or "text"))
                for entry in entries
            ]
            yield AnnotatedChat(
                f"{path.stem}-{number}", Variety(record["variety"]), "test", Label(record["label"]), record["offender"],
                record["alarm"], Chat(messages), tuple(Label(entry["label"]) for entry in entries),
                tuple(tuple(map(Tactic, entry.get("tactics") or ())) for entry in entries),
            )  # fmt: skip


def chat_figures(model, half):
    """The figures of whole conversations."""
    chance, chats, lines = random.Random(1), [*blind_chats(half)], {}
    for row in read("private", half):
        lines.setdefault(row["variety"], []).append(row["text"])
    every = [line for some in lines.values() for line in some]
    own = [lines.get(chat.variety, every) for chat in chats]
    told = {}
    for how, changed in (
        ("", chats),
        (f", {LINES_BEFORE} private lines before", [
            behind_lines(chat, some, LINES_BEFORE, chance) for chat, some in zip(chats, own, strict=True)
        ]),
        (f", {WORDS_BESIDE[-1]} private words beside each message of the offender", [
            with_words_beside(chat, some, WORDS_BESIDE[-1], place)
            for place, (chat, some) in enumerate(zip(chats, own, strict=True))
        ]),
    ):  # fmt: skip
        figures_of = measure_chats(model, changed)
        told |= {f"conversations{how}: {name}": rate for name, rate in figures_of.items() if name != "f_latency"}
    steady = []
    for chat in chats:
        verdict = classify(chat.chat, model=model)
        if verdict.flagged and chat.label in OFFENSES:
            after = [risk for message, risk in zip(chat.chat.messages, verdict.risk, strict=True)
                     if message.sender == verdict.offender][-1]  # fmt: skip
            steady.append(after >= verdict.threshold)
    told["conversations: risk at the last message of the offender at the threshold or above"] = share(np.array(steady))
    pieces = []
    for row in read("front", half):
        if row["label"] == "blackmail":
            some = lines.get(row["variety"], every)
            before = [Message(chance.choice(some), chance.choice("ab")) for _ in range(4)]
            pieces.append(
                classify(Chat([*before, *(Message(text, "a") for text in in_pieces(row["text"], chance))]), model=model)
            )
    told["plain threats in pieces of two to four words, found"] = share(np.array([v.flagged for v in pieces]))
    told |= ordinary_figures(model, lines, chance)
    repeated = chance.sample(every, min(REPEATED, len(every)))
    once, often = (
        [classify(Chat([Message(line, "a")] * times), model=model).flagged for line in repeated] for times in (1, 100)
    )
    told["a private line said 100 times, flagged only where it is when said once"] = share(
        np.array(once) >= np.array(often)
    )
    return told


def distress_figures(model, half):
    """Of lines that tell of distress, and of idioms and jokes with the same words: those in which it is heard."""
    with (BLIND / f"distress_{half}.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    heard = np.array([verdict.distress for verdict in classify([row["text"] for row in rows], model=model)])
    real = np.array([row["distress"] == "1" for row in rows])
    return {"lines of distress, heard": share(heard[real]), "idioms and jokes, taken for distress": share(heard[~real])}


def ordinary_figures(model, lines, chance):
    """Of ordinary conversations of one variety's private lines, by length: those flagged, and with one to read."""
    told = {}
    for people in PEOPLE:
        states = []
        for place in range(DRAWS):
            some = [*lines.values()][place % len(lines)]
            chat = ordinary_chat(some, LENGTHS[-1], people, chance)
            states.append([state for _, state in follow(chat.messages, model=model)])
        for length in LENGTHS:
            flagged = np.array([of_chat[length - 1].flagged for of_chat in states])
            read_too = flagged | np.array([of_chat[length - 1].to_read is not None for of_chat in states])
            told[f"{length} private lines by {len(people)} people, flagged"] = share(flagged)
            told[f"{length} private lines by {len(people)} people, flagged or with one to read"] = share(read_too)
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("half", choices=("dev", "test"))
    parser.add_argument("--model", type=Path, default=shipped_folder())
    parser.add_argument("--reason", default="")
    options = parser.parse_args()
    if options.half == "test":
        if not options.reason:
            parser.error("The test half is opened for a release alone; give the reason with --reason.")
        with (ROOT / "datasets" / "DATASHEET.md").open("a", encoding="utf-8") as sheet:
            sheet.write(
                f"- Blind test half opened on {datetime.now(UTC):%Y-%m-%d} for {options.model.name}: {options.reason}.\n"
            )
    model = load_model(options.model)
    told = figures(model, options.half) | chat_figures(model, options.half) | distress_figures(model, options.half)
    lines = table(
        [f"blind sets, {options.half} half", "figure"], [[name, percent(rate)] for name, rate in told.items()]
    )
    print(lines)
    if options.half == "test":
        name, fingerprint = model.manifest["name"], model.manifest["sha256"][:12]
        heading = (
            f"# What the test halves said\n\nWritten by `tests/benchmarks/blind_sets.py`, of {name} {fingerprint}.\n\n"
        )
        (BLIND / "RESULTS.md").write_text(f"{heading}{lines}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
