"""The lines of many segments at once: each with its number, and what became of it.

a segment                       line  is
{"format":3,"time":1.0,…}       0     good
                                1     erased: an empty line keeps the numbers of those below
{"format":3,"ti                 2     broken, as any line that does not hold what it has to
{"format":3,"time":2.0,…}       3     good
{"format":3,"time"              4     torn: the last one, without its end or no JSON
"""

from collections.abc import Collection, Sequence

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from hitcast.ingest.collect.fields import Kind
from hitcast.ingest.collect.segments import Segment
from hitcast.tables.names import one_file

GOOD, TORN, BROKEN, ERASED = "good", "torn", "broken", "erased"
NO_JSON = "_no_json_"


def numbered(spark: SparkSession, segments: Sequence[Segment]) -> DataFrame:
    """A row per line: `segment`, `line` (long, 0 first), `is_last`, `bytes` of its file, `value`.

    Spark reads a file in pieces, and several files one after the other; each piece says where in
    its file it begins, and numbers of lines ascend within it. So a line has the same number in
    every run, however the files are cut.
    """
    lines = spark.read.option("lineSep", "\n").text([one_file(s.path) for s in segments])
    found = lines.select(
        F.col("_metadata.file_name").alias("segment"),
        F.col("_metadata.file_size").alias("bytes"),
        F.col("_metadata.file_block_start").alias("piece"),
        F.monotonically_increasing_id().alias("place"),
        "value",
    )
    in_order = Window.partitionBy("segment").orderBy("piece", "place")
    number = (F.row_number().over(in_order) - 1).cast("long")
    is_last = F.lead("place").over(in_order).isNull()
    return found.select("segment", number.alias("line"), is_last.alias("is_last"), "bytes", "value")


def judged(lines: DataFrame, kind: Kind, model: str, cut: Collection[str]) -> DataFrame:
    """A row per line: `segment`, `line`, `bytes`, `is` (good, torn, broken, erased) and `fields`.

    Args:
        lines: What `numbered` returned.
        kind: Whose lines they are.
        model: Whose answers they have to be.
        cut: The names of segments whose last line has no end.
    """
    types = ", ".join(f"`{name}` {type}" for name, type in kind.fields.items())
    options = {"columnNameOfCorruptRecord": NO_JSON}
    fields = F.from_json("value", f"{types}, `{NO_JSON}` string", options)
    is_json = F.coalesce(F.col("fields").isNotNull() & F.col(f"fields.{NO_JSON}").isNull(), _no())
    torn = F.col("is_last") & (F.col("segment").isin(list(cut)) | ~is_json)
    good = is_json & F.coalesce(kind.good(model), _no())
    verdict = (
        F.when(F.col("value") == "", ERASED).when(torn, TORN).when(good, GOOD).otherwise(BROKEN)
    )
    parsed = lines.withColumn("fields", fields)
    return parsed.select("segment", "line", "bytes", verdict.alias("is"), "fields")


def _no() -> Column:
    return F.lit(False)
