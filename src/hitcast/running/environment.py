"""Set-up of the machine: checks Java, brings Delta's jars and Spark's defaults into pyspark.

The jars have to lie where Spark looks before its JVM starts, or plain `spark-submit` would not
know Delta. They come by Maven coordinates through the Ivy that Spark ships, once; after that
everything works offline. Run as `python -m hitcast.running.environment java|spark|classes JOB…`;
`java` needs nothing but Python's own library, so that it can tell what is missing before anything
is installed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from hitcast.errors import EnvironmentSetupError
from hitcast.running import class_archive

JAVA_VERSIONS = (17, 21)
JARS = Path(__file__).with_name("delta_jars.lock")
"""Lines of `group:artifact:version sha256`: what Delta needs and Spark does not have already."""
LOGGING = """\
# Written by set-up: Spark's own warnings would drown the jobs' progress and their one-line errors.
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex
"""


def check_java() -> int:
    """Return the major version of the Java that Spark would use.

    Raises:
        EnvironmentSetupError: if there is none, or Spark does not run on it.
    """
    advice = (
        "install Java 17 or 21 (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: "
        "brew install openjdk@21; elsewhere: Temurin 21) and set JAVA_HOME or PATH to it"
    )
    try:
        told = subprocess.run([java(), "-version"], capture_output=True, text=True).stderr
    except OSError:
        place = java() if os.environ.get("JAVA_HOME") else "PATH"
        raise EnvironmentSetupError(
            f"expected Java 17 or 21, found none at {place}; {advice}"
        ) from None
    match = re.search(r'version "(?:1\.)?(\d+)', told)
    version = int(match[1]) if match else 0
    if version not in JAVA_VERSIONS:
        raise EnvironmentSetupError(
            f"expected Java 17 or 21, found Java {version or '?'}; {advice}"
        )
    return version


def java() -> str:
    """The Java that Spark would use."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", "java")) if home else shutil.which("java") or "java"


def driver_memory_gib() -> int:
    """Half of the machine's memory, between 2 and 5 GiB: enough for a million rows.

    Java takes what it is given: with 8, a training on a million rows took 6.5 GiB together with
    Python's workers, with 5 it takes 5.4.
    """
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(2, min(5, total // 2**31))


def find_spark() -> Path:
    """The folder of the Spark that Python would import."""
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise EnvironmentSetupError("expected the package pyspark, found none; run make setup")
    return Path(found.origin).resolve().parent


def java_options(spark_home: Path) -> str:
    """What a driver's Java is given; whoever gives it more has to repeat these."""
    shared = class_archive.defaults(spark_home)["spark.driver.extraJavaOptions"]
    # On few cores it took 8 % less time than G1 for an ingest of a million rows.
    return f"{shared} -XX:+UseParallelGC"


def write_defaults(conf: Path) -> None:
    """Write Spark's defaults into the folder `conf`.

    A builder's `spark.driver.memory` comes too late under `spark-submit`, whose JVM runs already;
    this file is read before, and by `python jobs/…` too.
    """
    settings = {
        "spark.driver.memory": f"{driver_memory_gib()}g",
        "spark.ui.showConsoleProgress": "false",
        **class_archive.defaults(conf.parent),
        "spark.driver.extraJavaOptions": java_options(conf.parent),
    }
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "spark-defaults.conf").write_text(
        "# Written by set-up. Options of spark-submit win over these.\n"
        + "".join(f"{key} {value}\n" for key, value in settings.items())
    )
    (conf / "log4j2.properties").write_text(LOGGING)


def bring_jars(folder: Path) -> list[str]:
    """Put the jars of `delta_jars.lock` into `folder`, those that are not there yet.

    Returns:
        The names of the jars that were fetched; empty where all were there.

    Raises:
        EnvironmentSetupError: if a jar can't be fetched, or is not the one that was locked.
    """
    wanted = dict(line.split() for line in JARS.read_text().splitlines())
    missing = {c: h for c, h in wanted.items() if _sha256(folder / _file_name(c)) != h}
    if not missing:
        return []
    with tempfile.TemporaryDirectory() as cache:
        _fetch(list(missing), Path(cache))
        for coordinate, sha256 in missing.items():
            found = Path(cache, "jars", coordinate.split(":")[0] + "_" + _file_name(coordinate))
            if _sha256(found) != sha256:
                raise EnvironmentSetupError(
                    f"expected {coordinate} with sha256 {sha256}, got {_sha256(found)}; "
                    "check the network's Maven mirror, then run make setup again"
                )
            partial = folder / (_file_name(coordinate) + ".part")
            shutil.copyfile(found, partial)
            partial.replace(folder / _file_name(coordinate))
    return [_file_name(c) for c in missing]


def _fetch(coordinates: list[str], cache: Path) -> None:
    """Fetch jars, without those that they depend on, through a short-lived session's Ivy."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").appName("set-up")
    builder = builder.config("spark.ui.enabled", "false").config("spark.jars.ivy", str(cache))
    session = builder.getOrCreate()
    try:
        context = session.sparkContext._jsc.sc()
        for coordinate in coordinates:
            context.addJar(f"ivy://{coordinate}?transitive=false")
    except Exception as error:
        reason = next(line for line in str(error).splitlines() if line.strip())
        raise EnvironmentSetupError(
            f"expected {coordinates} from Maven Central, got: {reason}; set-up needs the network "
            "once (behind a mirror: set spark.jars.ivySettings in spark-defaults.conf)"
        ) from None
    finally:
        session.stop()


def _file_name(coordinate: str) -> str:
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}.jar"


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Run one step of set-up: `java`, `spark`, or `classes` with a job and its options."""
    try:
        check_java()
        if arguments != ["java"]:
            spark_home = find_spark()
        if arguments == ["spark"]:
            write_defaults(spark_home / "conf")
            bring_jars(spark_home / "jars")
        if arguments[:1] == ["classes"]:
            problem = class_archive.build(java(), spark_home, arguments[1:])
            if problem is not None:
                told = f"no archive of classes was made, so jobs start slower: {problem}"
                sys.stderr.write(f"note: {told}\n")
    except EnvironmentSetupError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
