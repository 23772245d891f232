"""A real local Spark and a real Dask cluster give the verdicts of `classify(Series)`; the times are printed."""

import os
import shutil
import sys
import time

import pandas as pd
import pytest

from sextortion_detect import classify
from sextortion_detect.errors import InputError
from sextortion_detect.model.shipped import shipped_model
from sextortion_detect.scale import score_dask, score_spark

NO_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs a Java runtime")


@pytest.fixture(scope="module")
def table(corpus_rows):
    texts = [row.text for row in corpus_rows[::9]]
    texts[3:5] = [None, ""]
    return pd.DataFrame({"id": range(len(texts)), "text": pd.array(texts, dtype="string")})


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def dask_client():
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def same(rows, wanted):
    """Equal row by row, missing values and evidence included."""
    assert list(rows) == list(wanted)
    for name in wanted:
        for found, expected in zip(rows[name], wanted[name], strict=True):
            if name == "evidence":
                assert (found is None) == (expected is None)
                assert [dict(span) for span in found or []] == list(expected or [])
            else:
                assert (found is None and pd.isna(expected)) or found == expected


@pytest.mark.harden
@pytest.mark.slow
@NO_JAVA
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
def test_spark(spark, table, capsys):
    begun = time.perf_counter()
    wanted = classify(table["text"])
    alone = time.perf_counter() - begun
    plain = [(int(number), None if pd.isna(text) else text) for number, text in table.itertuples(index=False)]
    frame = spark.createDataFrame(plain, schema="id long, text string").repartition(4)
    scored = score_spark(frame, "text")
    assert scored.schema["evidence"].dataType.simpleString() == (
        "array<struct<start:int,end:int,text:string,tactic:string,weight:double>>"
    )
    scored.limit(1).collect()  # starts the workers
    begun = time.perf_counter()
    rows = sorted(scored.collect(), key=lambda row: row["id"])
    took = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\n{len(table)} messages: one process {alone:.1f} s, Spark local[2] {took:.1f} s")
    expected = {name: wanted[name].astype(object).tolist() for name in wanted}
    found = {name: [row[name] for row in rows] for name in wanted}
    found["evidence"] = [None if spans is None else [span.asDict() for span in spans] for spans in found["evidence"]]
    same(found, expected)
    assert [row["text"] for row in rows] == [text for _, text in plain]


@pytest.mark.harden
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
def test_dask(dask_client, table, capsys):
    from dask import dataframe

    begun = time.perf_counter()
    wanted = classify(table["text"])
    alone = time.perf_counter() - begun
    scored = score_dask(dataframe.from_pandas(table, npartitions=4), "text")
    assert scored.dtypes["label"] == wanted["label"].dtype
    dask_client.run(shipped_model)  # as a long-lived cluster has it
    begun = time.perf_counter()
    found = scored.compute()
    took = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\n{len(table)} messages: one process {alone:.1f} s, two Dask processes {took:.1f} s")
    assert found.dtypes[list(wanted)].to_dict() == wanted.dtypes.to_dict()
    pd.testing.assert_frame_equal(found[list(wanted)], wanted)
    assert found["id"].tolist() == table["id"].tolist()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_model_folder_and_thresholds_reach_the_workers(dask_client, table, tmp_path, model):
    from dask import dataframe

    from sextortion_detect.model.storage import save_model

    save_model(model, tmp_path / "m")
    few = dataframe.from_pandas(table[:40], npartitions=2)
    scored = score_dask(few, "text", model=tmp_path / "m", thresholds={"offense": 1.0}).compute()
    assert not scored["flagged"].any()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_each_worker_loads_the_model_once(dask_client, table):
    from dask import dataframe

    score_dask(dataframe.from_pandas(table[:400], npartitions=8), "text").compute()

    def loads():
        from sextortion_detect.scale import _model

        return _model.cache_info().misses, _model.cache_info().hits

    counted = dask_client.run(loads).values()
    assert all(misses <= 2 for misses, _ in counted)  # the shipped model, and that of the test above
    assert sum(hits for _, hits in counted) > 0


def test_what_cannot_be_scored():
    from dask import dataframe

    table = dataframe.from_pandas(pd.DataFrame({"text": ["هلا"], "label": ["x"]}), npartitions=1)
    with pytest.raises(InputError) as caught:
        score_dask(table, "message")
    assert str(caught.value) == "The table has no column 'message'; name the one that holds the texts."
    with pytest.raises(InputError) as caught:
        score_dask(table, "text")
    assert str(caught.value) == "The table has columns named label already; rename or drop them first."


@pytest.mark.slow
@NO_JAVA
def test_spark_refuses_numbers(spark):
    with pytest.raises(InputError) as caught:
        score_spark(spark.createDataFrame([(1,)], schema="text long"), "text")
    assert str(caught.value) == "The column 'text' must be of strings; cast it first."
