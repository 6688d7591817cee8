"""Lake tables and objects in S3, read and written by tasks in the server's process and on Ray: each statement is asked twice,
whole and cut. Tasks get the session's credentials, and nobody else's."""

import itertools
import pathlib
import sys

import duckdb
import pytest

import delta_table
import iceberg_table
import oracle
from ray_server import RayServer
from skein_server import SkeinServer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from services.iceberg_rest import IcebergCatalog  # noqa: E402
from services.s3 import S3Server  # noqa: E402

NUMBERS = itertools.count()
ROWS = 20000
SOURCE = f"SELECT i, i % 7 AS g, 'v' || i AS s, [i, NULL] AS l FROM range({ROWS}) r(i)"


class Session:
    def __init__(self, server):
        self.stack = server.connect_flight()
        self.cursor = self.stack.cursor()
        for setting in ("skein_distributed = 'on'", "num_shuffle_partitions = 3", "broadcast_threshold_mb = 0",
                        "skein_split_rows = 2000"):
            self.run("SET " + setting)

    def close(self):
        self.cursor.close()
        self.stack.close()

    def run(self, *statements):
        for statement in statements:
            self.cursor.execute(statement)
            rows = self.cursor.fetch_arrow_table() if self.cursor.description else None
        return rows

    def stages(self, sql):
        return self.run(f"""SELECT * FROM skein_explain('{sql.replace("'", "''")}')""").to_pylist()

    def same(self, *queries):
        for sql in queries:
            stages = self.stages(sql)
            assert max(stage["scanning_tasks"] or 0 for stage in stages) > 1, (stages[0]["decisions"], sql)
            cut = self.run(sql)
            self.run("SET skein_distributed = 'off'")
            whole = self.run(sql)
            self.run("SET skein_distributed = 'on'")
            assert whole.num_rows > 0
            assert oracle.difference(cut, whole) is None, sql


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with S3Server(tmp_path_factory.mktemp("s3") / "server") as one:
        one.make_bucket("lake")
        one.make_bucket("common")
        yield one


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    with IcebergCatalog(tmp_path_factory.mktemp("catalog")) as one:
        yield one


@pytest.fixture(scope="module", params=["local:2", "ray"])
def server(request, data_dir, tmp_path_factory, s3):
    kind = RayServer if request.param == "ray" else SkeinServer
    init_file = tmp_path_factory.mktemp("init") / "init.sql"
    init_file.write_text(s3.secret_sql("for_all").removesuffix(")") + ", SCOPE 's3://common/')")
    settings = {"cluster": request.param, "init_file": init_file, "extensions": "httpfs,ducklake,avro,iceberg,delta",
                "allowed_locations": f"{tmp_path_factory.getbasetemp()}/,s3://"}
    if request.param == "ray":
        settings["cluster_workers_max"] = 2
    with kind(data_dir, tmp_path_factory.mktemp("server"), settings=settings) as one:
        yield one


@pytest.fixture
def session(server):
    one = Session(server)
    yield one
    one.close()


def questions(table):
    return (f"SELECT * FROM {table}", f"SELECT g, count(*), sum(i), min(s) FROM {table} GROUP BY g",
            f"SELECT count(*), sum(a.i) FROM {table} a JOIN {table} b USING (i) WHERE b.g = 3")


def test_ducklake(session, tmp_path):
    """Written and read by tasks, with deletes."""
    session.run(f"COPY ({SOURCE}) TO '{tmp_path}/source.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)",
                f"ATTACH 'ducklake:{tmp_path}/meta.ducklake' AS lk (DATA_PATH '{tmp_path}/data/', DATA_INLINING_ROW_LIMIT 0)")
    try:
        create = f"CREATE TABLE lk.t AS FROM '{tmp_path}/source.parquet'"
        assert max(stage["tasks"] or 0 for stage in session.stages(create) if "COPY_TO_FILE" in (stage["plan"] or "")) == 3
        session.run(create, f"INSERT INTO lk.t SELECT i + {ROWS}, g, s, l FROM '{tmp_path}/source.parquet'",
                    "DELETE FROM lk.t WHERE i % 11 = 3")
        assert len(list((tmp_path / "data").rglob("*.parquet"))) >= 6
        session.same(*questions("lk.t"))
        # All or nothing.
        files = sorted((tmp_path / "data").rglob("*"))
        with pytest.raises(Exception, match="too late"):
            session.run(f"INSERT INTO lk.t SELECT CASE WHEN i = {ROWS - 1} THEN error('too late') ELSE i END, g, s, l"
                        f" FROM '{tmp_path}/source.parquet'")
        assert sorted((tmp_path / "data").rglob("*")) == files
    finally:
        session.run("DETACH lk")


def test_iceberg(session, tmp_path):
    table = iceberg_table.catalog(tmp_path / "ice").create_table("n.t", schema=delta_table.numbers(10).schema)
    for part in range(3):
        table.append(delta_table.numbers(3000, part * 3000))
    first = iceberg_table.data_files(table)[0]
    metadata = iceberg_table.delete_positions(table, {first: range(0, 3000, 7)})
    session.same(*questions(f"iceberg_scan('{metadata}')"))


def test_iceberg_written(session, catalog, tmp_path):
    namespace = f"ice.n{next(NUMBERS)}"
    table = f"{namespace}.t"
    session.run(f"COPY ({SOURCE}) TO '{tmp_path}/source.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)",
                catalog.attach_sql("ice"), f"CREATE SCHEMA {namespace}")
    try:
        session.run(f"CREATE TABLE {table} (i BIGINT, g BIGINT, s VARCHAR, l BIGINT[]) PARTITIONED BY (bucket(2, g))")
        insert = f"INSERT INTO {table} FROM '{tmp_path}/source.parquet'"
        assert max(stage["tasks"] or 0 for stage in session.stages(insert) if "COPY_TO_FILE" in (stage["plan"] or "")) == 3
        session.run(insert, f"DELETE FROM {table} WHERE i % 11 = 3")
        session.same(*questions(table))
        (row,) = session.run(f"SELECT count(*) AS n, count(DISTINCT i) AS i FROM {table}").to_pylist()
        assert row == {"n": ROWS - 1818, "i": ROWS - 1818}
        # All or nothing.
        files = sorted(catalog.work_dir.rglob("*.parquet"))
        with pytest.raises(Exception, match="too late"):
            session.run(f"INSERT INTO {table} (i) SELECT CASE WHEN i = {ROWS - 1} THEN error('too late') ELSE i END"
                        f" FROM '{tmp_path}/source.parquet'")
        assert sorted(catalog.work_dir.rglob("*.parquet")) == files
    finally:
        session.run("DETACH ice")


def test_delta(session, tmp_path):
    made = delta_table.make(tmp_path / "t", delta_table.numbers(9000))
    made.delete("i % 7 = 2")
    session.same(*questions(f"delta_scan('{tmp_path}/t')"))


def test_objects_with_a_secret_of_the_server(session, request, s3, tmp_path):
    name = request.node.callspec.params["server"].replace(":", "-")
    for part in range(2):
        session.run(f"COPY (SELECT * FROM ({SOURCE}) WHERE i % 2 = {part}) TO 's3://common/{name}/{part}.parquet' (FORMAT parquet)")
    session.same(*questions(f"read_parquet('s3://common/{name}/*.parquet')"))
    with duckdb.connect(str(tmp_path / "db.duckdb")) as database:
        database.execute("CREATE TABLE t AS SELECT range AS i FROM range(1000)")
    s3.client().upload_file(str(tmp_path / "db.duckdb"), "common", f"{name}.duckdb")
    session.run(f"ATTACH 's3://common/{name}.duckdb' AS remote (READ_ONLY)")
    assert session.run("SELECT sum(i)::BIGINT AS n FROM remote.t").to_pylist() == [{"n": 499500}]
    session.run("DETACH remote")


def test_objects_with_the_secret_of_the_session(server, session, s3, request):
    name = request.node.callspec.params["server"].replace(":", "-")
    session.run(s3.secret_sql("mine"))
    for part in range(3):
        session.run(f"COPY (SELECT * FROM ({SOURCE}) WHERE i % 3 = {part}) TO 's3://lake/{name}/{part}.parquet' (FORMAT parquet)")
    objects = f"read_parquet('s3://lake/{name}/*.parquet')"
    session.same(*questions(objects))
    # Written by tasks with that secret; nothing is left of a COPY that failed.
    copy = f"COPY (SELECT g, i, s FROM {objects}) TO 's3://lake/{name}-groups' (FORMAT parquet, PER_THREAD_OUTPUT)"
    assert max(stage["tasks"] or 0 for stage in session.stages(copy) if "COPY_TO_FILE" in (stage["plan"] or "")) == 3
    with pytest.raises(Exception, match="too late"):
        session.run(copy.replace("g, i, s", f"g, CASE WHEN i = {ROWS - 1} THEN error('too late') ELSE i END AS i, s"))
    assert session.run(f"SELECT count(*) AS n FROM glob('s3://lake/{name}-groups/**')").to_pylist() == [{"n": 0}]
    session.run(copy)
    (row,) = session.run(f"SELECT count(DISTINCT i) AS n FROM 's3://lake/{name}-groups/*.parquet'").to_pylist()
    assert row["n"] == ROWS
    # One text file of the store, in ranges of bytes.
    session.run(f"COPY (SELECT i, g, s, repeat('t', 20) AS t FROM {objects}) TO 's3://lake/{name}-one.csv' (FORMAT csv, HEADER)")
    one = f"read_csv('s3://lake/{name}-one.csv')"
    assert "ranges of bytes" in "".join(stage["decisions"] or "" for stage in session.stages(f"SELECT max(s) FROM {one}"))
    session.same(*questions(one))
    # A DuckLake whose files are objects, read and written with that secret.
    session.run(f"ATTACH 'ducklake:{server.work_dir}/s3-{name}.ducklake' AS lk (DATA_PATH 's3://lake/{name}-lake/', DATA_INLINING_ROW_LIMIT 0)",
                f"CREATE TABLE lk.t AS FROM {objects}", "DELETE FROM lk.t WHERE i % 11 = 3")
    try:
        session.same(*questions("lk.t"))
    finally:
        session.run("DETACH lk")
    # Workers keep nothing of a session that another could use.
    other, wrong = Session(server), Session(server)
    try:
        wrong.run("SET http_retries = 0", s3.secret_sql("bad", secret_key="not the secret key"))
        other.run("SET http_retries = 0", f"SET s3_endpoint = '{s3.endpoint}'", "SET s3_use_ssl = false", "SET s3_url_style = 'path'")
        for one in (other, wrong):
            with pytest.raises(Exception, match="(?i)403|denied|forbidden|signature|credentials"):
                one.run(f"SELECT g, count(*) FROM {objects} GROUP BY g")
    finally:
        other.close()
        wrong.close()
    session.same(questions(objects)[1])
    assert s3.secret_key not in server.log()
