"""Writes what the guide shows of the shipped model: tables of its card, commands, and pictures of how it reads.

    python notebooks/guide/write_figures.py

It runs before each build, into `_written/`, which git ignores: so no page holds a figure that the next model changes.
Figures come from the card, the JSON files beside it and the datasheet; the pictures are drawn of the model at work.
"""

import json
import re
from html import escape
from pathlib import Path

from sextortion_detect import classify, read_chat
from sextortion_detect.model.shipped import shipped_folder, shipped_model
from sextortion_detect.page.risk_curve import HEIGHT, WIDTH, draw
from sextortion_detect.taxonomy import Label
from sextortion_detect.text.words import normalized
from sextortion_detect.training.intervals import allowed, percent

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WRITTEN = HERE / "_written"

EXAMPLE = "صباح الخير حبيبتي، كيفك اليوم؟ معــي تس.جيلك كامل، حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
GLOSS = "Good morning dear, how are you today? I have your whole recording, transfer 500 dollars before night or it reaches all your family"
SECTIONS = {
    "budgets": "Recall at a budget of false alarms", "base_rates": "Precision at base rates", "variety": "By variety",
    "script": "By script", "length": "By length", "sources": "False alarms by source", "peers": "Peers",
    "chats": "Whole conversations", "kinds": "Harmless messages by kind", "limits": "Limits",
}  # fmt: skip
"""The parts of the card that pages of the guide include."""

COMMANDS = (
    "classify",
    "scan",
    "score",
    "thresholds",
    "serve",
    "train",
    "evaluate",
    "experiment",
    "lexicon",
    "doctor",
)
COLOR = {
    "benign": "#7d99a3",
    "grooming": "#c98a2b",
    "blackmail": "#b4472e",
    "victim_report": "#2f6f7e",
}
OPENED = "- Blind test half opened on "


def section(page, heading):
    """What stands below a heading of a Markdown page, up to the next heading of its level or above.

    >>> section("# A\\n## B\\none\\n### C\\ntwo\\n## D\\n", "B")
    'one\\n### C\\ntwo\\n'
    """
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,6}} |\Z)", page, re.DOTALL | re.MULTILINE)
    level = len(found[1])
    return re.match(rf".*?(?=^#{{1,{level}}} |\Z)", page[found.start(2) :], re.DOTALL | re.MULTILINE).group()


def openings(sheet):
    """What the datasheet says of each time that the blind test half was opened, as a Markdown list."""
    lines = [line for line in sheet.splitlines() if line.startswith(OPENED)]
    return "\n".join(lines) or "The log in the datasheet holds no opening yet."


def commands():
    """The help of each command as it prints it, without colors."""
    from typer.testing import CliRunner

    from sextortion_detect.cli.app import app

    runner = CliRunner(
        env={
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
            "LANG": "C.UTF-8",
        }
    )
    for name in COMMANDS:
        done = runner.invoke(app, [name, "--help"], prog_name="sextortion-detect", color=False)
        yield f"## {name}\n\n```text\n{done.stdout.strip()}\n```\n"


def svg(wide, tall, label, *parts):
    """A picture with its own colors, so that it reads the same on light and dark pages."""
    style = "text{font:14px system-ui,sans-serif;fill:#1d2b33}.dim{fill:#54707d;font-size:12px}.line{stroke:#b9c8ce}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" role="img" aria-label="{escape(label)}">'
    )
    return "\n".join(
        [
            head,
            f"<style>{style}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def rtl(x, y, text, extra=""):
    """A line of Arabic that begins at the right."""
    return (
        f'<text x="{x}" y="{y}" direction="rtl" text-anchor="start" unicode-bidi="embed"{extra}>{escape(text)}</text>'
    )


def walk():
    """One disguised message on its way: as written, as read, what each label gets, what says so, what is decided."""
    model, verdict = shipped_model(), classify(EXAMPLE)
    told = [(label.value, score) for label, score in verdict.scores.items()]
    threshold = model.manifest["thresholds"]["offense"]
    y, parts, right = 34, [], 880

    def step(number, name, high):
        nonlocal y
        parts.append(f'<text x="20" y="{y}">{number}. {name}</text>')
        parts.append(f'<line class="line" x1="20" x2="{right}" y1="{y + high}" y2="{y + high}"/>')

    step(1, "as written", 34)
    parts += [
        rtl(right, y, EXAMPLE),
        f'<text class="dim" x="{right}" y="{y + 20}" text-anchor="end">{GLOSS}</text>',
    ]
    y += 62
    step(2, "folded, disguises undone", 18)
    parts.append(rtl(right, y, " ".join(normalized([EXAMPLE]))))
    y += 46
    step(3, "words, n-grams, notions", 18)
    blocks = ", ".join(f"{count:,} {name}" for name, count in sorted(model.manifest["blocks"].items()))
    parts.append(f'<text class="dim" x="{right}" y="{y}" text-anchor="end">the model knows {blocks} features</text>')
    y += 46
    step(4, "whole and strongest stretch", 22 * len(told))
    for place, (name, score) in enumerate(told):
        at = y + 22 * place
        parts += [
            f'<text x="400" y="{at}" text-anchor="end">{name}</text>',
            f'<rect x="412" y="{at - 11}" width="{max(1, 380 * score):.1f}" height="12" fill="{COLOR[name]}"/>',
            f'<text class="dim" x="{right}" y="{at}" text-anchor="end">{score:.3f}</text>',
        ]
    y += 22 * len(told) + 28
    spans = sorted(verdict.evidence, key=lambda span: -span.weight)[:4]
    step(5, "which words say so", 22 * max(1, len(spans)) - 4)
    for place, span in enumerate(spans):
        parts.append(rtl(right, y + 22 * place, span.text, f' style="fill:{COLOR["blackmail"]}"'))
        about = f"{span.weight:+.1f}" + (f"  {span.tactic.value}" if span.tactic else "")
        parts.append(f'<text class="dim" x="230" y="{y + 22 * place}">{about}</text>')
    y += 22 * max(1, len(spans)) + 24
    step(6, "the decision", 18)
    side = "flagged" if verdict.flagged else "not flagged"
    parts.append(
        f'<text x="{right}" y="{y}" text-anchor="end">{verdict.probability:.3f} beside the threshold {threshold:.3f}: '
        f"{side}; a person reads it</text>"
    )
    return svg(900, y + 34, "A message on its way to a verdict", *parts)


def risk():
    """The running risk of the sample chat."""
    chat = read_chat(ROOT / "datasets" / "samples" / "whatsapp_android_arabic.txt")
    verdict = classify(chat)
    curve = draw(
        verdict.risk,
        verdict.threshold,
        verdict.turning_points(),
        verdict.first_flagged,
        mirrored=False,
    )
    marks = [f'<circle cx="{mark.x}" cy="{mark.y}" r="4" fill="#b4472e"/>' for mark in curve.points]
    first = [
        f'<text x="{curve.first.x + 8}" y="{curve.first.y + 18}">flagged with message {curve.first.index + 1} of {len(verdict.risk)}</text>'
    ] if curve.first else []  # fmt: skip
    return svg(
        WIDTH, HEIGHT, "The running risk of a conversation", f'<path d="{curve.area}" fill="#f0ddd6"/>',
        f'<path d="{curve.line}" fill="none" stroke="#b4472e" stroke-width="2"/>',
        f'<line x1="{curve.start}" x2="{curve.end}" y1="{curve.threshold}" y2="{curve.threshold}" stroke="#54707d" stroke-dasharray="5 4"/>',
        f'<text class="dim" x="{curve.start + 4}" y="{curve.threshold - 5}">threshold</text>', *marks, *first,
    )  # fmt: skip


def rare(figures, one_in=1_000, texts=100_000):
    """What a moderator gets of 100,000 messages, at each budget: found, missed, and flagged for nothing."""
    offenses = texts // one_in
    parts = [f'<text x="20" y="28">Of {texts:,} messages, {offenses} of them offenses, a moderator reads …</text>']
    y = 62
    for point in figures["budgets"].values():
        found = round(offenses * point["recall"][0])
        wrong = round((texts - offenses) * point["false_alarms"][0])
        scale = 560 / max(
            offenses * one["recall"][0] + (texts - offenses) * one["false_alarms"][0]
            for one in figures["budgets"].values()
        )
        parts += [
            f'<text x="20" y="{y}">{allowed(point["budget"])}</text>',
            f'<rect x="130" y="{y - 14}" width="{found * scale:.1f}" height="18" fill="{COLOR["blackmail"]}"/>',
            f'<rect x="{130 + found * scale:.1f}" y="{y - 14}" width="{wrong * scale:.1f}" height="18" fill="#c3d0d5"/>',
            f'<text class="dim" x="130" y="{y + 20}">{found} offenses and {wrong} harmless ones; {offenses - found} offenses stay unseen</text>',
        ]
        y += 58
    return svg(720, y - 16, "What a moderator reads at each budget", *parts)


def facts(figures, manifest, folder):
    """Single figures that pages name in a sentence, for substitution."""
    whole, default = figures["whole"], figures["budgets"]["1e-3"]
    return {
        "model": folder.name, "card": f"[the model card](../../{folder.relative_to(ROOT)}/CARD.md)", "threshold": f"{manifest['thresholds']['offense']:.3f}",
        "recall": percent(default["recall"]), "missed": f"{1 - default['recall'][0]:.0%}",
        "false_alarms": f"{1000 * default['false_alarms'][0]:.2f} per 1,000",
        "labels": ", ".join(f"`{label.value}`" for label in Label), "test_rows": f"{whole['rows']:,}",
        "test_authors": str(whole["authors"]),
    }  # fmt: skip


def kept(folder):
    """The figures beside the card."""
    return json.loads((folder / "figures.json").read_text(encoding="utf-8"))


def written(folder):
    """Every file, by name."""
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    figures = kept(folder)
    sheet = (ROOT / "datasets" / "DATASHEET.md").read_text(encoding="utf-8")
    curve = (folder / "curve.svg").read_text(encoding="utf-8")
    parts = {
        f"{name}.md": section(card, heading).replace("](curve.svg)", "](_written/curve.svg)")
        for name, heading in SECTIONS.items()
    }
    return {
        **parts, "commands.md": "\n".join(commands()), "openings.md": openings(sheet) + "\n", "curve.svg": curve,
        "walk.svg": walk(), "risk.svg": risk(), "rare.svg": rare(figures),
    }  # fmt: skip


def main():
    """Write them."""
    WRITTEN.mkdir(exist_ok=True)
    for name, text in written(shipped_folder()).items():
        (WRITTEN / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
