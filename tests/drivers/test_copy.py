"""COPY to and from the client: psql, psycopg and asyncpg; and the same statements and data against a PostgreSQL."""

import contextlib
import csv
import datetime
import decimal
import io
import os
import pathlib
import select
import shutil
import subprocess
import sys
import time
import uuid

import psycopg
import pytest
from psycopg import sql

from skein_server import wait_until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
from peers import Postgres  # noqa: E402

UNKIND = [
    (1, "plain", 1.5, True), (2, "tab\tnew\nline\r\\ back", -0.0, False), (3, "", float("inf"), None),
    (4, None, float("nan"), True), (5, 'quo"te, and \'s', None, None), (6, "\\N", 0.1, None), (7, "\\.", 1e300, None),
    (8, "ünï ☃ 𝄞", 1e-300, None), (9, " lead and trail ", 3.0, None), (10, "NULL", 4.0, None), (None, "x", 5.0, None),
]
COLUMNS = "i INTEGER, s TEXT, d DOUBLE PRECISION, b BOOLEAN"


@pytest.fixture(scope="module")
def postgres():
    if not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        pytest.skip("no PostgreSQL server is installed")
    with Postgres() as server:
        yield server


@pytest.fixture
def connection(server):
    with server.connect_pg() as opened:
        yield opened


@pytest.fixture
def table(connection):
    connection.execute(f"CREATE TEMP TABLE t ({COLUMNS})")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO t VALUES (%s, %s, %s, %s)", UNKIND)
    return connection


def copy_out(connection, statement):
    with connection.cursor().copy(statement) as copy:
        return b"".join(copy)


def copy_in(connection, statement, data):
    cursor = connection.cursor()
    with cursor.copy(statement) as copy:
        for start in range(0, len(data), 1000):
            copy.write(data[start:start + 1000])
    return cursor


def rows(connection, table="t"):
    return sorted(map(repr, connection.execute(f"SELECT * FROM {table}").fetchall()))


OPTIONS = ["", "(FORMAT csv)", "(FORMAT csv, HEADER, DELIMITER ';', QUOTE '''', ESCAPE '\\', NULL 'nil', FORCE_QUOTE (s))",
           "(FORMAT csv, FORCE_QUOTE *)", "(DELIMITER '|', NULL '')", "(FORMAT text, HEADER)", "(FORMAT binary)"]


@pytest.mark.parametrize("options", OPTIONS)
def test_what_goes_out_comes_back(table, options):
    data = copy_out(table, f"COPY t TO STDOUT {options}")
    table.execute(f"CREATE TEMP TABLE back ({COLUMNS})")
    options = options.replace(", FORCE_QUOTE (s)", "").replace(", FORCE_QUOTE *", "")
    cursor = copy_in(table, f"COPY back FROM STDIN {options}", data)
    assert (cursor.statusmessage, cursor.rowcount) == (f"COPY {len(UNKIND)}", len(UNKIND))
    if "NULL ''" in options:
        return  # an empty text comes back as NULL, as it must
    assert rows(table, "back") == rows(table)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_same_bytes_as_postgresql(table, postgres, options):
    with psycopg.connect(postgres.conninfo, autocommit=True) as other:
        other.execute(f"CREATE TEMP TABLE t ({COLUMNS})")
        with other.cursor() as cursor:
            cursor.executemany("INSERT INTO t VALUES (%s, %s, %s, %s)", UNKIND)
        statement = f"COPY (SELECT i, s, d, b FROM t ORDER BY i NULLS LAST) TO STDOUT {options}"
        theirs = copy_out(other, statement)
        assert copy_out(table, statement) == theirs
        # PostgreSQL's data into ours, and ours into PostgreSQL.
        options = options.replace(", FORCE_QUOTE (s)", "").replace(", FORCE_QUOTE *", "")
        for one in (table, other):
            one.execute(f"CREATE TEMP TABLE back ({COLUMNS})")
            copy_in(one, f"COPY back FROM STDIN {options}", theirs)
        assert rows(table, "back") == rows(other, "back")


TYPES = {
    "bool": ["true", "false"], "int2": ["-32768"], "int4": ["2147483647"], "int8": ["-9223372036854775808"],
    "float4": ["1.5", "NaN", "-Infinity", "1e-30"], "float8": ["0.1", "1e300", "-0"],
    "numeric(38,10)": ["12345678901234567890.0123456789", "-0.0000000001", "0"], "numeric(5,0)": ["-99999"],
    "text": ["", "a\\tb\\nc", "{}"], "varchar(10)": ["abc"], "bytea": ["\\\\x00ff", "\\\\x"],
    "date": ["2024-02-29", "0044-03-15 BC", "infinity", "-infinity"],
    "time": ["23:59:59.999999", "24:00:00"], "timetz": ["12:00:00+05:30", "00:00:00-12"],
    "timestamp": ["2024-02-29 12:34:56.789", "infinity", "0001-01-01 00:00:00 BC"],
    "timestamptz": ["2024-07-01 12:00:00.5+00", "-infinity"],
    "interval": ["1 year 2 mons -3 days +04:05:06.789", "00:00:00", "-00:00:01"],
    "uuid": ["00112233-4455-6677-8899-aabbccddeeff"], "json": ['{"a": [1, null, "x"]}'],
    "varbit": ["10110", "1"],
    "int4[]": ["{1,NULL,3}", "{}"], "text[]": ['{"a b",NULL,"NULL","\\\\"q\\\\""}'], "float8[]": ["{0.5,NaN}"],
    "bool[]": ["{t,f,NULL}"], "numeric(10,2)[]": ["{1.50,-2.25}"], "date[]": ["{2024-01-01,NULL}"],
    "timestamp[]": ['{"2024-01-01 00:00:00"}'], "uuid[]": ["{00112233-4455-6677-8899-aabbccddeeff}"],
}


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("type_name", TYPES)
def test_each_type_as_postgresql(connection, postgres, type_name, binary):
    """Text in, both formats out: the same bytes. Then PostgreSQL's bytes in, and out again."""
    data = "".join(f"{value}\n" for value in TYPES[type_name] + ["\\N"]).encode()
    options = "(FORMAT binary)" if binary else ""
    skein_type = type_name.replace("varbit", "bit")
    with psycopg.connect(postgres.conninfo, autocommit=True) as other:
        for one, name in ((connection, skein_type), (other, type_name)):
            one.execute("SET TimeZone = 'UTC'")
            one.execute(f"CREATE TEMP TABLE one (v {name})")
            copy_in(one, "COPY one FROM STDIN", data)
        theirs = copy_out(other, f"COPY one TO STDOUT {options}")
        assert copy_out(connection, f"COPY one TO STDOUT {options}") == theirs
        connection.execute(f"CREATE TEMP TABLE two (v {skein_type})")
        copy_in(connection, f"COPY two FROM STDIN {options}", theirs)
        assert copy_out(connection, f"COPY two TO STDOUT {options}") == theirs


WRONG = [
    ("", b"1\ta\n"), ("", b"1\ta\t1\tt\tmore\n"), ("", b"x\ta\t1\tt\n"), ("", b"99999999999\ta\t1\tt\n"),
    ("", b"1\ta\t1\tt\n2\tb\tx\tt\n"), ("", b"1\ta\t1e999\tt\n"), ("", b"1\ta\t1\tmaybe\n"), ("", b"1\t\xff\t1\tt\n"),
    ("", b"1\ta\t1\tt\r\n2\tb\t2\tt\n"), ("", b"1\ta\t1\tt\n2\tb\t2\tt\r\n"), ("", b"1\t\\x00\t1\tt\n"),
    ("", b"1\ta\t1\tt\n\\.x\n"), ("", b"1\t" + b"y" * 300 + b"\t\tt\n"),
    ("(FORMAT csv)", b"1,a,1\n"), ("(FORMAT csv)", b'1,"a,1,t\n2,b,2,t\n'), ("(FORMAT csv)", b'1,"a\nb",x,t\n'),
    ("(FORMAT csv)", b"1,a,1,t\n2,b,2,t\r\n"), ("(FORMAT csv, HEADER MATCH)", b"i,s,d,x\n1,a,1,t\n"),
    ("(FORMAT csv, HEADER MATCH)", b"i,s,d\n1,a,1,t\n"), ("(FORMAT csv, HEADER MATCH)", b"i,,d,b\n"),
    ("(FORMAT binary)", b"1,a\n"),
    ("(FORMAT binary)", b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\1\0\0\0\4\0\0\0\1"),
    ("(FORMAT binary)", b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\4\0\0\0\2\0\1" + b"\xff" * 12),
    ("(FORMAT binary)", b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\4" + b"\xff" * 16 + b"\xff\xffmore"),
    ("(FORMAT binary)", b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\0\4\0\0"),
    ("(DELIMITER 'ab')", b""), ("(DELIMITER 'a')", b""), ("(FORMAT csv, QUOTE 'ab')", b""), ("(QUOTE '\"')", b""),
    ("(FORMAT csv, DELIMITER '\"')", b""), ("(NULL E'a\\nb')", b""), ("(FORMAT csv, NULL ',')", b""),
    ("(FORMAT binary, DELIMITER ',')", b""), ("(FORMAT binary, HEADER)", b""), ("(FORMAT nope)", b""),
    ("(FORCE_NULL (s))", b""), ("(FORMAT csv, FORCE_NULL (nope))", b""), ("(FORMAT csv, FORCE_QUOTE (s))", b""),
    ("(FORMAT csv, FORMAT csv)", b""), ("(NOPE 1)", b""), ("(HEADER 2)", b""),
]


def failure(connection, statement, data):
    try:
        copy_in(connection, statement, data)
    except psycopg.Error as error:
        fields = error.diag
        return (fields.sqlstate, fields.message_primary, fields.message_detail, fields.context)
    return None


@pytest.mark.parametrize("options,data", WRONG)
def test_the_same_errors_as_postgresql(table, postgres, options, data):
    with psycopg.connect(postgres.conninfo, autocommit=True) as other:
        other.execute(f"CREATE TEMP TABLE t ({COLUMNS})")
        theirs = failure(other, f"COPY t FROM STDIN {options}", data)
    ours = failure(table, f"COPY t FROM STDIN {options}", data)
    assert theirs is not None and ours is not None
    assert ours == theirs
    assert len(rows(table)) == len(UNKIND), "a COPY that fails leaves nothing behind"


def test_statements_that_are_wrong(table):
    for statement, sqlstate in (
            ("COPY nope TO STDOUT", "42P01"), ("COPY nope FROM STDIN", "42P01"), ("COPY t (nope) FROM STDIN", "42703"),
            ("COPY t (nope) TO STDOUT", "42703"), ("COPY t (i, i) FROM STDIN", "42701"),
            ("COPY (SELECT 1; SELECT 2) TO STDOUT", "42601"), ("COPY (SELECT nope) TO STDOUT", "42703"),
            ("COPY (SELEC 1) TO STDOUT", "42601"), ("COPY (SELECT 1) FROM STDIN", "42601"),
            ("COPY (CREATE TABLE x (i INTEGER)) TO STDOUT", "0A000"),
            ("COPY t TO STDOUT (FORMAT csv, FORCE_QUOTE (nope))", "42703"),
            ("COPY t (i) TO STDOUT (FORMAT csv, FORCE_QUOTE (s))", "42P10")):
        with pytest.raises(psycopg.Error) as error:
            with table.cursor().copy(statement) as copy:
                list(copy)
        assert error.value.sqlstate == sqlstate, statement
    assert len(copy_out(table, "COPY t TO STDOUT").splitlines()) == len(UNKIND)


def test_a_view_can_be_read_and_not_filled(connection):
    connection.execute("CREATE TEMP VIEW v AS SELECT 1 AS i, 'x' AS s")
    assert copy_out(connection, "COPY v (s, i) TO STDOUT") == b"x\t1\n"
    assert failure(connection, "COPY v FROM STDIN", b"")[:2] == ("42809", 'cannot copy to view "v"')


def test_columns_defaults_and_conditions(connection):
    connection.execute("CREATE TEMP SEQUENCE numbers")
    connection.execute("CREATE TEMP TABLE t (a INTEGER DEFAULT 7, b TEXT, c INTEGER DEFAULT nextval('numbers'))")
    copy_in(connection, "COPY t (b) FROM STDIN", b"one\ntwo\n")
    copy_in(connection, "COPY t (b, a) FROM STDIN (DEFAULT '\\D')", b"three\t\\D\nfour\t4\n")
    copy_in(connection, "COPY t (a, b) FROM STDIN WHERE a > 10", b"10\tno\n11\tyes\n")
    assert connection.execute("SELECT a, b, c FROM t ORDER BY c").fetchall() == [
        (7, "one", 1), (7, "two", 2), (7, "three", 3), (4, "four", 4), (11, "yes", 5)]


def test_wrong_rows_can_be_left_out(connection):
    connection.execute("CREATE TEMP TABLE t (a INTEGER, b TEXT)")
    cursor = copy_in(connection, "COPY t FROM STDIN (ON_ERROR ignore)", b"1\ta\nx\tb\n3\tc\n")
    assert cursor.statusmessage == "COPY 2"
    assert connection.execute("SELECT a FROM t ORDER BY a").fetchall() == [(1,), (3,)]


def test_all_or_nothing(table):
    table.execute("CREATE TEMP TABLE k (i INTEGER PRIMARY KEY)")
    many = b"".join(b"%d\n" % i for i in range(600_000))
    assert failure(table, "COPY k FROM STDIN", many + b"5\n")[0] == "23505"
    assert table.execute("SELECT count(*) FROM k").fetchone() == (0,)
    assert failure(table, "COPY k FROM STDIN", many + b"x\n")[0] == "22P02"
    assert table.execute("SELECT count(*) FROM k").fetchone() == (0,)
    copy_in(table, "COPY k FROM STDIN", many)
    assert table.execute("SELECT count(*), sum(i)::BIGINT FROM k").fetchone() == (600_000, 179_999_700_000)


def test_transactions(server):
    with server.connect_pg(autocommit=False) as connection:
        connection.execute("CREATE TEMP TABLE t (i INTEGER)")
        connection.commit()
        copy_in(connection, "COPY t FROM STDIN", b"1\n2\n")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)
        connection.rollback()
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
        assert failure(connection, "COPY t FROM STDIN", b"x\n")[0] == "22P02"
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("SELECT 1")
        connection.rollback()
        copy_in(connection, "COPY t FROM STDIN", b"3\n")
        connection.commit()
        assert connection.execute("SELECT i FROM t").fetchall() == [(3,)]


def test_the_client_gives_up(table):
    class Stop(Exception):
        pass

    with pytest.raises(Stop):
        with table.cursor().copy("COPY t FROM STDIN") as copy:
            copy.write(b"100\tx\t1\tt\n")
            raise Stop
    assert len(rows(table)) == len(UNKIND)
    pgconn = table.pgconn
    assert pgconn.exec_(b"COPY t FROM STDIN").status == psycopg.pq.ExecStatus.COPY_IN
    pgconn.put_copy_data(b"1\ta\t1\tt\n")
    pgconn.put_copy_end(b"because")
    result = pgconn.get_result()
    assert result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"57014"
    assert result.error_field(psycopg.pq.DiagnosticField.MESSAGE_PRIMARY) == b"COPY from stdin failed: because"
    assert pgconn.get_result() is None
    assert len(rows(table)) == len(UNKIND)


def test_both_protocols(table):
    pgconn = table.pgconn
    # Simple: several statements in one text, each with its own answers.
    pgconn.send_query(b"SELECT 1; COPY t (i) FROM STDIN; COPY (SELECT 2) TO STDOUT; SELECT 3")
    seen = []
    while (result := pgconn.get_result()) is not None:
        seen.append(result.status)
        if result.status == psycopg.pq.ExecStatus.COPY_IN:
            pgconn.put_copy_data(b"7\n")
            pgconn.put_copy_end()
        elif result.status == psycopg.pq.ExecStatus.COPY_OUT:
            size, data = pgconn.get_copy_data(0)
            assert bytes(data) == b"2\n"
            assert pgconn.get_copy_data(0)[0] == -1
    status = psycopg.pq.ExecStatus
    assert seen == [status.TUPLES_OK, status.COPY_IN, status.COMMAND_OK, status.COPY_OUT, status.COMMAND_OK,
                    status.TUPLES_OK]
    # Extended, with an error in the middle, and what comes after it.
    assert pgconn.prepare(b"in", b"COPY t (i) FROM STDIN").status == status.COMMAND_OK
    assert pgconn.describe_prepared(b"in").nfields == 0
    for data, sqlstate in ((b"x\n", b"22P02"), (b"8\n", None)):
        assert pgconn.exec_prepared(b"in", None).status == status.COPY_IN
        pgconn.put_copy_data(data)
        pgconn.put_copy_end()
        result = pgconn.get_result()
        assert result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) == sqlstate
        assert sqlstate or result.command_status == b"COPY 1"
        assert pgconn.get_result() is None
    assert pgconn.prepare(b"out", b"COPY t TO STDOUT").status == status.COMMAND_OK
    for _ in range(2):
        assert pgconn.exec_prepared(b"out", None).status == status.COPY_OUT
        while pgconn.get_copy_data(0)[0] > 0:
            pass
        assert pgconn.get_result().command_status == b"COPY %d" % (len(UNKIND) + 2)
        assert pgconn.get_result() is None


def readable(connection):
    return select.select([connection.fileno()], [], [], 0)[0]


def test_cancel_of_copy_from(server):
    with server.connect_pg() as connection:
        connection.execute("CREATE TEMP TABLE t (i INTEGER)")
        with pytest.raises(psycopg.errors.QueryCanceled):
            with connection.cursor().copy("COPY t FROM STDIN") as copy:
                copy.write(b"1\n")
                connection.cancel_safe()
                # The client sends nothing, and is told all the same.
                wait_until(lambda: readable(connection), message="the cancel was not told")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_cancel_of_copy_to(server):
    with server.connect_pg() as connection:
        with pytest.raises(psycopg.errors.QueryCanceled):
            with connection.cursor().copy("COPY (SELECT range FROM range(100000000000)) TO STDOUT") as copy:
                copy.read()
                connection.cancel_safe()
                for _ in copy:  # what was under way
                    pass
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_statement_timeout(connection):
    connection.execute("CREATE TEMP TABLE t (i INTEGER)")
    connection.execute("SET statement_timeout = '300ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        with connection.cursor().copy("COPY t FROM STDIN") as copy:
            copy.write(b"1\n")
            wait_until(lambda: readable(connection), message="the timeout was not told")
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_client_that_goes_away(server):
    name = f"gone_{os.getpid()}"
    with server.connect_pg() as watcher:
        watcher.execute(f"CREATE TABLE {name} (i INTEGER)")
        with contextlib.suppress(psycopg.Error):
            gone = server.connect_pg()
            gone.pgconn.exec_(f"COPY {name} FROM STDIN".encode())
            gone.pgconn.put_copy_data(b"1\n" * 1000)
            gone.pgconn.flush()
            gone.pgconn.finish()
        # Nothing of it may hold the table.
        def dropped():
            try:
                watcher.execute(f"DROP TABLE {name}")
                return True
            except psycopg.Error:
                return False
        wait_until(dropped, message="the abandoned COPY holds its table")


def test_memory_is_bounded(start_server):
    server = start_server(settings={"threads": 2})
    with server.connect_pg() as connection:
        connection.execute("CREATE TABLE wide (a BIGINT, b TEXT)")
        before = server.rss_bytes()
        # A slow reader of many rows.
        with connection.cursor().copy("COPY (SELECT range, repeat('x', 100) FROM range(3000000)) TO STDOUT") as copy:
            for i, _ in enumerate(copy):
                if i == 1000:
                    time.sleep(1)
                    assert server.rss_bytes() - before < 200 << 20
                    break
            connection.cancel_safe()
            with pytest.raises(psycopg.errors.QueryCanceled):
                for _ in copy:
                    pass
                copy.read()


def psql(server, *arguments, data=None):
    done = subprocess.run(["psql", "-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", server.pg_conninfo(), *arguments], input=data,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.skipif(not shutil.which("psql"), reason="no psql")
@pytest.mark.parametrize("options", ["", "WITH (FORMAT csv, HEADER)", "CSV DELIMITER ';'", "WITH (FORMAT binary)", "BINARY"])
def test_psql(server, tmp_path, options):
    path = tmp_path / "data"
    rows = "SELECT 1 AS i, 'a,b\ttab' AS s UNION ALL SELECT NULL, ''"
    psql(server, "-c", f"\\copy ({rows}) TO '{path}' {options}")
    name = f"psql_{os.getpid()}"
    out = psql(server, "-c", f"CREATE TABLE {name} (i INTEGER, s TEXT)", "-c", f"\\copy {name} FROM '{path}' {options}",
               "-c", f"SELECT i, s FROM {name} ORDER BY i", "-c", f"DROP TABLE {name}")
    assert out == b"1|a,b\ttab\n|\n"
    if not options:
        piped = psql(server, "-c", "CREATE TEMP TABLE p (i INTEGER)", "-c", "COPY p FROM STDIN", "-c",
                     "SELECT sum(i)::BIGINT FROM p", data=b"1\n2\n\\.\n")
        assert piped == b"3\n"


def test_psycopg_rows_and_types(connection):
    connection.execute("CREATE TEMP TABLE t (i BIGINT, n NUMERIC(10,2), d DATE, ts TIMESTAMP, u UUID, x BYTEA, a INTEGER[])")
    values = [(1, decimal.Decimal("1.50"), datetime.date(2024, 2, 29), datetime.datetime(2024, 1, 1, 1, 2, 3, 4), uuid.UUID(int=7),
               b"\0\xff", [1, 2]), (2, None, None, None, None, None, None)]
    types = ["int8", "numeric", "date", "timestamp", "uuid", "bytea", "int4[]"]
    for options in ("", "(FORMAT binary)"):
        with connection.cursor().copy(f"COPY t FROM STDIN {options}") as copy:
            copy.set_types(types)
            for row in values:
                copy.write_row(row)
        with connection.cursor().copy(f"COPY (SELECT * FROM t ORDER BY i) TO STDOUT {options}") as copy:
            copy.set_types(types)
            assert list(copy.rows()) == values
        connection.execute("DELETE FROM t")


def test_asyncpg(server):
    asyncpg = pytest.importorskip("asyncpg")
    import asyncio

    async def run():
        connection = await asyncpg.connect(host="127.0.0.1", port=server.ports["pg"], user="tester", database="skein", ssl=False)
        try:
            await connection.execute("CREATE TEMP TABLE t (i INTEGER, s TEXT, d TIMESTAMP)")
            records = [(i, f"row {i}" if i % 3 else None, datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=i))
                       for i in range(1000)]
            assert await connection.copy_records_to_table("t", records=records) == "COPY 1000"
            out = io.BytesIO()
            assert await connection.copy_from_query("SELECT i, s FROM t WHERE i < 3 ORDER BY i", output=out, format="csv") \
                == "COPY 3"
            assert out.getvalue() == b"0,\n1,row 1\n2,row 2\n"
            out = io.BytesIO()
            await connection.copy_from_table("t", columns=["i"], output=out)
            assert len(out.getvalue().splitlines()) == 1000
            assert await connection.copy_to_table("t", source=io.BytesIO(b"5000\tx\t\\N\n")) == "COPY 1"
            assert await connection.fetchval("SELECT max(i) FROM t") == 5000
        finally:
            await connection.close()

    asyncio.run(run())


def test_other_doors_say_so(server):
    status, _, text = server.request("POST", "/query", {"sql": "COPY (SELECT 1) TO STDOUT"})
    assert status >= 400 and "PostgreSQL" in text


def test_files_are_the_engines(connection, scratch_dir):
    path = scratch_dir / f"copied-{os.getpid()}.csv"
    connection.execute(sql.SQL("COPY (SELECT 1 AS i, 'x' AS s) TO {} (FORMAT csv, HEADER)").format(str(path)))
    assert list(csv.reader(path.open())) == [["i", "s"], ["1", "x"]]
    with pytest.raises(psycopg.Error):
        connection.execute("COPY (SELECT 1) TO '/etc/skein-must-not' (FORMAT csv)")


def test_schemas_by_their_postgresql_names(server):
    with server.connect_pg() as connection:
        connection.execute("CREATE TABLE public.copy_place (i INTEGER); CREATE TEMP TABLE copy_passing (i INTEGER)")
        try:
            for table in ("public.copy_place", '"public"."copy_place"', "copy_place", "pg_temp.copy_passing"):
                with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write_row((7,))
                with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                    assert b"7\n" in b"".join(copy)
            assert connection.execute("SELECT count(*) FROM copy_place").fetchone() == (3,)
            with pytest.raises(psycopg.errors.UndefinedTable), connection.cursor().copy("COPY pg_temp.copy_place FROM STDIN"):
                pass
        finally:
            connection.execute("DROP TABLE copy_place; DROP TABLE copy_passing")
