"""dbt with dbt-postgres and a small project: seed, table, view, incremental and ephemeral models, snapshot, tests, docs."""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

from client_program import need
from skein_server import clean_environment

PROJECT = pathlib.Path(__file__).parent / "dbt"
# All commands in one process: it takes some seconds to start.
RUN = """
import sys
from dbt.cli.main import dbtRunner
failed = []
for line in sys.argv[1:]:
    result = dbtRunner().invoke(line.split())
    for one in getattr(result.result, "results", None) or []:
        print("result", line.split()[0], one.node.name if hasattr(one, "node") else "", one.status, one.message, flush=True)
    if not result.success:
        failed.append(line)
        print("failed", line, result.exception, flush=True)
sys.exit(1 if failed else 0)
"""


@pytest.fixture(scope="module")
def project(server, tmp_path_factory):
    """The project after two runs: the second one is incremental. The documentation comes last."""
    (packages,) = need("SKEIN_ANALYSTS")
    work = tmp_path_factory.mktemp("dbt") / "project"
    shutil.copytree(PROJECT, work)
    with server.connect_pg() as connection:
        database = connection.execute("SELECT current_database()").fetchone()[0]
    lines = ["build", "build", "docs generate"]
    done = subprocess.run(
        [sys.executable, "-c", RUN, *lines], cwd=work, timeout=100,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env=clean_environment({"PYTHONPATH": packages, "SKEIN_PG_PORT": str(server.ports["pg"]),
                               "SKEIN_DATABASE": database, "DBT_PROFILES_DIR": str(work),
                               "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_COLOR": "1"}))
    yield work, done
    with server.connect_pg() as connection:
        connection.execute("DROP SCHEMA IF EXISTS dbt_shop CASCADE")


def test_all_of_it_succeeds(project):
    _, done = project
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert done.stdout.count("result build") >= 22


def test_what_it_made(project, server):
    with server.connect_pg() as connection:
        rows = connection.execute("SELECT customer, orders, total FROM dbt_shop.large ORDER BY customer").fetchall()
        assert [(name, count, float(total)) for name, count, total in rows] == [("Ann", 2, 10.5), ("Bob", 1, 20.0)]
        assert connection.execute("SELECT id, run FROM dbt_shop.log ORDER BY id").fetchall() == [(1, 1), (2, 1), (3, 2), (4, 2)]
        assert connection.execute("SELECT count(*), count(dbt_valid_to) FROM dbt_shop.kept").fetchone() == (4, 0)
        kinds = connection.execute("SELECT table_name, table_type FROM information_schema.tables "
                                   "WHERE table_schema = 'dbt_shop' ORDER BY 1").fetchall()
        assert kinds == [("by_customer", "BASE TABLE"), ("kept", "BASE TABLE"), ("large", "VIEW"), ("log", "BASE TABLE"),
                         ("names", "VIEW"), ("orders", "BASE TABLE")]
        assert connection.execute("SELECT obj_description('dbt_shop.by_customer'::regclass)").fetchone() == (
            "What each customer ordered",)


def test_the_catalogue_of_the_documentation(project):
    work, _ = project
    catalog = json.loads((work / "target" / "catalog.json").read_text())
    table = catalog["nodes"]["model.shop.by_customer"]
    assert table["metadata"]["type"] == "BASE TABLE"
    assert table["metadata"]["comment"] == "What each customer ordered"
    assert list(table["columns"]) == ["customer", "orders", "total", "latest"]
    assert table["columns"]["latest"]["type"] == "date"
