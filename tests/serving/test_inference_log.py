import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from serving import inference_log
from serving.inference_log import InferenceLog
from tests.conftest import ROOT


def log_in(folder: Path, *, max_bytes: int = 10**6, max_seconds: float = 1e6) -> InferenceLog:
    return InferenceLog(folder, max_bytes=max_bytes, max_seconds=max_seconds)


def lines(folder: Path) -> list[Any]:
    found = [path.read_text().splitlines() for path in sorted(folder.glob("*.jsonl*"))]
    return [json.loads(line) for part in found for line in part]


def names(folder: Path) -> list[str]:
    return sorted(path.name.split(".", 1)[1] for path in folder.iterdir())


def test_a_record_is_in_the_file_at_once(tmp_path: Path) -> None:
    log = log_in(tmp_path / "log")
    assert not (tmp_path / "log").exists()
    log.append({"row": 1})
    log.append({"row": 2})
    assert lines(tmp_path / "log") == [{"row": 1}, {"row": 2}]
    assert names(tmp_path / "log") == ["jsonl.open"]
    log.close()
    assert names(tmp_path / "log") == ["jsonl"]


def test_segments_are_closed_by_size_and_by_age(tmp_path: Path) -> None:
    log = log_in(tmp_path, max_bytes=20)
    for row in range(5):
        log.append({"row": row})
    assert names(tmp_path) == ["jsonl", "jsonl", "jsonl.open"]
    log = log_in(tmp_path, max_seconds=0)
    log.append({"row": 5})
    log.tick()
    assert names(tmp_path) == ["jsonl", "jsonl", "jsonl", "jsonl.open"]
    assert sorted(line["row"] for line in lines(tmp_path)) == [0, 1, 2, 3, 4, 5]


WRITER = """
import os, sys
from pathlib import Path
from serving.inference_log import InferenceLog
log = InferenceLog(Path(sys.argv[1]), max_bytes=10**6, max_seconds=1e6)
log.append({"row": 1})
os.write(log._file, b'{"row": ')
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
    log.append({"row": 1})
    (segment,) = tmp_path.iterdir()
    size = segment.stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        # The kernel lets files grow by three more bytes, then fails as a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 3, limits[1]))
        log.append({"row": 2})
        log.append({"row": 3})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert log.problem is not None
    assert log.lost == 2
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert segment.stat().st_size == size, "no half line is left"
    log.append({"row": 4})
    assert log.problem is None
    assert lines(tmp_path) == [{"row": 1}, {"row": 4}]


def test_a_folder_that_can_t_be_made_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file")
    log = log_in(tmp_path / "log")
    log.append({"row": 1})
    assert log.problem is not None
    assert "inference log is off" in log.problem
    os.unlink(tmp_path / "log")
