"""EXPLAIN (DISTRIBUTED): how a query would be cut, and with ANALYZE what each stage did."""

import json

import pytest

import benchmark_data

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


def test_through_postgres(pair):
    with pair.server.connect_pg() as connection:
        folder = benchmark_data.tpch(0.02)
        cursor = connection.execute(
            f"EXPLAIN (DISTRIBUTED, ANALYZE) SELECT count(*) FROM '{folder}/lineitem/*.parquet'")
        assert cursor.description[0].name == "QUERY PLAN"
        assert any(row[0].startswith("Distributed: ") for row in cursor.fetchall())


def test_a_server_without_a_cluster_says_so(server):
    with server.connect_pg() as connection, pytest.raises(Exception, match="has no cluster"):
        connection.execute("EXPLAIN (DISTRIBUTED) SELECT 1")
