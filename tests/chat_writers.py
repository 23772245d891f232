"""Writes invented chats in the form of each export, with what a reader must make of them.

A writer takes entries, `(sender, at, text, kind)` with naive times in whole seconds, and gives the bytes of the export
and the messages as `(sender, at, text, kind)`.
"""

import csv
import io
import json
from datetime import UTC, timedelta, timezone

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from sextortion_detect.records import MessageKind

TEXT, MEDIA, SYSTEM, DELETED = MessageKind.TEXT, MessageKind.MEDIA, MessageKind.SYSTEM, MessageKind.DELETED
RLM, LRM, NNBSP, NBSP = "\u200f", "\u200e", "\u202f", "\u00a0"
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
RIYADH = timezone(timedelta(hours=3))


def twelve(at, am, pm, pattern="{h}:{m:02}", seconds=False):
    hour = (at.hour - 1) % 12 + 1
    return pattern.format(h=hour, m=at.minute) + (f":{at.second:02}" if seconds else ""), am if at.hour < 12 else pm


def _arabic_android(at):
    clock, half = twelve(at, "ص", "م")
    return f"{RLM}{at.day}{RLM}/{at.month}{RLM}/{at.year}، {clock} {half} - ".translate(ARABIC)


def _arabic_western(at):
    clock, half = twelve(at, "ص", "م")
    return f"{at.day}/{at.month}/{at.year}، {clock}{NNBSP}{half} - "


def _arabic_full_halves(at):
    clock, half = twelve(at, "صباحًا", "مساءً")
    return f"{at.day}/{at.month}/{at.year}، {clock} {half} - ".translate(ARABIC)


def _arabic_iphone(at):
    clock, half = twelve(at, "ص", "م", seconds=True)
    return f"{RLM}[{at.day}/{at.month}/{at.year}، {clock} {half}] ".translate(ARABIC)


def _english_american(at):
    clock, half = twelve(at, "AM", "PM")
    return f"{at.month}/{at.day}/{at.year % 100:02}, {clock}{NNBSP}{half} - "


def _spanish_12(at):
    clock, half = twelve(at, "a.", "p.")
    return f"{at.day}/{at.month}/{at.year}, {clock}{NBSP}{half}{NBSP}m. - "


def _turkish_12(at):
    clock, half = twelve(at, "ÖÖ", "ÖS")
    return f"{at.day}.{at.month:02}.{at.year} {half} {clock} - "


def _persian_12(at):
    clock, half = twelve(at, "ق.ظ.", "ب.ظ.")
    return f"{at.day}/{at.month}/{at.year}،{RLM} {clock} {half} - ".translate(PERSIAN)


def _hebrew_12(at):
    clock, half = twelve(at, "לפנה״צ", "אחה״צ", seconds=True)
    return f"[{at.day}.{at.month}.{at.year}, {clock} {half}] "


# name: (head of an entry, whether it has seconds, a picture, a deletion, a notice)
ARABIC_MARKS = ("<تم استبعاد الوسائط>", "تم حذف هذه الرسالة", "أضافت سارة منى")
ENGLISH_MARKS = ("<Media omitted>", "This message was deleted", "Sara added Mona")
WHATSAPP = {
    "Arabic Android": (_arabic_android, False, *ARABIC_MARKS),
    "Arabic Android, Western digits": (_arabic_western, False, *ARABIC_MARKS),
    "Arabic Android, halves in full": (_arabic_full_halves, False, *ARABIC_MARKS),
    "Arabic Android, 24 hours": (lambda at: f"{at:%d/%m/%Y، %H:%M} - ".translate(ARABIC), False, *ARABIC_MARKS),
    "Arabic iPhone": (_arabic_iphone, True, f"{LRM}تم استبعاد المقطع الصوتي", *ARABIC_MARKS[1:]),
    "English Android": (lambda at: f"{at:%d/%m/%Y, %H:%M} - ", False, *ENGLISH_MARKS),
    "American Android": (_english_american, False, *ENGLISH_MARKS),
    "English iPhone": (lambda at: f"[{at:%d/%m/%Y, %H:%M:%S}] ", True, f"{LRM}image omitted", *ENGLISH_MARKS[1:]),
    "French Android": (lambda at: f"{at:%d/%m/%Y à %H:%M} - ", False, "<Médias omis>", "Ce message a été supprimé", "x"),
    "French iPhone": (lambda at: f"[{at:%d/%m/%Y à %H:%M:%S}] ", True, f"{LRM}image absente", "Ce message a été supprimé", "x"),
    "Turkish Android": (lambda at: f"{at:%d.%m.%Y %H:%M} - ", False, "<Medya dahil edilmedi>", "Bu mesaj silindi", "x"),
    "Turkish Android, 12 hours": (_turkish_12, False, "<Medya dahil edilmedi>", "Bu mesajı sildiniz", "x"),
    "Turkish iPhone": (lambda at: f"[{at:%d.%m.%Y %H:%M:%S}] ", True, f"{LRM}görüntü dahil edilmedi", "Bu mesaj silindi", "x"),
    "Persian Android": (lambda at: f"{at:%d/%m/%Y،} {at:%H:%M} - ".translate(PERSIAN), False, "null", "این پیام حذف شد", "x"),
    "Persian Android, 12 hours": (_persian_12, False, "null", "این پیام حذف شد", "x"),
    "Hebrew Android": (lambda at: f"{at.day}.{at.month}.{at.year}, {at:%H:%M} - ", False, "<המדיה לא נכללה>", "הודעה זו נמחקה", "x"),
    "Hebrew iPhone, 12 hours": (_hebrew_12, True, f"{LRM}התמונה הושמטה", "ההודעה הזו נמחקה", "x"),
    "German Android": (lambda at: f"{at:%d.%m.%y, %H:%M} - ", False, "<Medien ausgeschlossen>", "Diese Nachricht wurde gelöscht.", "x"),
    "German iPhone": (lambda at: f"[{at:%d.%m.%y, %H:%M:%S}] ", True, f"{LRM}Bild weggelassen", "Diese Nachricht wurde gelöscht.", "x"),
    "Spanish Android": (lambda at: f"{at.day}/{at.month}/{at:%y, %H:%M} - ", False, "<Multimedia omitido>", "Se eliminó este mensaje.", "x"),
    "Spanish Android, 12 hours": (_spanish_12, False, "<Multimedia omitido>", "Eliminaste este mensaje.", "x"),
    "Portuguese Android": (lambda at: f"{at:%d/%m/%Y %H:%M} - ", False, "<Mídia oculta>", "Mensagem apagada", "x"),
    "Portuguese iPhone": (lambda at: f"[{at:%d/%m/%Y, %H:%M:%S}] ", True, f"{LRM}imagem ocultada", "Mensagem apagada", "x"),
}  # fmt: skip


def whatsapp(locale):
    head, seconds, media, deleted, notice = WHATSAPP[locale]

    def write(entries):
        lines, expected = [], []
        for sender, at, text, kind in entries:
            shown = {TEXT: text, MEDIA: media, DELETED: deleted, SYSTEM: notice}[kind]
            lines.append(head(at) + (shown if kind is SYSTEM else f"{sender}: {shown}"))
            expected.append((None if kind is SYSTEM else sender, at if seconds else at.replace(second=0), shown, kind))
        return "".join(f"{line}\n" for line in lines).encode(), expected

    return write


def telegram_record(number, sender, at, text, kind):
    record = {"id": number, "type": "message", "date": at.isoformat(), "date_unixtime": "1710538867"}
    if kind is SYSTEM:
        return {**record, "type": "service", "actor": sender, "action": "phone_call", "text": "", "text_entities": []}
    record |= {"from": sender, "from_id": "user1", "reply_to_message_id": 1, "via_bot": "@x"}
    if kind is MEDIA:
        return {**record, "photo": "photos/1.jpg", "text": ""}
    half = len(text) // 2
    parts = text if number % 2 else [text[:half], {"type": "bold", "text": text[half:]}]
    return {**record, "text": parts, "text_entities": [{"type": "plain", "text": text}], "reactions": [{"emoji": "👍"}]}


def telegram(entries):
    entries = [(*entry[:3], TEXT if entry[3] is DELETED else entry[3]) for entry in entries]  # it exports no deletions
    records = [telegram_record(number, *entry) for number, entry in enumerate(entries)]
    document = {"name": "سارة", "type": "personal_chat", "id": 7, "messages": records}
    return json.dumps(document, ensure_ascii=False, indent=1).encode(), [
        (None, at, "phone_call", kind) if kind is SYSTEM else (sender, at, "" if kind is MEDIA else text, kind)
        for sender, at, text, kind in entries
    ]


def mojibake(value):
    return value.encode().decode("latin-1")


def milliseconds(at):
    return int(at.replace(tzinfo=UTC).timestamp()) * 1000


def in_utc(entries, *, notice="", keep_deleted=""):
    return [
        (None, at.replace(tzinfo=UTC), notice, kind) if kind is SYSTEM
        else (sender, at.replace(tzinfo=UTC), {TEXT: text, DELETED: keep_deleted}.get(kind, ""), kind)
        for sender, at, text, kind in entries
    ]  # fmt: skip


def meta_record(sender, at, text, kind):
    record = {"sender_name": mojibake(sender), "timestamp_ms": milliseconds(at), "is_geoblocked_for_viewer": False}
    return (
        record
        | {
            TEXT: {"content": mojibake(text), "reactions": [{"reaction": mojibake("👍"), "actor": mojibake("منى")}]},
            MEDIA: {"photos": [{"uri": "photos/1.jpg", "creation_timestamp": 1}]},
            DELETED: {"is_unsent": True},
            SYSTEM: {"content": "call", "call_duration": 3},
        }[kind]
    )


def meta_document(records, title="سارة"):
    return json.dumps({
        "participants": [{"name": mojibake("سارة")}, {"name": mojibake("منى")}], "messages": records,
        "title": mojibake(title), "is_still_participant": True, "thread_path": "inbox/sara_1", "magic_words": [],
    }).encode()  # fmt: skip


def meta(entries):
    records = [meta_record(*entry) for entry in entries]
    return meta_document(records[::-1]), in_utc(entries, notice="call")


def messenger_encrypted(entries):
    entries = [(*entry[:3], TEXT if entry[3] is SYSTEM else entry[3]) for entry in entries]  # it has no notices
    records = [
        {"senderName": sender, "timestamp": milliseconds(at), "text": text if kind is TEXT else "",
         "type": "media" if kind is MEDIA else "text", "isUnsent": kind is DELETED, "reactions": [],
         "media": [{"uri": "./media/1.jpg"}] if kind is MEDIA else []}
        for sender, at, text, kind in entries
    ]  # fmt: skip
    document = {"participants": ["سارة", "منى"], "threadName": "سارة_4", "messages": records[::-1]}
    return json.dumps(document, ensure_ascii=False).encode(), in_utc(entries)


def discord(entries):
    entries = [(*entry[:3], TEXT if entry[3] is DELETED else entry[3]) for entry in entries]
    records = [
        {"id": str(number), "type": "GuildMemberJoin" if kind is SYSTEM else "Default",
         "timestamp": at.replace(tzinfo=RIYADH).isoformat(), "timestampEdited": None, "isPinned": False,
         "content": {TEXT: text, SYSTEM: "Joined the server."}.get(kind, ""),
         "author": {"id": "5", "name": sender, "discriminator": "0000", "nickname": "لقب", "isBot": False, "roles": []},
         "attachments": [{"id": "1", "url": "x.png", "fileName": "x.png"}] if kind is MEDIA else [], "embeds": [],
         "stickers": [], "reactions": [], "mentions": []}
        for number, (sender, at, text, kind) in enumerate(entries)
    ]  # fmt: skip
    document = {
        "guild": {"id": "0", "name": "Direct Messages"}, "channel": {"id": "1", "type": "DirectTextChat", "name": "س"},
        "dateRange": {"after": None, "before": None}, "exportedAt": "2024-03-16T00:00:00+00:00", "messages": records,
        "messageCount": len(records),
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=2).encode(), [
        (None, at.replace(tzinfo=RIYADH), "Joined the server.", kind) if kind is SYSTEM
        else (sender, at.replace(tzinfo=RIYADH), "" if kind is MEDIA else text, kind)
        for sender, at, text, kind in entries
    ]  # fmt: skip


def snapchat(entries):
    types = {TEXT: "TEXT", MEDIA: "MEDIA", DELETED: "STATUSERASEDMESSAGE", SYSTEM: "STATUSPARTICIPANTREMOVED"}
    records = [
        {"From": sender, "Media Type": types[kind], "Created": f"{at:%Y-%m-%d %H:%M:%S} UTC",
         "Content": text if kind is TEXT else None, "Conversation Title": None, "IsSender": False,
         "Created(microseconds)": milliseconds(at), "IsSaved": True, "Media IDs": ""}
        for sender, at, text, kind in entries
    ]  # fmt: skip
    return json.dumps({"sara.1": records[::-1]}, ensure_ascii=False).encode(), in_utc(entries)


def google_chat(entries):
    entries = [(*entry[:3], TEXT if entry[3] is SYSTEM else entry[3]) for entry in entries]
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    records = []
    for sender, at, text, kind in entries:
        clock, half = twelve(at, "AM", "PM", seconds=True)
        record = {"creator": {"name": sender, "email": "s@example.org", "user_type": "Human"},
                  "created_date": f"Friday, {months[at.month - 1]} {at.day}, {at.year} at {clock}{NNBSP}{half} UTC",
                  "topic_id": "a", "message_id": "b"}  # fmt: skip
        records.append(record | {
            TEXT: {"text": text}, MEDIA: {"attached_files": [{"original_name": "a.png", "export_name": "a.png"}]},
            DELETED: {"message_state": "DELETED", "deletion_metadata": {"deletion_type": "CREATOR"}},
        }[kind])  # fmt: skip
    return json.dumps({"messages": records}, ensure_ascii=False).encode(), in_utc(entries)


def sigtop_short(entries):
    lines, expected = [], []
    for sender, at, text, kind in entries:
        shown = {TEXT: text, DELETED: text, MEDIA: "[1 attachment]", SYSTEM: "[call-history message]"}[kind]
        lines.append(f"{at:%Y-%m-%d %H:%M} {sender}: {shown}\n")
        expected.append((
            None if kind is SYSTEM else sender, at.replace(second=0), "" if kind is MEDIA else shown,
            TEXT if kind is DELETED else kind,
        ))  # fmt: skip
    return "".join(lines).encode(), expected


def sigtop(entries):
    blocks, expected = ["Conversation: سارة (+00 000)\n\n"], []
    for sender, at, text, kind in entries:
        moment = at.replace(tzinfo=RIYADH)
        block = "" if kind is SYSTEM else f"From: {sender} (+00 000)\n"
        block += f"Type: {'call-history' if kind is SYSTEM else 'incoming'}\n"
        block += f"Sent: {moment:%a, %d %b %Y %H:%M:%S %z}\nReceived: {moment:%a, %d %b %Y %H:%M:%S %z}\n"
        if kind is MEDIA:
            block += "Attachment: a.jpg (image/jpeg, 5 bytes)\n"
        elif kind is not SYSTEM and text:
            block += f"\n{text}\n"
        blocks.append(block + "\n")
        expected.append((
            None if kind is SYSTEM else sender, moment, text if kind in {TEXT, DELETED} else "",
            TEXT if kind is DELETED else kind,
        ))  # fmt: skip
    return "".join(blocks).encode(), expected


def signal_export(entries):
    lines, expected = [], []
    for sender, at, text, kind in entries:
        kept = TEXT if kind is SYSTEM else kind
        shown = {
            TEXT: text,
            MEDIA: "![{0}](./media/{0})  ".format("2024-03-15T21-41-07.123_00_None.jpg"),
            DELETED: "(This message was deleted)",
        }[kept]
        lines.append(f"[{at:%Y-%m-%d %H:%M:%S}] {sender}: {shown}\n\n")
        expected.append((sender, at, shown, kept))
    return "".join(lines).encode(), expected


def rows(entries):
    return [{"sender": sender, "time": at.isoformat(), "text": text} for sender, at, text, _ in entries]


def as_texts(entries):
    return [(sender, at, text, TEXT) for sender, at, text, _ in entries]


def delimited(delimiter):
    def write(entries):
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, ["sender", "time", "text"], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows(entries))
        return file.getvalue().encode(), as_texts(entries)

    return write


def json_lines(entries):
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows(entries))
    return text.encode(), as_texts(entries)


def json_array(entries):
    return json.dumps(rows(entries)).encode(), as_texts(entries)


def parquet(entries):
    file = io.BytesIO()
    columns = {"sender": [e[0] for e in entries], "time": [e[1] for e in entries], "text": [e[2] for e in entries]}
    pq.write_table(pa.table(columns), file)
    return file.getvalue(), as_texts(entries)


def excel(entries):
    workbook = openpyxl.Workbook()
    workbook.active.append(["sender", "time", "text"])
    for sender, at, text, _ in entries:
        workbook.active.append([sender, at, text])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue(), as_texts(entries)


WRITERS = {
    **{f"WhatsApp, {locale}": whatsapp(locale) for locale in WHATSAPP},
    "Telegram": telegram, "Instagram, Messenger": meta, "Messenger, encrypted": messenger_encrypted, "Discord": discord,
    "Snapchat": snapchat, "Google Chat": google_chat, "sigtop, short": sigtop_short, "sigtop": sigtop,
    "signal-export": signal_export, "CSV": delimited(","), "TSV": delimited("\t"), "semicolons": delimited(";"),
    "JSON Lines": json_lines, "JSON array": json_array, "Parquet": parquet, "Excel": excel,
}  # fmt: skip
