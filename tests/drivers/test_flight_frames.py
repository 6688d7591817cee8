"""pandas, polars and DuckDB on top of ADBC's driver for Flight SQL: frames there and back."""

import datetime

import pytest

pa = pytest.importorskip("pyarrow")

ROWS = {"i": [1, 2, None], "s": ["a", None, "grüße"], "f": [0.5, float("inf"), None], "b": [True, False, None],
        "t": [datetime.datetime(2024, 2, 29, 12), None, datetime.datetime(1969, 12, 31, 23, 59, 59)]}


@pytest.fixture
def connection(server):
    with server.connect_flight() as opened:
        yield opened


def test_pandas_reads_and_writes(connection):
    pandas = pytest.importorskip("pandas", reason="scripts/setup test installs it")
    frame = pandas.DataFrame(ROWS)
    assert frame.to_sql("frame_pandas", connection, if_exists="replace", index=False) in (3, -1, None)
    back = pandas.read_sql("SELECT * FROM frame_pandas ORDER BY i NULLS LAST", connection)
    pandas.testing.assert_frame_equal(back, frame, check_dtype=False)
    frame.to_sql("frame_pandas", connection, if_exists="append", index=False)
    assert pandas.read_sql("SELECT count(*) AS n FROM frame_pandas", connection)["n"][0] == 6
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE frame_pandas")


def test_polars_reads_and_writes(connection):
    polars = pytest.importorskip("polars", reason="scripts/setup test installs it")
    frame = polars.DataFrame(ROWS)
    assert frame.write_database("frame_polars", connection, if_table_exists="replace", engine="adbc") == 3
    back = polars.read_database("SELECT * FROM frame_polars ORDER BY i NULLS LAST", connection)
    assert back.equals(frame)
    types = polars.read_database("SELECT '[1]'::JSON AS j, 'x'::ENUM('x', 'y') AS e, 1::HUGEINT AS h", connection)
    assert [str(value) for value in types.row(0)] == ["[1]", "x", "1"]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE frame_polars")


def test_duckdb_asks_of_a_result_that_streams(connection):
    duckdb = pytest.importorskip("duckdb")
    with connection.cursor() as cursor, duckdb.connect() as local:
        cursor.execute("SELECT range AS i, uuid() AS u FROM range(100000)")
        reader = cursor.fetch_record_batch()
        assert local.execute("SELECT count(DISTINCT u), sum(i), any_value(typeof(u)) FROM reader").fetchone() == (
            100_000, 100_000 * 99_999 // 2, "UUID")
