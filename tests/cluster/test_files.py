"""Files that change, or go, between planning and reading."""

import os
import threading

import psycopg
import pytest

from ray_server import Held


@pytest.mark.parametrize("change, said", [
    ("COPY (SELECT 'x' AS s, -i AS v FROM range(60000) t(i)) TO '{}' (FORMAT parquet)", "was changed while the query ran"),
    (None, "No such file|not found|Cannot open"),
])
def test_a_file_changes_under_a_query(start_ray, tmp_path, change, said):
    held = Held(tmp_path / "held")
    folder = tmp_path / "changing"
    folder.mkdir()
    _, client = start_ray(settings={"cluster_workers_max": 2, "allowed_locations": str(folder) + "/"},
                          environment={"SKEIN_FAULT": held.fault((0, 0), (0, 1))})
    for name in ("a", "b"):
        client.peer.execute(f"COPY (SELECT 'x' AS s, i AS v FROM range(50000) t(i)) TO '{folder}/{name}.parquet' "
                            "(FORMAT parquet, ROW_GROUP_SIZE 2048)")
    client.set(num_shuffle_partitions=2)
    sql = f"SELECT s, sum(v), count(*) FROM '{folder}/*.parquet' GROUP BY s"
    failed = []

    def run():
        try:
            failed.append(client.run(sql).to_pylist())
        except Exception as error:  # noqa: BLE001
            failed.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    held.wait((0, 0), (0, 1))
    if change:
        client.peer.execute(change.format(f"{folder}/new"))
        os.replace(folder / "new", folder / "a.parquet")
    else:
        os.remove(folder / "a.parquet")
    held.let_go()
    thread.join(60)
    assert len(failed) == 1 and isinstance(failed[0], Exception), failed
    with pytest.raises(Exception, match=said):
        raise failed[0]
    assert client.difference(sql) is None


def test_a_file_that_the_nodes_do_not_have(start_ray, tmp_path):
    """On a cluster of several machines the usual mistake; here the file goes after it was planned."""
    held = Held(tmp_path / "held")
    server, client = start_ray(settings={"cluster_workers_max": 2, "allowed_locations": f"{tmp_path}/"},
                               environment={"SKEIN_FAULT": held.fault((0, 0), (0, 1))})
    client.peer.execute(f"COPY (SELECT i AS v FROM range(50000) t(i)) TO '{tmp_path}/here.parquet' (ROW_GROUP_SIZE 2048)")
    failed = []
    with server.connect_pg() as connection:
        for setting in ("skein_distributed = on", "broadcast_threshold_mb = 0", "skein_split_rows = 5000", "num_shuffle_partitions = 2"):
            connection.execute(f"SET {setting}")

        def run():
            try:
                connection.execute(f"SELECT v % 7, count(*) FROM '{tmp_path}/here.parquet' GROUP BY 1")
            except psycopg.Error as error:
                failed.append(error)
        thread = threading.Thread(target=run)
        thread.start()
        held.wait((0, 0), (0, 1))
        os.remove(tmp_path / "here.parquet")
        held.let_go()
        thread.join(60)
    assert "below the same path on all nodes" in failed[0].diag.message_hint
