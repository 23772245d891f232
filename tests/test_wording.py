"""The words around a conversation: every sentence in both languages, and numbers that claim no more than is known."""

import re

import pytest

from sextortion_detect.wording import rows_of, wording


def test_every_sentence_is_there_in_both_languages():
    for row in rows_of("wording.tsv"):
        key = row["key"]
        fields = {lang: set(re.findall(r"\{(\w+)\}", row[lang])) for lang in ("ar", "en")}
        assert row["ar"], key
        assert row["en"], key
        assert fields["ar"] == fields["en"], key


MOVES = [
    (7.5, "raised the risk much", "رفعت الخطر كثيرًا"), (3.0, "raised the risk much", "رفعت الخطر كثيرًا"),
    (0.5, "raised the risk", "رفعت الخطر"), (0.1, "", ""), (-2.0, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("log_odds", "english", "arabic"), MOVES)
def test_how_much_a_message_moved_the_risk_in_words(log_odds, english, arabic):
    assert (wording("en").move(log_odds), wording("ar").move(log_odds)) == (english, arabic)


@pytest.mark.parametrize(("share", "shown"), [(0.0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.999, "99%"), (1.0, "100%")])
def test_what_is_not_certain_is_not_rounded_to_certainty(share, shown):
    assert wording("en").percent(share) == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(0.9911, "99.1%"), (0.9969, "99.7%"), (0.99999, "99.9%"), (1.0, "100.0%"), (0.0001, "0.1%")]
)
def test_a_risk_under_its_threshold_is_never_shown_as_high_as_that(share, shown):
    assert wording("en").percent(share, 1) == shown


def test_every_note_of_a_reader_has_its_arabic():
    """Whoever reads the report in Arabic is told in Arabic what had to be assumed."""
    said = [
        "the order of day and month does not show in this file; day first was assumed", "the text is not UTF-8; it was read as Windows-1256",
        "3 rows above the one that names the columns were passed over", "5 messages were edited; the mark that says so stands in their text",
        "2 lines hold characters that cannot be read; \N{REPLACEMENT CHARACTER} stands for them",
    ]  # fmt: skip
    for note in said:
        assert wording("en").told(note) == note
        assert not re.search("[a-z]{3}", wording("ar").told(note).replace("Windows", ""))


TABLES = [
    ("wording.tsv", "sextortion_detect", "ar"), ("advice.tsv", "sextortion_detect", "ar"),
    ("errors_ar.tsv", "sextortion_detect.cli", "ar"), ("help_ar.tsv", "sextortion_detect.cli", "ar"),
    ("support.tsv", "sextortion_detect", "name_ar"), ("support.tsv", "sextortion_detect", "note_ar"),
]  # fmt: skip
LATIN_SIGN = re.compile(r"[\u0621-\u0652][,;?]|[,;?] ?[\u0621-\u064a]")
COMMAND = re.compile(
    r"(?<!\w)(?:قم|اختر|أعد|أضف|استخدم|اكتب|جرّب|تأكد|احذف|سمّ|أبلغ|ادفع|احفظ|انظر|راجع|الذنب|ذنبك)(?!\w)"
)


@pytest.mark.parametrize(("table", "package", "column"), TABLES)
def test_arabic_has_its_own_signs_commands_no_man_and_blames_nobody(table, package, column):
    texts = [row[column] for row in rows_of(table, package)]
    assert [text for text in texts if LATIN_SIGN.search(text) or COMMAND.search(text)] == []


WHO = [
    (None, "without a name", "بلا اسم"), ("", "somebody whom the export does not name", "مرسل لا يذكره الملف المصدَّر"),
    ("deleted account (user5)", "deleted account (user5)", "حساب محذوف (user5)"), ("Deleted", "Deleted", "Deleted"),
    ("deleted account", "deleted account", "deleted account"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "english", "arabic"), WHO)
def test_somebody_without_a_name_is_called_by_what_is_known(name, english, arabic):
    assert (wording("en").who(name), wording("ar").who(name)) == (english, arabic)


NOTICES = [
    ("remove_members", "A member left or was removed", "غادر أحد الأعضاء أو أُخرج"),
    ("create_group\nشلة", "The group was made\nشلة", "أُنشئت المجموعة\nشلة"),
    ("launch_of_a_rocket", "Notice of the app", "إشعار من التطبيق"), ("أضافت سارة منى", "أضافت سارة منى", "أضافت سارة منى"),
    ("Sara left", "Sara left", "Sara left"), ("", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "english", "arabic"), NOTICES)
def test_a_notice_is_told_in_the_language_of_its_reader(text, english, arabic):
    assert (wording("en").notice(text), wording("ar").notice(text)) == (english, arabic)
