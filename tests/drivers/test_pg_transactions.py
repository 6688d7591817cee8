"""Transactions over the PostgreSQL door: modes, failed state, savepoints, chains, and what is told of them."""

import time

import psycopg
import pytest


@pytest.fixture
def connection(server):
    with server.connect_pg(autocommit=True) as connection:
        yield connection


def refused(connection, sql):
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    return raised.value.sqlstate


def status(connection):
    return connection.info.transaction_status.name


@pytest.fixture
def notices(connection):
    seen = []
    connection.add_notice_handler(lambda notice: seen.append(notice.sqlstate))
    return seen


def test_tags_and_states(connection):
    for sql, tag, state in [
        ("START TRANSACTION", "START TRANSACTION", "INTRANS"), ("COMMIT WORK", "COMMIT", "IDLE"),
        ("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE", "BEGIN", "INTRANS"), ("ABORT", "ROLLBACK", "IDLE"),
        ("BEGIN TRANSACTION READ ONLY DEFERRABLE", "BEGIN", "INTRANS"), ("END", "COMMIT", "IDLE"),
        ("BEGIN", "BEGIN", "INTRANS"), ("SAVEPOINT s", "SAVEPOINT", "INTRANS"),
        ("ROLLBACK TO s", "ROLLBACK", "INTRANS"), ("RELEASE s", "RELEASE", "INTRANS"),
        ("COMMIT AND CHAIN", "COMMIT", "INTRANS"), ("ROLLBACK AND CHAIN", "ROLLBACK", "INTRANS"),
        ("ROLLBACK", "ROLLBACK", "IDLE"),
    ]:
        assert connection.execute(sql).statusmessage == tag, sql
        assert status(connection) == state, sql


def test_warnings(connection, notices):
    connection.execute("COMMIT")
    connection.execute("ROLLBACK")
    connection.execute("SET TRANSACTION READ ONLY")
    connection.execute("BEGIN")
    connection.execute("BEGIN")
    connection.execute("ROLLBACK")
    assert notices == ["25P01", "25P01", "25P01", "25001"]
    del notices[:]
    connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
    assert notices == ["01000"]
    connection.execute("SET LOCAL client_min_messages = error; BEGIN")
    assert notices == ["01000"]
    assert connection.execute("SHOW transaction_isolation").fetchone() == ("repeatable read",)
    connection.execute("ROLLBACK")


@pytest.mark.parametrize("sql", ["SAVEPOINT a", "RELEASE a", "ROLLBACK TO a", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN"])
def test_only_in_a_block(connection, sql):
    assert refused(connection, sql) == "25P01"


def test_any_error_fails_the_transaction(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER)")
    for wrong in ("SELEC 1", "SELECT * FROM no_such_table", "SELECT 'x'::INTEGER", "SET jit = 'maybe'", "FETCH 1 FROM",
                  "RELEASE nothing", "SHOW no.such", "LISTEN c"):
        connection.execute("BEGIN")
        connection.execute("INSERT INTO t VALUES (1)")
        refused(connection, wrong)
        assert status(connection) == "INERROR", wrong
        for then in ("SELECT 1", "SHOW jit", "SET jit = on", "SAVEPOINT a", "BEGIN"):
            assert refused(connection, then) == "25P02", (wrong, then)
        assert connection.execute("COMMIT").statusmessage == "ROLLBACK"
        assert status(connection) == "IDLE"
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_read_only(connection):
    connection.execute("CREATE OR REPLACE TABLE read_only_t (i INTEGER)")
    connection.execute("CREATE TEMP TABLE mine (i INTEGER)")
    connection.execute("BEGIN READ ONLY")
    assert connection.execute("SHOW transaction_read_only").fetchone() == ("on",)
    connection.execute("SELECT * FROM read_only_t")
    connection.execute("INSERT INTO mine VALUES (1)")
    assert refused(connection, "INSERT INTO read_only_t VALUES (1)") == "25006"
    connection.execute("ROLLBACK")
    for sql in ("UPDATE read_only_t SET i = 1", "DELETE FROM read_only_t", "CREATE TABLE never (i INTEGER)",
                "CREATE TEMP TABLE never (i INTEGER)", "DROP TABLE read_only_t", "CREATE TABLE never AS SELECT 1"):
        connection.execute("BEGIN; SET TRANSACTION READ ONLY")
        assert refused(connection, sql) == "25006", sql
        connection.execute("ROLLBACK")
    connection.execute("BEGIN; SET TRANSACTION READ ONLY; SET TRANSACTION READ WRITE")
    connection.execute("INSERT INTO read_only_t VALUES (1)")
    connection.execute("COMMIT")
    connection.execute("BEGIN READ ONLY")
    connection.execute("SELECT 1")
    assert refused(connection, "SET TRANSACTION READ WRITE") == "25001"
    connection.execute("ROLLBACK")
    connection.execute("BEGIN READ ONLY")
    connection.execute("COMMIT AND CHAIN")
    assert connection.execute("SHOW transaction_read_only").fetchone() == ("on",)
    connection.execute("ROLLBACK")
    connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    assert connection.info.parameter_status("default_transaction_read_only") == "on"
    assert refused(connection, "INSERT INTO read_only_t VALUES (2)") == "25006"
    connection.execute("BEGIN READ WRITE; INSERT INTO read_only_t VALUES (2); COMMIT")
    connection.execute("RESET default_transaction_read_only")
    connection.execute("DROP TABLE read_only_t")


def test_a_transaction_sees_one_snapshot(server):
    with server.connect_pg(autocommit=True) as one, server.connect_pg(autocommit=True) as other:
        one.execute("CREATE OR REPLACE TABLE snapshot_t AS SELECT 1 i")
        one.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        assert one.execute("SELECT count(*) FROM snapshot_t").fetchone() == (1,)
        other.execute("INSERT INTO snapshot_t VALUES (2)")
        assert one.execute("SELECT count(*) FROM snapshot_t").fetchone() == (1,)
        one.execute("COMMIT")
        assert one.execute("SELECT count(*) FROM snapshot_t").fetchone() == (2,)
        one.execute("DROP TABLE snapshot_t")


def test_conflicting_writers_get_40001(server):
    with server.connect_pg(autocommit=True) as one, server.connect_pg(autocommit=True) as other:
        one.execute("CREATE OR REPLACE TABLE conflict_t AS SELECT 1 i")
        one.execute("BEGIN; UPDATE conflict_t SET i = 2")
        other.execute("BEGIN")
        assert refused(other, "UPDATE conflict_t SET i = 3") == "40001"
        other.execute("ROLLBACK")
        one.execute("COMMIT")
        assert other.execute("SELECT i FROM conflict_t").fetchone() == (2,)
        one.execute("DROP TABLE conflict_t")


def test_savepoints_undo_what_failed_and_wrote_nothing(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER)")
    connection.execute("BEGIN; INSERT INTO t VALUES (1)")
    for wrong in ("SELEC", "SELECT * FROM no_such_table", "SELECT 'x'::INTEGER FROM t", "INSERT INTO no_such VALUES (1)"):
        connection.execute("SAVEPOINT a")
        refused(connection, wrong)
        assert status(connection) == "INERROR"
        connection.execute("ROLLBACK TO SAVEPOINT a")
        assert status(connection) == "INTRANS", wrong
    connection.execute("INSERT INTO t VALUES (2)")
    connection.execute("COMMIT")
    assert connection.execute("SELECT sum(i) FROM t").fetchone() == (3,)


def test_savepoints_nest_and_are_found_by_name(connection):
    connection.execute("BEGIN; SAVEPOINT a; SAVEPOINT b; SAVEPOINT a; RELEASE a; ROLLBACK TO b; RELEASE a")
    assert refused(connection, "ROLLBACK TO b") == "3B001"
    connection.execute("ROLLBACK")


def test_a_savepoint_behind_a_write_cannot_be_gone_back_to(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER)")
    connection.execute("BEGIN; SAVEPOINT a; INSERT INTO t VALUES (1)")
    with pytest.raises(psycopg.errors.FeatureNotSupported) as raised:
        connection.execute("ROLLBACK TO a")
    assert raised.value.diag.message_hint
    # Half of it must not be committed.
    assert connection.execute("COMMIT").statusmessage == "ROLLBACK"
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.execute("BEGIN; SAVEPOINT a; INSERT INTO t VALUES (1); RELEASE a; COMMIT")
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (1,)


@pytest.mark.parametrize("temporary", ["TEMP", ""])
def test_a_row_that_met_a_constraint_left_nothing(connection, temporary):
    connection.execute(f"CREATE OR REPLACE {temporary} TABLE met (i INTEGER PRIMARY KEY, u INTEGER UNIQUE, n INTEGER NOT NULL, c INTEGER CHECK (c < 10))")
    connection.execute("INSERT INTO met VALUES (1, 1, 1, 1)")
    connection.execute("BEGIN; INSERT INTO met VALUES (2, 2, 2, 2), (3, 3, 3, 3)")
    wrong = [("(1, 7, 7, 7)", "23505"), ("(2, 7, 7, 7)", "23505"), ("(7, 3, 7, 7)", "23505"), ("(7, 7, NULL, 7)", "23502"),
             ("(7, 7, 7, 70)", "23514"), ("('x', 7, 7, 7)", "22P02"), ("(8, 8, 8, 8), (9, 9, 9, 9), (9, 1, 1, 1)", "23505"),
             ("(8, 8, 8, 8), (9, 8, 9, 9)", "23505"), ("(8, 8, 8, 8), (9, 9, NULL, 9)", "23502")]
    for count, (row, state) in enumerate(wrong * 3):
        connection.execute("SAVEPOINT a")
        assert refused(connection, f"INSERT INTO met VALUES {row}") == state, row
        connection.execute("ROLLBACK TO a")
        connection.execute(f"RELEASE a; INSERT INTO met VALUES ({100 + count}, {100 + count}, 5, 5)")
    assert connection.execute("SELECT count(*), count(DISTINCT i), count(DISTINCT u) FROM met").fetchone() == (30, 30, 30)
    connection.execute("COMMIT")
    rows = 3 + 3 * len(wrong)
    assert connection.execute("SELECT count(*), count(DISTINCT i) FROM met WHERE n IN (1, 2, 3, 5)").fetchone() == (rows, rows)
    # What was refused is not in the indexes, what was taken is.
    connection.execute("INSERT INTO met VALUES (7, 7, 7, 7), (8, 8, 8, 8), (9, 9, 9, 9)")
    for i in (1, 2, 3, 7, 8, 9, 100, 99 + 3 * len(wrong)):
        assert connection.execute(f"SELECT count(*) FROM met WHERE i = {i}").fetchone() == (1,)
        assert refused(connection, f"INSERT INTO met VALUES ({i}, 1000, 1, 1)") == "23505"
    connection.execute("DROP TABLE met")


def test_other_writes_that_fail_cannot_be_gone_back_over(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
    for wrong in ("UPDATE t SET i = 2 WHERE i = 1", "INSERT INTO t SELECT range FROM range(10000)",
                  "INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET i = 2"):
        connection.execute("BEGIN; SAVEPOINT a")
        refused(connection, wrong)
        assert refused(connection, "ROLLBACK TO a") == "0A000", wrong
        assert connection.execute("COMMIT").statusmessage == "ROLLBACK"
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)


def test_nested_transactions_of_psycopg(server):
    with server.connect_pg() as connection:
        connection.execute("CREATE TEMP TABLE t (i INTEGER)")
        with connection.transaction():
            with connection.transaction():
                connection.execute("INSERT INTO t VALUES (1)")
            with pytest.raises(psycopg.errors.UndefinedTable), connection.transaction():
                connection.execute("SELECT * FROM no_such_table")
            connection.execute("INSERT INTO t VALUES (2)")
        assert connection.execute("SELECT sum(i) FROM t").fetchone() == (3,)


def test_one_simple_query_is_one_transaction(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER)")
    refused(connection, "INSERT INTO t VALUES (1); SELECT * FROM no_such_table")
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    refused(connection, "INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); SELECT * FROM no_such_table")
    assert connection.execute("SELECT sum(i) FROM t").fetchone() == (1,)
    refused(connection, "INSERT INTO t VALUES (4); BEGIN; INSERT INTO t VALUES (8); SELECT * FROM no_such_table")
    assert status(connection) == "INERROR"
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT sum(i) FROM t").fetchone() == (1,)


@pytest.mark.parametrize("sql,state", [
    ("SET idle_in_transaction_session_timeout = 300; BEGIN", "25P03"),
    ("SET idle_session_timeout = '0.3 s'", "57P05"),
])
def test_who_idles_too_long_is_told_and_left(server, sql, state):
    from raw_pg import RawPg
    raw = RawPg(server.ports["pg"])
    raw.query(sql)
    assert RawPg.error([raw.receive()])["C"] == state
    assert raw.receive() is None
    # A session that is not idle, or not in a transaction, is not meant.
    raw = RawPg(server.ports["pg"])
    raw.query("SET idle_in_transaction_session_timeout = 300")
    started = time.monotonic()
    while time.monotonic() - started < 1:
        time.sleep(0.25)
        assert RawPg.rows(raw.query("SELECT 1")) == [["1"]]
    raw.close()


def test_pivot_is_one_statement(connection):
    connection.execute("CREATE TEMP TABLE p AS SELECT * FROM (VALUES ('a', 1), ('b', 2)) t(k, v)")
    assert connection.execute("PIVOT p ON k USING sum(v)").fetchall() == [(1, 2)]
    cursor = connection.execute("SELECT * FROM (PIVOT p ON k USING sum(v)) WHERE true", prepare=True)
    assert [column.name for column in cursor.description] == ["a", "b"]
    connection.execute("INSERT INTO p VALUES ('a', 10)")
    assert connection.execute("SELECT * FROM (PIVOT p ON k USING sum(v)) WHERE true").fetchall() == [(11, 2)]
    connection.execute("BEGIN")
    assert connection.execute("PIVOT p ON k USING sum(v)").fetchall() == [(11, 2)]
    connection.execute("COMMIT")
