"""What services for tests have in common: one process of ours, that is ready when it says so, and ends with the test."""

import os
import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def assignments(path):
    lines = path.read_text().splitlines()
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines) if value}


def installed(name):
    """What scripts/setup test fetched or built, by its name in clients.env."""
    return assignments(ROOT / "build" / "clients.env")[name]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A process with a port of its own. A kind of it has `command` and `ready`, and may have `environment`."""

    name = "the service"
    start_seconds = 20
    stop_seconds = 5

    def __init__(self, work_dir):
        self.work_dir = pathlib.Path(work_dir)
        self.process = None

    def command(self):
        raise NotImplementedError

    def ready(self):
        """Raises OSError while it is not."""
        raise NotImplementedError

    def environment(self):
        return {}

    def start(self):
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.log_path = self.work_dir / "service.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **self.environment()}, cwd=self.work_dir)
        deadline = time.monotonic() + self.start_seconds
        while True:
            assert self.process.poll() is None, f"{self.name} ended and logged:\n{self.log_path.read_text()}"
            try:
                self.ready()
                return self
            except OSError:
                assert time.monotonic() < deadline, f"{self.name} does not answer:\n{self.log_path.read_text()}"
                time.sleep(0.02)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop()
