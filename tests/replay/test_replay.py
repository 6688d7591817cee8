"""Replays what tools ask a PostgreSQL server for, recorded against PostgreSQL 15 or taken from the tools.

Each file holds statements of one tool, separated by a semicolon and an empty line; all must succeed on tables made by
schema.sql. Which answers are right is the business of tests/drivers/test_catalog.py.
"""

import pathlib

import psycopg
import pytest

from skein_server import SkeinServer

HERE = pathlib.Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*.sql") if path.name != "schema.sql")

# Statements that cannot run, each with the reason. Matched by their beginning.
REFUSED = {
    # to_char and format('%s') are not PostgreSQL's yet.
    "SELECT pid, datname, usename, application_name, client_addr, pg_catalog.to_char(": "to_char",
    'SELECT "c"."column_name" AS "name", "c"."udt_name" AS "database-type"': "format('%s.%s')",
    # json_object comes with DuckDB's json extension, which a server does not load unless told.
    "SELECT pg_catalog.pg_attribute.attname AS name, pg_catalog.format_type(": "json_build_object",
    # What it closes was prepared by messages of the protocol, which the recording leaves out.
    'SAVEPOINT _per_query_svp_;DEALLOCATE "_PLAN': "DEALLOCATE",
    # The name that the column gets hides the function from the expression itself.
    "SELECT CAST(current_database() AS TEXT), CAST(current_user AS TEXT)": "current_user",
    # A function that returns one value has no place in FROM.
    "SELECT\n    CASE WHEN\n          quote_ident(table_schema) IN": "string_to_array(...) in FROM",
}


def statements(path):
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("-- What "))
    return [part.strip().rstrip(";") for part in text.split(";\n\n") if part.strip(" \n;")]


@pytest.fixture(scope="module")
def catalog_server(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    (data / "visits.csv").write_text("day,visitor\n2024-01-01,a\n")
    with SkeinServer(data, tmp_path_factory.mktemp("server")) as server:
        with psycopg.connect(server.pg_conninfo(), autocommit=True) as connection:
            for statement in statements(HERE / "schema.sql")[0].split(";\n"):
                connection.execute(statement)
        yield server


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_replay(catalog_server, path):
    failures = []
    with psycopg.connect(catalog_server.pg_conninfo(), autocommit=True) as connection:
        for statement in statements(path):
            try:
                cursor = psycopg.ClientCursor(connection)
                cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()
            except psycopg.Error as error:
                if not any(statement.startswith(start) for start in REFUSED):
                    failures.append(f"{statement}\n=> {error}")
    assert not failures, f"{len(failures)} failed:\n\n" + "\n\n".join(failures)


# What changes by itself.
MOVING = ("pg_stat", "pg_locks", "now(", "_timestamp", "pg_postmaster", "random(")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_again(catalog_server, path):
    """The plan of what is asked again is kept from the second time on, and used from the third on."""
    with psycopg.connect(catalog_server.pg_conninfo(), autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        for statement in statements(path):
            if not statement.upper().startswith(("SELECT", "WITH")) or any(word in statement for word in MOVING):
                continue
            answers = []
            for _ in range(4):
                try:
                    answers.append(sorted(map(repr, connection.execute(statement).fetchall())))
                except psycopg.Error as error:
                    answers.append((error.sqlstate, str(error)))
            assert answers[1:] == answers[:1] * 3, statement
