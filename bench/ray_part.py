"""The part `ray` of run.py: what a cut query costs on Ray."""

import json
import math
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "build" / "release" / "python"
sys.path[:0] = [str(ROOT / "tests" / "cluster"), str(ROOT / "tests" / "distributed")]

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def store_figures():
    """Calls and bytes through Ray itself: a process of its own, because Ray's client stays in the one it is used in."""
    answer = subprocess.run([sys.executable, pathlib.Path(__file__).parent / "ray_store.py"], check=True, text=True,
                            capture_output=True, env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    return json.loads(answer.stdout.splitlines()[-1])


def tpch_figures(directory, in_process, threads, interleaved, seconds, work):
    """[(number, seconds of DuckDB, of Skein, whether it was cut)]."""
    import ray_server
    settings = {"threads": threads, "log_level": "warn", "cluster_workers_max": threads, "cluster_worker_cpus": 1}
    with ray_server.RayServer(directory, work, settings=settings) as server, in_process() as local, \
            server.connect_flight() as flight, flight.cursor() as cursor:
        local.execute("LOAD tpch")
        for name in TABLES:
            pattern = f"{name}.*.parquet" if list(directory.glob(f"{name}.*.parquet")) else f"{name}.parquet"
            local.execute(f"CREATE VIEW {name} AS FROM read_parquet('{directory}/{pattern}')")
            cursor.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet('{directory}/{pattern}')")
        cursor.execute("SET skein_distributed = 'on'")

        def on_ray(sql):
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

        figures = []
        for number, sql in local.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall():
            ours, theirs = on_ray(sql), local.execute(sql).to_arrow_table()
            assert ours.num_rows == theirs.num_rows, f"query {number}: {ours.num_rows} rows for {theirs.num_rows}"
            figure = interleaved({"local": lambda: seconds(lambda: local.execute(sql).to_arrow_table()),
                                  "ray": lambda: seconds(lambda: on_ray(sql))}, 3)
            figures.append((number, figure["local"], figure["ray"]))
            print(f"Q{number} {figure}", flush=True)
    return figures


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))
