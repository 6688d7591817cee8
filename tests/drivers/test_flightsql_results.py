"""Results in several endpoints, tickets, and what ends them: pyarrow.flight against a server of the test's own."""

import concurrent.futures
import time

import pytest

flight = pytest.importorskip("pyarrow.flight")
pa = pytest.importorskip("pyarrow")

from flight_messages import field, message, query  # noqa: E402
from skein_server import wait_until  # noqa: E402

MIB = 2**20
LARGE = "SELECT range AS i, repeat('x', 90) || range AS s FROM range(1000000)"
ORDERED = LARGE + " ORDER BY i DESC"
PLENTY = "SELECT range AS i, repeat('x', 100) AS s FROM range(1000000000)"
# A second execution would give other rows.
ONCE = "SELECT random() AS i, repeat('x', 90) AS s FROM range(1000000)"


def client_of(server):
    return flight.connect(server.flight_uri)


@pytest.fixture
def client(server):
    with client_of(server) as opened:
        yield opened


def endpoints(number):
    return flight.FlightCallOptions(headers=[(b"x-skein-endpoints", str(number).encode())])


def describe(client, sql, number=None):
    descriptor = flight.FlightDescriptor.for_command(query(sql))
    return client.get_flight_info(descriptor, endpoints(number) if number else None)


def read(server, ticket):
    with client_of(server) as own:
        return own.do_get(ticket).read_all()


def run(client, sql):
    return client.do_get(describe(client, sql).endpoints[0].ticket).read_all()


def running(client):
    text = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query NOT LIKE '%pg_stat_activity%'"
    return run(client, text).column(0)[0].as_py()


def test_a_small_result_has_one_endpoint(client):
    info = describe(client, "SELECT 1 AS one")
    assert len(info.endpoints) == 1
    assert info.endpoints[0].expiration_time is None
    assert not info.ordered
    for _ in range(2):
        assert client.do_get(info.endpoints[0].ticket).read_all().to_pylist() == [{"one": 1}]


def test_a_large_result_is_cut_by_itself(start_server):
    server = start_server(settings={"flight_endpoint_size": "10MB", "flight_endpoints": "3"})
    with client_of(server) as client:
        run(client, "CREATE TABLE wide AS " + LARGE)
        info = describe(client, "SELECT * FROM wide")
        assert len(info.endpoints) == 3
        # It comes in the order of the table, as in one endpoint.
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            parts = list(pool.map(lambda endpoint: read(server, endpoint.ticket), info.endpoints))
        assert info.ordered
        assert pa.concat_tables(parts)["i"].to_pylist() == list(range(1_000_000))
        assert min(part.num_rows for part in parts) > 0
        assert len(describe(client, "SELECT * FROM wide LIMIT 10").endpoints) == 1


@pytest.mark.parametrize("number", [2, 4])
def test_endpoints_in_parallel_give_every_row_once(server, client, number):
    info = describe(client, LARGE, number)
    assert len(info.endpoints) == number
    assert all(endpoint.expiration_time is not None for endpoint in info.endpoints)
    with concurrent.futures.ThreadPoolExecutor(number) as pool:
        parts = list(pool.map(lambda endpoint: read(server, endpoint.ticket), info.endpoints))
    together = pa.concat_tables(parts)
    assert together.num_rows == 1_000_000
    assert sorted(together["i"].to_pylist()) == list(range(1_000_000))
    # A second reading of each gives the same rows.
    for endpoint, part in zip(info.endpoints, parts):
        assert client.do_get(endpoint.ticket).read_all() == part


@pytest.mark.parametrize("at_once", [True, False])
def test_an_ordered_result_is_in_order_over_its_endpoints(server, client, at_once):
    info = describe(client, ORDERED, 3)
    assert info.ordered
    with concurrent.futures.ThreadPoolExecutor(3 if at_once else 1) as pool:
        parts = list(pool.map(lambda endpoint: read(server, endpoint.ticket), info.endpoints))
    assert pa.concat_tables(parts)["i"].to_pylist() == list(range(999_999, -1, -1))


def test_ordered_endpoints_may_be_read_backwards(client):
    info = describe(client, ORDERED, 3)
    parts = [client.do_get(endpoint.ticket).read_all() for endpoint in reversed(info.endpoints)]
    assert pa.concat_tables(reversed(parts))["i"].to_pylist() == list(range(999_999, -1, -1))


def test_a_result_on_disk_is_the_same(start_server):
    server = start_server(settings={"flight_spool_memory": "1MB"})
    with client_of(server) as client:
        info = describe(client, LARGE, 2)
        first = [client.do_get(endpoint.ticket).read_all() for endpoint in info.endpoints]
        again = [client.do_get(endpoint.ticket).read_all() for endpoint in info.endpoints]
        assert first == again
        assert sum(part.num_rows for part in first) == 1_000_000


def keep(word, **more):
    return flight.FlightCallOptions(headers=[(b"x-skein-keep", word), *more.items()])


def test_one_endpoint_is_read_again_however_large(client):
    # Of a size that nobody expects, and beyond what a result that is read once is kept of.
    sql = "SELECT random() AS i, repeat('x', 90) AS s FROM range(1000000)"
    info = describe(client, sql, 1)
    first = client.do_get(info.endpoints[0].ticket).read_all()
    assert first.nbytes > 64 * MIB
    assert client.do_get(info.endpoints[0].ticket).read_all() == first
    assert info.endpoints[0].expiration_time is None


def test_whether_a_result_is_kept_is_the_clients_choice(client):
    descriptor = flight.FlightDescriptor.for_command(query(ONCE))
    promised = client.get_flight_info(descriptor, keep(b"yes"))
    assert promised.endpoints[0].expiration_time is not None
    # A time that Python can hold.
    assert promised.endpoints[0].expiration_time.value % 1000 == 0
    once = client.get_flight_info(descriptor, keep(b"no"))
    assert all(endpoint.expiration_time is None for endpoint in once.endpoints)
    ticket = once.endpoints[0].ticket
    client.do_get(ticket).read_all()
    with pytest.raises(pa.ArrowInvalid, match="SQLSTATE 55000"):
        client.do_get(ticket).read_all()
    with pytest.raises(pa.ArrowInvalid, match="SQLSTATE 22023"):
        client.get_flight_info(descriptor, keep(b"maybe"))


def test_a_full_spool_says_so(start_server):
    server = start_server(settings={"flight_spool_memory": "1MB", "flight_spool_disk": "1MB"})
    with client_of(server) as client:
        info = describe(client, LARGE, 2)
        assert sum(client.do_get(endpoint.ticket).read_all().num_rows for endpoint in info.endpoints) == 1_000_000
        with pytest.raises(pa.ArrowInvalid, match="SQLSTATE 55000"):
            client.do_get(info.endpoints[0].ticket).read_all()
        with pytest.raises(flight.FlightError, match="SQLSTATE 53100"):
            describe(client, "CREATE TABLE t AS SELECT range AS i FROM range(0)")
            describe(client, "INSERT INTO t SELECT * FROM range(1000000) RETURNING *")
        assert run(client, "SELECT count(*) AS n FROM t").to_pylist() == [{"n": 0}]


def test_a_broken_stream_is_read_again_without_a_second_run(client):
    info = describe(client, ONCE, 2)
    stream = client.do_get(info.endpoints[0].ticket)
    begun = stream.read_chunk().data
    stream.cancel()
    parts = [client.do_get(endpoint.ticket).read_all() for endpoint in info.endpoints]
    assert parts[0].slice(0, begun.num_rows).to_batches()[0]["i"].to_pylist() == begun["i"].to_pylist()
    assert sum(part.num_rows for part in parts) == 1_000_000


def test_rows_of_a_change_are_made_once_when_nobody_fetches(client):
    run(client, "CREATE OR REPLACE TABLE changed (i INTEGER)")
    info = describe(client, "INSERT INTO changed VALUES (1), (2) RETURNING i + 10 AS j")
    assert run(client, "SELECT count(*) AS n FROM changed").to_pylist() == [{"n": 2}]
    for _ in range(2):
        assert client.do_get(info.endpoints[0].ticket).read_all()["j"].to_pylist() == [11, 12]
    assert run(client, "SELECT count(*) AS n FROM changed").to_pylist() == [{"n": 2}]
    run(client, "DROP TABLE changed")


def test_a_reader_that_goes_away_ends_the_query(client):
    for number in (1, 3):
        info = describe(client, PLENTY, number)
        streams = [client.do_get(endpoint.ticket) for endpoint in info.endpoints]
        for stream in streams:
            stream.read_chunk()
            stream.cancel()
        wait_until(lambda: running(client) == 0, 60, "it did not happen in time")
        with pytest.raises(flight.FlightCancelledError, match="SQLSTATE 57014"):
            client.do_get(info.endpoints[0].ticket).read_chunk()


def test_a_slow_reader_slows_its_query(server, client):
    info = describe(client, PLENTY, 1)
    stream = client.do_get(info.endpoints[0].ticket)
    stream.read_chunk()
    sizes = []
    with client_of(server) as other:
        for _ in range(20):
            sizes.append(run(other, "SELECT sum(memory_usage_bytes)::BIGINT AS n FROM duckdb_memory()")["n"][0].as_py())
    assert max(sizes) < 1024 * MIB
    stream.cancel()


def test_cancel_and_renew(client):
    info = describe(client, PLENTY, 2)
    stream = client.do_get(info.endpoints[0].ticket)
    stream.read_chunk()
    before = info.endpoints[1].expiration_time
    renewed = list(client.do_action(flight.Action("RenewFlightEndpoint", field(1, info.endpoints[1].serialize()))))
    endpoint = flight.FlightEndpoint.deserialize(renewed[0].body.to_pybytes())
    assert endpoint.ticket == info.endpoints[1].ticket
    assert endpoint.expiration_time.value >= before.value
    answer = list(client.do_action(flight.Action("CancelFlightInfo", field(1, info.serialize()))))
    assert answer[0].body.to_pybytes() == bytes([8, 1])
    # Not by read_all: pyarrow takes a cancelled one for Ctrl-C.
    with pytest.raises(flight.FlightCancelledError, match="SQLSTATE 57014"):
        while True:
            stream.read_chunk()
    with pytest.raises(pa.ArrowKeyError, match="SQLSTATE 34000"):
        client.do_get(info.endpoints[1].ticket).read_all()
    with pytest.raises(pa.ArrowKeyError, match="SQLSTATE 34000"):
        list(client.do_action(flight.Action("CancelFlightInfo", field(1, info.serialize()))))
    wait_until(lambda: running(client) == 0, 60, "it did not happen in time")


def test_cancel_query_of_older_clients(client):
    info = describe(client, PLENTY, 2)
    client.do_get(info.endpoints[0].ticket).read_chunk()
    body = message("ActionCancelQueryRequest", field(1, info.serialize()))
    answer = list(client.do_action(flight.Action("CancelQuery", body)))
    assert answer[0].body.to_pybytes().endswith(bytes([8, 1]))


def test_tickets_that_are_none(client):
    ticket = describe(client, "SELECT 1").endpoints[0].ticket.ticket
    for forged in (
        message("TicketStatementQuery", field(1, "nothing")),
        message("TicketStatementQuery", field(1, "")),
        message("TicketStatementQuery", field(1, "0" * 32 + "." + "0" * 32 + ".0")),
        message("TicketStatementQuery", field(1, ticket[-67:-1] + b"9")),
        message("TicketStatementQuery", field(1, b"\xff\xfe.99999999999999999999999")),
    ):
        with pytest.raises(pa.ArrowKeyError, match="SQLSTATE 34000"):
            client.do_get(flight.Ticket(forged)).read_all()
    for garbage in (b"", b"SELECT 1", ticket[:-5], ticket + b"\x12"):
        with pytest.raises(pa.ArrowException, match=r"SQLSTATE (08P01|34000)"):
            client.do_get(flight.Ticket(garbage)).read_all()


def test_expired_tickets(start_server):
    server = start_server(settings={"flight_ticket_timeout": "1s"})
    with client_of(server) as client:
        info = describe(client, LARGE, 2)
        client.do_get(info.endpoints[0].ticket).read_all()

        def expired():
            try:
                client.do_get(info.endpoints[1].ticket).read_all()
                return False
            except pa.ArrowKeyError as error:
                assert "the ticket has expired" in str(error) and "SQLSTATE 34000" in str(error)
                return True

        wait_until(expired, 60, "it did not happen in time")


def test_a_wrong_number_of_endpoints(client):
    for wrong in ("0", "-1", "257", "many"):
        with pytest.raises(pa.ArrowInvalid, match="SQLSTATE 22023"):
            describe(client, "SELECT 1", wrong)


def test_the_error_of_a_query_comes_on_every_endpoint(client):
    info = describe(client, "SELECT (CASE WHEN range < 900000 THEN '1' ELSE 'x' END)::INTEGER FROM range(1000000)", 2)
    for endpoint in info.endpoints * 2:
        with pytest.raises(pa.ArrowInvalid, match="SQLSTATE 22P02"):
            client.do_get(endpoint.ticket).read_all()
    assert run(client, "SELECT 1 AS one").to_pylist() == [{"one": 1}]


def test_expiration_is_a_time_to_come(client):
    for endpoint in describe(client, LARGE, 2).endpoints:
        left = endpoint.expiration_time.value / 1e9 - time.time()
        assert 5 * 60 < left <= 11 * 60
