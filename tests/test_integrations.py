"""The adapters keep the contracts of the tools that they speak to, and no text comes out of them."""

import json
import logging
import math
import socket
import subprocess
import sys
import threading
import time
import types
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar, get_args, get_type_hints

import httpx
import pluggy
import pytest
import uvicorn
from conftest import CANARY
from test_cli import COMMAND

from sextortion_detect import classify
from sextortion_detect.errors import InputError
from sextortion_detect.integrations.coop import SIGNALS, run_signal
from sextortion_detect.integrations.limits import RateLimit
from sextortion_detect.integrations.perspective import ATTRIBUTES, analyze
from sextortion_detect.integrations.service import LARGEST_BODY, create_app

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


# The service.


@contextmanager
def running(app):
    """A real server in a thread, and a client that speaks to it."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="debug", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def client():
    with running(create_app(rate=1e6, burst=10**6)) as client:
        yield client


def test_the_service_answers_as_the_adapters_do(client, model):
    request = asking(THREAT, "SEXTORTION", spanAnnotations=True)
    assert client.post("/v1alpha1/comments:analyze", json=request).json() == analyze(request)
    signal_input = {"value": {"type": "STRING", "value": THREAT}}
    answer = client.post("/coop/signals/SEXTORTION_SCORE", json=signal_input)
    assert answer.json() == run_signal("SEXTORTION_SCORE", signal_input)
    assert client.get("/health").json() == {"model": model.manifest["name"], "status": "ok"}


JSON = {"content-type": "application/json"}
REFUSED = [
    ("not json", "POST", "/v1alpha1/comments:analyze", b"{", JSON, 400, "The body must be one JSON object."),
    ("not utf-8", "POST", "/v1alpha1/comments:analyze", b"\xff", JSON, 400, "The body must be one JSON object."),
    ("a list", "POST", "/v1alpha1/comments:analyze", b"[]", JSON, 400, "The body must be one JSON object."),
    ("deep", "POST", "/v1alpha1/comments:analyze", b"[" * 50_000, JSON, 400, "The body must be one JSON object."),
    ("no text", "POST", "/v1alpha1/comments:analyze", b"{}", JSON, 400,
     "The request has no text; put it into comment.text."),
    ("no such signal", "POST", "/coop/signals/X", b"{}", JSON, 400,
     f"There is no signal of that type; the types are {', '.join(SIGNALS)}."),
    ("a form", "POST", "/coop/signals/X", b"a=b", {"content-type": "text/plain"}, 415,
     "The body must be application/json."),
    ("too large", "POST", "/coop/signals/X", b" " * (LARGEST_BODY + 1), JSON, 413,
     f"The body is larger than {LARGEST_BODY} bytes; send one message at a time."),
    ("no such path", "GET", "/nothing", b"", {}, 404, "Not Found"),
    ("a wrong method", "GET", "/coop/signals/X", b"", {}, 405, "Method Not Allowed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_name", "method", "path", "body", "headers", "code", "sentence"), REFUSED, ids=[case[0] for case in REFUSED]
)
def test_the_service_refuses(client, _name, method, path, body, headers, code, sentence):
    answer = client.request(method, path, content=body, headers=headers)
    assert answer.status_code == code
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == (code, sentence)
    assert error["status"].isupper()


def test_a_web_page_cannot_reach_the_service_under_another_name(client):
    assert client.get("/health", headers={"host": "evil.example"}).status_code == 400


def test_a_body_without_a_length_is_cut_off(client):
    chunks = (b" " * 1024 for _ in range(LARGEST_BODY // 1024 + 2))
    assert client.post("/coop/signals/X", content=chunks, headers=JSON).status_code == 413


def test_callers_are_limited():
    with running(create_app(rate=0.001, burst=2)) as client:
        codes = [client.post("/coop/signals/X", json={}).status_code for _ in range(3)]
        assert codes == [400, 400, 429]
        assert client.post("/coop/signals/X", json={}).json()["error"]["status"] == "RESOURCE_EXHAUSTED"
        assert client.get("/health").status_code == 200


def test_the_rate_limit_refills_and_forgets():
    now = [0.0]
    limit = RateLimit(rate=2.0, burst=3, clock=lambda: now[0])
    assert [limit.allows("a") for _ in range(4)] == [True, True, True, False]
    assert limit.allows("b")
    now[0] = 0.5
    assert [limit.allows("a") for _ in range(2)] == [True, False]
    now[0] = 1e9
    assert [limit.allows("a") for _ in range(4)] == [True, True, True, False]
    for number in range(10_001):
        limit.allows(str(number))
    assert len(limit._buckets) == 10_000


def test_no_text_reaches_a_log_or_an_error(client, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        client.post("/v1alpha1/comments:analyze", json=asking(f"{THREAT} {CANARY}", "SEXTORTION", spanAnnotations=True))
        answer = client.post("/v1alpha1/comments:analyze", json=asking(CANARY, CANARY))
    assert CANARY not in answer.text
    told = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )
    assert CANARY not in told + "".join(capfd.readouterr())


def test_serve_listens_on_loopback_and_logs_no_text():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([COMMAND, "serve", "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                if httpx.get(f"{url}/health").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        answer = httpx.post(f"{url}/v1alpha1/comments:analyze?key={CANARY}", json=asking(THREAT + CANARY, "SEXTORTION"))
        value = answer.json()["attributeScores"]["SEXTORTION"]["summaryScore"]["value"]
        assert value == classify(THREAT + CANARY).probability > 0.5
    finally:
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert out == b""
    assert err.decode() == f"Serving on http://127.0.0.1:{port}; Ctrl-C ends it.\n"
