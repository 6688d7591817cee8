"""The part `ray` of run.py: what Ray itself costs."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "build" / "release" / "python"
sys.path[:0] = [str(ROOT / "tests" / "cluster"), str(ROOT / "tests" / "distributed")]

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def store_figures():
    """Calls and bytes through Ray itself: a process of its own, because Ray's client stays in the one it is used in."""
    answer = subprocess.run([sys.executable, pathlib.Path(__file__).parent / "ray_store.py"], check=True, text=True,
                            capture_output=True, env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    return json.loads(answer.stdout.splitlines()[-1])


def pattern(directory, name):
    """The files of a table."""
    return f"{name}.*.parquet" if list(directory.glob(f"{name}.*.parquet")) else f"{name}.parquet"
