"""Homes without the wait: with an empty tracking database, or copied from one with models."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from hitcast.models.connection import connect
from hitcast.running.home import Home

# What an API has left in a home is of that API alone.
LEFT_OUT = shutil.ignore_patterns(
    "mlflow.db*", "model_cache", "inference_log", "feedback_log", "experiment_log", "unit.key",
    "reports",
)  # fmt: skip


def new_home(folder: Path) -> Home:
    """A home whose tracking database is there and empty: MLflow takes over a second to make one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mlflow.db").write_bytes(_empty_database())
    return Home(folder)


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        connect(Home(Path(folder)), create=True)
        from mlflow import MlflowClient

        MlflowClient().search_experiments()
        return Path(folder, "mlflow.db").read_bytes()


def copy_home(source: Path, target: Path) -> Home:
    """A copy of a home's tables and models that shares nothing with it.

    MLflow keeps where artifacts are as absolute paths, in many columns; all of them follow.
    """
    shutil.copytree(source, target, ignore=LEFT_OUT, dirs_exist_ok=True)
    if not (source / "mlflow.db").is_file():
        return Home(target)
    partial = target / "partial.db"
    shutil.copy(source / "mlflow.db", partial)
    places = {"old": f"{source}/", "new": f"{target}/"}
    columns = """
        SELECT tables.name, columns.name FROM sqlite_master tables
        JOIN pragma_table_info(tables.name) columns
        WHERE tables.type = 'table' AND (columns.type LIKE '%CHAR%' OR columns.type = 'TEXT')
    """
    with closing(sqlite3.connect(partial)) as database, database:
        for table, column in database.execute(columns).fetchall():
            put = f'UPDATE "{table}" SET "{column}" = replace("{column}", :old, :new) '
            database.execute(put + f'WHERE instr("{column}", :old)', places)
    # Whole or not at all: an API may be looking already.
    partial.rename(target / "mlflow.db")
    return Home(target)
