"""The Python package by itself: the wheel that nodes install, and whom a worker refuses."""

import os
import subprocess
import sys
import zipfile

import pytest

from skein_server import ROOT

# Two DuckDBs do not share a process: the tests' own is in this one.
REFUSED = """
import ray
class Context:
    def get_node_id(self): return "a node"
ray.get_runtime_context = Context
from skein_ray import actor, engine, messages
identity = {identity}
options = messages.EngineOptions(threads=1, extension_dir={extensions!r}, extensions={names!r})
error, pid, node = actor.EngineActor().open(identity, options.SerializeToString(), "")
print(messages.Error.FromString(error).message or "opened")
"""


def run(code, folder):
    # A node finds extensions where this says, too: it must not, unless the test says so.
    environment = {name: value for name, value in os.environ.items() if name != "SKEIN_EXTENSION_DIR"}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
                            env={**environment, "PYTHONPATH": str(folder)})
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, unpacked as pip does."""
    folder = tmp_path_factory.mktemp("wheel")
    made = subprocess.run([ROOT / "scripts" / "make-wheel", folder], check=True, capture_output=True, text=True)
    wheel = made.stdout.strip()
    assert wheel.endswith(".whl") and os.path.getsize(wheel) < 100 << 20  # what Ray ships at most
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_a_worker_opens_from_the_wheel(installed, build_deps):
    code = REFUSED.format(identity="engine.build_identity()", extensions=build_deps["SKEIN_EXTENSION_DIR"],
                          names=["fts"])
    assert run(code, installed) == "opened"


def test_another_build_is_refused(installed):
    code = REFUSED.format(identity="'v0.0.1 format 0'", extensions="", names=[])
    assert "a node of the cluster has another build: v1.5.5" in run(code, installed)


def test_a_node_without_an_extension_is_refused(installed):
    code = REFUSED.format(identity="engine.build_identity()", extensions="/no/such/folder", names=["fts"])
    assert "fts" in run(code, installed)


def test_bytes_that_are_no_task_are_an_error(installed):
    code = ("from skein_ray import engine, messages; worker = engine.Worker(messages.EngineOptions(threads=1));"
            "answer, output = worker.run_task('a', b'\\x08\\xff' * 50, [], [], 1);"
            "print(messages.TaskAnswer.FromString(answer).error.sqlstate, output)")
    assert run(code, installed) == "08P01 []"
