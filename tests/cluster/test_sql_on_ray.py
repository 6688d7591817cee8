"""Cases of tests/sql over two and three workers of Ray."""

import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).parent.parent / "sql"))

from ray_server import RayServer  # noqa: E402
from test_sql import read_cases  # noqa: E402
from test_sql_cut import check  # noqa: E402


@pytest.fixture(scope="module")
def over_ray(data_dir, tmp_path_factory):
    with RayServer(data_dir, tmp_path_factory.mktemp("ray"), settings={"cluster_workers_max": 3}) as server:
        yield server


@pytest.mark.parametrize("statements", [case for case in read_cases() if case.id.startswith("files")])
def test_two_and_three_workers(over_ray, data_dir, statements):
    check(over_ray, data_dir, statements, (2, 3))
