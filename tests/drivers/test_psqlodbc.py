"""psqlodbc through unixODBC, as Tableau, Power BI and Excel use it: catalogue functions, types, cursors, transactions."""

import datetime
import decimal
import glob
import uuid

import pytest

pyodbc = pytest.importorskip("pyodbc", reason="scripts/setup test installs it")


def connect(server, autocommit=True, **options):
    drivers = glob.glob("/usr/lib/*/odbc/psqlodbcw.so")
    if not drivers:
        pytest.skip("no psqlodbcw.so: scripts/setup test installs odbc-postgresql")
    words = {"DRIVER": drivers[0], "SERVER": "127.0.0.1", "PORT": server.ports["pg"], "UID": "tester",
             "PWD": "x", "DATABASE": "skein", **options}
    return pyodbc.connect(";".join(f"{name}={value}" for name, value in words.items()), autocommit=autocommit)


@pytest.fixture
def odbc(server):
    connection = connect(server)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def shop(server):
    with server.connect_pg() as connection:
        connection.execute("DROP SCHEMA IF EXISTS odbc_shop CASCADE")
        connection.execute("CREATE SCHEMA odbc_shop")
        connection.execute("CREATE TABLE odbc_shop.dept (id integer PRIMARY KEY, name varchar(40) NOT NULL)")
        connection.execute("CREATE TABLE odbc_shop.emp (id bigint PRIMARY KEY, dept_id integer REFERENCES odbc_shop.dept (id), "
                           "salary double precision, share numeric(12,3), hired date, seen timestamptz, u uuid)")
        connection.execute("CREATE INDEX emp_hired ON odbc_shop.emp (hired)")
        connection.execute("CREATE VIEW odbc_shop.names AS SELECT name FROM odbc_shop.dept")
    yield "odbc_shop"
    with server.connect_pg() as connection:
        connection.execute("DROP SCHEMA odbc_shop CASCADE")


def test_who_it_is(odbc):
    assert odbc.getinfo(pyodbc.SQL_DBMS_NAME) == "PostgreSQL"
    assert odbc.getinfo(pyodbc.SQL_DBMS_VER).startswith("15.0")
    assert odbc.getinfo(pyodbc.SQL_USER_NAME) == "tester"


def test_tables_and_columns(odbc, shop):
    cursor = odbc.cursor()
    assert [(row.table_name, row.table_type) for row in cursor.tables(schema=shop)] == [
        ("dept", "TABLE"), ("emp", "TABLE"), ("names", "VIEW")]
    assert [row.table_name for row in cursor.tables(schema=shop, tableType="VIEW")] == ["names"]
    assert shop in {row.table_schem for row in cursor.tables(catalog="", schema="%", table="")}
    columns = [(row.column_name, row.type_name, row.nullable) for row in cursor.columns(table="emp", schema=shop)]
    assert columns == [("id", "int8", 0), ("dept_id", "int4", 1), ("salary", "float8", 1), ("share", "numeric", 1),
                       ("hired", "date", 1), ("seen", "timestamptz", 1), ("u", "uuid", 1)]
    share = cursor.columns(table="emp", schema=shop, column="share").fetchone()
    assert (share.column_size, share.decimal_digits) == (12, 3)


def test_keys_and_statistics(odbc, shop):
    cursor = odbc.cursor()
    assert [(row.column_name, row.key_seq) for row in cursor.primaryKeys(table="emp", schema=shop)] == [("id", 1)]
    keys = cursor.foreignKeys(foreignTable="emp", foreignSchema=shop).fetchall()
    assert [(row.pktable_name, row.pkcolumn_name, row.fkcolumn_name) for row in keys] == [("dept", "id", "dept_id")]
    names = {row.index_name for row in cursor.statistics(table="emp", schema=shop)}
    assert "emp_hired" in names and "emp_pkey" in names
    assert {"int4", "text", "numeric", "timestamptz"} <= {row.type_name for row in cursor.getTypeInfo()}
    cursor.procedures(schema=shop).fetchall()


VALUES = [
    ("integer", 42), ("smallint", -7), ("bigint", 1 << 40), ("double precision", 0.1), ("text", "grüße \U0001F600"),
    ("varchar(10)", "abc"), ("numeric(12,3)", decimal.Decimal("-12345.678")), ("date", datetime.date(2024, 2, 29)),
    ("timestamp", datetime.datetime(1999, 12, 31, 23, 59, 59, 123456)), ("time", datetime.time(12, 30, 1)),
    ("bytea", b"\x00\x01\xff\\"), ("uuid", str(uuid.UUID(int=7))),
]


@pytest.mark.parametrize("kind,value", VALUES, ids=[kind for kind, _ in VALUES])
def test_values_there_and_back(odbc, kind, value):
    cursor = odbc.cursor()
    row = cursor.execute(f"SELECT CAST(? AS {kind}) AS v, CAST(NULL AS {kind}) AS n", value).fetchone()
    assert tuple(row) == (value, None)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.odbc_values")
    cursor.execute(f"CREATE TEMP TABLE odbc_values (v {kind})")
    for one in (value, None):
        cursor.execute("INSERT INTO odbc_values VALUES (?)", one)
        assert cursor.rowcount == 1
    assert cursor.execute("SELECT v FROM odbc_values WHERE v = ?", value).fetchval() == value
    assert cursor.execute("SELECT count(*) FROM odbc_values").fetchval() == 2


def test_boolean(odbc):
    # Stock settings give booleans as the text of a bit.
    assert tuple(odbc.cursor().execute("SELECT true AS t, false AS f").fetchone()) == ("1", "0")


def test_column_descriptions(odbc):
    cursor = odbc.cursor().execute("SELECT 1 AS a, 'x'::text AS b, 1.5::numeric(10,2) AS c, now() AS d")
    assert [(column[0], column[1]) for column in cursor.description] == [
        ("a", int), ("b", str), ("c", decimal.Decimal), ("d", datetime.datetime)]


@pytest.mark.parametrize("fetch", [{"UseDeclareFetch": 0}, {"UseDeclareFetch": 1, "Fetch": 100}], ids=["whole", "declare"])
def test_many_rows(server, fetch):
    connection = connect(server, autocommit=False, **fetch)
    cursor = connection.cursor().execute("SELECT i, 'row ' || i AS s FROM generate_series(1, 5000) AS t(i) ORDER BY i")
    assert [tuple(row) for row in cursor] == [(i, f"row {i}") for i in range(1, 5001)]
    connection.rollback()
    connection.close()


def test_many_parameters(odbc):
    cursor = odbc.cursor()
    cursor.execute("CREATE TEMP TABLE odbc_many (i integer, s text, d date)")
    rows = [(i, f"s{i}" if i % 3 else None, datetime.date(2024, 1, 1) + datetime.timedelta(i)) for i in range(300)]
    cursor.executemany("INSERT INTO odbc_many VALUES (?, ?, ?)", rows)
    assert [tuple(row) for row in cursor.execute("SELECT * FROM odbc_many ORDER BY i")] == rows
    cursor.execute("DROP TABLE odbc_many")


def test_transactions_and_errors(server):
    connection = connect(server, autocommit=False)
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE odbc_t (i integer PRIMARY KEY)")
    connection.commit()
    cursor.execute("INSERT INTO odbc_t VALUES (1)")
    connection.rollback()
    assert cursor.execute("SELECT count(*) FROM odbc_t").fetchval() == 0
    cursor.execute("INSERT INTO odbc_t VALUES (2)")
    with pytest.raises(pyodbc.Error) as refused:
        cursor.execute("INSERT INTO odbc_t VALUES (2)")
    assert refused.value.args[0] == "23505"
    connection.rollback()
    with pytest.raises(pyodbc.Error) as unknown:
        cursor.execute("SELECT * FROM no_such_table")
    assert unknown.value.args[0] in ("42S02", "42P01")
    connection.rollback()
    assert cursor.execute("SELECT 1").fetchval() == 1
    connection.close()


def test_a_running_statement_is_cancelled(odbc):
    cursor = odbc.cursor()
    cursor.execute("SET statement_timeout = 500")
    with pytest.raises(pyodbc.Error) as late:
        cursor.execute("SELECT sum(a.i * b.i) FROM generate_series(1, 10000000) AS a(i), generate_series(1, 1000000) AS b(i)")
    assert late.value.args[0] == "57014"
    assert odbc.cursor().execute("SELECT 1").fetchval() == 1
