"""Whether somebody speaks of harming oneself or of not being able to go on: a matter apart from any label.

What is looked for are phrases, each a row of `distress.tsv`: a regular expression over folded words, the words that
make something else of it when they come next ("I die of laughter"), and what it says in English. The speaker is "I":
reports of what became of another person are none.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Final

from sextortion_detect.text.words import normalized

_MARKS: Final = re.compile("[\N{ARABIC TATWEEL}\N{ARABIC FATHATAN}-\N{ARABIC SUKUN}]+")

_WORDS: Final = (
    "3eesh|3ich|3ish|3omr|5odn|7ale|7ali|7am|7ar|7aya|7tam|7yat|as7a|deni|deny|disapp|dispar|dony|haya|hyat"
    "|inha2|kaff|kame|kamm|khodn|kill|kml|lam o|mas7|mawe|mawt|mett|moot|mott|mouri|mout|mut|muut|my life|myself"
    "|nafs|nefs|nta7|ntah|rass|ro7i|rohi|rou7|rouh|sam7|suicid|to be al|to die|to live|tuer|twal|twel|vie|viv"
    "|wake|آخر رسال|آخر ليل|أجرح|أرحل|أستمر|أصحى|أكمل|أواصل|أولد|أيامي|إليك|إن مت|ا اصحى|ا اصحي|ا افيق|ا اقوم"
    "|ا اكون|ا صبر|ا صحى|ا فيق|اجرح|اخر رسال|اخر ليل|ادر اكم|ارحل|استمر |اصبر|افتحهم|اقطع|اكمل|الحبوب|الذمه"
    "|امانتك|اواصل|ايامي|ب السم|ب خد|ب خذ|بالك من|بالكم|بالكو|بجرح|بدوني|برشام|بعد ما ا|بعدي،|بفيق|بقطع|ة الاخير"
    "|تحمل|تفقدني|تقل عل|توحشني|ثقل عل|ثكيل|جابتني|جسدي|جسمي|حاجه سود|حالي|حبوب ك|حتمل|حللو|حياة|حيات|حيل |ختفي"
    "|خلصت طاق|خلقت|دعو ل|دعوا ل|دعولي|دعيو|دي قوة|ديتول|دير شي|ذا مت|رأسي|راسي|ربنا ياخ|ربي ياخ|ربي يد|رتاح|رجعش"
    "|رحل عن|رساله مني|رقبت|روحي|رگبت|زاديت|سامحو|سامحي|ستيقظ|سم في|سمحو|سوي شي|ش هكون|شراي|شطب|شوفوني|شي أسود"
    "|شي اسود|شي صار |شيء أسود|صبري|صلوا م|عالة|عاله |عايش|عبء|عذاب |عروقي|عل شي|عمري|عمل حاج|عمل شي|عيش|فتقدني"
    "|فيقش|قاء حي|قدرتش|كعد|كلشي |كلور|كو امل|كون موجود|لأمل|لا أحد|لا احد|لاستمرار|لاقوني|لامل|لحيا |لحياه|لدنيا"
    "|لقاوني|لقوني|لو مت|لي قوة|ما أرجع|ما حدا ر|ما حدا ير|ما زدت|ما فيه امل|ما كون موج|متت|محد |محدش|مخرج|مصح"
    "|معصمي|مقوم|من بعدي|من غيري|موت|موو|ميت م|ميتة|ميجيش|ن أكون|نا تقيل|نا ثقيل|نا ثكل|نا حمل|نتحار|نتحر|نجرح"
    "|ندي صبر|نصبر|نفسي|نفيق|نقوم|نكمل|نهاء|نهي|نوض|ني تقيل|ني ثقيل|ني مت|ني موجود|هالدني|هالعالم|وجودي|وداع|ودعت"
    "|وريدي|ولا ارجع|ولدت|ولدوني|وما ارجع|ي أمل|ي الأخيرة|ي امل|ي حيل|ي كفي|ي كمل|ياخدني|ياخذني|يته وانا|يش أمل"
    "|يش امل|يه حيل|يوم آخر|يومي |گعد"
)
"""Plain parts of words, of which each phrase has one as people type it; texts without are read no further."""

_LONGEST: Final = 100_000


def in_distress(texts: Sequence[str]) -> list[bool]:
    """Which texts speak of the writer harming himself or herself, or of not being able to go on.

    Of each the first 100,000 characters are read: nobody types more.

    >>> in_distress(["عايز أموت", "أموت فيك", "بموت من الضحك"])
    [True, False, False]
    """
    texts = [_MARKS.sub("", text[:_LONGEST].lower()) for text in texts]
    worth = [place for place, text in enumerate(texts) if _worth_reading().search(text)]
    found = [False] * len(texts)
    for place, folded in zip(worth, normalized([texts[place] for place in worth]), strict=True):
        found[place] = _phrases().search(f" {folded}") is not None
    return found


@cache
def _worth_reading() -> re.Pattern[str]:
    return re.compile(_tree(_WORDS.split("|")))


def _tree(words: list[str]) -> str:
    """Any of the words as an expression that reads each letter once, which Python searches fast."""
    if "" in words:
        return ""
    by_first = groupby(sorted(words), lambda word: word[0])
    return "|".join(f"{first}(?:{_tree([word[1:] for word in group])})" for first, group in by_first)


@cache
def _phrases() -> re.Pattern[str]:
    table = resources.files("sextortion_detect").joinpath("distress.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    parts = {name: words for name, words, *_ in rows if name.startswith("<")}
    phrases = "|".join(_phrase(phrase, unless_next) for name, phrase, unless_next, _ in rows if name not in parts)
    return re.compile(f"(?<!\\S)(?:{_PART.sub(lambda part: parts[part[0]], phrases)})")


_PART: Final = re.compile("<[a-z]+>")


def _phrase(phrase: str, unless_next: str) -> str:
    """One row as an expression: its words whole, and none of the others behind it."""
    behind = f"(?! (?:{'|'.join(unless_next.split())})(?!\\S))" if unless_next else ""
    return f"(?:{phrase})(?!\\S){behind}"
