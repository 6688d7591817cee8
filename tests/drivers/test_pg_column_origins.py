"""Which column of which relation a result's column is, as RowDescription says it: pgjdbc's getTableName and others ask."""

import pytest
from psycopg import pq


@pytest.fixture(scope="module")
def connection(server):
    with server.connect_pg() as connected:
        connected.execute("CREATE TABLE origin_a (id INTEGER PRIMARY KEY, name TEXT, big BIGINT)")
        connected.execute("CREATE TABLE origin_b (id INTEGER, a_id INTEGER)")
        connected.execute("CREATE VIEW origin_v (first, second) AS SELECT name, id FROM origin_a")
        yield connected
        connected.execute("DROP VIEW origin_v; DROP TABLE origin_a; DROP TABLE origin_b; DROP TABLE origin_d")


def origins(connection, sql):
    """[(relation's name, column's name)]; None for what is computed."""
    result = connection.pgconn.exec_(sql.encode())
    assert result.status == pq.ExecStatus.TUPLES_OK, result.error_message
    found = []
    for i in range(result.nfields):
        if result.ftable(i) == 0:
            assert result.ftablecol(i) == 0
            found.append(None)
            continue
        found.append(connection.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.oid = %s AND a.attnum = %s", (result.ftable(i), result.ftablecol(i))).fetchone())
    return found


A = [("origin_a", "id"), ("origin_a", "name"), ("origin_a", "big")]
B = [("origin_b", "id"), ("origin_b", "a_id")]


@pytest.mark.parametrize("sql, expected", [
    ("SELECT * FROM origin_a", A),
    ("SELECT name, id AS other, id + 1, 'x' FROM origin_a", [A[1], A[0], None, None]),
    ("SELECT a.* , b.a_id FROM origin_a a JOIN origin_b b ON a.id = b.a_id", [*A, B[1]]),
    ("SELECT * FROM origin_a a, public.origin_b", A + B),
    ("SELECT b.id, big FROM origin_a a LEFT JOIN origin_b b USING (id)", [B[0], A[2]]),
    ("SELECT first FROM origin_v", [("origin_v", "first")]),
    ("SELECT name, count(*) FROM origin_a GROUP BY name ORDER BY 1 LIMIT 3", [A[1], None]),
    ("SELECT DISTINCT big FROM origin_a WHERE id IN (SELECT id FROM origin_b)", [A[2]]),
    ("SELECT x.name, s.n FROM origin_a x, (SELECT count(*) AS n FROM origin_b) s", [A[1], None]),
    ("WITH origin_a AS (SELECT 1 AS id) SELECT id FROM origin_a", [None]),
    ("SELECT id FROM origin_a UNION SELECT id FROM origin_b", [None]),
    ("SELECT 1, now()", [None, None]),
])
def test_says_where_a_column_is_from(connection, sql, expected):
    assert origins(connection, sql) == expected


def test_follows_a_table_that_is_made_anew(connection):
    connection.execute("CREATE TABLE origin_c (x INTEGER)")
    assert origins(connection, "SELECT x FROM origin_c") == [("origin_c", "x")]
    connection.execute("DROP TABLE origin_c")
    connection.execute("CREATE TABLE origin_d (y INTEGER, x INTEGER)")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE origin_c (z TEXT, x TEXT)")
    assert origins(connection, "SELECT x FROM origin_c") == [("origin_c", "x")]
    assert origins(connection, "SELECT x FROM origin_d") == [("origin_d", "x")]
    connection.execute("ROLLBACK")
    assert origins(connection, "SELECT x FROM origin_d") == [("origin_d", "x")]


def test_follows_temporary_tables(connection):
    for column in ("x", "y"):
        connection.execute(f"CREATE TEMP TABLE origin_t (id INTEGER, {column} INTEGER)")
        assert origins(connection, f"SELECT {column} FROM origin_t") == [("origin_t", column)]
        connection.execute("CREATE TEMP TABLE origin_t2 AS SELECT * FROM origin_t")
        assert origins(connection, "SELECT t.id, a.id FROM origin_t2 t, origin_a a") == [("origin_t2", "id"), A[0]]
        connection.execute("DROP TABLE origin_t; DROP TABLE origin_t2")
