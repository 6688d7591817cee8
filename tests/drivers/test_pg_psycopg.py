"""psycopg 3 over the PostgreSQL door: types both ways, statements, cursors, transactions, errors, cancel."""

import datetime
import decimal
import threading
import uuid

import psycopg
import pytest

VALUES = [
    ("BOOLEAN", True),
    ("SMALLINT", -32768),
    ("INTEGER", 2147483647),
    ("BIGINT", -9223372036854775808),
    ("DOUBLE", 0.1),
    ("DECIMAL(18,4)", decimal.Decimal("-12345.6789")),
    ("VARCHAR", "naïve ☃ 'quoted' \\ back"),
    ("BLOB", b"\x00\xff\x01abc"),
    ("DATE", datetime.date(1969, 12, 31)),
    ("TIME", datetime.time(23, 59, 59, 999999)),
    ("TIMESTAMP", datetime.datetime(2025, 2, 28, 12, 0, 0, 1)),
    ("UUID", uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")),
    ("INTEGER[]", [1, 2, 3]),
]


@pytest.fixture
def connection(server):
    with server.connect_pg() as opened:
        yield opened


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("type_name,value", VALUES, ids=[name for name, _ in VALUES])
def test_value_goes_out_and_back(connection, type_name, value, binary):
    with connection.cursor(binary=binary) as cursor:
        cursor.execute(f"SELECT %s::{type_name} AS v, NULL::{type_name} AS n", [value], binary=binary)
        assert cursor.fetchone() == (value, None)


def test_null_is_not_the_text_null(connection):
    assert connection.execute("SELECT 'NULL', NULL, ''").fetchone() == ("NULL", None, "")


def test_named_statement_is_reused(connection):
    for i in range(10):
        assert connection.execute("SELECT %s::INTEGER * 2", [i], prepare=True).fetchone() == (i * 2,)


def test_executemany_and_pipeline(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER, s VARCHAR)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(i, str(i)) for i in range(50)])
    with connection.pipeline():
        first = connection.execute("SELECT count(*) FROM t")
        second = connection.execute("SELECT sum(i)::BIGINT FROM t")
        assert (first.fetchone(), second.fetchone()) == ((50,), (1225,))



def test_transaction_rolls_back(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER)")
    with pytest.raises(ZeroDivisionError), connection.transaction():
        connection.execute("INSERT INTO t VALUES (1)")
        raise ZeroDivisionError
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_failed_transaction_refuses_until_rollback(server):
    with server.connect_pg(autocommit=False) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM no_such_table")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("SELECT 1")
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("sql,state", [
    ("SELEC 1", "42601"),
    ("SELECT * FROM no_such_table", "42P01"),
    ("SELECT no_such_column FROM nation", "42703"),
    ("SELECT no_such_function(1)", "42883"),
])
def test_sqlstate(connection, sql, state):
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    assert raised.value.sqlstate == state
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_cancel_from_another_thread(connection):
    timer = threading.Timer(0.5, connection.cancel_safe)
    timer.start()
    try:
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)")
    finally:
        timer.join()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_deallocate_all_forgets_the_protocols_statements(connection):
    pgconn = connection.pgconn
    pgconn.prepare(b"mine", b"SELECT 1")
    assert pgconn.exec_prepared(b"mine", None).get_value(0, 0) == b"1"
    assert pgconn.exec_(b"DEALLOCATE ALL").command_status == b"DEALLOCATE ALL"
    gone = pgconn.exec_prepared(b"mine", None)
    assert gone.error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"26000"


@pytest.mark.parametrize("create,use,drop", [
    ("CREATE TEMP TABLE again (i INTEGER)", "INSERT INTO again (i) VALUES (1) RETURNING i", "DROP TABLE again"),
    ("CREATE TEMP TABLE again AS SELECT 1 AS i", "SELECT i FROM again", "DROP TABLE again"),
    ("CREATE TEMP VIEW again AS SELECT 1 AS i", "SELECT i FROM again", "DROP VIEW again"),
    ("CREATE TEMP MACRO again(a) AS a + 1", "SELECT again(0)", "DROP MACRO again"),
])
def test_a_prepared_create_makes_the_same_each_time(connection, create, use, drop):
    connection.autocommit = True
    raw = connection.pgconn
    assert raw.prepare(b"made", create.encode()).status == psycopg.pq.ExecStatus.COMMAND_OK
    for _ in range(3):
        assert raw.exec_prepared(b"made", []).status == psycopg.pq.ExecStatus.COMMAND_OK, raw.error_message
        assert connection.execute(use, prepare=False).fetchall() == [(1,)]
        connection.execute(drop, prepare=False)
