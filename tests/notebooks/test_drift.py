"""Notebook 04 as a whole: what it tells of each version, against the rows of that version."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.tables.lakehouse import Lakehouse
from tests.homes import BAD, CHANGED, FIRST, MORE, SECOND, TRACKS, Prepared
from tests.notebooks.runner import Ran, note_of, run_notebook, saved

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def ran(spark: SparkSession, prepared: Prepared) -> Ran:
    return run_notebook("04_trends", spark, home=str(prepared.home.folder))


@pytest.mark.slow
def test_each_version_is_counted_as_the_ingest_did(ran: Ran, prepared: Prepared) -> None:
    table = ran["trends"].query("part == 'all'")
    assert table["version"].tolist() == [0, 1]
    assert table["date"].tolist() == [FIRST, SECOND]
    assert table["new"].tolist() == [prepared.first.inserted, prepared.second.inserted]
    assert table["changed"].tolist() == [0, prepared.second.updated] == [0, CHANGED]
    assert table["rows"].tolist() == [TRACKS, TRACKS + MORE]
    told = "from 3,000 to 4,000 generated tracks: 1,000 new ones, 200 changes"
    assert told in ran.words


@pytest.mark.slow
def test_figures_are_those_of_the_rows(
    ran: Ran, gold: pd.DataFrame, prepared: Prepared, spark: SparkSession, spotify: UseCase
) -> None:
    trends = ran["trends"].set_index(["version", "part"])
    before = Lakehouse(spark, prepared.home.lakehouse, spotify.name).gold.read(0).toPandas()
    arrived = gold[gold["extraction_date"] == SECOND]
    assert len(arrived) == trends.loc[(1, "arrived"), "rows"] == MORE + CHANGED
    for place, rows in (((0, "all"), before), ((1, "all"), gold), ((1, "arrived"), arrived)):
        line = trends.loc[place]
        assert line["share"] == pytest.approx((rows["popularity"] >= 50).mean())
        for name in ("energy", "tempo", "popularity"):
            ranks = (rows[name] <= line[f"{name}_median"]).mean()
            assert ranks == pytest.approx(0.5, abs=0.05), (place, name)
    np.testing.assert_allclose(
        trends.loc[(1, "arrived"), "energy_q25"], arrived["energy"].quantile(0.25), rtol=0.01
    )


@pytest.mark.slow
def test_each_extract_is_told_with_the_rules_that_its_lines_broke(ran: Ran) -> None:
    table = ran["quality"]
    assert table["extraction_date"].tolist() == [FIRST, SECOND]
    assert table["rule"].tolist() == ["", "tempo.maximum"]
    assert table["bad_lines"].tolist() == [0, BAD]
    assert table["verdict"].tolist() == ["passed", "warned"], "less than half as many lines"
    assert "2 extracts judged" in ran.words
    assert f"Broken most: tempo.maximum, by {BAD} of them" in ran.words


@pytest.mark.slow
def test_there_are_three_pictures_and_each_says_generated(ran: Ran, tmp_path: Path) -> None:
    assert len(ran.figures) == 3
    assert {note_of(figure) for figure in ran.figures} == {"generated rows, gold version 1"}
    assert all(saved(figure, tmp_path).stat().st_size > 10_000 for figure in ran.figures)


@pytest.mark.slow
def test_one_version_is_told_without_a_picture(spark: SparkSession, prepared: Prepared) -> None:
    ran = run_notebook("04_trends", spark, home=str(prepared.home.folder), versions="1")
    assert len(ran.figures) == 1, "of the extracts' quality alone"
    assert "There is one version to look at: 4,000 generated tracks of 2024-06-01" in ran.words
    assert "--extraction-date" in ran.words


def test_a_home_without_tables_says_what_to_run(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"expected the gold table.*run jobs/ingest.py"):
        run_notebook("04_trends", spark, home=str(tmp_path))
