"""The experiments as Markdown tables for the card."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any, Final

from sextortion_detect.training.card_tables import number, table

_NOT_RUN: Final = "Not run yet: `sextortion-detect evaluate --experiments` runs them."
_FIGURES: Final = {"average_precision": "average precision", "macro_f1": "macro-F1", "recall": "recall at 1 in 1,000"}


def experiments_section(results: Mapping[str, Any] | None, corpus: str, picture: str) -> str:
    """The section of the card, with its headings; `corpus` is the digest of the corpus that the card is of.

    `picture` is the learning curve as the card shows it, or empty.
    """
    if results is None:
        return _NOT_RUN
    curve, parts, tried = results["learning_curve"], results["parts"], results["tried"]
    return "\n".join(
        [
            _note(results, corpus),
            "\n### Learning curve",
            _listed(["share", "rows"], [[one["share"], f"{one['rows']:,}"] for one in curve], curve),
            picture,
            "### What each part is worth",
            _listed(["fitted"], [[one["what"]] for one in parts], parts),
            "\n### Varieties that were never seen",
            _varieties(results["varieties"]),
            "\n### Authors that were never seen\nFolds over the authors of the train rows.\n",
            _authors(results["authors"]),
            "\n### What lost in fitting",
            "Settings and methods beside the default ones, measured on the dev rows, so that the choice among them "
            "never saw the test rows.\n",
            _listed(["tried", "figures in which it beats the default"], _beating(tried), tried),
        ]
    )


def _note(results: Mapping[str, Any], corpus: str) -> str:
    note = (
        f"Small fits, made for comparing with each other and not with the shipped model: each on the rows of "
        "messages, without conversations, and against a sample of "
        f"{results['background_texts']:,} texts of background, without disguised copies and snippets, "
        "without tactics, and with all of the background kept; recall is at the "
        f"threshold that flags 1 in 1,000 of {results['traffic_texts']:,} texts of the half of the traffic that sets "
        "thresholds."
    )
    if results["corpus"] != corpus:
        note += " **They were run on an earlier state of the corpus.**"
    return note


def _listed(head: Sequence[str], names: Sequence[Sequence[str]], figures: Sequence[Mapping[str, float]]) -> str:
    shown = [key for key in _FIGURES if key in figures[0]]
    return table(
        [*head, *(_FIGURES[key] for key in shown)],
        [
            [*name, *(number(measured[key]) for key in shown)]
            for name, measured in zip(names, figures, strict=True)
        ],
    )  # fmt: skip


def _beating(tried: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """What was tried, and how many figures it is ahead in of the first, the default."""
    default, *_ = tried
    shown = [key for key in _FIGURES if key in default]
    return [
        [one["what"], "" if one is default else f"{sum(one[key] > default[key] for key in shown)} of {len(shown)}"]
        for one in tried
    ]


def _varieties(results: Sequence[Mapping[str, Any]]) -> str:
    kinds = ("seen", "unseen", "unseen_without_concepts")
    shown = ("average_precision", "macro_f1")
    rows = [
        [one["variety"], f"{one['rows']:,}", *(number(one[kind][key]) for key in shown for kind in kinds)]
        for one in results
    ]
    means = [number(mean(one[kind][key] for one in results)) for key in shown for kind in kinds]
    names = ("fitted with it", "without it", "without it and without concepts")
    return table(
        ["variety left out", "rows", *(f"{_FIGURES[key]}, {name}" for key in shown for name in names)],
        [*rows, ["mean", "", *means]],
    )


def _authors(results: Sequence[Mapping[str, Any]]) -> str:
    shown = [key for key in _FIGURES if key in results[0]]
    rows = [
        [str(one["fold"]), str(one["authors"]), f"{one['rows']:,}", *(number(one[key]) for key in shown)]
        for one in results
    ]
    means = [number(mean(one[key] for one in results)) for key in shown]
    return table(
        ["fold", "authors left out", "rows", *(_FIGURES[key] for key in shown)], [*rows, ["mean", "", "", *means]]
    )
