"""DuckDB's own ATTACH '…' (TYPE postgres): its catalogue queries, COPY in binary both ways, transactions."""

import datetime
import decimal
import uuid

import pytest

duckdb = pytest.importorskip("duckdb")


@pytest.fixture
def attached(server, build_deps):
    client = duckdb.connect(config={"extension_directory": build_deps["SKEIN_EXTENSION_DIR"],
                                    "autoinstall_known_extensions": "false"})
    client.execute("LOAD postgres_scanner")
    client.execute("SET TimeZone = 'UTC'")
    with server.connect_pg() as connection:
        connection.execute("DROP SCHEMA IF EXISTS attached CASCADE")
        connection.execute("CREATE SCHEMA attached")
        connection.execute("CREATE TABLE attached.t (i integer PRIMARY KEY, s text, n numeric(10,2), d date, at_time timestamp, "
                           "seen timestamptz, b boolean, f double precision, u uuid, tags text[], j json, raw bytea, c time, "
                           "big bigint, small smallint)")
        connection.execute("INSERT INTO attached.t SELECT i, 'row ' || i, i * 1.5, '2024-02-29', '1969-12-31 23:59:59.5', "
                           "'2024-01-01 00:00:00+00', i % 2 = 0, i / 4.0::double precision, "
                           "'00000000-0000-0000-0000-000000000007', ARRAY['a', NULL], '{\"a\": 1}', '\\x00ff'::bytea, '12:30', "
                           "i::bigint << 40, -1 FROM generate_series(1, 5000) AS g(i)")
        connection.execute("INSERT INTO attached.t (i) VALUES (0)")
        connection.execute("CREATE VIEW attached.v AS SELECT i FROM attached.t WHERE i < 10")
    client.execute(f"ATTACH '{server.pg_conninfo()}' AS pg (TYPE postgres)")
    yield client
    client.close()
    with server.connect_pg() as connection:
        connection.execute("DROP SCHEMA attached CASCADE")


def test_tables_are_read(attached):
    rows = attached.execute("SELECT count(*), sum(i), sum(n), min(s), max(f), count(tags) FROM pg.attached.t").fetchone()
    assert rows == (5001, 12502500, decimal.Decimal("18753750.00"), "row 1", 1250.0, 5000)
    row = attached.execute("SELECT * REPLACE (epoch(seen) AS seen) FROM pg.attached.t WHERE i = 7").fetchone()
    assert row == (7, "row 7", decimal.Decimal("10.50"), datetime.date(2024, 2, 29),
                   datetime.datetime(1969, 12, 31, 23, 59, 59, 500000), 1704067200.0, False, 1.75, uuid.UUID(int=7),
                   ["a", None], '{"a": 1}', b"\x00\xff", datetime.time(12, 30), 7 << 40, -1)
    assert attached.execute("SELECT * FROM pg.attached.t WHERE i = 0").fetchone() == (0, *[None] * 14)
    assert attached.execute("SELECT count(*) FROM pg.attached.v").fetchone() == (10,)
    assert attached.execute("SELECT i FROM pg.attached.t WHERE s = 'row 9' AND d = DATE '2024-02-29'").fetchall() == [(9,)]
    assert attached.execute("SELECT i FROM pg.attached.t ORDER BY i DESC LIMIT 2").fetchall() == [(5000,), (4999,)]
    assert attached.execute("SELECT max(l.i) FROM pg.attached.t l JOIN range(100) r(k) ON l.i = r.k").fetchone() == (99,)


def test_a_table_there_and_back(attached):
    attached.execute("CREATE TABLE pg.attached.made AS SELECT i, 's' || i AS s, DATE '2024-01-01' + i::INTEGER AS d, [i, NULL] AS l "
                     "FROM range(3000) r(i)")
    attached.execute("INSERT INTO pg.attached.made VALUES (-1, 'n', NULL, NULL), (-2, NULL, '2000-01-01', [])")
    # A client that made a table itself does not know how large it is, and would read it by ranges of ctid.
    attached.execute("CALL pg_clear_cache()")
    assert attached.execute("SELECT count(*), min(i), count(s), count(d), count(l) FROM pg.attached.made").fetchone() == (
        3002, -2, 3001, 3001, 3001)
    assert attached.execute("SELECT l FROM pg.attached.made WHERE i = 5").fetchone() == ([5, None],)


def test_transactions(attached):
    attached.execute("CREATE TABLE pg.attached.counted (i INTEGER)")
    attached.execute("BEGIN")
    attached.execute("INSERT INTO pg.attached.counted VALUES (1)")
    assert attached.execute("SELECT count(*) FROM pg.attached.counted").fetchone() == (1,)
    attached.execute("ROLLBACK")
    assert attached.execute("SELECT count(*) FROM pg.attached.counted").fetchone() == (0,)


def test_changes_pass_through(attached):
    """Its own UPDATE and DELETE go by ctid, which is not there; those of the server work, and its refusal is clear."""
    with pytest.raises(duckdb.Error, match="ctid"):
        attached.execute("DELETE FROM pg.attached.t WHERE i > 4990")
    attached.execute("CALL postgres_execute('pg', 'DELETE FROM attached.t WHERE i > 4990')")
    assert attached.execute("SELECT count(*) FROM pg.attached.t").fetchone() == (4991,)


def test_definitions(attached):
    attached.execute("CREATE SCHEMA pg.attached_more")
    attached.execute("CREATE TABLE pg.attached_more.t (i INTEGER)")
    attached.execute("ALTER TABLE pg.attached_more.t ADD COLUMN k VARCHAR")
    attached.execute("ALTER TABLE pg.attached_more.t RENAME COLUMN k TO label")
    assert [row[0] for row in attached.execute("DESCRIBE pg.attached_more.t").fetchall()] == ["i", "label"]
    attached.execute("CREATE INDEX attached_index ON pg.attached_more.t (i)")
    attached.execute("DROP TABLE pg.attached_more.t")
    attached.execute("DROP SCHEMA pg.attached_more")


def test_queries_pass_through(attached):
    assert attached.execute("SELECT * FROM postgres_query('pg', 'SELECT 7 / 2 AS a, ''x'' AS b')").fetchall() == [(3, "x")]
    attached.execute("CALL postgres_execute('pg', 'CREATE TABLE attached.run (i int)')")
    with pytest.raises(duckdb.Error, match="no_such_table"):
        attached.execute("SELECT * FROM postgres_query('pg', 'SELECT * FROM no_such_table')")
