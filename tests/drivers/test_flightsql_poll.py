"""PollFlightInfo, which pyarrow has no call for, by gRPC itself: also of queries that are cut over tasks."""

import struct
import threading

import pytest

grpc = pytest.importorskip("grpc")
flight = pytest.importorskip("pyarrow.flight")
pa = pytest.importorskip("pyarrow")

from flight_messages import field, fields, message, query  # noqa: E402
from skein_server import wait_until  # noqa: E402

SLOW = "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7"


class Session:
    """Calls of one session, known by its cookie, as bytes."""

    def __init__(self, server):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{server.ports['flight']}")
        self.headers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def call(self, name, payload, headers=()):
        ask = self.channel.unary_unary(f"/arrow.flight.protocol.FlightService/{name}", lambda body: body, lambda body: body)
        answer, call = ask.with_call(payload, metadata=[*self.headers, *headers], timeout=120)
        for key, value in call.initial_metadata():
            if key == "set-cookie":
                self.headers = [("cookie", value.split(";")[0])]
        return answer

    def act(self, name, body):
        ask = self.channel.unary_stream("/arrow.flight.protocol.FlightService/DoAction", lambda sent: sent, lambda got: got)
        return [dict(fields(got)).get(1, b"") for got in ask(field(1, name) + field(2, body), metadata=self.headers, timeout=120)]

    def run(self, sql):
        return self.call("GetFlightInfo", command(query(sql)))


def command(payload):
    return field(1, 2) + field(2, payload)


class Poll:
    def __init__(self, answer):
        found = dict(fields(answer))
        self.info, self.next, self.expires = found.get(1), found.get(2), found.get(4)
        self.progress = struct.unpack("<d", found[3])[0] if 3 in found else None

    @property
    def tickets(self):
        return [dict(fields(part))[1] for number, part in fields(self.info) if number == 3]


def to_end(session, poll, headers=()):
    """Polls until it is complete: the last answer, and the progress that each of them told."""
    told = []
    while poll.next:
        assert poll.tickets == [] and poll.expires
        told.append(poll.progress)
        poll = Poll(session.call("PollFlightInfo", poll.next, headers))
    return poll, told


def read(server, poll):
    with flight.connect(server.flight_uri) as client:
        return pa.concat_tables([client.do_get(flight.Ticket(dict(fields(ticket))[1])).read_all() for ticket in poll.tickets])


def poll(session, sql, headers=()):
    return Poll(session.call("PollFlightInfo", command(query(sql)), headers))


def test_a_polled_query_is_read_in_parts(server):
    headers = [("x-skein-endpoints", "3")]
    with Session(server) as session:
        done, told = to_end(session, poll(session, "SELECT range AS i FROM range(3000000) ORDER BY i DESC", headers), headers)
        assert done.progress == 1 and all(0 <= share <= 1 for share in told if share is not None)
        assert len(done.tickets) == 3
        assert read(server, done)["i"].to_pylist() == list(range(2_999_999, -1, -1))
        assert read(server, done).num_rows == 3_000_000


def test_a_change_is_polled_and_made_once(server):
    with Session(server) as session:
        assert poll(session, "CREATE TABLE polled (i INTEGER)").progress == 1
        done, _ = to_end(session, poll(session, "INSERT INTO polled VALUES (1), (2) RETURNING i * 10 AS j"))
        assert read(server, done)["j"].to_pylist() == [10, 20]
        done, _ = to_end(session, poll(session, "SELECT count(*) AS n FROM polled"))
        assert read(server, done)["n"].to_pylist() == [2]
        session.run("DROP TABLE polled")


def test_errors_of_polled_queries(server):
    with Session(server) as session:
        for sql, sqlstate in (("SELECT * FROM no_such_table", "42P01"), ("SELECT ?", "42P02")):
            with pytest.raises(grpc.RpcError) as caught:
                poll(session, sql)
            assert f"SQLSTATE {sqlstate}" in caught.value.details()
        with pytest.raises(grpc.RpcError) as caught:
            to_end(session, poll(session, "SELECT sum((CASE WHEN range < 3000000 THEN '1' ELSE 'x' END)::INTEGER) FROM range(3000001)"))
        assert "SQLSTATE 22P02" in caught.value.details()
        for ticket in ("nothing", "nothing.0", ""):
            with pytest.raises(grpc.RpcError) as caught:
                session.call("PollFlightInfo", command(message("TicketStatementQuery", field(1, ticket))))
            assert caught.value.code() == grpc.StatusCode.NOT_FOUND and "SQLSTATE 34000" in caught.value.details()


def test_a_polled_query_is_cancelled(server):
    with Session(server) as session:
        running = poll(session, SLOW)
        assert running.next
        assert session.act("CancelFlightInfo", field(1, running.info)) == [b"\x08\x01"]
        with pytest.raises(grpc.RpcError) as caught:
            session.call("PollFlightInfo", running.next)
        assert "SQLSTATE 34000" in caught.value.details()
        done, _ = to_end(session, poll(session, "SELECT 1 AS one"))
        assert read(server, done).to_pylist() == [{"one": 1}]


def test_a_cut_query_is_polled(start_server):
    """The progress is that of its tasks, and its rows are those of the query that is run whole."""
    server = start_server(settings={"cluster": "local:2"})
    sql = ("SELECT l_orderkey, l_linenumber, count(*) AS n, sum(o_totalprice) AS s FROM lineitem JOIN orders "
           "ON l_orderkey = o_orderkey GROUP BY ALL ORDER BY ALL")
    with Session(server) as session:
        done, _ = to_end(session, poll(session, sql))
        whole = read(server, done)
        for setting in ("skein_distributed = 'on'", "skein_split_rows = 2000", "broadcast_threshold_mb = 0"):
            session.run(f"SET {setting}")
        headers = [("x-skein-endpoints", "2")]
        seen = []
        with flight.connect(server.flight_uri) as watcher:
            stop = threading.Event()

            def watch():
                while not stop.is_set():
                    info = watcher.get_flight_info(flight.FlightDescriptor.for_command(query(
                        "SELECT count(*) AS n, min(percent) AS least, max(percent) AS most FROM skein_progress()")))
                    seen.extend(watcher.do_get(info.endpoints[0].ticket).read_all().to_pylist())

            watching = threading.Thread(target=watch)
            watching.start()
            try:
                done, told = to_end(session, poll(session, sql, headers), headers)
            finally:
                stop.set()
                watching.join(60)
        assert any(row["n"] > 0 for row in seen), "the query was not cut"
        shares = [share for share in told if share is not None]
        assert shares == sorted(shares) and all(0 <= share <= 1 for share in shares)
        assert len(done.tickets) == 2 and read(server, done) == whole


def test_a_cut_query_is_cancelled_while_it_is_polled(start_server):
    server = start_server(settings={"cluster": "local:2"})
    with Session(server) as session:
        for setting in ("skein_distributed = 'on'", "skein_split_rows = 2000", "broadcast_threshold_mb = 0"):
            session.run(f"SET {setting}")
        running = poll(session, "SELECT count(*) AS n FROM lineitem a JOIN lineitem b ON a.l_linenumber = b.l_linenumber "
                                "JOIN lineitem c ON b.l_linenumber = c.l_linenumber WHERE hash(a.l_orderkey, b.l_orderkey, c.l_orderkey) = 7")
        assert running.next
        assert session.act("CancelFlightInfo", field(1, running.info)) == [b"\x08\x01"]
        active = "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%hash(a.l_orderkey%' AND query NOT LIKE '%activity%'"
        with flight.connect(server.flight_uri) as watcher:
            def gone():
                info = watcher.get_flight_info(flight.FlightDescriptor.for_command(query(active)))
                return watcher.do_get(info.endpoints[0].ticket).read_all()["n"].to_pylist() == [0]

            wait_until(gone, 60, "it goes on")
        done, _ = to_end(session, poll(session, "SELECT count(*) AS n FROM lineitem"))
        assert read(server, done).num_rows == 1
