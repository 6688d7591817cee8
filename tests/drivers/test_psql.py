"""psql over the PostgreSQL door. SKEIN_PG_PORT names a server that trusts this machine."""

import os
import shutil
import subprocess

import pytest

PORT = os.environ.get("SKEIN_PG_PORT")
pytestmark = pytest.mark.skipif(not PORT or not shutil.which("psql"), reason="SKEIN_PG_PORT is not set, or no psql")


def psql(*arguments):
    return subprocess.run(["psql", "-X", "-h", "127.0.0.1", "-p", PORT, "-U", "tester", "-d", "skein", "-At",
                           *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)


def test_rows():
    done = psql("-c", "SELECT range, 'ü' || range, NULL FROM range(3)")
    assert (done.returncode, done.stdout) == (0, "0|ü0|\n1|ü1|\n2|ü2|\n")


def test_several_statements():
    done = psql("-c", "CREATE TEMP TABLE t AS SELECT 1 AS i", "-c", "INSERT INTO t VALUES (2)",
                "-c", "SELECT sum(i)::BIGINT FROM t")
    assert done.returncode == 0 and done.stdout.splitlines()[-2:] == ["INSERT 0 1", "3"], done


def test_error():
    done = psql("-v", "VERBOSITY=verbose", "-c", "SELECT * FROM no_such_table")
    assert done.returncode == 1 and "42P01" in done.stderr
