"""`classify`: one message, or a stream of them, a message a line."""

import sys
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Annotated

import typer

import sextortion_detect.cli.options as common
from sextortion_detect.classify import classify as judge_texts
from sextortion_detect.cli.printing import BAD_INPUT, complain, inform, output, print_json
from sextortion_detect.decision_thresholds import ThresholdChoice
from sextortion_detect.model.linear import Model
from sextortion_detect.terminal import look_of, show_verdict
from sextortion_detect.verdict_files import STANDARD


def classify(
    text: Annotated[
        str | None, typer.Argument(help="The message; without it, or for -, lines are read from standard input.")
    ] = None,
    *,
    as_json: common.JsonOption = False,
    lang: common.LangOption = None,
    country: common.CountryOption = None,
    unconfirmed: common.UnconfirmedOption = False,
    thresholds: common.ThresholdsOption = None,
    quiet: common.QuietOption = False,
    model: common.ModelOption = None,
) -> None:
    """Judge one message, or each line of standard input (then JSON Lines are printed, one verdict a line).

    What is not benign comes with advice, which says where that is not certain; in JSON where --lang or --country asks
    for it.
    """
    language = common.advice_language(lang, country)
    used = common.model_at(model)
    if text is None or text == STANDARD:
        if sys.stdin.isatty():
            inform("Reading messages from standard input, one a line; Ctrl-D ends it.", quiet=quiet)
        sys.exit(_classify_lines(common.standard_input(), used, common.thresholds_at(thresholds)))
    verdict = judge_texts(text, model=used, thresholds=common.thresholds_at(thresholds))
    advice = verdict.advice(language, country, unconfirmed=unconfirmed)
    if as_json:
        print_json({**verdict.to_dict(), **({"advice": advice.to_dict()} if lang or country else {})})
        return
    console = output()
    look = look_of(console.is_terminal, lang=language)
    console.print(show_verdict(text, verdict, look))
    for part in common.advice_parts(advice, country, look) if advice and not quiet else ():
        console.print(part, markup=False, soft_wrap=True)


def _classify_lines(stream: Iterable[bytes], model: Model, thresholds: ThresholdChoice | None) -> int:
    """A JSON line for each line of a stream as it comes in; lines that are not UTF-8 are reported and passed over."""
    code, numbers = 0, count(1)
    for lines in _line_batches(stream):
        texts: dict[int, str] = {}
        for line, number in zip(lines, numbers, strict=False):
            try:
                texts[number] = line.decode("utf-8").rstrip("\r")
            except UnicodeDecodeError:
                complain(f"Line {number} is not UTF-8 text and was passed over; convert the input to UTF-8.")
                code = BAD_INPUT
        verdicts = judge_texts(texts.values(), model=model, thresholds=thresholds)
        for number, verdict in zip(texts, verdicts, strict=True):
            print_json({"line": number, **verdict.to_dict()})
        sys.stdout.flush()
    return code


def _line_batches(stream: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines that have come in so far, again and again: large batches from a file, single lines from a live pipe."""
    pieces: list[bytes] = []  # of a line whose end has not come yet
    for data in stream:
        first, *lines = data.split(b"\n")
        pieces.append(first)
        if lines:
            yield [b"".join(pieces), *lines[:-1]]
            pieces = [lines[-1]]
    if rest := b"".join(pieces):
        yield [rest]
