"""The service answers as the adapters do, keeps its limits whoever asks, and no text comes out of it."""

import dataclasses
import json
import logging
import random
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import jsonschema
import pytest
from conftest import CANARY
from openapi_spec_validator import validate
from test_cli import COMMAND
from test_integrations import THREAT, asking

from sextortion_detect import classify
from sextortion_detect.errors import InputError
from sextortion_detect.integrations import service
from sextortion_detect.integrations.admission import LARGEST_BODY
from sextortion_detect.integrations.coop import SIGNALS, run_signal
from sextortion_detect.integrations.perspective import ATTRIBUTES, analyze
from sextortion_detect.integrations.service import CONNECTIONS, create_app, server
from sextortion_detect.model.linear import Model

ANALYZE, SIGNAL = "/v1alpha1/comments:analyze", "/coop/signals/SEXTORTION_SCORE"
UNLIMITED = "1000000/second"
LETTERS = random.Random(5).choices("abdfhiklmnrstwyz3579 ", k=LARGEST_BODY - 1500)
SLOW = "".join(LETTERS)  # words in Latin letters, each another, take longest
SLOW_BODY = json.dumps(asking(f"{SLOW} {THREAT}", *ATTRIBUTES, spanAnnotations=True)).encode()
JSON = {"content-type": "application/json"}


@contextmanager
def running(app, **options):
    """A real server in a thread, and a client that speaks to it."""
    running = server(app, host="127.0.0.1", port=0, **options)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        running.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def client():
    with running(create_app(rate=UNLIMITED)) as client:
        yield client


@pytest.fixture(scope="module")
def address():
    """Where the command `serve` runs, in a process of its own that has told no text when it ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    command = [COMMAND, "serve", "--port", str(address[1])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        for _ in range(300):
            try:
                socket.create_connection(address).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert out == b""
    assert err.decode() == f"Serving on http://127.0.0.1:{address[1]}; Ctrl-C ends it.\n"


def asked_from(caller, address):
    """A client at an address of its own: what it asks for does not count against other tests."""
    transport = httpx.HTTPTransport(local_address=caller)
    return httpx.Client(base_url="http://{}:{}".format(*address), transport=transport, timeout=60)


def opened(address, caller="127.0.0.1", sent=b""):
    one = socket.create_connection(address, source_address=(caller, 0), timeout=20)
    one.sendall(sent)
    return one


def post(path, body, length=None):
    """The bytes of a request, with a length that may promise more than comes."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def until_closed(one, trickle=b""):
    """What comes on a connection until the server closes it, and after how many seconds; a byte every half second meanwhile."""
    begun, received = time.monotonic(), b""
    one.settimeout(0.5)
    while time.monotonic() < begun + 20:
        try:
            if not (chunk := one.recv(65536)):
                break
            received += chunk
        except TimeoutError:
            one.sendall(trickle)
        except ConnectionError:
            break
    return received, time.monotonic() - begun


def test_the_service_answers_as_the_adapters_do(client, model):
    request = asking(THREAT, "SEXTORTION", spanAnnotations=True)
    assert client.post("/v1alpha1/comments:analyze", json=request).json() == analyze(request)
    signal_input = {"value": {"type": "STRING", "value": THREAT}}
    answer = client.post("/coop/signals/SEXTORTION_SCORE", json=signal_input)
    assert answer.json() == run_signal("SEXTORTION_SCORE", signal_input)
    assert client.get("/health").json() == {"model": model.manifest["name"], "status": "ok"}


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
    with running(create_app(rate="2/hour")) as client:
        codes = [client.post("/coop/signals/X", json={}).status_code for _ in range(3)]
        assert codes == [400, 400, 429]
        answer = client.post("/coop/signals/X", json={})
        assert answer.json()["error"] == {
            "code": 429, "message": "Too many requests; wait a little and ask again.", "status": "RESOURCE_EXHAUSTED"
        }  # fmt: skip
        assert answer.headers["retry-after"] == "4"
        assert client.get("/health").status_code == 200


def test_a_caller_gets_in_again_after_a_while():
    with running(create_app(rate="2 per 4 seconds")) as client:  # on a busy machine three calls can take one
        codes = [client.post("/coop/signals/X", json={}).status_code for _ in range(3)]
        assert codes == [400, 400, 429]
        time.sleep(5)
        assert client.post("/coop/signals/X", json={}).status_code == 400


def test_no_caller_gets_more_by_making_addresses_up(address):
    with asked_from("127.0.0.1", address) as client:  # the address that uvicorn trusts unless told otherwise
        codes = (
            client.post(SIGNAL, json={}, headers={"x-forwarded-for": f"10.0.{number}.1"}).status_code
            for number in range(600)
        )
        assert 429 in codes


def test_a_trusted_proxy_names_the_caller():
    with running(create_app(rate="1/hour"), trusted_proxies=("10.9.9.9", "127.0.0.0/8")) as client:

        def code(forwarded):
            return client.post(SIGNAL, json={}, headers={"x-forwarded-for": forwarded}).status_code

        assert [code("10.0.0.1"), code("10.0.0.1"), code("10.0.0.2")] == [400, 429, 400]
        assert code("10.0.0.3, 10.0.0.2") == 429  # the caller wrote the first, the proxy the second


def test_a_taken_port_is_told_before_it_says_that_it_serves():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([COMMAND, "serve", "--port", str(port)], capture_output=True, timeout=60)
    sentence = f"127.0.0.1:{port} cannot be listened on (Address already in use); name another --port.\n"
    assert (done.returncode, done.stderr.decode()) == (2, sentence)


def test_serve_refuses_a_proxy_by_name_before_it_says_that_it_serves():
    done = subprocess.run([COMMAND, "serve", "--trusted-proxy", "proxy.example"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "A trusted proxy must be an IP address or a network: 10.0.0.1, or 10.0.0.0/8.\n"


@pytest.mark.parametrize("proxy", ["*", "proxy.example", "10.0.0.1/8"])
def test_a_trusted_proxy_is_an_address(proxy):
    with pytest.raises(InputError) as caught:
        server(create_app(), host="127.0.0.1", port=0, trusted_proxies=(proxy,))
    assert str(caught.value) == "A trusted proxy must be an IP address or a network: 10.0.0.1, or 10.0.0.0/8."


def test_idle_connections_shut_nobody_out(address):
    with ExitStack() as stack:
        idle = [stack.enter_context(opened(address)) for _ in range(CONNECTIONS + 50)]
        with asked_from("127.0.0.3", address) as client:
            assert client.post(SIGNAL, json={"value": {"type": "STRING", "value": "."}}).status_code == 200
        assert idle[0].recv(1) == b""  # the one that waited longest made room


WAITING = [  # what comes, what comes after it bit by bit, what is answered
    ("nothing", b"", b"", b""),
    ("half a header", b"GET /health HTTP/1.1\r\nX: ", b"x", b""),
    ("a second header, never whole", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET ", b"x", b"HTTP/1.1 200"),
    ("half a body", post(SIGNAL, b"{", 60_000), b"", b"HTTP/1.1 408"),
    ("a body bit by bit", post(SIGNAL, b"{", 60_000), b" ", b"HTTP/1.1 408"),
    ("a refused body bit by bit", post("/nothing", b"{", 60_000), b" ", b"HTTP/1.1 404"),
]


def test_who_keeps_the_service_waiting_is_let_go(address):
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(len(WAITING)))
        open_ = [stack.enter_context(opened(address, "127.0.0.4", sent)) for _, sent, _, _ in WAITING]
        ends = list(pool.map(until_closed, open_, (trickle for _, _, trickle, _ in WAITING)))
    for (name, _, _, answer), (received, seconds) in zip(WAITING, ends, strict=True):
        assert received.startswith(answer) if answer else not received, name
        assert 3 < seconds < 15, name
    assert json.loads(ends[3][0].partition(b"\r\n\r\n")[2])["error"] == {
        "code": 408, "message": "The body did not come within 5 seconds; send it again.", "status": "DEADLINE_EXCEEDED"
    }  # fmt: skip


def test_a_slow_caller_leaves_room_for_others(address):
    with asked_from("127.0.0.5", address) as slow, ThreadPoolExecutor(10) as pool:
        many = [pool.submit(slow.post, ANALYZE, content=SLOW_BODY, headers=JSON) for _ in range(10)]
        time.sleep(0.1)
        assert slow.post(SIGNAL, json={"value": {"type": "STRING", "value": "."}}).status_code == 200
        codes = [one.result().status_code for one in many]
    assert 1 <= codes.count(200) <= 5  # of 200 units each takes 63; a second window may have begun
    assert codes.count(200) + codes.count(429) == 10


def test_a_full_service_says_so_and_recovers():
    with running(create_app(rate=UNLIMITED, room=2)) as client:
        address = (client.base_url.host, client.base_url.port)
        with opened(address, sent=post(SIGNAL, b"", 9)), opened(address, sent=post(SIGNAL, b"", 9)):
            answer = wait_for(lambda: client.post(SIGNAL, json={}), lambda answer: answer.status_code == 503)
            assert answer.json()["error"] == {
                "code": 503, "message": "The service has too much to do; wait a little and ask again.", "status": "UNAVAILABLE"
            }  # fmt: skip
            assert answer.headers["retry-after"] == "1"
        wait_for(lambda: client.post(SIGNAL, json={}), lambda answer: answer.status_code == 400)
        assert client.post(SIGNAL, content=SLOW_BODY, headers=JSON).status_code == 503


def wait_for(ask, good):
    for _ in range(200):
        if good(answer := ask()):
            return answer
        time.sleep(0.02)
    raise AssertionError(answer.text)


def test_nothing_is_done_for_clients_that_left(capfd):
    def seconds_of_work(do):
        begun = time.process_time()
        do()
        return time.process_time() - begun

    body = json.dumps(asking(SLOW[:20_000], *ATTRIBUTES)).encode()
    with running(create_app(rate=UNLIMITED)) as client:
        address = (client.base_url.host, client.base_url.port)
        request = post(ANALYZE, body)

        def ask_and_leave():
            many = [opened(address, sent=request) for _ in range(12)]
            for one in many:
                one.close()
            client.post(ANALYZE, content=body, headers=JSON)  # its turn comes after theirs

        client.post(ANALYZE, content=body, headers=JSON)
        alone = seconds_of_work(lambda: client.post(ANALYZE, content=body, headers=JSON))
        assert seconds_of_work(ask_and_leave) < 8 * alone  # four may have been begun
    assert "".join(capfd.readouterr()) == ""


def test_no_text_reaches_a_log_or_an_error(client, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        client.post("/v1alpha1/comments:analyze", json=asking(f"{THREAT} {CANARY}", "SEXTORTION", spanAnnotations=True))
        answer = client.post("/v1alpha1/comments:analyze", json=asking(CANARY, CANARY))
    assert CANARY not in answer.text
    told = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )
    assert CANARY not in told + "".join(capfd.readouterr())


def test_serve_answers_and_logs_no_text(address):
    with asked_from("127.0.0.6", address) as client:
        answer = client.post(f"{ANALYZE}?key={CANARY}", json=asking(THREAT + CANARY, "SEXTORTION"))
        assert (
            answer.json()["attributeScores"]["SEXTORTION"]["summaryScore"]["value"]
            == classify(THREAT + CANARY).probability
        )


def test_the_service_refuses_a_threshold_that_is_no_number(client):
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        body = json.dumps(asking(CANARY, "SEXTORTION")).replace("{}", f'{{"scoreThreshold": {number}}}')
        answer = client.post(ANALYZE, content=body, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == "The scoreThreshold of SEXTORTION must be a finite number."


class FaultyModel(Model):
    """Fails with the text in its error, as a codec or a dictionary does."""

    def score(self, texts, **options):
        raise KeyError(*texts)


def test_an_unforeseen_error_tells_no_text(model, caplog, capfd):
    faulty = FaultyModel(**{field.name: getattr(model, field.name) for field in dataclasses.fields(Model)})
    with running(create_app(faulty)) as client:
        answer = client.post(ANALYZE, json=asking(CANARY, "SEXTORTION"))
    assert answer.status_code == 500
    assert answer.json()["error"] == {
        "code": 500, "message": "The service failed; try again, and report it if it stays.", "status": "INTERNAL"
    }  # fmt: skip
    assert CANARY not in caplog.text + "".join(capfd.readouterr())
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "A request failed with KeyError."
    ]


def test_a_client_that_leaves_in_the_middle_is_no_error(capfd):
    with running(create_app()) as client:
        opened((client.base_url.host, client.base_url.port), sent=post(SIGNAL, b"{", 100)).close()
        assert client.get("/health").status_code == 200
    assert "".join(capfd.readouterr()) == ""


# What programs are told of the service.


@pytest.fixture(scope="module")
def described(client):
    return client.get("/openapi.json").json()


def test_the_description_is_openapi_and_names_what_there_is(described):
    validate(described)
    paths = {(path, method) for path, methods in described["paths"].items() for method in methods}
    routes = create_app().routes
    assert paths == {(route.path, method.lower()) for route in routes for method in route.methods - {"HEAD"}}
    schemas = described["components"]["schemas"]
    assert schemas["Attribute"]["enum"] == list(ATTRIBUTES)
    (parameter,) = described["paths"]["/coop/signals/{signal_type}"]["post"]["parameters"]
    assert parameter["schema"]["enum"] == list(SIGNALS)
    assert set(described["components"]["responses"]) == set(map(str, service._STATUS))
    for code in service._STATUS:
        assert f"{code}" in service.__doc__


def test_answers_are_as_described(client, described):
    def check(name, answer):
        jsonschema.validate(answer.json(), {"$ref": f"#/components/schemas/{name}", **described})

    request = asking(THREAT, *ATTRIBUTES, spanAnnotations=True, clientToken="c", languages=["ar"])
    jsonschema.validate(request, {"$ref": "#/components/schemas/AnalyzeCommentRequest", **described})
    check("AnalyzeCommentResponse", client.post(ANALYZE, json=request))
    for signal in SIGNALS:
        check(
            "SignalResult", client.post(f"/coop/signals/{signal}", json={"value": {"type": "STRING", "value": THREAT}})
        )
    check("Error", client.post(SIGNAL, json={}))
