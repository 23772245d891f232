"""Every attack: seeded, harmless to what it does not touch, and as strong as it says."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sextortion_detect.text.words import normalized
from sextortion_detect.training.attacks import ATTACKS, Strength, attack_all, disguised_copies

TEXT = "حول المبلغ قبل الليل والا صورك توصل لكل اهلك 500 ya 7abibi"


def test_there_are_as_many_attacks_as_promised():
    assert len(ATTACKS) >= 24
    assert {attack.strength for attack in ATTACKS.values()} == set(Strength)


@pytest.mark.parametrize("name", ATTACKS)
def test_the_same_seed_gives_the_same_text(name):
    attack = ATTACKS[name]
    assert attack_all(attack, [TEXT] * 3, seed=1) == attack_all(attack, [TEXT] * 3, seed=1)
    assert any(text != TEXT for text in attack_all(attack, [TEXT] * 5, seed=1))


UNDONE = [
    "tatweel", "vowel marks", "Quranic marks", "zero-width characters", "bidi controls", "variation selectors",
    "presentation forms", "Arabic-Indic digits", "Persian digits",
]  # fmt: skip


@pytest.mark.parametrize("name", UNDONE)
@pytest.mark.parametrize("seed", range(5))
def test_what_no_reader_sees_is_undone_to_the_letter(name, seed):
    (disguised,) = attack_all(ATTACKS[name], [TEXT], seed)
    assert normalized([disguised])[0] == normalized([TEXT])[0]


@given(st.text(), st.sampled_from(sorted(ATTACKS)), st.integers(0, 9))
@settings(max_examples=500)
def test_any_text_can_be_attacked(text, name, seed):
    disguised = ATTACKS[name].disguise(text, random.Random(seed))
    assert isinstance(disguised, str)
    assert len(disguised) <= 20 * len(text) + 60


def test_copies_name_whose_copy_they_are():
    texts = [f"{TEXT} {number}" for number in range(50)]
    copies, of = disguised_copies(texts, share=0.5, seed=1)
    assert 10 < len(copies) == len(of) < 40
    assert sorted(of) == of
    assert not set(copies) & set(texts)
    assert (copies, of) == disguised_copies(texts, share=0.5, seed=1)
