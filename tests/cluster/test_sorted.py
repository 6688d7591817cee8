"""A large result in order, on Ray: keys drawn by tasks, ranges cut by them, each sorted by a task, read one after the other."""

import json
import re

import sorted_data


def test_orders_by_ranges(client, in_order):
    client.add_views(in_order)
    client.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=2000, skein_range_sort_rows=1)
    queries = [f"SELECT id, letter FROM numbers ORDER BY {order}" for order in sorted_data.ORDERS[::3]]
    queries += ["SELECT id FROM numbers WHERE id < 0 ORDER BY mixed", "SELECT id FROM numbers ORDER BY mixed LIMIT 15000 OFFSET 100"]
    assert not {sql: difference for sql in queries if (difference := client.difference(sql, ordered=True))}
    lines = client.run(f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {queries[0]}").column(0).to_pylist()
    stages = json.loads("\n".join(lines))["stages"]
    assert [stage["tasks"] for stage in stages] == [3, 3, 3], stages
    assert re.search(r"3 ranges by \d+ of 20000 keys", "; ".join(stages[1]["late_decisions"]))


def test_windows_over_all_rows(client, in_order):
    client.add_views(in_order)
    client.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=2000, skein_range_sort_rows=1)
    queries = ["SELECT id, rank() OVER (ORDER BY day) a, dense_rank() OVER (ORDER BY day) b, sum(id) OVER (ORDER BY day) c,"
               " row_number() OVER (ORDER BY mixed) d, avg(id) OVER () e FROM numbers",
               "SELECT min(r), max(r), count(DISTINCT r) FROM (SELECT row_number() OVER () r FROM numbers)"]
    assert not {sql: difference for sql in queries if (difference := client.difference(sql))}
    lines = client.run(f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {queries[0]}").column(0).to_pylist()
    outputs = [stage["output"] for stage in json.loads("\n".join(lines))["stages"]]
    assert "range(day)" in outputs and "range(mixed)" in outputs and outputs.count("broadcast") == 3, outputs
