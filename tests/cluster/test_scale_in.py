"""Workers come with the work and go without it."""

import threading

import benchmark_data
from ray_server import Held
from skein_server import wait_until

TPCH = benchmark_data.queries("tpch")


def test_workers_come_and_go(start_ray, tmp_path):
    held = Held(tmp_path / "held")
    tasks = [(0, 0), (0, 1), (0, 2)]
    server, client = start_ray(settings={"cluster_workers_min": 1, "cluster_workers_max": 3, "cluster_idle": "1s"},
                               environment={"SKEIN_FAULT": held.fault(*tasks)})
    client.set(num_shuffle_partitions=3)
    wait_until(lambda: server.state()[2] == "1", 60, "not the minimum of workers before any work")
    found = []
    thread = threading.Thread(target=lambda: found.append(client.difference(TPCH[6])))
    thread.start()
    assert len(set(held.wait(*tasks))) == 3
    assert server.state()[2] == "3"
    held.let_go()
    thread.join(120)
    assert found == [None]
    wait_until(lambda: server.state()[2] == "1" and len(server.workers()) == 1, 60, "workers without work stay")
    # What was let go of is missed by nobody, and comes back.
    assert client.difference(TPCH[3]) is None
