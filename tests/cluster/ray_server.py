"""A server with a Ray cluster, and one client that asks it and DuckDB the same."""

import contextlib
import os
import pathlib
import re
import signal
import sys

import benchmark_data
import oracle
import skein_server

# Ray's own processes take ten seconds on two busy cores.
START_SECONDS = 100


class RayServer(skein_server.SkeinServer):
    """As SkeinServer, with a Ray of its own. `settings` may name another cluster."""

    def __init__(self, data_dir, work_dir, settings=None, environment=None):
        super().__init__(data_dir, work_dir, environment=environment,
                         settings={"cluster": "ray", "cluster_python": sys.executable, **(settings or {})})
        self.start_seconds = START_SECONDS
        self.left_behind = None

    def driver(self):
        """The process id of the driver, or None while there is none."""
        found = [pid for pid in children(self.pid) if "skein_ray.driver" in command_line(pid)]
        return found[0] if found else None

    def workers(self):
        return sorted(pid for pid in descendants(self.driver() or self.pid) if command_line(pid).startswith("ray::Engine"))

    def state(self):
        """What the driver says of itself: (queries, objects, workers)."""
        said = r"Ray driver: (\d+) queries, (\d+) objects, (\d+) workers"
        before = len(re.findall(said, self.log()))
        os.kill(self.driver(), signal.SIGUSR1)
        return skein_server.wait_until(lambda: re.findall(said, self.log())[before:], 10, "the driver says nothing")[-1]

    def stop(self, expect_clean=True, timeout=60):
        """All processes that it started end with it."""
        if self.process is None:
            return
        started = descendants(self.pid) if self.process.poll() is None else []
        super().stop(expect_clean, timeout)
        if expect_clean:
            skein_server.wait_until(lambda: not any(alive(pid) for pid in started), 10,
                                    "processes of the cluster outlive the server")


class Held:
    """Tasks that wait at their first attempt until the test lets them go."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def fault(self, *tasks):
        """What SKEIN_FAULT is to be; tasks are (stage, task)."""
        return ",".join(f"hold-task:{stage}:{task}:{self.path}" for stage, task in tasks)

    def wait(self, *tasks):
        """The process ids of the workers, when all wait."""
        def waiting():
            found = [pathlib.Path(f"{self.path}.{stage}.{task}") for stage, task in tasks]
            return all(one.exists() and one.read_text() for one in found) and [int(one.read_text()) for one in found]
        return skein_server.wait_until(waiting, 120, f"the tasks {tasks} do not begin")

    def let_go(self):
        self.path.touch()


class Client:
    """A session of the server and DuckDB in process, over the same views."""

    def __init__(self, server, folder):
        self.stack = contextlib.ExitStack()
        connection = self.stack.enter_context(server.connect_flight())
        self.cursor = self.stack.enter_context(connection.cursor())
        self.peer = self.stack.enter_context(benchmark_data.connect())
        self.set(skein_distributed="on", broadcast_threshold_mb=0, skein_split_rows=5000)
        self.add_views(folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def add_views(self, folder):
        """One for each table, on both sides."""
        benchmark_data.make_views(self.peer, folder)
        for table in sorted(path.name for path in folder.iterdir()):
            self.run(f"CREATE OR REPLACE TEMP VIEW {table} AS FROM read_parquet('{folder}/{table}/*.parquet')")

    def run(self, sql):
        self.cursor.execute(sql)
        return self.cursor.fetch_arrow_table() if self.cursor.description else None

    def set(self, **settings):
        for name, value in settings.items():
            self.run(f"SET {name} = '{value}'")

    def difference(self, sql, ordered=False):
        return oracle.difference(self.run(sql), self.peer.sql(sql).to_arrow_table(), ordered)


def children(pid):
    found = []
    with contextlib.suppress(OSError):
        for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
            # A thread that ends meanwhile had none.
            with contextlib.suppress(OSError):
                found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def alive(pid):
    """Not when it has ended and nobody has asked yet."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"

