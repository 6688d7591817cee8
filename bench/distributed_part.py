"""The part `distributed` of run.py: what cutting a query costs, in the server's process and on Ray."""

import contextlib
import json
import statistics
import sys
import tempfile

import ray_part
from peers import interleaved, seconds, table

sys.path[:0] = [str(ray_part.ROOT / "tests" / "cluster"), str(ray_part.ROOT / "tests" / "distributed")]

TINY = "SELECT l_returnflag, count(*) FROM lineitem GROUP BY 1"


class Session:
    """A Flight session with views over the files."""

    def __init__(self, stack, server, directory):
        connection = stack.enter_context(server.connect_flight())
        self.cursor = stack.enter_context(connection.cursor())
        for name in ray_part.TABLES:
            self.run(f"CREATE TEMP VIEW {name} AS FROM read_parquet('{directory}/{ray_part.pattern(directory, name)}')")
        self.run("SET skein_distributed = 'on'")

    def run(self, sql):
        self.cursor.execute(sql)
        return self.cursor.fetch_arrow_table() if self.cursor.description else None

    def planning_ms(self, sql):
        """Of the processor, as the server measures it: bound, optimized, cut and serialized."""
        found = self.run(f"EXPLAIN (DISTRIBUTED, ANALYZE, FORMAT JSON) {sql}").column(0)[0].as_py()
        return json.loads(found)["planning_cpu_seconds"] * 1000


def contenders(stack, start_server, in_process, directory, threads):
    """(DuckDB, Session in process, Session on Ray), over the same files."""
    import ray_server
    local = stack.enter_context(in_process())
    local.execute("LOAD tpch")
    for name in ray_part.TABLES:
        local.execute(f"CREATE VIEW {name} AS FROM read_parquet('{directory}/{ray_part.pattern(directory, name)}')")
    here = stack.enter_context(start_server(directory, cluster=f"local:{threads}"))
    work = stack.enter_context(tempfile.TemporaryDirectory(prefix="skein-bench-"))
    there = stack.enter_context(ray_server.RayServer(directory, work, settings={
        "threads": threads, "log_level": "warn", "cluster_workers_max": threads, "cluster_worker_cpus": 1}))
    return local, Session(stack, here, directory), Session(stack, there, directory)


def figures(start_server, in_process, directory, tiny_directory, threads, rounds):
    """The text of the part."""
    rows, plans = [], []
    with contextlib.ExitStack() as stack:
        local, here, there = contenders(stack, start_server, in_process, directory, threads)
        queries = local.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall()
        ratios = {"here": [], "there": []}
        sums = {"local": 0.0, "here": 0.0, "there": 0.0}
        for number, sql in queries:
            sql = sql.strip().rstrip(";")
            expected = local.execute(sql).to_arrow_table().num_rows
            for one in (here, there):
                found = one.run(sql).num_rows
                assert found == expected, f"query {number}: {found} rows for {expected}"
            plans.append(statistics.median(here.planning_ms(sql) for _ in range(rounds)))
            figure = interleaved({"local": lambda: seconds(lambda: local.execute(sql).to_arrow_table()),
                                  "here": lambda: seconds(lambda: here.run(sql)),
                                  "there": lambda: seconds(lambda: there.run(sql))}, rounds)
            for name, times in ratios.items():
                times.append(figure[name] / figure["local"])
            for name in sums:
                sums[name] += figure[name]
            rows.append((f"Q{number}", f"{figure['local']:.2f} s", f"{figure['here']:.2f} s", f"{ratios['here'][-1]:.2f}",
                         f"{figure['there']:.2f} s", f"{ratios['there'][-1]:.2f}", f"{plans[-1]:.1f} ms"))
            print(rows[-1], flush=True)
        rows.append(("all, geometric mean", f"{sums['local']:.2f} s", f"{sums['here']:.2f} s", f"{statistics.geometric_mean(ratios['here']):.2f}",
                     f"{sums['there']:.2f} s", f"{statistics.geometric_mean(ratios['there']):.2f}", f"{max(plans):.1f} ms at most"))
    with contextlib.ExitStack() as stack:
        local, here, there = contenders(stack, start_server, in_process, tiny_directory, threads)
        for one in (here, there):
            one.run("SET skein_split_rows = 2000")
            one.run("SET broadcast_threshold_mb = 0")
            assert "Distributed" in one.run(f"EXPLAIN (DISTRIBUTED) {TINY}").column(0)[0].as_py()
        for one in (here, there, local.execute):
            (one if callable(one) else one.run)(TINY)
        figure = interleaved({"local": lambda: 1000 * seconds(lambda: local.execute(TINY).to_arrow_table()),
                              "here": lambda: 1000 * seconds(lambda: here.run(TINY)),
                              "there": lambda: 1000 * seconds(lambda: there.run(TINY))}, 15)
    return (table((f"TPC-H, {directory.name}", f"DuckDB, {threads} threads", f"in process, {threads} workers",
                   "/ DuckDB (less is better)", f"Ray, {threads} workers", "/ DuckDB (less is better)", "planned in"), rows)
            + "\n\n" + table(("a tiny query", "DuckDB", "cut, in process", "cut, on Ray"),
                             [("group by over 60,000 rows, two stages", *(f"{figure[name]:.1f} ms"
                                                                        for name in ("local", "here", "there")))]))
