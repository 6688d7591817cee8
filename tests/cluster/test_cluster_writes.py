"""COPY into a folder whose files Ray's workers write: attempts that were lost, or too many, leave nothing."""

from ray_server import Held


def copied(client, target):
    """How many rows are there, and how many different ones."""
    return client.peer.sql(f"SELECT count(*), count(DISTINCT (l_orderkey, l_linenumber)) FROM '{target}/*.parquet'").fetchone()


def test_a_lost_and_a_doubled_attempt(start_ray, tmp_path):
    """The worker of one task is killed after it wrote; another task's first attempt is still there at the end."""
    held = Held(tmp_path / "held")
    folder = tmp_path / "written"
    folder.mkdir()
    server, client = start_ray(settings={"cluster_workers_max": 3, "allowed_locations": f"{folder}/"},
                               environment={"SKEIN_FAULT": f"kill-worker:0:1,{held.fault((0, 0))}"})
    client.set(num_shuffle_partitions=3)
    target = folder / "lineitem"
    before = server.workers()
    client.run(f"COPY (SELECT * FROM lineitem) TO '{target}' (FORMAT parquet, PER_THREAD_OUTPUT)")
    held.wait((0, 0))
    assert set(before) - set(server.workers()), "no worker was killed"
    rows = client.peer.sql("SELECT count(*) FROM lineitem").fetchone()[0]
    assert copied(client, target) == (rows, rows)
    assert all(path.suffix == ".parquet" for path in target.iterdir()), sorted(target.iterdir())
    # Text files, too, and read again by the workers, file by file.
    text = folder / "text"
    client.run(f"COPY (SELECT l_orderkey, l_linenumber, l_comment || chr(10) AS note FROM lineitem) TO '{text}'"
               " (FORMAT csv, HEADER, PER_THREAD_OUTPUT)")
    assert len(list(text.iterdir())) > 1
    sql = f"SELECT l_linenumber, count(*), min(note) FROM read_csv('{text}/*.csv') GROUP BY 1"
    stages = client.run(f"""SELECT * FROM skein_explain('{sql.replace("'", "''")}')""").to_pylist()
    assert max(stage["scanning_tasks"] or 0 for stage in stages) > 1
    assert client.difference(sql) is None
