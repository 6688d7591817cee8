"""Measures Skein against DuckDB in process and PostgreSQL, side by side, and prints ratios (make bench).

    python bench/run.py [select1] [wide] [tpch] [memory]      all of them without arguments

Every figure is a ratio of medians from one run, the two sides taking turns, so that a machine whose speed drifts
changes both. The figures go into docs/benchmarks.md, one section for each part.
"""

import contextlib
import math
import os
import pathlib
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import adbc_driver_flightsql.dbapi as flightsql
import duckdb
import psycopg
from psycopg import pq

ROOT = pathlib.Path(__file__).resolve().parent.parent
SKEIN = ROOT / "build" / "bin" / "skein"
DATA = ROOT / "build" / "bench-data"
REPORT = ROOT / "docs" / "benchmarks.md"
THREADS = os.cpu_count()
POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def skein(data):
    """A server of the release build; yields its process and ports."""
    log = open(ROOT / "build" / "bench-server.log", "w")
    process = subprocess.Popen(
        [SKEIN, "serve", "--data-dir", data, "--pg-port", "0", "--http-port", "off", "--flight-sql-port", "0"],
        stdout=subprocess.PIPE, stderr=log, text=True)
    line = process.stdout.readline()
    ports = {name: int(port) for name, port in re.findall(r"(\w+)=[^ ]*:(\d+)", line)}
    try:
        yield process, ports
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def postgres():
    """A private PostgreSQL cluster with Debian's defaults; yields its port."""
    folder = tempfile.mkdtemp(prefix="bench-pg-")
    port = free_port()
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_postgres:
        shutil.chown(folder, "postgres", "postgres")
    control = [*as_postgres, POSTGRES / "pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log"]
    subprocess.run([*as_postgres, POSTGRES / "initdb", "-A", "trust", "-U", "postgres", "-D", f"{folder}/data"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*control, "-o", f"-p {port} -k {folder}", "start"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder)


def write_section(name, title, lines):
    text = REPORT.read_text() if REPORT.exists() else ""
    start, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    section = "\n".join([start, f"## {title}", "", *lines, "", end])
    if start in text:
        text = text[: text.index(start)] + section + text[text.index(end) + len(end):]
    else:
        text = text.rstrip() + "\n\n" + section + "\n"
    REPORT.write_text(text)
    print("\n".join([f"\n{title}", *lines]), flush=True)


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def take_turns(calls, rounds):
    """Median seconds of each call, the calls taking turns; the first round warms up and is not counted."""
    times = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            seconds = timed(call)
            if turn:
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def bench_select1():
    script = ROOT / "build" / "select1.sql"
    script.write_text("select 1;\n")

    def transactions_per_second(port, clients):
        out = subprocess.run(
            ["pgbench", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-n", "-M", "prepared", "-f", script,
             "-c", str(clients), "-j", str(THREADS), "-T", "3", "postgres"],
            check=True, capture_output=True, text=True).stdout
        return float(re.search(r"tps = ([0-9.]+)", out)[1])

    lines = ["| clients | Skein, per second | PostgreSQL 15, per second | ratio |", "|---|---|---|---|"]
    with skein(DATA) as (_, ports), postgres() as pg:
        for clients in (1, 16):
            figures = {"skein": [], "pg": []}
            for _ in range(3):
                figures["skein"].append(transactions_per_second(ports["pg"], clients))
                figures["pg"].append(transactions_per_second(pg, clients))
            ours, theirs = (statistics.median(figures[side]) for side in ("skein", "pg"))
            lines.append(f"| {clients} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} |")
    write_section("select1", "`SELECT 1`, prepared, pgbench", lines)


WIDE = ("SELECT range::BIGINT AS a, (range % 1000)::INTEGER AS b, 'name' || (range % 10000) AS c, "
        "(range * 0.5)::DOUBLE AS d FROM range(10000000)")


def drain_pg(port, sql, binary, user="postgres", dbname="postgres"):
    """Reads all rows through libpq row by row, as any C client would; nothing is converted."""
    connection = pq.PGconn.connect(f"host=127.0.0.1 port={port} user={user} dbname={dbname}".encode())
    connection.send_query_params(sql.encode(), None, result_format=1 if binary else 0)
    chunked = hasattr(connection, "set_chunked_rows_mode") and pq.version() >= 170000
    if chunked:
        connection.set_chunked_rows_mode(10000)
    else:
        connection.set_single_row_mode()
    rows = 0
    while (result := connection.get_result()) is not None:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise RuntimeError(result.error_message.decode())
        rows += result.ntuples
    connection.finish()
    return rows


def bench_wide():
    lines = ["| what | Skein, s | peer | peer, s | speed ratio (above 1: Skein is faster) |", "|---|---|---|---|---|"]
    with skein(DATA) as (_, ports), postgres() as pg:
        engine = duckdb.connect(config={"threads": THREADS})

        def in_process():
            rows = sum(b.num_rows for b in engine.execute(WIDE).to_arrow_reader(65536))
            assert rows == 10_000_000

        with flightsql.connect(f"grpc://127.0.0.1:{ports['flight']}") as connection, connection.cursor() as cursor:
            def flight():
                cursor.execute(WIDE)
                assert sum(b.num_rows for b in cursor.fetch_record_batch()) == 10_000_000

            times = take_turns({"flight": flight, "process": in_process}, 5)
        lines.append(f"| Flight SQL (ADBC) | {times['flight']:.2f} | DuckDB in process, to Arrow | "
                     f"{times['process']:.2f} | {times['process'] / times['flight']:.2f} |")

        with psycopg.connect(host="127.0.0.1", port=pg, user="postgres", autocommit=True) as connection:
            connection.execute("CREATE TABLE wide AS SELECT i::bigint a, (i % 1000)::int b, 'name' || (i % 10000) c, "
                               "(i * 0.5)::float8 d FROM generate_series(0, 9999999) i")
            connection.execute("VACUUM ANALYZE wide")
        for binary in (False, True):
            times = take_turns({"skein": lambda: drain_pg(ports["pg"], WIDE, binary),
                                "pg": lambda: drain_pg(pg, "SELECT * FROM wide", binary)}, 3)
            lines.append(f"| PostgreSQL wire, {'binary' if binary else 'text'} | {times['skein']:.2f} | PostgreSQL 15 | "
                         f"{times['pg']:.2f} | {times['pg'] / times['skein']:.2f} |")
    write_section("wide", "10 million rows of bigint, integer, text, double", lines)


def make_tpch():
    done = DATA / ".tpch-1"
    if done.exists():
        return
    extensions = re.search(r"SKEIN_EXTENSION_DIR=(.*)", (ROOT / "build" / "deps.env").read_text())[1]
    connection = duckdb.connect(config={"extension_directory": extensions})
    connection.execute("LOAD tpch; CALL dbgen(sf=1)")
    for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        connection.execute(f"COPY {table} TO '{DATA}/{table}.parquet'")
    queries = connection.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall()
    for number, query in queries:
        (DATA / f"q{number:02}.sql").write_text(query)
    done.touch()


def bench_tpch():
    make_tpch()
    queries = [(int(p.stem[1:]), p.read_text().strip().rstrip(";")) for p in sorted(DATA.glob("q*.sql"))]
    engine = duckdb.connect(config={"threads": THREADS})
    for path in DATA.glob("*.parquet"):
        engine.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
    ratios = {"pg": [], "flight": []}
    lines = ["| query | DuckDB in process, s | PostgreSQL wire, ratio | Flight SQL, ratio |", "|---|---|---|---|"]
    with skein(DATA) as (_, ports):
        pg = psycopg.connect(host="127.0.0.1", port=ports["pg"], user="bench", autocommit=True)
        pg.prepare_threshold = None
        flight = flightsql.connect(f"grpc://127.0.0.1:{ports['flight']}")
        for number, query in queries:
            def by_flight():
                with flight.cursor() as cursor:
                    cursor.execute(query)
                    cursor.fetch_arrow_table()

            times = take_turns({"process": lambda: engine.execute(query).fetchall(),
                                "pg": lambda: pg.execute(query).fetchall(), "flight": by_flight}, 5)
            for door in ratios:
                ratios[door].append(times[door] / times["process"])
            lines.append(f"| {number} | {times['process']:.3f} | {ratios['pg'][-1]:.2f} | {ratios['flight'][-1]:.2f} |")
        pg.close()
        flight.close()
    mean = {door: math.exp(statistics.fmean(math.log(r) for r in values)) for door, values in ratios.items()}
    lines.append(f"| geometric mean | | **{mean['pg']:.3f}** | **{mean['flight']:.3f}** |")
    write_section("tpch", "TPC-H, scale 1, 22 queries over Parquet, time against DuckDB in process", lines)


def resident_kb(process):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1])


def bench_memory():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    lines = []
    with skein(DATA) as (process, ports):
        where = dict(host="127.0.0.1", port=ports["pg"], user="bench", autocommit=True)
        psycopg.connect(**where).execute("SELECT 1")
        before = resident_kb(process)
        idle = [psycopg.connect(**where) for _ in range(1000)]
        for connection in idle:
            connection.execute("SELECT 1").fetchall()
        each = (resident_kb(process) - before) / len(idle)
        for connection in idle:
            connection.close()
        lines.append(f"- 1,000 idle connections that each ran a query: {each:.1f} KB each (aim: below 64 KB)")

        before, most = resident_kb(process), 0
        slow = pq.PGconn.connect(f"host=127.0.0.1 port={ports['pg']} user=bench".encode())
        slow.send_query(b"SELECT range, range * 2 FROM range(1000000000)")
        slow.set_single_row_mode()
        until, rows = time.monotonic() + 10, 0
        while time.monotonic() < until:
            slow.get_result()
            rows += 1
            if rows % 10000 == 0:
                most = max(most, resident_kb(process) - before)
        slow.finish()
        lines.append(f"- a billion-row result, read row by row for 10 s ({rows / 1e6:.1f} million rows): the server grew "
                     f"by {most / 1024:.1f} MB (aim: below 200 MB)")
    write_section("memory", "Memory", lines)


PARTS = {"select1": bench_select1, "wide": bench_wide, "tpch": bench_tpch, "memory": bench_memory}

if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in PARTS]
    if unknown:
        sys.exit(f"no part {unknown[0]}; there are {', '.join(PARTS)}")
    DATA.mkdir(parents=True, exist_ok=True)
    if not REPORT.exists():
        REPORT.write_text(
            "# Benchmarks\n\nPrinted and written by `make bench` (bench/run.py): each figure is a ratio against a peer "
            "in the same run, the two taking turns, medians. Absolute times are of a small, shared and noisy machine "
            f"({THREADS} cores) and only say what the ratios are made of.\n")
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
