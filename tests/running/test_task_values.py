import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from hitcast.running import task_values


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (task_values.FILE, "DATABRICKS_RUNTIME_VERSION"):
        monkeypatch.delenv(name, raising=False)


def test_a_rehearsals_file_takes_the_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ingest.json"
    monkeypatch.setenv(task_values.FILE, str(file))
    for key, value in (("changed", 0), ("version", 3), ("changed", 12)):
        task_values.leave(key, value)
    assert json.loads(file.read_text()) == {"changed": 12, "version": 3}


def test_on_databricks_they_are_the_jobs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    left: dict[str, object] = {}
    runtime = ModuleType("databricks.sdk.runtime")
    values = SimpleNamespace(set=lambda key, value: left.update({key: value}))
    runtime.dbutils = SimpleNamespace(jobs=SimpleNamespace(taskValues=values))  # type: ignore[attr-defined]
    for name in ("databricks", "databricks.sdk"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "databricks.sdk.runtime", runtime)
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    task_values.leave("changed", 12)
    assert left == {"changed": 12}


def test_elsewhere_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    task_values.leave("changed", 12)
    assert list(tmp_path.iterdir()) == []
