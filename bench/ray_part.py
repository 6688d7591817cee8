"""The part `ray` of run.py: what Ray itself costs, and what the ways of rows from one worker to another cost."""

import json
import os
import pathlib
import statistics
import subprocess
import sys

from peers import tree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "build" / "release" / "python"
sys.path[:0] = [str(ROOT / "tests" / "cluster"), str(ROOT / "tests" / "distributed")]

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def store_figures():
    """Calls and bytes through Ray itself: a process of its own, because Ray's client stays in the one it is used in."""
    answer = subprocess.run([sys.executable, pathlib.Path(__file__).parent / "ray_store.py"], check=True, text=True,
                            capture_output=True, env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    return json.loads(answer.stdout.splitlines()[-1])


def flight_figure():
    """MB for a second of a core, which the giver's and the taker's together are."""
    program = pathlib.Path(__file__).parent / "flight_copy.py"
    with subprocess.Popen([sys.executable, program, "give"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as giver:
        port = giver.stdout.readline().strip()
        answer = subprocess.run([sys.executable, program, "take", port], check=True, text=True, capture_output=True)
        giver.stdin.close()
    return json.loads(answer.stdout)


def pattern(directory, name):
    """The files of a table."""
    return f"{name}.*.parquet" if list(directory.glob(f"{name}.*.parquet")) else f"{name}.parquet"


# The rows that are shuffled, and the same work without a shuffle. A left join keeps every row of the left side, and the
# other side is a single row: apart from the shuffle, there is a scan, and a look into a hash table.
SHUFFLED = """SELECT count(k), max(l_extendedprice), max(l_shipdate), count(l_comment), max(l_quantity), sum(l_suppkey)
FROM lineitem LEFT JOIN (SELECT min(o_orderkey) AS k FROM orders WHERE o_orderkey = 1) ON l_orderkey = k
WHERE l_orderkey < {end}"""


def cpu_seconds(pid):
    """Of a process and all below it that live."""
    ticks = 0
    for one in tree(pid):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def shuffle_figure(session, pid, end, rounds):
    """(bytes that were shuffled, seconds of the processor for that), of the server's processes together."""
    sql = SHUFFLED.format(end=end)
    taken = {"shuffled": [], "not": []}
    size = 0
    for number in range(rounds + 1):
        for name, threshold in (("shuffled", 0), ("not", 1000)):
            session.run(f"SET broadcast_threshold_mb = {threshold}")
            before = cpu_seconds(pid)
            answer = session.run(sql)
            taken[name].append(cpu_seconds(pid) - before)
            if number == 0:
                taken[name].clear()
                stages = json.loads(session.run(f"EXPLAIN (DISTRIBUTED, ANALYZE, FORMAT JSON) {sql}").column(0)[0].as_py())["stages"]
                most = max(stage["bytes"] for stage in stages)
                assert (most > 1e6) == (name == "shuffled"), stages
                size = max(size, most)
                assert answer.num_rows == 1
    return size, statistics.median(taken["shuffled"]) - statistics.median(taken["not"])
