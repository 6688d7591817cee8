"""Starts a server for a test, on free ports, and stops it by its own process id.

    with SkeinServer(data_dir, tmp_path, settings={"query_timeout": "2s"}) as server:
        server.connect_pg() ... server.get("/health") ... server.connect_flight() ... server.log()
"""

import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("SKEIN_BIN", str(ROOT / "build" / "bin" / "skein"))
START_SECONDS = 30
STOP_SECONDS = 20
# Settings of whoever runs the tests must not reach the servers under test.
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                    "LSAN_OPTIONS", "SSL_CERT_FILE", "SSL_CERT_DIR")


def deps():
    """What scripts/setup and scripts/setup-clients wrote down: SKEIN_CACHE, SKEIN_EXTENSION_DIR, SKEIN_PGJDBC, ..."""
    lines = (ROOT / "build" / "deps.env").read_text().splitlines()
    if (clients := ROOT / "build" / "clients.env").exists():
        lines += clients.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def clean_environment(extra=None):
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {**kept, **(extra or {})}


class StartError(Exception):
    """The server ended, or stayed silent, before it listened. Holds its standard error."""


class SkeinServer:
    """One server process. Doors' ports are in `ports` ("pg", "http", "flight"); a shut door has none."""

    def __init__(self, data_dir, work_dir, settings=None, environment=None, arguments=()):
        self.data_dir = str(data_dir)
        self.work_dir = pathlib.Path(work_dir)
        self.settings = {"pg_port": 0, "http_port": 0, "flight_sql_port": 0, **(settings or {})}
        self.environment = environment or {}
        self.arguments = list(arguments)
        self.ports = {}
        self.start_seconds = START_SECONDS
        self.process = None
        self.extra_stdout = []

    def command(self):
        flags = [PROGRAM, "serve", "--data-dir", self.data_dir]
        for name, value in self.settings.items():
            flags += ["--" + name.replace("_", "-"), str(value)]
        return flags + self.arguments

    def start(self):
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self.log_path = self.work_dir / "stderr.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env=clean_environment(self.environment), cwd=self.work_dir)
        lines = queue.Queue()

        def read():
            for line in self.process.stdout:
                lines.put(line.decode())
            lines.put(None)

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        self.lines = lines
        try:
            line = lines.get(timeout=self.start_seconds)
        except queue.Empty:
            line = None
        if line is None or not line.startswith("listening "):
            self.process.kill()
            self.process.wait()
            raise StartError(f"the server printed {line!r} and logged:\n{self.log()}")
        for door, port in re.findall(r"(\w+)=\S*:(\d+)", line):
            self.ports[door] = int(port)
        return self

    def stop(self, expect_clean=True, timeout=STOP_SECONDS):
        """Asks to stop; a stop that is late or not clean fails the test. Does nothing when it ended before."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "still running"
        self.reader.join(5)
        process, self.process = self.process, None
        self.extra_stdout = [line for line in self.drain_stdout() if line]
        process.stdout.close()
        if expect_clean:
            assert status == 0, f"the server ended with {status} and logged:\n{self.log()[-4000:]}"
            assert not self.extra_stdout, f"standard output is for one line only: {self.extra_stdout}"

    def drain_stdout(self):
        found = []
        while not self.lines.empty():
            found.append(self.lines.get())
        return found

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop(expect_clean=kind is None)

    # What the tests look at.

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for_log(self, pattern, seconds=10):
        """The log is written by a thread of its own: waits until a line matches, and returns the match."""
        return wait_until(lambda: re.search(pattern, self.log()), seconds, f"no log line matches {pattern}")

    def rss_bytes(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the server is gone")

    # Clients.

    @property
    def http_url(self):
        return f"http://127.0.0.1:{self.ports['http']}"

    @property
    def flight_uri(self):
        return f"grpc://127.0.0.1:{self.ports['flight']}"

    def pg_conninfo(self, **options):
        words = {"host": "127.0.0.1", "port": self.ports["pg"], "user": "tester", "dbname": "skein",
                 "connect_timeout": 10, **options}
        return " ".join(f"{name}={value}" for name, value in words.items())

    def connect_pg(self, autocommit=True, **options):
        import psycopg
        return psycopg.connect(self.pg_conninfo(**options), autocommit=autocommit)

    def connect_flight(self, **options):
        import adbc_driver_flightsql.dbapi
        return adbc_driver_flightsql.dbapi.connect(self.flight_uri, autocommit=True, **options)

    def request(self, method, path, body=None, headers=None, timeout=60):
        """(status, headers, text); a refusal is an answer, not an exception."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.http_url + path, data=data, method=method, headers={
            **({"Content-Type": "application/json"} if data is not None else {}), **(headers or {})})
        # No proxy of the environment may stand between.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read().decode(errors="replace")

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def query_http(self, sql, headers=None):
        """The rows of POST /query as a list of dictionaries."""
        status, _, text = self.request("POST", "/query", {"sql": sql}, headers)
        assert status == 200, f"{status}: {text}"
        return json.loads(text)["result"]

    def assert_answers(self):
        """Each door that is open still answers."""
        if "pg" in self.ports:
            with self.connect_pg() as connection:
                assert connection.execute("SELECT 40 + 2").fetchone() == (42,)
        if "http" in self.ports:
            assert self.query_http("SELECT 40 + 2 AS n") == [{"n": 42}]
        if "flight" in self.ports:
            with self.connect_flight() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 40 + 2 AS n")
                assert cursor.fetchone() == (42,)


def wait_until(condition, seconds=10, message="the condition did not come true"):
    """Polls, because what is waited for happens in another process; returns the condition's value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, message
        time.sleep(0.02)
