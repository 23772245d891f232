"""How much a caller may ask for: a rate for each address, and a size for each body."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Final

_MOST_CALLERS: Final = 10_000  # addresses remembered; past this those heard of longest ago are forgotten


class RateLimit:
    """A token bucket for each caller: `rate` requests a second in the long run, `burst` at once.

    >>> ticks = iter([0.0, 0.0, 0.0, 1.0])
    >>> limit = RateLimit(rate=1.0, burst=2, clock=lambda: next(ticks))
    >>> [limit.allows("127.0.0.1") for _ in range(4)]
    [True, True, False, True]
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, caller: str) -> bool:
        """Whether a request of that caller may be answered now; counts it if so."""
        now = self._clock()
        tokens, since = self._buckets.pop(caller, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - since) * self._rate)
        allowed = tokens >= 1.0
        self._buckets[caller] = (tokens - 1.0 if allowed else tokens, now)
        if len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        return allowed


async def read_at_most(chunks: AsyncIterator[bytes], most: int) -> bytes | None:
    """The body that comes in chunks, or None as soon as it is larger than `most` bytes."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
