"""A small HTTP service over the adapters: Perspective's `comments:analyze` and Coop's signals. Needs the extra `serve`.

It answers to the loopback interface unless told otherwise, takes JSON alone, and limits what it takes on (`admission`).
No text of a request reaches a log or an error.

Its server is uvicorn, with an end to waiting. A connection has 5 seconds to send the whole header of its next request,
and to take the answer to its last. Where more than 512 connections are open, that which has waited longest for a
request is closed: idle ones shut nobody out. `limit_concurrency` of uvicorn is not used, since it counts idle
connections and refuses the others.

| request | answer |
|---|---|
| `POST /v1alpha1/comments:analyze` | as `perspective.analyze` |
| `POST /coop/signals/{type}` | as `coop.run_signal` |
| `GET /health` | the name of the model |
| `GET /openapi.json` | all this for programs, as OpenAPI 3.1 |

Errors come in Google's shape, `{"error": {"code", "message", "status"}}`:

| code | when | what to do |
|---|---|---|
| 400, 404, 405, 415 | the request is wrong | mend it as the message says |
| 408 | the body did not come within 5 seconds | send it again; the connection is closed |
| 413 | the body is larger than 64 KB | send one message at a time |
| 429 | the caller asked for over 200 units in 4 seconds: one a request, one a KB of body | wait for `Retry-After` |
| 503 | over 512 units are in work, of all callers together | the same |
| 500 | the service failed; its log names the kind of the error alone | report it |

What is no HTTP, or asks for another host, gets 400 in plain text.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_network
from math import inf
from pathlib import Path
from typing import Any, Final

import h11
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from sextortion_detect.errors import InputError
from sextortion_detect.integrations.admission import RATE, ROOM, UNIT, Admission, read_body
from sextortion_detect.integrations.coop import run_signal
from sextortion_detect.integrations.perspective import analyze
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model
from sextortion_detect.readers.table_rows import parsed_object

_STATUS: Final = {
    400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 405: "UNIMPLEMENTED", 408: "DEADLINE_EXCEEDED", 413: "INVALID_ARGUMENT",
    415: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip
"""Google's name beside an HTTP code (google.rpc.Code)."""

_HEADERS: Final = {408: {"connection": "close"}, 429: {"retry-after": "4"}, 503: {"retry-after": "1"}}
_log: Final = logging.getLogger(__name__)

LOCAL_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def create_app(
    model: Model | None = None, *, rate: str = RATE, room: int = ROOM, hosts: tuple[str, ...] = LOCAL_NAMES
) -> Starlette:
    """The service as an ASGI application; `hosts` are the names that it answers to (`*` for any).

    Names are checked so that no web page can reach a service on the reader's own machine under a name of its own.
    `rate` limits each caller, `room` all together, in units of work (`admission`). An address stands for a caller: run
    it by `server`, which does not let callers make addresses up.
    """
    used = checked_model(model)
    admission = Admission(rate, room)

    async def analyze_comment(request: Request) -> Response:
        return await _answer(request, admission, lambda body: analyze(body, model=used))

    async def coop_signal(request: Request) -> Response:
        signal_type = request.path_params["signal_type"]
        return await _answer(request, admission, lambda body: run_signal(signal_type, body, model=used))

    return Starlette(
        routes=[
            Route("/v1alpha1/comments:analyze", analyze_comment, methods=["POST"]),
            Route("/coop/signals/{signal_type}", coop_signal, methods=["POST"]),
            Route("/health", JSONResponse({"model": used.manifest.get("name"), "status": "ok"}), methods=["GET"]),
            Route("/openapi.json", FileResponse(Path(__file__).with_name("openapi.json")), methods=["GET"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)],
        exception_handlers=dict.fromkeys((HTTPException, Exception), _refuse),
    )


async def _answer(request: Request, admission: Admission, answer: Answer) -> Response:
    caller = request.client.host if request.client else ""
    with admission.admitted(caller, 1):
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise HTTPException(415, "The body must be application/json.")
        body = await read_body(request)
        with admission.admitted(caller, len(body) // UNIT):
            return await admission.in_turn(request, partial(_respond, body, answer))


def _respond(body: bytes, answer: Answer) -> Response:
    try:
        record = parsed_object(body)
        if record is None:
            raise InputError("The body must be one JSON object.")
        return JSONResponse(answer(record))
    except Exception as error:  # none goes further: the words of one that nobody foresaw may be those of the message
        return _refuse(None, error)


def _refuse(_: object, error: Exception) -> Response:
    """What went wrong as a response; of an error that nobody foresaw the log gets the type alone."""
    code, message = 500, "The service failed; try again, and report it if it stays."
    if isinstance(error, HTTPException):
        code, message = error.status_code, error.detail
    elif isinstance(error, InputError):
        code, message = 400, str(error)
    else:
        _log.error("A request failed with %s.", type(error).__name__)
    answer = {"error": {"code": code, "message": message, "status": _STATUS.get(code, "UNKNOWN")}}
    return JSONResponse(answer, code, _HEADERS.get(code))


CONNECTIONS: Final = 512
IDLE_SECONDS: Final = 5


class _Connection(H11Protocol):
    """A connection whose timer runs from its beginning and after each answer, until a whole header has come."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        if len(self.connections) > CONNECTIONS:
            ours = [one for one in self.connections if isinstance(one, _Connection)]
            min(ours, key=_Connection._deadline).timeout_keep_alive_handler()

    def _deadline(self) -> float:
        return self.timeout_keep_alive_task.when() if self.timeout_keep_alive_task else inf

    def _unset_keepalive_if_required(self) -> None:
        if self.conn.our_state is h11.SEND_RESPONSE:  # not at any byte, as uvicorn does
            super()._unset_keepalive_if_required()

    def timeout_keep_alive_handler(self) -> None:
        self.connections.discard(self)
        self.transport.abort()  # closing waits for who takes no answer


def server(app: Starlette, *, host: str, port: int, trusted_proxies: Sequence[str] = ()) -> Server:
    """A server for the application of `create_app`; its method `run` serves until it is interrupted.

    `X-Forwarded-For` is believed of the `trusted_proxies` alone, addresses or networks, by default of nobody: a caller
    could write another address into each request. Raises `InputError` for what is no address.
    """
    try:
        believed = [str(ip_network(proxy)) for proxy in trusted_proxies]
    except ValueError:
        raise InputError("A trusted proxy must be an IP address or a network: 10.0.0.1, or 10.0.0.0/8.") from None
    return Server(Config(
        app, host=host, port=port, http=_Connection, ws="none", timeout_keep_alive=IDLE_SECONDS,
        proxy_headers=bool(believed), forwarded_allow_ips=believed,
        log_level="warning", access_log=False,  # a query string could hold a text
    ))  # fmt: skip
