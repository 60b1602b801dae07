import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.errors import MissingColumnsError
from hitcast.training.split import in_fixed_order, tuning_share, with_fold, with_test_mark

pytestmark = [pytest.mark.spark, pytest.mark.sessions]
BY_ID = {"kind": "key", "key": "id", "salt": "salt", "percent": 20}


def test_test_rows_stay_test_rows_whatever_other_rows_there_are(spark: SparkSession) -> None:
    mark = with_test_mark(BY_ID)
    few = spark.range(0, 500).transform(mark).where("is_test")
    many = spark.range(0, 5000, 1, 7).transform(mark).where("is_test and id < 500")
    assert {r.id for r in few.collect()} == {r.id for r in many.collect()}


def test_rows_from_the_cut_off_on_are_test_rows_and_those_without_a_time_never(
    spark: SparkSession,
) -> None:
    rows = spark.createDataFrame([(1, 4.5), (2, 5.0), (3, 9.0), (4, None)], "id int, at double")
    mark = with_test_mark({"kind": "cut_off", "key": "id", "by": "at", "from": 5})
    assert [row.is_test for row in rows.transform(mark).collect()] == [False, True, True, False]
    with pytest.raises(MissingColumnsError, match=r"with_test_mark needs \['at'\]"):
        spark.range(1).transform(mark)


def test_the_share_of_test_rows_is_kept_and_another_salt_draws_others(spark: SparkSession) -> None:
    rows = spark.range(20_000)
    first = rows.transform(with_test_mark({**BY_ID, "salt": "one"})).where("is_test")
    second = rows.transform(with_test_mark({**BY_ID, "salt": "two"})).where("is_test")
    assert first.count() == pytest.approx(4000, abs=250)
    assert first.join(second, "id").count() == pytest.approx(800, abs=150)


def test_no_group_is_split_between_folds_and_rows_without_one_stand_alone(
    spark: SparkSession,
) -> None:
    rows = spark.range(6000).select(
        "id", F.when(F.col("id") >= 3000, F.concat(F.lit("artist"), F.col("id") % 300)).alias("by")
    )
    dealt = rows.transform(with_fold("by", "id", 3, seed=0))
    spread = dealt.where("by is not null").groupBy("by").agg(F.countDistinct("fold").alias("n"))
    assert {r.n for r in spread.collect()} == {1}
    sizes = {r.fold: r["count"] for r in dealt.groupBy("fold").count().collect()}
    assert set(sizes) == {0, 1, 2}
    assert min(sizes.values()) > 1600
    alone = dealt.where("by is null").groupBy("fold").count().collect()
    assert len(alone) == 3


def test_another_seed_deals_other_folds(spark: SparkSession) -> None:
    rows = spark.range(1000)
    first = rows.transform(with_fold(None, "id", 3, seed=0)).collect()
    second = rows.transform(with_fold(None, "id", 3, seed=1)).collect()
    assert first != second


def test_the_tuning_share_of_each_class_is_about_what_was_asked_for(spark: SparkSession) -> None:
    rows = spark.range(20_000).withColumn("label", (F.col("id") % 100 == 0).cast("double"))
    drawn = rows.where(tuning_share("id", "label", {0.0: 0.1, 1.0: 1.0}, 0))
    counts = {row["label"]: row["count"] for row in drawn.groupBy("label").count().collect()}
    assert counts == {0.0: pytest.approx(1980, abs=200), 1.0: 200}


def test_order_and_partitions_do_not_depend_on_how_rows_came(spark: SparkSession) -> None:
    order = in_fixed_order("id", 3)
    rows = spark.range(0, 900, 1, 2)
    shuffled = rows.orderBy(F.hash("id")).repartition(5)
    placed = [
        frame.transform(order).withColumn("partition", F.spark_partition_id()).collect()
        for frame in (rows, shuffled)
    ]
    assert placed[0] == placed[1]
    assert len({row["partition"] for row in placed[0]}) == 3


def test_a_step_names_the_column_that_it_misses(spark: SparkSession) -> None:
    with pytest.raises(MissingColumnsError, match=r"with_fold needs \['by', 'id'\].*\['id'\]"):
        spark.range(1).transform(with_fold("by", "id", 3, seed=0))
