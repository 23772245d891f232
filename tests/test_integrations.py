"""The adapters keep the contracts of the tools that they speak to."""

import json
import math
import sys
import types
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar, get_args, get_type_hints

import pluggy
import pytest
from conftest import CANARY

from sextortion_detect import classify
from sextortion_detect.errors import InputError
from sextortion_detect.integrations.coop import SIGNALS, run_signal
from sextortion_detect.integrations.perspective import ATTRIBUTES, analyze

THREAT = "معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك"
VICTIM = "واحد يهددني ينشر صوري وش اسوي"
HARMLESS = "صباح الخير"


def asking(text, *names, **more):
    return {"comment": {"text": text}, "requestedAttributes": {name: {} for name in names}, **more}


# Perspective: the fields of AnalyzeCommentResponse, AttributeScores, SpanScore and Score of the discovery document.


def test_analyze_has_the_shape_of_the_api():
    answer = analyze(
        asking(THREAT, *ATTRIBUTES, languages=["ar"], spanAnnotations=True, clientToken="c-1", doNotStore=True)
    )
    assert set(answer) == {"attributeScores", "languages", "clientToken"}
    assert (answer["languages"], answer["clientToken"]) == (["ar"], "c-1")
    assert list(answer["attributeScores"]) == list(ATTRIBUTES)
    for scores in answer["attributeScores"].values():
        assert {"summaryScore"} <= set(scores) <= {"summaryScore", "spanScores"}
        assert set(scores["summaryScore"]) == {"value", "type"}
        assert scores["summaryScore"]["type"] == "PROBABILITY"
        assert 0.0 <= scores["summaryScore"]["value"] <= 1.0
        for span in scores.get("spanScores", ()):
            assert set(span) == {"begin", "end", "score"}
            assert 0 <= span["begin"] < span["end"] <= len(THREAT)
    assert json.loads(json.dumps(answer)) == answer


def test_scores_are_those_of_the_verdict():
    verdict = classify(THREAT)
    scores = analyze(asking(THREAT, *ATTRIBUTES))["attributeScores"]
    assert scores["SEXTORTION"]["summaryScore"]["value"] == verdict.probability
    assert scores["BLACKMAIL"]["summaryScore"]["value"] == verdict.scores["blackmail"]
    for tactic, probability in verdict.tactics.items():
        assert scores[tactic.name]["summaryScore"]["value"] == probability
    assert "spanScores" not in scores["SEXTORTION"]
    harmless = analyze(asking(HARMLESS, *ATTRIBUTES, spanAnnotations=True))["attributeScores"]
    assert harmless["PAYMENT_DEMAND"] == {"summaryScore": {"value": 0.0, "type": "PROBABILITY"}}
    assert harmless["SEXTORTION"]["summaryScore"]["value"] < 0.1


@pytest.mark.parametrize("before", ["", "🙂🙂 ", "𐎠 "], ids=["plain", "emoji", "old persian"])
def test_spans_count_utf_16_units(before):
    text = before + THREAT
    spans = analyze(asking(text, "SEXTORTION", spanAnnotations=True))["attributeScores"]["SEXTORTION"]["spanScores"]
    units = text.encode("utf-16-le")
    found = {units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans}
    assert found == {span.text for span in classify(text).evidence}


def test_a_score_below_its_threshold_is_left_out():
    request = asking(THREAT, "SEXTORTION", "GROOMING")
    request["requestedAttributes"]["GROOMING"] = {"scoreThreshold": 0.9, "scoreType": "PROBABILITY"}
    assert list(analyze(request)["attributeScores"]) == ["SEXTORTION"]


BAD_REQUESTS = [
    ({}, "The request has no text; put it into comment.text."),
    ({"comment": CANARY}, "The request has no text; put it into comment.text."),
    (asking(None, "SEXTORTION"), "The request has no text; put it into comment.text."),
    ({"comment": {"text": CANARY, "type": "HTML"}, "requestedAttributes": {"SEXTORTION": {}}},
     "The comment.type must be PLAIN_TEXT; strip other markup first."),
    (asking(CANARY), f"The request asks for no attribute; name some of {', '.join(ATTRIBUTES)}."),
    (asking(CANARY, CANARY), f"There is no attribute of that name; the names are {', '.join(ATTRIBUTES)}."),
    ({"comment": {"text": CANARY}, "requestedAttributes": {"SEXTORTION": {"scoreType": "RAW"}}},
     "The scoreType of SEXTORTION must be PROBABILITY."),
    ({"comment": {"text": CANARY}, "requestedAttributes": {"SEXTORTION": {"scoreThreshold": "x"}}},
     "The scoreThreshold of SEXTORTION must be a finite number."),
    *[({"comment": {"text": CANARY}, "requestedAttributes": {"SEXTORTION": {"scoreThreshold": threshold}}},
       "The scoreThreshold of SEXTORTION must be a finite number.")
      for threshold in (math.nan, math.inf, -math.inf, json.loads("1e999"), True)],
    (asking(CANARY, "SEXTORTION", languages="ar"), "The languages must be a list of language codes."),
    (asking(CANARY, "SEXTORTION", languages=["ar", "en"]),
     "Only Arabic is supported; ask with languages ar, or leave them out."),
    (asking(CANARY, "SEXTORTION", clientToken="\ud800"), "The clientToken must be a string of printable characters."),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "sentence"), BAD_REQUESTS, ids=range(len(BAD_REQUESTS)))
def test_requests_that_cannot_be_answered(request_, sentence):
    with pytest.raises(InputError) as caught:
        analyze(request_)
    assert str(caught.value) == sentence


# Coop: `run` of a PluginSignalDescriptor gives `outputType` and `score`; its input holds `value: {type, value}`.

PYTHON_TYPES = {"NUMBER": float, "BOOLEAN": bool, "STRING": str}


@pytest.mark.parametrize("signal_type", SIGNALS)
@pytest.mark.parametrize("text", [THREAT, VICTIM, HARMLESS, ""])
def test_a_signal_has_the_shape_that_coop_takes(signal_type, text):
    result = run_signal(signal_type, {"value": {"type": "STRING", "value": text}, "orgId": "o", "contentId": "c"})
    assert set(result) == {"outputType", "score"}
    assert set(result["outputType"]) == {"scalarType"}
    assert type(result["score"]) is PYTHON_TYPES[result["outputType"]["scalarType"]]


def test_what_the_signals_say():
    def score(signal_type, text):
        return run_signal(signal_type, {"value": {"type": "STRING", "value": text}})["score"]

    assert score("SEXTORTION_SCORE", THREAT) == classify(THREAT).probability
    assert score("SEXTORTION_FLAGGED", THREAT) is True
    assert score("SEXTORTION_ACTION", VICTIM) == "support"
    assert score("SEXTORTION_VICTIM_SCORE", VICTIM) > 0.5


@pytest.mark.parametrize(
    ("signal_type", "signal_input", "sentence"),
    [(CANARY, {}, f"There is no signal of that type; the types are {', '.join(SIGNALS)}."),
     ("SEXTORTION_SCORE", {"value": CANARY}, "The input of a signal must hold a value of type STRING."),
     ("SEXTORTION_SCORE", {"value": {"type": "IMAGE", "value": {"url": CANARY}}},
      "The input of a signal must hold a value of type STRING.")],
)  # fmt: skip
def test_signals_that_cannot_be_run(signal_type, signal_input, sentence):
    with pytest.raises(InputError) as caught:
        run_signal(signal_type, signal_input)
    assert str(caught.value) == sentence


# Osprey is not on PyPI. Its contract, from osprey.engine.udf: a function is a subclass of UDFBase[Arguments, Result]
# with `execute(execution_context, arguments)`, the arguments are annotated on a subclass of ArgumentsBase, and plugins
# are pluggy hooks of the project `osprey_plugin`. These are the names that the adapter imports, and pluggy is the real one.


@pytest.fixture
def osprey(monkeypatch):
    arguments, result = TypeVar("arguments"), TypeVar("result")

    class UDFBase(Generic[arguments, result]):
        def __init__(self, validation_context, arguments):
            pass

    names = {
        "osprey.engine.udf.arguments": {"ArgumentsBase": type("ArgumentsBase", (), {})},
        "osprey.engine.udf.base": {"UDFBase": UDFBase},
        "osprey.worker.adaptor.plugin_manager": {"hookimpl_osprey": pluggy.HookimplMarker("osprey_plugin")},
    }
    for name, members in names.items():
        parts = name.split(".")
        for length in range(1, len(parts)):
            parent = ".".join(parts[:length])
            monkeypatch.setitem(sys.modules, parent, sys.modules.get(parent) or types.ModuleType(parent))
        module = types.ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "sextortion_detect.integrations.osprey", raising=False)
    yield import_module("sextortion_detect.integrations.osprey")
    sys.modules.pop("sextortion_detect.integrations.osprey", None)


def test_osprey_finds_the_functions(osprey):
    class Hooks:
        @pluggy.HookspecMarker("osprey_plugin")
        def register_udfs(self):
            pass

    manager = pluggy.PluginManager("osprey_plugin")
    manager.add_hookspecs(Hooks)
    manager.register(osprey)
    (functions,) = manager.hook.register_udfs()
    assert [function.__name__ for function in functions] == [
        "SextortionScore", "SextortionFlagged", "SextortionAction", "SextortionTactics"
    ]  # fmt: skip
    results = {}
    for function in functions:
        arguments_type, result_type = get_args(function.__orig_bases__[0])
        assert get_type_hints(arguments_type) == {"text": str}
        assert function.__doc__
        arguments = arguments_type()
        arguments.text = THREAT
        results[function.__name__] = function(None, arguments).execute(None, arguments)
        assert isinstance(results[function.__name__], getattr(result_type, "__origin__", result_type))
    verdict = classify(THREAT)
    assert list(results.values()) == [verdict.probability, True, "flag", [tactic.value for tactic in verdict.tactics]]


def test_the_entry_point_names_the_adapter():
    from conftest import ROOT

    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert (
        '[project.entry-points.osprey_plugin]\nsextortion_detect = "sextortion_detect.integrations.osprey"' in declared
    )
    for point in entry_points(group="osprey_plugin"):
        assert point.value.startswith("sextortion_detect.integrations.osprey")
