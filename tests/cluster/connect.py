"""Spark Connect's own server, as a process: what serverless compute is, for want of a workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hitcast.running.session import DEFAULTS
from tests.jobs.commands import BIN, activated
from tests.servers import free_port, running

HOST = "127.0.0.1"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


@contextmanager
def connect_server(log: Path) -> Iterator[str]:
    """Run a server until the block ends; yields what `SPARK_REMOTE` takes.

    Args:
        log: Gets what it prints.
    """
    port, page = free_port(), free_port()
    settings = {
        **DEFAULTS,
        "spark.master": "local[2]",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": HOST,
        "spark.driver.host": HOST,
        "spark.connect.grpc.binding.address": HOST,
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.port": str(page),
    }
    words = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    command = [str(BIN / "spark-submit"), "--class", SERVER, *words]
    # The page of that name comes with the service.
    ping = f"http://{HOST}:{page}/connect/"
    with running(command, ping, log=log, environment=activated(SPARK_LOCAL_IP=HOST)):
        yield f"sc://{HOST}:{port}"
