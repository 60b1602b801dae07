"""Notebook 03 as a whole: against our API with a key, and against MLflow's own server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.errors import EndpointError
from hitcast.models.registry import Registry
from hitcast.portable.scorer import Scorer
from tests.conftest import ROOT
from tests.homes import Prepared
from tests.jobs.commands import BIN, activated
from tests.notebooks.runner import Ran, note_of, run_notebook, saved
from tests.servers import free_port, mlflow_serving, running

pytestmark = pytest.mark.spark
NAME, KEY = "03_serve", "nobody-may-see-this"


@pytest.fixture(scope="module")
def scorer(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    """What is served, without a server."""
    registry = Registry(prepared.home, "spotify")
    champion = registry.by_alias("production")
    assert champion is not None
    place = tmp_path_factory.mktemp("scorer")
    return Scorer.load(registry.download_scorer(champion.number, place))


@pytest.fixture(scope="module")
def api(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [str(BIN / "uvicorn"), "serving.main:app", "--port", str(port)]
    home = str(prepared.home.folder)
    given = activated(HITCAST_HOME=home, HITCAST_API_KEYS=KEY, JAVA_HOME="/nowhere")
    log = tmp_path_factory.mktemp("api") / "api.log"
    with running(command, f"{url}/readyz", log=log, environment=given, folder=ROOT):
        yield url


@pytest.fixture(scope="module")
def asked(spark: SparkSession, prepared: Prepared, api: str) -> Ran:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HITCAST_SECRET_HITCAST_API_KEY", KEY)
        return run_notebook(
            NAME, spark, home=str(prepared.home.folder), url=api, scope="hitcast", secret="api-key"
        )


@pytest.mark.slow
def test_the_apis_answers_are_the_scorers(asked: Ran, scorer: Scorer) -> None:
    row = asked["row"]
    (expected,) = scorer.probabilities({name: [value] for name, value in row.items()})
    assert asked["answer"] == {"popular": int(expected >= scorer.card.threshold)}
    assert asked["detail"]["probability"] == pytest.approx(expected, abs=1e-12)
    swept = asked["swept"].query("column == 'energy'")
    rows = {name: [value] * len(swept) for name, value in row.items()}
    rows["energy"] = swept["value"].tolist()
    assert swept["probability"].tolist() == pytest.approx(scorer.probabilities(rows).tolist())


@pytest.mark.slow
def test_rows_of_gold_are_asked_about_in_one_call(asked: Ran) -> None:
    scored = asked["scored"]
    assert scored["is popular"].tolist() == [1] * 8 + [0] * 8
    assert (scored["popularity"] >= 50).tolist() == [True] * 8 + [False] * 8
    assert scored["probability"].between(0, 1).all()
    assert scored["probability"][:8].mean() > scored["probability"][8:].mean()


@pytest.mark.slow
def test_pictures_and_words_say_who_answered_and_never_the_key(asked: Ran, tmp_path: Path) -> None:
    told = "answered by spotify version 1, trained on generated rows"
    assert {note_of(figure) for figure in asked.figures} == {told}
    assert len(asked.figures) == 2
    assert all(saved(figure, tmp_path).stat().st_size > 8_000 for figure in asked.figures)
    most = asked["swept"].groupby("column")["probability"].agg(lambda p: p.max() - p.min())
    assert f"Of all inputs {most.idxmax().removesuffix('_ms')} moves the answer most" in asked.words
    shown = asked.words + "".join(table.to_string() for table in asked.tables)
    assert KEY not in shown + repr(asked["endpoint"])


@pytest.mark.slow
def test_a_wrong_key_is_told_without_it(spark: SparkSession, prepared: Prepared, api: str) -> None:
    home = str(prepared.home.folder)
    with pytest.raises(EndpointError, match="expected .* to take the key, got status 401") as told:
        run_notebook(NAME, spark, home=home, url=api, key="wrong-one")
    assert "wrong-one" not in str(told.value)


@pytest.mark.slow
def test_a_serving_endpoint_is_asked_by_invocations(
    spark: SparkSession, prepared: Prepared, scorer: Scorer, tmp_path: Path
) -> None:
    given = activated(MLFLOW_TRACKING_URI=prepared.home.tracking_uri)
    log = tmp_path / "server.log"
    with mlflow_serving("models:/spotify@production", log=log, environment=given) as server:
        # No gold table in this home: inputs move through their legal ranges.
        ran = run_notebook(
            NAME, spark, home=str(tmp_path), url=f"{server}/invocations", kind="invocations"
        )
    row = {name: [value] for name, value in ran["row"].items()}
    (expected,) = scorer.probabilities(row)
    assert ran["detail"]["probability"] == pytest.approx(expected, abs=1e-12)
    assert set(ran["detail"]) == {"popular", "probability"}
    tempo = ran["swept"].query("column == 'tempo'")["value"]
    assert (tempo.min(), tempo.max()) == (0.0, 300.0)
    assert all("does not tell on what rows it was trained" in note_of(f) for f in ran.figures)
    assert len(ran.figures) == 2


def test_where_nothing_answers_it_says_what_to_run(spark: SparkSession, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(EndpointError, match="found none.*run make serve"):
        run_notebook(NAME, spark, home=str(tmp_path), url=url)
