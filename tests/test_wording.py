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
