import os
import signal
import subprocess
import sys
from pathlib import Path

from serving.versions.workers import SIZE, WORKERS, Mark, Report, bury, living
from tests.conftest import ROOT
from tests.serving.full_disk import files_may_grow_to

ONE = Report(alias="production", place="1-a")
OTHER = """
import sys
from pathlib import Path
from serving.versions.workers import Mark, Report
mark = Mark(Path(sys.argv[1]))
mark.tell(Report(alias="production", place="2-b", refused={"4-d": "other inputs"}))
print("told", flush=True)
sys.stdin.read()
"""


def test_a_worker_counts_while_it_lives_and_no_longer(tmp_path: Path) -> None:
    mine = Mark(tmp_path)
    mine.tell(ONE)
    pipe = subprocess.PIPE
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)], cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "told\n"
    (seen,) = mine.others()
    assert (seen.place, dict(seen.refused)) == ("2-b", {"4-d": "other inputs"})
    assert len(living(tmp_path)) == 2
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert mine.others() == []
    assert len(list((tmp_path / WORKERS).iterdir())) == 2, "the dead could not clear up"
    bury(tmp_path)
    mine.close()
    assert list((tmp_path / WORKERS).iterdir()) == []


def test_a_worker_follows_another_that_serves_the_same_by_the_same() -> None:
    assert ONE.follows(ONE)
    assert not Report(version=1, place="1-a").follows(ONE)
    assert not Report(alias="production", place="2-b").follows(ONE)
    assert not Report(alias="production", place="1-a", problem="being fetched").follows(ONE)


def test_what_a_worker_tells_later_needs_no_more_room(tmp_path: Path) -> None:
    one, other = Mark(tmp_path), Mark(tmp_path)
    one.tell(ONE)
    with files_may_grow_to(SIZE):
        one.tell(Report(alias="staging", place="2-b", refused={"9-i": "x" * SIZE}))
    (seen,) = other.others()
    assert (seen.alias, seen.place, seen.refused) == ("staging", "2-b", {}), "too long a list"
    assert os.path.getsize(living(tmp_path)[0][0]) == SIZE
