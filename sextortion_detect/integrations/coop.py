"""Signals for Coop (roostorg/coop): a signal's input in, `outputType` and `score` out.

Coop runs signals out of plugin packages in TypeScript (`PluginSignalDescriptor` in `@roostorg/types`). The `run` of
such a descriptor hands its input on to the service (`integrations.service`) and gives back what comes:

```ts
async run(input) {
  const { value } = input;  // the text alone: no ids leave Coop
  const answer = await fetch('http://127.0.0.1:8765/coop/signals/SEXTORTION_SCORE', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ value }),
  });
  if (!answer.ok) throw new Error(`sextortion-detect answered ${answer.status}`);
  return answer.json();
}
```

>>> run_signal("SEXTORTION_FLAGGED", {"value": {"type": "STRING", "value": "صباح الخير"}})
{'outputType': {'scalarType': 'BOOLEAN'}, 'score': False}
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sextortion_detect.classify import classify
from sextortion_detect.errors import InputError
from sextortion_detect.model.linear import Model
from sextortion_detect.records import Verdict
from sextortion_detect.taxonomy import Label

SIGNALS: Final[Mapping[str, tuple[str, Callable[[Verdict], bool | float | str]]]] = {
    "SEXTORTION_SCORE": ("NUMBER", lambda verdict: verdict.probability),
    "SEXTORTION_VICTIM_SCORE": ("NUMBER", lambda verdict: verdict.scores[Label.VICTIM_REPORT]),
    "SEXTORTION_FLAGGED": ("BOOLEAN", lambda verdict: verdict.flagged),
    "SEXTORTION_ACTION": ("STRING", lambda verdict: verdict.action.value),
}
"""The signal types that there are: Coop's scalar type of the score, and what of a verdict it is."""


def run_signal(signal_type: str, signal_input: Mapping[str, Any], *, model: Model | None = None) -> dict[str, Any]:
    """The result of one signal for an input of type STRING, both as plain JSON types.

    Raises `InputError` for a signal type that does not exist, and for an input that is no string.
    """
    if signal_type not in SIGNALS:
        raise InputError(f"There is no signal of that type; the types are {', '.join(SIGNALS)}.")
    value = signal_input.get("value")
    if not isinstance(value, Mapping) or value.get("type") != "STRING" or not isinstance(value.get("value"), str):
        raise InputError("The input of a signal must hold a value of type STRING.")
    scalar_type, pick = SIGNALS[signal_type]
    return {"outputType": {"scalarType": scalar_type}, "score": pick(classify(value["value"], model=model))}
