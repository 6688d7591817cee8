"""What a server meets on an open port: noise, halves of messages, lies about lengths, clients that vanish, and
statements that reach for what is not theirs. After each the server answers on every door."""

import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys

import adbc_driver_flightsql.dbapi as flight
import psycopg
import pytest

from skein_server import clean_environment, wait_until

DOORS = ["pg", "http", "flight"]
# Far more than any buffer between the server and a client holds; left unread, the query stays open.
LARGE = "SELECT range AS i, repeat('x', 200) AS s FROM range(1000000000)"


@pytest.fixture(autouse=True)
def still_answers(server):
    yield
    server.assert_answers()


def active_queries(server):
    status, _, text = server.get("/metrics")
    assert status == 200
    return float(re.search(r"^skein_active_queries (\S+)", text, re.MULTILINE).group(1))


def dial(server, door, timeout=10):
    return socket.create_connection(("127.0.0.1", server.ports[door]), timeout)


def read_to_end(connection):
    """All that the server still says. A reset is an end, too; silence beyond the timeout fails."""
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionError:
        pass
    return answer


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def startup(**parameters):
    words = b"".join(f"{name}\0{value}\0".encode() for name, value in {"user": "raw", **parameters}.items())
    return struct.pack("!II", len(words) + 9, 196608) + words + b"\0"


def read_message(stream):
    kind = stream.read(1)
    assert kind, "the server closed the connection"
    return kind, stream.read(struct.unpack("!I", stream.read(4))[0] - 4)


class RawPg:
    """A PostgreSQL client that says what it is told, wrong or not."""

    def __init__(self, server):
        self.socket = dial(server, "pg")
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(startup())
        self.until_ready()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stream.close()
        self.socket.close()

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def until_ready(self):
        found = []
        while not found or found[-1][0] != b"Z":
            found.append(read_message(self.stream))
        return found

    def error_states(self):
        """The SQLSTATEs of the errors up to the next ReadyForQuery."""
        return [re.search(rb"\0C(\w{5})\0", b"\0" + body).group(1).decode()
                for kind, body in self.until_ready() if kind == b"E"]


# Noise.


@pytest.mark.parametrize("door", DOORS)
def test_garbage(server, door):
    noise = random.Random(17)
    for size in (1, 7, 8, 100, 5000, 200_000):
        with dial(server, door) as connection:
            try:
                connection.sendall(noise.randbytes(size))
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                continue  # closed at once
            read_to_end(connection)


HALVES = {
    "pg": [startup()[:3], startup()[:12], startup()[:-1], startup() + b"Q", startup() + b"Q\0\0\0\x20SELECT",
           startup() + message(b"P", b"s\0SELECT 1")[:9]],
    "http": [b"P", b"POST /query HT", b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Le",
             b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"sql\": \"SEL",
             b"POST /query HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{\"sql\""],
    "flight": [b"PRI * HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04"],
}


@pytest.mark.parametrize("door", DOORS)
def test_half_messages_then_close(server, door):
    for half in HALVES[door]:
        with dial(server, door) as connection:
            connection.sendall(half)


@pytest.mark.parametrize("first", [
    struct.pack("!II", 100_000_000, 196608),
    struct.pack("!iI", -5, 196608),
    struct.pack("!II", 3, 196608),
    struct.pack("!II", 0, 196608),
], ids=["too long", "negative", "shorter than itself", "zero"])
def test_pg_startup_with_a_wrong_length(server, first):
    with dial(server, "pg") as connection:
        connection.sendall(first + b"x" * 64)
        answer = read_to_end(connection)
        assert answer == b"" or answer.startswith(b"E"), answer


@pytest.mark.parametrize("length", [-1, 0, 3, 0x7FFFFFFF, 300 << 20])
def test_pg_message_with_a_wrong_length(server, length):
    with RawPg(server) as client:
        client.send(b"Q" + struct.pack("!i", length) + b"SELECT 1\0")
        answer = read_to_end(client.socket)
        assert b"FATAL" in answer and b"\0C08P01\0" in answer or b"\0C54000\0" in answer, answer


def test_pg_unknown_message_kind(server):
    with RawPg(server) as client:
        client.send(message(b"~", b"what"))
        assert b"\0C08P01\0" in read_to_end(client.socket)


@pytest.mark.parametrize("header", [
    b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"GET /health HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
], ids=["negative length", "huge length", "two lengths", "version", "long target"])
def test_http_refuses(server, header):
    with dial(server, "http") as connection:
        connection.sendall(header)
        connection.shutdown(socket.SHUT_WR)
        answer = read_to_end(connection)
        assert answer == b"" or re.match(rb"HTTP/1.1 (4|5)\d\d ", answer), answer[:200]


# Clients that vanish.


def vanish_pg(server):
    with RawPg(server) as client:
        client.send(message(b"Q", LARGE.encode() + b"\0"))
        assert client.stream.read(100_000)
        wait_until(lambda: active_queries(server) >= 1)


def vanish_http(server):
    body = json.dumps({"sql": LARGE}).encode()
    with dial(server, "http") as connection:
        connection.sendall(b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        assert connection.recv(100_000).startswith(b"HTTP/1.1 200")
        wait_until(lambda: active_queries(server) >= 1)


def vanish_flight(server):
    program = ("import sys, time, adbc_driver_flightsql.dbapi as d\n"
               "c = d.connect(sys.argv[1], autocommit=True).cursor()\n"
               "c.execute(sys.argv[2]); c.fetchone(); print('reading', flush=True); time.sleep(60)\n")
    with subprocess.Popen([sys.executable, "-c", program, server.flight_uri, LARGE], stdout=subprocess.PIPE,
                          env=clean_environment()) as client:
        assert client.stdout.readline() == b"reading\n"
        wait_until(lambda: active_queries(server) >= 1)
        client.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("vanish", [vanish_pg, vanish_http, vanish_flight], ids=DOORS)
def test_a_client_vanishes_amid_a_large_result(server, vanish):
    wait_until(lambda: active_queries(server) == 0, 15)
    vanish(server)
    wait_until(lambda: active_queries(server) == 0, 15, "the query of a client that is gone goes on")


def test_a_pg_client_vanishes_before_the_first_row(server):
    wait_until(lambda: active_queries(server) == 0, 15)
    with RawPg(server) as client:
        client.send(message(b"Q", b"SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)\0"))
        wait_until(lambda: active_queries(server) == 1)
    wait_until(lambda: active_queries(server) == 0, 15, "the query of a client that is gone goes on")


# Texts.


def test_pg_query_of_100_megabytes(server):
    with server.connect_pg() as connection:
        sql = "SELECT length('" + "x" * 100_000_000 + "')"
        try:
            assert connection.execute(sql).fetchone() == (100_000_000,)
        except psycopg.Error as error:
            assert error.sqlstate in ("54000", "53200"), error
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("text", [b"SELECT '\xff\xfe'", b"SELECT '\xc3'", b"SELECT '\xed\xa0\x80'", b"\x80"])
def test_invalid_utf8(server, text):
    with RawPg(server) as client:
        client.send(message(b"Q", text + b"\0"))
        assert client.error_states() == ["22021"]
        client.send(message(b"P", b"\0" + text + b"\0\0\0"), message(b"S"))
        assert client.error_states() == ["22021"]
    body = b'{"sql": "' + text + b'"}'
    status, _, answer = server.request("POST", "/query", body)
    assert 400 <= status < 500, answer


# Messages out of order.


@pytest.mark.parametrize("parts,state", [
    ([message(b"E", b"nothing\0\0\0\0\0")], "34000"),
    ([message(b"B", b"\0nothing\0\0\0\0\0\0\0")], "26000"),
    ([message(b"D", b"Snothing\0")], "26000"),
    ([message(b"D", b"Pnothing\0")], "34000"),
    ([message(b"D", b"Xnothing\0")], "08P01"),
    ([message(b"P", b"s\0SELECT 1\0\0\0"), message(b"P", b"s\0SELECT 2\0\0\0")], "42P05"),
    ([message(b"P", b"\0SELECT $1::INT\0\0\0"), message(b"B", b"\0\0\0\0\0\0\0\0")], "08P01"),
], ids=["execute", "bind", "describe statement", "describe portal", "describe what", "parse twice", "too few values"])
def test_pg_messages_out_of_order(server, parts, state):
    with RawPg(server) as client:
        # After an error all is skipped up to Sync.
        client.send(*parts, message(b"E", b"skipped\0\0\0\0\0"), message(b"S"))
        assert client.error_states() == [state]
        client.send(message(b"Q", b"SELECT 1\0"))
        assert client.error_states() == []


def test_pg_sync_flood(server):
    with RawPg(server) as client:
        client.send(message(b"S") * 10_000)
        for _ in range(10_000):
            assert client.until_ready() == [(b"Z", b"I")]
        client.send(message(b"H") * 1000, message(b"C", b"Snothing\0") * 1000, message(b"S"))
        answer = client.until_ready()
        assert [kind for kind, _ in answer] == [b"3"] * 1000 + [b"Z"]


def test_pg_copy_data_without_copy(server):
    with RawPg(server) as client:
        client.send(message(b"d", b"1\n"), message(b"c"), message(b"f", b"no\0"), message(b"Q", b"SELECT 1\0"))
        assert client.error_states() == []


# What is not a client's to take.


class Refused(Exception):
    """The server's answer, whichever the door."""


def ask_pg(server, sql):
    with server.connect_pg() as connection:
        try:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise Refused(f"{error.sqlstate} {error}") from error


def ask_http(server, sql):
    status, _, text = server.request("POST", "/query", {"sql": sql})
    if status != 200:
        raise Refused(f"{status} {text}")
    return json.loads(text)["result"]


def ask_flight(server, sql):
    with server.connect_flight() as connection, connection.cursor() as cursor:
        try:
            cursor.execute(sql)
            return cursor.fetchall()
        except flight.Error as error:
            raise Refused(str(error)) from error


ASK = {"pg": ask_pg, "http": ask_http, "flight": ask_flight}

FORBIDDEN = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_text('{data}/../../../../../../../../etc/passwd')",
    "SELECT * FROM read_text('file:///etc/passwd')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_text('http://127.0.0.1:{http}/metrics')",
    "COPY (SELECT 1) TO '{outside}/x.csv'",
    "COPY (SELECT 1) TO '{data}/../../../../../../../..{outside}/x.csv'",
    "ATTACH '{outside}/x.db'",
    "ATTACH '{outside}/x.db' AS stolen (READ_ONLY)",
    "CREATE TABLE passwd AS FROM read_text('/etc/passwd')",
    "CREATE VIEW passwd AS FROM read_text('/etc/passwd')",
    "EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')",
    "EXPORT DATABASE '{outside}/exported'",
    "IMPORT DATABASE '{outside}/exported'",
    "INSTALL httpfs",
    "FORCE INSTALL httpfs FROM 'http://127.0.0.1:1/'",
    "LOAD spatial",
    "LOAD '{outside}/x.duckdb_extension'",
    "UPDATE EXTENSIONS",
    "SET memory_limit = '1MB'",
    "SET threads = 1",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET lock_configuration = false",
    "SET temp_directory = '{outside}'",
    "SET extension_directory = '{outside}'",
    "SET log_query_path = '{outside}/queries'",
    "SET profiling_output = '{outside}/profile'",
    "RESET memory_limit",
    "RESET lock_configuration",
    "SET GLOBAL TimeZone = 'Asia/Tokyo'",
    "SET GLOBAL threads = 1",
    "PRAGMA threads = 1",
    "PRAGMA enable_profiling = 'json'",
    "PRAGMA database_list; SET threads = 1",
    "CREATE PERSISTENT SECRET kept (TYPE http, BEARER_TOKEN 'x')",
    "CALL enable_logging()",
    "SELECT getenv('PATH')",
]


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_forbidden(server, data_dir, outside, door, statement):
    sql = statement.replace("{data}", str(data_dir)).replace("{outside}", str(outside)).replace(
        "{http}", str(server.ports["http"]))
    settings = "SELECT string_agg(name || '=' || value, ',' ORDER BY name) AS s FROM duckdb_settings() WHERE name IN " \
        "('threads', 'memory_limit', 'TimeZone', 'temp_directory', 'allowed_directories', 'lock_configuration')"
    before = server.query_http(settings)
    with pytest.raises(Refused) as raised:
        print(ASK[door](server, sql))
    # A refusal, not an accident of ours, and nothing of what was asked for.
    assert "root:" not in str(raised.value) and "SQLSTATE XX000" not in str(raised.value), raised.value
    assert not str(raised.value).startswith(("XX000", "500")), raised.value
    assert os.listdir(outside) == []
    assert server.query_http(settings) == before
