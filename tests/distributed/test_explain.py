"""EXPLAIN (DISTRIBUTED): how a query would be cut, and with ANALYZE what each stage did."""

import datetime
import json
import re
import threading

import psycopg
import pytest

import benchmark_data
from skein_server import wait_until

GROUPED = "SELECT o_custkey, count(*) FROM orders GROUP BY 1"


@pytest.fixture
def pair(cluster):
    one = cluster(benchmark_data.tpch(0.02))
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=4000)
    return one


def lines(pair, sql):
    table = pair.run(sql)
    assert table.column_names == ["QUERY PLAN"]
    return "\n".join(table.column(0).to_pylist())


def test_the_stages_of_a_query(pair):
    text = lines(pair, f"EXPLAIN (DISTRIBUTED) {GROUPED}")
    assert "Distributed: 2 stages" in text
    assert "Stage 0: workers, 3 tasks, 3 of them read files" in text
    assert "hash(o_custkey)" in text and "aggregate in two phases" in text
    assert "Ran:" not in text


def test_what_is_read_and_what_is_done_is_said_where_it_happens(pair):
    found = json.loads(lines(pair, "EXPLAIN (DISTRIBUTED, FORMAT JSON) SELECT o_orderkey, rank() OVER (ORDER BY o_totalprice)"
                                   " FROM orders JOIN lineitem ON l_orderkey = o_orderkey"))
    said = {stage["stage"]: stage["decisions"] for stage in found["stages"]}
    assert {said[0][0].rpartition(" ")[0], said[1][0].rpartition(" ")[0]} == {f"{table}/0.parquet and 3 more files is split in"
                                                                              for table in ("orders", "lineitem")}, said
    assert any(text.startswith("window in one task: it has no PARTITION BY, ") for text in found["final"]["decisions"])
    union = json.loads(lines(pair, "EXPLAIN (DISTRIBUTED, FORMAT JSON) SELECT o_custkey, 1 FROM orders UNION SELECT c_custkey, 2 FROM customer"))
    assert "hash(column 1, column 2)" in [stage["output"] for stage in union["stages"]]


def test_what_each_stage_did(pair):
    (orders, customers), = pair.peer.sql("SELECT count(*), count(DISTINCT o_custkey) FROM orders").fetchall()
    found = json.loads(lines(pair, f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {GROUPED}"))
    first, second = found["stages"]
    assert found["rows"] == second["rows"] == customers
    assert customers <= first["rows"] <= orders
    assert first["bytes"] > 0 and first["attempts"] == 3 and 1 <= first["skew"] <= 3
    assert 0 < first["task_seconds"]["least"] <= first["task_seconds"]["most"]
    text = lines(pair, f"EXPLAIN (ANALYZE, DISTRIBUTED) {GROUPED}")
    assert f"Ran: {customers} rows" in text and "skew" in text and "Planning Time:" in text


def test_when_each_stage_ran(pair):
    """A stage begins when those it reads have ended, so that the path that took the time can be read."""
    found = json.loads(lines(pair, "EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) SELECT o_custkey, median(o_totalprice), count(*) FROM"
                                   " orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY 1"))
    ran = {stage["stage"]: stage for stage in found["stages"] if stage["ran"]}
    assert len(ran) >= 3
    for stage in ran.values():
        end = stage["began_seconds"] + stage["elapsed_seconds"]
        assert stage["elapsed_seconds"] >= stage["task_seconds"]["most"] > 0 and end <= found["stages_seconds"], stage
        for read in map(int, re.findall(r"stage (\d+)", stage["reads"])):
            assert ran[read]["began_seconds"] + ran[read]["elapsed_seconds"] <= stage["began_seconds"], (stage, ran[read])
    text = lines(pair, f"EXPLAIN (ANALYZE, DISTRIBUTED) {GROUPED}")
    assert re.search(r"Ran: .*, began at \d+\.\d ms, took \d+\.\d ms, tasks of", text)


def test_one_hot_key_shows_as_skew(pair):
    found = json.loads(lines(pair, "EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) SELECT median(o_totalprice) FROM orders"
                                   " GROUP BY o_shippriority"))
    assert found["stages"][0]["skew"] == pytest.approx(3)


def test_why_a_query_is_not_cut(pair):
    assert "Not distributed: random() gives another value" in lines(
        pair, "EXPLAIN (DISTRIBUTED) SELECT count(*) FROM orders WHERE random() < 0.5")
    assert json.loads(lines(pair, "EXPLAIN (DISTRIBUTED, FORMAT JSON) SELECT 1"))["distributed"] is False


def test_an_error_is_the_query_s(pair):
    with pytest.raises(Exception, match="nothing_of_this_name"):
        pair.run("EXPLAIN (DISTRIBUTED) SELECT nothing_of_this_name FROM orders")
    with pytest.raises(Exception, match="Could not convert|Conversion"):
        pair.run("EXPLAIN (ANALYZE, DISTRIBUTED) SELECT sum(o_comment::INTEGER) FROM orders")


def test_a_pivot_of_values_that_are_there(pair):
    """Its columns are known when the values were read: EXPLAIN does that, a function cannot."""
    pivot = "PIVOT orders ON o_orderstatus USING count(*) GROUP BY o_orderpriority"
    assert lines(pair, "EXPLAIN (DISTRIBUTED) " + pivot).startswith("Distributed")
    with pair.server.connect_pg() as connection:
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="PIVOT without the values of IN") as raised:
            connection.execute(f"SELECT * FROM skein_explain('{pivot}')")
        assert "EXPLAIN (DISTRIBUTED)" in raised.value.diag.message_hint
    named = pivot.replace("o_orderstatus", "o_orderstatus IN (''O'', ''F'')")
    assert pair.run(f"SELECT * FROM skein_explain('{named}')").num_rows > 1


def test_through_postgres(pair):
    with pair.server.connect_pg() as connection:
        folder = benchmark_data.tpch(0.02)
        cursor = connection.execute(
            f"EXPLAIN (DISTRIBUTED, ANALYZE) SELECT count(*) FROM '{folder}/lineitem/*.parquet'")
        assert cursor.description[0].name == "QUERY PLAN"
        assert any(row[0].startswith("Distributed: ") for row in cursor.fetchall())


def test_explain_says_whether_a_query_is_cut(pair):
    plan = {row["explain_key"]: row["explain_value"] for row in pair.run(f"EXPLAIN {GROUPED}").to_pylist()}
    assert set(plan) == {"physical_plan", "distributed"}
    assert plan["distributed"].startswith("Distributed: 2 stages")
    for setting, reason in (("auto", "less than skein_distributed_min_bytes"), ("off", "skein_distributed is off")):
        pair.set(skein_distributed=setting)
        (text,) = [row["explain_value"] for row in pair.run(f"EXPLAIN {GROUPED}").to_pylist()
                   if row["explain_key"] == "distributed"]
        assert text.startswith("Not distributed: ") and reason in text
    pair.set(skein_distributed="on")
    assert "reads no files" in pair.run("EXPLAIN SELECT 1").to_pylist()[-1]["explain_value"]


def test_explain_analyze_shows_how_the_query_ran(pair):
    ((customers,),) = pair.peer.sql("SELECT count(DISTINCT o_custkey) FROM orders").fetchall()
    (row,) = pair.run(f"EXPLAIN ANALYZE {GROUPED}").to_pylist()
    assert row["explain_key"] == "analyzed_plan"
    assert "Distributed: 2 stages" in row["explain_value"] and f"Ran: {customers} rows" in row["explain_value"]
    pair.set(skein_distributed="off")
    rows = pair.run(f"EXPLAIN ANALYZE {GROUPED}").to_pylist()
    assert [row["explain_key"] for row in rows] == ["analyzed_plan", "distributed"]
    assert "Total Time" in rows[0]["explain_value"] and "skein_distributed is off" in rows[1]["explain_value"]


def test_plain_explain_through_postgres(pair):
    orders = f"'{benchmark_data.tpch(0.02)}/orders/*.parquet'"
    with pair.server.connect_pg() as connection:
        for sql, last in ((f"EXPLAIN SELECT count(*) FROM {orders}", "Not distributed: it reads"),
                          (f"EXPLAIN ANALYZE SELECT count(*) FROM {orders}", "Not distributed: it reads")):
            lines_of = [row[0] for row in connection.execute(sql).fetchall()]
            assert lines_of[-1].startswith(last), lines_of
        connection.execute("SET skein_distributed = 'on'")
        lines_of = [row[0] for row in connection.execute(f"EXPLAIN ANALYZE SELECT count(*) FROM {orders}").fetchall()]
        assert lines_of[0].startswith("Distributed: ") and any("Ran: 1 rows" in line for line in lines_of)
        (document,), = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM {orders}").fetchall()
        assert (document if isinstance(document, dict) else json.loads(document))["distributed"] is True
        # What changes something is not run twice, nor asked about.
        connection.execute("CREATE TEMP TABLE copied (k bigint)")
        connection.execute(f"EXPLAIN ANALYZE INSERT INTO copied SELECT o_orderkey FROM {orders}")
        assert connection.execute("SELECT count(*) = count(DISTINCT k) FROM copied").fetchone() == (True,)


def test_progress_of_what_has_run_and_is_read(pair):
    orders = f"'{benchmark_data.tpch(0.02)}/orders/*.parquet'"
    with pair.server.connect_pg() as reader, pair.server.connect_pg() as watcher:
        for name, value in {"skein_distributed": "on", "skein_split_rows": 4000, "num_shuffle_partitions": 3}.items():
            reader.execute(f"SET {name} = '{value}'")
        pid = reader.execute("SELECT pg_backend_pid()").fetchone()[0]
        reader.execute("BEGIN")
        reader.execute(f"DECLARE c CURSOR FOR SELECT o_custkey, count(*) FROM {orders} GROUP BY 1")
        reader.execute("FETCH 1 FROM c").fetchall()
        timed = watcher.execute("SELECT began_seconds, elapsed_seconds, seconds / tasks FROM skein_progress() WHERE pid = %s ORDER BY stage",
                                (pid,)).fetchall()
        assert len(timed) == 2 and all(began >= 0 and elapsed >= least > 0 for began, elapsed, least in timed), timed
        assert timed[0][0] + timed[0][1] <= timed[1][0]
        mine = "SELECT stage, state, tasks, tasks_finished, rows, percent FROM skein_progress() WHERE pid = %s ORDER BY 1"
        stages = watcher.execute(mine, (pid,)).fetchall()
        assert [stage[:2] for stage in stages] == [(0, "finished"), (1, "finished")]
        assert all(tasks == done and rows > 0 and percent == pytest.approx(99) for _, _, tasks, done, rows, percent in stages)
        reader.execute("ROLLBACK")
        assert watcher.execute(mine, (pid,)).fetchall() == []


def test_progress_of_what_runs(pair):
    folder = benchmark_data.tpch(0.02)
    endless = (f"SELECT a.l_linestatus, count(*) FROM '{folder}/lineitem/*.parquet' a JOIN '{folder}/lineitem/*.parquet' b"
               f" USING (l_returnflag) JOIN '{folder}/lineitem/*.parquet' c USING (l_returnflag)"
               " WHERE a.l_comment > b.l_comment || c.l_comment GROUP BY 1")
    ended = []
    with pair.server.connect_pg() as runner, pair.server.connect_pg() as watcher:
        runner.execute("SET skein_distributed = 'on'")
        runner.execute("SET skein_split_rows = '4000'")
        runner.execute("SET broadcast_threshold_mb = '0'")
        pid = runner.execute("SELECT pg_backend_pid()").fetchone()[0]

        def run():
            try:
                runner.execute(endless)
            except psycopg.Error as error:
                ended.append(error.sqlstate)
        thread = threading.Thread(target=run)
        thread.start()
        seen = "SELECT state, percent FROM skein_progress() WHERE pid = %s"
        try:
            wait_until(lambda: {"finished", "running"} <= {row[0] for row in watcher.execute(seen, (pid,)).fetchall()},
                       60, "no stage is seen to run")
            percent = watcher.execute(seen, (pid,)).fetchone()[1]
        finally:
            watcher.execute("SELECT pg_cancel_backend(%s)", (pid,))
            thread.join(60)
        assert ended == ["57014"] and 0 < percent < 99
        assert watcher.execute(seen, (pid,)).fetchall() == []


def test_parameters(cluster):
    pair = cluster(benchmark_data.tpch(0.01))
    folder = benchmark_data.tpch(0.01)
    sql = (f"SELECT l_returnflag, count(*) FROM '{folder}/lineitem/*.parquet'"
           " WHERE l_quantity < %s AND l_shipdate > %s GROUP BY ALL")
    values = (10, datetime.date(1995, 3, 15))
    with pair.server.connect_pg() as connection:
        for setting in ("skein_distributed = 'on'", "skein_split_rows = 2000"):
            connection.execute(f"SET {setting}")
        wanted = sum(row[1] for row in connection.execute(sql, values).fetchall())
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN (DISTRIBUTED) {sql}", values).fetchall())
        ran = connection.execute(f"EXPLAIN (DISTRIBUTED, ANALYZE, FORMAT JSON) {sql}", values).fetchone()[0]
        ((own,),) = [row for row in connection.execute(f"EXPLAIN {sql}", values).fetchall() if row[0].startswith("Distributed: ")]
        analyzed = [row[0] for row in connection.execute(f"EXPLAIN ANALYZE {sql}", values).fetchall()]
        ((none,),) = connection.execute(f"EXPLAIN {sql}", (-1, None)).fetchall()[-1:]
    assert "2 stages" in own and analyzed[0].startswith("Distributed: ") and any("Ran: " in line for line in analyzed)
    assert none.startswith("Not distributed: ")
    assert "1995-03-15" in plan and "$" not in plan
    assert ran["distributed"] and wanted > 0


def test_a_server_without_a_cluster_says_so(server):
    with server.connect_pg() as connection, pytest.raises(Exception, match="has no cluster"):
        connection.execute("EXPLAIN (DISTRIBUTED) SELECT 1")


def test_an_option_that_is_none_is_named(cluster):
    pair = cluster(benchmark_data.tpch(0.01))
    with pair.server.connect_pg() as connection, pytest.raises(psycopg.errors.SyntaxError, match='unrecognized EXPLAIN option "verbos"'):
        connection.execute("EXPLAIN (DISTRIBUTED, VERBOS) SELECT 1")
