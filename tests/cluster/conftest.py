"""Fixtures: a server with a Ray of its own, shared by the tests that do not harm it."""

import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parent.parent / "distributed")]

import benchmark_data  # noqa: E402
import joined_data  # noqa: E402
import sorted_data  # noqa: E402
from ray_server import Client, RayServer  # noqa: E402

pytest.importorskip("ray", reason="Ray is not installed (scripts/setup installs it)")


@pytest.fixture(scope="session")
def tpch():
    return benchmark_data.tpch(0.05)


@pytest.fixture(scope="session")
def unkind():
    """A table of one hot key, many NULL ones, and texts longer than a block."""
    def generate(connection):
        connection.execute(
            "CREATE TABLE keys AS SELECT CASE WHEN i % 5 = 0 THEN NULL WHEN i % 5 < 4 THEN 7 ELSE i % 1000 END AS k,"
            " i AS v, CASE WHEN i < 20 THEN repeat(chr(97 + (i % 3)::INTEGER), 500000) END AS long,"
            " [i, NULL, -i] AS list, TIMESTAMPTZ '2024-03-31 01:30:00+00' + to_seconds(i) AS t FROM range(100000) r(i)")
    return benchmark_data.make("unkind", generate, 4, 4096)


@pytest.fixture(scope="session")
def joined():
    return joined_data.folder()


@pytest.fixture(scope="session")
def in_order():
    return sorted_data.folder()


@pytest.fixture(scope="module")
def shared(tpch, unkind, joined, in_order, tmp_path_factory):
    """Three workers."""
    with RayServer(f"{tpch}:{unkind}:{joined}:{in_order}", tmp_path_factory.mktemp("ray"), settings={"cluster_workers_max": 3}) as server:
        yield server


@pytest.fixture
def client(shared, tpch):
    with Client(shared, tpch) as one:
        yield one


@pytest.fixture
def start_ray(tpch, tmp_path):
    """start_ray(settings={...}, environment={...}): a server of the test's own, and a client of it."""
    started = []

    def start(data_dir=tpch, **options):
        server = RayServer(data_dir, tmp_path / f"server{len(started)}", **options).start()
        started.append(server)
        one = Client(server, data_dir)
        started.append(one.stack)
        return server, one

    yield start
    for one in reversed(started):
        one.stop() if isinstance(one, RayServer) else one.close()
