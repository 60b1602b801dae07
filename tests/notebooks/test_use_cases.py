"""Notebooks 01 to 04 of use cases that differ in everything that a declaration can say.

Two classes by a value or by their names, five classes; no text, no group, no profiles, no bounds,
no example. Rows are few and made by arithmetic (`tests.exploring.herbarium`); gold is written as it
stands, runs are logged without a training, and who answers is a server of the tests.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.models.tracking import Tracker
from hitcast.running.home import Home
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from tests.exploring.herbarium import KINDS, NAMES, conf_of, declared, frame_of
from tests.notebooks.runner import Ran, note_of, run_notebook, saved

pytestmark = [pytest.mark.spark, pytest.mark.nightly]


@pytest.fixture(scope="module")
def home(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Gold of all three in two versions, the second with more rows; and a training of each."""
    home = Home(tmp_path_factory.mktemp("many"))
    for name in NAMES:
        use_case = declared(name)
        gold = Lakehouse(spark, home.lakehouse, name).gold
        gold.create_from(frame_of(spark, use_case, 60), {GENERATED: "false"})
        later = frame_of(spark, use_case, 75).where(F.substring(use_case.key, 2, 3) >= "060")
        gold.append(later)
        log_training(home, use_case)
    return home


def log_training(home: Home, use_case: UseCase) -> None:
    """A training as it stands in MLflow, with whichever metrics the use case has."""
    tracker, metric = Tracker(home, use_case.name), use_case.training.metric
    kind = {"hitcast.generated": "false", "table_version": "1"}
    family, candidate = next(iter(use_case.candidates.items()))
    with tracker.run("train", {**kind, "hitcast.level": "training"}):
        with tracker.run(family, {"hitcast.level": "family", "hitcast.family": family}):
            for number, score in enumerate((0.6, 0.7)):
                values = {name: space.grid[0] for name, space in candidate.search.items()}
                spread = {metric: score, f"{metric}_sd": 0.02}
                tracker.log_trial(f"{family}-{number}", family, values, [], spread, 1.0)
        lost = {f"importance_{c.name}": 0.01 * n for n, c in enumerate(use_case.features)}
        tested = {f"test_{metric}": 0.65, "test_matthews": -0.1, "test_log_loss": 1.2}
        folds = {f"cv_{metric}": 0.7, f"cv_{metric}_sd": 0.02}
        tracker.log({"best": family}, folds | tested | lost)


@pytest.fixture(scope="module")
def explored(spark: SparkSession, home: Home) -> dict[str, Ran]:
    return {
        name: run_notebook("01_explore", spark, conf_of(name), use_case=name, home=str(home.folder))
        for name in NAMES
    }


@pytest.mark.slow
def test_the_table_of_each_use_case_is_told_and_drawn(
    explored: dict[str, Ran], tmp_path: Path
) -> None:
    assert explored["fraud"]["classes"].to_numpy().tolist() == [
        ["fraudulent", 25, 25 / 75], ["not fraudulent", 50, 50 / 75],
    ]  # fmt: skip
    assert "33.3 % are fraudulent (Class is 1): 25 against 50" in explored["fraud"].words
    assert explored["pistachio"]["classes"]["class"].tolist() == [
        "Siit_Pistachio", "Kirmizi_Pistachio",
    ]  # fmt: skip
    assert "75 pressed blossoms of 5 classes: Aster 46.7 %" in explored["blossoms"].words
    for name, ran in explored.items():
        use_case = declared(name)
        shown = ["classes", "missing"] + ["summary", "bins", "matrix", "by_class"]
        assert all(name in ran.names for name in shown)
        # Texts and categories are in no correlation; of 30 quantities the most telling are.
        correlated = set(ran["matrix"]) & set(use_case.column_names)
        assert correlated <= {c.name for c in use_case.numbers}
        assert len(correlated) == min(16, len(use_case.numbers))
        assert {note_of(figure) for figure in ran.figures} == {"real rows, gold version 1"}
        assert all(saved(figure, tmp_path).stat().st_size > 8_000 for figure in ran.figures)
    # Classes, quantities, correlations, those within each class; of blossoms by category, by text
    # and over the month, too; gaps are where values are missing.
    assert [len(ran.figures) for ran in explored.values()] == [4, 4, 8]


@pytest.mark.slow
def test_five_classes_are_told_apart_by_quantity_category_text_and_month(
    explored: dict[str, Ran],
) -> None:
    ran = explored["blossoms"]
    assert "Width tells them apart most: half of Aster lies at or below" in ran.words
    assert "half of Edelweiss at or below" in ran.words
    by_category = ran["by_category"]
    red = by_category[by_category["name"] == "red"].iloc[0]
    assert (red["rows"], red["of_Clover"], red["of_Aster"]) == (12, 12, 0)
    assert "Colour tells the classes apart most" in ran.words
    assert "each class has its highest share at one value: Aster at" in ran.words
    assert "Correlated most with being Edelweiss: width +0." in ran.words
    assert "The classes differ most in" in ran.words
    distributions = ran.figures[1]
    legend = distributions.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == KINDS


@pytest.mark.slow
def test_trends_are_told_by_the_share_of_the_classes_that_there_are(
    spark: SparkSession, home: Home
) -> None:
    for name, told in {
        "fraud": "The share that is fraudulent went from 33.3 % to 33.3 % (+0.0 points).",
        "pistachio": "The share that is Siit went from 33.3 % to 33.3 % (+0.0 points).",
        "blossoms": "The share that is Aster went from 33.3 % to 46.7 % (+13.3 points), the furth",
    }.items():
        ran = run_notebook("04_trends", spark, conf_of(name), use_case=name, home=str(home.folder))
        assert told in ran.words
        assert ran["trends"]["new"].tolist() == [60, 60, 15, 15]
        assert len(ran.figures) == 2
    assert "share" not in ran["trends"] and "share_of_Aster" in ran["trends"]


def test_runs_are_compared_by_whichever_metrics_they_have(spark: SparkSession, home: Home) -> None:
    for name in NAMES:
        metric = declared(name).training.metric
        ran = run_notebook(
            "02_train_and_compare", spark, conf_of(name), use_case=name, home=str(home.folder)
        )
        assert f"has the best {metric} over the folds: 0.700" in ran.words
        assert ran["trainings"][f"test_{metric}"].tolist() == [0.65]
        # No version was registered, so there is nobody to compare.
        assert len(ran.figures) == 2


@pytest.fixture
def answering() -> Iterator[tuple[str, dict[str, Any]]]:
    """An API that answers each row alike, as it is told to; its address."""
    said: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = said
            if self.path == "/predict/batch":
                body = {"predictions": [said for _ in asked["instances"]]}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", said
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("fraud", {"fraud": 1, "probability": 0.7, "threshold": 0.4}, "The answer is fraudulent"),
        (
            "blossoms",
            {"named": "Clover", "probability": 0.4, "threshold": None,
             "probabilities": dict(zip(KINDS, (0.3, 0.1, 0.4, 0.1, 0.1), strict=True))},
            "The answer is Clover, with a probability of 40.0 %; next Aster (30.0 %)",
        ),
    ],
)  # fmt: skip
def test_an_endpoint_is_asked_about_a_row_of_gold_where_there_is_no_example(
    spark: SparkSession,
    home: Home,
    answering: tuple[str, dict[str, Any]],
    name: str,
    said: dict[str, Any],
    told: str,
) -> None:
    url, answers = answering
    answers.update(said)
    ran = run_notebook(
        "03_serve", spark, conf_of(name), use_case=name, home=str(home.folder), url=url
    )
    use_case = declared(name)
    assert set(ran["row"]) <= {c.name for c in use_case.inputs}
    assert {c.name for c in use_case.features if c.required} <= set(ran["row"])
    assert told in ran.words
    moved = [c.name for c in use_case.features if c.type != "text"]
    assert ran["swept"]["column"].unique().tolist() == moved
    assert len(ran["scored"]) == 8 * len(ran["subject"].kinds) - (4 if name == "blossoms" else 0)
    assert len(ran.figures) == 2
