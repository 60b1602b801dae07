"""Closed segments are brought whole to another folder, or to a volume, and are gone here then."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from hitcast.running.log_files import closed, delete_delivered, is_delivered
from serving.log import shipping
from serving.log.inference_log import InferenceLog
from serving.log.shipping import Shipper
from tests.workspace import workspace

BIG = 10**9


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with two closed segments and an open one."""
    folder = tmp_path / "inference_log"
    log = InferenceLog(folder, max_bytes=10, max_seconds=1e6, limit=BIG)
    for row in range(5):
        log.append(b'{"row":%d}\n' % row, 1)
        if row % 2:
            log.tick()
    log.keep_up()
    log.append(b'{"row":9}\n', 1)
    return folder


def rows(folder: Path) -> str:
    return "".join(file.read_text() for file in closed(folder))


def test_what_is_closed_is_copied_whole_under_its_name_and_marked(
    here: Path, tmp_path: Path
) -> None:
    there, expected = tmp_path / "there", rows(here)
    names = [file.name for file in closed(here)]
    assert Shipper(here, str(there)).ship() == len(names)
    assert sorted(os.listdir(there)) == names
    assert rows(there) == expected
    assert all(map(is_delivered, closed(here)))
    assert Shipper(here, str(there)).ship() == 0
    assert delete_delivered(here) == len(names)
    assert closed(here) == []


def test_a_segment_is_not_to_be_seen_there_before_it_is_whole(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(source: Path, place: Path) -> None:
        Path(place).write_bytes(Path(source).read_bytes()[:3])
        raise OSError("the disk is full")

    monkeypatch.setattr(shutil, "copyfile", half)
    shipper = Shipper(here, str(tmp_path / "there"))
    assert shipper.ship() == 0
    assert closed(tmp_path / "there") == []
    assert not any(map(is_delivered, closed(here)))
    assert shipper.problem and "the disk is full" in shipper.problem


def test_what_fails_is_told_once_and_tried_again_later(
    here: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []

    def send(segment: Path) -> None:
        tries.append(segment.name)
        if len(tries) < 3:
            raise ConnectionError("no way there")

    shipper = Shipper(here, "/there", send)
    count = len(closed(here))
    shipper.ship()
    shipper.ship()
    assert len(tries) == 1  # Not before its time.
    monkeypatch.setattr(shipping, "RETRY_SECONDS", 0.0)
    shipper._retry_at = 0.0
    shipper.ship()
    assert shipper.ship() == count
    assert shipper.problem is None
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "the inference log can't be sent to /there: no way there",
        "the inference log is sent to /there again",
    ]


def test_two_processes_do_not_send_at_once(here: Path) -> None:
    begun, go, sent = threading.Event(), threading.Event(), []

    def slowly(segment: Path) -> None:
        begun.set()
        assert go.wait(60)
        sent.append(segment.name)

    first = threading.Thread(target=Shipper(here, "/there", slowly).ship)
    first.start()
    assert begun.wait(60)
    assert Shipper(here, "/there", lambda segment: sent.append(segment.name)).ship() == 0
    go.set()
    first.join(60)
    assert sent == [file.name for file in closed(here)]


def test_a_volume_is_written_by_databricks_own_client(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, expected = "/Volumes/main/music/home/inference_log", rows(here)
    with workspace(tmp_path / "workspace") as found:
        monkeypatch.setenv("DATABRICKS_HOST", found.url)
        monkeypatch.setenv("DATABRICKS_CLIENT_ID", found.client[0])
        monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", found.client[1])
        assert Shipper(here, target).ship() == len(closed(here))
    assert rows(tmp_path / "workspace" / target[1:]) == expected


def test_without_a_workspace_the_log_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    log = InferenceLog(
        tmp_path / "log", max_bytes=1, max_seconds=1e6, limit=BIG, ship_to="/Volumes/a/b/c"
    )
    log.append(b'{"row":1}\n', 1)
    log.close()
    assert log.problem is None
    assert log.warning and log.warning.startswith("the inference log can't be sent to /Volumes/a")
    assert rows(tmp_path / "log") == '{"row":1}\n'


def test_the_last_segment_goes_when_the_api_ends(tmp_path: Path) -> None:
    log = InferenceLog(
        tmp_path / "log", max_bytes=BIG, max_seconds=1e6, limit=BIG, ship_to=str(tmp_path / "there")
    )
    log.append(b'{"row":1}\n', 1)
    log.ship()
    assert not (tmp_path / "there").exists()
    log.close()
    assert rows(tmp_path / "there") == '{"row":1}\n'


def test_a_folder_without_segments_is_not_made(tmp_path: Path) -> None:
    assert Shipper(tmp_path / "log", str(tmp_path / "there")).ship() == 0
    assert list(tmp_path.iterdir()) == []
