"""Contents of bronze that lack a column that is required now, as after it was renamed in `conf/`.

Their lines would all be bad, and leave silver and gold, with no file at hand that could be mended.
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest.showings import Showing
from hitcast.sources.columns import likenesses
from hitcast.sources.disguise import listed
from hitcast.tables.delta import Table
from hitcast.tables.names import col


def refuse_lacking(showings: Sequence[Showing], use_case: UseCase) -> None:
    """Refuse to read lines by names that their header does not have.

    Args:
        showings: Whose lines are to be read again; those of formats with a header are looked at.
        use_case: Says which columns are required.

    Raises:
        SourceError: with the columns, what they may be called there, and what to do.
    """
    required = [column.name for column in use_case.source_columns if column.required]
    for showing in showings:
        found = use_case.named(showing.layout.fields)
        missing = [name for name in required if name not in found]
        if found and missing:
            raise _lacking(showing, missing, found, use_case)


def refuse_absent(
    lines: DataFrame, showings: Sequence[Showing], silver: Table, use_case: UseCase
) -> None:
    """The same of formats without a header: of contents that silver has rows of.

    Args:
        lines: Parsed lines of these contents, and of others.
        showings: Whose lines are read again.
        silver: What was made of them before; it exists.
        use_case: Says which columns are required.

    Raises:
        SourceError: with the columns and what to do.
    """
    contents = {s.checksum: s for s in showings if not s.layout.fields}
    required = [column.name for column in use_case.source_columns if column.required]
    if not contents or not required:
        return
    given = (F.coalesce(F.col("texts")[name], col(name).cast("string")) for name in required)
    counts = [F.count(text).alias(f"c{n}") for n, text in enumerate(given)]
    of = F.col("source_checksum")
    rows = lines.where(of.isin(list(contents))).groupBy(of).agg(*counts).collect()
    absent = {
        checksum: [name for name, count in zip(required, found, strict=True) if not count]
        for checksum, *found in rows
        if not all(found)
    }
    if not absent:
        return
    there = silver.read().where(of.isin(list(absent))).select(of).distinct().collect()
    for row in there:
        raise _lacking(contents[row[0]], absent[row[0]], (), use_case)


def _lacking(
    showing: Showing, missing: Sequence[str], found: Sequence[str], use_case: UseCase
) -> SourceError:
    others = [name for name in found if name not in use_case.source_names]
    told = f", found {listed(others)} beside declared ones" if found else ""
    return SourceError(
        f"expected the required columns {list(missing)} in the lines of {showing.source_file}, "
        f"which bronze has{told}{likenesses(missing, others, 'may be {0!r} there')}; nothing was "
        f"changed: in conf/{use_case.name}.yml, give them the old names as aliases, or "
        "required: false"
    )
