"""TPC-H and TPC-DS, cut: every answer is DuckDB's."""

import pytest

import benchmark_data

TPCH = benchmark_data.queries("tpch")


@pytest.mark.parametrize("tasks, broadcast", [(1, 0), (2, 10), (3, 0), (7, 0), (7, 10)])
def test_tpch(cluster, tasks, broadcast):
    pair = cluster(benchmark_data.tpch(0.1))
    pair.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=broadcast)
    wrong = {number: difference for number, sql in TPCH.items() if (difference := pair.difference(sql))}
    assert not wrong


TPCDS = benchmark_data.queries("tpcds")


@pytest.mark.timeout(400)
def test_tpcds(cluster):
    pair = cluster(benchmark_data.tpcds(0.1))
    pair.set(num_shuffle_partitions=3, broadcast_threshold_mb=0)
    wrong = {number: difference for number, sql in TPCDS.items() if (difference := pair.difference(sql))}
    assert not wrong
