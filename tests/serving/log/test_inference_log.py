import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hitcast.running.log_files import closed, is_delivered, mark_delivered
from serving.log import inference_log
from serving.log.inference_log import InferenceLog
from tests.conftest import ROOT


def log_in(
    folder: Path, *, max_bytes: int = 10**6, max_seconds: float = 1e6, limit: int = 10**9
) -> InferenceLog:
    return InferenceLog(folder, max_bytes=max_bytes, max_seconds=max_seconds, limit=limit)


def add(log: InferenceLog, row: int) -> None:
    log.append(b'{"row":%d}\n' % row, 1)


def lines(folder: Path) -> list[Any]:
    found = [path.read_text().splitlines() for path in sorted(folder.glob("*.jsonl*"))]
    return [json.loads(line) for part in found for line in part]


def names(folder: Path) -> list[str]:
    return sorted(path.name.split(".", 1)[1] for path in folder.iterdir())


def test_a_record_is_in_the_file_at_once(tmp_path: Path) -> None:
    log = log_in(tmp_path / "log")
    assert not (tmp_path / "log").exists()
    add(log, 1)
    add(log, 2)
    assert lines(tmp_path / "log") == [{"row": 1}, {"row": 2}]
    assert names(tmp_path / "log") == ["jsonl.open"]
    log.close()
    assert names(tmp_path / "log") == ["jsonl"]


def test_segments_are_closed_by_size_and_by_age(tmp_path: Path) -> None:
    log = log_in(tmp_path, max_bytes=20)
    for row in range(5):
        add(log, row)
    log.keep_up()
    assert names(tmp_path) == ["jsonl", "jsonl", "jsonl.open"]
    log = log_in(tmp_path, max_seconds=0)
    add(log, 5)
    log.tick()
    log.keep_up()
    assert names(tmp_path) == ["jsonl", "jsonl", "jsonl", "jsonl.open"]
    assert sorted(line["row"] for line in lines(tmp_path)) == [0, 1, 2, 3, 4, 5]


WRITER = """
import os, sys
from pathlib import Path
from serving.log.inference_log import InferenceLog
log = InferenceLog(Path(sys.argv[1]), max_bytes=10**6, max_seconds=1e6, limit=10**9)
log.append(b'{"row": 1}\\n', 1)
os.write(log._segment._file, b'{"row": ')
print("written", flush=True)
sys.stdin.read()
"""


def test_a_segment_is_adopted_once_its_writer_is_dead(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "written\n"
    log = log_in(tmp_path)
    assert log.adopt() == 0, "its writer lives"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert log.adopt() == 1
    assert names(tmp_path) == ["jsonl"]
    assert lines(tmp_path) == [{"row": 1}], "half a line was never answered"
    assert log.adopt() == 0


def test_a_full_disk_is_told_and_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(inference_log, "RETRY_SECONDS", 0.0)
    # The limit holds for the file that pytest keeps stderr in, too.
    monkeypatch.setattr(inference_log.logger, "handlers", [])
    monkeypatch.setattr(inference_log.logger, "propagate", True)
    log = log_in(tmp_path)
    add(log, 1)
    (segment,) = tmp_path.iterdir()
    size = segment.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        # The kernel lets files grow by three more bytes, then fails as a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 3, limits[1]))
        add(log, 2)
        add(log, 3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert log.problem is not None
    assert log.lost == 2
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert segment.stat().st_size == size, "no half line is left"
    add(log, 4)
    assert log.problem is None
    assert lines(tmp_path) == [{"row": 1}, {"row": 4}]


def test_a_folder_that_can_t_be_made_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file")
    log = log_in(tmp_path / "log")
    add(log, 1)
    assert log.problem is not None
    assert "inference log is off" in log.problem
    os.unlink(tmp_path / "log")


def test_what_was_written_is_on_disk_within_a_tick_and_before_a_segment_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def told(file: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{file}").removeprefix(str(tmp_path)))
        fsync(file)

    monkeypatch.setattr(os, "fsync", told)
    log = log_in(tmp_path)
    add(log, 1)
    (open_,) = (f"/{path.name}" for path in tmp_path.iterdir())
    for _ in range(3):
        log.keep_up()
    assert synced == [open_], "once: nothing was written since"
    add(log, 2)
    log.keep_up()
    assert synced == [open_] * 2
    log.close()
    # The file under its old name first, then the folder, which holds the new one.
    assert synced == [open_] * 3 + [""]
    assert names(tmp_path) == ["jsonl"]


def test_a_log_that_fills_up_is_told_before_it_stops(tmp_path: Path) -> None:
    log = log_in(tmp_path, limit=100)
    lost = []
    for row in range(12):
        add(log, row)
        lost.append((log.warning is not None, log.lost))
    assert lost[:8] == [(False, 0)] * 8
    assert lost[8:10] == [(True, 0)] * 2, "nine tenths are full"
    assert lost[10:] == [(True, 1), (True, 2)]
    assert "as much as it may" in str(log.warning)
    assert len(lines(tmp_path)) == 10


def test_segments_marked_as_delivered_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference_log, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(inference_log, "COUNT_SECONDS", 0.0)
    log = log_in(tmp_path, max_bytes=50, limit=100)
    for row in range(11):
        add(log, row)
    log.keep_up()
    assert log.lost == 1
    first, second = closed(tmp_path)
    mark_delivered(first)
    assert is_delivered(first)
    assert not is_delivered(second)
    log.keep_up()
    assert closed(tmp_path) == [second]
    assert log.folder_bytes == 50
    add(log, 11)
    assert log.problem is None
    assert [line["row"] for line in lines(tmp_path)] == [5, 6, 7, 8, 9, 11]


def test_a_segment_that_can_t_be_closed_now_is_closed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: int) -> None:
        raise OSError(5, "Input/output error")

    log = log_in(tmp_path, max_bytes=20)
    for row in range(2):
        add(log, row)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        log.keep_up()
        assert log.warning == "the inference log can't be put on disk: Input/output error"
        assert names(tmp_path) == ["jsonl.open"]
    log.keep_up()
    assert log.warning is None
    assert names(tmp_path) == ["jsonl"]


def test_a_delivered_segment_that_can_t_be_deleted_does_not_keep_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        segment = tmp_path / f"{name}.jsonl"
        segment.write_text("{}\n")
        mark_delivered(segment)
    unlink = Path.unlink

    def refusing(path: Path, **options: bool) -> None:
        if path.name == "b.jsonl":
            raise PermissionError(1, "Operation not permitted")
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", refusing)
    log = log_in(tmp_path)
    log.keep_up()
    assert [path.name for path in closed(tmp_path)] == ["b.jsonl"]
    assert log.folder_bytes == 3


def test_a_folder_that_was_removed_while_it_was_in_use_is_begun_anew(tmp_path: Path) -> None:
    log = log_in(tmp_path / "log")
    add(log, 1)
    shutil.rmtree(tmp_path / "log")
    log.tick()
    log.keep_up()
    add(log, 2)
    log.close()
    assert lines(tmp_path / "log") == [{"row": 2}]


def test_what_a_writer_left_before_its_file_had_a_name_is_deleted(tmp_path: Path) -> None:
    for name, age in ((".old.jsonl", 120), (".new.jsonl", 0)):
        (tmp_path / name).touch()
        then = time.time() - age
        os.utime(tmp_path / name, (then, then))
    log_in(tmp_path).adopt()
    assert [path.name for path in tmp_path.iterdir()] == [".new.jsonl"]


def test_what_was_collected_does_not_count_for_the_limit(tmp_path: Path) -> None:
    log = log_in(tmp_path, limit=100)
    (tmp_path / "collected").mkdir()
    (tmp_path / "collected" / "old.jsonl").write_bytes(b"x" * 1000)
    add(log, 1)
    log.keep_up()
    assert (log.folder_bytes, log.problem) == (len(b'{"row":1}\n'), None)
