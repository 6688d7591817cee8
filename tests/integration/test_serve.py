"""`skein serve` as a process: its settings, its start and stop, its log and metrics, who gets in, what clients cost."""

import base64
import contextlib
import json
import os
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.request

import adbc_driver_flightsql.dbapi as flight
import psycopg
import psycopg.pq
import pytest

from skein_server import PROGRAM, SkeinServer, StartError, clean_environment, wait_until

ENDLESS = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)"


def serve(*arguments, environment=None, cwd=None):
    """Runs a server that must not start; its exit status, standard output and standard error."""
    done = subprocess.run([PROGRAM, "serve", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=20, env=clean_environment(environment), cwd=cwd)
    return done.returncode, done.stdout, done.stderr


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


# Settings.

WRONG = [
    ("pg_port", "PG_PORT", "banana"),
    ("pg_port", "PG_PORT", "70000"),
    ("http_port", "HTTP_PORT", "-1"),
    ("max_message_bytes", "MAX_MESSAGE_BYTES", "12 parsecs"),
    ("query_timeout", "QUERY_TIMEOUT", "soon"),
    ("tls", "TLS", "maybe"),
    ("log_level", "LOG_LEVEL", "loud"),
    ("data_dir", "DATA_DIR", "/nowhere/at/all"),
]


@pytest.mark.parametrize("source", ["flag", "environment", "toml"])
@pytest.mark.parametrize("name,variable,value", WRONG, ids=[f"{name}={value}" for name, _, value in WRONG])
def test_wrong_setting(tmp_path, data_dir, source, name, variable, value):
    ports = dict(zip(("pg_port", "http_port", "flight_sql_port"), free_ports(3)))
    given = {**ports, "data_dir": data_dir}
    given.pop(name, None)
    arguments = [word for key, text in given.items() for word in ("--" + key.replace("_", "-"), text)]
    environment = {}
    if source == "flag":
        arguments.append(f"--{name.replace('_', '-')}={value}")
    elif source == "environment":
        environment[variable] = value
    else:
        (tmp_path / "skein.toml").write_text(f'{name} = "{value}"\n')
    status, out, err = serve(*arguments, environment=environment, cwd=tmp_path)
    assert status != 0 and out == ""
    assert name in err and value in err, err
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1)


def test_unknown_settings_get_a_suggestion(tmp_path):
    status, _, err = serve("--pg-prot", "1")
    assert status != 0 and "--pg-prot" in err and "--pg-port" in err
    (tmp_path / "skein.toml").write_text("pg_prot = 1\n")
    status, _, err = serve(cwd=tmp_path)
    assert status != 0 and "pg_prot" in err and "pg_port" in err and "line 1" in err
    (tmp_path / "skein.toml").write_text("pg_port = = 1\n")
    status, _, err = serve(cwd=tmp_path)
    assert status != 0 and "skein.toml" in err and "line 1" in err


def test_open_to_the_network_without_users_is_refused(data_dir):
    status, out, err = serve("--data-dir", data_dir, "--host", "*", "--pg-port", 0, "--http-port", 0,
                             "--flight-sql-port", 0)
    assert status != 0 and out == ""
    assert "users" in err


@pytest.mark.parametrize("door,setting", [("pg", "pg_port"), ("http", "http_port")])
def test_port_in_use(server, tmp_path, data_dir, door, setting):
    port = server.ports[door]
    with pytest.raises(StartError) as raised:
        SkeinServer(data_dir, tmp_path / "second", settings={setting: port}).start()
    assert str(port) in str(raised.value) and setting in str(raised.value), raised.value
    server.assert_answers()


# The end.


def test_graceful_stop_lets_a_running_query_finish(start_server):
    server = start_server()
    idle = server.connect_pg()
    with server.connect_pg() as reader:
        rows = reader.cursor().stream("SELECT range AS i, repeat('x', 100000) AS s FROM range(1000)")
        assert next(rows)[0] == 0
        os.kill(server.pid, signal.SIGTERM)
        server.wait_for_log("stopping")
        with pytest.raises(psycopg.OperationalError):
            server.connect_pg()
        # Who asks whether to send more is answered; who sends more is refused.
        assert server.request("GET", "/health")[0] == 200
        assert server.request("GET", "/ready")[0] == 503
        assert server.request("POST", "/query", {"sql": "SELECT 1"})[0] == 503
        with pytest.raises(flight.Error), server.connect_flight() as refused, refused.cursor() as cursor:
            cursor.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
        assert server.alive()
        assert sum(1 for _ in rows) == 999
    idle.close()
    assert server.process.wait(10) == 0


def test_grace_exceeded(start_server):
    server = start_server(settings={"shutdown_grace": "1s"})
    answers = {}

    def run(name, ask):
        try:
            answers[name] = ask()
        except Exception as error:  # whichever: the test looks at it
            answers[name] = error

    def ask_flight():
        connection = server.connect_flight()
        try:
            cursor = connection.cursor()
            cursor.execute(ENDLESS)
            return cursor.fetchall()
        except flight.Error as error:
            return error
        finally:
            # Closing asks the server, too, which may be gone by now.
            with contextlib.suppress(flight.Error):
                connection.close()

    askers = [threading.Thread(target=run, args=pair) for pair in (
        ("pg", lambda: server.connect_pg().execute(ENDLESS)),
        ("http", lambda: server.request("POST", "/query", {"sql": ENDLESS})),
        ("flight", ask_flight))]
    for asker in askers:
        asker.start()
    wait_until(lambda: re.search(r"^skein_active_queries 3", server.get("/metrics")[2], re.MULTILINE))
    began = time.monotonic()
    os.kill(server.pid, signal.SIGTERM)
    for asker in askers:
        asker.join(20)
    assert server.process.wait(10) == 0
    assert 0.9 < time.monotonic() - began < 8
    assert isinstance(answers["pg"], psycopg.Error) and answers["pg"].sqlstate == "57P01", answers["pg"]
    assert answers["http"][0] == 503, answers["http"]
    assert isinstance(answers["flight"], flight.Error) and "57P01" in str(answers["flight"]), answers["flight"]


def test_a_client_that_does_not_read_cannot_hold_up_the_stop(start_server):
    server = start_server(settings={"shutdown_grace": "1s"})
    with contextlib.closing(server.connect_pg()) as connection:
        connection.pgconn.send_query(b"SELECT range AS i, repeat('x', 1000) AS s FROM range(1000000000)")
        wait_until(lambda: re.search(r"^skein_active_queries 1", server.get("/metrics")[2], re.MULTILINE))
        os.kill(server.pid, signal.SIGTERM)
        assert server.process.wait(12) == 0


def test_interrupt_stops_as_well(start_server):
    server = start_server()
    os.kill(server.pid, signal.SIGINT)
    assert server.process.wait(10) == 0


# What can be seen from outside.


def test_metrics(server):
    server.assert_answers()
    status, headers, text = server.get("/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain")
    for name in ("skein_queries_total", "skein_query_duration_seconds_bucket", "skein_sessions",
                 "skein_sessions_total", "skein_result_rows_total", "skein_result_bytes_total", "skein_errors_total",
                 "skein_active_queries", "skein_memory_bytes", "skein_build_info", "tavana_active_queries",
                 "tavana_query_duration_seconds_bucket", "tavana_query_queue_depth",
                 "tavana_query_queue_wait_seconds_bucket", "tavana_worker_memory_bytes"):
        assert re.search(rf"^{name}[ {{]", text, re.MULTILINE), name
    for door in ("pg", "http", "flightsql"):
        line = re.search(rf'^skein_queries_total{{door="{door}",status="ok"}} (\S+)', text, re.MULTILINE)
        assert line and float(line.group(1)) >= 1, door


def ask_each_door(server, sql):
    with server.connect_pg() as connection:
        connection.execute(sql).fetchall()
    server.query_http(sql)
    with server.connect_flight() as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.fetchall()


def test_one_log_line_per_query(start_server):
    server = start_server()
    ask_each_door(server, "SELECT range AS logged_once FROM range(7)")

    def lines():
        return re.findall(r"^.*logged_once.*$", server.log(), re.MULTILINE)

    wait_until(lambda: len(lines()) >= 3)
    server.stop()
    found = lines()
    assert len(found) == 3
    assert len({re.search(r" door=(\w+)", line).group(1) for line in found}) == 3
    assert len({re.search(r" id=([0-9a-f-]{36})", line).group(1) for line in found}) == 3
    for line in found:
        assert "level=info msg=query" in line and " rows=7 " in line and " sqlstate=00000 " in line, line
        assert int(re.search(r" bytes=(\d+)", line).group(1)) > 0, line
        assert int(re.search(r" duration_us=(\d+)", line).group(1)) > 0, line
    users = {re.search(r" door=(\w+)", line).group(1): re.search(r" user=(\S+)", line).group(1) for line in found}
    assert users["pg"] == "tester" and users["http"] == "anonymous"


def test_failed_query_is_logged_with_its_error(start_server):
    server = start_server()
    status, _, _ = server.request("POST", "/query", {"sql": "SELECT 'no number'::INTEGER + range FROM range(3)"})
    assert status == 400
    line = server.wait_for_log(r"(?m)^.*msg=query.*no number.*$").group(0)
    assert " sqlstate=22" in line and " error_class=invalid_argument" in line and " error=" in line


def test_json_log(start_server):
    server = start_server(settings={"log_format": "json"})
    ask_each_door(server, "SELECT 'as json' AS logged")
    wait_until(lambda: server.log().count("as json") >= 3)
    entries = [json.loads(line) for line in server.log().splitlines()]
    queries = [entry for entry in entries if entry["msg"] == "query"]
    assert len(queries) == 3
    for entry in queries:
        assert entry["rows"] == 1 and entry["user"] and entry["sql"] == "SELECT 'as json' AS logged"


# Paths in SQL.

def test_relative_paths_start_at_the_data_directory(start_server, tmp_path):
    for name in ("first", "second"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / f"{name}.csv").write_text(f"a\n{name}\n")
    (tmp_path / "outside.csv").write_text("a\nsecret\n")
    server = start_server(data_dir=f"{tmp_path}/first:{tmp_path}/second")
    for name in ("first", "second"):
        assert server.query_http(f"SELECT a FROM read_csv('sub/{name}.csv')") == [{"a": name}]
    server.query_http("COPY (SELECT 7 AS seven) TO 'sub/written.parquet'")
    assert (tmp_path / "first" / "sub" / "written.parquet").exists()
    assert server.query_http("SELECT * FROM 'sub/written.parquet'") == [{"seven": 7}]
    for escape in ("../outside.csv", "sub/../../outside.csv"):
        status, _, text = server.request("POST", "/query", {"sql": f"SELECT * FROM read_csv('{escape}')"})
        assert status == 403 and "secret" not in text, text


# Who gets in.

PASSWORD = "correct höçse: battery/staple"


@pytest.fixture
def users_file(tmp_path):
    file = tmp_path / "users"
    subprocess.run([PROGRAM, "passwd", "ada", "--users-file", file], input=(PASSWORD + "\n").encode(), check=True,
                   env=clean_environment(), capture_output=True)
    return file


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def ask_flight_as(server, user, password):
    with server.connect_flight(db_kwargs={"username": user, "password": password}) as connection, \
            connection.cursor() as cursor:
        cursor.execute("SELECT 1 AS n")
        return cursor.fetchall()[0][0]  # to the end: one that is closed before it may count as cancelled


def test_password(start_server, users_file):
    assert PASSWORD not in users_file.read_text() and users_file.stat().st_mode & 0o077 == 0
    server = start_server(settings={"users_file": users_file})

    def pg(user, password):
        return psycopg.connect(host="127.0.0.1", port=server.ports["pg"], user=user, password=password, dbname="skein",
                               autocommit=True)

    with pg("ada", PASSWORD) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert server.query_http("SELECT 1 AS n", basic("ada", PASSWORD)) == [{"n": 1}]
    assert ask_flight_as(server, "ada", PASSWORD) == 1
    wait_until(lambda: len(re.findall(r" user=ada .* sqlstate=00000 ", server.log())) == 3)

    for user, password in (("ada", "wrong"), ("nobody", PASSWORD)):
        with pytest.raises(psycopg.OperationalError, match="(?i)password authentication failed") as raised:
            pg(user, password)
        assert "28P01" in str(raised.value) or raised.value.sqlstate in (None, "28P01")
        status, headers, _ = server.request("POST", "/query", {"sql": "SELECT 1"}, basic(user, password))
        assert status == 401 and "Basic" in headers["WWW-Authenticate"]
        with pytest.raises(flight.Error, match="(?i)UNAUTHENTICATED"):
            ask_flight_as(server, user, password)
    status, _, _ = server.request("POST", "/query", {"sql": "SELECT 1"})
    assert status == 401
    with pytest.raises(flight.Error, match="(?i)UNAUTHENTICATED"), server.connect_flight() as connection, \
            connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert PASSWORD not in server.log() and base64.b64encode(f"ada:{PASSWORD}".encode()).decode() not in server.log()


def test_a_running_server_takes_a_new_password(start_server, users_file):
    server = start_server(settings={"users_file": users_file})
    assert server.query_http("SELECT 1 AS n", basic("ada", PASSWORD)) == [{"n": 1}]
    subprocess.run([PROGRAM, "passwd", "ada", "--users-file", users_file], input=b"another\n", check=True,
                   env=clean_environment(), capture_output=True)

    def status(password):
        return server.request("POST", "/query", {"sql": "SELECT 1"}, basic("ada", password))[0]

    wait_until(lambda: status("another") == 200)
    assert status(PASSWORD) == 401


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return {"tls_cert": folder / "cert.pem", "tls_key": folder / "key.pem"}


def get_https(server, certificate, path):
    context = ssl.create_default_context(cafile=certificate["tls_cert"])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(f"https://127.0.0.1:{server.ports['http']}{path}", timeout=10) as answer:
        return answer.read()


def test_tls(start_server, certificate):
    server = start_server(settings=certificate)
    for mode in ("require", "verify-full"):
        with server.connect_pg(sslmode=mode, sslrootcert=certificate["tls_cert"]) as connection:
            assert connection.pgconn.ssl_in_use
            assert connection.execute("SELECT sum(range)::BIGINT FROM range(100000)").fetchone() == (4999950000,)
    with server.connect_pg(sslmode="disable") as connection:
        assert not connection.pgconn.ssl_in_use
    assert get_https(server, certificate, "/health") == b"ok"
    options = {"adbc.flight.sql.client_option.tls_root_certs": certificate["tls_cert"].read_text()}
    with flight.connect(f"grpc+tls://127.0.0.1:{server.ports['flight']}", db_kwargs=options,
                        autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 42 AS n")
        assert cursor.fetchone() == (42,)


def test_tls_required(start_server, certificate):
    server = start_server(settings={**certificate, "tls": "require"})
    with server.connect_pg(sslmode="require") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        server.connect_pg(sslmode="disable")
    assert get_https(server, certificate, "/health") == b"ok"
    try:
        assert server.request("POST", "/query", {"sql": "SELECT 1"})[0] >= 400
    except OSError:
        pass  # closed without a word is a refusal, too


def test_tls_settings_that_do_not_fit(tmp_path, data_dir, certificate):
    ports = ["--pg-port", 0, "--http-port", 0, "--flight-sql-port", 0, "--data-dir", data_dir]
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for arguments, words in (
            (["--tls", "require"], ["tls"]),
            (["--tls-cert", certificate["tls_cert"]], ["tls_cert", "tls_key"]),
            (["--tls-cert", wrong, "--tls-key", certificate["tls_key"]], [str(wrong)])):
        status, out, err = serve(*ports, *arguments, cwd=tmp_path)
        assert status != 0 and out == "" and all(word in err for word in words), err


# What clients cost.

IDLE = 1000


def test_idle_connections_are_cheap(start_server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard != resource.RLIM_INFINITY else 65536, hard))
    clients = []
    try:
        server = start_server()
        server.assert_answers()

        def connect(count):
            for _ in range(count):
                client = socket.create_connection(("127.0.0.1", server.ports["pg"]), 10)
                clients.append(client)
                client.sendall(struct.pack("!II", 17, 196608) + b"user\0me\0\0")
                answer = b""
                while not answer.endswith(b"Z\0\0\0\x05I"):
                    piece = client.recv(4096)
                    assert piece, answer
                    answer += piece

        connect(50)
        before = server.rss_bytes()
        connect(IDLE)
        each = (server.rss_bytes() - before) / IDLE
        assert each < 64 * 1024, f"{each:.0f} bytes for each idle connection"
        server.assert_answers()
        wait_until(lambda: f'skein_sessions{{door="pg"}} {IDLE + 50}' in server.get("/metrics")[2])
    finally:
        for client in clients:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    wait_until(lambda: 'skein_sessions{door="pg"} 0' in server.get("/metrics")[2])


def test_an_idle_server_gives_memory_back(start_server):
    server = start_server(settings={"threads": 2})
    server.assert_answers()
    before = server.rss_bytes()
    with contextlib.closing(server.connect_pg()) as connection:
        connection.execute("SELECT count(*) FROM (SELECT range % 3000000 AS k, count(*) FROM range(6000000) GROUP BY k)")
        assert server.rss_bytes() - before > 100 << 20
        # Freed memory goes when nothing has been asked for some seconds.
        wait_until(lambda: server.rss_bytes() - before < 60 << 20, 30, "the memory was not given back")


def test_slow_reader_of_a_billion_rows_costs_no_memory(start_server):
    server = start_server()
    server.assert_answers()
    before = most = server.rss_bytes()
    with contextlib.closing(server.connect_pg()) as connection:
        raw = connection.pgconn
        raw.send_query(b"SELECT range AS i, 'some text ' || range AS s FROM range(1000000000)")
        raw.set_single_row_mode()
        until = time.monotonic() + 4
        count = 0
        while time.monotonic() < until:
            result = raw.get_result()
            assert result.status == psycopg.pq.ExecStatus.SINGLE_TUPLE
            assert result.get_value(0, 0) == str(count).encode()
            count += 1
            if count % 100 == 0:
                time.sleep(0.01)
                most = max(most, server.rss_bytes())
        assert count > 1000
    assert most - before < 200 << 20, f"{(most - before) >> 20} MB"
    wait_until(lambda: re.search(r"^skein_active_queries 0", server.get("/metrics")[2], re.MULTILINE), 15)
