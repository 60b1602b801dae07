"""Metrics of several workers: where they are counted, and that it ends nobody."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from serving import sharing
from serving.sharing import FOLDER
from tests.conftest import ROOT

STARTED = """
import multiprocessing, os, sys
def work(found):
    import serving
    from serving.metrics import Metrics
    Metrics().scored(1, None, [0.5], [1])
    found.put((os.environ.get("PROMETHEUS_MULTIPROC_DIR"), os.getpid()))
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    workers = [context.Process(target=work, args=(found,)) for _ in range(2)]
    for worker in workers: worker.start()
    for worker in workers: print(*found.get())
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0, worker.exitcode
"""


def started(scratch: Path) -> list[list[str]]:
    """Folder and number of two processes that were started by one, with a temporary folder."""
    script = scratch / "started.py"
    script.write_text(STARTED)
    environment = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, text=True, capture_output=True, check=True
    )
    return [line.split() for line in done.stdout.splitlines()]


def test_processes_of_one_server_share_a_folder_that_the_next_server_deletes(
    tmp_path: Path,
) -> None:
    # Names that anybody may have made there harm nobody.
    for name in ("x-1", "99999999999999999999-1", "0" * 16 + "x"):
        (tmp_path / f"hitcast-metrics-{name}").mkdir()
    first = started(tmp_path)
    assert first[0][0] == first[1][0]
    files = sorted(path.name for path in Path(first[0][0]).glob("counter_*"))
    assert files == sorted(f"counter_{pid}.db" for _, pid in first)
    assert started(tmp_path)[0][0] != first[0][0]
    assert not Path(first[0][0]).exists()
    assert (tmp_path / "hitcast-metrics-x-1").exists()


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], str | None]:
    """Shares metrics as a process would that another has started."""
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object())
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(sharing, "_held", [])

    def share() -> str | None:
        sharing.share_metrics()
        return os.environ.pop(FOLDER, None)

    return share


def test_all_room_is_taken_at_the_start_and_without_it_each_worker_counts_alone(
    child: Callable[[], str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = child()
    assert place is not None
    sizes = {path.stat().st_blocks * 512 for path in Path(place).glob("*.db")}
    assert min(sizes) >= sharing.FILE_BYTES, "a page that is not there yet ends who writes it"

    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert child() is None


def test_without_a_temporary_folder_it_starts_all_the_same(
    child: Callable[[], str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    assert child() is None
