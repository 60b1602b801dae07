"""An archive of the classes that Spark's JVM loads, which it maps instead of reading jars again.

Half of what a job on few rows costs is loading and checking some 19,000 classes. Java can dump
them when a program ends; a JVM that is told of the archive uses it if its class path starts with
the same unchanged jars, and starts as ever where the archive is missing or of another Java.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

NAME = "classes.jsa"
SECONDS = 600
"""As long as set-up waits for the job at most."""
# What spark-submit opens to Spark and Delta; a job on one machine needs no more of it.
OPENED = ("java.lang", "java.lang.invoke", "java.nio", "java.util", "sun.nio.ch")


def defaults(spark_home: Path) -> dict[str, str]:
    """The settings of Spark that have a driver use the archive, where there is one.

    No class path with a folder of files in it, such as Spark's `conf`, can be archived. So the
    jars come before it; Java passes over a jar that comes again.
    """
    # Java tells on stdout, which is for a job's answer, that an archive does not fit.
    options = f'-XX:SharedArchiveFile="{spark_home / NAME}" -Xlog:cds*=off'
    return {
        "spark.driver.extraClassPath": f"{spark_home / 'jars'}/*",
        "spark.driver.extraJavaOptions": options,
    }


def build(java: str, spark_home: Path, script: Sequence[str]) -> str | None:
    """Run a job in a home of its own and keep the classes that it loaded.

    Args:
        java: The Java that Spark will run on; an archive fits no other.
        spark_home: Spark's folder, with all the jars that it will have.
        script: The job and its options; `--home` is added.

    Returns:
        Why there is none; None where there is one now. All can do without.
    """
    # Java crashes on an archive that is cut short: it gets its name when it is whole and on disk.
    partial = spark_home / f"{NAME}.{os.getpid()}"
    with tempfile.TemporaryDirectory() as home:
        command = [*_command(java, spark_home, partial), *script, "--home", home]
        try:
            done = subprocess.run(
                command,
                env=_environment(spark_home),
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
            problem = (
                (done.stderr.strip().splitlines() or ["no word"])[-1] if done.returncode else ""
            )
        except subprocess.TimeoutExpired:
            problem = f"the job took more than {SECONDS} s"
    if problem or not partial.is_file():
        partial.unlink(missing_ok=True)
        return problem or "Java wrote none"
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(spark_home / NAME)
    return None


def _environment(spark_home: Path) -> dict[str, str]:
    """This environment without what would lead the job to another Spark, Python or declaration."""
    elsewhere = ("SPARK_", "HITCAST_", "PYSPARK_", "MASTER")
    kept = {name: v for name, v in os.environ.items() if not name.startswith(elsewhere)}
    python = dict.fromkeys(("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"), sys.executable)
    return {**kept, **python, "SPARK_HOME": str(spark_home)}


def _command(java: str, spark_home: Path, archive: Path) -> list[str]:
    """What spark-submit would start, with nothing but jars on the class path."""
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    # The second compiler pays for itself in longer runs only.
    options = ["-Xmx1g", "-XX:+UseParallelGC", "-XX:TieredStopAtLevel=1"]
    return [
        java,
        *("-cp", f"{spark_home / 'jars'}/*"),
        *("--add-modules=jdk.incubator.vector", *opened, *options),
        f"-XX:ArchiveClassesAtExit={archive}",
        *("org.apache.spark.deploy.SparkSubmit", "--master", "local[*]"),
    ]
