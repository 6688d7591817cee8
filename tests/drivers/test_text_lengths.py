"""A declared varchar(n) is kept by what does not come as an INSERT of a PostgreSQL client, too."""

import psycopg
import pytest


@pytest.fixture
def table(server):
    with server.connect_pg() as connection:
        connection.execute("CREATE TABLE measured (id INTEGER, v VARCHAR(3))")
        yield connection
        connection.execute("DROP TABLE measured")


def rows(connection):
    return connection.execute("SELECT id, v FROM measured ORDER BY id").fetchall()


@pytest.mark.parametrize("options", ["", " WITH (FORMAT csv)"])
def test_copy_measures(table, options):
    separator = "," if options else "\t"
    def copy(*values):
        with table.cursor() as cursor, cursor.copy("COPY measured FROM STDIN" + options) as copying:
            copying.write("".join(f"{i}{separator}{value}\n" for i, value in enumerate(values)))
    copy("abc", "\u00e4\u00f6\u00fc")
    with pytest.raises(psycopg.errors.StringDataRightTruncation, match=r"too long for type character varying\(3\)"):
        copy("ok", "abcd")
    assert rows(table) == [(0, "abc"), (1, "\u00e4\u00f6\u00fc")]


def test_http_measures(server, table):
    status, _, _ = server.request("POST", "/query", {"sql": "INSERT INTO measured VALUES (1, 'abc')"})
    assert status == 200
    status, _, text = server.request("POST", "/query", {"sql": "INSERT INTO measured VALUES (2, 'abcd')"})
    assert status == 400 and "value too long" in text
    assert rows(table) == [(1, "abc")]


def test_ingest_measures(server, table):
    pa = pytest.importorskip("pyarrow")
    with server.connect_flight() as connection, connection.cursor() as cursor:
        def ingest(value):
            return cursor.adbc_ingest("measured", pa.table({"id": pa.array([7], pa.int32()), "v": [value]}), mode="append")
        assert ingest("abc") == 1
        with pytest.raises(Exception, match="value too long"):
            ingest("abcd")
    assert rows(table) == [(7, "abc")]
