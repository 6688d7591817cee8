"""One other engine over the tables of TPC-H, for engines_part.py, in a Python environment of its own.

    other_engine.py sail|spark|daft|smallpond FOLDER WORKERS

The first line of the answer is {"name": ...} when it is ready; then each line of standard input is a query as JSON text, and the
answer a line {"seconds": ..., "rows": [[text, ...], ...]} or {"error": ...}. Standard error is the engine's own.
"""

import contextlib
import glob
import importlib.metadata
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def files(folder, table):
    return sorted(glob.glob(f"{folder}/{table}.parquet") + glob.glob(f"{folder}/{table}.*.parquet"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def sail(folder, workers):
    """Its cluster in one process: workers of one slot each."""
    from pyspark.sql import SparkSession
    port = free_port()
    server = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), "sail"), "spark", "server", "--port", str(port)],
                              stdout=sys.stderr, env={**os.environ, "SAIL_MODE": "local-cluster", "RUST_LOG": "warn",
                                                      "SAIL_CLUSTER__WORKER_INITIAL_COUNT": str(workers),
                                                      "SAIL_CLUSTER__WORKER_MAX_COUNT": str(workers),
                                                      "SAIL_CLUSTER__WORKER_TASK_SLOTS": "1"})
    try:
        deadline = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError("Sail does not start")
            time.sleep(0.1)
        session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
        for table in TABLES:
            session.read.parquet(*files(folder, table)).createOrReplaceTempView(table)
        yield f"Sail {importlib.metadata.version('pysail')}", lambda sql: session.sql(sql).toArrow()
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def spark(folder, workers):
    """Its local-cluster: workers of one core and 2 GB, each a process."""
    from pyspark.sql import SparkSession
    for home in glob.glob("/usr/lib/jvm/java-17-*"):
        os.environ.setdefault("JAVA_HOME", home)
    session = (SparkSession.builder.master(f"local-cluster[{workers},1,2048]").appName("bench")
               .config("spark.executor.memory", "2g").config("spark.driver.memory", "2g")
               .config("spark.sql.shuffle.partitions", str(2 * workers)).config("spark.ui.enabled", "false")
               .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())
    try:
        for table in TABLES:
            session.read.parquet(*files(folder, table)).createOrReplaceTempView(table)
        yield f"Spark {importlib.metadata.version('pyspark')}", lambda sql: session.sql(sql).toArrow()
    finally:
        session.stop()


@contextlib.contextmanager
def daft(folder, workers):
    """On a Ray of its own with so many cores."""
    import daft as engine
    import ray
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="error")
    try:
        engine.set_runner_ray()
        tables = {table: engine.read_parquet(files(folder, table)) for table in TABLES}
        yield f"Daft {importlib.metadata.version('daft')}", lambda sql: engine.sql(sql, **tables).to_arrow()
    finally:
        ray.shutdown()


@contextlib.contextmanager
def smallpond(folder, workers):
    """On a Ray of its own with so many cores, by plans made by hand (smallpond_plans.py)."""
    import smallpond as engine
    import ray
    import smallpond_plans
    with tempfile.TemporaryDirectory(prefix="skein-bench-") as work:
        # Each task asks for its share of all memory, which is more than Ray thinks free.
        address = ray.init(num_cpus=workers, _memory=1 << 40, include_dashboard=False, log_to_driver=False,
                           logging_level="error").address_info["gcs_address"]
        session = engine.init(data_root=work, ray_address=address)
        try:
            tables = {table: session.read_parquet(files(folder, table)) for table in TABLES}
            yield f"smallpond {importlib.metadata.version('smallpond')}", smallpond_plans.Runner(
                session, tables, {table: len(files(folder, table)) for table in TABLES}, workers).run
        finally:
            session.shutdown()
            ray.shutdown()


def main():
    name, folder, workers = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the engine prints is not an answer

    def say(what):
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    with {"sail": sail, "spark": spark, "daft": daft, "smallpond": smallpond}[name](folder, int(workers)) as (version, run):
        say({"name": version})
        for line in sys.stdin:
            start = time.perf_counter()
            try:
                table = run(json.loads(line))
                seconds = time.perf_counter() - start
                columns = [[None if value is None else str(value) for value in column.to_pylist()] for column in table.columns]
                say({"seconds": seconds, "rows": list(zip(*columns))})
            except Exception as error:  # noqa: BLE001
                say({"error": f"{type(error).__name__}: {error}"[:300]})


if __name__ == "__main__":
    main()
