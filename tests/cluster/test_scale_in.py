"""Workers come with the work and go without it."""

import os
import re
import signal
import threading

import benchmark_data
from ray_server import Held
from skein_server import wait_until

TPCH = benchmark_data.queries("tpch")


def test_workers_come_and_go(start_ray, tmp_path):
    held = Held(tmp_path / "held")
    tasks = [(0, 0), (0, 1), (0, 2)]
    temporary = tmp_path / "temporary"
    server, client = start_ray(settings={"cluster_workers_min": 1, "cluster_workers_max": 3, "cluster_idle": "1s", "temp_dir": temporary},
                               environment={"SKEIN_FAULT": held.fault(*tasks)})
    client.set(num_shuffle_partitions=3)
    wait_until(lambda: server.state()[2] == "1", 60, "not the minimum of workers before any work")
    assert ": 1 worker, at most 3" in server.log()
    found = []
    thread = threading.Thread(target=lambda: found.append(client.difference(TPCH[6])))
    thread.start()
    assert len(set(held.wait(*tasks))) == 3
    assert server.state()[2] == "3"
    wait_until(lambda: re.search("Ray cluster: 3 workers now, [12] before, at most 3", server.log()), 10,
               "the log does not tell the workers that came")
    assert len(list(temporary.rglob("skein-worker-*"))) == 3
    held.let_go()
    thread.join(120)
    assert found == [None]
    wait_until(lambda: server.state()[2] == "1" and len(server.workers()) == 1, 60, "workers without work stay")
    wait_until(lambda: re.search("Ray cluster: 1 worker now, [23] before, at most 3", server.log()), 10,
               "the log does not tell the workers that went")
    told = re.findall(r"Ray cluster: (\d) workers? now, (\d) before", server.log())
    assert all(now != before for now, before in told), "the log repeats itself"
    # What was let go of is missed by nobody, and comes back.
    assert client.difference(TPCH[3]) is None
    # Nothing of those that went stays on the disk, and of one that is killed nothing either when another takes its place.
    wait_until(lambda: len(list(temporary.rglob("skein-worker-*"))) == len(server.workers()) == 1, 60, "folders of workers stay")
    (killed,) = server.workers()
    (left,) = temporary.rglob("skein-worker-*")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: server.state()[2] == "1" and not left.exists(), 60, "the folder of a killed worker stays")
    client.stack.close()
    server.stop()
    assert list(temporary.iterdir()) == []
