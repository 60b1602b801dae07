import os
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

from hitcast.errors import EnvironmentSetupError
from hitcast.running import environment


def fake_java(folder: Path, told: str) -> Path:
    """A JAVA_HOME whose java says `told` about its version."""
    java = folder / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho '{told}' >&2\n")
    java.chmod(0o755)
    return folder


def test_the_machines_java_is_accepted() -> None:
    assert environment.check_java() in (17, 21)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ('openjdk version "11.0.20" 2023-07-18', "Java 11"),
        ('java version "1.8.0_391"', "Java 8"),
        ('openjdk version "25" 2025-09-16', "Java 25"),
        ("something else", "Java ?"),
    ],
)
def test_a_java_that_spark_does_not_run_on_is_refused_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, found: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path, told)))
    with pytest.raises(EnvironmentSetupError) as refused:
        environment.check_java()
    assert f"expected Java 17 or 21, found {found};" in str(refused.value)
    assert "apt-get install openjdk-17-jre-headless" in str(refused.value)


def test_no_java_is_told_in_one_line_before_anything_is_installed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "hitcast.running.environment", "java"],
        env={"PATH": str(tmp_path), "PYTHONPATH": str(Path(environment.__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: expected Java 17 or 21, found none at PATH")
    assert done.stderr.count("\n") == 1


def test_the_driver_gets_half_of_the_memory_within_bounds() -> None:
    assert 2 <= environment.driver_memory_gib() <= 5


def test_all_jars_are_there_so_nothing_is_fetched() -> None:
    assert environment.bring_jars(Path(pyspark.__file__).parent / "jars") == []


def test_sparks_defaults_are_written(tmp_path: Path) -> None:
    environment.write_defaults(tmp_path / "conf")
    text = (tmp_path / "conf" / "spark-defaults.conf").read_text()
    assert f"spark.driver.memory {environment.driver_memory_gib()}g\n" in text


@pytest.mark.slow
def test_missing_and_damaged_jars_are_fetched_and_an_offline_machine_is_told(
    tmp_path: Path,
) -> None:
    """In a process of its own, as set-up needs a session of its own."""
    (tmp_path / "delta-storage-4.4.0.jar").write_bytes(b"damaged")
    code = (
        "import pathlib, sys; from hitcast.running import environment as e;"
        "print(sorted(e.bring_jars(pathlib.Path(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.jar"))) == 7
    assert "delta-storage-4.4.0.jar" in done.stdout
    assert environment.bring_jars(tmp_path) == []
