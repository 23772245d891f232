"""`serve`: the HTTP service for moderation tools, which needs the extra `serve`."""

from typing import Annotated

import typer

from sextortion_detect.cli.options import ModelOption, QuietOption, model_at
from sextortion_detect.cli.printing import complain, inform
from sextortion_detect.errors import InputError


def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="The address to listen on; the default is this machine alone.")]
    = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8765,
    quiet: QuietOption = False,
    model: ModelOption = None,
) -> None:  # fmt: skip
    """Answer Perspective-shaped requests and Coop signals over HTTP until interrupted."""
    try:
        from sextortion_detect.integrations import service
    except ImportError as error:
        raise InputError(
            f"Serving needs {error.name}, which is not installed; run: pip install 'sextortion-detect[serve]'"
        ) from None
    used = model_at(model)
    if host not in ("127.0.0.1", "localhost", "::1"):
        complain("Other machines can reach the service, and it asks for no password; put a gateway in front of it.")
    inform(f"Serving on http://{host}:{port}; Ctrl-C ends it.", quiet=quiet)
    service.serve(used, host=host, port=port)
