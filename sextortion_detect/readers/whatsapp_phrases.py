"""What WhatsApp itself writes into an export: media markers, deleted messages and notices, in English and Arabic.

Whoever writes a message can imitate a marker, so each pattern must fit the whole text, and a text that could be a
person's is left one: it is then scored.
"""

import re
from typing import Final

MARKS: Final = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Direction marks and the byte-order mark: the export scatters them, and they carry nothing."""

_MEDIA: Final = re.compile(
    r"<(?:media omitted|تم استبعاد الوسائط|الوسائط غير مدرجة)>"
    r"|(?:image|video|audio|sticker|gif|document|contact card|video note|voice message) omitted"
    r"|لم يتم إدراج (?:الصورة|صورة gif|الفيديو|الفيديوهات|المقاطع الصوتية|المقطع الصوتي|المستند|الملصق|بطاقة جهة اتصال)"
    r"|تم (?:استبعاد|حذف) (?:الصورة|الفيديو|مقطع الفيديو|الصوت|الملصق|الملصقات|المستند|جهة الاتصال|gif)"
    r"|<(?:attached|المرفق|مرفق): [\w.+-]{1,200}>"
    r"|[\w.+-]{1,200}\.\w{2,5} \((?:file attached|الملف مرفق|ملف مرفق)\)"
    r"|null",  # a picture to be seen once
    re.IGNORECASE,
)

_DELETED: Final = re.compile(
    r"(?:this message was deleted(?: by admin [^\n:]{1,80})?|you deleted this message(?: as admin)?"
    r"|تم حذف هذه الرسالة|لقد حذفت (?:أنت )?هذه الرسالة|حذفتَ? هذه الرسالة|حذفتِ هذه الرسالة)\.?",
    re.IGNORECASE,
)

# A notice with a colon in it, cut at that colon, looks like a sender: these are the ones that have one.
_NOTICE_WITH_COLON: Final = re.compile(
    r"messages (?:to this chat )?and calls are (?:now )?(?:secured with )?end-to-end encrypt(?:ed|ion)"
    r"|الرسائل والمكالمات مشفّ?رة (?:بالكامل|تمامًا بين الطرفين)"
    r"|[^\n]{1,60} (?:created group|changed the (?:subject|group name|group description)) [^\n]*[\"“][^\n]*"
    r"|[^\n]{1,60} ?(?:أنشأ|أنشأت|أنشأتَ|غيّر|غيّرت|غيّرتَ) [^\n]{0,20}المجموعة [^\n]*[\"“«][^\n]*",
    re.IGNORECASE,
)

# iPhones put the group's name where a sender stands, then a mark and the notice.
_NOTICE_AFTER_NAME: Final = re.compile(
    r"(?:messages and calls are end-to-end encrypted|الرسائل والمكالمات مشفّ?رة)[^\n]{0,300}"
    r"|[^\n]{1,60} (?:created (?:this )?group|left|joined using [^\n]{1,60}|added (?:you|[^\n]{1,60})"
    r"|removed [^\n]{1,60}|changed (?:the|this) group[^\n]{0,120})"
    r"|missed (?:voice|video|group) call|مكالمة (?:صوتية|فيديو) فائتة"
    r"|(?:أنشأ|أنشأت|أضاف|أضافت|أزال|أزالت|غيّر|غيّرت) [^\n]{1,120}|(?:غادر|غادرت|انضم|انضمت) [^\n]{1,60}",
    re.IGNORECASE,
)
_MARK_OF_THE_APP: Final = "\N{LEFT-TO-RIGHT MARK}"


def is_media(text: str) -> bool:
    """Whether a text is nothing but the marker of a picture, recording or file."""
    return _MEDIA.fullmatch(_bare(text)) is not None


def is_deleted(text: str) -> bool:
    """Whether a text is nothing but the note that a message was deleted."""
    return _DELETED.fullmatch(_bare(text)) is not None


def is_notice(sender: str, text: str) -> bool:
    """Whether what was split at a colon into sender and text is a notice of the app."""
    if _NOTICE_WITH_COLON.fullmatch(_bare(sender)):
        return True
    return text.startswith(_MARK_OF_THE_APP) and _NOTICE_AFTER_NAME.fullmatch(_bare(text)) is not None


def _bare(text: str) -> str:
    return text.strip(MARKS).strip()
