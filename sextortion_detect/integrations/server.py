"""The server of the service: uvicorn, with an end to waiting. Needs the extra `serve`.

A connection has 5 seconds to send the whole header of its next request, and to take the answer to its last. Where more
than 512 connections are open, that which has waited longest for a request is closed: idle ones shut nobody out.
`limit_concurrency` of uvicorn is not used, since it counts idle connections and refuses the others.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_network
from math import inf
from typing import Final

import h11
from starlette.applications import Starlette
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from sextortion_detect.errors import InputError

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
    """A server for the application of `service.create_app`; its method `run` serves until it is interrupted.

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
