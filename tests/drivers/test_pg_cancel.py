"""A cancel and statement_timeout end a statement at every stage, soon."""

import socket
import struct
import threading
import time

import pytest

from raw_pg import RawPg

SOON = 0.2
# What the machine may be late by when other tests keep it busy; the server's own part is far below.
SLACK = 0.8

LONG = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(1000000) b(i)"
ROWS = "SELECT range, repeat('x', 50) FROM range(1000000000)"


@pytest.fixture
def raw(server):
    raw = RawPg(server.ports["pg"], minor=2)
    yield raw
    raw.close()


def cancel(server, raw):
    with socket.create_connection(("127.0.0.1", server.ports["pg"]), timeout=10) as other:
        other.sendall(struct.pack("!II", 8 + len(raw.key), 80877102) + raw.key)
        assert other.recv(1) == b""


def cancelled(server, raw, wait=0.3):
    """Cancels after a while and returns the error with how long it took to come."""
    sent = []

    def fire():
        sent.append(time.monotonic())
        cancel(server, raw)

    timer = threading.Timer(wait, fire)
    timer.start()
    try:
        answers = raw.until_ready()
        return RawPg.error(answers), time.monotonic() - sent[0]
    finally:
        timer.join()


def explicit(*messages):
    return [*messages, RawPg.sync()]


@pytest.mark.parametrize("stage", ["running", "sorting", "cursor", "move", "execute", "drained"])
def test_cancel(server, raw, stage):
    raw.query("BEGIN")
    if stage == "running":
        raw.send(*explicit(raw.parse("", LONG), raw.bind("", ""), raw.execute("")))
    elif stage == "sorting":
        raw.send(*explicit(raw.parse("", "SELECT hash(range) h FROM range(1000000000) ORDER BY h LIMIT 10 OFFSET 900000000"), raw.bind("", ""), raw.execute("")))
    elif stage == "cursor":
        raw.send(*explicit(raw.parse("", f"DECLARE c CURSOR FOR {LONG}"), raw.bind("", ""), raw.execute(""),
                           raw.parse("", "FETCH c"), raw.bind("", ""), raw.execute("")))
    elif stage == "move":
        raw.query(f"DECLARE c CURSOR FOR {ROWS}")
        raw.send(*explicit(raw.parse("", "MOVE ALL FROM c"), raw.bind("", ""), raw.execute("")))
    elif stage == "execute":
        raw.query(f"PREPARE long AS {LONG}")
        raw.send(*explicit(raw.parse("", "EXECUTE long"), raw.bind("", ""), raw.execute("")))
    else:
        # A cursor's rest is put aside for another statement.
        raw.query(f"DECLARE c CURSOR FOR {ROWS}")
        raw.send(*explicit(raw.parse("", "SELECT 1"), raw.bind("", ""), raw.execute("")))
    error, seconds = cancelled(server, raw)
    assert error["C"] == "57014", error
    assert seconds < SOON + SLACK
    assert raw.query("ROLLBACK")[-1][1] == b"I"
    assert RawPg.rows(raw.query("SELECT 42")) == [["42"]]


def test_cancel_reaches_a_portal_that_goes_on(server, raw):
    raw.query("BEGIN")
    raw.send(raw.parse("", ROWS), raw.bind("p", ""), raw.execute("p", 5), raw.sync())
    assert len(RawPg.rows(raw.until_ready())) == 5
    # An idle session has nothing to cancel; the portal lives.
    cancel(server, raw)
    raw.send(raw.execute("p", 5), raw.sync())
    assert len(RawPg.rows(raw.until_ready())) == 5
    raw.send(raw.execute("p", 0), raw.sync())
    sent = []
    timer = threading.Timer(0.3, lambda: (sent.append(time.monotonic()), cancel(server, raw)))
    timer.start()
    error = None
    while (answer := raw.receive())[0] != "Z":
        if answer[0] == "E":
            error = RawPg.error([answer])
    timer.join()
    assert error["C"] == "57014"
    assert time.monotonic() - sent[0] < 5  # the rows under way have to be read first


def test_statement_timeout_counts_each_execute(server, raw):
    raw.query("SET statement_timeout = 400")
    raw.query("BEGIN")
    raw.send(raw.parse("", ROWS), raw.bind("p", ""), raw.execute("p", 5), raw.sync())
    raw.until_ready()
    for _ in range(4):
        time.sleep(0.15)
        raw.send(raw.execute("p", 5), raw.sync())
        assert len(RawPg.rows(raw.until_ready())) == 5
    raw.query("ROLLBACK")
    started = time.monotonic()
    error = RawPg.error(raw.query(LONG))
    assert (error["C"], "timeout" in error["M"]) == ("57014", True)
    assert time.monotonic() - started < 0.4 + SOON + SLACK
    raw.query("BEGIN")
    raw.query(f"DECLARE c CURSOR FOR {ROWS}")
    assert RawPg.error(raw.query("MOVE ALL FROM c"))["C"] == "57014"
    raw.query("ROLLBACK")
