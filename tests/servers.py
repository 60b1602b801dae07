"""Servers that tests start: on a free port of the loopback interface, ended by who started them."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import uvicorn

OPENER = build_opener(ProxyHandler({}))
"""Opens addresses without a proxy, whatever the environment names."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str],
    ping: str,
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path | None = None,
    patience: float = 300,
    pause: float = 0.1,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it begins when the address `ping` answers with 200.

    Args:
        command: What starts the server.
        ping: The address that shows it is up.
        log: Gets what the server prints; shown when it does not come up.
        environment: The server's environment variables, all of them.
        folder: Where the server runs.
        patience: Seconds to wait for the first answer.
        pause: Seconds between two tries.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait_for(
            ping, lambda: process.poll() is None, log.read_text, patience=patience, pause=pause
        )
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


@contextmanager
def hosted(app: Any, ping: str, port: int, *, alone: bool = False) -> Iterator[str]:
    """An ASGI app on a port, in a thread of this process; yields its address.

    Half a second where a process takes two; for what a process of its own has no part in. One that
    is `alone` starts nothing beside its calls.
    """
    url = f"http://127.0.0.1:{port}"
    lifespan: Any = "off" if alone else "auto"
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan=lifespan))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        _wait_for(url + ping, thread.is_alive, lambda: "the app ended", pause=0.02)
        yield url
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), f"expected the app at {url} to end within 30 s"


def _wait_for(
    ping: str,
    lives: Callable[[], bool],
    told: Callable[[], str],
    *,
    patience: float = 300,
    pause: float = 0.1,
) -> None:
    """Wait until an address answers with 200."""
    deadline = time.monotonic() + patience
    while True:
        try:
            OPENER.open(ping, timeout=5).close()
            return
        except (URLError, OSError):
            assert lives(), told()
            assert time.monotonic() < deadline, told()
            time.sleep(pause)


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server in this process that answers by `handler`; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def studio_at(api: str, log: Path, environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """The studio on an API, as users start it; yields its address. For the rest see `running`."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    # The command itself, because `python -m` would put the working directory on the path.
    streamlit = str(Path(sys.executable).with_name("streamlit"))
    command = [streamlit, "run", "frontend/app.py", "--server.port", str(port)]
    given = {**environment, "HITCAST_API_URL": api}
    ping = f"{url}/_stcore/health"
    with running(command, ping, log=log, environment=given, folder=folder):
        yield url


@contextmanager
def api_and_studio(
    home: Path, scratch: Path, environment: Mapping[str, str], folder: Path, **more: str
) -> Iterator[tuple[str, str]]:
    """The API on a home and the studio on that API, each as users start it; yields their addresses.

    Args:
        home: Holds the model that is served.
        scratch: Gets what they print.
        environment: As for `running`; `more` is added to it.
        folder: The project's root.
        more: Further environment variables.
    """
    api = f"http://127.0.0.1:{(port := free_port())}"
    given = {**environment, "HITCAST_HOME": str(home), "HITCAST_PORT": str(port), **more}
    command, log = [sys.executable, "-m", "serving"], scratch / "servers.log"
    with (
        running(command, f"{api}/readyz", log=log, environment=given, folder=folder),
        studio_at(api, log, given, folder) as studio,
    ):
        yield api, studio


@contextmanager
def mlflow_serving(
    model: str, *, log: Path, environment: Mapping[str, str], manager: str = "local"
) -> Iterator[str]:
    """`mlflow models serve` on a model, without a JVM within reach; yields its address."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = ["mlflow", "models", "serve", "-m", model, "--env-manager", manager]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    hidden = {**environment, "JAVA_HOME": "/nowhere"}
    with running(command, f"{url}/ping", log=log, environment=hidden, folder=log.parent):
        yield url
