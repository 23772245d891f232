"""What a fit is, in one frozen record: an ablation, another weight or another detector is another recipe.

>>> Recipe().but(read_recipe("label_c = 1.5")).changes(Recipe())
{'label_c': 1.5}
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from sextortion_detect.errors import InputError
from sextortion_detect.taxonomy import Variety


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a fit can be set to; the defaults were chosen on dev rows and rows of left-out authors.

    (Of 24 left-out authors 61 % of the offenses were found at 1 in 1,000 with `chat_weight` 0.15 and no lines among the
    margins, 54 % with lines as heavy as rows.)

    What is fitted on: `rows` is the share of the train rows, drawn by `seed`; `without_varieties` leaves out varieties;
    `background` is how many texts of the background are drawn, all where it is None.

    Features: one enters the vocabulary with `written_frequency` texts of the corpus (rows, lines of conversations and
    every third disguised copy) or `background_frequency` of the background; `without` leaves kinds of features out
    (`vocabulary.KINDS`). `peer` names a function without arguments, as `FILE.py:NAME`, that gives a scikit-learn
    classifier of texts to fit on the same rows in place of the model: for experiments, since no model can hold it.

    Copies and pieces: a row of the author `front-door`, what anybody types first, is fitted on `plain_cases` times,
    each time with other copies, and counts as often for the vocabulary. `written_copies` and `background_copies` say
    how many disguised copies of a text are fitted on beside it, `padded_copies` how many copies of a row with 3 to 25
    ordinary words beside it; lines of conversations have none. `snippets` is how many short replies are cut out of the
    background, beside every written word on its own, and fitted against too: chats are full of them, collections of
    tweets are not.

    Weights: a written row weighs `written_weight` times a background text, and a report of a victim `victim_weight`
    times more, since there are few. A line of a conversation weighs `chat_weight` times what a row does: it was
    labelled by what came before, which the head does not see. Margins, which rest on the hardest texts, leave such
    lines out. A copy weighs `copy_weight` times what a row does: many light copies of a row, each disguised otherwise,
    cost less of what is found undisguised than few heavy ones; among the margins it counts like a row. `label_c`,
    `margin_c` and `tactic_c` are inverse strengths of regularization; `margin_weight` is what a margin is multiplied by
    before it is added. `ordinary_shift` is the logarithm of how much commoner ordinary traffic is taken to be than
    written rows. `grown` is how many conversations are made of the annotated ones in each of several ways, for the
    conversation part.

    The rule that tells labels from a whole message and its strongest stretch is fitted on the dev rows and on one
    background text in `held_out`, which the rest is not fitted on. These weigh `rule_ordinary` times as much as the
    rows together, long texts that are joined of them `rule_joined` times; each copy of an offense with ordinary words
    beside it weighs `rule_padded` times what the row does: with more, more is found among small talk and less of all.
    `rule_c` is its inverse strength of regularization; `rule_opinion` is what the log-odds of a regression that weighs
    whole and stretch anew are multiplied by before they are added.

    `budget` is the share of real texts that may be flagged wrongly.
    """

    rows: float = 1.0
    without_varieties: tuple[str, ...] = ()
    background: int | None = None
    written_frequency: int = 14
    background_frequency: int = 150
    without: tuple[str, ...] = ()
    peer: str = ""
    written_copies: float = 4.5
    padded_copies: float = 1.0
    background_copies: float = 0.3
    plain_cases: int = 16
    snippets: int = 20_000
    written_weight: float = 3.0
    victim_weight: float = 4.0
    chat_weight: float = 0.15
    copy_weight: float = 0.6
    label_c: float = 3.0
    margin_c: float = 0.3
    margin_weight: float = 3.0
    ordinary_shift: float = 0.3
    tactic_c: float = 10.0
    held_out: int = 12
    rule_ordinary: float = 2.0
    rule_joined: float = 2.0
    rule_padded: float = 1.0
    rule_c: float = 0.006
    rule_opinion: float = 0.35
    grown: int = 140
    budget: float = 1e-3
    seed: int = 20261124

    def changes(self, other: "Recipe") -> dict[str, Any]:
        """The fields in which this recipe differs from another."""
        return {name: value for name, value in asdict(self).items() if value != getattr(other, name)}

    def but(self, changes: Mapping[str, Any]) -> "Recipe":
        """This recipe with some fields changed; raises `InputError` for a field or a value that there cannot be."""
        for name, value in changes.items():
            if name not in _KINDS:
                raise InputError(f"A recipe has no field {name}; its fields are {', '.join(_KINDS)}.")
            types, kind = _KINDS[name]
            if type(value) not in types or (kind == _TEXTS and not all(isinstance(one, str) for one in value)):
                raise InputError(f"The field {name} of a recipe must be {kind}.")
            if type(value) in (int, float) and name != "ordinary_shift" and value < 0:
                raise InputError(f"The field {name} of a recipe must not be negative.")
        if unknown := sorted({*changes.get("without_varieties", ())} - {*Variety}):
            raise InputError(f"There is no variety {unknown[0]!r}; name some of {', '.join(Variety)}.")
        lists = {name: tuple(value) for name, value in changes.items() if isinstance(value, list)}
        return replace(self, **{**changes, **lists})


_TEXTS: Final = "a list of texts"
_KIND_OF: Final = {float: ((int, float), "a number"), str: ((str,), "a text"), tuple: ((list, tuple), _TEXTS)}
_KINDS: Final = {field.name: _KIND_OF.get(type(field.default), ((int,), "a whole number")) for field in fields(Recipe)}


def read_recipe(given: str) -> dict[str, Any]:
    """The fields of a recipe that a JSON or TOML text gives, or a file of that name.

    Raises `InputError` where it is neither.
    """
    try:
        path = Path(given)
        text = path.read_text(encoding="utf-8") if path.suffix in {".json", ".toml"} else given
        return dict(json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text))
    except FileNotFoundError:
        raise InputError(f"There is no file at {given}; check the path.") from None
    except (OSError, ValueError):
        raise InputError("A recipe must be JSON or TOML, as text or in a file named .json or .toml.") from None
