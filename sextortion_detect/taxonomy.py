"""The words of the annotation guide: labels, tactics, varieties, scripts and kinds.

Each is a `StrEnum`, so a member compares equal to its plain string, with an Arabic name and an English gloss.

>>> Label.BLACKMAIL == "blackmail"
True
>>> Label.BLACKMAIL.gloss
'threatens to expose, or demands money or acts under threat'
"""

from enum import StrEnum
from typing import Self


class _Named(StrEnum):
    """A string that also knows its Arabic name (`arabic`) and what it means (`gloss`)."""

    arabic: str
    gloss: str

    def __new__(cls, value: str, arabic: str = "", gloss: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.arabic = arabic
        member.gloss = gloss
        return member


class Label(_Named):
    """What a message is: exactly one of four; the order is that of a model's score columns."""

    BENIGN = "benign", "عادية", "none of the others; may still be rude, commercial or spam"
    GROOMING = "grooming", "استدراج", "maneuvers the reader towards exposure or control"
    BLACKMAIL = "blackmail", "ابتزاز", "threatens to expose, or demands money or acts under threat"
    VICTIM_REPORT = "victim_report", "بلاغ ضحية", "tells of being blackmailed or groomed"


OFFENSES = (Label.GROOMING, Label.BLACKMAIL)
"""The labels that a platform flags."""


class Tactic(_Named):
    """How an offending message works; a message has none, one or several."""

    TRUST_BUILDING = "trust_building", "كسب الثقة", "flatters, declares sudden love, promises"
    PERSONAL_INFO_REQUEST = "personal_info_request", "طلب معلومات شخصية", "asks for age, school, address, codes"
    SECRECY = "secrecy", "طلب الكتمان", "asks to hide, delete, or be alone"
    MOVE_TO_PRIVATE_CHANNEL = "move_to_private_channel", "نقل الحديث إلى قناة خاصة", "asks to go on elsewhere"
    MOVE_TO_VIDEO = "move_to_video", "طلب مكالمة مرئية", "asks for a video call or the camera"
    INTIMATE_REQUEST = "intimate_request", "طلب صور خاصة", "asks for private pictures or videos"
    POSSESSION_CLAIM = "possession_claim", "ادعاء امتلاك صور أو تسجيلات", "claims to hold pictures, videos or access"
    EXPOSURE_THREAT = "exposure_threat", "تهديد بالنشر", "threatens to publish or to tell others"
    PAYMENT_DEMAND = "payment_demand", "طلب مال", "demands money, cards, credit or things of value"
    COERCED_ACT = "coerced_act", "إجبار على فعل", "demands an act other than paying"
    DEADLINE_PRESSURE = "deadline_pressure", "الضغط بمهلة", "a countdown, last warning or ultimatum"


class Action(_Named):
    """What a platform does with a message."""

    FLAG = "flag", "تنبيه", "treat as an offense: put it before a human moderator"
    SUPPORT = "support", "دعم", "route the sender to help"
    NONE = "none", "لا شيء", "nothing to do"


class Variety(_Named):
    """The variety of Arabic that a message is written in."""

    MSA = "msa", "الفصحى", "Modern Standard Arabic"
    EGY = "egy", "المصرية", "Egyptian"
    GLF = "glf", "الخليجية", "Gulf and Saudi"
    LEV = "lev", "الشامية", "Levantine: Syria, Lebanon, Jordan, Palestine"
    IRQ = "irq", "العراقية", "Iraqi"
    MGR = "mgr", "المغاربية", "Maghrebi: Morocco, Algeria, Tunisia, Libya"
    SDY = "sdy", "السودانية واليمنية", "Sudanese and Yemeni"


class Script(_Named):
    """The letters that a message is written in."""

    ARABIC = "arabic", "عربي", "Arabic letters"
    ARABIZI = "arabizi", "عربيزي", "Arabic in Latin letters and digits"
    MIXED = "mixed", "مختلط", "Arabic letters with English or French inside"


class Kind(_Named):
    """What a benign message is about."""

    EVERYDAY = "everyday", "يوميات", "plain chat"
    FAMILY = "family", "عائلة", "between relatives"
    ROMANCE = "romance", "عاطفة", "between people who plainly know each other"
    STUDY_WORK = "study_work", "دراسة وعمل", "lessons, homework, jobs"
    COMMERCE = "commerce", "بيع وشراء", "shops, orders, delivery"
    MONEY = "money", "مال", "rent, debts, remittances, bank notices"
    AWARENESS = "awareness", "توعية", "speaks about blackmail, nobody does or suffers it"
    NEWS_LEGAL = "news_legal", "أخبار وقانون", "news, courts, law"
    RELIGION = "religion", "دين", "prayer, sermon, advice"
    JOKE = "joke", "مزاح", "plain play between friends"
    QUOTE = "quote", "اقتباس", "film, lyric, novel, game"
    INSULT = "insult", "إساءة", "rude, with no leverage"
    SPAM = "spam", "إعلان مزعج", "unasked advertising"
    OTHER_SCAM = "other_scam", "احتيال آخر", "phishing or lottery: a fraud, but another one"
    TECH_SUPPORT = "tech_support", "دعم تقني", "accounts, phones, codes"
    HEALTH = "health", "صحة", "doctors, medicine"
