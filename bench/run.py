"""make bench: measures Skein against its peers and writes docs/benchmarks.md.

    bench/run.py [select1] [wide10m] [copy] [tpch] [memory] [catalog] [flight] [distributed] [scale] [engines] [ray]     default: all;
    SKEIN_BIN names
    another server program

Every figure is a ratio to a peer that was measured in turn with Skein, in the same run, by the same client.
A part rewrites its own section of the document and leaves the others.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]
# make bench builds in the same places as make build.
os.environ.setdefault("SKEIN_BIN", str(ROOT / "build" / "bin" / "skein"))

import adbc_driver_flightsql.dbapi  # noqa: E402
import duckdb  # noqa: E402
import psycopg  # noqa: E402
from psycopg import pq  # noqa: E402

import distributed_part  # noqa: E402
import engines_part  # noqa: E402
import flight_part  # noqa: E402
import ray_part  # noqa: E402
import scale_part  # noqa: E402
from peers import Postgres, interleaved, memory_bytes, seconds, table  # noqa: E402
from skein_server import SkeinServer  # noqa: E402

DATA = ROOT / "build" / "bench-data"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
THREADS = os.cpu_count()
MIB = 1024 * 1024


@contextlib.contextmanager
def skein(data_dir, **settings):
    with tempfile.TemporaryDirectory(prefix="skein-bench-") as work:
        with SkeinServer(data_dir, work, settings={"threads": THREADS, "log_level": "warn", **settings}) as server:
            yield server


def in_process():
    config = {"extension_directory": os.environ["SKEIN_EXTENSION_DIR"], "autoinstall_known_extensions": "false",
              "threads": THREADS}
    return duckdb.connect(config=config)


def skein_conninfo(server):
    return server.pg_conninfo(sslmode="disable")


# select1

def pgbench(port, database, user, clients, script):
    """Transactions a second."""
    said = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-f", script, "-c", str(clients), "-j", str(min(clients, THREADS)),
         "-T", "3", "-h", "127.0.0.1", "-p", str(port), "-U", user, database],
        check=True, capture_output=True, text=True, env={**os.environ, "PGSSLMODE": "disable"}).stdout
    return float(re.search(r"tps = ([\d.]+) \(without", said).group(1))


def part_select1():
    """`pgbench -n -M prepared` with the script `select 1;`, 3 s a run, three runs of each server in turn (median).
    The peer is PostgreSQL with 1 GB of shared buffers and without fsync, as in all parts. One pgbench, over TCP without TLS, asks both."""
    (DATA / "empty").mkdir(parents=True, exist_ok=True)
    script = DATA / "select1.sql"
    script.write_text("select 1;\n")
    rows = []
    with skein(DATA / "empty") as server, Postgres() as postgres:
        for clients in (1, 16):
            figure = interleaved({
                "skein": lambda: pgbench(server.ports["pg"], "skein", "bench", clients, script),
                "peer": lambda: pgbench(postgres.port, "postgres", "bench", clients, script)}, 3)
            rows.append((f"{clients} client{'s' * (clients > 1)}", f"{figure['skein']:,.0f}/s", f"{figure['peer']:,.0f}/s",
                         f"{figure['skein'] / figure['peer']:.2f}"))
    return table(("`select 1`", "Skein", "PostgreSQL", "Skein / PostgreSQL (more is better)"), rows)


# wide10m

WIDE_ROWS = 10_000_000
WIDE_COLUMNS = "id, n, s, d"


def make_wide():
    directory = DATA / "wide"
    path = directory / "wide.parquet"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        with in_process() as connection:
            connection.execute(
                f"COPY (SELECT i::BIGINT AS id, (i * 7919 % 1000003)::INTEGER AS n, 'name ' || i AS s, "
                f"i::DOUBLE / 7 AS d FROM range({WIDE_ROWS}) t(i)) TO '{path}.new' (FORMAT parquet)")
        path.with_name("wide.parquet.new").rename(path)
    return directory


def drain_arrow(reader):
    rows = sum(batch.num_rows for batch in reader)
    assert rows == WIDE_ROWS, rows


def drain_pg(connection, sql, result_format):
    """All rows with libpq itself, 10,000 at a time: their values are received but not made into Python's."""
    connection.send_query_params(sql, None, result_format=result_format)
    connection.set_chunked_rows_mode(10_000)
    rows = 0
    while (result := connection.get_result()) is not None:
        if result.status not in (pq.ExecStatus.TUPLES_CHUNK, pq.ExecStatus.TUPLES_OK):
            raise SystemExit(result.error_message)
        rows += result.ntuples
        result.clear()
    assert rows == WIDE_ROWS, rows


def part_wide10m():
    """10,000,000 rows of bigint, integer, varchar and double, received to the last; seconds, median of three in turn.
    Flight: ADBC's `fetch_record_batch`, each batch counted and dropped, against `to_arrow_reader` of the Python
    package `duckdb` in this process: the same SQL over the same Parquet file with as many threads.
    PostgreSQL's protocol: libpq (through `psycopg.pq`), rows in chunks of 10,000, text and binary, against PostgreSQL
    reading the same rows from a table that lies in its cache or the system's."""
    directory = make_wide()
    sql = f"SELECT {WIDE_COLUMNS} FROM wide"
    with skein(directory) as server, Postgres() as postgres, in_process() as local, \
            adbc_driver_flightsql.dbapi.connect(server.flight_uri, autocommit=True) as flight, flight.cursor() as cursor:
        with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
            connection.execute("CREATE UNLOGGED TABLE wide AS SELECT i AS id, (i * 7919 % 1000003)::integer AS n, "
                               f"'name ' || i AS s, i::float8 / 7 AS d FROM generate_series(0::bigint, {WIDE_ROWS - 1}) t(i)")
            connection.execute("VACUUM (FREEZE, ANALYZE) wide")
            check = "SELECT count(*), sum(id)::bigint, sum(n)::bigint, min(s), max(s), max(d) FROM wide"
            there = connection.execute(check).fetchone()
        with server.connect_pg() as connection:
            assert connection.execute(check).fetchone() == there, "the two tables differ"
        local.execute(f"CREATE VIEW wide AS FROM read_parquet('{directory}/wide.parquet')")

        def flight_run():
            cursor.execute(sql)
            drain_arrow(cursor.fetch_record_batch())

        rows = []
        figure = interleaved({
            "skein": lambda: seconds(flight_run),
            "peer": lambda: seconds(lambda: drain_arrow(local.execute(sql).to_arrow_reader()))}, 3)
        rows.append(("Flight", "DuckDB in process", figure))
        here = pq.PGconn.connect(skein_conninfo(server).encode())
        other = pq.PGconn.connect(postgres.conninfo.encode())
        for name, result_format in (("PostgreSQL, text", 0), ("PostgreSQL, binary", 1)):
            figure = interleaved({
                "skein": lambda: seconds(lambda: drain_pg(here, sql.encode(), result_format)),
                "peer": lambda: seconds(lambda: drain_pg(other, sql.encode(), result_format))}, 3)
            rows.append((name, "PostgreSQL", figure))
        here.finish()
        other.finish()
    return table(("door", "peer", "Skein", "peer's", "Skein / peer (less is better)"),
                 [(name, peer, f"{f['skein']:.2f} s", f"{f['peer']:.2f} s", f"{f['skein'] / f['peer']:.2f}")
                  for name, peer, f in rows])


# copy

COPY_OPTIONS = {"binary": "(FORMAT binary)", "text": "", "csv": "(FORMAT csv)"}
READY = b"Z\0\0\0\5I"


def receive_copy(conninfo, statement):
    """Everything the server sends for the statement, received and dropped: what the server can do. The messages are
    counted by nobody; that all came is known by the last one."""
    connection = pq.PGconn.connect(conninfo.encode())
    connection.send_query(statement.encode())
    while connection.flush():
        pass
    buffer = memoryview(bytearray(4 * MIB))
    with socket.socket(fileno=os.dup(connection.socket)) as raw:
        raw.setblocking(True)
        total, end = 0, b""
        while not end.endswith(READY):
            size = raw.recv_into(buffer)
            if size == 0:
                raise SystemExit("the server closed the connection")
            total += size
            end = (end + bytes(buffer[max(0, size - 64):size]))[-64:]
    if b"COPY %d\0" % WIDE_ROWS not in end:
        raise SystemExit(f"the copy failed: {end!r}")
    connection.finish()
    return total


def psql_copy(conninfo, command, path, writes):
    with open(path, "wb" if writes else "rb") as file:
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, conninfo], check=True,
                       **({"stdout": file} if writes else {"stdin": file}))


def part_copy():
    """10,000,000 rows of bigint, integer, varchar and double; seconds, median of three in turn.
    Out: `COPY (SELECT …) TO STDOUT`, Skein from the Parquet file, PostgreSQL from a table that lies in its cache or the
    system's; once received and dropped by a socket (what the server can do), once by psql to /dev/null.
    In: `COPY … FROM STDIN` by psql from a file that lies in the system's cache, into an empty table, Skein's in memory,
    PostgreSQL's unlogged."""
    directory = make_wide()
    columns = "id BIGINT, n INTEGER, s VARCHAR, d DOUBLE PRECISION"
    rows = []
    with skein(directory) as server, Postgres() as postgres:
        here, there = skein_conninfo(server), postgres.conninfo
        with psycopg.connect(there, autocommit=True) as connection:
            connection.execute("CREATE UNLOGGED TABLE wide AS SELECT i AS id, (i * 7919 % 1000003)::integer AS n, "
                               f"'name ' || i AS s, i::float8 / 7 AS d FROM generate_series(0::bigint, {WIDE_ROWS - 1}) t(i)")
            connection.execute("VACUUM (FREEZE, ANALYZE) wide")
        for name, options in COPY_OPTIONS.items():
            statement = f"COPY (SELECT {WIDE_COLUMNS} FROM wide) TO STDOUT {options}"
            figure = interleaved({"skein": lambda: seconds(lambda: receive_copy(here, statement)),
                                  "peer": lambda: seconds(lambda: receive_copy(there, statement))}, 3)
            rows.append((f"out, {name}, received by a socket", figure))
            figure = interleaved({"skein": lambda: seconds(lambda: psql_copy(here, statement, "/dev/null", True)),
                                  "peer": lambda: seconds(lambda: psql_copy(there, statement, "/dev/null", True))}, 3)
            rows.append((f"out, {name}, psql", figure))
        for name, options in COPY_OPTIONS.items():
            path = DATA / f"wide.{name}"
            if not path.exists():
                psql_copy(there, f"COPY (SELECT {WIDE_COLUMNS} FROM wide) TO STDOUT {options}", path, True)

            def copy_in(conninfo, create):
                with psycopg.connect(conninfo, autocommit=True) as connection:
                    connection.execute("DROP TABLE IF EXISTS filled")
                    connection.execute(f"{create} TABLE filled ({columns})")
                    taken = seconds(lambda: psql_copy(conninfo, f"COPY filled FROM STDIN {options}", path, False))
                    assert connection.execute("SELECT count(*), sum(id)::BIGINT FROM filled").fetchone() == (
                        WIDE_ROWS, WIDE_ROWS * (WIDE_ROWS - 1) // 2)
                    connection.execute("DROP TABLE filled")
                return taken

            figure = interleaved({"skein": lambda: copy_in(here, "CREATE"),
                                  "peer": lambda: copy_in(there, "CREATE UNLOGGED")}, 3)
            rows.append((f"in, {name}, psql", figure))
    return table(("COPY", "Skein", "PostgreSQL", "PostgreSQL / Skein (more is better)"),
                 [(name, f"{f['skein']:.2f} s", f"{f['peer']:.2f} s", f"{f['peer'] / f['skein']:.2f}")
                  for name, f in rows])


# tpch

TPCH_TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def part_tpch():
    """TPC-H at scale 1 in Parquet files (`scripts/make-data --scale 1`), its 22 queries, each seven times in turn on
    all contenders (median); the figure is the geometric mean of the 22 ratios. The peer is the Python package `duckdb`
    in this process with views over the same files and as many threads. PostgreSQL's door: psycopg's `fetchall`, text,
    against DuckDB's `fetchall`. Flight: ADBC's `fetch_arrow_table` against DuckDB's `to_arrow_table`."""
    directory = DATA / "tpch"
    subprocess.run([ROOT / "scripts" / "make-data", directory, "--scale", "1"], check=True)
    with skein(directory) as server, in_process() as local, server.connect_pg(sslmode="disable") as pg, \
            adbc_driver_flightsql.dbapi.connect(server.flight_uri, autocommit=True) as flight, flight.cursor() as cursor:
        local.execute("LOAD tpch")
        for name in TPCH_TABLES:
            pattern = f"{name}.*.parquet" if list(directory.glob(f"{name}.*.parquet")) else f"{name}.parquet"
            local.execute(f"CREATE VIEW {name} AS FROM read_parquet('{directory}/{pattern}')")
        queries = local.execute("SELECT query FROM tpch_queries() ORDER BY query_nr").fetchall()

        def by_flight(sql):
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

        figures = []
        for (sql,) in queries:
            figures.append(interleaved({
                "local rows": lambda: seconds(lambda: local.execute(sql).fetchall()),
                "pg": lambda: seconds(lambda: pg.execute(sql).fetchall()),
                "local arrow": lambda: seconds(lambda: local.execute(sql).to_arrow_table()),
                "flight": lambda: seconds(lambda: by_flight(sql))}, 7))
    rows = []
    for name, mine, peer in (("PostgreSQL", "pg", "local rows"), ("Flight", "flight", "local arrow")):
        ratios = [figure[mine] / figure[peer] for figure in figures]
        print(name, *(f"Q{number} {ratio:.2f}" for number, ratio in enumerate(ratios, 1)), flush=True)
        rows.append((name, f"{sum(f[mine] for f in figures):.2f} s", f"{sum(f[peer] for f in figures):.2f} s",
                     f"{min(ratios):.2f}", f"{max(ratios):.2f} (Q{ratios.index(max(ratios)) + 1})",
                     f"{statistics.geometric_mean(ratios):.2f}"))
    return table(("door", "Skein, all 22", "DuckDB in process, all 22", "least ratio", "greatest ratio",
                  "geometric mean of Skein / DuckDB (less is better)"), rows)


# memory

IDLE_CONNECTIONS = 1000
SLOW_SECONDS = 10


def growth(pid, slow_reader):
    """By how much memory grew, at most, while slow_reader was called 50 times in SLOW_SECONDS."""
    before = most = memory_bytes(pid)
    for _ in range(50):
        slow_reader()
        time.sleep(SLOW_SECONDS / 50)
        most = max(most, memory_bytes(pid))
    return most - before


def slow_pg(conninfo, pid, sql):
    connection = pq.PGconn.connect(conninfo.encode())
    connection.exec_(b"SELECT 1")
    connection.send_query_params(sql.encode(), None)
    connection.set_chunked_rows_mode(100)
    try:
        return growth(pid, connection.get_result)
    finally:
        connection.finish()


def slow_flight(server, sql):
    with adbc_driver_flightsql.dbapi.connect(server.flight_uri, autocommit=True) as flight, flight.cursor() as cursor:
        cursor.execute(sql)
        reader = cursor.fetch_record_batch()
        grown = growth(server.pid, reader.read_next_batch)
        cursor.adbc_cancel()
        return grown


def slow_http(server, sql):
    body = json.dumps({"sql": sql})
    with socket.create_connection(("127.0.0.1", server.ports["http"])) as connection:
        connection.sendall(f"POST /query HTTP/1.1\r\nHost: skein\r\nContent-Type: application/json\r\n"
                           f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return growth(server.pid, lambda: connection.recv(4096))


def idle(conninfo, pid):
    """Bytes for each connection that asked once and then waits."""
    with contextlib.ExitStack() as held:
        first = pq.PGconn.connect(conninfo.encode())
        held.callback(first.finish)
        first.exec_(b"SELECT 1")
        time.sleep(1)
        before = memory_bytes(pid)
        for _ in range(IDLE_CONNECTIONS):
            one = pq.PGconn.connect(conninfo.encode())
            held.callback(one.finish)
            result = one.exec_(b"SELECT 1")
            if result.status != pq.ExecStatus.TUPLES_OK:
                raise SystemExit(one.error_message)
        time.sleep(1)
        return (memory_bytes(pid) - before) / IDLE_CONNECTIONS


def part_memory():
    """Proportional set size (resident memory, shared pages counted once) of the server and its children. Slow reader:
    the most that the server grew within 10 s while a client took a little of 1,000,000,000 rows five times a second
    (100 rows by libpq, 4 KiB by HTTP, a batch by Flight): of one number each, and of one string of 10,000 bytes each.
    PostgreSQL generates the same rows, without JIT. Idle: growth per connection, for 1,000 connections of libpq that ran `SELECT 1` and wait. One run
    each, every one on a server just started."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    (DATA / "empty").mkdir(parents=True, exist_ok=True)
    # A new server each time: memory that an earlier measurement left behind would hide the next one's.
    contents = {"numbers": ("SELECT range AS i FROM range(1000000000)", "SELECT generate_series(1, 1000000000)"),
                "long strings": ("SELECT repeat('x', 9990) || range AS s FROM range(1000000000)",
                                 "SELECT repeat('x', 9990) || generate_series(1, 1000000000)")}
    doors = {"PostgreSQL": lambda server, sql: slow_pg(skein_conninfo(server), server.pid, sql),
             "Flight": slow_flight, "HTTP": slow_http}
    rows = []
    for content, (ours, theirs) in contents.items():
        with Postgres(jit="off") as postgres:
            peer = slow_pg(postgres.conninfo, postgres.pid, theirs)
        for door, read in doors.items():
            with skein(DATA / "empty", shutdown_grace="1s") as server:
                grown = read(server, ours)
            rows.append((f"slow reader of {content}, {door}", f"{grown / MIB:.1f} MiB", f"{peer / MIB:.1f} MiB",
                         f"{grown / peer:.2f}" if peer > MIB / 10 else "the peer did not grow"))
    with skein(DATA / "empty") as server:
        idle_skein = idle(skein_conninfo(server), server.pid)
    with Postgres(max_connections=IDLE_CONNECTIONS + 50) as postgres:
        idle_peer = idle(postgres.conninfo, postgres.pid)
    rows.append(("an idle connection", f"{idle_skein / 1024:.0f} KiB", f"{idle_peer / 1024:.0f} KiB",
                 f"{idle_skein / idle_peer:.2f}"))
    return table(("memory", "Skein", "PostgreSQL", "Skein / PostgreSQL (less is better)"), rows)


# The document

# catalog

CATALOG_TABLES = 1000
CATALOG_COLUMNS = 50
# What psql is asked; it sends several queries for each, which psql -E shows. Of {table}, another one each time.
PSQL_COMMANDS = (r"\d", r"\dt", r"\d {table}", r"\d+ {table}")
# pgjdbc's getTables, getColumns and getPrimaryKeys, as it sends them.
CATALOG_QUERIES = {
    "pgjdbc `getTables`": """SELECT current_database() AS "TABLE_CAT", n.nspname AS "TABLE_SCHEM", c.relname AS "TABLE_NAME",
  CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema' WHEN true THEN 'SYSTEM TABLE'
  ELSE CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' ELSE NULL END END AS "TABLE_TYPE",
  d.description AS "REMARKS"
FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass)
WHERE c.relnamespace = n.oid AND n.nspname LIKE 'public'
ORDER BY 4,2,3""",
    "pgjdbc `getColumns`, all tables": """SELECT * FROM (SELECT n.nspname,c.relname,a.attname,a.atttypid,
  a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull,a.atttypmod,a.attlen,t.typtypmod,
  row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, nullif(a.attidentity, '') as attidentity,
  nullif(a.attgenerated, '') as attgenerated,pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc,
  dsc.description,t.typbasetype,t.typtype
FROM pg_catalog.pg_namespace n
JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid)
JOIN pg_catalog.pg_attribute a ON (a.attrelid=c.oid)
JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid)
LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid=def.adrelid AND a.attnum = def.adnum)
LEFT JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid)
LEFT JOIN pg_catalog.pg_class dc ON (dc.oid=dsc.classoid AND dc.relname='pg_class')
LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace=dn.oid AND dn.nspname='pg_catalog')
WHERE c.relkind in ('r','p','v','f','m') and a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE 'public') c
ORDER BY nspname,c.relname,attnum""",
    "pgjdbc `getPrimaryKeys` of {table}": """SELECT result.TABLE_CAT AS "TABLE_CAT", result.TABLE_SCHEM AS "TABLE_SCHEM",
  result.TABLE_NAME AS "TABLE_NAME", result.COLUMN_NAME AS "COLUMN_NAME", result.KEY_SEQ AS "KEY_SEQ", result.PK_NAME AS "PK_NAME"
FROM (SELECT current_database() AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME,
    (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, ci.relname AS PK_NAME,
    information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM, i.indnkeyatts as KEY_COUNT
  FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid)
  JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON ( a.attrelid = i.indrelid)
  JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid)
  WHERE true AND n.nspname = 'public' AND ct.relname = '{table}' AND i.indisprimary ) result
WHERE result.A_ATTNUM = (result.KEYS).x AND result.KEY_SEQ <= KEY_COUNT
ORDER BY result.table_name, result.pk_name, result.key_seq""",
}


def make_catalog(connection):
    columns = ", ".join(f"c{i} {('integer', 'text', 'numeric(10,2)', 'timestamp', 'double precision')[i % 5]}"
                        for i in range(1, CATALOG_COLUMNS))
    connection.execute("BEGIN")
    for i in range(CATALOG_TABLES):
        connection.execute(f"CREATE TABLE t{i} (id integer primary key, {columns})")
    connection.execute("COMMIT")


def psql_queries(conninfo, command):
    """What psql sends for a command; the numbers of tables in it are this server's own."""
    shown = subprocess.run(["psql", "-X", "-E", "-q", "-d", conninfo, "-c", command], check=True, capture_output=True,
                           text=True).stdout
    return re.findall(r"\*+ QUERY \*+\n(.*?)\n\*{10,}", shown, re.DOTALL)


def part_catalog():
    """1,000 tables of 50 columns with a primary key each; the queries that psql (all of a command's, as `psql -E` shows them)
    and pgjdbc send, by psycopg's `fetchall` over the simple protocol; milliseconds, median of nine in turn after three to
    warm up, in one session, of another table each time. "First": the first time in a session, which the connecting is not
    part of. PostgreSQL was analysed."""
    (DATA / "empty").mkdir(parents=True, exist_ok=True)
    rounds, warm_up = 9, 3
    tables = [f"t{80 * number + 20}" for number in range(rounds + warm_up)]
    rows = []
    counts = {}
    with skein(DATA / "empty") as server, Postgres() as postgres, \
            psycopg.connect(skein_conninfo(server), autocommit=True) as ours, \
            psycopg.connect(postgres.conninfo, autocommit=True) as theirs:
        make_catalog(ours)
        make_catalog(theirs)
        theirs.execute("VACUUM ANALYZE")
        conninfos = (skein_conninfo(server), postgres.conninfo)
        # For each server: for each of the tables, the queries.
        asked = {name: ([[sql.replace("{table}", t)] for t in tables],) * 2 for name, sql in CATALOG_QUERIES.items()}
        for command in PSQL_COMMANDS:
            asked[f"psql `{command}`"] = tuple(
                [psql_queries(conninfo, command.replace("{table}", t)) for t in tables] for conninfo in conninfos)

        def ask(connection, queries):
            with psycopg.ClientCursor(connection) as cursor:
                return sum(len(cursor.execute(sql).fetchall()) for sql in queries)

        def first(conninfo, queries):
            with psycopg.connect(conninfo, autocommit=True) as connection:
                return 1000 * seconds(lambda: ask(connection, queries))

        def row(name, about, figure):
            rows.append((name + about, len(asked[name][0][0]), f"{counts[name]:,}", f"{figure['skein']:,.1f} ms",
                         f"{figure['peer']:,.1f} ms", f"{figure['skein'] / figure['peer']:.2f}"))

        for name, (mine, other) in asked.items():
            for number in range(warm_up):
                counts[name] = ask(ours, mine[number])
                assert counts[name] == ask(theirs, other[number]) or "getTables" in name, name
            turns = (iter(mine[warm_up:]), iter(other[warm_up:]))
            row(name, "", interleaved({"skein": lambda: 1000 * seconds(lambda: ask(ours, next(turns[0]))),
                                       "peer": lambda: 1000 * seconds(lambda: ask(theirs, next(turns[1])))}, rounds))
        for name in (r"psql `\d {table}`", "pgjdbc `getPrimaryKeys` of {table}"):
            mine, other = (iter(queries) for queries in asked[name])
            row(name, ", first", interleaved({"skein": lambda: first(conninfos[0], next(mine)),
                                              "peer": lambda: first(conninfos[1], next(other))}, rounds))
    return table(("asked", "queries", "rows", "Skein", "PostgreSQL", "Skein / PostgreSQL (less is better)"), rows)


# ray

# 30 million rows; another scale while one tries something.
FLIGHT_SCALE = int(os.environ.get("SKEIN_FLIGHT_SCALE", "5"))


def part_flight():
    """Arrow Flight SQL. TPC-H's lineitem whole, 16 columns, received to the last batch by pyarrow.flight in one endpoint
    and in four, each over a connection of its own, against `to_arrow_reader` of the Python package `duckdb` in this
    process over the same Parquet files with as many threads; in turn, median of three. Once each: four endpoints that are
    kept to be read again (`x-skein-keep: yes`; the others are read once), and the same rows from this server over
    PostgreSQL's protocol, in binary, by libpq in chunks. The first batch of the same scan: from DoGet until it is there,
    median of seven. `SELECT 1`: 2,000 calls of ADBC, execute and fetch. Ingest: ten rows at a time by `adbc_ingest`, each a
    transaction, and 10,000 batches of one row in one stream, against `COPY FROM STDIN` of the same rows into PostgreSQL by
    psycopg, as many transactions."""
    directory = DATA / f"tpch-{FLIGHT_SCALE}"
    subprocess.run([ROOT / "scripts" / "make-data", directory, "--scale", str(FLIGHT_SCALE)], check=True)
    with skein(directory) as server, Postgres() as peer, in_process() as local, \
            psycopg.connect(peer.conninfo, autocommit=True) as postgres:
        local.execute(f"CREATE VIEW lineitem AS FROM read_parquet('{directory}/lineitem*.parquet')")
        f = flight_part.figures(server, local, postgres, interleaved, seconds)
    one, four, local_large = f["large"]["one"], f["large"]["four"], f["large"]["peer"]
    rows = [
        (f"lineitem, {f['rows']:,} rows, one endpoint", "in process", f"{one:.2f} s", f"{local_large:.2f} s",
         f"{one / local_large:.2f}"),
        ("the same, four endpoints", "in process", f"{four:.2f} s", f"{local_large:.2f} s", f"{four / local_large:.2f}"),
        ("four endpoints", "one endpoint", f"{four:.2f} s", f"{one:.2f} s", f"{four / one:.2f}"),
        ("four endpoints, kept", "one endpoint", f"{f['large']['kept']:.2f} s", f"{one:.2f} s",
         f"{f['large']['kept'] / one:.2f}"),
        ("one endpoint", "Skein's PostgreSQL door, binary", f"{one:.2f} s", f"{f['large']['pg']:.2f} s",
         f"{one / f['large']['pg']:.2f}"),
        ("first batch", "in process", f"{f['first']['skein'] * 1e3:.1f} ms", f"{f['first']['peer'] * 1e3:.1f} ms",
         f"{f['first']['skein'] / f['first']['peer']:.2f}")]
    for name, mine, other in zip(("SELECT 1, median", "SELECT 1, 99 of 100"), f["calls"], f["peer_calls"]):
        rows.append((name, "in process", f"{mine * 1e3:.2f} ms", f"{other * 1e3:.2f} ms", f"{mine / other:.1f}"))
    small = table(("", "peer", "Skein", "peer's", "Skein / peer (less is better)"), rows)
    ingest = f["ingests"]
    return small + "\n\n" + table(("", "peer", "Skein", "peer's", "Skein / peer (more is better)"), [
        ("small ingests a second", "PostgreSQL", f"{ingest['skein']:.0f}", f"{ingest['peer']:.0f}",
         f"{ingest['skein'] / ingest['peer']:.2f}"),
        ("one-row batches a second, one stream", "PostgreSQL", f"{f['streams']['skein']:,.0f}",
         f"{f['streams']['peer']:,.0f}", f"{f['streams']['skein'] / f['streams']['peer']:.2f}")])


# The orders whose lines are shuffled: a quarter of scale 1, 1.5 million rows, which the exchange keeps in memory.
SHUFFLE_END = 1_500_000


def part_ray():
    """What the ways of rows between the workers of a cut query cost (docs/cluster.md, docs/distributed.md), and an empty call of
    an actor on Ray. MB for a second of one core, the cores of all processes that take part counted together.
    memcpy: 134 MB, from memory that was touched to memory that was touched. Arrow Flight: record batches from one process
    to another on this machine, pyarrow's server and client. Ray's store: 134 MB in blocks of 256 KB from one actor into the
    store and read by another, by the clock, as they work one after the other. The exchange: 1.5 million rows of TPC-H's lineitem
    by hash of their key from two tasks to two: chosen, written as blocks with checksums, kept, read and turned to rows again.
    It is the time of the processor of a query with that shuffle (a left join with one row, both sides by hash) less that of
    the same query without it (the row goes to every task); medians of five in turn. On Ray the driver's and the
    store's own processes are in it."""
    directory = DATA / "tpch"
    subprocess.run([ROOT / "scripts" / "make-data", directory, "--scale", "1"], check=True)
    store = ray_part.store_figures()
    rows = [("memcpy", store["memcpy_mb_s"]), ("Arrow Flight", ray_part.flight_figure()),
            ("Ray's store, actor to actor", store["exchange_mb_s"])]
    import ray_server
    for name in ("in process", "on Ray"):
        with contextlib.ExitStack() as stack:
            if name == "on Ray":
                work = stack.enter_context(tempfile.TemporaryDirectory(prefix="skein-bench-"))
                server = stack.enter_context(ray_server.RayServer(directory, work, settings={
                    "threads": 2, "log_level": "warn", "cluster_workers_min": 2, "cluster_workers_max": 2, "cluster_worker_cpus": 1}))
            else:
                server = stack.enter_context(skein(directory, cluster="local:2"))
            session = distributed_part.Session(stack, server, directory)
            session.run("SET num_shuffle_partitions = 2")
            session.run("SET skein_runtime_filters = 'off'")
            size, cpu = ray_part.shuffle_figure(session, server.pid, SHUFFLE_END, 5)
            rows.append((f"the exchange, {name}, {size / 1e6:.0f} MB", size / 1e6 / cpu))
    return table(("way", "MB for a core's second", "of memcpy", "of Arrow Flight"),
                 [(name, f"{figure:,.0f}", f"{figure / rows[0][1]:.2f}", f"{figure / rows[1][1]:.2f}") for name, figure in rows]) + (
        "\n\n" + table(("of Ray alone", ""), [
            ("a call of an actor and its answer", f"{store['call_ms']:.2f} ms"),
            ("a call among many", f"{store['call_of_many_ms']:.2f} ms")]))


# distributed

# A scale where queries take a second or so; SKEIN_BENCH_SCALE names another.
DISTRIBUTED_SCALE = int(os.environ.get("SKEIN_BENCH_SCALE", "3"))
DISTRIBUTED_ROUNDS = int(os.environ.get("SKEIN_BENCH_ROUNDS", "3"))


def part_distributed():
    """TPC-H in Parquet files, every query cut (`SET skein_distributed = 'on'`, docs/distributed.md): by engines of one
    thread in the server's process, and by workers of one core on a Ray of the server's own, one for each core, against
    the Python package `duckdb` in this process with as many threads: one server after the other, each query in turn with
    DuckDB after one to warm up (median of `SKEIN_BENCH_ROUNDS`), by Flight and `to_arrow_table`. Planned in: bound, optimized, cut and serialized, in time of the processor. The tiny query is cut
    because the test has it so; left alone (`auto`) it would not be."""
    return distributed_at(DISTRIBUTED_SCALE)


def part_distributed_small():
    """The same at scale 1, where what is fixed for a query weighs more."""
    return distributed_at(1)


def distributed_at(scale):
    for name, size in ((f"tpch-{scale}", str(scale)), ("tpch-0.01", "0.01")):
        subprocess.run([ROOT / "scripts" / "make-data", DATA / name, "--scale", size], check=True)
    found = distributed_part.figures(skein, in_process, DATA / f"tpch-{scale}", DATA / "tpch-0.01", THREADS,
                                     DISTRIBUTED_ROUNDS)
    return f"{found}\n\nRounds: {DISTRIBUTED_ROUNDS}. Load average of the machine meanwhile: {os.getloadavg()[1]:.0f}."


# scale

SCALE_WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
# As much as scale 300 and scale 3,000 at the scale of part_distributed.
SCALE_GROWN = (100, 1000)
# 10 Gbit/s for a machine of eight workers.
SCALE_NETWORK = 1.25e9 / 8


def part_scale():
    """Simulated, not measured: how much faster the cut queries of TPC-H would be on more workers. Of each query the
    stages were run once on two engines of one thread (EXPLAIN (DISTRIBUTED, ANALYZE)), cut as they would be at scale 300 (every
    stage in as many tasks as there are workers; `broadcast_threshold_mb` a hundredth of what it is). Their seconds and
    bytes, times 100 (and times 1,000 in the last row), as if there were so many times the rows, are then shared by as many
    tasks as there are workers, the longest of which is as much longer than the mean as it was here. Between the stages a worker receives
    156 MB/s (10 Gbit/s for a machine of eight workers), and the coordinator starts one task after the other, each in the
    time that a call among many takes on Ray (part ray). What planning and the final plan took is added as it was. What
    there is, therefore, is the critical path: stages wait for those that they read, tasks for a worker and for the caller.
    Bound: what most of the path is. `work` is the tasks themselves: there more workers help."""
    directory = DATA / f"tpch-{DISTRIBUTED_SCALE}"
    subprocess.run([ROOT / "scripts" / "make-data", directory, "--scale", str(DISTRIBUTED_SCALE)], check=True)
    call = ray_part.store_figures()["call_of_many_ms"] / 1e3
    costs = scale_part.Costs(call, SCALE_NETWORK)
    grown, more = SCALE_GROWN
    with contextlib.ExitStack() as stack:
        local = stack.enter_context(in_process())
        local.execute("LOAD tpch")
        queries = local.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall()
        session = distributed_part.Session(stack, stack.enter_context(skein(directory, cluster="local:2")), directory)
        session.run("SET num_shuffle_partitions = 2")
        session.run(f"SET broadcast_threshold_mb = {10 / grown}")
        explained = {}
        for number, sql in queries:
            sql = sql.strip().rstrip(";")
            session.run(sql)
            explained[number] = scale_part.explain(session, sql)
    explained = {f"Q{number}": one for number, one in explained.items() if one}

    def simulate(factor):
        """({query: {workers: (seconds, bound)}}, {workers: speed-ups})"""
        found = {name: {n: scale_part.Query.of(one, factor).seconds(n, costs) for n in SCALE_WORKERS}
                 for name, one in explained.items()}
        return found, {n: [one[1][0] / one[n][0] for one in found.values()] for n in SCALE_WORKERS}

    def means(speedups):
        return [statistics.geometric_mean(speedups[n]) for n in SCALE_WORKERS]

    times, speedups = simulate(grown)
    _, speedups_more = simulate(more)
    rows = []
    for name, found in times.items():
        rows.append((name, f"{found[1][0]:,.0f} s", *(f"{found[1][0] / found[n][0] / n:.2f}" for n in (8, 64, 1000)),
                     *(found[n][1] for n in (8, 64, 1000))))
    for name, found in ((grown, speedups), (more, speedups_more)):
        rows.append((f"geometric mean, scale {DISTRIBUTED_SCALE * name:,}", "",
                     *(f"{statistics.geometric_mean(found[n]) / n:.2f}" for n in (8, 64, 1000)), "", "", ""))
    scale_part.plot(DOCUMENT.parent / "scale.svg", {
        "linear": list(zip(SCALE_WORKERS, SCALE_WORKERS)),
        f"mean, scale {DISTRIBUTED_SCALE * more:,}": list(zip(SCALE_WORKERS, means(speedups_more))),
        f"mean, scale {DISTRIBUTED_SCALE * grown:,}": list(zip(SCALE_WORKERS, means(speedups))),
        "scale 300, best query": [(n, max(speedups[n])) for n in SCALE_WORKERS],
        "scale 300, worst query": [(n, min(speedups[n])) for n in SCALE_WORKERS]}, "TPC-H, simulated: times faster than one worker")
    return table(("query", "one worker", "of linear, 8 workers", "64", "1,000", "bound, 8 workers", "64", "1,000"), rows) + (
        f"\n\n{len(explained)} of {len(queries)} queries are cut. A call among many: {call * 1e3:.2f} ms."
        f"\n\n![Speed-up by workers](scale.svg)")


def part_engines():
    """TPC-H on the same Parquet files by other engines that spread one query over workers, each with as many workers of
    one core as this machine has cores: Sail (its cluster in one process), Spark (local-cluster), Daft (on Ray), smallpond
    (DuckDB 1.4.5 on Ray), each as it comes from PyPI; `SKEIN_BENCH_ENGINES` names which. Every query once to warm up,
    when its answer is compared with DuckDB's, then in turn (median of `SKEIN_BENCH_ROUNDS`; once what takes more than
    3 s) by the engine's own Python client to an Arrow table. The means are over the queries that both answer right;
    `Skein / it` is less than one where Skein is faster.

    smallpond does not cut a query: it runs what plans made by hand say (bench/smallpond_plans.py). In all but Q21 one
    table (lineitem; partsupp in Q2, Q11 and Q16, orders in Q13, customer in Q22) is split over the workers, each joins
    its part to the other tables whole, and one task makes the answer of what they give. Q21 runs as it is, in one task
    of one core."""
    return engines_at(DISTRIBUTED_SCALE, engines_part.ENGINES, DISTRIBUTED_ROUNDS)


def part_engines_large():
    """The same at scale 10, where a query takes seconds, with Sail alone; each query once after one to warm up
    (`SKEIN_BENCH_ROUNDS`)."""
    return engines_at(10, ["sail"], int(os.environ.get("SKEIN_BENCH_ROUNDS", "1")))


def engines_at(scale, engines, rounds):
    directory = DATA / f"tpch-{scale}"
    subprocess.run([ROOT / "scripts" / "make-data", directory, "--scale", str(scale)], check=True)
    asked = os.environ.get("SKEIN_BENCH_ENGINES", " ".join(engines)).split()
    return engines_part.figures(skein, in_process, directory, THREADS, rounds, asked)


PARTS = {"select1": part_select1, "wide10m": part_wide10m, "copy": part_copy, "tpch": part_tpch, "memory": part_memory,
         "catalog": part_catalog, "flight": part_flight, "distributed": part_distributed,
         "distributed_small": part_distributed_small, "scale": part_scale, "engines": part_engines,
         "engines_large": part_engines_large, "ray": part_ray}

INTRODUCTION = """# Benchmarks

`make bench` measures and writes this page; `make bench ARGS="tpch memory"` only those parts, and leaves the others'
sections as they were. Each figure is a ratio to a peer, which the same run asks in turn with Skein, with the same kind
of client on the same machine, so that the client's own work is on both sides. What runs in process has no network to
cross: a ratio to it is what the server costs. The clients share the cores with the servers.

The figures below are from a virtual machine that others use, too, and so are noisy: absolute numbers say little, and
two ratios a tenth apart should be read as equal.
"""


def machine():
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 1024 / 1024
    return f"Machine: {THREADS} cores, {memory:.0f} GiB of memory."


def write_section(name, text):
    kept = {}
    if DOCUMENT.exists():
        for section in re.split(r"^## ", DOCUMENT.read_text(), flags=re.M)[1:]:
            title, _, body = section.partition("\n")
            kept[title] = body.strip("\n")
    kept[name] = text
    DOCUMENT.parent.mkdir(exist_ok=True)
    sections = [f"\n## {part}\n\n{kept[part]}\n" for part in PARTS if part in kept]
    DOCUMENT.write_text(INTRODUCTION + "".join(sections))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=" ".join(PARTS))
    wanted = parser.parse_args().parts or list(PARTS)
    for name in wanted:
        if name not in PARTS:
            parser.error(f"no such part: {name}")
    # Whoever ends it halfway leaves no servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for line in (ROOT / "build" / "deps.env").read_text().splitlines():
        os.environ.setdefault(*line.split("=", 1))
    for name in wanted:
        print(f"== {name}", flush=True)
        result = PARTS[name]()
        print(result, flush=True)
        explained = "\n".join(line.strip() for line in PARTS[name].__doc__.splitlines())
        write_section(name, f"{explained}\n\n{machine()}\n\n{result}")


if __name__ == "__main__":
    main()
