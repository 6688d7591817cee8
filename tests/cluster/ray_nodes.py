"""A Ray cluster of several nodes on this machine, each with a loopback address of its own."""

import os
import pathlib
import random
import re
import secrets
import signal
import subprocess
import sys
import time

from ray_server import alive, descendants
from skein_server import wait_until


class Nodes:
    """Node 0 is the head, without cores: the gateway's node. The others have one core each."""

    def __init__(self, folder, count):
        self.folder = pathlib.Path(folder)
        self.net = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}"
        token = self.folder / "token"
        token.touch(0o600)
        token.write_text(secrets.token_hex(32))
        self.environment = {
            "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0",
            # A node that is silent for some seconds is dead; by default that takes a minute.
            "RAY_health_check_initial_delay_ms": "1000", "RAY_health_check_period_ms": "1000",
            "RAY_health_check_timeout_ms": "1000", "RAY_health_check_failure_threshold": "3"}
        self.processes = []
        self.started = set()
        try:
            # The paths of sockets must be short, those of a test's folder are not.
            self.temporary = f"/tmp/skein-ray-nodes-{os.getpid()}"
            self._start("--head", "--port=0", "--num-cpus=0", "--include-dashboard=false",
                        f"--temp-dir={self.temporary}")
            self.address = wait_until(lambda: re.search(r"--address='([\d.:]+)'", self._said(0)), 60,
                                      "the head does not start").group(1)
            for _ in range(count):  # One after the other: two at once race for ports.
                self._start(f"--address={self.address}", "--num-cpus=1")
        except BaseException:
            self.stop()
            raise

    def _said(self, number):
        return (self.folder / f"node{number}.log").read_text(errors="replace")

    def _start(self, *arguments):
        number = len(self.processes)
        with open(self.folder / f"node{number}.log", "wb") as log:
            self.processes.append(subprocess.Popen(
                [pathlib.Path(sys.executable).parent / "ray", "start", "--block", "--disable-usage-stats",
                 f"--node-ip-address={self.net}.{number + 1}", "--object-store-memory=80000000", "--min-worker-port=0",
                 "--max-worker-port=0", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, **self.environment}))
        wait_until(lambda: "Ray runtime started" in self._said(number), 60, f"node {number} does not start")

    def kill(self, number):
        """All at once, as when the machine loses its power."""
        process = self.processes[number]
        doomed = descendants(process.pid)
        self.started.update(doomed)
        for pid in [process.pid, *doomed]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait()

    def stop(self):
        for number in reversed(range(len(self.processes))):
            self.started.update(descendants(self.processes[number].pid))
            if self.processes[number].poll() is None:
                self.processes[number].terminate()
                try:
                    self.processes[number].wait(20)
                except subprocess.TimeoutExpired:
                    self.kill(number)
        deadline = time.monotonic() + 5
        while any(map(alive, self.started)) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in filter(alive, self.started):
            os.kill(pid, signal.SIGKILL)
        subprocess.run(["rm", "-rf", self.temporary], check=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
