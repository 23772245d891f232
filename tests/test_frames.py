"""Tables of other libraries go in and come out as their own, with the same verdicts as a pandas Series."""

import sys

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import CANARY

from sextortion_detect import Chat, Message, classify
from sextortion_detect.errors import InputError

TEXTS = ["معي تسجيلك كامل. حول ٥٠٠ دولار قبل الليل والا بيوصل لكل اهلك", None, "صباح الخير", ""]

COLUMNS = [
    ("polars", pl.Series(TEXTS), pl.DataFrame),
    ("chunked", pa.chunked_array([TEXTS[:2], TEXTS[2:]]), pa.Table),
    ("array", pa.array(TEXTS), pa.Table),
    ("large strings", pa.array(TEXTS, type=pa.large_string()), pa.Table),
]


@pytest.mark.parametrize(("_name", "column", "kind"), COLUMNS, ids=[case[0] for case in COLUMNS])
def test_a_column_gives_a_table_of_its_own_library(_name, column, kind):
    table = classify(column)
    assert type(table) is kind
    expected = classify(pd.Series(TEXTS))
    rows = table.to_dicts() if isinstance(table, pl.DataFrame) else table.to_pylist()
    assert list(rows[0]) == list(expected.columns)
    assert rows[1] == dict.fromkeys(expected.columns)
    for row, (_, wanted) in zip(rows, expected.iterrows(), strict=True):
        if wanted["evidence"] is not None:
            assert row == wanted.to_dict()


@pytest.mark.parametrize(("_name", "column", "kind"), COLUMNS, ids=[case[0] for case in COLUMNS])
def test_a_prefix_goes_before_every_column(_name, column, kind):
    plain, named = classify(column), classify(column, prefix="sd_")
    names = plain.columns if isinstance(plain, pl.DataFrame) else plain.column_names
    assert (named.columns if isinstance(named, pl.DataFrame) else named.column_names) == [
        f"sd_{name}" for name in names
    ]
    columns = [f"sd_{name}" for name in names]
    assert (
        plain.rename(dict(zip(names, columns, strict=True))) if kind is pl.DataFrame else plain.rename_columns(columns)
    ).equals(named)


class OfAnotherLibrary:
    """A column that speaks Arrow and is of no library that we know."""

    def __init__(self, column):
        name = "__arrow_c_stream__" if isinstance(column, pa.ChunkedArray) else "__arrow_c_array__"
        setattr(type(self), name, lambda _self, requested_schema=None: getattr(column, name)(requested_schema))

    def __iter__(self):
        raise AssertionError("read as an iterable")


@pytest.mark.parametrize("column", [pa.chunked_array([TEXTS]), pa.array(TEXTS)], ids=["stream", "array"])
def test_an_arrow_column_of_another_library(column):
    foreign = type("Foreign", (OfAnotherLibrary,), {})(column)
    assert classify(foreign).equals(classify(pa.chunked_array([TEXTS])))


def test_arrow_without_pyarrow(monkeypatch):
    foreign = type("Foreign", (OfAnotherLibrary,), {})(pa.array(TEXTS))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError) as caught:
        classify(foreign)
    assert str(caught.value) == (
        "A column of type Foreign needs pyarrow, which is not installed; "
        "run: pip install 'sextortion-detect[tables-io]'"
    )


@pytest.mark.parametrize("column", [pl.Series([], dtype=pl.String), pa.array([], pa.string())], ids=["polars", "arrow"])
def test_types_stand_without_a_row(column):
    empty, full = classify(column), classify(pl.Series(TEXTS) if isinstance(column, pl.Series) else pa.array(TEXTS))
    assert empty.schema == full.schema


def test_labels_are_categorical():
    assert classify(pl.Series(TEXTS)).schema["label"] == pl.Categorical
    assert pa.types.is_dictionary(classify(pa.array(TEXTS)).schema.field("label").type)
    assert classify(pd.Series(TEXTS))["label"].cat.categories.tolist() == [
        "benign", "grooming", "blackmail", "victim_report"
    ]  # fmt: skip


BROKEN = pa.Array.from_buffers(pa.string(), 2, pa.array([b"A", CANARY.encode() + b"\xff"], pa.binary()).buffers())
UNREADABLE = [
    ("array", BROKEN), ("chunked", pa.chunked_array([BROKEN])), ("of another library", type("Foreign", (OfAnotherLibrary,), {})(BROKEN)),
    ("pandas", pd.Series(pd.arrays.ArrowExtensionArray(BROKEN))),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "column"), UNREADABLE, ids=[case[0] for case in UNREADABLE])
def test_a_column_that_is_no_utf8(_name, column):
    with pytest.raises(InputError) as caught:
        classify(column)
    assert str(caught.value) == "The column holds bytes that are no UTF-8; write it again, or leave those texts out."
    assert caught.value.__context__ is None  # an error of decoding holds the bytes of the text


@pytest.mark.parametrize("column", [pl.Series([1]), pa.array([1])], ids=["polars", "arrow"])
def test_numbers_are_refused(column):
    with pytest.raises(TypeError) as caught:
        classify(column)
    assert str(caught.value) == (
        "classify takes texts, and the item at position 0 is of type int; convert it to str or leave it out."
    )


def test_a_table_without_pandas_names_the_extra(monkeypatch):
    verdict = classify(Chat([Message("هلا")]))
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError) as caught:
        verdict.to_frame()
    assert str(caught.value) == (
        "Tables need pandas, which is not installed; run: pip install 'sextortion-detect[pandas]'"
    )
