"""Taking rows out of a Delta table, and out of the older versions that it keeps."""

from pyspark.sql import DataFrame, Row

from hitcast.tables.names import BRACES
from hitcast.tables.reading import ReadTable

RETENTION = "delta.deletedFileRetentionDuration"
AT_ONCE = "interval 0 hours"


class EmptyingTable(ReadTable):
    """One Delta table in a folder, of which rows may have to go."""

    def delete(self, condition: str) -> int:
        """Delete the rows that fulfil `condition`, in one commit; returns how many those were.

        The table's log keeps the condition: nothing may stand in it that has to go.
        """
        counts = self.spark.sql(f"DELETE FROM {self._sql_name} WHERE {condition}").collect()[0]
        return int(counts["num_affected_rows"])

    def delete_matching(self, rows: DataFrame, condition: str) -> int:
        """Delete the rows that `rows` match, in one commit; returns how many those were.

        Args:
            rows: At most one for each of the table's.
            condition: When two match, by the names `held` and `incoming`.
        """
        return int(self._merge(rows, condition, "WHEN MATCHED THEN DELETE")["num_deleted_rows"])

    def vacuum(self, *, at_once: bool = False) -> None:
        """Remove the files that the newest version does not need.

        Args:
            at_once: Also those that it has needed until now: older versions can't be read any more,
                nor by who is reading one. Else those that it has not needed for as long as the
                table's property says, a week where it says nothing.
        """
        if not at_once:
            self.spark.sql(f"VACUUM {self._sql_name}")
            return
        before = self.properties().get(RETENTION, AT_ONCE)
        # A shorter time than the table's is refused, or asks for a setting that serverless compute
        # has not; so the table's is shorter for a moment.
        self._keep_files(AT_ONCE)
        try:
            self.spark.sql(f"VACUUM {self._sql_name} RETAIN 0 HOURS")
        finally:
            # Such a moment may have been left by a run that was killed.
            self._keep_files(None if before == AT_ONCE else before)

    def _keep_files(self, time: str | None) -> None:
        said = f"SET TBLPROPERTIES ('{RETENTION}' = '{time}')"
        if time is None:
            said = f"UNSET TBLPROPERTIES IF EXISTS ('{RETENTION}')"
        self.spark.sql(f"ALTER TABLE {self._sql_name} {said}")

    def _merge(self, rows: DataFrame, condition: str, clauses: str) -> Row:
        """Merge `rows` by what `clauses` say; returns how many rows were changed in which way."""
        # Braces of a name are none of the query's places for frames.
        table, on = (text.translate(BRACES) for text in (self._sql_name, condition))
        statement = f"MERGE INTO {table} AS held USING {{rows}} AS incoming ON {on} {clauses}"
        return self.spark.sql(statement, rows=rows).collect()[0]
