"""What SECURITY.md tells of trials is what was recorded, and names no machine."""

import re

import fuzz_targets
import mutants
import pytest
import recorded


def test_the_tables_are_those_that_the_record_gives():
    page = recorded.PAGE.read_text(encoding="utf-8")
    assert recorded.with_tables(page) == page


def test_the_record_names_no_machine():
    text = recorded.FILE.read_text(encoding="utf-8")
    assert not re.findall(r"https?:|/(?:tmp|home|root|work|usr|opt|var)/", text)


def test_every_target_was_fuzzed_for_ten_minutes():
    fuzzed = recorded.recorded()["fuzzed"]
    assert fuzzed.keys() == fuzz_targets.TARGETS.keys()
    assert all(found["seconds"] >= 600 for found in fuzzed.values())


@pytest.mark.parametrize("name", mutants.GUARDS)
def test_mutants_are_noticed_or_explained(name):
    found = recorded.recorded()["mutants"][name]
    assert found["noticed"] >= 0.8 * found["tried"]
    assert all("why" in left for left in found["left"])
