"""Guards: what has to hold before a line is written."""

from hitcast.errors import GeneratedRowsError
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


def _tables(lakehouse: Lakehouse) -> list[Table]:
    """In the order in which they are dropped: no log of extracts outlasts its lines.

    Nor does a verdict outlast the log that numbers the showings.
    """
    tables = [lakehouse.gold, lakehouse.silver, lakehouse.quarantine, lakehouse.quality]
    return [*tables, lakehouse.extracts, lakehouse.bronze]
