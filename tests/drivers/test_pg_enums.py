"""Enums are types of their own: described by the number that pg_type has, read and written by drivers that look it up."""

import asyncio
import enum

import asyncpg
import psycopg
import pytest
from psycopg.types.enum import EnumInfo, register_enum


class Feeling(enum.Enum):
    SAD = "sad"
    FINE = 'so "so", ok'


@pytest.fixture
def connection(server):
    with server.connect_pg() as connection:
        connection.execute("""DROP TABLE IF EXISTS felt; DROP TYPE IF EXISTS feeling;
            CREATE TYPE feeling AS ENUM ('sad', 'so "so", ok');
            CREATE TABLE felt (one feeling, many feeling[])""")
        yield connection
        connection.execute("DROP TABLE felt; DROP TYPE feeling")


def oids(connection):
    return connection.execute("SELECT oid::bigint, typarray::bigint FROM pg_type WHERE typname = 'feeling'").fetchone()


@pytest.mark.parametrize("binary", [False, True])
def test_an_enum_is_described_and_sent_as_its_type(connection, binary):
    own, array = oids(connection)
    assert own >= 16384 and array >= 16384 and own != array
    connection.execute("INSERT INTO felt VALUES ('sad', ['sad', NULL, 'so \"so\", ok']), (NULL, NULL), ('sad', [])")
    found = connection.execute("SELECT one, many, 'sad'::feeling AS given, [['sad'::feeling]] AS nested FROM felt",
                               binary=binary)
    assert [column.type_code for column in found.description] == [own, array, own, array]
    register_enum(EnumInfo.fetch(connection, "feeling"), connection, Feeling, mapping={m: m.value for m in Feeling})
    assert connection.execute("SELECT one, many FROM felt", binary=binary).fetchall() == [
        (Feeling.SAD, [Feeling.SAD, None, Feeling.FINE]), (None, None), (Feeling.SAD, [])]


@pytest.mark.parametrize("form", ["%s", "%t", "%b"])
def test_enums_are_parameters(connection, form):
    register_enum(EnumInfo.fetch(connection, "feeling"), connection, Feeling, mapping={m: m.value for m in Feeling})
    connection.execute(f"INSERT INTO felt VALUES ({form}, {form})", (Feeling.FINE, [Feeling.SAD, Feeling.FINE]))
    assert connection.execute(f"SELECT one, many FROM felt WHERE one = {form}", (Feeling.FINE,)).fetchall() == [
        (Feeling.FINE, [Feeling.SAD, Feeling.FINE])]
    assert connection.execute(f"SELECT count(*) FROM felt WHERE one = {form}", (Feeling.SAD,)).fetchone() == (0,)


def test_what_is_no_label_or_no_type(connection):
    own, _ = oids(connection)
    with pytest.raises(psycopg.DataError):
        connection.execute("INSERT INTO felt (one) VALUES (%s)", ("glad",))
    raw = connection.pgconn
    assert raw.prepare(b"", b"SELECT $1", [own]).error_message == b""
    described = raw.describe_prepared(b"")
    assert described.param_type(0) == own and described.ftype(0) == own
    result = raw.prepare(b"", b"SELECT $1", [own + 1 if own % 2 else own - 1])
    assert result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"42704"
    # What the statement needs is what is described.
    assert raw.prepare(b"", b"INSERT INTO felt VALUES ($1, $2)").error_message == b""
    described = raw.describe_prepared(b"")
    assert tuple(described.param_type(i) for i in range(2)) == oids(connection)


def test_an_enum_without_a_name_is_text(connection):
    found = connection.execute("SELECT 'a'::ENUM('a', 'b') AS e")
    assert found.description[0].type_code == 25 and found.fetchone() == ("a",)


def test_asyncpg_looks_enums_up(server, connection):
    connection.execute("INSERT INTO felt VALUES ('sad', ['sad'])")

    async def ask():
        client = await asyncpg.connect(host="127.0.0.1", port=server.ports["pg"], user="tester", database="skein",
                                       ssl=False)
        try:
            await client.execute("INSERT INTO felt VALUES ($1, $2)", 'so "so", ok', ["sad", None])
            return [tuple(row) for row in await client.fetch("SELECT one, many FROM felt ORDER BY one")]
        finally:
            await client.close()

    assert asyncio.run(ask()) == [("sad", ["sad"]), ('so "so", ok', ["sad", None])]
