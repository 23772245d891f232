"""A small HTTP service over the adapters: Perspective's `comments:analyze` and Coop's signals. Needs the extra `serve`.

It answers to the loopback interface unless told otherwise, takes JSON alone, and limits the size of a body and the
requests of a caller. No text of a request reaches a log or an error.

| request | answer |
|---|---|
| `POST /v1alpha1/comments:analyze` | as `perspective.analyze` |
| `POST /coop/signals/{type}` | as `coop.run_signal` |
| `GET /health` | the name of the model |

Errors come in Google's shape, `{"error": {"code", "message", "status"}}`, with 400, 404, 405, 413, 415 or 429.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sextortion_detect.errors import InputError
from sextortion_detect.integrations.coop import run_signal
from sextortion_detect.integrations.limits import RateLimit, read_at_most
from sextortion_detect.integrations.perspective import analyze
from sextortion_detect.model.linear import Model
from sextortion_detect.model.shipped import checked_model

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8765
LARGEST_BODY: Final = 64 * 1024  # bytes; a message is far smaller
RATE: Final = 50.0  # requests a second of one caller, in the long run
BURST: Final = 200

_STATUS: Final = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    413: "INVALID_ARGUMENT",
    415: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}
"""Google's name beside an HTTP code (google.rpc.Code)."""

_LOCAL_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def create_app(
    model: Model | None = None, *, rate: float = RATE, burst: int = BURST, hosts: tuple[str, ...] = _LOCAL_NAMES
) -> Starlette:
    """The service as an ASGI application; `hosts` are the names that it answers to (`*` for any).

    Names are checked so that no web page can reach a service on the reader's own machine under a name of its own.
    """
    used = checked_model(model)
    limit = RateLimit(rate, burst)

    async def analyze_comment(request: Request) -> Response:
        return await _answer(request, limit, lambda body: analyze(body, model=used))

    async def coop_signal(request: Request) -> Response:
        signal_type = request.path_params["signal_type"]
        return await _answer(request, limit, lambda body: run_signal(signal_type, body, model=used))

    async def health(_: Request) -> Response:
        return JSONResponse({"model": used.manifest.get("name"), "status": "ok"})

    return Starlette(
        routes=[
            Route("/v1alpha1/comments:analyze", analyze_comment, methods=["POST"]),
            Route("/coop/signals/{signal_type}", coop_signal, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)],
        exception_handlers=dict.fromkeys((HTTPException, InputError, Exception), _refuse),
    )


def serve(model: Model | None = None, *, host: str = LOOPBACK, port: int = PORT) -> None:
    """Run the service until it is interrupted; on another interface than loopback it answers to any host name."""
    import uvicorn

    hosts = _LOCAL_NAMES if host in (LOOPBACK, "localhost", "::1") else ("*",)
    uvicorn.run(
        create_app(model, hosts=hosts),
        host=host,
        port=port,
        access_log=False,  # a query string could hold a text
        log_level="warning",
        limit_concurrency=64,
        timeout_keep_alive=5,
    )


async def _answer(request: Request, limit: RateLimit, answer: Answer) -> Response:
    if not limit.allows(request.client.host if request.client else ""):
        raise HTTPException(429, "Too many requests; wait a little and ask again.")
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "The body must be application/json.")
    body = await read_at_most(request.stream(), LARGEST_BODY)
    if body is None:
        raise HTTPException(413, f"The body is larger than {LARGEST_BODY} bytes; send one message at a time.")
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise InputError("The body must be one JSON object.")
    return JSONResponse(await run_in_threadpool(answer, record))


async def _refuse(_: Request, error: Exception) -> Response:
    """What went wrong as a response; of an error that nobody foresaw no more than that."""
    if isinstance(error, HTTPException):
        return _error(error.status_code, error.detail)
    if isinstance(error, InputError):
        return _error(400, str(error))
    return _error(500, "The service failed; try again, and report it if it stays.")


def _error(code: int, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message, "status": _STATUS.get(code, "UNKNOWN")}}, code)
