"""Apache Spark for the tests: its own distribution in an environment of its own, and a server in local mode.

The kit speaks to Spark by its client alone (`pyspark-client`, 2 MB); the server (`pyspark`, 456 MB) has
modules of the same names, so that both cannot stand in one environment.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from kit.testing import spark_home

PATIENCE = 120
_UNCOMPILED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


@contextlib.contextmanager
def spark_server(folder: Path, memory: str = "1g", *, compiled: bool = False) -> Iterator[str]:
    """A Spark Connect server of two threads in a folder, while it is used; its address.

    Not `compiled`, a query of forty people takes a tenth of the time: Java compiles nothing that runs once.
    """
    java = "" if compiled else "-XX:TieredStopAtLevel=1"
    home = spark_home()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        # As many as threads: the default of 200 is for clusters.
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.extraJavaOptions": java,
        **({} if compiled else _UNCOMPILED),
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    command = [
        str(home / "bin" / "spark-submit"),
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *("--master", "local[2]", "--driver-memory", memory),
        *(word for name, value in settings.items() for word in ("--conf", f"{name}={value}")),
        "spark-internal",
    ]
    with (folder / "spark.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "SPARK_HOME": str(home)}
        )
        try:
            _wait(server, port, folder / "spark.log")
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"Spark did not start:\n{log.read_text()[-2000:]}")
