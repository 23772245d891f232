"""The words that speak for a verdict, looked for when somebody asks: most verdicts are only counted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sextortion_detect.taxonomy import Tactic


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
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "tactic": None if self.tactic is None else self.tactic.value,
            "weight": self.weight,
        }


FindEvidence = Callable[[], tuple[Evidence, ...]]
Later = TypeVar("Later", bound="FoundLater")


class FoundLater:
    """A verdict with the slots `evidence` and `_find_evidence`, the first of which may wait to be filled."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        """Called for the evidence alone, and only while it has not been looked for."""
        find = None if name == "_find_evidence" else self._find_evidence
        if name != "evidence" or find is None:
            raise AttributeError(f"A {type(self).__name__} has no attribute {name!r}.", name=name, obj=self)
        evidence = find()
        object.__setattr__(self, "evidence", evidence)  # the verdict is frozen for everybody else
        object.__setattr__(self, "_find_evidence", None)
        return evidence


def find_later(verdict: Later, find_evidence: FindEvidence) -> Later:
    """The verdict, its evidence to be looked for by this function when it is first asked for."""
    object.__delattr__(verdict, "evidence")
    object.__setattr__(verdict, "_find_evidence", find_evidence)
    return verdict
