"""Homes with a small model, APIs on them, and the studio on those APIs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from client import Client
from hitcast.declaration.use_case import UseCase
from serving.main import create_app
from tests.conftest import ROOT
from tests.copies import copy_home
from tests.frontend.homes import make_home
from tests.jobs.commands import BIN, activated
from tests.placed import small_app
from tests.servers import free_port, hosted, running
from tests.serving.conftest import settings_of
from tests.serving.following import followed

ADMIN = "open-sesame"
STUDIO = "compares-versions"


@dataclass(frozen=True)
class Api:
    """A running API: its address, its home, its process where it has one of its own."""

    url: str
    home: Path
    pid: int = 0

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rsplit(":", 1)[1])


StartApi = Callable[..., AbstractContextManager[Api]]


@contextmanager
def api_on(home: Path, port: int = 0, **settings: str) -> Iterator[Api]:
    """An API on a home, in this process, ready to predict unless the home is empty."""
    given = {"home": str(home), "admin_key": ADMIN, "version_keys": STUDIO, **settings}
    ping = "/readyz" if (home / "mlflow.db").exists() else "/livez"
    app = create_app(settings_of(**given))
    with followed(home), hosted(app, ping, port or free_port()) as url:
        yield Api(url, home)


@contextmanager
def process_on(home: Path, log: Path) -> Iterator[Api]:
    """An API process on a home with models, as users start it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(BIN / "uvicorn"), "serving.main:app", "--port", str(port)]
    given = activated(HITCAST_HOME=str(home), HITCAST_ADMIN_KEY=ADMIN, HITCAST_VERSION_KEYS=STUDIO)
    with (
        followed(home),
        running(command, f"{url}/readyz", log=log, environment=given, folder=ROOT) as process,
    ):
        yield Api(url, home, process.pid)


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory, spotify: UseCase) -> Path:
    """A home that tests only read."""
    return make_home(tmp_path_factory.mktemp("studio"), spotify).folder


@pytest.fixture
def own_home(small_home: Path, tmp_path: Path) -> Path:
    """A copy of the home, for a test that switches what is served."""
    return copy_home(small_home, tmp_path / "home").folder


@pytest.fixture(scope="package")
def shared_api(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for the tests that leave it as it is."""
    with process_on(small_home, tmp_path_factory.mktemp("log") / "api.log") as found:
        yield found


@pytest.fixture
def start_api() -> StartApi:
    """Starts an API for one test, on a home and with settings of its own."""
    return api_on


@pytest.fixture
def own_process(own_home: Path, tmp_path: Path) -> Iterator[Api]:
    """An API process that may be halted or killed."""
    with process_on(own_home, tmp_path / "api.log") as found:
        yield found


@pytest.fixture
def own_api(own_home: Path) -> Iterator[Api]:
    """An API whose served version may be switched."""
    with api_on(own_home) as found:
        yield found


@pytest.fixture
def studio(shared_api: Api, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio on the shared API, not run yet."""
    return studio_on(shared_api.url, monkeypatch)


@contextmanager
def apis_of(
    use_cases: Sequence[UseCase], folders: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """An API with a small scorer for each use case, in this process: their addresses by name."""
    with ExitStack() as stack:
        yield {
            use_case.name: stack.enter_context(
                hosted(
                    small_app(folders.mktemp(use_case.name), use_case), "/livez", free_port(),
                    alone=True,
                )
            )
            for use_case in use_cases
        }  # fmt: skip


def studio_on(url: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio on an API, not run yet."""
    monkeypatch.setenv("HITCAST_API_URL", url)
    monkeypatch.setenv("HITCAST_API_KEY", STUDIO)
    page = AppTest.from_file(str(ROOT / "frontend/app.py"), default_timeout=30)
    # Else it looks for components in all installed packages, 0.4 s a page; the studio has none.
    page._bidi_component_manager = BidiComponentManager()
    return page


@pytest.fixture
def client(shared_api: Api) -> Client:
    """A client of the shared API."""
    return Client(shared_api.url, STUDIO)
