"""Files that Ray's workers write, of a COPY or of an Iceberg table: attempts that were lost, or too many, leave nothing."""

import pathlib
import sys

from ray_server import Held

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from services.iceberg_rest import IcebergCatalog  # noqa: E402


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


def test_a_lost_and_a_doubled_attempt_into_iceberg(start_ray, tmp_path):
    held = Held(tmp_path / "held")
    with IcebergCatalog(tmp_path / "catalog") as catalog:
        server, client = start_ray(
            settings={"cluster_workers_max": 3, "allowed_locations": f"{tmp_path}/", "extensions": "httpfs,avro,iceberg"},
            environment={"SKEIN_FAULT": f"kill-worker:0:1,{held.fault((0, 0))}"})
        client.set(num_shuffle_partitions=3)
        columns = ", ".join(f"{name} {kind}" for name, kind, *_ in client.peer.sql("DESCRIBE lineitem").fetchall())
        for statement in (catalog.attach_sql("ice"), "CREATE SCHEMA ice.n", f"CREATE TABLE ice.n.t ({columns})"):
            client.run(statement)
        before = server.workers()
        client.run("INSERT INTO ice.n.t SELECT * FROM lineitem")
        held.wait((0, 0))
        assert set(before) - set(server.workers()), "no worker was killed"
        table = catalog.client().load_table(("n", "t"))
        known = {task.file.file_path.removeprefix("file://") for task in table.scan().plan_files()}
        assert len(known) == 3 and len(table.snapshots()) == 1
        assert {str(path) for path in catalog.work_dir.rglob("*.parquet")} == known
        found = client.peer.sql(f"SELECT count(*), count(DISTINCT (l_orderkey, l_linenumber)) FROM read_parquet({sorted(known)})").fetchone()
        rows = client.peer.sql("SELECT count(*) FROM lineitem").fetchone()[0]
        assert found == (rows, rows)
