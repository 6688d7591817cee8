"""DROP of several objects and of functions, CREATE INDEX without a name."""

import psycopg
import pytest


@pytest.fixture
def connection(server):
    with server.connect_pg() as opened:
        yield opened


def state(connection, sql):
    with pytest.raises(psycopg.Error) as refused:
        connection.execute(sql)
    return refused.value.sqlstate


def tables(connection):
    return [row[0] for row in connection.execute(
        "SELECT tablename FROM pg_tables WHERE tablename LIKE 'drop_me_%' ORDER BY 1").fetchall()]


def test_several_tables_go_together_or_not_at_all(connection):
    connection.execute("CREATE TABLE drop_me_a (id serial PRIMARY KEY)")
    connection.execute("CREATE TABLE drop_me_b (a int REFERENCES drop_me_a)")
    assert state(connection, "DROP TABLE drop_me_b, drop_me_none") == "42P01"
    assert tables(connection) == ["drop_me_a", "drop_me_b"]
    # The one that is referenced stands first.
    assert connection.execute("DROP TABLE IF EXISTS drop_me_none, drop_me_a, public.drop_me_b CASCADE").statusmessage == "DROP TABLE"
    assert tables(connection) == []
    assert connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'drop_me_a_id_seq'").fetchone() == (0,)


def test_within_a_transaction(connection):
    connection.execute("CREATE TABLE drop_me_a (i int)")
    connection.execute('CREATE TABLE "drop_me_B, c" (i int)')
    with pytest.raises(ZeroDivisionError), connection.transaction():
        connection.execute('DROP TABLE drop_me_a, "drop_me_B, c"')
        assert tables(connection) == []
        raise ZeroDivisionError
    assert tables(connection) == ["drop_me_B, c", "drop_me_a"]
    connection.execute('DROP TABLE drop_me_a, "drop_me_B, c"', prepare=True)
    assert tables(connection) == []


def test_functions_by_their_arguments(connection):
    connection.execute("CREATE OR REPLACE MACRO drop_me(a) AS a + 1")
    assert connection.execute("DROP FUNCTION drop_me(int)").statusmessage == "DROP FUNCTION"
    assert state(connection, "DROP FUNCTION drop_me(int)") == "42883"
    assert connection.execute("DROP FUNCTION IF EXISTS public.drop_me(int, numeric(3, 1)) CASCADE").statusmessage == "DROP FUNCTION"
    connection.execute("CREATE OR REPLACE MACRO drop_me(a) AS a + 1, (a, b) AS a + b")
    assert state(connection, "DROP FUNCTION drop_me(int)") == "0A000"
    assert connection.execute("SELECT drop_me(1), drop_me(1, 2)").fetchone() == (2, 3)
    connection.execute("DROP FUNCTION drop_me")


def test_indexes_without_a_name(connection):
    connection.execute("CREATE TABLE drop_me_i (a int, b text)")
    connection.execute("CREATE INDEX ON drop_me_i (a); CREATE INDEX ON drop_me_i (a); SELECT 7 / 2, 'x' ~ 'x'", prepare=False)
    connection.execute("CREATE UNIQUE INDEX ON drop_me_i (lower(b), (a / 2))", prepare=True)
    assert [row[0] for row in connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'drop_me_i' ORDER BY 1")] == [
        "drop_me_i_a_idx", "drop_me_i_a_idx1", "drop_me_i_lower_expr_idx"]
    connection.execute("INSERT INTO drop_me_i VALUES (2, 'X')")
    with pytest.raises(psycopg.Error) as refused:
        connection.execute("INSERT INTO drop_me_i VALUES (3, 'x')")
    assert (refused.value.sqlstate, refused.value.diag.constraint_name) == ("23505", "drop_me_i_lower_expr_idx")
    connection.execute("DROP TABLE drop_me_i")
