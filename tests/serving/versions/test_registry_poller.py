from pathlib import Path

from mlflow import MlflowClient

from hitcast.running.home import Home
from serving.versions.registry_poller import RegistryPoller
from serving.versions.snapshot import Snapshot


def test_an_emptied_registry_takes_nothing_away(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    poller = RegistryPoller(home, "spotify", folder)
    poller.look()
    before = Snapshot.load(folder)
    assert (sorted(before.versions), before.problem) == ([1, 2, 3], None)
    client(home).delete_registered_model("spotify")
    poller.look()
    after = Snapshot.load(folder)
    assert (after.versions, after.aliases) == (before.versions, before.aliases)
    assert after.problem == "the registry has no version of spotify any more"


def test_a_deleted_version_is_gone(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    poller = RegistryPoller(home, "spotify", folder)
    poller.look()
    client(home).delete_model_version("spotify", "3")
    poller.look()
    after = Snapshot.load(folder)
    assert (sorted(after.versions), after.problem) == ([1, 2], None)


def client(home: Home) -> MlflowClient:
    return MlflowClient(home.tracking_uri, home.tracking_uri)
