"""COPY into an object store, written by tasks: the rows are DuckDB's, and nothing is left of what failed or was cancelled."""

import re
import sys
import threading
import pathlib

import psycopg
import pytest

import benchmark_data
from skein_server import SkeinServer, wait_until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from services.s3 import S3Server  # noqa: E402

ROWS = 20000
# DuckDB does not read partitions back whose values need escapes in the names of objects.
SOURCE = ("SELECT i, CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'one' ELSE 'two' END AS k,"
          " CASE i % 3 WHEN 0 THEN 'a/odd=b' WHEN 1 THEN 'x=y z' ELSE '%41' END AS odd,"
          f" 'line ' || i || chr(10) || repeat('z', (i % 50)::INTEGER) AS t, [i, NULL] AS l FROM range({ROWS}) r(i)")


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with S3Server(tmp_path_factory.mktemp("s3") / "server") as one:
        one.make_bucket("lake")
        yield one


class Session:
    def __init__(self, server, s3, source):
        self.server, self.s3, self.source = server, s3, source
        self.connection = server.connect_pg()
        for statement in (s3.secret_sql("mine"), "SET skein_distributed = 'on'", "SET num_shuffle_partitions = 3",
                          "SET broadcast_threshold_mb = 0", "SET skein_split_rows = 1000"):
            self.connection.execute(statement)

    def run(self, sql):
        return self.connection.execute(sql)

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def tasks(self, statement):
        """Tasks that write; and what is said of it."""
        text = statement.replace("'", "''")
        stages = self.rows(f"SELECT plan, tasks, decisions FROM skein_explain('{text}')")
        return (max((tasks or 0 for plan, tasks, _ in stages if "COPY_TO_FILE" in (plan or "")), default=0),
                " ".join(decisions or "" for _, _, decisions in stages))

    def objects(self, prefix):
        found, more = [], {}
        while True:
            answer = self.s3.client().list_objects_v2(Bucket="lake", Prefix=prefix + "/", **more)
            found += [one["Key"][len(prefix) + 1:] for one in answer.get("Contents", [])]
            if not answer["IsTruncated"]:
                return sorted(found)
            more = {"ContinuationToken": answer["NextContinuationToken"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    with SkeinServer(benchmark_data.tpch(0.01), tmp_path_factory.mktemp("server"), settings={
            "cluster": "local:2", "extensions": "httpfs", "allowed_locations": f"{folder}/,s3://"}) as one:
        one.folder = folder
        yield one


@pytest.fixture
def session(server, s3):
    source = server.folder / "source.parquet"
    if not source.exists():
        with benchmark_data.connect() as peer:
            peer.execute(f"COPY ({SOURCE}) TO '{source}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    one = Session(server, s3, source)
    yield one
    one.connection.close()


@pytest.fixture
def prefix(request):
    return re.sub(r"\W+", "-", request.node.name).strip("-")


def check_rows(session, prefix, columns="*", read="read_parquet('s3://lake/{}/**')"):
    found = session.rows(f"SELECT {columns} FROM {read.format(prefix)}")
    session.run("SET skein_distributed = 'off'")
    expected = session.rows(f"SELECT {columns} FROM '{session.source}'")
    session.run("SET skein_distributed = 'on'")
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


@pytest.mark.parametrize("options", ["PER_THREAD_OUTPUT", "FILE_SIZE_BYTES '100kB'", "PARTITION_BY (k)",
                                     "PER_THREAD_OUTPUT, FILENAME_PATTERN 'part_{uuid}_x', COMPRESSION zstd",
                                     "PER_THREAD_OUTPUT, FILENAME_PATTERN '{i}'"])
def test_parquet(session, prefix, options):
    statement = f"COPY (SELECT * FROM '{session.source}') TO 's3://lake/{prefix}' (FORMAT parquet, {options})"
    assert session.tasks(statement)[0] == 3
    assert session.run(statement).statusmessage == f"COPY {ROWS}"
    check_rows(session, prefix, "i, k, t, l",
               "read_parquet('s3://lake/{}/**', hive_partitioning = " + str("PARTITION" in options) + ")")
    names = session.objects(prefix)
    assert len(names) >= 3 and all(name.endswith(".parquet") for name in names)
    if "PARTITION_BY" in options:
        session.run(statement.replace(f"/{prefix}'", f"/{prefix}-odd'").replace("(k)", "(odd, k)"))
        assert {name.split("/")[0] for name in session.objects(prefix + "-odd")} == {"odd=a%2Fodd%3Db", "odd=x%3Dy%20z", "odd=%2541"}
        assert {name.rsplit("/", 1)[0] for name in names} == {"k=__HIVE_DEFAULT_PARTITION__", "k=one", "k=two"}
    elif "FILENAME" not in options:
        assert all(name.startswith("data_") for name in names)
    elif "part_" in options:
        assert all(name.startswith("part_") and name.endswith("_x.parquet") for name in names)
    # A folder that has objects: refused, added to, or replaced.
    plain = f"COPY (SELECT * FROM '{session.source}' WHERE i < 3000) TO 's3://lake/{prefix}' (FORMAT parquet, PER_THREAD_OUTPUT"
    if "PARTITION" in options:
        return
    with pytest.raises(psycopg.Error, match="is not empty"):
        session.run(plain + ")")
    assert session.objects(prefix) == names
    session.run(plain + ", APPEND)")
    assert set(session.objects(prefix)) > set(names)
    assert session.rows(f"SELECT count(*) FROM 's3://lake/{prefix}/*.parquet'") == [(ROWS + 3000,)]
    session.run(plain + ", OVERWRITE)")
    assert session.rows(f"SELECT count(*) FROM 's3://lake/{prefix}/*.parquet'") == [(3000,)]
    assert not set(names) & set(session.objects(prefix))


def test_csv_and_no_rows(session, prefix):
    statement = f"COPY (SELECT i, k, t FROM '{session.source}') TO 's3://lake/{prefix}/csv' (FORMAT csv, HEADER, PER_THREAD_OUTPUT)"
    assert session.tasks(statement)[0] == 3
    session.run(statement)
    check_rows(session, prefix, "i, k, t", "read_csv('s3://lake/{}/csv/*.csv', header = true, delim = ',', quote = '\"')")
    session.run(f"COPY (SELECT * FROM '{session.source}' WHERE i < 0) TO 's3://lake/{prefix}/none' (FORMAT parquet, PER_THREAD_OUTPUT)")
    assert len(session.objects(f"{prefix}/none")) == 1
    assert session.rows(f"SELECT count(i) FROM 's3://lake/{prefix}/none/*.parquet'") == [(0,)]


@pytest.mark.parametrize("options", ["FORMAT parquet, PER_THREAD_OUTPUT", "FORMAT csv, FILE_SIZE_BYTES '50kB'",
                                     "FORMAT parquet, PARTITION_BY (k)", "FORMAT parquet, PARTITION_BY (odd, k)",
                                     "FORMAT parquet, PER_THREAD_OUTPUT, OVERWRITE"])
def test_a_failure_leaves_nothing(session, prefix, options):
    """One engine leaves what it wrote until then, the unfinished file among it."""
    before = []
    if "OVERWRITE" in options:
        session.run(f"COPY (SELECT 1 AS one) TO 's3://lake/{prefix}/old.parquet' (FORMAT parquet)")
        before = ["old.parquet"]
    query = f"SELECT i, CASE WHEN i = {ROWS - 7} THEN error('no number') END AS e, k, odd, t FROM '{session.source}'"
    statement = f"COPY ({query}) TO 's3://lake/{prefix}' ({options})"
    assert session.tasks(statement)[0] == 3
    with pytest.raises(psycopg.Error, match="no number"):
        session.run(statement)
    assert session.objects(prefix) == before


def test_a_cancelled_copy_leaves_nothing(session, prefix, s3):
    endless = f"SELECT a.i, b.t FROM '{session.source}' a JOIN '{session.source}' b ON a.i % 3 = b.i % 3"
    statement = f"COPY ({endless}) TO 's3://lake/{prefix}' (FORMAT csv, FILE_SIZE_BYTES '100kB')"
    assert session.tasks(statement)[0] == 3
    raised = []

    def run():
        try:
            session.run(statement)
        except psycopg.Error as error:
            raised.append(error.sqlstate)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(lambda: len(session.objects(prefix)) > 2, seconds=60)
    finally:
        session.connection.cancel_safe()
        thread.join()
    assert raised == ["57014"]
    assert session.objects(prefix) == []
    # The session goes on.
    assert session.rows(f"SELECT count(*) FROM '{session.source}'") == [(ROWS,)]


def test_what_one_engine_writes(session, prefix):
    def why(target, options):
        tasks, said = session.tasks(f"COPY (SELECT * FROM '{session.source}') TO '{target}' (FORMAT parquet, {options})")
        assert tasks <= 1
        return said
    assert "by their numbers" in why(f"s3://lake/{prefix}", "PER_THREAD_OUTPUT, OVERWRITE_OR_IGNORE")
    assert "one writer" in why(f"s3://lake/{prefix}.parquet", "ROW_GROUP_SIZE 2048")
    session.run(f"COPY (SELECT * FROM '{session.source}') TO 's3://lake/{prefix}' (FORMAT parquet, PER_THREAD_OUTPUT, OVERWRITE_OR_IGNORE)")
    check_rows(session, prefix)


def test_credentials_that_may_not(session, prefix, s3, server):
    with server.connect_pg() as other:
        other.execute("SET http_retries = 0")
        other.execute(s3.secret_sql("bad", secret_key="not the secret key"))
        other.execute("SET skein_distributed = 'on'")
        other.execute("SET num_shuffle_partitions = 3")
        other.execute("SET skein_split_rows = 1000")
        other.execute("SET broadcast_threshold_mb = 0")
        with pytest.raises(psycopg.Error, match="(?i)403|denied|forbidden|signature"):
            other.execute(f"COPY (SELECT * FROM '{session.source}') TO 's3://lake/{prefix}' (FORMAT parquet, PER_THREAD_OUTPUT)")
    assert session.objects(prefix) == []
