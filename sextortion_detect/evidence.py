"""The words that speak for a verdict, looked for when somebody asks: most verdicts are only counted."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from struct import Struct
from typing import Any, Final

from sextortion_detect.taxonomy import Label, Tactic


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the original text that speaks for a verdict.

    `start` and `end` are a half-open range of the original, in whole words; `tactic` is the one it shows best, or None
    where no tactic is sure enough; `weight` is its share of the log-odds of the label
    against harmless traffic.
    """

    start: int
    end: int
    text: str = field(repr=False)
    tactic: Tactic | None
    weight: float

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON types."""
        return {**asdict(self), "tactic": None if self.tactic is None else self.tactic.value}


FindEvidence = Callable[[], tuple[Evidence, ...]]


class FoundLater:
    """A verdict whose slots `evidence`, `scores` and `tactics` may wait to be filled.

    `_packed` has the scores by label as 64-bit floats, in bytes: dictionaries that nobody looks at would cost a third
    of what judging does, most of it the garbage collector's time.
    """

    __slots__ = ("_packed",)

    def __getattr__(self, name: str) -> Any:
        """Called for what has not been filled yet, and only until it has."""
        value: Any
        if name == "evidence" and (find := self._find_evidence) is not None:
            value = find()
            object.__setattr__(self, "_find_evidence", None)  # the verdict is frozen for everybody else
        elif name == "scores":
            value = dict(zip(Label, _DOUBLES.unpack(self._packed), strict=True))
        elif name == "tactics" and self._packed:
            value = {}
        else:
            raise AttributeError(f"A {type(self).__name__} has no attribute {name!r}.", name=name, obj=self)
        object.__setattr__(self, name, value)
        return value


_DOUBLES: Final = Struct(f"{len(Label)}d")
