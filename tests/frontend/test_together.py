"""`python -m frontend`, which is how `make run` ends: API and studio, and one Ctrl-C for both."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.frontend.conftest import ADMIN
from tests.jobs.commands import BIN, activated
from tests.servers import OPENER, free_port, running
from tests.serving.conftest import wait_for
from tests.serving.following import followed

pytestmark = pytest.mark.slow


def is_open(port: int) -> bool:
    try:
        OPENER.open(f"http://127.0.0.1:{port}/", timeout=5).close()
    except ConnectionRefusedError:
        return False
    except OSError as error:
        return "refused" not in str(error)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_both(own_home: Path, tmp_path: Path, number: int) -> None:
    api, studio = free_port(), free_port()
    environment = activated(
        HITCAST_HOME=str(own_home), HITCAST_PORT=str(api), STREAMLIT_SERVER_PORT=str(studio),
        HITCAST_API_KEYS="secret", HITCAST_ADMIN_KEY=ADMIN,
    )  # fmt: skip
    command = [str(BIN / "python"), "-m", "frontend", "--try", "docs/track.json"]
    log, ping = tmp_path / "both.log", f"http://127.0.0.1:{studio}/_stcore/health"
    with (
        followed(own_home),
        running(command, ping, log=log, environment=environment, folder=ROOT) as both,
    ):
        addresses = f"the API is at http://127.0.0.1:{api}, the studio at http://127.0.0.1:{studio}"
        wait_for(lambda: addresses in log.read_text(), "both addresses")
        assert log.read_text().count('"probability"') == 2
        # A wait is told once, and its probes are not logged as refused.
        assert log.read_text().count("waiting for the API to load the model\n") == 1
        assert "/readyz" not in log.read_text()
        os.kill(both.pid, number)
        assert both.wait(30) == 0
    assert not is_open(api)
    assert not is_open(studio)


def test_one_that_ends_by_itself_takes_the_other_with_it(own_home: Path, tmp_path: Path) -> None:
    api, studio = free_port(), free_port()
    environment = activated(
        HITCAST_HOME=str(own_home), HITCAST_PORT=str(api), STREAMLIT_SERVER_PORT=str(studio)
    )
    # Somebody else has the studio's port.
    taken = [str(BIN / "python"), "-m", "http.server", str(studio), "--bind", "127.0.0.1"]
    log = tmp_path / "both.log"
    ping = f"http://127.0.0.1:{studio}/"
    other = tmp_path / "taken.log"
    with (
        followed(own_home),
        running(taken, ping, log=other, environment=environment, folder=tmp_path),
    ):
        command = [str(BIN / "python"), "-m", "frontend"]
        with log.open("wb") as out:
            both = subprocess.run(command, cwd=ROOT, env=environment, stderr=out, timeout=90)
    assert both.returncode == 1
    assert "error: the studio ended with status" in log.read_text()
    assert not is_open(api)
