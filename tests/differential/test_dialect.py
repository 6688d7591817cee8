"""Whose meaning a statement has: by door, by setting, by schema."""

import decimal
import json
import re
import threading
import time

import psycopg
import pytest


@pytest.fixture
def connection(server):
    with server.connect_pg() as opened:
        yield opened


def one(connection, sql):
    return connection.execute(sql).fetchone()[0]


def test_each_door_has_its_own(server, connection):
    assert one(connection, "SELECT 7 / 2") == 3
    assert server.query_http("SELECT 7 / 2 AS q") == [{"q": 3.5}]
    with server.connect_flight() as flight, flight.cursor() as cursor:
        cursor.execute("SELECT 7 / 2 AS q")
        assert cursor.fetchone() == (3.5,)


def test_the_setting_turns_it(server, connection):
    connection.execute("SET sql_dialect = 'duckdb'")
    assert one(connection, "SELECT 7 / 2") == 3.5
    assert one(connection, "SELECT 'abc' ~ 'b'") is False
    cursor = connection.execute("SELECT count(*) AS Total FROM range(3)")
    assert cursor.description[0].name == "Total"
    connection.execute("SET sql_dialect = 'door'")
    assert one(connection, "SELECT 7 / 2") == 3
    cursor = connection.execute("SELECT count(*) AS Total FROM range(3)")
    assert cursor.description[0].name == "total"
    with pytest.raises(psycopg.Error) as refused:
        connection.execute("SET sql_dialect = 'oracle'")
    assert refused.value.sqlstate == "22023"
    assert one(connection, "SELECT 7 / 2") == 3


def test_an_http_session_may_speak_postgresql(server):
    # A request is parsed as a whole: the setting holds from the next one on.
    status, _, text = server.request("POST", "/v1/session")
    assert status == 201, text
    named = {"X-Skein-Session": json.loads(text)["session"]}
    status, _, text = server.request("POST", "/query", {"sql": "SET sql_dialect = 'postgresql'"}, named)
    assert status == 200, text
    assert server.query_http("SELECT 7 / 2 AS q", named) == [{"q": 3}]
    assert server.query_http("SELECT 7 / 2 AS q") == [{"q": 3.5}]


def test_a_view_keeps_the_meaning_it_was_made_with(server, connection):
    connection.execute("CREATE OR REPLACE VIEW dialect_view AS "
                       "SELECT 7 / 2 AS q, 'abc' ~ 'b' AS m, 'a%c' LIKE 'a\\%c' AS l, to_hex(255) AS h")
    try:
        assert server.query_http("SELECT * FROM dialect_view") == [{"q": 3, "m": True, "l": True, "h": "ff"}]
        assert connection.execute("SELECT * FROM dialect_view").fetchone() == (3, True, True, "ff")
    finally:
        connection.execute("DROP VIEW dialect_view")


def test_names_with_their_schema_mean_what_they_say(server, connection):
    assert one(connection, "SELECT format('%s', 1)") == "1"
    assert one(connection, "SELECT main.format('{}', 1)") == "1"
    assert server.query_http("SELECT pg_catalog.format('%s-%I', 1, 'a b') AS f, format('{}', 2) AS g") == [
        {"f": '1-"a b"', "g": "2"}]


def test_duckdbs_overloads_are_found_as_well(connection):
    assert one(connection, "SELECT date_part(['year', 'month'], DATE '2024-05-06')") == {"year": 2024, "month": 5}
    assert one(connection, "SELECT list_sum(generate_series(1, 4))::INTEGER") == 10
    assert connection.execute("SELECT i FROM (VALUES ('a1'), ('b')) t(i) WHERE regexp_matches(i, '[0-9]')").fetchall() \
        == [("a1",)]


def test_numeric_parameters_are_not_rounded(connection):
    small, large = decimal.Decimal("0.1234567891"), decimal.Decimal("1234567890123456789012.5")
    assert connection.execute("SELECT %s + 1, %s::numeric * 2", (small, large)).fetchone() == (small + 1, large * 2)
    connection.execute("CREATE TEMP TABLE open_numbers (a numeric, b numeric(30, 20))")
    long = decimal.Decimal("0.12345678901234567891")
    connection.execute("INSERT INTO open_numbers VALUES (%s, %s)", (large, long))
    assert connection.execute("SELECT a, b FROM open_numbers WHERE a = %s", (large,)).fetchone() == (large, long)
    connection.execute("ALTER TABLE open_numbers ADD COLUMN c numeric")
    connection.execute("UPDATE open_numbers SET c = %s", (small,))
    assert one(connection, "SELECT c FROM open_numbers") == small
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        connection.execute("SELECT a * a FROM open_numbers")


def test_null_order_in_windows_and_aggregates(connection):
    rows = connection.execute("SELECT x, row_number() OVER (ORDER BY x DESC) FROM (VALUES (1), (NULL)) t(x) ORDER BY x")
    assert rows.fetchall() == [(1, 2), (None, 1)]
    assert one(connection, "SELECT string_agg(coalesce(x::text, '-'), ',' ORDER BY x DESC) "
                           "FROM (VALUES (1), (NULL)) t(x)") == "-,1"


def test_sleep_ends_at_the_timeout(connection):
    connection.execute("SET statement_timeout = '300ms'")
    begun = time.monotonic()
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("SELECT pg_sleep(30)")
    assert time.monotonic() - begun < 5
    connection.execute("SET statement_timeout = 0")
    assert one(connection, "SELECT 1") == 1


def test_sleep_ends_at_a_cancel(server, connection):
    outcome = []

    def run():
        try:
            connection.execute("SELECT pg_catalog.pg_sleep(30), 'sleeper'")
        except psycopg.Error as error:
            outcome.append(error.sqlstate)

    sleeper = threading.Thread(target=run)
    begun = time.monotonic()
    sleeper.start()
    while sleeper.is_alive() and time.monotonic() - begun < 20:
        connection.cancel()
        sleeper.join(0.1)
    assert outcome == ["57014"]


@pytest.mark.parametrize("sql", [
    "SELECT to_char(i, '999') FROM range(5000) t(i)",
    "SELECT regexp_match(i::text, '(\\d)(\\d)?') FROM range(5000) t(i)",
    "SELECT i / nullif(i % 3, 0) FROM range(5000) t(i)",
    "SELECT jsonb_build_object('i', i) FROM range(5000) t(i)",
    "SELECT to_char(TIMESTAMP '2024-01-01' + to_days(i::integer), 'DD Mon YYYY') FROM range(5000) t(i)",
    "SELECT split_part(i::text || ',' || i::text, ',', -1) FROM range(5000) t(i)",
])
def test_more_rows_than_one_chunk(connection, sql):
    rows = connection.execute(sql).fetchall()
    assert len(rows) == 5000
    single = connection.execute(sql.replace("range(5000)", "range(4999, 5000)")).fetchone()
    assert rows[4999] == single


def test_lambdas_stay_beside_the_arrow_of_json(connection):
    assert one(connection, "SELECT list_transform([1, 2], x -> x + 1)") == [2, 3]
    assert one(connection, "SELECT list_reduce([1, 2, 3], (x, y) -> x * y + 1)") == 10
    assert one(connection, "SELECT [1, 2, 3].list_filter(x -> x > 1 AND x < 3)") == [2]
    assert one(connection, "SELECT list_transform(['{\"a\": 5}'::json], x -> (x -> 'a') = '5')") == [True]
    assert one(connection, "SELECT list_filter([1, 2], x -> '{\"a\": 2}'::jsonb -> 'a' = x::text::jsonb)") == [2]
    assert one(connection, "SELECT COLUMNS(c -> c = 'a') FROM (SELECT 1 AS a, 2 AS b)") == 1


def test_operators_of_json_by_door(server, connection):
    assert one(connection, "SELECT '{\"a\": {\"b\": 1}}'::jsonb #>> '{a,b}'") == "1"
    status, _, text = server.request("POST", "/query", {"sql": "SELECT '{\"a\": 1}'::json ?| ['a']"})
    assert status == 400 and "jsonb_exists_any" in text, text
    # There a ? is a parameter, and an arrow is DuckDB's.
    assert server.query_http("SELECT ('{\"a\": 1}'::json -> 'a') = '1' AS same") == [{"same": True}]


def test_errors_say_what_the_client_wrote(connection):
    with pytest.raises(psycopg.errors.SyntaxError) as refused:
        connection.execute("SELECT 1 FROM t WHERE a ? 'x' AND AND")
    assert refused.value.diag.statement_position == "35"
    for wrong in ("SELECT '{}'::jsonb ? ", "SELECT '{}'::jsonb -> ", "SELECT '{}'::jsonb ) ? 'a'"):
        with pytest.raises(psycopg.errors.SyntaxError) as refused:
            connection.execute(wrong)
        assert "`" not in str(refused.value) and "-<" not in str(refused.value)


def test_arrows_in_what_is_not_a_query_of_postgresql(connection):
    document = "'{\"a\": \"x\", \"n\": {\"m\": 3}}'::json"
    for statement, asked, expected in (
            ("CREATE TEMP MACRO arrow_scalar(j) AS true AND j ->> 'a' = 'x' AND j ? 'n'", "arrow_scalar(%s)", True),
            ("CREATE TEMP MACRO arrow_table(j) AS TABLE SELECT j #>> '{n,m}' AS m WHERE true AND j ->> 'a' = 'x'",
             "(SELECT m FROM arrow_table(%s))", "3"),
            ("CREATE TEMP MACRO arrow_default(j, k := '{\"a\": 1}'::json ->> 'a') AS k || (j ->> 'a')",
             "arrow_default(%s)", "1x")):
        connection.execute(statement)
        assert one(connection, "SELECT " + asked % document) == expected
    connection.execute("CREATE TEMP TABLE arrows (j json, a varchar GENERATED ALWAYS AS (j ->> 'a'), "
                       "d json DEFAULT ('{\"x\": 2}'::json -> 'x'), CHECK (true AND j ->> 'a' <> 'y'))")
    connection.execute(f"INSERT INTO arrows (j) VALUES ({document})")
    assert connection.execute("SELECT a, d FROM arrows").fetchall() == [("x", 2)]
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("INSERT INTO arrows (j) VALUES ('{\"a\": \"y\"}')")
    connection.execute("ALTER TABLE arrows ALTER COLUMN d SET DEFAULT ('{\"x\": 5}'::json -> 'x')")
    connection.execute("INSERT INTO arrows (j) VALUES ('{\"a\": \"z\"}')")
    assert connection.execute("SELECT a, d FROM arrows WHERE true AND j ->> 'a' = 'z'").fetchall() == [("z", 5)]
    # Of a statement of its own, and in FROM.
    rows = connection.execute("PIVOT (SELECT j ->> 'a' AS a, 1 AS v FROM arrows) ON a USING sum(v)").fetchall()
    assert [int(value) for value in rows[0]] == [1, 1]
    assert one(connection, "SELECT count(*) FROM (SELECT j ->> 'a' AS a, 1 AS v FROM arrows) "
                           "PIVOT (sum(v) FOR a IN ('x', 'z'))") == 1
    described = connection.execute("DESCRIBE SELECT true AND j ->> 'a' = 'x' AS same FROM arrows").fetchall()
    assert [row[:2] for row in described] == [("same", "BOOLEAN")]
    connection.execute("SET VARIABLE arrow_value = '{\"a\": 7}'::json ->> 'a'")
    assert one(connection, "SELECT getvariable('arrow_value')") == "7"


def test_text_is_read_as_the_session_reads_it(server, connection):
    """Where no constant is cast: DuckDB's cast of text, which is asked for by columns, too."""
    connection.execute("CREATE OR REPLACE TABLE texts_read AS SELECT '\\xDEad'::text AS b, '1-2'::text AS i, '04:05 PM'::text AS t")
    try:
        assert connection.execute("SELECT b::bytea, i::interval = interval '14 months', t::time::text FROM texts_read").fetchone() == (
            b"\xde\xad", True, "16:05:00")
        assert one(connection, "SELECT TRY_CAST(b || 'x' AS bytea) IS NULL FROM texts_read") is True
        assert server.query_http("SELECT octet_length(CAST(b AS BLOB)) AS n, TRY_CAST(i AS INTERVAL) IS NULL AS i FROM texts_read") == [
            {"n": 3, "i": True}]
        connection.execute("SET sql_dialect = 'duckdb'")
        assert one(connection, "SELECT octet_length(b::BLOB) FROM texts_read") == 3
    finally:
        connection.execute("DROP TABLE texts_read")


def test_an_expression_of_a_table_keeps_the_meaning_it_was_made_with(server, connection):
    connection.execute("CREATE OR REPLACE TABLE dialect_table (a int, b int DEFAULT 7 / 2, CHECK (a / 2 = 1))")
    try:
        server.query_http("INSERT INTO dialect_table (a) VALUES (3)")
        assert connection.execute("SELECT a, b FROM dialect_table").fetchone() == (3, 3)
        server.query_http("ALTER TABLE dialect_table ADD COLUMN c DOUBLE DEFAULT 7 / 2")
        assert one(connection, "SELECT c FROM dialect_table") == 3.5
    finally:
        connection.execute("DROP TABLE dialect_table")


@pytest.mark.parametrize("sql, what, hint", [
    ("WITH d AS (DELETE FROM written WHERE x = 7 RETURNING *) SELECT * FROM d", "DELETE in WITH", "in a transaction"),
    ("WITH i AS MATERIALIZED (INSERT INTO written VALUES (1) RETURNING x) SELECT x FROM i", "INSERT in WITH",
     "in a transaction"),
    ("WITH u AS (UPDATE written SET x = 1 RETURNING x) SELECT x FROM u", "UPDATE in WITH", "in a transaction"),
    ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) "
     "SEARCH DEPTH FIRST BY n SET o SELECT n FROM t ORDER BY o", "SEARCH DEPTH FIRST", "key = ANY (path)"),
    ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) "
     "CYCLE n SET again USING path SELECT n FROM t", "CYCLE", "key = ANY (path)"),
    ("CREATE TEMP TABLE alike (LIKE written INCLUDING ALL)", "CREATE TABLE ... (LIKE ...)", "LIMIT 0"),
    ("CREATE TABLE alike (a int, LIKE written)", "CREATE TABLE ... (LIKE ...)", "LIMIT 0"),
])
def test_what_is_not_there_says_what_does_it(connection, sql, what, hint):
    with pytest.raises(psycopg.errors.FeatureNotSupported, match=re.escape(f"{what} is not supported")) as refused:
        connection.execute(sql)
    assert hint in refused.value.diag.message_hint


def test_a_column_may_be_called_as_what_is_not_there(connection):
    assert one(connection, "WITH t(cycle) AS (SELECT 1) SELECT cycle FROM t") == 1
    assert one(connection, 'SELECT "symmetric" FROM (SELECT 2 AS "symmetric") t '
                           'WHERE "symmetric" BETWEEN SYMMETRIC 3 AND 1') == 2
