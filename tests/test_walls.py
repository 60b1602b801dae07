"""Who may import whom: rooms in their order, MLflow and Spark behind their walls.

Imports are read from the source, those inside functions and under TYPE_CHECKING too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "src/hitcast"
ROOMS = (
    "errors", "declaration", "running", "tables", "sources", "ingest", "features", "portable",
    "models", "training", "experiments", "exploring",
)  # fmt: skip
"""A room imports from itself and from those before it."""
MAY_IMPORT = {
    # Distribution: the places below the root that may import it.
    "mlflow": ("src/hitcast/models/", "src/hitcast/portable/pyfunc.py"),
    "pyspark": ("src/hitcast/", "jobs/", "notebooks/"),
    "databricks.bundles": ("rehearsal/",),
    "rehearsal": ("rehearsal/",),
    "benchmarks": ("benchmarks/",),
    "jobs": (),
    "deploy": (),
}
SCORER = ("src/hitcast/portable/scorer.py", "src/hitcast/portable/card.py")
SCORER_NEEDS = {"numpy", "onnxruntime", "hitcast"}
PLACES = ("src", "deploy", "jobs", "serving", "frontend", "rehearsal", "notebooks", "benchmarks")
MODULES = sorted(path for place in PLACES for path in (ROOT / place).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The full name of each module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            # `from hitcast import errors` names a module too.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    """Whether a module is a package or in it."""
    return name == package or name.startswith(f"{package}.")


def test_every_room_has_its_place_in_the_order() -> None:
    found = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert found - {"__init__"} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_from_none_above_it(room: str) -> None:
    files = [PACKAGE / f"{room}.py"] if room == "errors" else sorted((PACKAGE / room).rglob("*.py"))
    assert files
    above = ROOMS[ROOMS.index(room) + 1 :]
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imported(path)
        if any(within(name, f"hitcast.{other}") for other in above)
        or any(within(name, other) for other in ("serving", "frontend", "tests"))
    ]
    assert wrong == []


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_is_imported_only_where_it_may_be(package: str) -> None:
    places = MAY_IMPORT[package]
    users = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if any(within(name, package) for name in imported(path))
    }
    wrong = {user for user in users if not user.startswith(places)}
    # Benchmarks measure peers, so they import what they please.
    assert not {user for user in wrong if not user.startswith("benchmarks/")}


def test_what_serves_loads_neither_spark_nor_mlflow_by_whatever_way() -> None:
    code = "import sys, serving.main; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"pyspark", "delta", "mlflow", "pandas"} & set(loaded.split())


@pytest.mark.parametrize("module", SCORER)
def test_the_scorer_needs_numpy_and_onnxruntime_alone(module: str) -> None:
    needed = {name.split(".")[0] for name in imported(ROOT / module)}
    assert needed - SCORER_NEEDS <= set(sys.stdlib_module_names)
