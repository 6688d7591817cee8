"""Random queries (random_sql.py), cut: every answer is DuckDB's, and what one refuses the other refuses, too.

SKEIN_RANDOM_QUERIES says how many (default 150), SKEIN_RANDOM_SEED where to begin."""

import os

import duckdb
import pytest

import benchmark_data
from random_sql import Query

COUNT = int(os.environ.get("SKEIN_RANDOM_QUERIES", "150"))
FIRST = int(os.environ.get("SKEIN_RANDOM_SEED", "0"))


@pytest.mark.timeout(60 + 2 * COUNT)
@pytest.mark.parametrize("tasks, broadcast", [(2, 10), (3, 0)])
def test_random(cluster, tasks, broadcast):
    pair = cluster(benchmark_data.tpch(0.01))
    pair.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=broadcast, skein_split_rows=2000)
    wrong = {}
    for seed in range(FIRST, FIRST + COUNT):
        sql = Query(seed).text()
        try:
            pair.peer.sql(sql)
        except duckdb.Error:
            with pytest.raises(Exception):
                pair.run(sql)
            continue
        try:
            difference = pair.difference(sql)
        except Exception as error:  # noqa: BLE001
            difference = str(error)
        if difference:
            wrong[seed] = f"{difference}: {sql}"
    assert not wrong, "\n".join(f"seed {seed}: {text}" for seed, text in wrong.items())
