"""What tests share: one Spark session, the use case, the real sample."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.running.session import get_session

ROOT = Path(__file__).resolve().parents[1]
# Homes and a training that tests of several folders share; each is made when the first one asks.
pytest_plugins = ["tests.homes", "tests.planted", "tests.deployments"]


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c() -> None:
    """Shells have what they start in the background ignore Ctrl-C; tests send it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _short_lived_jvms() -> None:
    """What tests start ends soon: Java's second compiler would take a third of its time."""
    os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `sessions` run on a classic session and on one over Spark Connect."""
    if "spark" in metafunc.fixturenames and metafunc.definition.get_closest_marker("sessions"):
        metafunc.parametrize("spark", ["classic", "connect"], indirect=True, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """PySpark's functions ask the environment which of the two they are for."""
    given = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    with pytest.MonkeyPatch.context() as patched:
        if given.get("spark") == "connect":
            patched.setenv("SPARK_CONNECT_MODE_ENABLED", "1")
        return (yield)


@pytest.fixture(scope="session")
def spark(request: pytest.FixtureRequest) -> SparkSession:
    """The session of a test: the classic one, but for tests that are marked `sessions`."""
    session: SparkSession = request.getfixturevalue(
        f"{getattr(request, 'param', 'classic')}_session"
    )
    return session


@pytest.fixture(scope="session")
def connect_session(classic_session: SparkSession) -> Iterator[Any]:
    """A session over Spark Connect, as serverless compute has; the server is in the same JVM."""
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    jvm: Any = classic_session._jvm
    service = getattr(jvm, "org.apache.spark.sql.connect.service.SparkConnectService$")
    address = f"sc://127.0.0.1:{getattr(service, 'MODULE$').localPort()}"
    session = ConnectSession.builder.remote(address).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def classic_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One session for all tests, made by the code that the jobs use."""
    # Small frames: one partition a shuffle, and a warehouse that goes with the tests.
    settings = {
        "spark.master": "local[2]",
        "spark.driver.memory": "3g",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": "0",
    }
    arguments = " ".join(f"--conf {key}={value}" for key, value in settings.items())
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"{arguments} pyspark-shell"
    # This one runs long enough for both compilers.
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("SPARK_SUBMIT_OPTS")
        # The server takes it from the JVM's environment.
        patched.setenv("PYSPARK_PYTHON", sys.executable)
        # Where the first test that needs it is one of the other session's.
        patched.delenv("SPARK_CONNECT_MODE_ENABLED", raising=False)
        session = get_session("tests")
    yield session
    session.stop()
    del os.environ["PYSPARK_SUBMIT_ARGS"]


@pytest.fixture(autouse=True)
def _clean_session(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no cached frame and no temporary view to the next test."""
    yield
    if "spark" in request.fixturenames:
        session: SparkSession = request.getfixturevalue("spark")
        session.catalog.clearCache()
        for table in session.catalog.listTables():
            if table.isTemporary:
                session.catalog.dropTempView(table.name)


@pytest.fixture(scope="session")
def spotify() -> UseCase:
    """The use case of the tracks."""
    return load_use_case("spotify", folder=ROOT / "conf")


def _at(variable: str, default: Path) -> Path:
    """Where real lines are; they are not committed, so tests of them are skipped without."""
    path = Path(os.environ.get(variable) or default)
    if not path.exists():
        pytest.skip(f"the real lines are not at {path}: set {variable}")
    return path


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real samples: HITCAST_SAMPLES, else shared/data beside the checkout."""
    return _at("HITCAST_SAMPLES", ROOT.parent / "shared/data")


@pytest.fixture(scope="session")
def sample_path() -> Path:
    """The tracks' real sample: HITCAST_SAMPLE, else spotify_sample.csv among the samples."""
    return _at("HITCAST_SAMPLE", ROOT.parent / "shared/data/spotify_sample.csv")
