"""Functions for the rules of Osprey (roostorg/osprey), which finds them by this package's entry point `osprey_plugin`.

They are there as soon as this package is installed beside Osprey's worker. In a rule:

```python
Flagged = SextortionFlagged(text=MessageText)
IsExtortion = Rule(when_all=[SextortionScore(text=MessageText) >= 0.97], description="Likely sextortion")
WhenRules(rules_any=[IsExtortion], then=[...])
```

This module imports Osprey; nothing else of the package does.
"""

from collections.abc import Sequence
from typing import Any

from osprey.engine.udf.arguments import ArgumentsBase
from osprey.engine.udf.base import UDFBase
from osprey.worker.adaptor.plugin_manager import hookimpl_osprey

from sextortion_detect.classify import classify

_CATEGORY = "Sextortion"


class SextortionArguments(ArgumentsBase):  # type: ignore[misc]  # Osprey is not on PyPI, so it is not there for mypy
    """What each function takes: the text of one message."""

    text: str


class SextortionScore(UDFBase[SextortionArguments, float]):  # type: ignore[misc]
    """Probability that a message is blackmail or grooming, 0 to 1."""

    category = _CATEGORY

    def execute(self, execution_context: Any, arguments: Any) -> float:  # noqa: ARG002
        """The probability."""
        return classify(str(arguments.text)).probability


class SextortionFlagged(UDFBase[SextortionArguments, bool]):  # type: ignore[misc]
    """Whether a message is flagged as blackmail or grooming at the model's thresholds."""

    category = _CATEGORY

    def execute(self, execution_context: Any, arguments: Any) -> bool:  # noqa: ARG002
        """The decision."""
        return classify(str(arguments.text)).flagged


class SextortionAction(UDFBase[SextortionArguments, str]):  # type: ignore[misc]
    """What to do about a message: flag, support (its sender needs help), or none."""

    category = _CATEGORY

    def execute(self, execution_context: Any, arguments: Any) -> str:  # noqa: ARG002
        """The action."""
        return classify(str(arguments.text)).action.value


class SextortionTactics(UDFBase[SextortionArguments, list[str]]):  # type: ignore[misc]
    """The tactics of a flagged message, strongest first; empty for others."""

    category = _CATEGORY

    def execute(self, execution_context: Any, arguments: Any) -> list[str]:  # noqa: ARG002
        """The tactics."""
        return [tactic.value for tactic in classify(str(arguments.text)).tactics]


@hookimpl_osprey  # type: ignore[untyped-decorator]
def register_udfs() -> Sequence[type[Any]]:
    """The functions, as Osprey's hook of that name asks for them."""
    return [SextortionScore, SextortionFlagged, SextortionAction, SextortionTactics]
