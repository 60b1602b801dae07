"""The studio as an app of Databricks starts it: its folder alone, by the command in app.yaml."""

import shutil
from pathlib import Path

import yaml

from tests.conftest import ROOT
from tests.jobs.commands import BIN, activated
from tests.servers import OPENER, free_port, running


def test_the_studio_starts_from_its_own_folder(tmp_path: Path) -> None:
    source = tmp_path / "source_code"
    shutil.copytree(ROOT / "frontend", source, ignore=shutil.ignore_patterns("__pycache__"))
    app = yaml.safe_load((source / "app.yaml").read_text())
    port = str(free_port())
    # Databricks puts the port into the command; there is no shell to do it.
    command = [word.replace("$DATABRICKS_APP_PORT", port) for word in app["command"]]
    assert port in command
    given = {item["name"]: item.get("value", "from-a-resource") for item in app["env"]}
    assert given["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"  # The platform guards it there.
    given["STREAMLIT_SERVER_ADDRESS"] = "127.0.0.1"
    url = f"http://127.0.0.1:{port}"
    environment = activated(HITCAST_API_URL="http://127.0.0.1:9", PYTHONPATH="", **given)
    command[0] = str(BIN / command[0])
    log = tmp_path / "studio.log"
    ping = f"{url}/_stcore/health"
    with running(command, ping, log=log, environment=environment, folder=source):
        with OPENER.open(url, timeout=10) as answer:
            assert b"<title>" in answer.read()
