"""Runs the API and the studio together: `python -m frontend [--try FILE]`; Ctrl-C ends both."""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from dotenv import dotenv_values

FOLDER = Path(__file__).resolve().parent
PATIENCE_SECONDS = 60
GRACE_SECONDS = 15


class StoppedError(Exception):
    """Somebody asked for the end, by Ctrl-C or SIGTERM."""


def main() -> int:
    """Start both, say where they are, and wait until one ends or somebody ends them.

    Returns:
        The exit status: 0 after Ctrl-C or SIGTERM, 1 if one of the two ended by itself.
    """
    options = argparse.ArgumentParser(prog="python -m frontend", description=__doc__)
    options.add_argument(
        "--try", type=Path, dest="rows", metavar="FILE",
        help="once the API is ready, ask it about the rows under dataframe_records in this file",
    )  # fmt: skip
    given = options.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    # What the API itself reads, so that the studio finds it.
    settings = {**dotenv_values(".env"), **os.environ}
    api = f"http://{settings.get('HITCAST_HOST', '127.0.0.1')}:{settings.get('HITCAST_PORT', 8000)}"
    port = settings.get("STREAMLIT_SERVER_PORT") or "8501"
    key, kept = studio_key(settings)
    words = ["streamlit", "run", str(FOLDER / "app.py"), "--server.port", port]
    more = {"HITCAST_API_URL": api, **({"HITCAST_API_KEY": key} if key else {})}
    both = {"API": _start(["serving"], kept), "studio": _start(words, more)}
    studio = f"http://127.0.0.1:{port}"
    try:
        _wait(both, lambda: _answers(f"{api}/readyz"), "the API to load the model")
        if given.rows is not None:
            _ask(api, key, json.loads(given.rows.read_text())["dataframe_records"])
        _wait(both, lambda: _answers(f"{studio}/_stcore/health"), "the studio to start")
        _say(f"the API is at {api}, the studio at {studio}; Ctrl-C ends both")
        _wait(both, lambda: False)
    except StoppedError:
        pass
    finally:
        _end(both)
    return 0


def studio_key(settings: Mapping[str, str | None]) -> tuple[str, dict[str, str]]:
    """The key that the studio sends, and what the API has to be told of it.

    Where there is an admin key, naming a version needs a key, and the studio compares versions. It
    gets one for this run: the admin key itself is for those who type it.
    """
    key = settings.get("HITCAST_API_KEY") or (settings.get("HITCAST_API_KEYS") or "").split(",")[0]
    known = settings.get("HITCAST_VERSION_KEYS") or ""
    if key or not (known or settings.get("HITCAST_ADMIN_KEY")):
        return key, {}
    key = secrets.token_hex(16)
    return key, {"HITCAST_VERSION_KEYS": ",".join(filter(None, (known, key)))}


def _stop(*_: object) -> None:
    raise StoppedError


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _start(words: Sequence[str], more: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **more})


def _wait(
    both: Mapping[str, subprocess.Popen[bytes]],
    holds: Callable[[], bool],
    what: str | None = None,
) -> None:
    """Wait until something holds; a process that ends meanwhile ends all.

    Args:
        both: The processes, by what they are called.
        holds: Asked five times a second.
        what: What is waited for, said once; time is up after a minute. None: wait for ever.
    """
    begun, said = time.monotonic(), False
    while not holds() and (what is None or time.monotonic() - begun < PATIENCE_SECONDS):
        if what is not None and not said:
            said = True
            _say(f"waiting for {what}")
        for name, process in both.items():
            if process.poll() is not None:
                _say(f"error: the {name} ended with status {process.returncode}; see above")
                raise SystemExit(1)
        time.sleep(0.2)


def _answers(address: str) -> bool:
    try:
        return _session().get(address, timeout=5).ok
    except requests.RequestException:
        return False


def _ask(api: str, key: str, rows: list[Any]) -> None:
    """Print the API's answers on stdout."""
    headers = {"X-API-Key": key} if key else {}
    for row in rows:
        asked = f"{api}/predict?detail=true"
        answer = _session().post(asked, json=row, headers=headers, timeout=10)
        print(answer.text, flush=True)  # noqa: T201 - what the option is for


def _session() -> requests.Session:
    """Asks without a proxy, whatever the environment names: both are on this machine."""
    found = requests.Session()
    found.trust_env = False
    return found


def _end(both: Mapping[str, subprocess.Popen[bytes]]) -> None:
    # Ctrl-C has reached them too, if it came from a terminal: once more does no harm.
    for process in both.values():
        process.terminate()
    for process in both.values():
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
