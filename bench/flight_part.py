"""The part `flight` of run.py: large results in one and in several endpoints, small calls, ingest."""

import concurrent.futures
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests")]

import pyarrow as pa  # noqa: E402
import pyarrow.flight as flight  # noqa: E402
from psycopg import pq  # noqa: E402

from flight_messages import query  # noqa: E402

SQL = "SELECT * FROM lineitem"
CALLS = 2000
INGESTS = 300
SMALL = pa.table({"i": pa.array(range(10), pa.int64()), "s": [f"name {i}" for i in range(10)]})


STREAM = 10_000
ONE_ROW = SMALL.slice(0, 1).to_batches()[0]


def describe(client, endpoints, keep=False):
    options = flight.FlightCallOptions(headers=[(b"x-skein-endpoints", str(endpoints).encode()),
                                                (b"x-skein-keep", b"yes" if keep else b"no")])
    return client.get_flight_info(flight.FlightDescriptor.for_command(query(SQL)), options)


def count(client, ticket):
    return sum(chunk.data.num_rows for chunk in client.do_get(ticket))


def through(clients, endpoints, rows, keep=False):
    """Reads the result in so many endpoints, each over a connection of its own."""
    info = describe(clients[0], endpoints, keep)
    with concurrent.futures.ThreadPoolExecutor(endpoints) as pool:
        got = sum(pool.map(lambda pair: count(*pair), zip(clients, (e.ticket for e in info.endpoints))))
    assert got == rows, got
    # What is kept for another reading is not measured with the next one.
    body = info.serialize()
    size, prefix = len(body), b"\x0a"
    while size > 127:
        prefix, size = prefix + bytes([size & 127 | 128]), size >> 7
    list(clients[0].do_action(flight.Action("CancelFlightInfo", prefix + bytes([size]) + body)))


def in_process(local, rows):
    got = sum(batch.num_rows for batch in local.execute(SQL).to_arrow_reader())
    assert got == rows, got


def pg_binary(connection, rows):
    """All rows with libpq itself, in binary, 10,000 at a time: received, not made into Python's."""
    pg = connection.pgconn
    pg.send_query_params(SQL.encode(), None, result_format=pq.Format.BINARY)
    pg.set_chunked_rows_mode(10_000)
    got = 0
    while (result := pg.get_result()) is not None:
        assert result.status in (pq.ExecStatus.TUPLES_CHUNK, pq.ExecStatus.TUPLES_OK), result.error_message
        got += result.ntuples
        result.clear()
    assert got == rows, got


def first_batch(client):
    info = describe(client, 1)
    start = time.perf_counter()
    stream = client.do_get(info.endpoints[0].ticket)
    stream.read_chunk()
    taken = time.perf_counter() - start
    stream.cancel()
    return taken


def first_batch_in_process(local):
    start = time.perf_counter()
    reader = local.execute(SQL).to_arrow_reader()
    reader.read_next_batch()
    return time.perf_counter() - start


def percentiles(run):
    """(median, 99th of a hundred) of many calls, in seconds."""
    taken = []
    for _ in range(CALLS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), statistics.quantiles(taken, n=100)[98]


def figures(server, local, postgres, interleaved, seconds):
    rows = local.execute("SELECT count(*) FROM lineitem").fetchone()[0]
    clients = [flight.connect(server.flight_uri) for _ in range(4)]
    large = interleaved({
        "one": lambda: seconds(lambda: through(clients, 1, rows)),
        "four": lambda: seconds(lambda: through(clients, 4, rows)),
        "peer": lambda: seconds(lambda: in_process(local, rows))}, 3)
    # These once: they take longest.
    large["kept"] = seconds(lambda: through(clients, 4, rows, keep=True))
    with server.connect_pg() as connection:
        large["pg"] = seconds(lambda: pg_binary(connection, rows))
    first = interleaved({"skein": lambda: first_batch(clients[0]), "peer": lambda: first_batch_in_process(local)}, 7)
    with server.connect_flight() as connection, connection.cursor() as cursor:
        def one():
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)

        def one_in_process():
            assert local.execute("SELECT 1").fetch_arrow_table().num_rows == 1

        calls, peer_calls = percentiles(one), percentiles(one_in_process)
        cursor.execute("CREATE TABLE small (i BIGINT, s VARCHAR)")
        postgres.execute("CREATE UNLOGGED TABLE small (i bigint, s text)")

        def ingest():
            for _ in range(INGESTS):
                cursor.adbc_ingest("small", SMALL, mode="append")

        def copy():
            for _ in range(INGESTS):
                with postgres.cursor().copy("COPY small FROM STDIN") as target:
                    for row in zip(*SMALL.to_pydict().values()):
                        target.write_row(row)

        def stream():
            batches = pa.RecordBatchReader.from_batches(ONE_ROW.schema, (ONE_ROW for _ in range(STREAM)))
            assert cursor.adbc_ingest("small", batches, mode="append") in (STREAM, -1)

        def stream_copy():
            row = tuple(ONE_ROW.to_pylist()[0].values())
            with postgres.cursor().copy("COPY small FROM STDIN") as target:
                for _ in range(STREAM):
                    target.write_row(row)

        streams = interleaved({"skein": lambda: STREAM / seconds(stream), "peer": lambda: STREAM / seconds(stream_copy)}, 3)
        ingests = interleaved({"skein": lambda: INGESTS / seconds(ingest), "peer": lambda: INGESTS / seconds(copy)}, 3)
    for client in clients:
        client.close()
    return {"rows": rows, "large": large, "first": first, "calls": calls, "peer_calls": peer_calls, "ingests": ingests,
            "streams": streams}
