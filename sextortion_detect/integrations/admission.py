"""What is let into the service: so much of one caller, so much at once, each body within its time.

Work is counted in units: one for a request, and one more for each full KB of its body, since the time that a text takes
grows with its length.
"""

from asyncio import Semaphore
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from anyio import create_task_group, fail_after
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

UNIT: Final = 1024  # bytes of a body
RATE: Final = "200/4 seconds"  # units of one caller
ROOM: Final = 512  # units at once; one caller cannot fill it with bodies that never end: 200 units in 4 seconds, for 5
TURNS: Final = 4  # texts read at a time; the others wait in the order they came
LARGEST_BODY: Final = 64 * UNIT  # a message is far smaller
BODY_SECONDS: Final = 5


class Admission:
    """The limits of one service: `rate` in the notation of the package limits, `room` in units."""

    def __init__(self, rate: str = RATE, room: int = ROOM) -> None:
        self._rate = parse(rate)
        # No moving window: in memory it never forgets an address.
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._room = room
        self._turns = Semaphore(TURNS)

    @contextmanager
    def admitted(self, caller: str, units: int) -> Iterator[None]:
        """Holds room for work of a caller; `HTTPException` 429 past the caller's rate, 503 where room is lacking."""
        if not self._limiter.hit(self._rate, caller, cost=units):
            raise HTTPException(429, "Too many requests; wait a little and ask again.")
        if units > self._room:
            raise HTTPException(503, "The service has too much to do; wait a little and ask again.")
        self._room -= units
        try:
            yield
        finally:
            self._room += units

    async def in_turn(self, request: Request, work: Callable[[], Response]) -> Response:
        """What `work` gives in a thread once its turn has come; if the client leaves before, it is not begun."""
        response = Response(status_code=499)  # for nobody

        async def leave_with_client() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        async with create_task_group() as group:
            group.start_soon(leave_with_client)
            async with self._turns:
                response = await run_in_threadpool(work)
            group.cancel_scope.cancel()
        return response


async def read_body(request: Request) -> bytes:
    """The whole body; `HTTPException` 413 if it is larger than `LARGEST_BODY`, 408 if it takes over `BODY_SECONDS`."""
    body = bytearray()
    with suppress(TimeoutError, ClientDisconnect), fail_after(BODY_SECONDS):
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise HTTPException(413, f"The body is larger than {LARGEST_BODY} bytes; send one message at a time.")
        return bytes(body)
    raise HTTPException(408, f"The body did not come within {BODY_SECONDS} seconds; send it again.")
