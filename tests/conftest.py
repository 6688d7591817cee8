"""Fixtures: sample data made once, one server for the session, special ones on request."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from skein_server import SkeinServer  # noqa: E402


def deps():
    """What scripts/setup wrote down: SKEIN_CACHE, SKEIN_EXTENSION_DIR, ..."""
    lines = (ROOT / "build" / "deps.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture(scope="session")
def build_deps():
    return deps()


@pytest.fixture(scope="session")
def data_dir():
    """TPC-H at a hundredth and the other sample files. Shared: tests write elsewhere."""
    directory = ROOT / "build" / "test-data"
    subprocess.run([ROOT / "scripts" / "make-data", directory, "--scale", "0.01"], check=True)
    return directory


@pytest.fixture(scope="session")
def scratch_dir(tmp_path_factory):
    """A second data directory of the session's server, which tests may fill."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="session")
def server(data_dir, scratch_dir, tmp_path_factory):
    """One server for all tests that do not harm it."""
    with SkeinServer(f"{data_dir}:{scratch_dir}", tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def start_server(data_dir, tmp_path):
    """start_server(settings={...}, environment={...}, data_dir=...): a server of the test's own."""
    started = []

    def start(**options):
        directory = options.pop("data_dir", data_dir)
        one = SkeinServer(directory, tmp_path / f"server{len(started)}", **options)
        started.append(one)
        return one.start()

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session", autouse=True)
def doors_in_environment(request):
    """The driver tests of single doors find the server by these variables."""
    wanted = any("drivers" in str(item.path) for item in request.session.items)
    if not wanted or os.environ.get("SKEIN_PG_PORT"):
        yield
        return
    running = request.getfixturevalue("server")
    found = {"SKEIN_PG_PORT": ("pg", lambda: str(running.ports["pg"])),
             "SKEIN_HTTP_URL": ("http", lambda: running.http_url),
             "SKEIN_FLIGHT_URI": ("flight", lambda: running.flight_uri)}
    # A shut door has no address; its tests say so themselves.
    values = {name: address() for name, (door, address) in found.items() if door in running.ports}
    os.environ.update(values)
    yield
    for name in values:
        os.environ.pop(name, None)
