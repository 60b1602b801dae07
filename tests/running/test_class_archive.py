import shlex
import subprocess
from pathlib import Path

import pyspark
import pytest
from pyspark.sql import SparkSession

from hitcast.running import class_archive
from hitcast.running.environment import java

SPARK_HOME = Path(pyspark.__file__).resolve().parent


def fake_java(folder: Path, does: str) -> str:
    """A java that does what a line of shell says; `$archive` is the file that it should write."""
    java = folder / "java"
    java.write_text(
        '#!/bin/sh\nfor a; do case "$a" in -XX:ArchiveClassesAtExit=*) archive="${a#*=}";; esac; '
        f"done\n{does}\n"
    )
    java.chmod(0o755)
    return str(java)


def test_java_takes_the_archive_that_set_up_made() -> None:
    archive = f"-XX:SharedArchiveFile={SPARK_HOME / class_archive.NAME}"
    # With -Xshare:on Java does not start unless it can use the archive.
    command = [java(), "-Xshare:on", archive, "-cp", f"{SPARK_HOME / 'jars'}/*", "-version"]
    done = subprocess.run(command, capture_output=True, text=True)
    anew = "for another Java or other jars: rm .venv/set-up.done && make setup"
    assert done.returncode == 0, f"{anew}\n{done.stdout}{done.stderr}"
    assert (SPARK_HOME / class_archive.NAME).is_file()


@pytest.mark.spark
def test_a_session_maps_the_archive_and_has_its_jars_first(spark: SparkSession) -> None:
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    arguments = jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()
    assert f"-XX:SharedArchiveFile={SPARK_HOME / class_archive.NAME}" in list(arguments)
    first = str(jvm.java.lang.System.getProperty("java.class.path")).split(":")[0]
    assert Path(first).parent == SPARK_HOME / "jars"


def test_an_archive_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    whole = fake_java(tmp_path, 'echo "$@" > "$archive"')
    assert class_archive.build(whole, tmp_path, ["job.py", "--twin", "5"]) is None
    told = (tmp_path / class_archive.NAME).read_text()
    assert f"-cp {tmp_path}/jars/* " in told
    assert "SparkSubmit --master local[*] job.py --twin 5 --home /" in told
    assert [p.name for p in tmp_path.glob("classes*")] == [class_archive.NAME]


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ('echo half > "$archive"; echo first >&2; echo why >&2; exit 1', "why"),
        ("exit 0", "Java wrote none"),
        ('test -z "$SPARK_CONF_DIR$HITCAST_HOME$MASTER" || exit 1', "Java wrote none"),
    ],
)
def test_a_java_that_makes_no_archive_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, told: str
) -> None:
    for name in ("SPARK_CONF_DIR", "HITCAST_HOME", "MASTER"):
        monkeypatch.setenv(name, "/elsewhere")
    (tmp_path / class_archive.NAME).write_text("before")
    assert class_archive.build(fake_java(tmp_path, does), tmp_path, ["job.py"]) == told
    assert (tmp_path / class_archive.NAME).read_text() == "before"
    assert [p.name for p in tmp_path.glob("classes*")] == [class_archive.NAME]


@pytest.mark.parametrize("spark_home", [SPARK_HOME, Path("/nowhere")])
def test_java_starts_where_no_archive_fits_and_says_nothing_of_it(
    spark_home: Path, tmp_path: Path
) -> None:
    # Set-up's own options, with the jars of somebody's `--driver-class-path` in place of Spark's.
    options = shlex.split(class_archive.defaults(spark_home)["spark.driver.extraJavaOptions"])
    command = [java(), *options, "-cp", str(tmp_path), "-version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert (done.stdout, "jsa" in done.stderr) == ("", False)


def test_a_place_with_a_space_stays_one_word_of_javas_options() -> None:
    place = Path("/my projects/spark")
    options = class_archive.defaults(place)["spark.driver.extraJavaOptions"]
    assert f"-XX:SharedArchiveFile={place / class_archive.NAME}" in shlex.split(options)
