"""What is said to Unity Catalog of gold's key, to a stand-in that remembers it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import SparkSession

from hitcast.ingest.primary_key import give_primary_key
from hitcast.tables.delta import Table
from hitcast.tables.named import NamedTable

NOT_NULL = "ALTER TABLE `main`.`Music`.`books_gold` ALTER COLUMN `id` SET NOT NULL"
KEY = "ALTER TABLE `main`.`Music`.`books_gold` ADD CONSTRAINT `books_gold_key` PRIMARY KEY (`id`)"
NOTE = "silver version 3"
SETTING = "spark.databricks.delta.commitInfo.userMetadata"


class Gold(NamedTable):
    """The table, whose newest commit has a note."""

    def note(self) -> str:
        """What gold holds."""
        return NOTE


class Unknown(AnalysisException):
    """What a catalog without such tables answers."""

    def getCondition(self) -> str:
        """The kind of error."""
        return "TABLE_OR_VIEW_NOT_FOUND"


class Catalog:
    """A session that knows which tables have a key, and in which nothing else happens."""

    def __init__(
        self, refusal: PySparkException | None = None, unknown: AnalysisException | None = None
    ) -> None:
        self.keys: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.altered: list[tuple[str, str | None]] = []
        self.refusal, self.unknown = refusal, unknown
        self.settings: dict[str, str] = {}
        self.conf = SimpleNamespace(
            set=self.settings.__setitem__, unset=lambda name: self.settings.pop(name, None)
        )

    def sql(self, text: str, args: dict[str, str] | None = None) -> Any:
        """Answer a query, or take a change down with the note that its commit would carry."""
        if text.startswith("SELECT"):
            self.asked.append(text)
            if self.unknown:
                raise self.unknown
            found = [key for key in self.keys if key == args]
            return SimpleNamespace(collect=lambda: found)
        if self.refusal:
            raise self.refusal
        self.altered.append((text, self.settings.get(SETTING)))
        if "PRIMARY KEY" in text:
            self.keys.append({"schema": "music", "name": "books_gold"})
        return None

    def gold(self, place: str = "main.Music.books_gold") -> NamedTable:
        """The table by its name."""
        return Gold(cast("SparkSession", self), "gold", place)


def given(catalog: Catalog, table: Table) -> list[str]:
    told: list[str] = []
    give_primary_key(table, "id", told.append)
    assert catalog.settings == {}
    return told


def test_the_key_is_said_once_and_found_there_afterwards() -> None:
    catalog = Catalog()
    assert given(catalog, catalog.gold()) == ["gold: id is its primary key now"]
    assert catalog.altered == [(NOT_NULL, NOTE), (KEY, NOTE)]
    assert given(catalog, catalog.gold()) == []
    assert len(catalog.altered) == 2
    assert len(catalog.asked) == 2, "once a run"
    assert "`main`.information_schema.table_constraints" in catalog.asked[0]


def test_a_lack_of_rights_is_told_with_what_to_say_and_is_no_error() -> None:
    refusal = PySparkException("PERMISSION_DENIED: needs MODIFY on main.Music.books_gold\nat …")
    catalog = Catalog(refusal)
    (told,) = given(catalog, catalog.gold())
    assert told.startswith("gold: no primary key yet (PERMISSION_DENIED: needs MODIFY on main.Mus")
    assert told.endswith("ADD CONSTRAINT `books_gold_key` PRIMARY KEY (`id`)")
    assert "\n" not in told


@pytest.mark.parametrize("place", ["spark_catalog.music.books_gold", "hive_metastore.a.b"])
def test_catalogs_without_such_constraints_are_not_asked(place: str) -> None:
    catalog = Catalog()
    assert given(catalog, catalog.gold(place)) == []
    assert given(catalog, Table(cast("SparkSession", catalog), "gold", "/home/gold")) == []
    assert (catalog.asked, catalog.altered) == ([], [])


def test_a_catalog_that_tells_of_no_constraints_gets_none() -> None:
    catalog = Catalog(unknown=Unknown("[TABLE_OR_VIEW_NOT_FOUND] …"))
    assert given(catalog, catalog.gold()) == []
    assert catalog.altered == []
