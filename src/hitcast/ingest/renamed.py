"""Contents of bronze that lack a column that is required now, as after it was renamed in `conf/`.

Their lines would all be bad, and leave silver and gold, with no file at hand that could be mended.
"""

from collections.abc import Sequence

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest.progress import Say
from hitcast.ingest.showings import Showing
from hitcast.sources.columns import likenesses
from hitcast.sources.disguise import listed
from hitcast.sources.split_json import keys_of
from hitcast.tables.delta import Table
from hitcast.tables.names import col


def refuse_lacking(showings: Sequence[Showing], use_case: UseCase, say: Say) -> None:
    """Refuse to read lines by names that their header does not have.

    Args:
        showings: Whose lines are to be read again; those of formats with a header are looked at.
        use_case: Says which columns are needed.
        say: Told of columns that are not needed and that may have another name there.

    Raises:
        SourceError: with the columns, what they may be called there, and what to do.
    """
    for showing in showings:
        found = use_case.named(showing.layout.fields)
        missing = [name for name in use_case.source_names if name not in found]
        if not found or not missing:
            continue
        needed = [name for name in missing if name in use_case.needed]
        if needed:
            raise _lacking(showing, needed, found, use_case)
        others = [name for name in found if name not in use_case.source_names]
        alike = likenesses(missing, others, "may be {0!r} there, which aliases can say")
        if alike:
            say(f"note: {showing.source_file} has no columns {missing}{alike}")


def refuse_absent(
    lines: DataFrame, showings: Sequence[Showing], silver: Table, use_case: UseCase
) -> None:
    """The same of formats without a header: of contents that silver has rows of.

    Args:
        lines: Parsed lines of these contents, and of others.
        showings: Whose lines are read again.
        silver: What was made of them before; it exists.
        use_case: Says which columns are needed.

    Raises:
        SourceError: with the columns and what to do.
    """
    contents = {s.checksum: s for s in showings if not s.layout.fields}
    if not contents or not use_case.needed:
        return
    of = F.col("source_checksum")
    flags = [_is_there(name, use_case).alias(f"c{n}") for n, name in enumerate(use_case.needed)]
    rows = lines.where(of.isin(list(contents))).groupBy(of).agg(*flags).collect()
    absent = {
        checksum: [name for name, there in zip(use_case.needed, found, strict=True) if not there]
        for checksum, *found in rows
        if not all(found)
    }
    if not absent:
        return
    there = silver.read().where(of.isin(list(absent))).select(of).distinct().collect()
    for row in there:
        raise _lacking(contents[row[0]], absent[row[0]], (), use_case)


def _is_there(name: str, use_case: UseCase) -> Expression:
    """Whether any of some lines has a column: a value, or its key where the record is at hand.

    Records are at hand of bad lines, as all are that lack a required column.
    """
    keys = keys_of(F.col("raw_line").cast("string"))
    names = F.array(*map(F.lit, (name, *use_case.aliases.get(name, ()))))
    keyed = F.coalesce(F.arrays_overlap(keys, names), F.lit(False))
    return F.max(col(name).isNotNull() | keyed)


def _lacking(
    showing: Showing, missing: Sequence[str], found: Sequence[str], use_case: UseCase
) -> SourceError:
    others = [name for name in found if name not in use_case.source_names]
    told = f", found {listed(others)} beside declared ones" if found else ""
    return SourceError(
        f"expected the columns {list(missing)} in the lines of {showing.source_file}, "
        f"which bronze has{told}{likenesses(missing, others, 'may be {0!r} there')}; nothing was "
        f"changed: in conf/{use_case.name}.yml, give them the old names as aliases, or "
        "required: false"
    )
