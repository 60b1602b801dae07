"""MLflow's real client for Unity Catalog against a local server that keeps models as it does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hitcast.errors import RegistryError
from hitcast.models import known_tags
from hitcast.models.by_hand import roll_back, set_by_hand
from hitcast.models.known_tags import KnownTags
from hitcast.models.moves import pending
from hitcast.models.registry import PREVIOUS, PRODUCTION, STAGING, Registry
from hitcast.models.version_tags import ARCHIVED
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from tests.copies import new_home
from tests.models.memory_history import MemoryHistory
from tests.small_models import make_scorer
from tests.workspace import TOKEN, Workspace, workspace


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose registry is Unity Catalog's; runs are tracked in the home."""
    with workspace(tmp_path / "catalog") as found:
        monkeypatch.setenv("DATABRICKS_HOST", found.url)
        monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)
        monkeypatch.setenv("MLFLOW_REGISTRY_URI", "databricks-uc")
        yield found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose models are in a catalog's schema."""
    return Home(new_home(tmp_path / "home").folder, "main.music")


def logged(home: Home, folder: Path) -> tuple[str, str]:
    """Log a scorer; returns its URI and its run."""
    from hitcast.models.tracking import Tracker

    tracker = Tracker(home, "demo")
    with tracker.run("train", {}) as run_id:
        return tracker.log_scorer(make_scorer(folder, 1.0), {"x": 1.0}, {}), run_id


def test_versions_are_registered_named_and_read_back(
    catalog: Workspace, home: Home, tmp_path: Path
) -> None:
    registry = Registry(home, home.model("demo"), create=True)
    assert registry.versions() == []
    assert registry.by_alias(PRODUCTION) is None
    for number in (1, 2):
        uri, run = logged(home, tmp_path / f"scorer-{number}")
        tags = {"hitcast.generated": "true", "table_version": str(number)}
        assert registry.register(uri, run, tags) == number
    registry.tag(2, "hitcast.promotion", "better" * 200)
    registry.set_alias(PRODUCTION, 2)
    registry.set_alias(STAGING, 1)
    newest, oldest = registry.versions()
    assert (newest.number, newest.aliases, newest.run_id) == (2, ("production",), run)
    assert newest.tags["hitcast.promotion"] == ("better" * 200)[:999] + "…"
    assert newest.tags["hitcast.generated"] == "true"
    assert (oldest.number, oldest.aliases, oldest.tags["table_version"]) == (1, ("staging",), "1")
    registry.remove_alias(STAGING)
    assert registry.aliases() == {"production": 2}
    assert list(catalog.catalog.models) == ["main.music.demo"]


def test_the_scorer_comes_back_from_the_catalogs_files(
    catalog: Workspace, home: Home, tmp_path: Path
) -> None:
    registry = Registry(home, home.model("demo"), create=True)
    registry.register(*logged(home, tmp_path / "scorer"), {})
    assert (catalog.catalog.folder / "Models/main/music/demo/1/MLmodel").is_file()
    scorer = Scorer.load(registry.download_scorer(1, tmp_path / "copy"))
    assert scorer.probabilities({"x": [0.0]}).tolist() == [0.5]


@pytest.mark.usefixtures("catalog")
def test_a_version_that_is_not_there(home: Home) -> None:
    registry = Registry(home, home.model("demo"), create=True)
    with pytest.raises(RegistryError, match=r"expected a version of main.music.demo among \[\]"):
        registry.set_alias(PRODUCTION, 1)


def test_aliases_are_moved_by_hand_and_back(catalog: Workspace, home: Home, tmp_path: Path) -> None:
    registry = Registry(home, home.model("demo"), create=True)
    for number in (1, 2):
        uri, run = logged(home, tmp_path / f"scorer-{number}")
        assert registry.register(uri, run, {}) == number
        set_by_hand(registry, number, PRODUCTION)
    assert roll_back(registry)["version"] == 1
    assert registry.aliases() == {PREVIOUS: 2, PRODUCTION: 1}
    history = MemoryHistory()
    history.take_in(registry)
    moved = [(row["from_version"], row["to_version"]) for row in history.rows()]
    assert moved == [(None, 1), (1, 2), (2, 1)]
    assert pending(registry) == []
    archived = {v.number: ARCHIVED in v.tags for v in registry.versions()}
    assert archived == {1: False, 2: True}
    assert catalog.catalog.calls["DELETE model-versions/delete-tag"] == 4


def test_a_look_at_many_versions_costs_one_search(
    catalog: Workspace, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, known = home.model("demo"), KnownTags()
    registry = Registry(home, name, create=True)
    for number in (1, 2, 3):
        uri, run = logged(home, tmp_path / f"scorer-{number}")
        registry.register(uri, run, {"table_version": str(number)})

    def look() -> tuple[dict[str, int], list[str]]:
        """The calls of one look, as the poller has it, and a tag of each version."""
        catalog.catalog.calls.clear()
        seen = Registry(home, name, known=known)
        found = seen.versions(seen.aliases())
        return dict(catalog.catalog.calls), [v.tags["table_version"] for v in found]

    once = {"GET registered-models/get": 1, "GET model-versions/search": 1}
    assert look() == ({**once, "GET model-versions/get": 3}, ["3", "2", "1"])
    assert look() == (once, ["3", "2", "1"])
    registry.tag(2, "table_version", "9")
    assert look() == ({**once, "GET model-versions/get": 1}, ["3", "9", "1"])
    # A registry that does not date a tag's change is asked again after some minutes.
    catalog.catalog.models[name]["versions"]["1"]["tags"]["table_version"] = "8"
    assert look() == (once, ["3", "9", "1"])
    monkeypatch.setattr(known_tags, "KEPT_SECONDS", 0.0)
    assert look()[1] == ["3", "9", "8"]
