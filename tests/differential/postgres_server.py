"""A PostgreSQL of the tests' own: a temporary cluster on a free port, run as user postgres when we are root."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_SECONDS = 60


def programs():
    """The folder of PostgreSQL's programs, None when there is no server installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    return pathlib.Path(found[-1]).parent if found else None


class PostgresServer:
    """`with PostgresServer() as server: server.conninfo`. Nothing outlives the with block."""

    def __init__(self):
        self.programs = programs()
        self.account = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}

    def __enter__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="skein-differential-"))
        if self.account:
            os.chown(self.work, pwd.getpwnam("postgres").pw_uid, -1)
        try:
            self.start()
        except BaseException:
            shutil.rmtree(self.work, ignore_errors=True)
            raise
        return self

    def start(self):
        data = self.work / "data"
        subprocess.run([self.programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C",
                        "-N"], check=True, stdout=subprocess.DEVNULL, cwd=self.work, **self.account)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "",
                    "fsync": "off", "timezone": "UTC"}
        with open(self.work / "log", "wb") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", data, *(f"--{k}={v}" for k, v in settings.items())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.work, **self.account)
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError("PostgreSQL did not start:\n" + (self.work / "log").read_text())
            time.sleep(0.05)

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            self.process.wait(30)
        shutil.rmtree(self.work, ignore_errors=True)

    @property
    def conninfo(self):
        return f"host=127.0.0.1 port={self.port} user=tester dbname=postgres sslmode=disable"
