"""Answers in the shape of the Perspective API, for clients that speak it: `AnalyzeComment` requests in, scores out.

Fields after the discovery document of commentanalyzer v1alpha1. The attributes are this package's own: `SEXTORTION`
(blackmail or grooming), `BLACKMAIL`, `GROOMING`, `VICTIM_REPORT`, and each tactic in capitals, such as
`EXPOSURE_THREAT`.

>>> request = {"comment": {"text": "صباح الخير"}, "requestedAttributes": {"SEXTORTION": {}}, "languages": ["ar"]}
>>> analyze(request)["attributeScores"]["SEXTORTION"]["summaryScore"]["value"] < 0.1
True
"""

import math
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

from sextortion_detect.classify import classify
from sextortion_detect.errors import InputError
from sextortion_detect.model.linear import Model
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import OFFENSES, Label, Tactic

SEXTORTION: Final = "SEXTORTION"
ATTRIBUTES: Final = (SEXTORTION, *(one.name for one in (*OFFENSES, Label.VICTIM_REPORT, *Tactic)))

LANGUAGE: Final = "ar"
_ARABIC: Final = re.compile(r"ar(?:-[a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)  # BCP 47: ar, ar-EG, ar-Latn
_SCORE_TYPES: Final = (None, "SCORE_TYPE_UNSPECIFIED", "PROBABILITY")
_TEXT_TYPES: Final = (None, "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED")


def analyze(request: Mapping[str, Any], *, model: Model | None = None) -> dict[str, Any]:
    """The `AnalyzeComment` response to a request, both as plain JSON types.

    The probability of a tactic is 0 unless the message is flagged. With `spanAnnotations` the spans of evidence come
    along; `begin` and `end` count UTF-16 units, as in the API, and a span bears the probability of its whole message,
    since messages are judged and not words. `context`, `sessionId` and `communityId` are not used. Nothing is ever
    stored, whatever `doNotStore` says. Raises `InputError` for a request that cannot be answered.
    """
    text = _text(request)
    requested = _requested(request)
    languages = _languages(request)
    verdict = classify(text, model=model)
    scores = _scores(text, verdict, model)
    spans = _spans(text, verdict) if request.get("spanAnnotations") is True else {}
    answer: dict[str, Any] = {"attributeScores": {}, "languages": languages}
    for name, parameters in requested.items():
        if scores[name] >= parameters.get("scoreThreshold", 0.0):
            score = {"value": scores[name], "type": "PROBABILITY"}
            found = [{"begin": begin, "end": end, "score": score} for begin, end in spans.get(name, ())]
            answer["attributeScores"][name] = {**({"spanScores": found} if found else {}), "summaryScore": score}
    token = request.get("clientToken")
    if token is not None:
        if not isinstance(token, str) or not token.isprintable():
            raise InputError("The clientToken must be a string of printable characters.")
        answer["clientToken"] = token
    return answer


def _text(request: Mapping[str, Any]) -> str:
    comment = request.get("comment")
    if not isinstance(comment, Mapping) or not isinstance(comment.get("text"), str):
        raise InputError("The request has no text; put it into comment.text.")
    if comment.get("type") not in _TEXT_TYPES:
        raise InputError("The comment.type must be PLAIN_TEXT; strip other markup first.")
    return str(comment["text"])


def _requested(request: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    requested = request.get("requestedAttributes")
    if not isinstance(requested, Mapping) or not requested:
        raise InputError(f"The request asks for no attribute; name some of {', '.join(ATTRIBUTES)}.")
    for name, parameters in requested.items():
        if name not in ATTRIBUTES:
            raise InputError(f"There is no attribute of that name; the names are {', '.join(ATTRIBUTES)}.")
        if not isinstance(parameters, Mapping) or parameters.get("scoreType") not in _SCORE_TYPES:
            raise InputError(f"The scoreType of {name} must be PROBABILITY.")
        threshold = parameters.get("scoreThreshold", 0.0)
        if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not abs(threshold) < math.inf:
            raise InputError(f"The scoreThreshold of {name} must be a finite number.")
    return requested


def _languages(request: Mapping[str, Any]) -> list[str]:
    languages = request.get("languages") or [LANGUAGE]
    if not isinstance(languages, list) or not all(isinstance(name, str) for name in languages):
        raise InputError("The languages must be a list of language codes.")
    if not all(_ARABIC.fullmatch(name) for name in languages):
        raise InputError("Only Arabic is supported; ask with languages ar, or leave them out.")
    return languages


def _scores(text: str, verdict: Verdict, model: Model | None) -> dict[str, float]:
    scores = dict.fromkeys(ATTRIBUTES, 0.0) | {label.name: score for label, score in verdict.scores.items()}
    scores[SEXTORTION] = verdict.probability
    if verdict.flagged:
        judged = classify(text, model=model, thresholds={tactic.value: 0.0 for tactic in Tactic})
        scores |= {tactic.name: score for tactic, score in judged.tactics.items()}
    return scores


def _spans(text: str, verdict: Verdict) -> dict[str, list[tuple[int, int]]]:
    """The spans of evidence by attribute: each speaks for the label, for sextortion, and for the tactic it shows."""
    spans: dict[str, list[tuple[int, int]]] = {}
    units = [0, *accumulate(1 + (character > "\uffff") for character in text)]
    for span in sorted(verdict.evidence, key=lambda span: span.start):
        for name in (SEXTORTION, verdict.label.name, *([span.tactic.name] if span.tactic else [])):
            spans.setdefault(name, []).append((units[span.start], units[span.end]))
    return spans
