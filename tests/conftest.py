"""Fixtures: sample data made once, one server for the session, special ones on request."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from skein_server import SkeinServer, deps  # noqa: E402

# Clients of scripts/requirements-clients.txt; behind everything else, so that they hide nothing.
for kind in ("SKEIN_CLIENTS", "SKEIN_ANALYSTS"):
    if clients := deps().get(kind):
        sys.path.append(clients)


@pytest.fixture(scope="session")
def build_deps():
    return deps()


def pytest_sessionstart(session):
    """Starts the shared server before collection: driver tests read its address while they are imported."""
    if session.config.option.collectonly:
        return
    work = pathlib.Path(tempfile.mkdtemp(prefix="skein-tests-"))
    session.config.add_cleanup(lambda: shutil.rmtree(work, ignore_errors=True))
    data = ROOT / "build" / "test-data"
    subprocess.run([ROOT / "scripts" / "make-data", data, "--scale", "0.01"], check=True)
    scratch = work / "scratch"
    scratch.mkdir()
    running = SkeinServer(f"{data}:{scratch}", work / "server").start()
    session.config.skein = (running, data, scratch)
    # A shut door has no address; its tests say so themselves.
    if "pg" in running.ports:
        os.environ.setdefault("SKEIN_PG_PORT", str(running.ports["pg"]))
    if "http" in running.ports:
        os.environ.setdefault("SKEIN_HTTP_URL", running.http_url)
    if "flight" in running.ports:
        os.environ.setdefault("SKEIN_FLIGHT_URI", running.flight_uri)


def pytest_sessionfinish(session, exitstatus):
    """The stop of the shared server is a test of its own: one that is late or not clean fails the run."""
    shared = getattr(session.config, "skein", None)
    if shared:
        shared[0].stop()


@pytest.fixture(scope="session")
def data_dir(request):
    """TPC-H at a hundredth and the other sample files. Shared: tests write elsewhere."""
    return request.config.skein[1]


@pytest.fixture(scope="session")
def scratch_dir(request):
    """A second data directory of the shared server, which tests may fill."""
    return request.config.skein[2]


@pytest.fixture(scope="session")
def server(request):
    """One server for all tests that do not harm it."""
    return request.config.skein[0]


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
