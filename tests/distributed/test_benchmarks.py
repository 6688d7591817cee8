"""TPC-H and TPC-DS, cut: every answer is DuckDB's."""

import pytest

import benchmark_data

TPCH = benchmark_data.queries("tpch")


@pytest.mark.parametrize("tasks, broadcast", [(1, 0), (2, 10), (3, 0), (7, 10)])
def test_tpch(cluster, tasks, broadcast):
    pair = cluster(benchmark_data.tpch(0.1))
    pair.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=broadcast)
    assert not pair.wrong(TPCH.values())


TPCDS = benchmark_data.queries("tpcds")


@pytest.mark.timeout(400)
def test_tpcds(cluster):
    pair = cluster(benchmark_data.tpcds(0.1))
    pair.set(num_shuffle_partitions=3, broadcast_threshold_mb=0)
    assert not pair.wrong(TPCDS.values())


@pytest.mark.parametrize("data, queries, least", [(benchmark_data.tpch, TPCH, 22), (benchmark_data.tpcds, TPCDS, 99)])
def test_the_scans_are_shared(cluster, data, queries, least):
    """The same answers would come from a planner that cuts nothing."""
    pair = cluster(data(0.1))
    pair.set(num_shuffle_partitions=3, broadcast_threshold_mb=0)
    shared = [number for number, sql in queries.items()
              if max(stage["scanning_tasks"] for stage in pair.explain(sql)) >= 2]
    assert len(shared) >= least
