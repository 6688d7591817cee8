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


def duckdb_over(stack, in_process, directory):
    """DuckDB in this process, over the same files."""
    local = stack.enter_context(in_process())
    local.execute("LOAD tpch")
    for name in ray_part.TABLES:
        local.execute(f"CREATE VIEW {name} AS FROM read_parquet('{directory}/{ray_part.pattern(directory, name)}')")
    return local


def cut_in_process(stack, start_server, directory, threads):
    return Session(stack, stack.enter_context(start_server(directory, cluster=f"local:{threads}")), directory)


def cut_on_ray(stack, directory, threads):
    import ray_server
    work = stack.enter_context(tempfile.TemporaryDirectory(prefix="skein-bench-"))
    server = stack.enter_context(ray_server.RayServer(directory, work, settings={
        "threads": threads, "log_level": "warn", "cluster_workers_max": threads, "cluster_worker_cpus": 1}))
    return Session(stack, server, directory)


def beside_duckdb(local, session, queries, rounds):
    """Of each query (DuckDB's seconds, the session's), in turn after one to warm up."""
    figures = []
    for number, sql in queries:
        expected = local.execute(sql).to_arrow_table().num_rows
        found = session.run(sql).num_rows
        assert found == expected, f"query {number}: {found} rows for {expected}"
        figure = interleaved({"local": lambda: seconds(lambda: local.execute(sql).to_arrow_table()),
                              "session": lambda: seconds(lambda: session.run(sql))}, rounds)
        figures.append((figure["local"], figure["session"]))
        print(f"Q{number}", *(f"{one:.3f} s" for one in figures[-1]), flush=True)
    return figures


def figures(start_server, in_process, directory, tiny_directory, threads, rounds):
    """The text of the part. One server after the other, each beside DuckDB: what an idle Ray takes of two cores would
    be counted as the other's."""
    with contextlib.ExitStack() as stack:
        local = duckdb_over(stack, in_process, directory)
        queries = [(number, sql.strip().rstrip(";")) for number, sql in
                   local.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall()]
        with contextlib.ExitStack() as one:
            here = cut_in_process(one, start_server, directory, threads)
            in_turn = beside_duckdb(local, here, queries, rounds)
            plans = [statistics.median(here.planning_ms(sql) for _ in range(rounds)) for _, sql in queries]
        with contextlib.ExitStack() as one:
            on_ray = beside_duckdb(local, cut_on_ray(one, directory, threads), queries, rounds)
    rows = [(f"Q{number}", f"{alone:.2f} s", f"{here:.2f} s", f"{here / alone:.2f}", f"{beside:.2f} s", f"{there:.2f} s",
             f"{there / beside:.2f}", f"{plan:.1f} ms")
            for (number, _), (alone, here), (beside, there), plan in zip(queries, in_turn, on_ray, plans)]
    sums = [sum(column) for column in zip(*(one + other for one, other in zip(in_turn, on_ray)))]
    means = [statistics.geometric_mean(found / local for local, found in one) for one in (in_turn, on_ray)]
    rows.append(("all, geometric mean", f"{sums[0]:.2f} s", f"{sums[1]:.2f} s", f"{means[0]:.2f}", f"{sums[2]:.2f} s",
                 f"{sums[3]:.2f} s", f"{means[1]:.2f}", f"{max(plans):.1f} ms at most"))
    with contextlib.ExitStack() as stack:
        local = duckdb_over(stack, in_process, tiny_directory)
        here = cut_in_process(stack, start_server, tiny_directory, threads)
        there = cut_on_ray(stack, tiny_directory, threads)
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
                   "/ DuckDB (less is better)", "DuckDB again", f"Ray, {threads} workers", "/ DuckDB (less is better)",
                   "planned in"), rows)
            + "\n\n" + table(("a tiny query", "DuckDB", "cut, in process", "cut, on Ray"),
                             [("group by over 60,000 rows, two stages", *(f"{figure[name]:.1f} ms"
                                                                        for name in ("local", "here", "there")))]))
