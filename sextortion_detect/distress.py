"""Whether somebody speaks of harming oneself or of not being able to go on: a matter apart from any label.

What is looked for are phrases, each a row of `distress.tsv`: a regular expression over folded words, the words that
make something else of it when they come next ("I die of laughter"), and what it says in English. The speaker is "I":
reports of what became of another person are none.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

from sextortion_detect.text.words import normalized

_WORTH_READING: Final = re.compile(
    r"م[\Wـ]*و+[\Wـ]*ت|\bو?متت?\b|ميته?\b|نتحر|[إا]نتحار"
    r"|(?:قتل|شنق|حرق|ذبح|غرق|ذي|جرح|رمي|ذب|لقي|خلص).{0,9}(?:نفسي|روحي|حالي|عمري|ر[اأ]سي|جسمي|حيات)"
    r"|(?:نهي|هاية|حد|نهايه).{0,9}(?:حيات|عمري)|(?:رمي|نط|قفز|قز).{0,12}(?:من|تحت|في|ب)"
    r"|(?:حيات|عمري|عيشت).{0,16}(?:معن|قيم|لازم|فايد|طعم)|(?:[هح]ياة?|حياتي|عيشتي|هالعيشه) و"
    r"|(?:[يب]د[ّ]?ي|عايزه?ة?|عاوز[ةه]?|[أا]?ريد|ب[يغ]ى?|حاب[ةه]?|داير[ةه]?|شتي|حب|بغي|قادر[ةه]?|فيني|عاد).{0,6}(?:عيش|كمل)"
    r"|قدر.{0,8}(?:كمل|ستمر|تحمل|ستحمل)|قادر.{0,8}(?:كمل|ستمر|تحمل|ستحمل)|ستطيع.{0,8}(?:كمل|ستمر|تحمل)|على الاستمرار"
    r"|رب.{0,4}خ[ذد]|الله.{0,3}ي?ا?خ[ذد]ني|\bسم\b|السم|حبوب|برشام|كلور|ديتول|عروقي|شراي|معصمي|وريدي"
    r"|m[aou]+t|mawe|ta[h7]er|[29qk]t[eoa]?l|mourir|suicid|tuer|die|kill",
    re.IGNORECASE,
)
"""What of a text makes it worth folding: all phrases have one of these, and most texts none."""


_LONGEST: Final = 100_000


def in_distress(texts: Sequence[str]) -> list[bool]:
    """Which texts speak of the writer harming himself or herself, or of not being able to go on.

    Of each the first 100,000 characters are read: nobody types more.

    >>> in_distress(["عايز أموت", "أموت فيك", "بموت من الضحك"])
    [True, False, False]
    """
    texts = [text[:_LONGEST] for text in texts]
    worth = [place for place, text in enumerate(texts) if _WORTH_READING.search(text)]
    found = [False] * len(texts)
    for place, folded in zip(worth, normalized([texts[place] for place in worth]), strict=True):
        found[place] = _phrases().search(folded) is not None
    return found


@cache
def _phrases() -> re.Pattern[str]:
    table = resources.files("sextortion_detect").joinpath("distress.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return re.compile("|".join(_phrase(phrase, unless_next) for _, phrase, unless_next, _ in rows))


def _phrase(phrase: str, unless_next: str) -> str:
    """One row as an expression: its words whole, and none of the others behind it."""
    behind = f"(?! (?:{'|'.join(unless_next.split())})(?!\\S))" if unless_next else ""
    return f"(?<!\\S)(?:{phrase})(?!\\S){behind}"
