"""What bench/run.py compares Skein with, and how it takes turns, counts memory and writes tables."""

import contextlib
import glob
import os
import pathlib
import pwd
import shutil
import socket
import statistics
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def interleaved(contenders, rounds):
    """{name: median}: each round asks every contender (name -> function returning a number) once, in turn,
    every other round backwards, so that none is always the one after another."""
    seen = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders)
        for name in names if number % 2 == 0 else reversed(names):
            seen[name].append(contenders[name]())
    return {name: statistics.median(values) for name, values in seen.items()}


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join("---" if i == 0 else "---:" for i in range(len(head))) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with contextlib.suppress(OSError):
            for child in pathlib.Path(path).read_text().split():
                found += tree(int(child))
    return found


def memory_bytes(pid):
    """Proportional set size of a process and its children: RSS with what processes share counted once."""
    total = 0
    for one in tree(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


class Postgres:
    """A PostgreSQL of the benchmark's own in a temporary folder, run as user postgres when we are root."""

    def __init__(self, **settings):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
        if not programs:
            raise SystemExit("bench: needs PostgreSQL's server (apt-get install postgresql)")
        self.programs = pathlib.Path(programs[0]).parent
        self.settings = settings
        self.account = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}

    def __enter__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="skein-bench-pg-"))
        if self.account:
            os.chown(self.work, pwd.getpwnam("postgres").pw_uid, -1)
        data = self.work / "data"
        subprocess.run([self.programs / "initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C",
                        "-N"], check=True, stdout=subprocess.DEVNULL, cwd=self.work, **self.account)
        self.port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "",
                    "shared_buffers": "1GB", "max_wal_size": "4GB", "fsync": "off", **self.settings}
        with open(self.work / "log", "wb") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", data, *(f"--{k}={v}" for k, v in settings.items())],
                stdout=log, stderr=log, cwd=self.work, **self.account)
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]
        deadline = time.monotonic() + 30
        while subprocess.run(ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("bench: PostgreSQL did not start:\n" + (self.work / "log").read_text())
            time.sleep(0.1)
        return self

    def __exit__(self, *unused):
        self.process.send_signal(2)  # SIGINT: fast shutdown
        self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    @property
    def conninfo(self):
        return f"host=127.0.0.1 port={self.port} user=bench dbname=postgres sslmode=disable"
