"""What a session attaches is its own: others do not see it, by name or in a list, and are not in the way of its names.
It goes with its session."""

import concurrent.futures
import re

import duckdb
import psycopg
import pytest

from skein_server import SkeinServer, StartError, wait_until

LISTS = [
    "SELECT database_name FROM duckdb_databases()",
    "SELECT database_name FROM duckdb_schemas()",
    "SELECT database_name FROM duckdb_tables()",
    "SELECT database_name FROM duckdb_columns()",
    "SELECT database_name FROM duckdb_views()",
    "SELECT database_name FROM duckdb_sequences()",
    "SELECT database_name FROM duckdb_types()",
    "SELECT database_name FROM duckdb_constraints()",
    "SELECT database_name FROM duckdb_indexes()",
    "SELECT database_name FROM duckdb_functions()",
    "SELECT database_name FROM pragma_database_size()",
    "SELECT name FROM pragma_database_list",
    "SELECT datname FROM pg_database",
]


@pytest.fixture
def one_server(start_server, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    server = start_server(data_dir=folder, settings={"extensions": "httpfs,ducklake"})
    server.folder = folder
    return server


@pytest.fixture
def connect(one_server):
    opened = []

    def connect(**options):
        opened.append(one_server.connect_pg(**options))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def make_file(path, sql):
    with duckdb.connect(str(path)) as database:
        database.execute(sql)
    return path


def names(session, sql):
    return {name for (name,) in session.execute(sql).fetchall()}


def refused(session, sql, sqlstate=None):
    with pytest.raises(psycopg.Error) as error:
        session.execute(sql)
    if sqlstate:
        assert error.value.sqlstate == sqlstate, error.value
    return str(error.value)


FULL = """CREATE TABLE t AS SELECT range AS i FROM range(10); CREATE VIEW v AS FROM t; CREATE SEQUENCE s;
CREATE TABLE keyed (k INTEGER PRIMARY KEY); CREATE INDEX by_i ON t (i); CREATE TYPE mood AS ENUM ('glad');
CREATE MACRO twice(x) AS 2 * x"""


def test_others_neither_read_nor_list_it(one_server, connect):
    path = make_file(one_server.folder / "mine.duckdb", FULL)
    owner, other = connect(), connect()
    before = [names(other, sql) for sql in LISTS]
    owner.execute(f"ATTACH '{path}' AS secret_plans")
    assert owner.execute("SELECT sum(i) FROM secret_plans.t").fetchone() == (45,)
    assert owner.execute("SELECT secret_plans.twice(4)").fetchone() == (8,)
    for sql in LISTS:
        assert "secret_plans" in names(owner, sql), sql
    assert [names(other, sql) for sql in LISTS] == before
    for sql in [
        "SELECT * FROM secret_plans.t",
        "SELECT * FROM secret_plans.main.v",
        "SELECT secret_plans.twice(1)",
        "INSERT INTO secret_plans.t VALUES (1)",
        "DROP TABLE secret_plans.t",
        "CREATE TABLE secret_plans.mine (i INT)",
        "SELECT * FROM query_table('secret_plans.t')",
        "SELECT nextval('secret_plans.s')",
        "USE secret_plans",
        "DETACH secret_plans",
        "CHECKPOINT secret_plans",
        "COPY FROM DATABASE secret_plans TO memory",
        "SELECT * FROM pragma_storage_info('secret_plans.t')",
        "SELECT * FROM pragma_table_info('secret_plans.t')",
    ]:
        assert str(path) not in refused(other, sql), sql
    assert owner.execute("SELECT count(*) FROM secret_plans.t").fetchone() == (10,)


def test_key_is_not_a_name(one_server, connect):
    path = make_file(one_server.folder / "mine.duckdb", FULL)
    owner, other = connect(), connect()
    owner.execute(f"ATTACH '{path}' AS secret_plans")
    for session in (owner, other):
        for sql in LISTS:
            assert not [name for name in names(session, sql) if name.startswith("secret_plans_")], sql
    assert "secret_plans_" not in refused(owner, "SELECT * FROM secret_plans.none")
    assert "secret_plans_" not in refused(other, "SELECT * FROM secret_plans.t")


def test_two_sessions_use_one_name(one_server, connect):
    sessions = [connect(), connect()]
    for i, session in enumerate(sessions):
        path = make_file(one_server.folder / f"file{i}.duckdb", f"CREATE TABLE t AS SELECT {i} AS i")
        session.execute(f"ATTACH '{path}' AS d")
    for i, session in enumerate(sessions):
        assert session.execute("SELECT i FROM d.t").fetchall() == [(i,)]
        assert session.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'd'").fetchone() == (1,)
        assert session.execute("PREPARE q AS SELECT i FROM d.t") is not None
        session.execute(f"INSERT INTO d.t VALUES ({i})")
        assert session.execute("EXECUTE q").fetchall() == [(i,), (i,)]


def test_name_of_a_schema_is_nobody_elses_trouble(connect):
    one, other = connect(), connect()
    other.execute("CREATE SCHEMA sales")
    other.execute("CREATE TABLE sales.t AS SELECT 1 AS i")
    one.execute("ATTACH ':memory:' AS sales")
    one.execute("ATTACH ':memory:' AS public")
    assert other.execute("SELECT i FROM sales.t").fetchall() == [(1,)]
    other.execute("CREATE TABLE public.here (i INT)")
    assert other.execute("SELECT count(*) FROM public.here").fetchone() == (0,)
    other.execute("DROP TABLE public.here")
    other.execute("DROP SCHEMA sales CASCADE")


def test_sessions_share_a_file(one_server, connect):
    path = make_file(one_server.folder / "shared.duckdb", "CREATE TABLE t (i INT)")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: connect(), range(8)))
        list(pool.map(lambda session: session.execute(f"ATTACH '{path}' AS d"), sessions))
        list(pool.map(lambda i: sessions[i].execute("INSERT INTO d.t VALUES (%s)", (i,)), range(8)))
    assert sessions[0].execute("SELECT sum(i), count(*) FROM d.t").fetchone() == (28, 8)
    sessions[0].execute("DETACH d")
    refused(sessions[0], "SELECT * FROM d.t")
    for session in sessions[1:7]:
        session.close()
    assert sessions[7].execute("SELECT count(*) FROM d.t").fetchone() == (8,)
    sessions[7].execute("DETACH d")

    def read():
        try:
            with duckdb.connect(str(path)) as database:
                return database.execute("SELECT count(*) FROM t").fetchone()
        except duckdb.IOException:  # sessions that were closed have not ended
            return None

    assert wait_until(read, 30) == (8,)


def test_goes_with_its_session(one_server, connect):
    path = make_file(one_server.folder / "held.duckdb", "CREATE TABLE t AS SELECT 1 AS i")
    owner, other = connect(), connect()
    owner.execute(f"ATTACH '{path}' AS held")
    refused(other, f"ATTACH '{path}' AS elsewhere")
    owner.close()

    def attached():
        try:
            other.execute(f"ATTACH '{path}' AS elsewhere")
            return True
        except psycopg.Error:
            return False

    wait_until(attached, 30, "the file of a session that ended can be attached again")
    assert other.execute("SELECT i FROM elsewhere.t").fetchall() == [(1,)]


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_in_a_transaction(one_server, connect, end):
    path = make_file(one_server.folder / "t.duckdb", "CREATE TABLE t (i INT)")
    session = connect()
    session.execute("BEGIN")
    session.execute(f"ATTACH '{path}' AS d")
    session.execute("INSERT INTO d.t VALUES (1)")
    assert session.execute("SELECT i FROM d.t").fetchall() == [(1,)]
    session.execute(end)
    assert session.execute("SELECT count(*) FROM d.t").fetchone() == (1 if end == "COMMIT" else 0,)
    session.execute("BEGIN")
    session.execute("DETACH d")
    refused(session, "SELECT * FROM d.t")
    session.execute("ROLLBACK")
    session.execute(f"ATTACH '{path}' AS d; SELECT * FROM d.t; DETACH d")


def test_statements(one_server, connect):
    path = make_file(one_server.folder / "named.duckdb", "CREATE TABLE t AS SELECT 1 AS i")
    session = connect()
    session.execute(f"ATTACH '{path}'")
    assert session.execute("SELECT i FROM named.t").fetchall() == [(1,)]
    assert '"named" already exists' in refused(session, f"ATTACH '{path}'", "42P04")
    session.execute(f"ATTACH IF NOT EXISTS '{path}'")
    session.execute("ATTACH OR REPLACE ':memory:' AS named")
    refused(session, "SELECT * FROM named.t")
    session.execute("USE named")
    assert session.execute("SELECT current_database()").fetchone() == ("named",)
    session.execute("CREATE TABLE here AS SELECT 2 AS i")
    assert session.execute("SELECT i FROM here").fetchall() == [(2,)]
    assert "USE" in refused(session, "DETACH named", "55006")
    session.execute("USE memory")
    session.execute("DETACH named")
    refused(session, "DETACH named", "3D000")
    session.execute("DETACH DATABASE IF EXISTS named")
    refused(session, "DETACH memory")
    refused(session, "ATTACH ':memory:' AS memory", "42P04")
    refused(session, "ATTACH OR REPLACE ':memory:' AS memory", "42P04")
    refused(session, "ATTACH ':memory:' AS temp")
    refused(session, "ALTER DATABASE memory RENAME TO other")
    missing = refused(session, f"ATTACH '{one_server.folder}/none.duckdb' AS d (READ_ONLY)")
    assert "none.duckdb" in missing and "d_" not in missing


def test_copy_of_a_database(connect):
    session, other = connect(), connect()
    session.execute("ATTACH ':memory:' AS a; ATTACH ':memory:' AS b; CREATE TABLE a.t AS SELECT 1 AS i; CREATE VIEW a.v AS FROM a.t")
    assert "(SCHEMA)" in refused(session, "COPY FROM DATABASE a TO b", "0A000")
    session.execute("COPY FROM DATABASE a TO b (SCHEMA)")
    session.execute("COPY FROM DATABASE a TO b (DATA)")
    assert session.execute("SELECT i FROM b.t").fetchall() == [(1,)]
    other.execute("ATTACH ':memory:' AS c")
    refused(other, "COPY FROM DATABASE a TO c (SCHEMA)")


def test_failed_attach_leaves_nothing(one_server, connect):
    session = connect()
    lake = f"ATTACH 'ducklake:{one_server.folder}/m.ducklake' AS lake"
    session.execute(f"{lake} (DATA_PATH '{one_server.folder}/f/')")
    session.execute("DETACH lake")
    refused(session, f"{lake} (DATA_PATH '{one_server.folder}/other/')", "22023")
    refused(session, f"{lake} (NO_SUCH_OPTION 1)", "0A000")
    session.execute(lake)
    assert session.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchone() == (2,)


def test_discard_all_leaves_none(one_server, connect):
    path = make_file(one_server.folder / "pooled.duckdb", "CREATE TABLE t AS SELECT 1 AS i")
    session = connect()
    session.execute(f"ATTACH '{path}' AS d")
    session.execute("USE d")
    session.execute("DISCARD TEMP")
    assert session.execute("SELECT i FROM t").fetchall() == [(1,)]
    session.execute("DISCARD ALL")
    refused(session, "SELECT * FROM d.t")
    assert "d" not in names(session, LISTS[0])
    session.execute(f"ATTACH '{path}' AS again")
    assert session.execute("SELECT i FROM again.t").fetchall() == [(1,)]


def test_ducklake(one_server, connect):
    lake = f"'ducklake:{one_server.folder}/meta.ducklake' AS lake (DATA_PATH '{one_server.folder}/files/')"
    owner, friend, other = connect(), connect(), connect()
    owner.execute(f"ATTACH {lake}")
    owner.execute("CREATE TABLE lake.t AS SELECT range AS i FROM range(1000)")
    friend.execute(f"ATTACH {lake}")
    friend.execute("INSERT INTO lake.t VALUES (-1)")
    assert owner.execute("SELECT count(*), min(i) FROM lake.t").fetchone() == (1001, -1)
    assert owner.execute("SELECT count(*) FROM lake.t AT (VERSION => 1)").fetchone() == (1000,)
    assert owner.execute("SELECT count(*) >= 2 FROM ducklake_snapshots('lake')").fetchone() == (True,)
    owner.execute("BEGIN")
    owner.execute("DELETE FROM lake.t WHERE i < 500")
    owner.execute("ROLLBACK")
    owner.execute("UPDATE lake.t SET i = 0 WHERE i = 1")
    owner.execute("CALL ducklake_merge_adjacent_files('lake')")
    owner.execute("CALL ducklake_expire_snapshots('lake', older_than => now())")
    owner.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")
    assert friend.execute("SELECT count(*), sum(i) FROM lake.t").fetchone() == (1001, 499500 - 1 - 1)
    for sql in ["SELECT * FROM lake.t", "SELECT * FROM ducklake_snapshots('lake')", "CALL ducklake_cleanup_old_files('lake')",
                "SELECT * FROM ducklake_table_info(concat('la', 'ke'))", "SELECT * FROM __ducklake_metadata_lake.ducklake_table"]:
        refused(other, sql)
    assert not [name for name in names(other, LISTS[0]) if "lake" in name]
    refused(other, f"ATTACH 'ducklake:{one_server.folder}/two.ducklake' AS two (DATA_PATH '{one_server.folder}/two/', METADATA_CATALOG 'open')", "0A000")
    # An explicit transaction in which the lists were read has opened transactions everywhere.
    other.execute("BEGIN")
    names(other, LISTS[2])
    refused(other, "SELECT * FROM ducklake_table_info(concat('la', 'ke'))")
    other.execute("ROLLBACK")


def test_what_the_server_attaches_is_for_all(start_server, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    path = make_file(folder / "common.duckdb", "CREATE TABLE t AS SELECT 3 AS i")
    init = tmp_path / "init.sql"
    init.write_text(f"""-- what everybody needs
        ATTACH '{path}' AS common;
        ATTACH 'ducklake:{folder}/meta.ducklake' AS lake (DATA_PATH '{folder}/files/');
        CREATE TABLE IF NOT EXISTS lake.t AS SELECT range AS i FROM range(10);
        CREATE SECRET for_all (TYPE s3, KEY_ID 'key-of-all', SECRET 'secret-of-all');""")
    server = start_server(data_dir=folder, settings={"extensions": "httpfs,ducklake", "init_file": init})
    with server.connect_pg() as one, server.connect_pg() as other:
        one.execute("INSERT INTO common.t VALUES (4)")
        one.execute("INSERT INTO lake.t VALUES (-5)")
        for session in (one, other):
            assert session.execute("SELECT sum(i) FROM common.t").fetchone() == (7,)
            assert session.execute("SELECT count(*), min(i) FROM lake.t").fetchone() == (11, -5)
            assert {"common", "lake"} < names(session, LISTS[0]) and "common" in names(session, LISTS[2])
            ((name, text),) = session.execute("SELECT name, secret_string FROM duckdb_secrets()").fetchall()
            assert name == "for_all" and "secret-of-all" not in text
            refused(session, "DETACH common", "42501")
            refused(session, f"ATTACH '{path}' AS common", "42P04")
            session.execute(f"ATTACH IF NOT EXISTS '{path}' AS common")
        refused(one, "DROP SECRET for_all")
        one.execute("DISCARD ALL")
        assert names(one, "SELECT name FROM duckdb_secrets()") == {"for_all"}
        one.execute("CREATE SECRET for_all (TYPE s3, KEY_ID 'own', SECRET 'own')")
        one.execute("DROP SECRET for_all")
    assert server.query_http("SELECT sum(i)::BIGINT AS n FROM common.t") == [{"n": 7}]
    assert "secret-of-all" not in server.log()


@pytest.mark.parametrize("sql, says", [("SELEC 1", "SELEC"), ("ATTACH 'no/such/folder/x.db' AS x", "no/such/folder"), (None, "cannot be read")])
def test_a_wrong_init_file_keeps_it_from_starting(data_dir, tmp_path, sql, says):
    init = tmp_path / "init.sql"
    if sql:
        init.write_text(sql)
    with pytest.raises(StartError) as error:
        SkeinServer(data_dir, tmp_path / "server", settings={"init_file": init}).start()
    (line,) = [line for line in str(error.value).splitlines() if "skein: " in line]
    assert "init_file" in line and says in line and "{" not in line


def test_through_the_other_doors(one_server, connect):
    path = make_file(one_server.folder / "mine.duckdb", "CREATE TABLE t AS SELECT 7 AS i")
    with one_server.connect_flight() as client, client.cursor() as cursor:
        cursor.execute(f"ATTACH '{path}' AS d")
        cursor.execute("SELECT i FROM d.t")
        assert cursor.fetchone() == (7,)
        catalogs = client.adbc_get_objects(depth="all", catalog_filter="d").read_all().to_pylist()
        (schema,) = catalogs[0]["catalog_db_schemas"]
        (table,) = schema["db_schema_tables"]
        assert (table["table_name"], table["table_type"], table["table_columns"][0]["column_name"]) == ("t", "TABLE", "i")
        cursor.execute(f'SELECT i FROM d."{schema["db_schema_name"]}".t')
        assert cursor.fetchone() == (7,)
        assert client.adbc_get_table_schema("t", catalog_filter="d").names == ["i"]
        with one_server.connect_flight() as second, second.cursor() as other:
            with pytest.raises(Exception, match="d"):
                other.execute("SELECT i FROM d.t")
                other.fetchone()
            catalogs = second.adbc_get_objects(depth="catalogs").read_all().to_pylist()
            assert "d" not in [catalog["catalog_name"] for catalog in catalogs]
    refused(connect(), "SELECT * FROM d.t")
    one_server.query_http(f"ATTACH '{path}' AS d")
    status, _, text = one_server.request("POST", "/query", {"sql": "SELECT i FROM d.t"})
    assert status != 200 and "d.t" in text


def test_checkpoint_of_a_lake(one_server, connect):
    session = connect()
    session.execute(f"ATTACH 'ducklake:{one_server.folder}/lake.ducklake' AS lake (DATA_PATH '{one_server.folder}/lake/')")
    session.execute("CREATE TABLE lake.t AS SELECT range AS i FROM range(100)")
    for statement in ("CHECKPOINT lake", "USE lake; CHECKPOINT"):
        assert "that a session attached" in refused(session, statement, "0A000")
    with pytest.raises(psycopg.Error) as error:
        session.execute("CHECKPOINT lake")
    for function in re.findall(r"ducklake_\w+", error.value.diag.message_hint):
        session.execute(f"CALL {function}('lake'{', cleanup_all => true' if 'old' in function or 'orph' in function else ''})")
    assert session.execute("SELECT count(*) FROM lake.t").fetchone() == (100,)


def test_a_column_that_an_attached_table_has_is_left_alone(connect):
    session = connect()
    session.execute("ATTACH ':memory:' AS lk")
    session.execute("CREATE TABLE lk.t (id int, n int)")
    session.execute("INSERT INTO lk.t VALUES (1, NULL)")
    session.execute("ALTER TABLE lk.t ADD COLUMN IF NOT EXISTS n int DEFAULT 1 + 1 NOT NULL")
    session.execute("INSERT INTO lk.t (id) VALUES (2)")
    session.execute("ALTER TABLE lk.t ADD COLUMN m int DEFAULT 1 + 1 NOT NULL")
    assert session.execute("SELECT * FROM lk.t ORDER BY id").fetchall() == [(1, None, 2), (2, None, 2)]


def test_a_view_of_an_attached_database_is_renamed_as_a_table(connect):
    session = connect()
    session.execute("ATTACH ':memory:' AS va")
    session.execute("CREATE VIEW va.v AS SELECT 1 AS a")
    session.execute("ALTER TABLE va.v RENAME TO w")
    assert session.execute("SELECT * FROM va.w").fetchall() == [(1,)]
