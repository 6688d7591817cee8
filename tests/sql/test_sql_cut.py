"""The cases of *.sql and TPC-H once more, cut into 1, 2, 3 and 7 tasks on engines in the server's process: nothing is small
enough to be read or sent whole, and ranges are short."""

import math
import re

import pytest

from skein_server import SkeinServer
from test_sql import by_flight, canonical, expected, read_cases, tpch_queries


@pytest.fixture(scope="module")
def cut(data_dir, tmp_path_factory):
    with SkeinServer(data_dir, tmp_path_factory.mktemp("cut"), settings={"cluster": "local:2"}) as server:
        yield server


SETTINGS = ["SET skein_distributed = 'on'", "SET broadcast_threshold_mb = 0", "SET skein_split_rows = 500",
            "SET skein_range_sort_rows = 1", "SET skein_range_windows = on"]


def close(one, other):
    """Averages and sums of fractions differ in their last digit with the order of their parts."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return one == other


def check(server, data_dir, statements, task_counts):
    names, types, wanted = expected(data_dir, statements)
    outermost = re.sub(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", "", statements[-1])
    ordered = re.search(r"\border\s+by\b", outermost, re.I) is not None
    for tasks in task_counts:
        found_names, rows = by_flight(server, [*SETTINGS, f"SET num_shuffle_partitions = {tasks}", *statements], types)
        assert found_names == names
        found, want = [tuple(map(canonical, row, types)) for row in rows], list(wanted)
        assert len(found) == len(want)
        if not ordered:
            found, want = sorted(found, key=repr), sorted(want, key=repr)
        for i, (row, other) in enumerate(zip(found, want)):
            assert all(map(close, row, other)), f"{tasks} tasks, row {i}"


@pytest.mark.parametrize("statements", [*read_cases(), *tpch_queries()])
def test_every_number_of_tasks_answers_as_duckdb_does(cut, data_dir, statements):
    check(cut, data_dir, statements, (1, 2, 3, 7))
