"""Every header form that Android and iPhones print in nine languages, and every line accounted for."""

import io
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sextortion_detect.readers.read_counter import ReadCounter
from sextortion_detect.readers.whatsapp import read_whatsapp, whatsapp_reader
from sextortion_detect.records import ChatStream, MessageKind

RLM, LRM, NNBSP, ALM = "\u200f", "\u200e", "\u202f", "\u061c"
EVENING = datetime(2024, 3, 15, 21, 41)
SECOND = datetime(2024, 3, 15, 21, 41, 7)

HEADERS = [
    ("Android, English, 24 hours", "15/03/2024, 21:41 - ", EVENING),
    ("Android, English, 12 hours", "15/03/2024, 9:41 pm - ", EVENING),
    ("Android, English, narrow space", f"15/03/2024, 9:41{NNBSP}PM - ", EVENING),
    ("Android, American, short year", "3/15/24, 9:41 PM - ", EVENING),
    ("Android, American, narrow space", f"3/15/24, 9:41{NNBSP}PM - ", EVENING),
    ("Android, dots in the half of the day", "15/03/2024, 9:41 p.m. - ", EVENING),
    ("Android, Arabic, marks and Arabic-Indic digits", f"{RLM}١٥{RLM}/٣{RLM}/٢٠٢٤، ٩:٤١ م - ", EVENING),
    ("Android, Arabic, no marks", "١٥/٣/٢٠٢٤، ٩:٤١ م - ", EVENING),
    ("Android, Arabic, Western digits", "15/3/2024، 9:41 م - ", EVENING),
    ("Android, Arabic, marks and Western digits", f"15{RLM}/3{RLM}/2024، 9:41 م - ", EVENING),
    ("Android, Arabic, narrow space", f"{RLM}١٥{RLM}/٣{RLM}/٢٠٢٤، ٩:٤١{NNBSP}م - ", EVENING),
    ("Android, Arabic, 24 hours", "١٥/٣/٢٠٢٤، ٢١:٤١ - ", EVENING),
    ("Android, Arabic, evening in full", "١٥/٣/٢٠٢٤، ٩:٤١ مساءً - ", EVENING),
    ("Android, Arabic, Arabic letter mark", f"{ALM}١٥/٣/٢٠٢٤، ٩:٤١ م - ", EVENING),
    ("Android, year first", "2024-03-15, 21:41 - ", EVENING),
    ("iPhone, English, 24 hours", "[15/03/2024, 21:41:07] ", SECOND),
    ("iPhone, English, 12 hours", "[15/03/2024, 9:41:07 PM] ", SECOND),
    ("iPhone, English, narrow space", f"[15/03/2024, 9:41:07{NNBSP}PM] ", SECOND),
    ("iPhone, American, mark before", f"{LRM}[3/15/24, 9:41:07{NNBSP}PM] ", SECOND),
    ("iPhone, Arabic, Arabic-Indic digits", "[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] ", SECOND),
    ("iPhone, Arabic, mark before", f"{RLM}[١٥/٠٣/٢٠٢٤، ٩:٤١:٠٧ م] ", SECOND),
    ("iPhone, Arabic, Western digits", "[15/3/2024، 9:41:07 م] ", SECOND),
    ("iPhone, Arabic, narrow space", f"[١٥/٣/٢٠٢٤، ٩:٤١:٠٧{NNBSP}م] ", SECOND),
    ("Android, Canadian", "2024-03-15, 9:41 p.m. - ", EVENING),
    ("Android, South African", "2024/03/15, 9:41 pm - ", EVENING),
    ("Android, Dutch", "15-03-2024 21:41 - ", EVENING),
    ("Android, Swedish", "2024-03-15 21:41 - ", EVENING),
    ("Android, German", "15.03.24, 21:41 - ", EVENING),
    ("iPhone, German", "[15.03.24, 21:41:07] ", SECOND),
    ("Android, French with a word", "15/03/2024 à 21:41 - ", EVENING),
    ("iPhone, French with a word", "[15/03/2024 à 21:41:07] ", SECOND),
    ("iPhone, Finnish", "[15.3.2024 klo 21.41.07] ", SECOND),
    ("Android, Spanish, 12 hours", "15/3/2024, 9:41\u00a0p.\u00a0m. - ", EVENING),
    ("Android, Spanish, spaces", "15/3/2024 9:41 p. m. - ", EVENING),
    ("Android, Brazilian", "15/03/2024 21:41 - ", EVENING),
    ("Android, Turkish, 12 hours", "15.03.2024 ÖS 9:41 - ", EVENING),
    ("iPhone, Turkish", "[15.03.2024 21:41:07] ", SECOND),
    ("Android, Persian", f"۱۵/۳/۲۰۲۴،{RLM} ۲۱:۴۱ - ", EVENING),
    ("Android, Persian, 12 hours", "۱۵/۳/۲۰۲۴، ۹:۴۱ ب.ظ. - ", EVENING),
    ("Android, Persian, evening in full", "۱۵/۳/۲۰۲۴، ۹:۴۱ بعدازظهر - ", EVENING),
    ("Android, Hebrew", "15.3.2024, 21:41 - ", EVENING),
    ("iPhone, Hebrew, 12 hours", "[15.3.2024, 9:41:07 אחה״צ] ", SECOND),
    ("iPhone, Hebrew, plain quote", '[15.3.2024, 9:41:07 אחה"צ] ', SECOND),
]


def read(text):
    counter = ReadCounter()
    lines = io.StringIO(text, newline="\n").readlines()
    return ChatStream(read_whatsapp(lambda: iter(lines), counter), counter.report).read()


@pytest.mark.parametrize(("_name", "header", "sent_at"), HEADERS, ids=[header[0] for header in HEADERS])
@pytest.mark.parametrize("sender", ["سارة", "Sara K", "+966 50 000 0000", "~ سارة 🌙", "محمود:أحمد"])
def test_headers(_name, header, sent_at, sender):
    text = "مرحبا: كيفك؟"
    chat = read(f"{header}{sender}: {text}\n")
    (message,) = chat.messages
    assert (message.sent_at, message.sender, message.text, message.kind) == (sent_at, sender, text, MessageKind.TEXT)
    assert chat.report.not_understood == ()


HALVES = [
    ("١٢:٠٥ ص", 0, 5), ("١:٠٥ ص", 1, 5), ("١١:٥٩ ص", 11, 59), ("١٢:٠٥ م", 12, 5), ("١:٠٥ م", 13, 5), ("١١:٥٩ م", 23, 59),
    ("12:05 ÖÖ", 0, 5), ("ÖS 1:05", 13, 5), ("12:05 ق.ظ.", 0, 5), ("1:05 ب.ظ", 13, 5), ("12:05 לפנה״צ", 0, 5), ("1:05 אחה״צ", 13, 5),
    ("1:05 صباحًا", 1, 5), ("1:05 مساءً", 13, 5), ("1:05 a. m.", 1, 5), ("1:05 P.M.", 13, 5), ("1:05 nachm.", 13, 5),
    ("12:05 AM", 0, 5), ("12:05 PM", 12, 5), ("00:05", 0, 5), ("23:59", 23, 59),
]  # fmt: skip


@pytest.mark.parametrize(("time", "hour", "minute"), HALVES)
def test_halves_of_the_day(time, hour, minute):
    (message,) = read(f"15/03/2024, {time} - سارة: هلا").messages
    assert (message.sent_at.hour, message.sent_at.minute) == (hour, minute)


ENTRIES = [
    ("<Media omitted>", MessageKind.MEDIA),
    ("<تم استبعاد الوسائط>", MessageKind.MEDIA),
    (f"{LRM}image omitted", MessageKind.MEDIA),
    (f"{LRM}لم يتم إدراج الصورة", MessageKind.MEDIA),
    ("IMG-20240315-WA0001.jpg (file attached)", MessageKind.MEDIA),
    (f"{LRM}IMG-20240315-WA0001.jpg (الملف مرفق)", MessageKind.MEDIA),
    (f"{LRM}<attached: 00000012-PHOTO-2024-03-15.jpg>", MessageKind.MEDIA),
    (f"{LRM}<المرفق: 00000012-PHOTO-2024-03-15.jpg>", MessageKind.MEDIA),
    ("This message was deleted", MessageKind.DELETED),
    ("You deleted this message.", MessageKind.DELETED),
    ("تم حذف هذه الرسالة", MessageKind.DELETED),
    ("لقد حذفت هذه الرسالة.", MessageKind.DELETED),
    ("بشوف الصورة وبرد", MessageKind.TEXT),
    ("IMG-1.jpg (file attached)\nشوف هذي", MessageKind.TEXT),
    ("", MessageKind.TEXT),
    (f"{LRM}تم استبعاد المقطع الصوتي", MessageKind.MEDIA),
    (f"{RLM}تم استبعاد الصورة", MessageKind.MEDIA),
    (f"{LRM}تم استبعاد جهة الاتصال", MessageKind.MEDIA),
    (f"{LRM}لم يتم إدراج مقطع الفيديو", MessageKind.MEDIA),
    (f"{LRM}صوت مستبعد", MessageKind.MEDIA),
    (f"{LRM}<مرفق: 00000012-AUDIO-2024-03-15-21-41-07.opus>", MessageKind.MEDIA),
    ("PTT-20240315-WA0001.opus (ملف مرفق)", MessageKind.MEDIA),
    ("<Medien ausgeschlossen>", MessageKind.MEDIA),
    (f"{LRM}Bild weggelassen", MessageKind.MEDIA),
    ("IMG-20240315-WA0001.jpg (Datei angehängt)", MessageKind.MEDIA),
    ("<Multimedia omitido>", MessageKind.MEDIA),
    (f"{LRM}<adjunto: 00000012-PHOTO-2024-03-15.jpg>", MessageKind.MEDIA),
    ("<Médias omis>", MessageKind.MEDIA),
    (f"{LRM}<pièce jointe : 00000012-PHOTO-2024-03-15.jpg>", MessageKind.MEDIA),
    ("<Mídia oculta>", MessageKind.MEDIA),
    ("IMG-20240315-WA0001.jpg (arquivo anexado)", MessageKind.MEDIA),
    ("<Medya dahil edilmedi>", MessageKind.MEDIA),
    ("IMG-20240315-WA0001.jpg (dosya ekli)", MessageKind.MEDIA),
    ("<המדיה לא נכללה>", MessageKind.MEDIA),
    ("IMG-20240315-WA0001.jpg (הקובץ מצורף)", MessageKind.MEDIA),
    ("location: https://maps.google.com/?q=24.7,46.6", MessageKind.MEDIA),
    ("الموقع: https://maps.google.com/?q=24.7,46.6", MessageKind.MEDIA),
    ("Waiting for this message. This may take a while.", MessageKind.MEDIA),
    ("<Media omitted> <This message was edited>", MessageKind.MEDIA),
    ("Diese Nachricht wurde gelöscht.", MessageKind.DELETED),
    ("Eliminaste este mensaje.", MessageKind.DELETED),
    ("Vous avez supprimé ce message", MessageKind.DELETED),
    ("Você apagou esta mensagem", MessageKind.DELETED),
    ("Bu mesajı sildiniz", MessageKind.DELETED),
    ("מחקת את ההודעה הזו", MessageKind.DELETED),
    ("این پیام حذف شد", MessageKind.DELETED),
    ("POLL:\nمتى الموعد؟\nOPTION: اليوم (2 votes)", MessageKind.TEXT),
    ("هلا <This message was edited>", MessageKind.TEXT),
    (f"هلا {RLM}<تم تعديل هذه الرسالة>", MessageKind.TEXT),
    ("<Diese Nachricht wurde bearbeitet.>", MessageKind.TEXT),
    ("location: https://example.org/pay", MessageKind.TEXT),
    ("VID-20240315-WA0001.mp4 (file attached)", MessageKind.MEDIA),
    ("DOC-20240315-WA0001.pdf (file attached)", MessageKind.MEDIA),
    (f"{LRM}<attached: 00000012-STICKER-2024-03-15-21-41-07.webp>", MessageKind.MEDIA),
    ("location: https://foursquare.com/v/4b058804f964a520ac8922e3", MessageKind.MEDIA),
    ("You sent an attachment.", MessageKind.MEDIA),
    ("سارة sent an attachment.", MessageKind.MEDIA),
    ("منى sent an attachment.", MessageKind.TEXT),
    ("audio omitido ayer", MessageKind.TEXT),
]


@pytest.mark.parametrize(("text", "kind"), ENTRIES)
def test_kinds_of_entries_keep_sender_and_text(text, kind):
    (message,) = read(f"15/03/2024, 21:41 - سارة: {text}").messages
    assert (message.kind, message.text, message.sender) == (kind, text, "سارة")


NOTICES = [
    "15/03/2024, 21:41 - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
    "15/03/2024, 21:41 - Sara created group \"Family: 2024\"",
    f"15/3/2024، 9:41 م - {RLM}الرسائل والمكالمات مشفرة تمامًا بين الطرفين.",
    "15/3/2024، 9:41 م - أضافت سارة منى",
    f"[15/03/2024, 21:41:07] Sara: {LRM}Sara left",
    f"[15/03/2024, 21:41:07] Sara K: {LRM}Sara K created this group",
    f"[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] سارة: {LRM}غادرت سارة",
    f"[15/03/2024 21:41:07] Sara: {LRM}Vous avez bloqué ce contact.",
    f"[15/03/2024, 21:41:07] Sara: {LRM}Video call, {LRM}No answer",
    f"[15/03/2024, 21:41:07] Sara: {LRM}Voice call, {LRM}1 hr 5 min",
    f"[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] سارة: {LRM}مكالمة صوتية، ٢ دقيقة",
    f"[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] سارة: {LRM}الرسائل والمكالمات مشفرة تمامًا بين الطرفين.",
    f"{RLM}[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] {RLM}الرسائل والمكالمات مشفّرة بالكامل: لا أحد خارج هذه الدردشة يستطيع قراءتها.",
    "15/03/2024, 21:41 - Missed voice call",
    "15/03/2024, 21:41 - مكالمة صوتية فائتة",
    f"[15/03/2024, 21:41:07] Sara: {LRM}Missed voice call, {LRM}Tap to call back",
    f"[15/03/2024, 21:41:07] Sara: {LRM}Voice call, 2 min",
    f"[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] سارة: {LRM}مكالمة صوتية فائتة، انقر لمعاودة الاتصال",
    f"[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] سارة: {LRM}مكالمة فيديو فائتة",
    "[15.3.2024, 20:45:12] הודעות ושיחות מוצפנות מקצה לקצה: אף אחד מחוץ לצ'אט הזה לא יכול לקרוא אותן.",
    f"[15.03.24, 21:41:07] Familie: {LRM}Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Niemand außerhalb dieses Chats kann sie lesen oder anhören, nicht einmal WhatsApp.",
    f"[15.03.2024 21:41:07] Aile: {LRM}Mesajlar ve aramalar uçtan uca şifrelidir.",
    f"[15.03.24, 21:41:07] Jens: {LRM}Verpasster Sprachanruf",
    f"[15/03/2024 21:41:07] Salma: {LRM}Les messages et les appels sont chiffrés de bout en bout. Seules les personnes prenant part à cette discussion peuvent les lire, les écouter ou les partager.",
    "15/03/2024, 21:41 - You added +966 50 000 0000",
    "15/03/2024, 21:41 - Your security code with Sara changed. Tap to learn more.",
]  # fmt: skip


@pytest.mark.parametrize("line", NOTICES)
def test_notices_have_no_sender(line):
    (message,) = read(line).messages
    assert (message.kind, message.sender) == (MessageKind.SYSTEM, None)


def test_lines_that_go_on_belong_to_their_message():
    chat = read("15/03/2024, 21:41 - سارة: سطر\n\n  سطر ثالث\n15/03/2024, 21:42 - منى: هلا\n")
    assert [message.text for message in chat.messages] == ["سطر\n\n  سطر ثالث", "هلا"]
    assert chat.report.lines == 4
    assert chat.report.not_understood == ()


def test_windows_line_ends_are_not_part_of_a_text():
    chat = read("15/03/2024, 21:41 - سارة: هلا\r\n15/03/2024, 21:42 - منى: هلا\r\n")
    assert [message.text for message in chat.messages] == ["هلا", "هلا"]


def test_lines_before_the_first_entry_are_reported():
    chat = read("عنوان\n\n15/03/2024, 21:41 - سارة: هلا\n")
    assert chat.report.not_understood == (1,)


ORDERS = [
    ("a day over 12 comes first", ["15/03/2024,", "04/05/2024,"], [(3, 15), (5, 4)], ()),
    ("a day over 12 comes second", ["3/15/24,", "4/5/24,"], [(3, 15), (4, 5)], ()),
    ("only month first runs forwards", ["1/11/24,", "2/3/24,", "3/1/24,"], [(1, 11), (2, 3), (3, 1)], ()),
    ("only day first runs forwards", ["11/01/24,", "03/02/24,", "01/03/24,"], [(1, 11), (2, 3), (3, 1)], ()),
    (
        "nothing shows it", ["01/02/2024,"], [(2, 1)],
        ("the order of day and month does not show in this file; day first was assumed",),
    ),
    ("Arabic phones print the day first", ["01/02/2024،"], [(2, 1)], ()),
    ("dates with dots print the day first", ["01.02.2024,"], [(2, 1)], ()),
    ("both orders are the same", ["05/05/2024,"], [(5, 5)], ()),
    (
        "the file contradicts itself", ["15/03/2024,", "3/15/2024,"], [(3, 15), (3, 15)],
        ("dates of this file contradict each other in the order of day and month; day first was assumed where possible",),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "dates", "expected", "notes"), ORDERS, ids=[order[0] for order in ORDERS])
def test_order_of_day_and_month(_why, dates, expected, notes):
    chat = read("".join(f"{date} 21:41 - سارة: هلا\n" for date in dates))
    assert [(message.sent_at.month, message.sent_at.day) for message in chat.messages] == expected
    assert chat.report.notes == notes


def test_a_date_that_cannot_exist_costs_no_message():
    chat = read("15/03/2024, 21:41 - سارة: هلا\n31/02/2024, 21:42 - سارة: وين\n")
    assert [(message.text, message.sent_at is None) for message in chat.messages] == [("هلا", False), ("وين", True)]
    assert chat.report.notes == ("1 entries bear a date that cannot be read; they are kept without a time",)


def test_the_report_says_where_notices_and_markers_stand():
    chat = read(
        "عنوان\n15/03/2024, 21:41 - Sara created group\n15/03/2024, 21:41 - سارة: سطر\nثان\n15/03/2024, 21:42 - منى: null\n"
    )
    assert chat.report.numbers == {MessageKind.SYSTEM: (2,), MessageKind.MEDIA: (5,)}
    assert chat.report.not_understood == (1,)


def test_edited_messages_are_counted_and_keep_their_mark():
    chat = read("15/03/2024, 21:41 - سارة: هلا <تم تعديل هذه الرسالة>\n15/03/2024, 21:42 - سارة: هلا\n")
    assert chat.messages[0].text == "هلا <تم تعديل هذه الرسالة>"
    assert chat.report.notes == ("1 messages were edited; the mark that says so stands in their text",)


@pytest.mark.parametrize("text", ["", "سلام", "name,text\n1,2", "[1] قائمة", "12:30 - موعد"])
def test_other_texts_are_not_whatsapp(text):
    assert whatsapp_reader(text) is None


NAMES = st.text(alphabet="سارةمنى Samir+0123456789", min_size=1, max_size=20).map(str.strip).filter(bool)
LINES = st.text(alphabet="ابتث صورك؟!:.,[]/ abc123\u200f", max_size=60)
STAMPS = st.datetimes(datetime(2012, 1, 1), datetime(2039, 12, 31)).map(lambda at: at.replace(microsecond=0))
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def android_arabic(at):
    half = "ص" if at.hour < 12 else "م"
    stamp = f"{RLM}{at.day}{RLM}/{at.month}{RLM}/{at.year}، {(at.hour - 1) % 12 + 1}:{at.minute:02} {half} - "
    return stamp.translate(ARABIC_INDIC), at.replace(second=0)


def iphone_english(at):
    return f"[{at.day:02}/{at.month:02}/{at.year}, {at:%H:%M:%S}] ", at


@given(st.sampled_from([android_arabic, iphone_english]), st.lists(st.tuples(STAMPS, NAMES, LINES), min_size=1))
def test_what_is_written_is_read_back(form, entries):
    # A day over 12 settles the order of the file.
    entries = [(datetime(2020, 1, 31), "سارة", "اول"), *entries]
    text = "".join(f"{form(at)[0]}{name}: {line}\n" for at, name, line in entries)
    chat = read(text)
    assert [message.sent_at for message in chat.messages] == [form(at)[1] for at, _, _ in entries]
    assert [(message.sender, message.text) for message in chat.messages] == [(name, line) for _, name, line in entries]
    assert {message.kind for message in chat.messages} == {MessageKind.TEXT}
    assert chat.report.not_understood == ()
    assert sum(chat.report.entries.values()) == len(chat.messages)


HEADER_OR_NOT = st.sampled_from(["15/03/2024, 21:41 - سارة: هلا", "[١٥/٣/٢٠٢٤، ٩:٤١:٠٧ م] سارة: هلا", "سطر", "", " "])


@given(st.lists(HEADER_OR_NOT | st.text(max_size=40)))
def test_every_line_is_accounted_for(lines):
    text = "\n".join(lines)
    chat = read(text)
    all_lines = text.split("\n")[: chat.report.lines]
    in_entries = sum(message.text.count("\n") + 1 for message in chat.messages)
    before = all_lines[: chat.report.lines - in_entries]
    assert [number for number, line in enumerate(before, start=1) if line.strip()] == list(chat.report.not_understood)


THREAT = "معي تسجيلك حول الف دولار والا انشره"
UNDERSCORED = THREAT.replace(" ", "_")
IMITATIONS = [
    ("مشرف المجموعة", THREAT), ("مشرفة الحضانة", THREAT), ("~ انضم", THREAT), ("سارة", f"{RLM}{THREAT} يا مشرف"),
    ("سارة", f"{THREAT} document omitted"), ("سارة", f"{THREAT} .jpg (file attached)"), ("Group left", THREAT),
    ("سارة", f"{RLM}فتحت الكاميرا {THREAT}"), ("سارة", f"<attached: {THREAT}>"),
    ("سارة", f"This message was deleted by admin {THREAT}"), ("سارة", f"This message was deleted. {THREAT}"),
    ("سارة", f"<attached: {UNDERSCORED}>"), ("سارة", f"<المرفق: {UNDERSCORED}.jpg>"), ("سارة", f"{UNDERSCORED}.pdf (file attached)"),
    ("سارة", "pay_me_or_else.pdf (file attached)"), ("سارة", f"IMG-20240315-WA0001.{UNDERSCORED[:5]} (file attached)"),
    ("سارة", f"location: https://maps.google.com/?q={UNDERSCORED}"), ("سارة", "location: https://maps.google.com/?q=pay-me-or-else"),
    ("سارة", f"{LRM}Missed voice call, {THREAT}"), ("سارة", f"{LRM}Voice call, 2 min {THREAT}"), ("سارة", f"مكالمة صوتية فائتة، {THREAT}"),
    ("سارة", "Missed voice call!"), ("سارة", "<Media omitted>!"), ("سارة", f"{LRM}مكالمة فيديو فائتة وحول"),
    ("سارة", f"{LRM}{THREAT} left"), ("سارة", f"{LRM}أضاف {THREAT}"), ("Family", f"{LRM}Sara created group"),
    ("سارة", f"{LRM}الرسائل والمكالمات مشفرة تمامًا بين الطرفين. {THREAT}"), ("سارة", f"null {THREAT}"),
    ("سارة", f"IMG-20240315-WA0001.jpg (file attached)\n{THREAT}"), ("سارة", f"<Media omitted> {THREAT} <This message was edited>"),
    ("Messages and calls are end-to-end encrypted", THREAT), ("الرسائل والمكالمات مشفّرة بالكامل", THREAT),
    ("Sara created group \"x\"", THREAT), ("This message was deleted", THREAT), ("Missed voice call", THREAT),
    ("سارة \"ام احمد\"", THREAT), ("سارة 5\"", THREAT), ("ا" * 200, THREAT),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "text"), IMITATIONS)
def test_what_a_person_wrote_is_theirs_and_scored(sender, text):
    (message,) = read(f"15/03/2024, 21:41 - {sender}: {text}").messages
    assert (message.kind, message.sender, message.text) == (MessageKind.TEXT, sender, text)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_that_begins_on_the_line_after_its_sender(end):
    chat = read(f"15/03/2024, 21:41 - سارة:{end}هلا{end}15/03/2024, 21:42 - منى:{end}")
    assert [(message.sender, message.text.strip()) for message in chat.messages] == [("سارة", "هلا"), ("منى", "")]


def test_a_colon_in_the_name_of_a_group_makes_no_sender():
    (message,) = read('15/03/2024, 21:41 - Sara created group "Family: 2024"').messages
    assert (message.sender, message.kind) == (None, MessageKind.SYSTEM)


def test_a_message_of_more_than_10_mb_is_cut_and_costs_no_other():
    line = "x" * 2**20 + "\n"
    chat = read(f"15/03/2024, 21:41 - سارة: هلا\n{line * 12}15/03/2024, 21:42 - منى: وين\n")
    assert [len(message.text) for message in chat.messages] == [3 + 9 * len(line), 3]
    assert chat.report.not_understood == (11, 12, 13)
    assert chat.report.notes == ("3 lines of more than 10 MB, or in messages of more, were passed over",)


def test_a_line_pasted_from_another_log_changes_no_other_date():
    chat = read("15/03/2024, 21:41 - سارة: هلا\n2024-01-01 10:00 - log: x\n16/03/2024, 21:41 - سارة: وين")
    assert [message.sent_at for message in chat.messages] == [
        EVENING, datetime(2024, 1, 1, 10, 0), datetime(2024, 3, 16, 21, 41),
    ]  # fmt: skip


def test_a_year_of_another_calendar_is_not_guessed_at():
    chat = read("١٥/٩/١٤٤٥، ٩:٤١ م - سارة: هلا")
    assert chat.messages[0].sent_at is None
    assert chat.report.notes == ("1 entries bear a date that cannot be read; they are kept without a time",)


@pytest.mark.parametrize(
    "flood",
    [
        "\u200f" * 200_000,
        "15/03/2024, 21:41 - s: " + "\u200f" * 200_000,
        "1\u200f" * 100_000,
        " " * 200_000,
        "15/03/2024, 21:41 - s: <" + "\u200f " * 100_000,
        "15/03/2024" + ",\u200f" * 100_000,
        *(f"15/03/2024, 21:41 - {sign * 200_000}" for sign in ("“", "«", '"', ":", "“x", "a: ")),
    ],
)
def test_floods_of_marks_are_read_at_once(flood):
    started = time.process_time()
    read(flood)
    assert time.process_time() - started < 2.0  # quadratic, it took minutes
