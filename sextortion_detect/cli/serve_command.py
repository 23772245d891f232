"""`serve`: the HTTP service for moderation tools, which needs the extra `serve`."""

from contextlib import suppress
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Annotated

import typer

from sextortion_detect.cli.options import ModelOption, QuietOption, model_at
from sextortion_detect.cli.printing import complain, inform
from sextortion_detect.errors import InputError, needing


def serve(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on; the default is this machine alone.")]
    = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8765,
    trusted_proxy: Annotated[list[str] | None, typer.Option(
        metavar="ADDRESS", help="An IP address or network whose X-Forwarded-For is believed; repeat "
        "it for more. By default none is, and a gateway counts as one caller.",
    )] = None,
    quiet: QuietOption = False,
    model: ModelOption = None,
) -> None:  # fmt: skip
    """Answer Perspective-shaped requests and Coop signals over HTTP until interrupted.

    A caller may send 200 requests in 4 seconds, fewer of over 1 KB; a body has 64 KB and 5 seconds.
    Requests, answers and errors are described at /openapi.json.
    """
    with needing("Serving needs", "serve"):
        from sextortion_detect.integrations import service
    local = host in ("127.0.0.1", "localhost", "::1")
    app = service.create_app(model_at(model), hosts=service.LOCAL_NAMES if local else ("*",))
    running = service.server(app, host=host, port=port, trusted_proxies=trusted_proxy or ())
    if not local:
        complain("Other machines can reach the service, and it asks for no password; put a gateway in front of it.")
    listening = socket(AF_INET6 if ":" in host else AF_INET, SOCK_STREAM, IPPROTO_TCP)  # by which asyncio knows TCP
    listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise InputError(f"{host}:{port} cannot be listened on ({error.strerror}); name another --port.") from None
    inform(f"Serving on http://{host}:{port}; Ctrl-C ends it.", quiet=quiet)
    with listening, suppress(KeyboardInterrupt):
        running.run([listening])
