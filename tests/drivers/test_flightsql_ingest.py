"""Arrow data into tables through ADBC's adbc_ingest, and through DoPut itself where a driver is too polite."""

import datetime
import decimal
import os
import subprocess
import sys
import textwrap
import time
import uuid

import pytest

pa = pytest.importorskip("pyarrow")
dbapi = pytest.importorskip("adbc_driver_flightsql.dbapi")

URI = os.environ.get("SKEIN_FLIGHT_URI")
pytestmark = pytest.mark.skipif(not URI, reason="SKEIN_FLIGHT_URI is not set")


@pytest.fixture
def connection():
    with dbapi.connect(URI, autocommit=True) as opened:
        yield opened


@pytest.fixture
def cursor(connection):
    with connection.cursor() as opened:
        yield opened


@pytest.fixture
def table(cursor):
    """A name that is free, and is again afterwards."""
    name = f"ingest_{uuid.uuid4().hex[:12]}"
    yield name
    cursor.execute(f"DROP TABLE IF EXISTS {name}")


def rows(cursor, sql):
    cursor.execute(sql)
    return cursor.fetchall()


def one_description(cursor, table):
    cursor.execute(f"SELECT * FROM {table}")
    return cursor.description


NUMBERS = pa.table({"i": pa.array([1, 2, None], pa.int64()), "s": ["a", None, "ü€😀"]})


def test_create_append_replace(cursor, table):
    assert cursor.adbc_ingest(table, NUMBERS, mode="create") == 3
    assert rows(cursor, f"SELECT * FROM {table} ORDER BY i") == [(1, "a"), (2, None), (None, "ü€😀")]
    with pytest.raises(dbapi.Error, match=r"(?s)already exists.*SQLSTATE 42P07"):
        cursor.adbc_ingest(table, NUMBERS, mode="create")
    assert cursor.adbc_ingest(table, NUMBERS, mode="append") == 3
    assert rows(cursor, f"SELECT count(*) FROM {table}") == [(6,)]
    other = pa.table({"x": pa.array([1.5, float("nan"), None])})
    assert cursor.adbc_ingest(table, other, mode="replace") == 3
    assert rows(cursor, f"SELECT count(*), count(x) FROM {table}") == [(3, 2)]
    assert cursor.adbc_ingest(table, other, mode="create_append") == 3
    assert rows(cursor, f"SELECT count(*) FROM {table}") == [(6,)]


def test_append_to_nothing(cursor, table):
    with pytest.raises(dbapi.Error, match=r"(?s)does not exist.*SQLSTATE 42P01"):
        cursor.adbc_ingest(table, NUMBERS, mode="append")
    assert cursor.adbc_ingest(table, NUMBERS, mode="create_append") == 3


def test_no_rows_still_make_the_table(cursor, table):
    # The driver sends nothing at all for a table without batches.
    empty = pa.record_batch({"i": pa.array([], pa.int64()), "s": pa.array([], pa.string())})
    cursor.adbc_ingest(table, pa.RecordBatchReader.from_batches(empty.schema, [empty]), mode="create")
    assert rows(cursor, f"SELECT count(*) FROM {table}") == [(0,)]
    assert [column[0] for column in one_description(cursor, table)] == ["i", "s"]


def test_columns_go_by_name_and_the_rest_takes_its_default(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (a INTEGER, b VARCHAR DEFAULT 'none', c DATE)")
    data = pa.table({"C": [datetime.date(2024, 2, 29)], "a": pa.array([7], pa.int64())})
    assert cursor.adbc_ingest(table, data, mode="append") == 1
    assert rows(cursor, f"SELECT * FROM {table}") == [(7, "none", datetime.date(2024, 2, 29))]


def test_schemas_that_do_not_fit(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (a INTEGER, b DATE)")
    with pytest.raises(dbapi.Error, match=r'(?s)column "z".*SQLSTATE 42703'):
        cursor.adbc_ingest(table, pa.table({"a": [1], "z": [2]}), mode="append")
    with pytest.raises(dbapi.Error, match=r"SQLSTATE 22003"):
        cursor.adbc_ingest(table, pa.table({"a": [1, 2**40]}), mode="append")
    with pytest.raises(dbapi.Error, match=r"SQLSTATE (22|42)"):
        cursor.adbc_ingest(table, pa.table({"b": pa.array([[1, 2]])}), mode="append")
    twice = pa.table([pa.array([1]), pa.array([2])], names=["a", "A"])
    with pytest.raises(dbapi.Error, match=r"SQLSTATE 42701"):
        cursor.adbc_ingest(table, twice, mode="append")
    assert rows(cursor, f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_constraint_leaves_nothing_behind(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (i BIGINT PRIMARY KEY)")
    values = list(range(400_000)) + [7]
    reader = pa.table({"i": values}).to_reader(max_chunksize=50_000)
    with pytest.raises(dbapi.Error, match=r"SQLSTATE 23505"):
        cursor.adbc_ingest(table, reader, mode="append")
    assert rows(cursor, f"SELECT count(*) FROM {table}") == [(0,)]


def test_in_a_transaction(cursor, table):
    with dbapi.connect(URI) as other:
        with other.cursor() as inside:
            inside.adbc_ingest(table, NUMBERS, mode="create")
            inside.adbc_ingest(table, NUMBERS, mode="append")
            assert rows(inside, f"SELECT count(*) FROM {table}") == [(6,)]
        other.rollback()
        with pytest.raises(dbapi.Error, match="42P01"):
            rows(cursor, f"SELECT * FROM {table}")
        with other.cursor() as inside:
            inside.adbc_ingest(table, NUMBERS, mode="create")
        other.commit()
    assert rows(cursor, f"SELECT count(*) FROM {table}") == [(3,)]


def test_temporary_and_schema(connection, cursor, table):
    cursor.adbc_ingest(table, NUMBERS, mode="create", temporary=True)
    assert rows(cursor, f"SELECT count(*) FROM temp.{table}") == [(3,)]
    with dbapi.connect(URI, autocommit=True) as other, other.cursor() as elsewhere:
        with pytest.raises(dbapi.Error, match="42P01"):
            rows(elsewhere, f"SELECT * FROM {table}")
    cursor.execute(f"CREATE SCHEMA {table}_s")
    cursor.adbc_ingest("t", NUMBERS, mode="create", db_schema_name=f"{table}_s")
    assert rows(cursor, f"SELECT count(*) FROM {table}_s.t") == [(3,)]
    cursor.execute(f"DROP SCHEMA {table}_s CASCADE")


def test_many_batches(cursor, table):
    schema = pa.schema([("i", pa.int64()), ("s", pa.string())])

    def batches():
        for start in range(0, 1_000_000, 10_000):
            numbers = list(range(start, start + 10_000))
            yield pa.record_batch([pa.array(numbers), pa.array([f"row {i}" for i in numbers])], schema=schema)

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    assert cursor.adbc_ingest(table, reader, mode="create") == 1_000_000
    assert rows(cursor, f"SELECT count(*), sum(i)::BIGINT, count(DISTINCT s) FROM {table}") == [
        (1_000_000, 499_999_500_000, 1_000_000)
    ]


TYPES = {
    "bool": pa.array([True, False, None]),
    "int8": pa.array([-128, 127, None], pa.int8()),
    "uint64": pa.array([0, 2**64 - 1, None], pa.uint64()),
    "half": pa.array([1.5, -0.0, None], pa.float32()),
    "double": pa.array([1.5, float("inf"), None]),
    "decimal": pa.array([decimal.Decimal("1.23"), decimal.Decimal("-9.99"), None], pa.decimal128(38, 2)),
    "large_string": pa.array(["x" * 5000, "", None], pa.large_string()),
    "string_view": pa.array(["short", "a string that is longer than twelve", None], pa.string_view()),
    "binary": pa.array([b"\x00\xff", b"", None]),
    "fixed": pa.array([b"abcd", b"\x00\x00\x00\x00", None], pa.binary(4)),
    "date": pa.array([datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]),
    "time": pa.array([datetime.time(0), datetime.time(23, 59, 59, 999999), None], pa.time64("us")),
    "timestamp_s": pa.array([0, -1, None], pa.timestamp("s")),
    "timestamp_ns": pa.array([1, -1, None], pa.timestamp("ns")),
    "timestamp_tz": pa.array([1, -1, None], pa.timestamp("us", "Europe/Berlin")),
    "duration": pa.array([1, -1, None], pa.duration("us")),
    "list": pa.array([[1, None], [], None]),
    "large_list": pa.array([["a"], [], None], pa.large_list(pa.string())),
    "struct": pa.array([{"a": 1, "b": "x"}, {"a": None, "b": None}, None]),
    "map": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64())),
    "dictionary": pa.array(["a", "b", None]).dictionary_encode(),
    "null": pa.nulls(3),
}


@pytest.mark.parametrize("name", TYPES)
def test_types_come_back(cursor, table, name):
    data = pa.table({"n": [0, 1, 2], "v": TYPES[name]})
    cursor.adbc_ingest(table, data, mode="create")
    cursor.execute(f"SELECT v FROM {table} ORDER BY n")
    column, sent = cursor.fetch_arrow_table().column(0), TYPES[name]
    if name == "timestamp_ns":
        column, sent = column.cast(pa.int64()), sent.cast(pa.int64())
    got, wanted = column.to_pylist(), sent.to_pylist()
    if name == "timestamp_tz":
        wanted = [value and value.astimezone(datetime.timezone.utc) for value in wanted]
        got = [value and value.astimezone(datetime.timezone.utc) for value in got]
    if name != "duration":  # becomes INTERVAL
        assert got == wanted


def test_a_client_that_dies_half_way_leaves_nothing(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (i BIGINT)")
    script = textwrap.dedent("""
        import os, sys
        import pyarrow as pa, pyarrow.flight as flight
        uri, table = sys.argv[1:]
        def field(number, payload):
            out, size = bytes([number << 3 | 2]), len(payload)
            while size > 127:
                out, size = out + bytes([size & 127 | 128]), size >> 7
            return out + bytes([size]) + payload
        ingest = field(1, bytes([8, 2, 16, 2])) + field(2, table.encode())
        url = b"type.googleapis.com/arrow.flight.protocol.sql.CommandStatementIngest"
        client = flight.connect(uri)
        batch = pa.record_batch({"i": list(range(300_000))})
        writer, reader = client.do_put(flight.FlightDescriptor.for_command(field(1, url) + field(2, ingest)), batch.schema)
        for _ in range(3):
            writer.write_batch(batch)
        os._exit(7)
        """)
    died = subprocess.run([sys.executable, "-c", script, URI, table], timeout=120, check=False)
    assert died.returncode == 7
    deadline = time.monotonic() + 60
    running = f"SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INGEST INTO {table}%' AND state = 'active'"
    while rows(cursor, running) != [(0,)] and time.monotonic() < deadline:
        pass
    assert rows(cursor, f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize("count", [1, 2048, 5000])
def test_columns_in_another_order(cursor, table, count):
    cursor.execute(f"CREATE TABLE {table} (s VARCHAR, i BIGINT)")
    data = pa.table({"I": pa.array(range(count), pa.int64()), "s": [f"{i}" for i in range(count)]})
    assert cursor.adbc_ingest(table, data, mode="append") == count
    assert rows(cursor, f"SELECT count(*) FROM {table} WHERE s = i::VARCHAR") == [(count,)]


def test_defaults_and_generated_columns(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (i BIGINT, d INTEGER DEFAULT 7, twice BIGINT AS (i * 2))")
    cursor.adbc_ingest(table, pa.table({"i": pa.array([3], pa.int64())}), mode="append")
    cursor.adbc_ingest(table, pa.table({"d": pa.array([None], pa.int32()), "i": pa.array([4], pa.int64())}), mode="append")
    assert rows(cursor, f"SELECT * FROM {table} ORDER BY i") == [(3, 7, 6), (4, None, 8)]


@pytest.mark.parametrize("column,wrong,sqlstate", [
    ("i BIGINT NOT NULL", None, "23502"),
    ("i BIGINT PRIMARY KEY", 1, "23505"),
    ("i BIGINT UNIQUE", 1, "23505"),
    ("i BIGINT CHECK (i < 100)", 100, "23514"),
])
def test_constraints_hold_for_few_rows(cursor, table, column, wrong, sqlstate):
    cursor.execute(f"CREATE TABLE {table} ({column})")
    good = pa.table({"i": pa.array([1], pa.int64())})
    assert cursor.adbc_ingest(table, good, mode="append") == 1
    with pytest.raises(dbapi.Error, match=f"SQLSTATE {sqlstate}"):
        cursor.adbc_ingest(table, pa.table({"i": pa.array([2, wrong], pa.int64())}), mode="append")
    assert rows(cursor, f"SELECT i FROM {table}") == [(1,)]
    # And the index knows the rows.
    assert cursor.adbc_ingest(table, pa.table({"i": pa.array([2], pa.int64())}), mode="append") == 1
    assert rows(cursor, f"SELECT count(*) FROM {table} WHERE i = 2") == [(1,)]


def test_few_rows_within_a_transaction(table):
    with dbapi.connect(URI) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (i BIGINT)")
        connection.commit()
        one = pa.table({"i": pa.array([1], pa.int64())})
        cursor.adbc_ingest(table, one, mode="append")
        assert rows(cursor, f"SELECT count(*) FROM {table}") == [(1,)]
        connection.rollback()
        assert rows(cursor, f"SELECT count(*) FROM {table}") == [(0,)]
        cursor.adbc_ingest(table, one, mode="append")
        cursor.adbc_ingest(table, one, mode="append")
        connection.commit()
        assert rows(cursor, f"SELECT count(*) FROM {table}") == [(2,)]
        cursor.execute(f"DROP TABLE {table}")
        connection.commit()


def test_few_rows_of_two_at_once(table):
    """Appends do not conflict, and each is seen once it is committed."""
    with dbapi.connect(URI, autocommit=True) as first, dbapi.connect(URI, autocommit=True) as second:
        with first.cursor() as a, second.cursor() as b:
            a.execute(f"CREATE TABLE {table} (i BIGINT)")
            a.execute("BEGIN")
            one = pa.table({"i": pa.array([1], pa.int64())})
            a.adbc_ingest(table, one, mode="append")
            b.adbc_ingest(table, one, mode="append")
            assert rows(b, f"SELECT count(*) FROM {table}") == [(1,)]
            a.execute("COMMIT")
            assert rows(b, f"SELECT count(*) FROM {table}") == [(2,)]
            a.execute(f"DROP TABLE {table}")
