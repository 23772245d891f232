"""What WhatsApp itself writes into an export: media markers, deleted messages, marks of editing, notices.

Whoever writes a message can imitate a marker, so each pattern must fit the whole text, and a text that could be a
person's is left one: it is then scored. Polls and events stay texts too, since their words are a person's.
English and Arabic are the fullest. German, Spanish, French, Portuguese, Turkish and Hebrew are what public parsers of
those languages hold (whatstk, chat-analytics, wa-parsers of several authors); of Persian only deletions are known.
"""

import re
from typing import Final

MARKS: Final = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Direction marks and the byte-order mark: the export scatters them, and they carry nothing."""

# A message that was left out of the export, by what iPhones call it, or by the one word that Android has for all.
_OMITTED: Final = frozenset(
    phrase.casefold()
    for phrase in (
        "<Medien ausgeschlossen>", "<Medien weggelassen>", "Bild weggelassen", "Video weggelassen", "Audio weggelassen",
        "Sticker weggelassen", "GIF weggelassen", "Dokument weggelassen", "Kontaktkarte weggelassen",
        "<Multimedia omitido>", "imagen omitida", "video omitido", "audio omitido", "sticker omitido", "GIF omitido",
        "documento omitido", "Tarjeta de contacto omitida",
        "<Médias omis>", "image absente", "vidéo absente", "audio absent", "sticker absent", "GIF absent",
        "document absent", "fiche contact absente",
        "<Mídia oculta>", "<Mídia omitida>", "<Arquivo de mídia oculto>", "imagem ocultada", "vídeo omitido",
        "áudio ocultado", "figurinha omitida", "GIF omitida", "documento ocultado", "cartão do contato omitido",
        "<Medya dahil edilmedi>", "<Medya atlanmış>", "görüntü dahil edilmedi", "video dahil edilmedi",
        "ses dahil edilmedi", "çıkartma dahil edilmedi", "belge dahil edilmedi", "GIF dahil edilmedi",
        "<המדיה לא נכללה>", "המדיה הושמטה", "התמונה הושמטה", "תמונה הושמטה", "סרטון הווידאו הושמט", "סרטון הושמט",
        "השמע הושמט", "הודעה קולית הושמטה", "סטיקר הושמט", "מדבקה הושמטה", "GIF הושמט", "מסמך הושמט",
        "כרטיס איש קשר הושמט",
    )
)  # fmt: skip

_ARABIC_NOUNS: Final = (
    r"الصورة|صورة gif|الفيديو|الفيديوهات|مقطع الفيديو|الصوت|المقاطع الصوتية|المقطع الصوتي|التسجيل الصوتي|المستند"
    r"|الملصق|الملصقات|بطاقة جهة الاتصال|بطاقة جهة اتصال|جهة الاتصال|جهات الاتصال|gif"
)
_ATTACHED_AFTER: Final = (
    r"file attached|الملف مرفق|ملف مرفق|Datei angehängt|archivo adjunto|fichier joint|arquivo anexado|dosya ekli"
    r"|הקובץ מצורף"
)
_ATTACHED_BEFORE: Final = r"attached|المرفق|مرفق|Anhang|adjunto|pièce jointe|anexado|ekli dosya|מצורף"
_MEDIA: Final = re.compile(
    r"<(?:media omitted|تم استبعاد الوسائط|الوسائط غير مدرجة|الوسائط غير مضمّ?نة|video note omitted)>"
    r"|(?:image|video|audio|sticker|gif|document|contact card|video note|voice message) omitted"
    rf"|(?:لم يتم إدراج|تم استبعاد|تم حذف) (?:{_ARABIC_NOUNS})"
    r"|(?:صورة مستبعدة|(?:فيديو|صوت|ملصق|مستند) مستبعد|الصورة غير مشمولة|الفيديو غير مشمول)"
    rf"|<(?:{_ATTACHED_BEFORE}) ?: ?[\w.+-]{{1,200}}>"
    rf"|[\w.+-]{{1,200}}\.\w{{2,5}} \((?:{_ATTACHED_AFTER})\)"
    r"|(?:location|الموقع): https://(?:maps\.google\.com|foursquare\.com)/[!-~]{0,200}|live location shared"
    r"|waiting for this message\. this may take a while\."
    r"|null",  # a picture to be seen once
    re.IGNORECASE,
)

_DELETED: Final = re.compile(
    r"(?:this message was deleted(?: by admin [^\n:]{1,80})?|you deleted this message(?: as admin)?"
    r"|تم حذف هذه الرسالة|لقد حذفت (?:أنت )?هذه الرسالة|حذفتَ? هذه الرسالة|حذفتِ هذه الرسالة"
    r"|diese nachricht wurde gelöscht|du hast diese nachricht gelöscht"
    r"|se eliminó este mensaje|eliminaste este mensaje"
    r"|ce message a été supprimé|vous avez supprimé ce message"
    r"|mensagem apagada|esta mensagem foi apagada|você apagou esta mensagem"
    r"|bu mesaj silindi|bu mesajı sildiniz"
    r"|ה?הודעה (?:זו|הזו) נמחקה|מחקת (?:את )?ה?הודעה (?:זו|הזו)"
    r"|این پیام حذف (?:شد|شده است)|شما این پیام را حذف کردید)\.?",
    re.IGNORECASE,
)

_EDITED: Final = re.compile(
    rf"(?<![\s{MARKS}])[\s{MARKS}]*<(?:this message was edited|تم تعديل هذه الرسالة|تم تعديل هذا المحتوى"
    r"|diese nachricht wurde bearbeitet|se editó este mensaje|ce message a été modifié|mensagem editada"
    rf"|bu mesaj düzenlendi|הודעה זו נערכה)\.?>[\s{MARKS}]*\Z",
    re.IGNORECASE,
)

_ENCRYPTED: Final = (
    r"messages (?:to this chat )?and calls are (?:now )?(?:secured with )?end-to-end encrypt(?:ed|ion)"
    r"|الرسائل والمكالمات مشفّ?رة(?: (?:بالكامل|تمامًا بين الطرفين))?"
    r"|ה?הודעות וה?שיחות מוצפנות מקצה לקצה"
    r"|nachrichten und anrufe sind ende-zu-ende-verschlüsselt"
    r"|los mensajes y las llamadas están cifrados de extremo a extremo"
    r"|les messages et les appels sont chiffrés de bout en bout"
    r"|as mensagens e (?:as )?(?:chamadas|ligações) são protegidas com a criptografia de ponta a ponta"
    r"|mesajlar ve aramalar uçtan uca şifrelidir"
)

# A notice with a colon in it, cut at that colon, looks like a sender: these are the ones that have one.
_NOTICE_WITH_COLON: Final = re.compile(
    rf"(?:{_ENCRYPTED})"
    r"|[^\n]{1,60} (?:created group|changed the (?:subject|group name|group description)) [^\n]*[\"“][^\n]*"
    r"|[^\n]{1,60} ?(?:أنشأ|أنشأت|أنشأتَ|غيّر|غيّرت|غيّرتَ) [^\n]{0,20}المجموعة [^\n]*[\"“«][^\n]*",
    re.IGNORECASE,
)

_CALL: Final = (
    r"(?:(?:missed |silenced )?(?:group )?(?:voice|video) call|missed group call"
    r"|مكالمة (?:صوتية|فيديو)(?: جماعية)?(?: فائتة| لم يتم الرد عليها)?"
    r"|verpasster (?:sprach|video)anruf|llamada (?:de voz )?perdida|videollamada perdida"
    r"|appel (?:vocal|vidéo) manqué|chamada de (?:voz|vídeo) perdida|cevapsız (?:sesli|görüntülü) arama"
    r"|(?:שיחה קולית|שיחת וידאו) שלא נענתה)(?:[.,\u060c][^\n]{0,60})?"
)

# iPhones put the group's name, or whoever called, where a sender stands, then a mark and the notice.
_NOTICE_AFTER_NAME: Final = re.compile(
    rf"(?:{_ENCRYPTED})[^\n]{{0,300}}|{_CALL}"
    r"|[^\n]{1,60} (?:created (?:this )?group|left|joined using [^\n]{1,60}|added (?:you|[^\n]{1,60})"
    r"|removed [^\n]{1,60}|changed (?:the|this) group[^\n]{0,120})"
    r"|(?:أنشأ|أنشأت|أضاف|أضافت|أزال|أزالت|غيّر|غيّرت) [^\n]{1,120}|(?:غادر|غادرت|انضم|انضمت) [^\n]{1,60}",
    re.IGNORECASE,
)
_MARK_OF_THE_APP: Final = "\N{LEFT-TO-RIGHT MARK}"


_LONGEST_MARKER: Final = 400  # characters; nothing longer is a marker alone


def is_media(text: str) -> bool:
    r"""Whether a text is nothing but the marker of a picture, recording, file or place.

    >>> is_media("\u200eتم استبعاد المقطع الصوتي"), is_media("<Medya dahil edilmedi>"), is_media("شوف الصورة")
    (True, True, False)
    """
    if len(text) > _LONGEST_MARKER:
        return False
    bare = _bare(_EDITED.sub("", text))
    return bare.casefold() in _OMITTED or _MEDIA.fullmatch(bare) is not None


def is_deleted(text: str) -> bool:
    """Whether a text is nothing but the note that a message was deleted."""
    return _DELETED.fullmatch(_bare(text)) is not None


def is_edited(text: str) -> bool:
    r"""Whether a text ends with the mark that its writer changed it later; the mark is a part of the text.

    >>> is_edited("الموعد بكرا \u200f<تم تعديل هذه الرسالة>")
    True
    """
    return _EDITED.search(text[-_LONGEST_MARKER:]) is not None


def is_notice(sender: str, text: str) -> bool:
    """Whether what was split at a colon into sender and text is a notice of the app."""
    if _NOTICE_WITH_COLON.fullmatch(_bare(sender)):
        return True
    return text.startswith(_MARK_OF_THE_APP) and _NOTICE_AFTER_NAME.fullmatch(_bare(text)) is not None


def _bare(text: str) -> str:
    return text.strip(MARKS).strip()
