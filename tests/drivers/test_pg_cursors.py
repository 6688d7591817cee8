"""Cursors of SQL and portals of the protocol, prepared statements of SQL, EXPLAIN as PostgreSQL writes it."""

import decimal
import json

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


def column(connection, sql):
    return [row[0] for row in connection.execute(sql).fetchall()]


def test_forward(connection):
    connection.execute("BEGIN")
    assert connection.execute("DECLARE c CURSOR FOR SELECT range i FROM range(10)").statusmessage == "DECLARE CURSOR"
    cursor = connection.execute("FETCH 3 FROM c")
    assert cursor.statusmessage == "FETCH 3"
    assert [row[0] for row in cursor] == [0, 1, 2]
    assert column(connection, "FETCH c") == [3]
    assert column(connection, "FETCH NEXT FROM c") == [4]
    assert connection.execute("MOVE 2 FROM c").statusmessage == "MOVE 2"
    assert column(connection, "FETCH RELATIVE 2 FROM c") == [8]
    assert column(connection, "FETCH FORWARD ALL FROM c") == [9]
    assert column(connection, "FETCH FORWARD ALL FROM c") == []
    assert connection.execute("FETCH ALL c").statusmessage == "FETCH 0"
    assert connection.execute("CLOSE c").statusmessage == "CLOSE CURSOR"
    assert refused(connection, "FETCH c") == "34000"
    connection.execute("ROLLBACK")


@pytest.mark.parametrize("move", ["FETCH PRIOR FROM c", "FETCH BACKWARD 2 FROM c", "MOVE BACKWARD ALL FROM c", "FETCH FIRST FROM c",
                                  "FETCH LAST FROM c", "FETCH ABSOLUTE 1 FROM c", "FETCH RELATIVE -1 FROM c", "FETCH 0 FROM c"])
def test_only_scrollable_cursors_go_back(connection, move):
    connection.execute("BEGIN; DECLARE c CURSOR FOR SELECT range i FROM range(10)")
    connection.execute("FETCH 3 FROM c")
    assert refused(connection, move) == "55000"
    connection.execute("ROLLBACK")


@pytest.mark.parametrize("rows", [5, 3_000_000], ids=["small", "beyond memory"])
def test_scroll(connection, rows):
    connection.execute(f"BEGIN; DECLARE c SCROLL CURSOR FOR SELECT range i, repeat('x', 20) FROM range({rows})")
    last = rows - 1
    for sql, wanted in [
        ("FETCH 2 FROM c", [0, 1]), ("FETCH 0 FROM c", [1]), ("FETCH PRIOR FROM c", [0]), ("FETCH PRIOR FROM c", []),
        ("FETCH NEXT FROM c", [0]), ("FETCH LAST FROM c", [last]), ("FETCH NEXT FROM c", []), ("FETCH 0 FROM c", []),
        ("FETCH PRIOR FROM c", [last]), ("FETCH BACKWARD 2 FROM c", [last - 1, last - 2]), ("FETCH FIRST FROM c", [0]),
        ("FETCH ABSOLUTE 4 FROM c", [3]), ("FETCH ABSOLUTE -2 FROM c", [last - 1]), ("FETCH RELATIVE -1 FROM c", [last - 2]),
        ("FETCH RELATIVE 1 FROM c", [last - 1]), ("FETCH ABSOLUTE 0 FROM c", []), ("FETCH 1 FROM c", [0]),
        (f"FETCH ABSOLUTE {rows + 1} FROM c", []), ("FETCH BACKWARD 1 FROM c", [last]),
        (f"FETCH ABSOLUTE -{rows + 1} FROM c", []), ("FETCH -1 FROM c", []), ("FETCH NEXT FROM c", [0]),
    ]:
        assert column(connection, sql) == wanted, sql
    assert connection.execute("MOVE FORWARD ALL FROM c").statusmessage == f"MOVE {last}"
    assert connection.execute("MOVE BACKWARD 2 FROM c").statusmessage == "MOVE 2"
    assert connection.execute("MOVE ABSOLUTE 3 FROM c").statusmessage == "MOVE 1"
    connection.execute("COMMIT")


def test_where_cursors_live(connection):
    assert refused(connection, "DECLARE c CURSOR FOR SELECT 1") == "25P01"
    connection.execute("DECLARE h CURSOR WITH HOLD FOR SELECT range i FROM range(100000)")
    connection.execute("BEGIN; DECLARE c CURSOR FOR SELECT 1; DECLARE k CURSOR WITH HOLD FOR SELECT range i FROM range(5)")
    assert refused(connection, "DECLARE c CURSOR FOR SELECT 1") == "42P03"
    connection.execute("ROLLBACK")
    assert refused(connection, "FETCH c") == "34000"
    assert refused(connection, "FETCH k") == "34000"
    assert column(connection, "FETCH 2 FROM h") == [0, 1]
    connection.execute("BEGIN; DECLARE c CURSOR FOR SELECT 1; DECLARE k CURSOR WITH HOLD FOR SELECT range i FROM range(5)")
    assert column(connection, "FETCH 2 FROM k") == [0, 1]
    connection.execute("COMMIT")
    assert refused(connection, "FETCH c") == "34000"
    assert column(connection, "FETCH ALL FROM k") == [2, 3, 4]
    assert column(connection, "FETCH 2 FROM h") == [2, 3]
    assert connection.execute("CLOSE ALL").statusmessage == "CLOSE CURSOR ALL"
    assert refused(connection, "FETCH h") == "34000"
    # One simple query is a transaction too.
    connection.execute("DECLARE c CURSOR FOR SELECT 1; FETCH c")
    assert refused(connection, "FETCH c") == "34000"
    connection.execute("BEGIN; SAVEPOINT a; DECLARE c CURSOR FOR SELECT 1; ROLLBACK TO a")
    assert refused(connection, "FETCH c") == "34000"
    connection.execute("ROLLBACK")


def test_a_cursor_shows_what_was_there_when_it_was_declared(connection):
    connection.execute("CREATE TEMP TABLE t AS SELECT 1 i")
    connection.execute("BEGIN; DECLARE c CURSOR FOR SELECT i FROM t; INSERT INTO t VALUES (2)")
    assert column(connection, "FETCH ALL FROM c") == [1]
    connection.execute("COMMIT")


def test_cursors_and_other_statements_side_by_side(connection):
    connection.execute("BEGIN")
    connection.execute("DECLARE a CURSOR FOR SELECT range i FROM range(300000)")
    connection.execute("DECLARE b CURSOR FOR SELECT range * 2 i FROM range(300000)")
    seen_a, seen_b = [], []
    while True:
        some = column(connection, "FETCH 70000 FROM a")
        if not some:
            break
        seen_a += some
        seen_b += column(connection, "FETCH 70000 FROM b")
        assert connection.execute("SELECT 42").fetchone() == (42,)
    assert seen_a == list(range(300000))
    assert seen_b == list(range(0, 600000, 2))
    connection.execute("COMMIT")


def test_a_result_too_large_to_be_put_aside(start_server):
    server = start_server(settings={"max_spool_size": "20MB"})
    with server.connect_pg() as connection:
        connection.execute("BEGIN")
        connection.execute("DECLARE c CURSOR FOR SELECT i FROM range(100000000000) t(i)")
        assert connection.execute("FETCH 2 FROM c").fetchall() == [(0,), (1,)]
        assert connection.execute("SELECT 42").fetchone() == (42,)
        with pytest.raises(psycopg.errors.ConfigurationLimitExceeded, match="put aside"):
            connection.execute("MOVE ALL FROM c")
        connection.rollback()
        assert connection.execute("SELECT 42").fetchone() == (42,)


def test_cursors_are_private(server):
    with server.connect_pg(autocommit=True) as one, server.connect_pg(autocommit=True) as other:
        one.execute("DECLARE mine CURSOR WITH HOLD FOR SELECT 1")
        assert refused(other, "FETCH mine") == "34000"


def test_mistakes(connection):
    for sql, state in [("DECLARE c CURSOR WITH HOLD FOR SELECT * FROM no_such_table", "42P01"), ("DECLARE c CURSOR WITH HOLD FOR SELEC", "42601"),
                       ("DECLARE c CURSOR WITH HOLD FOR BEGIN", "42601"), ("DECLARE c CURSOR WITH HOLD FOR DROP TABLE IF EXISTS t", "42601"),
                       ("CLOSE nothing", "34000"), ("MOVE nothing", "34000"), ("FETCH sideways FROM c", "42601")]:
        assert refused(connection, sql) == state, sql
    with pytest.raises(psycopg.errors.UndefinedColumn) as raised:
        connection.execute("DECLARE c CURSOR WITH HOLD FOR SELECT nothing FROM nation")
    assert raised.value.diag.statement_position == str("DECLARE c CURSOR WITH HOLD FOR SELECT nothing".find("nothing") + 1)


def test_a_binary_cursor(connection):
    connection.execute("BEGIN; DECLARE c BINARY CURSOR FOR SELECT 258::INTEGER")
    result = connection.pgconn.exec_(b"FETCH c")
    assert result.fformat(0) == 1
    assert result.get_value(0, 0) == b"\x00\x00\x01\x02"
    connection.execute("COMMIT")


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("scrollable", [None, False, True])
def test_server_cursors_of_psycopg(server, binary, scrollable):
    with server.connect_pg(autocommit=False) as connection:
        with connection.cursor("named", scrollable=scrollable, binary=binary) as cursor:
            cursor.itersize = 1000
            cursor.execute("SELECT i, i::VARCHAR AS s, i * 1.5::DECIMAL(10, 2) AS n FROM range(9000) t(i) WHERE i < %s ORDER BY i", (5000,))
            assert cursor.fetchone() == (0, "0", decimal.Decimal(0))
            assert len(cursor.fetchmany(10)) == 10
            assert [row[0] for row in cursor] == list(range(11, 5000))
            if scrollable:
                cursor.scroll(0, mode="absolute")
                assert cursor.fetchone()[0] == 0
                cursor.scroll(100)
                assert cursor.fetchone()[0] == 101
                cursor.scroll(-2)
                assert cursor.fetchone()[0] == 100
        with connection.cursor("held", withhold=True) as cursor:
            cursor.execute("SELECT i FROM range(10) t(i)")
            assert cursor.fetchone() == (0,)
            connection.commit()
            assert cursor.fetchall() == [(i,) for i in range(1, 10)]


def test_fetch_reads_from_a_portal_of_the_protocol(server):
    with server.connect_pg(autocommit=True) as connection:
        from raw_pg import RawPg
        raw = RawPg(server.ports["pg"])
        raw.query("BEGIN")
        raw.send(raw.parse("", "SELECT range i FROM range(10)"), raw.bind("p", ""), raw.execute("p", 3), raw.sync())
        assert raw.rows(raw.until_ready()) == [["0"], ["1"], ["2"]]
        assert raw.rows(raw.query("FETCH 2 FROM p")) == [["3"], ["4"]]
        raw.send(raw.execute("p", 2), raw.sync())
        assert raw.rows(raw.until_ready()) == [["5"], ["6"]]
        # And Execute reads from a cursor of DECLARE.
        raw.query("DECLARE c CURSOR FOR SELECT range i FROM range(10)")
        raw.send(raw.describe("P", "c"), raw.execute("c", 2), raw.sync())
        answer = raw.until_ready()
        assert raw.rows(answer) == [["0"], ["1"]]
        assert [kind for kind, _ in answer][0] == "T"
        assert raw.rows(raw.query("FETCH 1 FROM c")) == [["2"]]
        raw.send(raw.close_("P", "c"), raw.sync())
        raw.until_ready()
        assert raw.error(raw.query("FETCH 1 FROM c"))["C"] == "34000"
        raw.close()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_prepare_and_execute(connection):
    assert connection.execute("PREPARE p (int, text) AS SELECT $1 + 1, $2 || '!'").statusmessage == "PREPARE"
    cursor = connection.execute("EXECUTE p (41, 'it''s, (ok)')")
    assert cursor.fetchall() == [(42, "it's, (ok)!")]
    assert cursor.statusmessage == "SELECT 1"
    assert connection.execute("EXECUTE p(1 + 1, NULL)").fetchall() == [(3, None)]
    assert refused(connection, "PREPARE p AS SELECT 1") == "42P05"
    assert refused(connection, "EXECUTE p(1)") == "42601"
    assert refused(connection, "EXECUTE p('x', 'y')") == "22P02"
    assert refused(connection, "EXECUTE nothing") == "26000"
    assert refused(connection, "PREPARE q AS BEGIN") == "42601"
    assert connection.execute("DEALLOCATE p").statusmessage == "DEALLOCATE"
    assert refused(connection, "EXECUTE p(1, 'a')") == "26000"
    assert refused(connection, "DEALLOCATE p") == "26000"


@pytest.mark.parametrize("type_name,value", [
    ("integer", "7"), ("bigint", "'-9223372036854775808'"), ("double precision", "0.1"), ("numeric(10, 2)", "12345.67"),
    ("character varying", "'ä''b'"), ("timestamptz", "'2024-02-29 12:00:00+00'"),
    ("uuid", "'00112233-4455-6677-8899-aabbccddeeff'"), ("int[]", "[1, NULL, 3]"), ("boolean", "true"), ("bytea", r"'\x00ff'"),
    ("interval", "'1 month 2 days 3 hours'"), ("time", "'23:59:59.999999'"),
])
def test_typed_parameters_keep_their_values(connection, type_name, value):
    connection.execute(f"PREPARE p ({type_name}) AS SELECT $1 IS NOT DISTINCT FROM ({value})::{type_name}")
    assert connection.execute(f"EXECUTE p ({value})").fetchone()[0] is True


def test_prepared_writes(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER)")
    connection.execute("PREPARE w (int) AS INSERT INTO t VALUES ($1), ($1)")
    assert connection.execute("EXECUTE w(1)").statusmessage == "INSERT 0 2"
    connection.execute("BEGIN READ ONLY")
    connection.execute("EXECUTE w(1)")  # a temporary table
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)


def test_names_are_shared_with_the_protocol(connection):
    pgconn = connection.pgconn
    pgconn.prepare(b"mine", b"SELECT $1::INTEGER * 2")
    assert connection.execute("EXECUTE mine(21)").fetchone() == (42,)
    assert refused(connection, "PREPARE mine AS SELECT 1") == "42P05"
    connection.execute("PREPARE yours (int) AS SELECT $1")
    assert pgconn.exec_prepared(b"yours", [b"5"]).get_value(0, 0) == b"5"
    described = pgconn.describe_prepared(b"yours")
    assert [described.param_type(i) for i in range(described.nparams)] == [23]
    connection.execute("DEALLOCATE ALL")
    assert pgconn.exec_prepared(b"yours", [b"5"]).error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"26000"


def test_execute_in_the_extended_protocol(connection):
    connection.execute("PREPARE p (int) AS SELECT i FROM range(9) t(i) WHERE i < $1 ORDER BY i")
    cursor = connection.execute("EXECUTE p(3)", prepare=True)
    assert cursor.description[0].name == "i"
    assert cursor.fetchall() == [(0,), (1,), (2,)]


@pytest.mark.parametrize("options", ["(VERBOSE, COSTS off)", "(ANALYZE off, BUFFERS off, TIMING 1)", "VERBOSE", "(ANALYZE, VERBOSE)", "ANALYZE VERBOSE", "",
                                     "ANALYZE", "(ANALYZE)"])
def test_explain_options_of_postgresql(connection, options):
    cursor = connection.execute(f"EXPLAIN {options} SELECT * FROM range(10)")
    assert [one.name for one in cursor.description] == ["QUERY PLAN"]
    rows = cursor.fetchall()
    assert len(rows) > 3 and "RANGE" in "\n".join(row[0] for row in rows)
    assert cursor.statusmessage == "EXPLAIN"


def test_explain_with_a_parameter(connection):
    rows = connection.execute("EXPLAIN ANALYZE SELECT i FROM range(10) t(i) WHERE i < %s", (3,), prepare=True).fetchall()
    assert "3 rows" in "\n".join(row[0] for row in rows)


def test_explain_as_json(connection):
    for options in ("FORMAT JSON, VERBOSE", "FORMAT JSON"):
        cursor = connection.execute(f"EXPLAIN ({options}) SELECT * FROM range(10)")
        assert cursor.description[0].type_code == 114
        assert isinstance(cursor.fetchone()[0], (list, dict))
    assert refused(connection, "EXPLAIN (FORMAT XML) SELECT 1") == "0A000"
    assert refused(connection, "EXPLAIN (VERBOSE) SELECT nothing FROM nation") == "42703"


def test_cursors_over_http_share_the_session(server):
    status, _, body = server.request("POST", "/query", {"sql": "BEGIN; DECLARE c CURSOR FOR SELECT 7 AS i; FETCH c"})
    assert (status, json.loads(body)) == (200, {"result": [{"i": 7}]})
