"""What SECURITY.md tells of trials is what was recorded, and names no machine."""

import re

import fuzz_targets
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


def test_what_was_not_noticed_is_explained():
    left = [one for found in recorded.recorded()["mutants"].values() for one in found["left"]]
    assert all("why" in one for one in left)
