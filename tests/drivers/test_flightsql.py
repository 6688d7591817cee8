"""The Flight SQL door as the ADBC driver sees it. SKEIN_FLIGHT_URI names a server that trusts this machine."""

import datetime
import os
import threading

import pytest

from skein_server import wait_until

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


def one(cursor, sql, parameters=None):
    cursor.execute(sql, parameters)
    return cursor.fetchone()


def test_types(cursor):
    row = one(
        cursor,
        "SELECT 1::INTEGER, 2::BIGINT, 1.5::DOUBLE, 'x', true, DATE '2024-02-29', "
        "TIMESTAMP '2024-02-29 12:00:00', NULL, 'ab'::BLOB, [1, 2], {'a': 1}",
    )
    assert row == (
        1, 2, 1.5, "x", True, datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12), None, b"ab",
        [1, 2], {"a": 1},
    )


@pytest.mark.parametrize(
    "value",
    [
        5,
        "text",
        None,
        1.25,
        b"\x00\xff",
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 2, 29, 12, 30, 15, 250),
    ],
)
def test_parameter_comes_back(cursor, value):
    assert one(cursor, "SELECT ?", (value,)) == (value,)


def test_a_fraction_is_not_rounded(cursor):
    assert one(cursor, "SELECT ? + 1", (1.5,)) == (2.5,)


def test_a_number_is_compared_with_text_as_text(cursor):
    cursor.execute("CREATE OR REPLACE TEMP TABLE names AS SELECT 'x' AS name UNION ALL SELECT '5'")
    assert one(cursor, "SELECT count(*) FROM names WHERE name = ?", (5,)) == (1,)


def test_executemany_counts_rows(cursor):
    cursor.execute("CREATE OR REPLACE TEMP TABLE many (i BIGINT, s VARCHAR)")
    cursor.executemany("INSERT INTO many VALUES (?, ?)", [(i, str(i)) for i in range(100)])
    assert cursor.rowcount == 100
    assert one(cursor, "SELECT count(*), sum(i)::BIGINT FROM many") == (100, 4950)


def test_ddl_runs_exactly_once(cursor):
    cursor.execute("DROP TABLE IF EXISTS once")
    cursor.execute("CREATE TABLE once (i INTEGER)")
    cursor.execute("INSERT INTO once VALUES (1)")
    assert one(cursor, "SELECT count(*) FROM once") == (1,)
    cursor.execute("DROP TABLE once")


def test_commit_and_rollback(cursor):
    cursor.execute("CREATE OR REPLACE TABLE tx (i INTEGER)")
    with dbapi.connect(URI) as other:
        with other.cursor() as inside:
            inside.execute("INSERT INTO tx VALUES (1)")
            assert one(inside, "SELECT count(*) FROM tx") == (1,)
            assert one(cursor, "SELECT count(*) FROM tx") == (0,)
        other.rollback()
        with other.cursor() as inside:
            inside.execute("INSERT INTO tx VALUES (2)")
        other.commit()
    assert one(cursor, "SELECT i FROM tx") == (2,)
    cursor.execute("DROP TABLE tx")


def test_settings_and_temporary_tables_last(connection):
    with connection.cursor() as first:
        first.execute("SET TimeZone = 'Asia/Tokyo'")
        first.execute("CREATE TEMP TABLE kept AS SELECT 7 AS i")
    with connection.cursor() as second:
        assert one(second, "SELECT i, current_setting('TimeZone') FROM kept") == (7, "Asia/Tokyo")


def test_duckdb_reads_from_a_cursor(cursor):
    duckdb = pytest.importorskip("duckdb")
    cursor.execute("SELECT range AS i, range % 7 AS k FROM range(500000)")
    reader = cursor.fetch_record_batch()
    with duckdb.connect() as local:
        found = local.execute("SELECT k, count(*), sum(i)::BIGINT FROM reader GROUP BY k ORDER BY k").fetchall()
    assert len(found) == 7 and sum(count for _, count, _ in found) == 500_000


def test_a_large_result_keeps_its_order(cursor):
    # Estimated to be large enough for several endpoints, which the driver reads at once.
    cursor.execute("SELECT range AS i, repeat('x', 20) AS s FROM range(6000000)")
    expected = 0
    for batch in cursor.fetch_record_batch():
        assert batch.column(0)[0].as_py() == expected
        expected += batch.num_rows
    assert expected == 6_000_000


def test_cookies(cursor):
    options = {"adbc.flight.sql.rpc.with_cookie_middleware": "true"}
    with dbapi.connect(URI, db_kwargs=options, autocommit=True) as other, other.cursor() as mine:
        mine.execute("CREATE TEMP TABLE cookie AS SELECT 3 AS i")
        assert one(mine, "SELECT i FROM cookie") == (3,)
        with pytest.raises(dbapi.Error):
            one(cursor, "SELECT i FROM cookie")


@pytest.mark.parametrize("value", [
    "range(i % 2, 3000)", "['word ' || x for x in range(1000)]", "{'a': repeat('x', 10000), 'b': [i]}", "map([1, 2], [repeat('x', 9000), 'y'])",
    "[[repeat('x', 500), 'b'], [repeat('z', 9000)]]", "array_value(repeat('x', 5000), repeat('y', 5000))", "CASE WHEN i % 2 = 1 THEN {'a': [repeat('x', 20000)]} END",
    "CASE WHEN i < 7999 THEN [] ELSE range(1000000) END",
])
def test_large_nested_values_come_in_small_batches(cursor, value):
    """Clients refuse messages above 16 MB; a value that is larger than others has a batch of its own."""
    cursor.execute(f"SELECT i, {value} AS v FROM range(8000) r(i)")
    batches = list(cursor.fetch_record_batch())
    assert [i for batch in batches for i in batch.column(0).to_pylist()] == list(range(8000))
    assert max(batch.nbytes for batch in batches if batch.num_rows > 1) < 8_500_000


def test_small_nested_values_share_batches(cursor):
    cursor.execute("SELECT i, [i, 2] AS l, {'a': i} AS s FROM range(200000) r(i)")
    assert len(list(cursor.fetch_record_batch())) < 50


def test_a_million_rows(cursor):
    cursor.execute("SELECT range AS i, 'name' || range AS s FROM range(1000000)")
    table = cursor.fetch_arrow_table()
    assert table.num_rows == 1_000_000
    assert table["i"][999_999].as_py() == 999_999


def test_two_cursors_in_turn(connection):
    with connection.cursor() as first, connection.cursor() as second:
        first.execute("SELECT range AS i FROM range(300000)")
        second.execute("SELECT range * 2 AS i FROM range(300000)")
        for i in range(1000):
            assert first.fetchone() == (i,)
            assert second.fetchone() == (2 * i,)
        assert len(first.fetchall()) == len(second.fetchall()) == 299_000


def test_error_names_its_sqlstate(cursor):
    with pytest.raises(dbapi.Error, match=r"\[SQLSTATE 42P01\]"):
        cursor.execute("SELECT * FROM not_there")
    assert one(cursor, "SELECT 1") == (1,)


def test_error_in_the_midst_of_rows(cursor):
    with pytest.raises(dbapi.Error, match="SQLSTATE"):
        cursor.execute("SELECT CASE WHEN range < 900000 THEN '1' ELSE 'x' END::INTEGER FROM range(1000000)")
        cursor.fetchall()


def test_large_result_abandoned(connection):
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute("SELECT range AS i, repeat('x', 100) AS s FROM range(1000000000)")
            assert cursor.fetchone()[0] == 0
    with connection.cursor() as cursor:
        assert one(cursor, "SELECT 1") == (1,)


def test_metadata(connection, cursor):
    cursor.execute("CREATE OR REPLACE TABLE listed (id INTEGER, name VARCHAR)")
    objects = connection.adbc_get_objects(depth="tables", table_name_filter="listed").read_all().to_pylist()
    tables = [
        table["table_name"]
        for catalog in objects
        for schema in catalog["catalog_db_schemas"] or []
        for table in schema["db_schema_tables"] or []
    ]
    assert tables == ["listed"]
    assert connection.adbc_get_info()["vendor_name"] == "Skein"
    assert "TABLE" in connection.adbc_get_table_types()
    cursor.execute("DROP TABLE listed")


def test_columns_of_objects(connection, cursor):
    cursor.execute("CREATE OR REPLACE TABLE described (id INTEGER PRIMARY KEY, price DECIMAL(9,2) NOT NULL, name VARCHAR)")
    objects = connection.adbc_get_objects(depth="all", table_name_filter="described").read_all().to_pylist()
    table, = (table for catalog in objects for schema in catalog["catalog_db_schemas"] or []
              for table in schema["db_schema_tables"] or [])
    columns = {column["column_name"]: column for column in table["table_columns"]}
    assert list(columns) == ["id", "price", "name"]
    assert [column["xdbc_type_name"] for column in columns.values()] == ["INTEGER", "DECIMAL(9,2)", "VARCHAR"]
    cursor.execute("DROP TABLE described")


def test_partitions_are_read_by_another_connection(connection, cursor):
    partitions, schema = cursor.adbc_execute_partitions("SELECT range AS i, repeat('x', 20) AS s FROM range(6000000)")
    assert schema.names == ["i", "s"] and len(partitions) > 1
    with dbapi.connect(URI, autocommit=True) as other, other.cursor() as reader:
        total = 0
        for partition in partitions:
            reader.adbc_read_partition(partition)
            total += reader.fetch_arrow_table().num_rows
    assert total == 6_000_000


def test_partitions_one_by_one_are_polled_for(connection, cursor):
    cursor.adbc_statement.set_options(**{"adbc.statement.exec.incremental": "true"})
    found = []
    while True:
        partitions, _ = cursor.adbc_execute_partitions("SELECT count(*) AS n FROM range(20000) a, range(20000) b")
        if not partitions:
            break
        found += partitions
    with connection.cursor() as reader:
        reader.adbc_read_partition(found[0])
        assert reader.fetchall() == [(400_000_000,)]
    assert len(found) == 1


def test_cancel(connection):
    slow = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 11"
    failed = []
    with connection.cursor() as cursor, dbapi.connect(URI, autocommit=True) as other, other.cursor() as watcher:
        def run():
            try:
                cursor.execute(slow)
                cursor.fetchall()
            except dbapi.Error as error:
                failed.append(error)

        active = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = '{slow}'"
        runner = threading.Thread(target=run)
        runner.start()
        wait_until(lambda: one(watcher, active) == (1,), 60, "the query did not start")
        cursor.adbc_cancel()
        runner.join(60)
        assert not runner.is_alive() and failed
        wait_until(lambda: one(watcher, active) == (0,), 60, "the query goes on")
    with connection.cursor() as cursor:
        assert one(cursor, "SELECT 1") == (1,)
