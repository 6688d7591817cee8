"""A column that was declared jsonb: what clients are told of it, and the form of what it holds, whichever way it came there."""

import json

import psycopg
import pytest


@pytest.fixture
def connection(server):
    with server.connect_pg() as opened:
        opened.execute("CREATE OR REPLACE TABLE declared_json (id int PRIMARY KEY, j jsonb DEFAULT '{}', k json)")
        yield opened
        opened.execute("DROP TABLE declared_json")


def texts(connection):
    return [row[0] for row in connection.execute("SELECT j::text FROM declared_json ORDER BY id").fetchall()]


def test_clients_are_told(connection):
    cursor = connection.execute("SELECT j, k FROM declared_json")
    assert [column.type_code for column in cursor.description] == [3802, 114]
    cursor = connection.execute("SELECT v.j FROM (SELECT * FROM declared_json) v")
    assert cursor.description[0].type_code == 3802
    assert connection.execute("SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                              "WHERE attrelid = 'declared_json'::regclass AND attnum > 0 ORDER BY attnum").fetchall() == [
        ("integer",), ("jsonb",), ("json",)]
    assert connection.execute("SELECT column_default FROM information_schema.columns WHERE table_name = 'declared_json' "
                              "AND column_name IN ('j', 'k') ORDER BY column_name").fetchall() == [("'{}'::jsonb",), (None,)]


def test_every_way_in_writes_jsonb(server, connection):
    wanted = '{"a": 1, "b": [1, 2]}'
    connection.execute("""INSERT INTO declared_json VALUES (1, '{"b":[1,2],"a":1}', '{"b":[1,2]}')""")
    connection.execute("INSERT INTO declared_json (id, j) VALUES (2, %s)", ('{"b":[1,2],  "a":1}',))
    connection.execute("INSERT INTO declared_json (id) VALUES (3)")
    connection.execute("""UPDATE declared_json SET j = '{"b" : [1,2], "a":1}' WHERE id = 3""")
    connection.execute("""INSERT INTO declared_json VALUES (3, '1') ON CONFLICT (id) DO UPDATE SET j = '{"b":[1,2],"a":1}'""")
    connection.execute("""MERGE INTO declared_json USING (VALUES (4)) s(i) ON id = s.i
                          WHEN NOT MATCHED THEN INSERT (id, j) VALUES (s.i, '{"b":[1,2],"a":1}')""")
    with connection.cursor().copy("COPY declared_json (id, j) FROM STDIN") as copy:
        copy.write_row((5, '{"b":[1,2],"a":1}'))
    for form, id in ((psycopg.types.json.Jsonb, 6), (psycopg.types.json.Json, 7)):
        with connection.cursor().copy("COPY declared_json (id, j) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "jsonb" if id == 6 else "json"])
            copy.write_row((id, form(json.loads(wanted))))
    server.query_http("""INSERT INTO declared_json (id, j) VALUES (8, '{"b":[1,2],"a":1}')""")
    assert texts(connection) == [wanted] * 8
    assert connection.execute("SELECT k::text FROM declared_json WHERE id = 1").fetchone() == ('{"b":[1,2]}',)
    assert connection.execute("SELECT count(DISTINCT j), count(*) FROM declared_json").fetchone() == (1, 8)


def test_the_binary_form_has_its_version(connection):
    connection.execute("""INSERT INTO declared_json VALUES (1, '{"a":1}', '{"a":1}')""")
    with connection.cursor(binary=True) as cursor:
        assert cursor.execute("SELECT j, k FROM declared_json").fetchone() == ({"a": 1}, {"a": 1})
    with connection.cursor().copy("COPY declared_json TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4", "jsonb", "json"])
        assert list(copy.rows()) == [(1, {"a": 1}, {"a": 1})]


def test_altered_columns(connection):
    connection.execute("ALTER TABLE declared_json ADD COLUMN m jsonb DEFAULT '{\"b\":1,\"a\":2}'")
    connection.execute("INSERT INTO declared_json (id) VALUES (1)")
    cursor = connection.execute("SELECT m FROM declared_json")
    assert cursor.description[0].type_code == 3802
    assert connection.execute("SELECT m::text FROM declared_json").fetchone() == ('{"a": 2, "b": 1}',)
    connection.execute("ALTER TABLE declared_json ALTER COLUMN m DROP DEFAULT")
    assert connection.execute("SELECT m FROM declared_json").description[0].type_code == 3802
    connection.execute("ALTER TABLE declared_json ALTER COLUMN m TYPE text")
    assert connection.execute("SELECT m FROM declared_json").description[0].type_code == 25


@pytest.mark.parametrize("expression, oid", [
    ("""'{"a": 1}'::jsonb""", 3802),
    ("j -> 'a'", 3802),
    ("k -> 'a'", 114),
    ("j || '{}'", 3802),
    ("jsonb_agg(id)", 3802),
    ("json_agg(id)", 114),
    ("to_jsonb(1)", 3802),
    ("j ->> 'a'", 25),
])
def test_what_is_computed_says_what_it_is(connection, expression, oid):
    def types(sql):
        return [column.type_code for column in connection.execute(sql).description]
    query = f"SELECT {expression} AS x FROM declared_json"
    assert types(query) == [oid]
    assert types(f"SELECT x FROM ({query}) t") == [oid]
    assert types(f"WITH t AS ({query}) SELECT * FROM t") == [oid]


def test_a_function_of_ones_own_is_what_it_gives(connection):
    connection.execute("CREATE OR REPLACE MACRO jsonb_concat(a, b) AS a + b")
    try:
        cursor = connection.execute("SELECT jsonb_concat(1, 2)")
        assert (cursor.description[0].type_code, cursor.fetchone()) == (23, (3,))
    finally:
        connection.execute("DROP MACRO jsonb_concat")
