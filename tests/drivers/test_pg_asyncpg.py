"""asyncpg with its stock settings: named statements, portals, nested transactions, cancellation."""

import asyncio

import pytest

asyncpg = pytest.importorskip("asyncpg")


def run(server, work):
    async def main():
        connection = await asyncpg.connect(host="127.0.0.1", port=server.ports["pg"], user="tester", database="skein")
        try:
            await work(connection)
        finally:
            await connection.close()

    asyncio.run(main())


def test_rows_and_parameters(server):
    async def work(connection):
        assert await connection.fetchval("SELECT $1::INTEGER + 1", 41) == 42
        rows = await connection.fetch("SELECT i, i::VARCHAR AS s FROM range(1000) t(i) WHERE i < $1", 100)
        assert [(row["i"], row["s"]) for row in rows] == [(i, str(i)) for i in range(100)]
        for _ in range(3):
            assert await connection.fetchrow("SELECT $1::VARCHAR AS a, $2::DOUBLE AS b", "x", 0.5) == ("x", 0.5)

    run(server, work)


def test_statements_side_by_side(server):
    async def work(connection):
        one = await connection.prepare("SELECT $1::INTEGER AS a")
        other = await connection.prepare("SELECT $1::VARCHAR AS b")
        for i in range(5):
            assert await one.fetchval(i) == i
            assert await other.fetchval(str(i)) == str(i)
        assert [parameter.name for parameter in one.get_parameters()] == ["int4"]
        assert [column.name for column in one.get_attributes()] == ["a"]

    run(server, work)


def test_cursors_stream_in_a_transaction(server):
    async def work(connection):
        async with connection.transaction():
            seen = []
            async for row in connection.cursor("SELECT i FROM range(10000) t(i) WHERE i < $1 ORDER BY i", 5000, prefetch=700):
                seen.append(row[0])
            assert seen == list(range(5000))
            cursor = await connection.cursor("SELECT i FROM range(100) t(i)")
            assert await cursor.forward(10) == 10
            assert (await cursor.fetchrow())[0] == 10
            assert [row[0] for row in await cursor.fetch(3)] == [11, 12, 13]

    run(server, work)


def test_nested_transactions(server):
    async def work(connection):
        await connection.execute("CREATE TEMP TABLE t (i INTEGER)")
        async with connection.transaction():
            await connection.execute("INSERT INTO t VALUES (1)")
            with pytest.raises(asyncpg.UndefinedTableError):
                async with connection.transaction():
                    await connection.fetch("SELECT * FROM no_such_table")
            await connection.execute("INSERT INTO t VALUES (2)")
        assert await connection.fetchval("SELECT sum(i)::INTEGER FROM t") == 3

    run(server, work)


def test_modes(server):
    async def work(connection):
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            assert await connection.fetchval("SHOW transaction_isolation") == "repeatable read"
            assert await connection.fetchval("SHOW transaction_read_only") == "on"
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with connection.transaction(readonly=True):
                await connection.execute("CREATE TABLE never (i INTEGER)")
        assert connection.get_settings().TimeZone
        await connection.execute("SET TIME ZONE 'Asia/Tokyo'")
        assert connection.get_settings().TimeZone == "Asia/Tokyo"

    run(server, work)


def test_a_timeout_cancels_and_the_connection_goes_on(server):
    async def work(connection):
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetch("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)", timeout=0.5)
        assert await connection.fetchval("SELECT 1") == 1

    run(server, work)


def test_arrays_and_enums_are_looked_up_in_the_catalogue(server):
    """asyncpg knows no array type but oid[] before it asked pg_type, by a recursive query with an oid[] parameter."""
    async def work(connection):
        assert await connection.fetchval("SELECT $1::INTEGER[]", [1, None, -3]) == [1, None, -3]
        assert await connection.fetchval("SELECT $1::UUID[]", []) == []
        assert await connection.fetchval("SELECT ARRAY['a', NULL]") == ["a", None]
        assert await connection.fetchval("SELECT $1::oid", 4294967295) == 4294967295
        found = await connection.fetch("SELECT typname FROM pg_type WHERE oid = ANY($1::oid[]) ORDER BY 1", [23, 25])
        assert [row[0] for row in found] == ["int4", "text"]
        await connection.execute("CREATE TYPE asyncpg_mood AS ENUM ('sad', 'happy')")
        try:
            assert await connection.fetchval("SELECT $1::asyncpg_mood", "happy") == "happy"
            assert await connection.fetchval("SELECT ARRAY['sad']::asyncpg_mood[]") == ["sad"]
            await connection.set_type_codec("asyncpg_mood", encoder=str, decoder=str.upper)
        finally:
            await connection.execute("DROP TYPE asyncpg_mood")

    run(server, work)


def test_records_by_copy(server):
    async def work(connection):
        await connection.execute("CREATE TEMP TABLE copied (i INTEGER, s TEXT, tags TEXT[])")
        rows = [(i, None if i % 2 else f"s{i}", ["a", None]) for i in range(500)]
        assert await connection.copy_records_to_table("copied", records=rows) == "COPY 500"
        assert [tuple(row) for row in await connection.fetch("SELECT * FROM copied ORDER BY i")] == rows
        await connection.executemany("INSERT INTO copied VALUES ($1, $2, $3)", [(1000, "x", [])] * 10)
        assert await connection.fetchval("SELECT count(*) FROM copied WHERE i = 1000") == 10

    run(server, work)
