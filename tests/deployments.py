"""What tests of deployments share: a workspace with versions of a model, and no time to wait."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.models.endpoint import workspace as own_calls
from hitcast.models.endpoint.deployment import Deployment, Outcome
from hitcast.models.endpoint.questions import TYPES
from hitcast.models.endpoint.workspace import Served
from hitcast.models.registry import PRODUCTION, Registry
from hitcast.models.tracking import Tracker
from hitcast.running.home import Home
from tests.clocks import Clock, without_waiting
from tests.copies import new_home
from tests.serving_endpoints import ServingEndpoints, config_of
from tests.small_models import make_track_scorer
from tests.workspace import TOKEN, Workspace, workspace

MODEL, ENDPOINT = "main.music.spotify", "hitcast-test"
BIASES = (-0.5, -1.0, 0.3)
"""Of the versions 1, 2 and 3: their answers differ."""

Registered = tuple[Workspace, Home, dict[int, Path]]
"""A workspace, a home, and the scorers that were downloaded so far by version."""


@dataclass(frozen=True)
class Deployed:
    """A workspace with three versions of a model, none of them served."""

    workspace: Workspace
    home: Home
    use_case: UseCase
    clock: Clock

    @property
    def serving(self) -> ServingEndpoints:
        """The endpoints."""
        return self.workspace.serving

    @property
    def events(self) -> list[str]:
        """What happened to the endpoints."""
        return self.serving.events

    def promote(self, number: int) -> None:
        """Let the alias production name a version."""
        self.workspace.catalog.models[MODEL]["aliases"][PRODUCTION] = str(number)

    def serve(self, shares: dict[int, int], tags: dict[str, str] | None = None) -> None:
        """Let the endpoint serve versions already."""
        self.serving.start(ENDPOINT, config_of(MODEL, shares), tags)
        self.serving.finish(ENDPOINT)
        self.events.clear()

    def endpoint(self) -> dict[str, Any]:
        """What is known of the endpoint."""
        return self.serving.endpoints[ENDPOINT]

    def tag_of(self, number: int) -> str:
        """What a version says of its deployment."""
        tags = self.workspace.catalog.models[MODEL]["versions"][str(number)]["tags"]
        return str(tags.get("hitcast_deployment"))

    def bring(
        self, number: int, *, seconds: float = 1800, size: str = "Small", always_on: bool = False
    ) -> Outcome:
        """Let the endpoint serve a version."""
        registry, served = Registry(self.home, MODEL), Served(ENDPOINT, seconds)
        settings: dict[str, Any] = {"workload_size": size, "seconds": seconds}
        settings["always_on"] = always_on
        return Deployment(served, registry, self.use_case, **settings).bring(number)

    def words(self, *more: str) -> list[str]:
        """The command line of the job."""
        return [
            "--catalog", "main", "--schema", "music", "--home", str(self.home.folder),
            "--endpoint", ENDPOINT, *more,
        ]  # fmt: skip


@pytest.fixture(scope="session")
def registered(spotify: UseCase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    """A workspace whose Unity Catalog has three versions of the model."""
    folder = tmp_path_factory.mktemp("workspace")
    home = Home(new_home(folder / "home").folder, "main.music")
    with workspace(folder / "catalog") as found, pytest.MonkeyPatch.context() as patched:
        _sign_in(patched, found)
        registry = Registry(home, MODEL, create=True)
        tracker = Tracker(home, "spotify")
        example = {c.name: TYPES[c.type](c.example) for c in spotify.features}
        for place, bias in enumerate(BIASES):
            scorer = make_track_scorer(
                folder / str(place) / "scorer", spotify, bias, ("pop", "rock")
            )
            with tracker.run("train", {}) as run_id:
                uri = tracker.log_scorer(scorer, example, {})
            registry.register(uri, run_id, {"git_commit": f"c0ffee{place + 1}"})
        patched.undo()
        yield found, home, {}


@pytest.fixture
def deployed(
    registered: Registered,
    spotify: UseCase,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Deployed:
    """That workspace with no endpoint, version 1 in production, and time that passes at once."""
    # Not before somebody needs it: the SDK takes a second.
    import databricks.sdk.clock
    import databricks.sdk.service.serving

    found, home, downloads = registered
    _sign_in(monkeypatch, found)
    download = Registry.download_model

    # The package comes with each version: two seconds for what the first test has had already.
    def once(registry: Registry, number: int, folder: Path) -> Path:  # noqa: ARG001
        if number not in downloads:
            place = tmp_path_factory.mktemp(f"version-{number}")
            downloads[number] = download(registry, number, place)
        return downloads[number]

    monkeypatch.setattr(Registry, "download_model", once)
    found.serving = ServingEndpoints(found.catalog.folder)
    for version in found.catalog.models[MODEL]["versions"].values():
        version["tags"].pop("hitcast_deployment", None)
    modules = (databricks.sdk.clock, databricks.sdk.service.serving, own_calls)
    made = Deployed(found, home, spotify, without_waiting(monkeypatch, modules))
    made.promote(1)
    return made


def _sign_in(monkeypatch: pytest.MonkeyPatch, found: Workspace) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", found.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "databricks-uc")
