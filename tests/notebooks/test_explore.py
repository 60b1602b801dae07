"""Notebook 01 as a whole: its tables against pandas, its words and pictures against its tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import CatalogError, SourceError
from tests.homes import BAD, Prepared, Sampled
from tests.notebooks.runner import Ran, note_of, run_notebook, saved

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def ran(spark: SparkSession, prepared: Prepared) -> Ran:
    return run_notebook("01_explore", spark, home=str(prepared.home.folder))


@pytest.mark.slow
def test_classes_are_counted_and_told(ran: Ran, gold: pd.DataFrame) -> None:
    positive = int(gold["is_popular"].sum())
    classes = ran["classes"]
    assert classes["rows"].tolist() == [positive, len(gold) - positive]
    assert classes["class"].tolist() == ["popular", "not popular"]
    share = f"{100 * positive / len(gold):.1f} %"
    assert f"Of {len(gold):,} generated tracks {share} are popular" in ran.words
    assert ran["label_bins"]["positive"].sum() == positive
    assert ran["label_bins"].query("end <= 49.5")["positive"].sum() == 0


@pytest.mark.slow
def test_distributions_are_those_of_the_rows(
    ran: Ran, gold: pd.DataFrame, spotify: UseCase
) -> None:
    summary, bins = ran["summary"].set_index("column"), ran["bins"]
    names = [c.name for c in spotify.numbers]
    assert list(summary.index) == names
    np.testing.assert_allclose(summary["mean"], gold[names].mean(), rtol=1e-9)
    np.testing.assert_allclose(summary["sd"], gold[names].std(), rtol=1e-9)
    np.testing.assert_allclose(summary["max"], gold[names].max())
    counts = bins.groupby("column")[["positive", "other"]].sum()
    expected = [gold["is_popular"].sum(), (~gold["is_popular"]).sum()]
    assert all(counts.loc[name].tolist() == expected for name in names)
    # Between two edges, where nothing lies beyond: counted anew.
    line = bins[bins["column"] == "energy"].iloc[20]
    within = gold["energy"].between(line["start"], line["end"], inclusive="left")
    assert line["positive"] + line["other"] == within.sum()


@pytest.mark.slow
def test_values_are_ranked_by_their_share(ran: Ran, gold: pd.DataFrame) -> None:
    found = ran["by_text"].set_index("value")
    expected = gold.groupby("genre")["is_popular"].agg(["size", "mean"])
    np.testing.assert_allclose(found["share"], expected["mean"][found.index])
    assert found["rows"].tolist() == expected["size"][found.index].tolist()
    assert found["share"].is_monotonic_decreasing
    top = ran["by_text"].query("rows >= 30").iloc[0]
    assert f"Most often popular: {top['value']} ({100 * top['share']:.1f} %" in ran.words
    assert ran["by_number"]["value"].tolist() == sorted(gold["year"].unique())


@pytest.mark.slow
def test_correlations_are_pearsons(ran: Ran, gold: pd.DataFrame) -> None:
    matrix = ran["matrix"]
    expected = gold[list(matrix)].corr()
    np.testing.assert_allclose(matrix, expected, atol=1e-9)
    strongest = expected["popularity"].drop("popularity").abs().idxmax()
    assert f"Correlated most with popularity: {strongest} " in ran.words


@pytest.mark.slow
def test_gaps_and_reasons_are_counted(ran: Ran, gold: pd.DataFrame) -> None:
    missing = ran["missing"].set_index("column")["missing"]
    assert missing.to_dict() == gold[missing.index].isna().sum().to_dict()
    assert ran["reasons"].to_dict("records") == [
        {"reason": "tempo: expected number between 0 and 300 BPM", "lines": BAD}
    ]
    assert f"Of 4,207 lines that were read {BAD} are in quarantine" in ran.words


@pytest.mark.slow
def test_there_are_eight_pictures_and_each_says_generated(ran: Ran, tmp_path: Path) -> None:
    assert len(ran.figures) == 8
    assert {note_of(figure) for figure in ran.figures} == {"generated rows, gold version 1"}
    assert all(saved(figure, tmp_path).stat().st_size > 10_000 for figure in ran.figures)
    assert "These tracks are generated." in ran.words


def test_a_home_without_tables_says_what_to_run(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"expected the gold table.*run jobs/ingest.py"):
        run_notebook("01_explore", spark, home=str(tmp_path))


def test_a_catalog_without_a_schema_is_refused(spark: SparkSession) -> None:
    with pytest.raises(CatalogError, match="together"):
        run_notebook("01_explore", spark, catalog="main")


@pytest.mark.slow
@pytest.mark.sample
def test_the_real_sample_is_told_as_it_is(
    spark: SparkSession, sampled: Sampled, sample_path: Path
) -> None:
    ran = run_notebook("01_explore", spark, home=str(sampled.home.folder))
    real = pd.read_csv(sample_path)
    share = (real["popularity"] >= 50).mean()
    assert f"Of 6,002 tracks {100 * share:.1f} % are popular" in ran.words
    assert "generated" not in ran.words
    assert {note_of(figure) for figure in ran.figures} == {"real rows, gold version 0"}
    names = list(ran["matrix"])
    np.testing.assert_allclose(ran["matrix"], real[names].corr(), atol=1e-9)
