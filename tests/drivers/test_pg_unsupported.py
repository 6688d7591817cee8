"""What PostgreSQL has and this server has not is refused as such (0A000), by name; a mistake stays one (42601)."""

import psycopg
import pytest


@pytest.fixture(scope="module")
def connection(server):
    with server.connect_pg() as connected:
        yield connected


def refusal(connection, sql):
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    return raised.value.sqlstate, raised.value.diag.message_primary


@pytest.mark.parametrize("sql, named", [
    ("CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN a; END $$", "CREATE FUNCTION"),
    ("DO $$ BEGIN NULL; END $$", "DO"),
    ("create trigger t BEFORE INSERT ON x FOR EACH ROW EXECUTE FUNCTION f()", "CREATE TRIGGER"),
    ("CREATE USER u PASSWORD 'secret'", "CREATE USER"),
    ("GRANT SELECT ON x TO u", "GRANT"),
    ("REVOKE ALL ON x FROM u", "REVOKE"),
    ('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"', "CREATE EXTENSION"),
    ("CREATE MATERIALIZED VIEW v AS SELECT 1 AS a", "CREATE MATERIALIZED VIEW"),
    ("CREATE DOMAIN positive AS int CHECK (VALUE > 0)", "CREATE DOMAIN"),
    ("CREATE TYPE pair AS (a int, b text)", "CREATE TYPE"),
    ("CREATE TABLE p (a int) PARTITION BY RANGE (a)", "PARTITION BY"),
    ("CREATE TABLE q () INHERITS (p)", "INHERITS"),
    ("ALTER TABLE x OWNER TO somebody", "OWNER TO"),
    ("ALTER DATABASE postgres SET work_mem = '4MB'", "ALTER DATABASE"),
    ("ALTER ROLE somebody SET search_path = public", "ALTER ROLE"),
    ("DROP AGGREGATE f(int)", "DROP AGGREGATE"),
    ("DROP OPERATOR + (int, text)", "DROP OPERATOR"),
    ("ALTER TABLE x DISABLE TRIGGER ALL", "TRIGGER"),
    ("ALTER SCHEMA x OWNER TO somebody", "OWNER TO"),
    ("LOCK TABLE x", "LOCK"),
    ("SELECT 1 FOR NO KEY UPDATE", "FOR UPDATE"),
    ("WITH t AS (SELECT 1 AS a) SELECT a FROM t FOR SHARE SKIP LOCKED", "FOR SHARE"),
])
def test_what_is_not_there_is_named(connection, sql, named):
    state, message = refusal(connection, sql)
    assert state == "0A000" and named in message and "not supported" in message
    assert "secret" not in message


@pytest.mark.parametrize("sql", [
    "SELECT 1 FROM", "CREATE TABLE x (a int,, b int)", "CREATE FUNCTION f(a) AS a +", "SELECT 'FOR UPDATE' 'x' y z",
    'SELECT "grant" FROM (SELECT 1 AS "grant"', "CREATE TABLE y (partition int, by int", "GRANTED",
])
def test_a_mistake_is_a_mistake(connection, sql):
    assert refusal(connection, sql)[0] == "42601"
