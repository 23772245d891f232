"""A memory that forgets what was not asked for lately, and costs a look into one dictionary where it remembers."""

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, in two generations: once the younger one is full it becomes the older, which is forgotten.

    What is found in the older one joins the younger again. At most `2 * most` are held; None is no value.

    >>> recent = Recent(2)
    >>> for key in "abac":
    ...     if recent.find([key]) == [None]:
    ...         recent.put(key, key.upper())
    >>> recent.put("d", "D"), recent.put("e", "E")
    (None, None)
    >>> recent.find(["a", "c", "d"])
    [None, 'C', 'D']
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def find(self, keys: Sequence[Key]) -> list[Value | None]:
        """The value of each key, None where there is none."""
        found = list(map(self._young.get, keys))
        if None in found:
            for place, key in enumerate(keys):
                if found[place] is None and (value := self._old.get(key)) is not None:
                    found[place] = value
                    self.put(key, value)
        return found

    def put(self, key: Key, value: Value) -> None:
        """Remember a value."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def clear(self) -> None:
        """Forget all."""
        self._young, self._old = {}, {}
