"""What Ray's workers answer together is what DuckDB answers alone."""

import os
import pathlib
import threading
import time

import psycopg
import pytest

import benchmark_data
from ray_server import Client
from skein_server import wait_until

TPCH = benchmark_data.queries("tpch")
# Three keys, and each row of one meets each other one: the workers join until they are stopped.
ENDLESS = ("SELECT a.l_linestatus, count(*) FROM lineitem a JOIN lineitem b USING (l_returnflag)"
           " JOIN lineitem c USING (l_returnflag) WHERE a.l_comment > b.l_comment || c.l_comment GROUP BY 1")


@pytest.mark.parametrize("tasks", [2, 3])
def test_tpch(client, tasks):
    client.set(num_shuffle_partitions=tasks)
    wrong = {number: difference for number, sql in TPCH.items() if (difference := client.difference(sql))}
    assert not wrong


@pytest.mark.parametrize("sql", [
    "SELECT k, count(*), sum(v) FROM keys GROUP BY k",                                        # NULL, and one hot key
    "SELECT count(*), sum(a.v + b.v) FROM keys a JOIN keys b USING (k) WHERE a.v < 900 AND b.v % 997 = 0",
    "SELECT a.k, count(b.k) FROM keys a LEFT JOIN keys b ON a.k = b.k AND b.v = 3 GROUP BY 1",
    "SELECT count(*) FROM keys WHERE k NOT IN (SELECT k FROM keys WHERE v = 5)",
    "SELECT k, count(*) FROM keys WHERE v < 0 GROUP BY k",                                    # nothing at all
    "SELECT count(*), min(k) FROM keys WHERE v < 0",
    "SELECT long, count(*) FROM keys WHERE v < 20 GROUP BY long",                             # blocks of one row
    "SELECT * FROM keys",                                                                     # many fetches
])
def test_unkind_rows(client, unkind, sql):
    client.add_views(unkind)
    client.set(num_shuffle_partitions=3)
    assert client.difference(sql) is None


def test_what_only_the_session_has_is_joined_with_what_is_cut(client):
    for connection in (client.peer.execute, client.run):
        connection("CREATE OR REPLACE TEMP TABLE chosen AS SELECT i * 3 AS o_orderkey FROM range(200000) t(i)")
    client.set(num_shuffle_partitions=3)
    assert client.difference("SELECT o_orderpriority, count(*), sum(o_totalprice) FROM orders JOIN chosen "
                             "USING (o_orderkey) GROUP BY 1") is None


def test_more_queries_than_workers(shared, tpch):
    wrong = []

    def ask(number):
        with Client(shared, tpch) as one:
            one.set(num_shuffle_partitions=2)
            difference = one.difference(TPCH[number])
            if difference:
                wrong.append((number, difference))
    threads = [threading.Thread(target=ask, args=(number,)) for number in (1, 3, 6, 9, 12, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_an_error_of_the_data_is_not_tried_again(shared, client):
    with pytest.raises(Exception, match="(?i)could not convert|conversion"):
        client.run("SELECT sum(l_comment::INTEGER) FROM lineitem")
    assert "is tried again" not in shared.log()
    assert client.difference(TPCH[6]) is None


def test_cancel_stops_everything_and_leaves_no_objects(shared, client, tpch):
    with shared.connect_pg() as connection:
        for setting in ("skein_distributed = 'on'", "num_shuffle_partitions = 3", "broadcast_threshold_mb = 0",
                        "skein_split_rows = 5000"):
            connection.execute(f"SET {setting}")
        connection.execute(f"CREATE TEMP VIEW lineitem AS FROM '{tpch}/lineitem/*.parquet'")
        failed = []

        def run():
            try:
                connection.execute(ENDLESS)
            except psycopg.Error as error:
                failed.append(error)
        thread = threading.Thread(target=run)
        # A result is let go of after its last row was read.
        idle = wait_until(lambda: (state := shared.state())[0] == "0" and state, 60, "a query of another test runs")
        spent = work_seconds(shared)
        thread.start()
        try:
            wait_until(lambda: work_seconds(shared) > spent + 1, 60, "no worker works")
        finally:
            connection.cancel_safe()
            thread.join(60)
        assert [error.sqlstate for error in failed] == ["57014"]

    def resting():
        before = work_seconds(shared)
        time.sleep(0.5)
        return work_seconds(shared) - before < 0.1
    wait_until(resting, 60, "the workers go on")
    # Objects are let go of, and none is left; a worker that was killed may not be back yet.
    wait_until(lambda: shared.state()[:2] == idle[:2], 60, f"objects stay: {shared.state()} for {idle}")
    assert client.difference(TPCH[6]) is None


def work_seconds(server):
    """Processor time of all workers."""
    total = 0
    for pid in server.workers():
        words = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(words[11]) + int(words[12])
    return total / os.sysconf("SC_CLK_TCK")


def test_a_timeout_stops_the_workers(shared, client):
    with pytest.raises(Exception, match="timeout"):
        client.run("SET statement_timeout = '1s'")
        client.run(ENDLESS)
    client.run("SET statement_timeout = 0")
    assert client.difference(TPCH[6]) is None
