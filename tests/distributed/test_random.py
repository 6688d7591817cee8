"""Random queries (random_sql.py, unkind_sql.py, wide_sql.py), cut: every answer is DuckDB's, and what one refuses the other refuses, too.

SKEIN_RANDOM_QUERIES says how many (default 150), SKEIN_RANDOM_SEED where to begin."""

import os

import duckdb
import pytest

import benchmark_data
import unkind_sql
import wide_sql
from random_sql import Query

COUNT = int(os.environ.get("SKEIN_RANDOM_QUERIES", "150"))
FIRST = int(os.environ.get("SKEIN_RANDOM_SEED", "0"))


def wrong_answers(pair, queries):
    wrong = {}
    for seed, sql in queries.items():
        try:
            pair.peer.sql(sql).to_arrow_table()
        except duckdb.Error:
            with pytest.raises(Exception):
                pair.run(sql)
            continue
        try:
            difference = pair.difference(sql, ordered=sql.startswith(unkind_sql.ORDERED))
        except Exception as error:  # noqa: BLE001
            difference = str(error)
        if difference:
            wrong[seed] = f"{difference}: {sql}"
    return "\n".join(f"seed {seed}: {text}" for seed, text in wrong.items())


@pytest.mark.timeout(60 + 2 * COUNT)
@pytest.mark.parametrize("tasks, broadcast", [(2, 10), (3, 0)])
def test_random(cluster, tasks, broadcast):
    pair = cluster(benchmark_data.tpch(0.01))
    pair.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=broadcast, skein_split_rows=2000,
             skein_range_sort_rows=1)
    assert not wrong_answers(pair, {seed: Query(seed).text() for seed in range(FIRST, FIRST + COUNT)})


def over_unkind_tables(cluster, tasks, broadcast):
    pair = cluster(unkind_sql.make())
    pair.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=broadcast, skein_split_rows=1000, skein_range_sort_rows=1,
             TimeZone="America/New_York")
    pair.peer.execute("SET TimeZone = 'America/New_York'")
    return pair


@pytest.mark.timeout(60 + 2 * COUNT)
@pytest.mark.parametrize("tasks, broadcast", [(1, 0.02), (3, 0.02), (7, 0)])
def test_unkind(cluster, tasks, broadcast):
    pair = over_unkind_tables(cluster, tasks, broadcast)
    # Each number of tasks meets others: what is wrong with one is mostly wrong with all.
    first = FIRST + COUNT * tasks
    assert not wrong_answers(pair, {seed: unkind_sql.Unkind(seed).text() for seed in range(first, first + COUNT // 3)})


@pytest.mark.timeout(60 + 2 * COUNT)
@pytest.mark.parametrize("tasks, broadcast", [(2, 10), (3, 0.02), (7, 0)])
def test_wide(cluster, tasks, broadcast):
    pair = over_unkind_tables(cluster, tasks, broadcast)
    first = FIRST + COUNT * tasks
    assert not wrong_answers(pair, {seed: wide_sql.Wide(seed).text() for seed in range(first, first + COUNT // 3)})
