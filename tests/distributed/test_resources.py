"""Queries that are cut in the server's process: larger than memory, cancelled, timed out."""

import json
import os
import pathlib
import threading

import psycopg
import pytest

import benchmark_data
from skein_server import SkeinServer, wait_until

MEMORY = 100_000_000
# Three keys, and each row of one meets each other one: the workers join until they are stopped.
ENDLESS = ("SELECT a.l_linestatus, count(*) FROM lineitem a JOIN lineitem b USING (l_returnflag)"
           " JOIN lineitem c USING (l_returnflag) WHERE a.l_comment > b.l_comment || c.l_comment GROUP BY 1")


def cut(connection, folder, table, **settings):
    for name, value in {"skein_distributed": "on", "broadcast_threshold_mb": 0, "skein_split_rows": 5000, **settings}.items():
        connection.execute(f"SET {name} = '{value}'")
    connection.execute(f"CREATE TEMP VIEW {table} AS FROM read_parquet('{folder}/{table}/*.parquet')")


def explain(connection, sql):
    """What it did, as EXPLAIN ANALYZE says."""
    row = connection.execute(f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {sql}").fetchone()[0]
    return row if isinstance(row, dict) else json.loads(row)


@pytest.mark.timeout(300)
def test_a_join_whose_shuffle_is_five_times_the_memory(tmp_path):
    folder = benchmark_data.many_keys()
    wide = "SELECT k{0} AS k, repeat(md5((k{0})::VARCHAR), 6) AS s FROM keys"
    sql = (f"SELECT count(*), sum(length(a.s) + length(b.s)), count(*) FILTER (WHERE a.s <> b.s) "
           f"FROM ({wide.format('')}) a JOIN ({wide.format(' + 7')}) b USING (k)")
    with SkeinServer(folder, tmp_path, settings={"cluster": "local:2", "max_memory_gb": MEMORY / 1e9, "threads": 2}) as server, \
            server.connect_pg() as connection:
        cut(connection, folder, "keys", num_shuffle_partitions=8)
        explained = explain(connection, sql)
        assert sum(stage["bytes"] for stage in explained["stages"]) > 5 * MEMORY
        assert explained["exchange_bytes_on_disk"] > 4 * MEMORY
        assert sum(stage["spilled_bytes"] for stage in explained["stages"]) >= explained["exchange_bytes_on_disk"]
        assert connection.execute(sql).fetchone() == (1499993, 1499993 * 2 * 192, 0)


@pytest.mark.timeout(300)
def test_a_task_that_needs_more_than_its_share_runs_alone(tmp_path):
    """What a list takes cannot go to a disk: a task of one large one has the memory of all workers, and no more."""
    folder = benchmark_data.many_keys()
    sql = "SELECT k % 3, len(list(repeat(md5(k::VARCHAR), {}))) FROM keys WHERE k % 3 = 1 GROUP BY 1"
    with SkeinServer(folder, tmp_path, settings={"cluster": "local:4", "max_memory_gb": 0.4, "threads": 4}) as server, \
            server.connect_pg() as connection:
        cut(connection, folder, "keys", num_shuffle_partitions=4)
        explained = explain(connection, sql.format(4))
        assert max(stage["attempts"] / stage["tasks"] for stage in explained["stages"]) > 1, explained
        assert connection.execute(sql.format(4)).fetchall() == [(1, 500000)]
        with pytest.raises(psycopg.Error) as failed:
            connection.execute(sql.format(60))
        assert failed.value.sqlstate == "53200" and "num_shuffle_partitions" in failed.value.diag.message_hint
        assert failed.value.diag.message_primary.startswith("out of memory: ") and "SET memory_limit" not in str(failed.value)
        # The workers' shares are again what they were, and nothing of it is held.
        assert connection.execute(sql.format(1)).fetchall() == [(1, 500000)]
        assert connection.execute(sql.format(4)).fetchall() == [(1, 500000)]


@pytest.fixture
def server(tmp_path):
    with SkeinServer(benchmark_data.tpch(0.02), tmp_path, settings={"cluster": "local:2"}) as one:
        yield one



def work_seconds(server):
    words = pathlib.Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def resting(server):
    """Not for longer than a blink: it does nothing."""
    before = work_seconds(server)
    threading.Event().wait(0.3)
    return work_seconds(server) - before < 0.1


def test_cancel_stops_all_tasks(server):
    folder = benchmark_data.tpch(0.02)
    with server.connect_pg() as connection:
        cut(connection, folder, "lineitem", num_shuffle_partitions=5)
        for _ in range(3):
            failed = []

            def run(failed=failed):
                try:
                    connection.execute(ENDLESS)
                except psycopg.Error as error:
                    failed.append(error.sqlstate)
            spent = work_seconds(server)
            thread = threading.Thread(target=run)
            thread.start()
            try:
                wait_until(lambda: work_seconds(server) > spent + 0.5, 60, "nothing runs")
            finally:
                connection.cancel_safe()
                thread.join(60)
            assert failed == ["57014"]
            wait_until(lambda: resting(server), 60, "the tasks go on")
        assert connection.execute("SELECT count(*) FROM lineitem").fetchone() == connection.execute(
            f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata('{folder}/lineitem/*.parquet')").fetchone()


def test_a_timeout_stops_all_tasks(server):
    with server.connect_pg() as connection:
        cut(connection, benchmark_data.tpch(0.02), "lineitem", num_shuffle_partitions=5)
        connection.execute("SET statement_timeout = '500ms'")
        with pytest.raises(psycopg.Error) as failed:
            connection.execute(ENDLESS)
        assert failed.value.sqlstate == "57014" and "timeout" in str(failed.value)
        connection.execute("SET statement_timeout = 0")
        wait_until(lambda: resting(server), 60, "the tasks go on")


def test_a_client_that_leaves_stops_all_tasks(server):
    """In the middle of a query, and in the middle of its rows."""
    folder = benchmark_data.tpch(0.02)
    for sql in (ENDLESS, "SELECT l_comment FROM lineitem ORDER BY l_comment", "SELECT a.* FROM lineitem a, lineitem b"):
        connection = server.connect_pg()
        cut(connection, folder, "lineitem", num_shuffle_partitions=3)
        spent = work_seconds(server)
        connection.pgconn.send_query(sql.encode())
        connection.pgconn.flush()
        wait_until(lambda: work_seconds(server) > spent + 0.1, 60, "nothing runs")
        connection.pgconn.finish()
        wait_until(lambda: resting(server), 60, f"{sql} goes on")
    with server.connect_pg() as connection:
        assert connection.execute("SELECT 42").fetchone() == (42,)
