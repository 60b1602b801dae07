"""Guards: what has to hold before a line is written."""

from hitcast.declaration.use_case import UseCase
from hitcast.errors import GeneratedRowsError, UseCaseError
from hitcast.sources.extract import Extract
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse


def keep_apart(lakehouse: Lakehouse, extract: Extract, *, replace_generated: bool) -> None:
    """Refuse to mix generated and real rows; start over where that was asked for.

    A table is dropped only while it holds generated rows, and all of those are gone before a
    real one is made. So a run that is killed in between can be run again.

    Raises:
        GeneratedRowsError: if the extract and a table's rows are of different kinds.
    """
    tables = [table for table in _tables(lakehouse) if table.exists()]
    generated = [table for table in tables if table.is_generated()]
    if extract.generated and len(generated) < len(tables):
        raise GeneratedRowsError(
            f"expected tables of generated rows for {extract.name}, found real ones in "
            f"{lakehouse.where}; name another folder with --home"
        )
    if extract.generated or not generated:
        return
    if not replace_generated:
        raise GeneratedRowsError(
            f"expected tables of real rows for {extract.name}, found generated ones in "
            f"{lakehouse.where}; add --replace-generated to drop them and start over"
        )
    for table in generated:
        table.drop()


def same_columns(lakehouse: Lakehouse, use_case: UseCase) -> None:
    """Refuse to go on where the declared columns have changed since the tables were made.

    Raises:
        UseCaseError: with the columns that differ.
    """
    if not lakehouse.silver.exists():
        return
    declared = {(c.name, c.spark_type) for c in use_case.columns}
    own = {"extraction_date", "source_checksum", "ingested_at"}
    held = {(name, kind) for name, kind in lakehouse.silver.read().dtypes if name not in own}
    if declared != held:
        raise UseCaseError(
            f"the columns of {use_case.name} differ from the tables in {lakehouse.where}: only "
            f"declared {sorted(declared - held)}, only there {sorted(held - declared)}; "
            "start over in another --home"
        )


def _tables(lakehouse: Lakehouse) -> list[Table]:
    return [lakehouse.gold, lakehouse.silver, lakehouse.quarantine, lakehouse.bronze]
