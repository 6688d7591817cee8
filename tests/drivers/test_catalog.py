"""The catalogue that tools ask for: psql's commands, reflection, and answers equal to a real PostgreSQL's."""

import glob
import os
import pathlib
import shutil
import subprocess
import sys
import time

import psycopg
import pytest

from skein_server import SkeinServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = [part for part in (ROOT / "tests" / "replay" / "schema.sql").read_text().split(";\n") if part.strip()]


@pytest.fixture(scope="module")
def catalog_server(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    (data / "visits.csv").write_text("day,visitor\n2024-01-01,a\n2024-01-02,b\n")
    (data / "logs" / "2024").mkdir(parents=True)
    (data / "logs" / "2024" / "one.csv").write_text("line\nx\n")
    (data / "empty").mkdir()
    (data / "broken.parquet").write_bytes(b"no parquet")
    with SkeinServer(data, tmp_path_factory.mktemp("server")) as server:
        with psycopg.connect(server.pg_conninfo(), autocommit=True) as connection:
            for statement in SCHEMA:
                connection.execute(statement)
        yield server


@pytest.fixture
def connection(catalog_server):
    with psycopg.connect(catalog_server.pg_conninfo(), autocommit=True) as connection:
        yield connection


def rows(connection, sql, parameters=None):
    return connection.execute(sql, parameters).fetchall()


def one(connection, sql, parameters=None):
    return connection.execute(sql, parameters).fetchone()[0]


# psql


def psql(server, command):
    return subprocess.run(
        ["psql", "-X", "-A", "-F", "|", "-h", "127.0.0.1", "-p", str(server.ports["pg"]), "-U", "tester", "-d", "skein",
         "-v", "ON_ERROR_STOP=1", "-c", command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env={**os.environ, "PAGER": "cat"})


COMMANDS = r"""\d|\d+|\d emp|\d+ emp|\d emp_v|\d+ emp_v|\d emp_name_idx|\d s1|\d visits|\d "emp"|\d public.emp|\d e*|\dt|\dt+
\dt public.*|\dt other.*|\dtS|\dv|\dv+|\di|\di+|\ds|\ds+|\dm|\dE|\df|\dfS abs|\df+ abs|\dn|\dn+|\dnS|\l|\l+|\du|\du+|\dg
\dT|\dT+|\dT mood|\dT+ mood|\dTS int4|\dx|\z|\dp|\z emp|\dC|\do|\dD|\db|\db+|\dA|\dA+|\dc|\ddp|\dX|\dconfig|\des|\det|\dew|\dF|\dFd
\dy|\dRp|\dRs|\dP|\da|\dO|\drds|\dd|\dd+|\dL|\dL+|\dx+|\dAc|\dAf|\dAo|\dAp|\sv emp_v|\conninfo|\encoding""".replace("\n", "|").split("|")


@pytest.mark.skipif(not shutil.which("psql"), reason="no psql")
@pytest.mark.parametrize("command", COMMANDS)
def test_psql_commands_succeed(catalog_server, command):
    done = psql(catalog_server, command)
    assert done.returncode == 0 and "ERROR" not in done.stderr, done.stderr


@pytest.mark.skipif(not shutil.which("psql"), reason="no psql")
def test_psql_describes_a_table(catalog_server):
    out = psql(catalog_server, r"\d emp").stdout
    assert 'Table "public.emp"' in out
    assert "salary|double precision|||\n" in out
    assert "id|bigint||not null|\n" in out
    assert '"emp_pkey" PRIMARY KEY, btree (id)' in out
    assert '"emp_name_idx" btree (name)' in out
    assert 'FOREIGN KEY (dept_id) REFERENCES dept(id)' in out
    assert 'TABLE "emp" CONSTRAINT "emp_dept_id_fkey" FOREIGN KEY (dept_id) REFERENCES dept(id)' in psql(
        catalog_server, r"\d dept").stdout
    listed = psql(catalog_server, r"\dt").stdout
    assert "public|emp|table|skein" in listed and "other|thing" not in listed
    assert "other|thing|table|skein" in psql(catalog_server, r"\dt other.*").stdout
    assert "full name" in psql(catalog_server, r"\d+ emp").stdout
    assert "public|visits|view|skein" in psql(catalog_server, r"\dv").stdout


@pytest.mark.skipif(not shutil.which("psql"), reason="no psql")
def test_psql_says_what_is_missing(catalog_server):
    assert 'Did not find any relation named "nope"' in psql(catalog_server, r"\d nope").stderr


# Names


@pytest.mark.parametrize("sql, wanted", [
    ("SELECT count(*) FROM public.emp", 0),
    ("SELECT count(*) FROM main.emp", 0),
    ("SELECT count(public.emp.id) FROM public.emp", 0),
    ("SELECT count(*) FROM public.visits", 2),
    ("SELECT count(public.visits.day) FROM public.visits", 2),
    ("SELECT count(*) FROM memory.public.visits", 2),
    ("SELECT count(*) FROM (SELECT * FROM public.emp e JOIN public.dept ON e.dept_id = public.dept.id) t", 0),
    ("WITH x AS (SELECT * FROM public.visits) SELECT count(*) FROM x WHERE day IN (SELECT day FROM public.visits)", 2),
    ("SELECT 'abc' OPERATOR(pg_catalog.~) '^(abc)$' COLLATE pg_catalog.default", True),
    ("SELECT 1 OPERATOR(pg_catalog.+) 2", 3),
    ("SELECT NULL::pg_catalog.text IS NULL", True),
    ("SELECT 'pg_catalog.text'::pg_catalog.text", "pg_catalog.text"),
    ("SELECT CAST('::pg_catalog.text' AS pg_catalog.text) -- ::pg_catalog.text", "::pg_catalog.text"),
    ("SELECT 2 OPERATOR(pg_catalog.=) ANY (ARRAY[1,2])", True),
    ("SELECT pg_catalog.lower('A')", "a"),
    ("SELECT 'b' = ANY ('{a,b}')", True),
    ("SELECT ('{1,2,NULL}'::int[])[2]", 2),
    ("SELECT '{\"a b\",c}'::text[]", ["a b", "c"]),
    ("SELECT current_schema()", "public"),
    ("SELECT current_schemas(true)", ["pg_catalog", "public"]),
    ("SELECT current_user", "tester"),
    ("SELECT session_user", "tester"),
    ("SELECT 'emp'::regclass::text", "emp"),
    ("SELECT 'other.thing'::regclass::text", "other.thing"),
    ("SELECT 'public.emp'::regclass = 'emp'::regclass", True),
    ("SELECT 'int4'::regtype::text", "integer"),
    ("SELECT 'character varying'::regtype::oid", 1043),
    ("SELECT 1009::regtype::text", "text[]"),
    ("SELECT 'public'::regnamespace::oid", 2200),
    ("SELECT to_regclass('nope') IS NULL", True),
    ("SELECT to_regclass('duckdb_secrets') IS NULL", True),
    ("SELECT format_type(1700, 655366)", "numeric(10,2)"),
    ("SELECT version() LIKE 'PostgreSQL 15.0 (Skein%'", True),
    ("SELECT pg_catalog.version() LIKE 'PostgreSQL%'", True),
    ("SELECT current_setting('nope', true)", None),
    ("SELECT set_config('jit', 'off', false)", "off"),
    ("SELECT current_setting('search_path')", "public"),
    ("SELECT quote_ident('A b')", '"A b"'),
    ("SELECT pg_get_userbyid(10)", "skein"),
    ("SELECT obj_description('emp'::regclass, 'pg_class')", "people"),
    ("SELECT col_description('emp'::regclass, 3)", "full name"),
    ("SELECT array_upper(ARRAY[4,5], 1)", 2),
    ("SELECT (information_schema._pg_expandarray(ARRAY['x','y'])).n", 1),
    ("SELECT pg_typeof(1::bigint)", "bigint"),
])
def test_names_and_functions(connection, sql, wanted):
    assert one(connection, sql) == wanted


def test_public_takes_definitions_and_changes(connection):
    connection.execute("CREATE TABLE public.made (i integer, CHECK (i > 0))")
    connection.execute("INSERT INTO public.made VALUES (1), (2)")
    connection.execute("UPDATE public.made SET i = public.made.i + 1 WHERE public.made.i = 2")
    connection.execute("DELETE FROM public.made WHERE i = 1")
    connection.execute("CREATE VIEW public.made_v AS SELECT * FROM public.made")
    connection.execute("CREATE INDEX made_i ON public.made (i)")
    assert rows(connection, "SELECT * FROM main.made_v") == [(3,)]
    connection.execute("DROP VIEW public.made_v")
    connection.execute("DROP INDEX public.made_i")
    connection.execute("ALTER TABLE public.made ADD COLUMN j integer")
    connection.execute("DROP TABLE public.made")
    connection.execute("CREATE SCHEMA IF NOT EXISTS public")


def test_errors_keep_their_place_and_state(connection):
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT 'nope'::regclass")
    with pytest.raises(psycopg.errors.UndefinedTable) as caught:
        connection.execute("SELECT NULL::pg_catalog.text FROM nope")
    assert caught.value.diag.statement_position == "35"
    for system in ("INSERT INTO pg_class SELECT * FROM pg_class", "DELETE FROM pg_catalog.pg_type", "DROP VIEW pg_class",
                   "UPDATE pg_class SET relname = 'x'"):
        with pytest.raises(psycopg.Error):
            connection.execute(system)
    assert one(connection, "SELECT 1") == 1


def test_oids_are_stable_and_joinable(catalog_server, connection, tmp_path):
    first = one(connection, "SELECT 'emp'::regclass::oid")
    assert first == one(connection, "SELECT oid FROM pg_class WHERE relname = 'emp'")
    connection.execute("ALTER TABLE other.thing ADD COLUMN g integer")
    connection.execute("ALTER TABLE other.thing DROP COLUMN g")
    with SkeinServer(catalog_server.data_dir, tmp_path / "again") as other:
        with psycopg.connect(other.pg_conninfo(), autocommit=True) as again:
            again.execute("CREATE TABLE emp (i integer)")
            assert one(again, "SELECT 'emp'::regclass::oid") == first
    assert one(connection, "SELECT count(*) FROM pg_attribute a WHERE NOT EXISTS "
                           "(SELECT 1 FROM pg_class c WHERE c.oid = a.attrelid)") == 0
    assert one(connection, "SELECT count(*) FROM pg_attribute a WHERE NOT EXISTS "
                           "(SELECT 1 FROM pg_type t WHERE t.oid = a.atttypid)") == 0
    assert one(connection, "SELECT count(*) - count(DISTINCT oid) FROM pg_class") == 0
    assert one(connection, "SELECT count(*) - count(DISTINCT oid) FROM pg_proc") == 0


def test_columns_have_postgres_types(connection):
    cursor = connection.execute("SELECT oid, relname, relkind, oid::regclass, reltuples FROM pg_class LIMIT 0")
    assert [column.type_code for column in cursor.description] == [26, 19, 18, 25, 700]
    cursor = connection.execute("SELECT indkey, indclass FROM pg_index LIMIT 0")
    assert [column.type_code for column in cursor.description] == [22, 30]
    with connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT oid, typname, typtype FROM pg_type WHERE typname = 'int4'")
        assert cursor.fetchall() == [(23, "int4", "b")]


def test_file_sets_are_listed(connection):
    names = {name for name, in rows(connection, "SELECT table_name FROM information_schema.tables "
                                                "WHERE table_schema = 'public' AND table_type = 'VIEW'")}
    assert {"visits", "logs", "broken", "emp_v"} <= names and "empty" not in names
    assert rows(connection, "SELECT column_name, data_type FROM information_schema.columns "
                            "WHERE table_name = 'visits' ORDER BY ordinal_position") == [
        ("day", "date"), ("visitor", "text")]
    # One that cannot be read has a name and no columns, and spoils nothing.
    assert one(connection, "SELECT count(*) FROM information_schema.columns WHERE table_name = 'broken'") == 0
    assert "read_csv" in one(connection, "SELECT pg_get_viewdef('visits'::regclass)")


def test_show_tables_lists_file_sets(connection):
    connection.execute("CREATE TEMP TABLE for_show(a int)")
    shown = [name for (name,) in rows(connection, "SHOW TABLES")]
    assert {"visits", "logs", "emp", "emp_v", "for_show"} <= set(shown) and shown == sorted(shown)
    assert not any(name.startswith("pg_") for name in shown)
    connection.execute("DROP TABLE for_show")


@pytest.mark.parametrize("sql, state, hint", [
    ("SELECT * FROM visit", "42P01", 'Did you mean "visits"?'),
    ("SELECT * FROM something_else", "42P01", "The data directories hold broken, logs"),
    ("SELECT * FROM pg_clas", "42P01", 'Did you mean "pg_class'),
    ("INSERT INTO visits VALUES (NULL, 'x')", "42809", "CREATE TABLE t AS FROM visits"),
    ("DROP TABLE visits", "42809", "COPY (SELECT ...) TO"),
    ("SELECT * FROM no_such_schema.visits", "42P01", None),
])
def test_what_is_not_there_is_named(connection, sql, state, hint):
    with pytest.raises(psycopg.Error) as refused:
        connection.execute(sql)
    assert refused.value.sqlstate == state
    if hint:
        assert hint in refused.value.diag.message_hint


def test_lists_of_tables_and_views(connection):
    wanted = {name for name, in rows(connection, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")}
    assert {"dept", "emp"} <= wanted
    assert {name for name, in rows(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")} == wanted
    assert ("emp_v",) in rows(connection, "SELECT viewname FROM pg_views WHERE schemaname ILIKE 'PUBLIC'")


def test_temporary_tables(connection):
    connection.execute("CREATE TEMP TABLE passing (i integer)")
    assert rows(connection, "SELECT table_type FROM information_schema.tables WHERE table_name = 'passing'") == [
        ("LOCAL TEMPORARY",)]
    assert one(connection, "SELECT relpersistence FROM pg_class WHERE relname = 'passing'") == "t"
    assert one(connection, "SELECT count(*) FROM pg_temp.passing") == 0


# Sessions


def test_activity_cancel_and_terminate(catalog_server, connection):
    with psycopg.connect(catalog_server.pg_conninfo(), autocommit=True) as other:
        pid = one(other, "SELECT pg_backend_pid()")
        assert pid == other.info.backend_pid
        seen = rows(connection, "SELECT usename, state FROM pg_stat_activity WHERE pid = %s", (pid,))
        assert seen == [("tester", "idle")]
        assert one(connection, "SELECT pg_cancel_backend(-5)") is False
        other_cursor = other.cursor()
        failed = []

        def run():
            try:
                other_cursor.execute("SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 3")
            except psycopg.Error as error:
                failed.append(error.sqlstate)

        import threading
        thread = threading.Thread(target=run)
        thread.start()
        deadline = time.monotonic() + 20
        while rows(connection, "SELECT state FROM pg_stat_activity WHERE pid = %s", (pid,)) != [("active",)]:
            assert time.monotonic() < deadline
        assert one(connection, "SELECT pg_cancel_backend(%s)", (pid,)) is True
        thread.join(20)
        assert failed == ["57014"]
    with psycopg.connect(catalog_server.pg_conninfo(user="somebody"), autocommit=True) as other:
        pid = one(other, "SELECT pg_backend_pid()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT pg_cancel_backend(%s)", (pid,))
        assert one(connection, "SELECT query FROM pg_stat_activity WHERE pid = %s", (pid,)) == "<insufficient privilege>"


# Drivers


def test_sqlalchemy_reflection(catalog_server):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(f"postgresql+psycopg://tester@127.0.0.1:{catalog_server.ports['pg']}/skein")
    inspector = sqlalchemy.inspect(engine)
    assert inspector.default_schema_name == "public"
    assert set(inspector.get_schema_names()) == {"information_schema", "other", "public"}
    for schema in (None, "public"):
        assert {"dept", "emp", "feelings"} <= set(inspector.get_table_names(schema=schema))
        assert {"emp_v", "visits"} <= set(inspector.get_view_names(schema=schema))
        columns = {column["name"]: column for column in inspector.get_columns("emp", schema=schema)}
        assert str(columns["id"]["type"]) == "BIGINT" and not columns["id"]["nullable"]
        assert str(columns["salary"]["type"]) == "DOUBLE PRECISION"
        assert columns["name"]["comment"] == "full name"
        assert str(columns["tags"]["type"]) == "ARRAY"
        budget = {column["name"]: column for column in inspector.get_columns("dept", schema=schema)}["budget"]
        assert str(budget["type"]) == "NUMERIC(12, 2)"
        assert inspector.get_pk_constraint("emp", schema=schema)["constrained_columns"] == ["id"]
        foreign, = inspector.get_foreign_keys("emp", schema=schema)
        assert (foreign["constrained_columns"], foreign["referred_table"], foreign["referred_columns"]) == (
            ["dept_id"], "dept", ["id"])
        assert {index["name"]: index["column_names"] for index in inspector.get_indexes("emp", schema=schema)} == {
            "emp_dept_id_name_key": ["dept_id", "name"], "emp_name_idx": ["name"]}
        assert [key["column_names"] for key in inspector.get_unique_constraints("emp", schema=schema)] == [
            ["dept_id", "name"]]
        assert inspector.get_check_constraints("emp", schema=schema)[0]["name"] == "emp_salary_check"
        assert inspector.get_table_comment("emp", schema=schema) == {"text": "people"}
    assert inspector.get_enums() == [{"name": "mood", "schema": "public", "visible": True,
                                      "labels": ["sad", "ok", "happy"]}]
    assert inspector.has_table("emp") and not inspector.has_table("nope")
    metadata = sqlalchemy.MetaData()
    metadata.reflect(engine, only=["emp", "dept"])
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.select(metadata.tables["emp"])).fetchall() == []


def test_duckdb_attaches(catalog_server, build_deps):
    import duckdb
    local = duckdb.connect()
    extension = pathlib.Path(build_deps["SKEIN_EXTENSION_DIR"]) / f"v{duckdb.__version__}" / "linux_amd64"
    local.execute(f"LOAD '{extension}/postgres_scanner.duckdb_extension'")
    local.execute(f"ATTACH 'host=127.0.0.1 port={catalog_server.ports['pg']} user=tester dbname=skein' AS p (TYPE postgres)")
    tables = {name for name, in local.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'p' AND schema_name = 'public'").fetchall()}
    assert {"emp", "dept"} <= tables


# Equal to PostgreSQL


@pytest.fixture(scope="module")
def postgres():
    if not glob.glob("/usr/lib/postgresql/*/bin/postgres"):
        pytest.skip("no PostgreSQL server to compare with")
    sys.path.insert(0, str(ROOT / "bench"))
    from peers import Postgres
    with Postgres() as server, psycopg.connect(server.conninfo, autocommit=True) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        yield connection


TABLES = "('dept', 'emp', 'feelings', 'thing')"
EQUAL = [
    "SELECT oid, typname, typlen, typbyval, typtype, typcategory, typispreferred, typdelim, typelem, typarray, typalign, "
    "typstorage, typbasetype, typcollation, typreceive::oid FROM pg_type WHERE oid < 10000 AND typrelid = 0 AND NOT EXISTS "
    "(SELECT 1 FROM pg_type e WHERE e.oid = pg_type.typelem AND e.typrelid <> 0) ORDER BY oid",
    "SELECT rngtypid, rngsubtype, rngmultitypid, rngcollation, rngsubopc FROM pg_range ORDER BY rngtypid",
    "SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('pg_catalog', 'public')",
    "SELECT oid, amname, amtype FROM pg_am ORDER BY oid",
    f"SELECT relname, relkind, relnatts, relhasindex, relchecks, relpersistence FROM pg_class WHERE relname IN {TABLES} "
    "OR relname LIKE 'emp%' ORDER BY relname",
    "SELECT c.relname, attname, attnum, format_type(atttypid, atttypmod), attnotnull, atthasdef, attlen, attstorage, attndims "
    f"FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relname IN {TABLES} AND attnum > 0 ORDER BY 1, 3",
    "SELECT conname, contype, conrelid::regclass::text, confrelid::regclass::text, conkey, confkey FROM pg_constraint "
    "WHERE contype <> 'c' AND conrelid >= 16384 ORDER BY conname",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND conrelid >= 16384 ORDER BY conname",
    f"SELECT schemaname, tablename, indexname, indexdef FROM pg_indexes WHERE tablename IN {TABLES} ORDER BY 3",
    "SELECT indexrelid::regclass::text, indisunique, indisprimary, indnatts, indkey::text FROM pg_index "
    "WHERE indrelid IN ('emp'::regclass, 'dept'::regclass) ORDER BY 1",
    "SELECT t.typname, enumlabel, enumsortorder FROM pg_enum e JOIN pg_type t ON t.oid = enumtypid ORDER BY enumsortorder",
    "SELECT table_schema, table_name, column_name, ordinal_position, is_nullable, data_type, udt_name, numeric_precision, "
    f"numeric_precision_radix, numeric_scale, datetime_precision FROM information_schema.columns WHERE table_name IN {TABLES} "
    "ORDER BY 1, 2, 4",
    f"SELECT table_schema, table_name, table_type, is_insertable_into FROM information_schema.tables WHERE table_name IN {TABLES} "
    "ORDER BY 1, 2",
    "SELECT constraint_name, table_name, constraint_type FROM information_schema.table_constraints "
    f"WHERE table_name IN {TABLES} AND constraint_type <> 'CHECK' ORDER BY 1",
    "SELECT constraint_name, table_name, column_name, ordinal_position, position_in_unique_constraint "
    f"FROM information_schema.key_column_usage WHERE table_name IN {TABLES} ORDER BY 1, 4",
    "SELECT constraint_name, unique_constraint_name, match_option, update_rule, delete_rule "
    "FROM information_schema.referential_constraints ORDER BY 1",
    "SELECT table_name, column_name, constraint_name FROM information_schema.constraint_column_usage "
    "WHERE constraint_name LIKE '%key' ORDER BY 1, 2, 3",
    "SELECT sequencename, start_value, min_value, increment_by FROM pg_sequences",
    "SELECT objoid::regclass::text, objsubid, description FROM pg_description WHERE objoid = 'emp'::regclass ORDER BY 2",
    "SELECT format_type(oid, NULL) FROM pg_type WHERE oid IN (16, 17, 18, 19, 20, 21, 22, 23, 25, 26, 114, 700, 701, 1000, 1007, "
    "1009, 1042, 1043, 1082, 1083, 1114, 1184, 1186, 1231, 1266, 1560, 1562, 1700, 2249, 2950, 3802, 3904) ORDER BY oid",
    "SELECT format_type(1043, 14), format_type(1042, 14), format_type(1700, 655366), format_type(0, NULL), format_type(NULL, 1), "
    "format_type(999999, NULL)",
    "SELECT 'int[]'::regtype::text, 'timestamptz'::regtype::text, 'mood'::regtype::text, 'bpchar'::regtype::text",
    "SELECT 'pg_class'::regclass::oid, 'pg_catalog.pg_type'::regclass::text, 1259::regclass::text, 999999999::regclass::text",
    "SELECT to_regtype('int4')::text, to_regtype('nope'), to_regclass('other.thing')::text, to_regnamespace('other')::text",
    "SELECT relname FROM pg_class WHERE pg_table_is_visible(oid) AND relname IN ('emp', 'thing', 'pg_class', 'tables') ORDER BY 1",
    "SELECT pg_size_pretty(10::bigint), pg_size_pretty(12345678::bigint), pg_encoding_to_char(6), pg_char_to_encoding('UTF8')",
    "SELECT quote_ident('a'), quote_ident('A'), quote_ident('select'), quote_ident('a\"b'), quote_ident('')",
    "SELECT (x).x, (x).n FROM (SELECT information_schema._pg_expandarray(ARRAY['a','b']) AS x) t",
]


@pytest.mark.parametrize("sql", EQUAL, ids=range(len(EQUAL)))
def test_equal_to_postgres(connection, postgres, sql):
    assert rows(connection, sql) == rows(postgres, sql)


def test_each_session_sees_its_own_version_of_the_catalogue(server):
    """What the catalogue says is kept between queries of one version: no change may be missed, none seen too early."""
    columns = """SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull
                 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
                 WHERE c.relname LIKE 'versioned%' AND a.attnum > 0 ORDER BY 1, a.attnum"""
    with server.connect_pg() as one, server.connect_pg() as two:
        def seen(connection):
            return connection.execute(columns).fetchall()

        one.execute("CREATE TABLE versioned (a integer)")
        first = [("versioned", "a", "integer", False)]
        assert seen(one) == seen(two) == first
        one.execute("CREATE VIEW versioned_view AS SELECT * FROM versioned")
        one.execute("BEGIN")
        one.execute("ALTER TABLE versioned ADD COLUMN b varchar")
        one.execute("CREATE TABLE versioned_too (c date)")
        inside = seen(one)
        assert ("versioned", "b", "character varying", False) in inside and ("versioned_too", "c", "date", False) in inside
        assert ("versioned", "b", "character varying", False) not in seen(two)
        one.execute("ROLLBACK")
        assert seen(one) == seen(two) == [*first, ("versioned_view", "a", "integer", False)]
        one.execute("CREATE TEMP TABLE versioned_mine (d uuid)")
        assert ("versioned_mine", "d", "uuid", False) in seen(one)
        assert "versioned_mine" not in [row[0] for row in seen(two)]
        # A transaction that began before a change does not see it.
        two.execute("BEGIN")
        before = seen(two)
        one.execute("DROP VIEW versioned_view")
        one.execute("ALTER TABLE versioned RENAME COLUMN a TO z")
        one.execute("ALTER TABLE versioned ALTER COLUMN z TYPE bigint")
        assert seen(two) == before
        two.execute("COMMIT")
        assert seen(two) == [("versioned", "z", "bigint", False)]
        one.execute("COMMENT ON TABLE versioned IS 'said'")
        assert two.execute("SELECT obj_description('versioned'::regclass)").fetchone() == ("said",)
        one.execute("DROP TABLE versioned; DROP TABLE versioned_mine")
        assert seen(one) == seen(two) == []


def test_a_search_path_decides_what_is_visible(server):
    visible = "SELECT pg_table_is_visible(c.oid) FROM pg_class c WHERE relname = 'hidden_by_path'"
    with server.connect_pg() as one, server.connect_pg() as two:
        one.execute("CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.hidden_by_path (a int)")
        assert two.execute(visible).fetchone() == one.execute(visible).fetchone() == (False,)
        one.execute("SET search_path = elsewhere")
        assert one.execute(visible).fetchone() == (True,)
        assert two.execute(visible).fetchone() == (False,)
        one.execute("DROP SCHEMA elsewhere CASCADE")
