from pathlib import Path

import pytest

from hitcast.errors import RegistryError
from hitcast.models.registry import Registry
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from tests.copies import new_home
from tests.small_models import NAME, register


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with two versions."""
    home = new_home(tmp_path_factory.mktemp("home"))
    for number, weight in enumerate((1.0, -1.0)):
        register(home, weight, tmp_path_factory.mktemp(f"scratch{number}"))
    return home


@pytest.fixture
def registry(home: Home) -> Registry:
    return Registry(home, NAME)


def test_versions_come_newest_first_with_tags_and_aliases(registry: Registry) -> None:
    registry.set_alias("test-1003", 2)
    newest, first = registry.versions()
    assert (newest.number, first.number) == (2, 1)
    assert "test-1003" in newest.aliases
    assert first.tags["hitcast.generated"] == "false"
    assert first.run_id != newest.run_id


def test_an_alias_names_one_version_at_a_time(registry: Registry) -> None:
    registry.set_alias("trial", 1)
    registry.set_alias("trial", 2)
    found = registry.by_alias("trial")
    assert found is not None
    assert found.number == 2
    registry.remove_alias("trial")
    assert registry.by_alias("trial") is None


@pytest.mark.parametrize("alias", ["latest", "v3", "not an alias"])
def test_reserved_and_broken_aliases_are_refused_with_those_that_exist(
    registry: Registry, alias: str
) -> None:
    registry.set_alias("trial", 1)
    with pytest.raises(RegistryError, match=rf"test-1003.*got '{alias}'.*'trial': 1"):
        registry.set_alias(alias, 1)


def test_unknown_versions_are_refused_with_those_that_exist(registry: Registry) -> None:
    with pytest.raises(RegistryError, match=r"among \[1, 2\], got 9"):
        registry.set_alias("trial", 9)


def test_a_versions_scorer_is_downloaded_whole_and_alone(
    registry: Registry, tmp_path: Path
) -> None:
    scorer = Scorer.load(registry.download_scorer(2, tmp_path))
    assert scorer.probabilities({"x": [2.0]})[0] == pytest.approx(1 / (1 + 2.718281828459045**2))
    assert {path.parts[-2] for path in tmp_path.rglob("*") if path.is_file()} == {"scorer"}
    model = registry.download_model(2, tmp_path / "model")
    assert (model / "MLmodel").is_file() and (model / "code").is_dir()


def test_a_reader_never_creates_the_tracking_database(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="expected a tracking database"):
        Registry(Home(tmp_path), NAME)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_does_not_exist_has_no_versions(home: Home) -> None:
    other = Registry(home, "other")
    assert other.versions() == []
    assert other.aliases() == {}
