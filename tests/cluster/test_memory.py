"""A task that needs more memory than its worker has."""

import pytest

import benchmark_data


def test_a_task_that_needs_more_than_its_share_runs_alone(start_ray):
    """What a list takes cannot go to a disk: a task of one large one has the memory of all workers of its node, and no more."""
    folder = benchmark_data.many_keys()
    server, client = start_ray(data_dir=folder, settings={"cluster_workers_max": 4, "cluster_worker_memory": "100MB"})
    client.set(num_shuffle_partitions=4)
    sql = "SELECT k % 3, len(list(repeat(md5(k::VARCHAR), {}))) FROM keys WHERE k % 3 = 1 GROUP BY 1"
    assert client.difference(sql.format(4)) is None
    assert "is tried again with no other beside it" in server.log()
    workers = server.workers()
    with pytest.raises(Exception, match="out of memory: failed to allocate") as failed:
        client.run(sql.format(60))
    assert "num_shuffle_partitions" in str(failed.value) and "mismatch" not in str(failed.value)
    # The workers live and have again what they had, and nothing of it is held.
    assert server.workers() == workers
    assert client.difference(sql.format(1)) is None
    assert client.difference(sql.format(4)) is None
