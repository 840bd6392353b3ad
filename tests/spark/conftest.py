from __future__ import annotations

import os
import warnings
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cluster as clusters


@pytest.fixture(scope="session")
def cluster() -> Iterator[clusters.Cluster]:
    """One master and two workers for all tests; without Java they are skipped, except where CI says that it must be there."""
    if clusters.java() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Java on this machine: the tests on a Spark cluster need a Java 17 runtime")
        pytest.skip("no Java on this machine: a Java 17 runtime is needed to test on a Spark cluster")
    with clusters.running() as up:
        yield up


@pytest.fixture(scope="session")
def spark(cluster):
    """One session on the cluster, in a time zone that nobody here means."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pyspark says about versions of pandas
        session = clusters.session(
            cluster, settings={"spark.sql.session.timeZone": "America/New_York", "spark.sql.shuffle.partitions": "2"}
        )
    yield session
    session.stop()


@pytest.fixture
def as_spark(spark, cluster, tmp_path_factory):
    """A table (columns or Arrow) as a Spark DataFrame in two parts that the workers read; moments without a zone are TIMESTAMP_NTZ."""

    def make(columns):
        held = columns if isinstance(columns, pa.Table) else pa.table(columns)
        folder = cluster.folder / tmp_path_factory.mktemp("table").name
        folder.mkdir()
        for place, part in enumerate((held.slice(0, len(held) // 2), held.slice(len(held) // 2))):
            pq.write_table(part, folder / f"{place}.parquet")
        return spark.read.parquet(str(folder))

    return make
