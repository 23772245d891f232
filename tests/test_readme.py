"""What the README shows is what happens."""

import doctest

import pytest
from conftest import ROOT


@pytest.mark.parametrize("name", ["README.md"])
def test_code_in_the_readme_runs(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(str(ROOT / name), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 5
    assert failed == 0
