"""Known-answer queries while workers, and now and then the driver, are killed: each answer is right, or an error says that
the query can be run again and then it can. SKEIN_KILL_QUERIES says how many (default 8; two kills at least), SKEIN_KILL_SEED how."""

import contextlib
import itertools
import os
import random
import signal
import threading

import pytest

import benchmark_data
from skein_server import wait_until

COUNT = int(os.environ.get("SKEIN_KILL_QUERIES", "8"))
WORKERS = 3
TPCH = benchmark_data.queries("tpch")


class Killer:
    """Kills a worker whenever all are there, after a while."""

    def __init__(self, server, chance):
        self.server, self.chance = server, chance
        self.killed = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while not self.over.wait(self.chance.uniform(0.1, 1.5)):
            workers = self.server.workers()
            if len(workers) < WORKERS:
                continue  # A worker takes seconds to start: what never runs cannot be killed in the middle.
            with contextlib.suppress(OSError):
                os.kill(self.chance.choice(workers), signal.SIGKILL)
                self.killed += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


@pytest.mark.timeout(120 + 15 * COUNT)
def test_answers_while_workers_die(start_ray):
    chance = random.Random(int(os.environ.get("SKEIN_KILL_SEED", "1")))
    # A task meets more kills here than a cluster sees in a year.
    server, client = start_ray(settings={"cluster_workers_max": WORKERS, "cluster_retries": 20})
    client.set(num_shuffle_partitions=3)
    errors = []
    with Killer(server, chance) as killer:
        for number in itertools.count():
            if number >= COUNT and killer.killed >= 2:
                break
            if number and number % 40 == 0:
                os.kill(server.driver(), signal.SIGKILL)
            sql = TPCH[chance.choice([1, 3, 4, 5, 6, 9, 10, 12, 13, 18])]
            for _ in range(5):
                try:
                    difference = client.difference(sql)
                except Exception as error:  # noqa: BLE001
                    errors.append(str(error))
                    assert any(said in str(error) for said in (
                        "the Ray driver ended", "workers were lost", "there is no Ray cluster", "was lost too often")), error
                    wait_until(server.driver, 120, "no new driver came")
                    continue
                assert difference is None, f"{sql}: {difference}"
                break
            else:
                raise AssertionError(errors)
    print(f"{number} queries, {killer.killed} workers killed, {len(errors)} errors")
    assert len(errors) <= number // 40 * 2
    # Afterwards it is as before.
    assert client.difference(TPCH[3]) is None
