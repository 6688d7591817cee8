"""What is decided while a query runs on Ray: the answers are DuckDB's, and the decisions are made."""

import json

import pytest

import joined_data


@pytest.mark.parametrize("tasks, broadcast", [(2, 0.01), (3, 0)])
def test_every_join(client, joined, tasks, broadcast):
    client.add_views(joined)
    client.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=broadcast, skein_skew_threshold_mb=0.001,
               skein_split_rows=2000)
    wrong = {sql: difference for sql in joined_data.queries(every=False) if (difference := client.difference(sql))}
    assert not wrong


def test_what_was_decided(client, joined):
    client.add_views(joined)
    client.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_skew_threshold_mb=0.001, skein_split_rows=2000)

    def late(sql):
        lines = client.run(f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {sql}").column(0).to_pylist()
        return "; ".join(text for stage in json.loads("\n".join(lines))["stages"] for text in stage["late_decisions"])
    assert "filtered by the range of keys and bloom filter" in late(
        "SELECT count(*) FROM facts f JOIN keys q ON f.k = q.k WHERE q.n BETWEEN 3 AND 30")
    assert "split over several tasks" in late("SELECT count(*) FROM facts f JOIN keys q ON f.k = q.k")
    assert "not run: stage" in late("SELECT f.id FROM facts f JOIN keys q ON f.k = q.k WHERE length(q.wide) = 7")
