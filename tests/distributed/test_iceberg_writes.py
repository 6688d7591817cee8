"""INSERT into Iceberg tables of a REST catalogue by tasks: DuckDB's rows, one snapshot, all or nothing, and no file that the
table does not know. What tasks wrote is read by tasks, by DuckDB and by pyiceberg."""

import itertools
import pathlib
import sys

import duckdb
import psycopg
import pyarrow
import pytest

import oracle
from skein_server import SkeinServer, deps, wait_until
from tables import CUT, ROWS, SOURCE, Tables

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from services.iceberg_rest import IcebergCatalog  # noqa: E402
from services.iceberg_vending import Vending  # noqa: E402
from services.s3 import S3Server  # noqa: E402

NUMBERS = itertools.count()
COLUMNS = "(i BIGINT, g BIGINT, s VARCHAR, l BIGINT[], t STRUCT(a BIGINT, b VARCHAR))"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    with IcebergCatalog(tmp_path_factory.mktemp("iceberg")) as one:
        yield one


class Iceberg(Tables):
    """The catalogue as `ice`, with a namespace of the test's own, which `t` and the like stand for in `name`."""

    def __init__(self, cluster, folder, tmp_path_factory, catalog):
        super().__init__(cluster, folder, tmp_path_factory)
        self.catalog = catalog
        self.namespace = f"n{next(NUMBERS)}"
        self.run(catalog.attach_sql("ice"), f"CREATE SCHEMA ice.{self.namespace}")
        self.pair.peer.execute(f"COPY ({SOURCE}) TO '{folder}/source.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        self.source = f"'{folder}/source.parquet'"

    def close(self):
        self.run("DETACH ice")

    def name(self, table):
        return f"ice.{self.namespace}.{table}"

    def loaded(self, table):
        """pyiceberg's table."""
        return self.catalog.client().load_table((self.namespace, table))

    def snapshots(self, table):
        return len(self.loaded(table).snapshots())

    def files(self, table):
        data = self.catalog.work_dir / "warehouse" / self.namespace / table / "data"
        return sorted(str(path) for path in data.rglob("*") if path.is_file() and path.suffix != ".crc")

    def known_files(self, table):
        return sorted(task.file.file_path.removeprefix("file://") for task in self.loaded(table).scan().plan_files())

    def tasks(self, statement):
        return max([stage["tasks"] for stage in self.pair.explain(statement) if "COPY_TO_FILE" in (stage["plan"] or "")],
                   default=0)

    def another_session(self):
        connection = self.pair.server.connect_pg()
        for statement in (self.catalog.attach_sql("ice"), "SET skein_distributed = 'on'",
                          *(f"SET {name} = '{value}'" for name, value in CUT.items())):
            connection.execute(statement)
        return connection

    def elsewhere(self):
        """DuckDB, which knows nothing of us, with the catalogue attached."""
        database = duckdb.connect(config={"extension_directory": deps()["SKEIN_EXTENSION_DIR"]})
        for extension in ("httpfs", "avro", "iceberg", "icu"):
            database.execute(f"LOAD {extension}")
        database.execute(self.catalog.attach_sql("ice"))
        return database

    def same_rows(self, table, wanted):
        """`wanted` is SQL that needs no catalogue; the table's rows are asked for cut, whole, and of DuckDB."""
        rows = self.pair.peer.sql(wanted).to_arrow_table()
        sql = f"SELECT * FROM {self.name(table)}"
        for answer in (self.run(sql), self.whole(sql)):
            assert oracle.difference(answer, rows) is None
        with self.elsewhere() as database:
            assert oracle.difference(database.sql(sql).to_arrow_table(), rows) is None
        assert self.known_files(table) == self.files(table)
        assert self.loaded(table).scan().to_arrow().num_rows == rows.num_rows


@pytest.fixture
def ice(cluster, tmp_path, tmp_path_factory, catalog):
    made = Iceberg(cluster, tmp_path, tmp_path_factory, catalog)
    yield made
    made.close()


def test_a_catalogues_tables_are_read_by_tasks(ice):
    table = ice.name("t")
    ice.run(f"CREATE TABLE {table} {COLUMNS}")
    ice.pair.set(skein_distributed="off")
    for part in range(3):
        ice.run(f"INSERT INTO {table} FROM {ice.source} WHERE i % 3 = {part}")
    ice.run(f"DELETE FROM {table} WHERE i % 10 = 0")
    ice.pair.set(skein_distributed="on")
    assert max(stage["scanning_tasks"] or 0 for stage in ice.pair.explain(f"SELECT sum(i) FROM {table}")) == 3
    ice.same(f"SELECT * FROM {table}", f"SELECT g, count(*), sum(i), min(s) FROM {table} GROUP BY g",
             f"SELECT i, s FROM {table} WHERE i BETWEEN 2900 AND 3100",
             f"SELECT count(*), sum(a.i) FROM {table} a JOIN {table} b USING (i) WHERE b.g = 3")
    (row,) = ice.run(f"SELECT count(*) AS n FROM {table}").to_pylist()
    assert row["n"] == ROWS * 9 // 10


@pytest.mark.parametrize("tasks", [1, 2, 3, 7])
def test_insert(ice, tasks):
    table = ice.name("t")
    ice.run(f"CREATE TABLE {table} {COLUMNS}")
    ice.pair.set(num_shuffle_partitions=tasks)
    statement = f"INSERT INTO {table} SELECT * FROM {ice.source}"
    assert ice.tasks(statement) == tasks
    assert ice.files("t") == [] and ice.snapshots("t") == 0
    ice.run(statement)
    assert ice.snapshots("t") == 1
    assert len(ice.files("t")) == tasks
    ice.same_rows("t", f"FROM {ice.source}")
    ice.run(statement)
    assert ice.snapshots("t") == 2
    ice.same_rows("t", f"FROM {ice.source} UNION ALL FROM {ice.source}")


def test_how_many_rows(ice):
    ice.run(f"CREATE TABLE {ice.name('t')} {COLUMNS}")
    with ice.another_session() as connection:
        assert connection.execute(f"INSERT INTO {ice.name('t')} SELECT * FROM {ice.source}").statusmessage == f"INSERT 0 {ROWS}"
    assert len(ice.files("t")) == 3


VALUES = """SELECT CASE WHEN i % 7 > 0 THEN i::BIGINT END AS big, CASE WHEN i % 5 > 0 THEN i::INTEGER END AS small,
 CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN '-inf'::DOUBLE WHEN 3 THEN '-0'::DOUBLE ELSE i / 3 END AS d,
 CASE i % 4 WHEN 0 THEN 'NaN'::FLOAT WHEN 1 THEN NULL ELSE (i / 7)::FLOAT END AS f, i % 3 = 0 AS b,
 (i * 1.01)::DECIMAL(18,3) AS dec, (i::HUGEINT * 100000000000000000000)::DECIMAL(38,2) AS wide, 'é' || i || chr(10) AS s,
 DATE '1890-01-01' + i::INTEGER AS day, TIME '00:00:00' + i * INTERVAL '1.5 seconds' AS tm,
 TIMESTAMP '1969-12-31 23:59:59.999999' + i * INTERVAL 1 HOUR AS ts,
 TIMESTAMPTZ '2024-03-31 00:30:00+00' + i * INTERVAL 7 MINUTE AS tz, (i || 'bytes')::BLOB AS raw,
 ('00000000-0000-0000-0000-' || lpad(i::VARCHAR, 12, '0'))::UUID AS u, [i, NULL, -i] AS l,
 {'a': i, 'b': [{'c': 'x' || i, 'd': NULL::DATE}]} AS nested, MAP {'k' || i % 3: i} AS m FROM range(20000) r(i)"""


def test_values_of_all_types(ice):
    """Bounds and counts that the catalogue keeps are right, too: filters give what DuckDB's give."""
    path = f"{ice.folder}/values.parquet"
    ice.pair.peer.execute(f"COPY ({VALUES}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    columns = ", ".join(f"{name} {kind}" for name, kind, *_ in ice.pair.peer.sql(f"DESCRIBE FROM '{path}'").fetchall())
    table = ice.name("v")
    ice.run(f"CREATE TABLE {table} ({columns})")
    statement = f"INSERT INTO {table} FROM '{path}'"
    assert ice.tasks(statement) == 3
    ice.run(statement)
    ice.same_rows("v", f"FROM '{path}'")
    # NaN is not asked for: DuckDB's bounds leave it out, and its filter then passes over the files, cut or whole.
    for condition in ("d < 0", "f > 100", "dec BETWEEN 100 AND 101", "wide > 1e24", "s >= 'é19'",
                      "day < DATE '1890-03-01'", "ts < TIMESTAMP '1970-01-01'", "tz = TIMESTAMPTZ '2024-03-31 01:33:00+00'",
                      "big IS NULL", "small IS NOT NULL AND b", "nested.a = 77", "u > '00000000-0000-0000-0000-000000019990'"):
        sql = f"SELECT count(*), sum(big), min(s), max(d) FROM {{}} WHERE {condition}"
        wanted = ice.pair.peer.sql(sql.format(f"'{path}'")).to_arrow_table()
        assert oracle.difference(ice.run(sql.format(table)), wanted) is None, condition


def test_columns_left_out_and_converted(ice):
    table = ice.name("d")
    ice.run(f"CREATE TABLE {table} (id VARCHAR, made INTEGER, g INTEGER)",
            f"INSERT INTO {table} (g, id) SELECT g, i FROM {ice.source} WHERE i % 2 = 0")
    ice.same_rows("d", f"SELECT i::VARCHAR AS id, NULL::INTEGER AS made, g::INTEGER AS g FROM {ice.source} WHERE i % 2 = 0")
    with pytest.raises(Exception, match="(?i)conver|cast|range"):
        ice.run(f"INSERT INTO {table} (g) SELECT i * 1000000 FROM {ice.source}")
    assert ice.known_files("d") == ice.files("d")
    assert ice.snapshots("d") == 1


def test_not_null_holds_and_leaves_nothing(ice):
    table = ice.name("n")
    ice.run(f"CREATE TABLE {table} (i BIGINT NOT NULL)")
    insert = f"INSERT INTO {table} SELECT CASE WHEN i = 7777 THEN NULL ELSE i END FROM {ice.source}"
    assert ice.tasks(insert) == 3
    with pytest.raises(Exception, match="NOT NULL"):
        ice.run(insert)
    assert ice.snapshots("n") == 0 and ice.files("n") == []
    ice.run(f"INSERT INTO {table} SELECT i FROM {ice.source}")
    ice.same_rows("n", f"SELECT i FROM {ice.source}")


PARTITIONED = [("g", "g"), ("year(day), bucket(3, i)", "year(day)"), ("truncate(2, s)", "left(s, 2)"), ("month(day)", "month(day)")]


@pytest.mark.parametrize("partitions", [spec for spec, _ in PARTITIONED])
def test_partitions(ice, partitions):
    table = ice.name("p")
    ice.run(f"CREATE TABLE {table} (i BIGINT, g BIGINT, s VARCHAR, day DATE) PARTITIONED BY ({partitions})")
    rows = f"SELECT i, nullif(g, 2) AS g, s, DATE '2019-11-20' + (i % 100)::INTEGER AS day FROM {ice.source}"
    statement = f"INSERT INTO {table} {rows}"
    assert ice.tasks(statement) == 3, ice.why_whole(statement)
    ice.run(statement)
    ice.same_rows("p", rows)
    # Each file belongs to one partition, which pyiceberg finds by what the table says of the file.
    for condition, text in (("g = 3", "g == 3"), ("day < '2019-12-01'", "day < '2019-12-01'"), ("s = 'v77'", "s == 'v77'"), ("i = 5", "i == 5")):
        (row,) = ice.pair.peer.sql(f"SELECT count(*) FROM ({rows}) WHERE {condition}").fetchall()
        assert ice.run(f"SELECT count(*) AS n FROM {table} WHERE {condition}").to_pylist() == [{"n": row[0]}]
        assert ice.loaded("p").scan(row_filter=text).to_arrow().num_rows == row[0]
    assert len(list(ice.loaded("p").scan(row_filter="g == 3 and i == 5 and day == '2019-11-25'").plan_files())) < len(ice.files("p"))


def test_version_3_numbers_rows(ice):
    """Each row has a number of its own, whoever wrote it, and its deletes are found by it."""
    table = ice.name("v3")
    ice.run(f"CREATE TABLE {table} (i BIGINT) WITH ('format-version' = '3')")
    for _ in range(2):
        ice.run(f"INSERT INTO {table} SELECT i FROM {ice.source}")
    assert len(ice.files("v3")) == 6
    with ice.elsewhere() as database:
        numbers = f"SELECT count(DISTINCT _row_id), min(_row_id), max(_row_id) FROM {table}"
        assert database.sql(numbers).fetchall() == [(2 * ROWS, 0, 2 * ROWS - 1)]
    ice.run(f"DELETE FROM {table} WHERE i % 10 = 0")
    wanted = ice.pair.peer.sql(f"SELECT i FROM {ice.source} WHERE i % 10 > 0 UNION ALL SELECT i FROM {ice.source} WHERE i % 10 > 0")
    assert oracle.difference(ice.run(f"SELECT i FROM {table}"), wanted.to_arrow_table()) is None


def test_a_task_that_fails_leaves_nothing(ice):
    table = ice.name("f")
    ice.run(f"CREATE TABLE {table} (i BIGINT, s VARCHAR)")
    with pytest.raises(Exception, match="too late"):
        ice.run(f"INSERT INTO {table} SELECT CASE WHEN i = 19999 THEN error('too late') ELSE i END, s FROM {ice.source}")
    assert ice.snapshots("f") == 0 and ice.files("f") == []
    ice.run(f"INSERT INTO {table} SELECT i, s FROM {ice.source}")
    with pytest.raises(Exception, match="(?i)conver"):
        ice.run(f"INSERT INTO {table} SELECT replace(s, 'v1999', 'x')[2:]::BIGINT, s FROM {ice.source}")
    assert ice.snapshots("f") == 1
    ice.same_rows("f", f"SELECT i, s FROM {ice.source}")


def test_transactions(ice):
    table = ice.name("t")
    ice.run(f"CREATE TABLE {table} {COLUMNS}", f"INSERT INTO {table} FROM {ice.source} WHERE i < 100")
    before = ice.files("t")
    ice.run("BEGIN", f"INSERT INTO {table} FROM {ice.source} WHERE i >= 100 AND i < 9000")
    assert ice.run(f"SELECT count(*) AS n, sum(i)::BIGINT AS s FROM {table}").to_pylist() == [{"n": 9000, "s": 8999 * 4500}]
    with ice.elsewhere() as database:
        assert database.sql(f"SELECT count(*) FROM {table}").fetchall() == [(100,)]
    assert len(ice.files("t")) > len(before)
    ice.run("ROLLBACK")
    assert ice.snapshots("t") == 1 and ice.files("t") == before
    assert ice.run(f"SELECT count(*) AS n FROM {table}").to_pylist() == [{"n": 100}]
    # Fails within a transaction: what it wrote goes, and with ROLLBACK what was written before.
    ice.run("BEGIN", f"INSERT INTO {table} FROM {ice.source} WHERE i >= 100 AND i < 9000")
    with pytest.raises(Exception, match="too late"):
        ice.run(f"INSERT INTO {table} (i) SELECT CASE WHEN i = 19999 THEN error('too late') ELSE i END FROM {ice.source}")
    ice.run("ROLLBACK")
    assert ice.snapshots("t") == 1 and ice.files("t") == before
    ice.run("BEGIN", f"INSERT INTO {table} FROM {ice.source} WHERE i >= 100 AND i < 9000",
            f"INSERT INTO {table} FROM {ice.source} WHERE i >= 9000", "COMMIT")
    ice.same_rows("t", f"FROM {ice.source}")


def test_two_at_once(ice):
    """One is first; the other is told so, and leaves no file."""
    table = ice.name("t")
    ice.run(f"CREATE TABLE {table} {COLUMNS}")
    with ice.another_session() as other:
        other.execute("BEGIN")
        other.execute(f"INSERT INTO {table} FROM {ice.source} WHERE i < 9000")
        assert len(ice.files("t")) == 3
        ice.run(f"INSERT INTO {table} FROM {ice.source} WHERE i >= 9000")
        with pytest.raises(psycopg.errors.SerializationFailure, match="Requirement failed"):
            other.execute("COMMIT")
    ice.same_rows("t", f"FROM {ice.source} WHERE i >= 9000")
    assert ice.snapshots("t") == 1


def test_from_a_table_to_itself(ice):
    table = ice.name("t")
    ice.run(f"CREATE TABLE {table} {COLUMNS}", f"INSERT INTO {table} FROM {ice.source}", f"DELETE FROM {table} WHERE i % 10 = 0")
    statement = f"INSERT INTO {table} SELECT i + {ROWS}, g, s, l, t FROM {table} WHERE g <> 3"
    assert ice.tasks(statement) == 3
    ice.run(statement)
    rows = f"FROM {ice.source} WHERE i % 10 <> 0"
    wanted = f"SELECT * {rows} UNION ALL SELECT i + {ROWS}, g, s, l, t {rows} AND g <> 3"
    for sql in (f"SELECT * FROM {table}",):
        assert oracle.difference(ice.run(sql), ice.pair.peer.sql(wanted).to_arrow_table()) is None


def test_where_the_session_may_not_write(ice, tmp_path_factory, request):
    """The catalogue's word on where a table lies gives nobody the right to write there."""
    outside = pathlib.Path(tmp_path_factory.getbasetemp().parent) / f"outside-{tmp_path_factory.getbasetemp().name}"
    outside.mkdir(exist_ok=True)
    request.addfinalizer(lambda: __import__("shutil").rmtree(outside))
    ice.catalog.client().create_table((ice.namespace, "o"), schema=pyarrow.schema([("i", pyarrow.int64())]), location=f"file://{outside}/o")
    with pytest.raises(Exception, match="(?i)permission|not allowed|disabled|access"):
        ice.run(f"INSERT INTO {ice.name('o')} SELECT i FROM {ice.source}")
    assert ice.snapshots("o") == 0 and list((outside / "o").rglob("*.parquet")) == []


def test_cancelled(ice):
    table = ice.name("t")
    ice.run(f"CREATE TABLE {table} (i BIGINT)")
    ice.cancel(f"INSERT INTO {table} SELECT a.i + b.i FROM {ice.source} a, {ice.source} b", lambda: ice.files("t"))
    # The client is told before the server has tidied up.
    wait_until(lambda: not ice.files("t"), 60, "files are left")
    assert ice.snapshots("t") == 0


class Stored:
    """A session whose catalogue keeps its tables in the bucket `ice`."""

    def __init__(self, server, s3, catalog):
        self.server, self.s3, self.catalog, self.namespace = server, s3, catalog, f"n{next(NUMBERS)}"
        self.connection = server.connect_pg()
        for statement in (s3.secret_sql("mine"), catalog.attach_sql("ice"), "SET skein_distributed = 'on'",
                          *(f"SET {name} = '{value}'" for name, value in CUT.items()), f"CREATE SCHEMA ice.{self.namespace}"):
            self.run(statement)

    def run(self, sql):
        cursor = self.connection.execute(sql)
        return cursor.fetchall() if cursor.description else cursor.statusmessage

    def name(self, table):
        return f"ice.{self.namespace}.{table}"

    def explain(self, sql):
        return str(self.run(f"EXPLAIN (DISTRIBUTED) {sql}"))

    def files(self, table):
        listed = self.s3.client().list_objects_v2(Bucket="ice", Prefix=f"warehouse/{self.namespace}/{table}/data/")
        return sorted(f"s3://ice/{one['Key']}" for one in listed.get("Contents", []))

    def check(self, table, rows, tasks):
        """How many rows, all different, and files."""
        assert self.run(f"SELECT count(*), count(DISTINCT i) FROM {self.name(table)}") == [(rows, rows)]
        loaded = self.catalog.client().load_table((self.namespace, table))
        assert len(set(loaded.scan().to_arrow()["i"].to_pylist())) == rows
        assert sorted(task.file.file_path for task in loaded.scan().plan_files()) == self.files(table)
        assert len(self.files(table)) == tasks


@pytest.fixture(scope="module")
def stored_parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    (folder / "data").mkdir()
    with duckdb.connect() as peer:
        peer.execute(f"COPY ({SOURCE}) TO '{folder}/data/source.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    with (S3Server(folder / "s3") as s3, IcebergCatalog(folder / "catalog", s3, "ice") as catalog,
          SkeinServer(folder / "data", folder / "server", settings={
              "cluster": "local:2", "extensions": "httpfs,avro,iceberg", "allowed_locations": "s3://ice/"}) as server):
        for bucket in ("ice", "elsewhere"):
            s3.make_bucket(bucket)
        yield server, s3, catalog


@pytest.fixture
def stored(stored_parts):
    one = Stored(*stored_parts)
    yield one
    one.connection.close()


@pytest.mark.parametrize("tasks", [True, False])
def test_in_an_object_store(stored, tasks):
    """The session's secret, which the extension's own connection has while it commits, is nobody else's."""
    if not tasks:
        stored.run("SET skein_distributed = 'off'")
    table = stored.name("t")
    stored.run(f"CREATE TABLE {table} {COLUMNS}")
    statement = f"INSERT INTO {table} SELECT * FROM source"
    if tasks:
        assert "COPY_TO_FILE" in stored.explain(statement) and "each task writes files" in stored.explain(statement)
    files = 3 if tasks else 1
    assert stored.run(statement) == f"INSERT 0 {ROWS}"
    stored.check("t", ROWS, files)
    if tasks:
        with pytest.raises(Exception, match="too late"):
            stored.run(f"INSERT INTO {table} (i) SELECT CASE WHEN i = 19999 THEN error('too late') ELSE i END FROM source")
    for end in ("ROLLBACK", "COMMIT"):
        stored.check("t", ROWS, files)
        stored.run("BEGIN")
        stored.run(f"INSERT INTO {table} SELECT i + {ROWS}, g, s, l, t FROM source")
        assert len(stored.files("t")) == 2 * files
        stored.run(end)
    stored.check("t", 2 * ROWS, 2 * files)
    with stored.server.connect_pg() as other:
        other.execute(stored.catalog.attach_sql("ice"))
        for statement in (f"SELECT * FROM {table}", f"INSERT INTO {table} (i) SELECT i FROM source"):
            with pytest.raises(Exception, match="(?i)hostname|forbidden|denied|connect"):
                other.execute(statement).fetchall()
    stored.check("t", 2 * ROWS, 2 * files)


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_table_of_the_same_transaction(stored, end):
    stored.run("BEGIN")
    stored.run(f"CREATE TABLE {stored.name('new')} {COLUMNS}")
    stored.run(f"INSERT INTO {stored.name('new')} SELECT * FROM source")
    assert stored.run(f"SELECT count(*) FROM {stored.name('new')}") == [(ROWS,)]
    assert len(stored.files("new")) == 3
    stored.run(end)
    if end == "COMMIT":
        stored.check("new", ROWS, 3)
    else:
        assert not stored.catalog.client().table_exists((stored.namespace, "new"))
        assert stored.files("new") == []


def test_create_table_as_is_written_by_one_engine(stored):
    statement = f"CREATE TABLE {stored.name('made')} AS SELECT i FROM source"
    assert "an INSERT into a table that exists is written by tasks" in stored.explain(statement)
    assert not stored.catalog.client().table_exists((stored.namespace, "made"))
    stored.run(statement)
    stored.check("made", ROWS, 1)


def test_a_bucket_that_is_not_allowed(stored):
    stored.catalog.client().create_table((stored.namespace, "o"), schema=pyarrow.schema([("i", pyarrow.int64())]),
                                         location="s3://elsewhere/o")
    with pytest.raises(Exception, match="(?i)permission|not allowed|disabled|access"):
        stored.run(f"INSERT INTO {stored.name('o')} SELECT i FROM source")
    objects = stored.s3.client().list_objects_v2(Bucket="elsewhere").get("Contents", [])
    assert not [one["Key"] for one in objects if one["Key"].endswith(".parquet")]


def test_credentials_that_a_catalogue_hands_out_are_the_sessions(tmp_path, stored_parts):
    _, s3, _ = stored_parts
    (tmp_path / "data").mkdir()
    with (IcebergCatalog(tmp_path / "catalog", s3, "ice", vends=True) as catalog,
          SkeinServer(tmp_path / "data", tmp_path / "server", environment={"AWS_REGION": s3.region}, settings={
              "extensions": "httpfs,avro,iceberg", "allowed_locations": "s3://ice/"}) as server,
          server.connect_pg() as one, server.connect_pg() as other):
        def found(session):
            return (session.execute("SELECT name FROM duckdb_secrets()").fetchall(),
                    session.execute("FROM which_secret('s3://ice/warehouse/vended/t/data/x', 's3')").fetchall())

        one.execute(catalog.attach_sql("ice"))
        one.execute("CREATE SCHEMA ice.vended")
        one.execute("CREATE TABLE ice.vended.t (i BIGINT)")
        one.execute("BEGIN")
        one.execute("EXPLAIN INSERT INTO ice.vended.t SELECT 1")
        assert any("vended" in name for name, in found(one)[0]) and found(one)[1]
        assert found(other) == ([], [])
        one.execute("COMMIT")
        assert found(other) == ([], [])
        # The last one counts, and no other is kept.
        (before,), _ = found(one)
        one.execute("EXPLAIN INSERT INTO ice.vended.t SELECT 1")
        (after,), _ = found(one)
        assert after != before


def test_tasks_read_and_write_with_what_a_catalogue_vends(tmp_path, stored_parts):
    """The keys of one session's table are in its tasks, and in nobody else's; the store refuses those of the other."""
    _, s3, _ = stored_parts
    (tmp_path / "data").mkdir()
    with duckdb.connect() as peer:
        peer.execute(f"COPY ({SOURCE}) TO '{tmp_path}/data/source.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    with (IcebergCatalog(tmp_path / "catalog", s3, "ice") as catalog,
          Vending(catalog, {"ann": (s3.access_key, s3.secret_key), "bob": ("AKIANOTKNOWN", "no/secret")}) as vending,
          SkeinServer(tmp_path / "data", tmp_path / "server", settings={
              "cluster": "local:2", "extensions": "httpfs,avro,iceberg", "allowed_locations": "s3://ice/"}) as server,
          server.connect_pg() as ann, server.connect_pg() as bob, server.connect_pg() as nobody):
        for session, token in ((ann, "ann"), (bob, "bob")):
            for statement in (vending.secret_sql(token), vending.attach_sql("ice"), "SET skein_distributed = 'on'",
                              *(f"SET {name} = '{value}'" for name, value in CUT.items())):
                session.execute(statement)
        ann.execute("CREATE SCHEMA ice.lent")
        ann.execute(f"CREATE TABLE ice.lent.t {COLUMNS}")
        insert = "INSERT INTO ice.lent.t SELECT * FROM source"
        plan = "\n".join(row[0] for row in ann.execute(f"EXPLAIN (DISTRIBUTED) {insert}").fetchall())
        assert "COPY_TO_FILE" in plan and "each task writes files" in plan
        for times in (1, 2):
            ann.execute(insert)
            grouped = "SELECT g, count(*), sum(i) FROM ice.lent.t GROUP BY g"
            plan = "\n".join(row[0] for row in ann.execute(f"EXPLAIN (DISTRIBUTED) {grouped}").fetchall())
            assert plan.startswith("Distributed: ") and "3 tasks" in plan
            assert sum(row[1] for row in ann.execute(grouped).fetchall()) == times * ROWS
        files = [one["Key"] for one in s3.client().list_objects_v2(Bucket="ice", Prefix="warehouse/lent/t/data/")["Contents"]]
        assert len(files) == 6
        for statement in (grouped, insert, f"SELECT count(g) FROM 's3://ice/{files[0]}'"):
            for session in (bob, nobody):
                with pytest.raises(psycopg.Error) as refused:
                    session.execute(statement).fetchall()
                assert s3.secret_key not in str(refused.value)
        assert "ann" in vending.vended and "bob" in vending.vended
        assert bob.execute("SELECT count(*) FROM duckdb_secrets() WHERE secret_string LIKE %s", (f"%{s3.access_key}%",)).fetchone() == (0,)
        assert sum(row[1] for row in ann.execute(grouped).fetchall()) == 2 * ROWS
