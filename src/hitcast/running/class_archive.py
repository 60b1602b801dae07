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
# What spark-submit opens to Spark and Delta; a job on one machine needs no more of it.
OPENED = ("java.lang", "java.lang.invoke", "java.nio", "java.util", "sun.nio.ch")


def defaults(spark_home: Path) -> dict[str, str]:
    """The settings of Spark that have a driver use the archive, where there is one.

    No class path with a folder of files in it, such as Spark's `conf`, can be archived. So the
    jars come before it; Java passes over a jar that comes again.
    """
    # Java tells on stdout, which is for a job's answer, that an archive does not fit.
    options = f"-XX:SharedArchiveFile={spark_home / NAME} -Xlog:cds*=off"
    return {
        "spark.driver.extraClassPath": f"{spark_home / 'jars'}/*",
        "spark.driver.extraJavaOptions": options,
    }


def build(java: str, spark_home: Path, script: Sequence[str]) -> bool:
    """Run a job in a home of its own and keep the classes that it loaded.

    Args:
        java: The Java that Spark will run on; an archive fits no other.
        spark_home: Spark's folder, with all the jars that it will have.
        script: The job and its options; `--home` is added.

    Returns:
        Whether there is an archive now: all can do without.
    """
    # Java may crash on an archive that is cut short: it gets its name when it is whole.
    partial = spark_home / f"{NAME}.part"
    partial.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [*_command(java, spark_home, partial), *script, "--home", home],
            env=os.environ | {"PYSPARK_PYTHON": sys.executable, "SPARK_HOME": str(spark_home)},
            capture_output=True,
            text=True,
        )
    if done.returncode or not partial.is_file():
        partial.unlink(missing_ok=True)
        return False
    partial.replace(spark_home / NAME)
    return True


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
        "org.apache.spark.deploy.SparkSubmit",
    ]
