"""What a server keeps on disk while it runs: in a folder of its own below temp_dir, which goes with it."""

import os
import signal
import stat
import subprocess
import sys
import threading

from skein_server import PROGRAM, SkeinServer, clean_environment, wait_until

# Sorts more than these servers have memory for.
SPILLS = ("SELECT count(*), sum(n), sum(hash(s)) FROM (SELECT i AS n, md5((i * {}) :: VARCHAR) || repeat('x', 40) AS s "
          "FROM range(3000000) r(i) ORDER BY s)")
SMALL = {"max_memory_gb": "0.3", "threads": 2}


def ask(server, sql):
    with server.connect_pg() as connection:
        return connection.execute(sql).fetchall()


def test_servers_that_share_temp_dir_do_not_share_files(data_dir, tmp_path):
    shared = tmp_path / "shared"
    answers = {}
    with SkeinServer(data_dir, tmp_path / "one", {"temp_dir": shared, **SMALL}) as one, \
            SkeinServer(data_dir, tmp_path / "two", {"temp_dir": shared, **SMALL}) as two:
        def run(name, server, sql):
            answers[name] = ask(server, sql)

        threads = [threading.Thread(target=run, args=args) for args in
                   (("one", one, SPILLS.format(7)), ("two", two, SPILLS.format(8)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(list(shared.iterdir())) == 2
        alone = {"one": ask(one, SPILLS.format(7)), "two": ask(two, SPILLS.format(8))}
        assert answers == alone
        assert {rows[0][:2] for rows in answers.values()} == {(3000000, 4499998500000)}
    assert list(shared.iterdir()) == []


def test_what_a_killed_server_left_goes_at_the_next_start(data_dir, tmp_path):
    shared = tmp_path / "shared"
    server = SkeinServer(data_dir, tmp_path / "killed", {"temp_dir": shared, **SMALL}).start()
    (left,) = shared.iterdir()
    assert stat.S_IMODE(left.stat().st_mode) == 0o700 and left.name.startswith(f"skein-{server.pid}-")
    asked = threading.Thread(target=lambda: subprocess.run(
        [sys.executable, "-c", "import sys, psycopg; psycopg.connect(sys.argv[1]).execute(sys.argv[2])", server.pg_conninfo(),
         SPILLS.format(7)], stderr=subprocess.DEVNULL, check=False))
    asked.start()
    wait_until(lambda: list(left.rglob("duckdb_temp*")), 60, "it does not spill")
    os.kill(server.pid, signal.SIGKILL)
    server.stop(expect_clean=False)
    asked.join()
    assert list(left.rglob("duckdb_temp*"))
    mine = shared / "skein-notes"
    mine.mkdir()
    with SkeinServer(data_dir, tmp_path / "second", {"temp_dir": shared}) as second:
        with SkeinServer(data_dir, tmp_path / "third", {"temp_dir": shared}):
            kept = {path.name.split("-")[1] for path in shared.iterdir()}
            assert not left.exists() and str(second.pid) in kept and len(kept) == 3
        assert ask(second, "SELECT 1") == [(1,)]
    assert list(shared.iterdir()) == [mine]


def test_one_that_cannot_be_used_is_said(data_dir, tmp_path):
    (tmp_path / "file").touch()
    done = subprocess.run([PROGRAM, "serve", "--data-dir", data_dir, "--pg-port", "0", "--http-port", "0", "--flight-sql-port", "0",
                           "--temp-dir", tmp_path / "file"], capture_output=True, text=True, timeout=20, env=clean_environment())
    assert done.returncode == 1 and "temp_dir" in done.stderr and "--temp-dir DIR" in done.stderr


def test_skein_sql_leaves_nothing(tmp_path):
    done = subprocess.run([PROGRAM, "sql", "SELECT 42 AS answer"], capture_output=True, text=True, timeout=20, cwd=tmp_path,
                          env=clean_environment({"TEMP_DIR": str(tmp_path / "temporary"), "DATA_DIR": str(tmp_path)}))
    assert done.stdout.split() == ["answer", "42"] and list((tmp_path / "temporary").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]
