"""The same people give the same patterns, and scores, from a Spark frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import psychoscales as ps
from tests.conftest import need_command, need_module
from tests.counting.people import ITEMS, SCALE, STORED, Lists, wanted

pytestmark = [
    # PySpark 4.3 itself warns of pandas 3, and calls pandas with a word that pandas 3 deprecates.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    need_module("pyspark")
    need_command("java")
    from pyspark.sql import SparkSession

    session: Any = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def spark_frame(spark: Any, columns: Lists) -> Any:
    from pyspark.sql.types import DoubleType, LongType, StringType, StructField, StructType

    kinds = {str: StringType, float: DoubleType, int: LongType}
    fields = []
    for name, column in columns.items():
        kind = next(type(value) for value in column if value is not None)
        fields.append(StructField(name, kinds[kind](), True))
    rows = list(zip(*columns.values(), strict=True))
    return spark.createDataFrame(rows, StructType(fields)).repartition(3)


@pytest.mark.parametrize("stored", STORED.values(), ids=STORED)
def test_patterns_are_the_same_from_spark(spark: Any, stored: Callable[[], Lists]) -> None:
    found = ps.count(spark_frame(spark, stored()), SCALE)
    assert found == wanted()
    assert found.rows.tobytes() == wanted().rows.tobytes()
    assert found.counts.tobytes() == wanted().counts.tobytes()


def test_a_spark_frame_without_an_id_is_refused(spark: Any) -> None:
    frame = spark_frame(spark, STORED["whole numbers"]())
    with pytest.raises(ps.SourceError, match="a Spark frame is lazy and its rows have no order"):
        ps.read(frame, SCALE)


def test_scores_of_a_spark_frame_are_those_of_the_people_by_id(spark: Any) -> None:
    columns = {"pid": list(range(1000, 1300)), **STORED["labels"]()}
    people = ps.read(spark_frame(spark, columns), SCALE, id="pid")
    found = ps.score(people).to_native()
    assert type(found).__module__.startswith("pyspark")
    rows = {row["pid"]: row["tiny_total"] for row in found.collect()}
    direct = ps.score(
        ps.read(_pandas({name: columns[name] for name in ("pid", *ITEMS)}), SCALE, id="pid")
    ).to_frame()
    assert len(rows) == 300
    missing = 0
    for pid, total in zip(direct["pid"], direct["tiny_total"], strict=True):
        if total != total:
            missing += 1
            assert rows[pid] is None or rows[pid] != rows[pid]
        else:
            assert rows[pid] == total
    assert 0 < missing < 300


def _pandas(columns: Lists) -> Any:
    import pandas as pd

    return pd.DataFrame(columns)


def test_a_value_that_is_no_option_is_refused(spark: Any) -> None:
    columns = STORED["whole numbers"]()
    columns["i2"][7] = 8
    with pytest.raises(ps.DataError, match="i2: found 8; allowed: 0, 1, 2, 3"):
        ps.count(spark_frame(spark, columns), SCALE)
