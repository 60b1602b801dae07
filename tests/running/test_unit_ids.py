"""Ids of units as the log holds them, and the key that they are hashed with."""

import errno
import os
import re
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hitcast.errors import EnvironmentSetupError
from hitcast.running.home import Home
from hitcast.running.unit_ids import VARIABLE, fingerprint, hashed, key_of, known_key
from tests.conftest import ROOT

KEY = """
import sys, time
from pathlib import Path
from hitcast.running.home import Home
from hitcast.running.unit_ids import key_of
time.sleep(max(0.0, float(sys.argv[2]) - time.time()))
print(key_of(Home(Path(sys.argv[1]))).decode())
"""


@pytest.fixture(autouse=True)
def _no_key_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_an_id_is_half_of_the_hash_that_rfc_4231_has_for_its_text() -> None:
    # Test case 2: HMAC-SHA-256 is 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843.
    found = hashed(b"Jefe", "what do ya want for nothing?")
    assert found == "5bdcc146bf60754e6a042426089575c7"


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert known_key(home) is None and not home.folder.exists()
    key = key_of(home)
    assert len(key) == 64 and key_of(home) == known_key(home) == key
    assert stat.S_IMODE(home.unit_key.stat().st_mode) == 0o600
    assert [path.name for path in home.folder.iterdir()] == ["unit.key"]
    assert key_of(Home(tmp_path / "other")) != key


def test_processes_that_make_it_at_once_get_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KEY, str(tmp_path), str(time.time() + 1.5)]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    keys = {process.communicate()[0].strip() for process in started}
    assert keys == {key_of(Home(tmp_path)).decode()}


def test_the_variable_wins_and_takes_what_the_file_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    key = key_of(home)
    monkeypatch.setenv(VARIABLE, home.unit_key.read_text())
    assert key_of(Home(tmp_path / "elsewhere")) == key
    monkeypatch.setenv(VARIABLE, "another")
    assert key_of(home) == known_key(home) == b"another"
    assert not (tmp_path / "elsewhere").exists()


def test_where_files_can_not_be_linked_processes_at_once_get_one_key_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "link", refuse)
    home = Home(tmp_path)
    key = key_of(home)
    assert len(key) == 64 and stat.S_IMODE(home.unit_key.stat().st_mode) == 0o600
    assert [path.name for path in home.folder.iterdir()] == ["unit.key"]
    home.unit_key.unlink()

    def make(_: int) -> bytes:
        return key_of(home)

    with ThreadPoolExecutor(8) as pool:
        (found,) = set(pool.map(make, range(8)))
    assert found == home.unit_key.read_bytes().strip() != key
    # Another process has made the file, and is about to write it.
    home.unit_key.write_text("")
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(key_of, home)
        time.sleep(0.1)
        home.unit_key.write_bytes(key)
        assert late.result() == key


def test_a_key_is_known_again_by_its_fingerprint() -> None:
    found = {fingerprint(key) for key in (b"one", b"one", b"another")}
    assert len(found) == 2 and all(re.fullmatch("[0-9a-f]{8}", each) for each in found)


def test_a_key_that_can_not_be_used_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.unit_key.write_text("\n")
    os.utime(home.unit_key, (1, 1))
    with pytest.raises(EnvironmentSetupError, match="found an empty file; put back the key"):
        key_of(home)
    home.unit_key.unlink()
    home.unit_key.mkdir()
    with pytest.raises(EnvironmentSetupError, match="run as the user who owns it"):
        key_of(home)
