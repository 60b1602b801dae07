"""The tracking database appears whole, whoever looks meanwhile."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hitcast.errors import RegistryError
from hitcast.models.database import make_database

MAKE = "import sys, pathlib; from hitcast.models.database import make_database as m; "
START = "sys.stdin.readline(); m(pathlib.Path(sys.argv[1]))"


def tables(file: Path) -> int:
    """How many tables a database has."""
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def test_a_database_is_whole_as_soon_as_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    command = [sys.executable, "-c", MAKE + START, str(file)]
    makers = [subprocess.Popen(command, stdin=subprocess.PIPE, text=True) for _ in range(2)]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("\n")
        maker.stdin.close()
    seen = 0
    while any(maker.poll() is None for maker in makers):
        seen = seen or (tables(file) if file.exists() else 0)
    assert [maker.wait() for maker in makers] == [0, 0]
    assert seen in (0, tables(file)) and tables(file) > 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlflow.db", "mlflow.db.lock"]


def test_what_a_killed_maker_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db.partial-1").write_bytes(b"half")
    make_database(tmp_path / "mlflow.db")
    assert not list(tmp_path.glob("*.partial-*")) and tables(tmp_path / "mlflow.db") > 20


def test_a_database_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"somebody's")
    make_database(tmp_path / "mlflow.db")
    assert (tmp_path / "mlflow.db").read_bytes() == b"somebody's"


@pytest.mark.parametrize("name", ["a%20b", "what?"])
def test_a_folder_that_mlflow_takes_for_another_is_refused_at_once(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(RegistryError, match="name another folder with --home"):
        make_database(tmp_path / name / "mlflow.db")
    assert not (tmp_path / name).exists()
