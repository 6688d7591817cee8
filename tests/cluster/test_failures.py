"""Workers, nodes and the driver are killed; the answer is right or the error says what to do."""

import os
import signal
import socket
import threading
import time

import pytest

import benchmark_data
from ray_server import Client, Held, RayServer, alive, descendants
from skein_server import wait_until

TPCH = benchmark_data.queries("tpch")


def test_workers_that_die_in_the_middle(start_ray):
    """The first attempts of two tasks of each query end with their worker."""
    server, client = start_ray(settings={"cluster_workers_max": 2},
                               environment={"SKEIN_FAULT": "kill-worker:0:0,kill-worker:1:1"})
    client.set(num_shuffle_partitions=2)
    before = server.workers()
    for number in (1, 3, 12):
        assert client.difference(TPCH[number]) is None, number
    assert not set(before) & set(server.workers())
    wait_until(lambda: "a worker was lost while it ran task 0 of stage 0" in server.log(), 10, "the log does not tell the loss")


def test_a_worker_killed_from_outside(start_ray, tmp_path):
    held = Held(tmp_path / "held")
    server, client = start_ray(settings={"cluster_workers_max": 2}, environment={"SKEIN_FAULT": held.fault((0, 0))})
    client.set(num_shuffle_partitions=2)
    found = []
    thread = threading.Thread(target=lambda: found.append(client.difference(TPCH[3])))
    thread.start()
    os.kill(held.wait((0, 0))[0], signal.SIGKILL)
    thread.join(120)
    assert found == [None]


def test_a_task_that_kills_every_worker_is_given_up(start_ray):
    server, client = start_ray(settings={"cluster_workers_max": 2, "cluster_retries": 0},
                               environment={"SKEIN_FAULT": "kill-worker:0:0"})
    client.set(num_shuffle_partitions=2)
    with pytest.raises(Exception, match="workers were lost while they ran task 0 of stage 0"):
        client.run(TPCH[1])
    client.set(skein_distributed="off")
    assert client.difference(TPCH[1]) is None


def test_a_straggler_runs_twice(start_ray, tmp_path):
    """Its first attempt would never end."""
    held = Held(tmp_path / "held")
    server, client = start_ray(settings={"cluster_workers_max": 3}, environment={"SKEIN_FAULT": held.fault((0, 0))})
    client.set(num_shuffle_partitions=3)
    assert client.difference(TPCH[6]) is None
    held.wait((0, 0))


def test_the_driver_is_killed(start_ray, tmp_path):
    held = Held(tmp_path / "held")
    server, client = start_ray(settings={"cluster_workers_max": 2}, environment={"SKEIN_FAULT": held.fault((0, 0))})
    client.set(num_shuffle_partitions=2)
    driver, left = server.driver(), descendants(server.driver())
    failed = []

    def run():
        try:
            client.run(TPCH[1])
        except Exception as error:  # noqa: BLE001
            failed.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    held.wait((0, 0))
    os.kill(driver, signal.SIGKILL)
    thread.join(60)
    held.let_go()
    assert failed and "the query was lost, because the Ray driver ended" in str(failed[0])
    # The gateway answers meanwhile, and a new driver comes by itself.
    with server.connect_pg() as connection:
        assert connection.execute("SELECT 42").fetchone() == (42,)
    client.set(num_shuffle_partitions=1)
    assert client.difference(TPCH[6]) is None
    wait_until(lambda: not any(alive(pid) for pid in left), 20, "processes of the killed driver stay")
    wait_until(lambda: server.log().count("Ray cluster started here") == 2, 60, "no new driver came")
    with Client(server, benchmark_data.tpch(0.05)) as again:
        again.set(num_shuffle_partitions=2, skein_split_rows=1000000)
        assert again.difference(TPCH[12]) is None


@pytest.mark.parametrize("settings, said", [
    ({"cluster": "ray://127.0.0.1:1"}, "Ray cannot be reached"),
    ({"cluster_python": "/no/such/python"}, "Name a Python that has the package ray"),
    ({"cluster_python": "/bin/false"}, "the Ray driver ended"),
    ({"cluster_python": "/usr/bin/python3"}, "Install ray, pyarrow and protobuf"),
])
def test_without_ray_the_server_works(start_ray, settings, said):
    server, client = start_ray(settings=settings)
    wait_until(lambda: said in server.log(), 10, f"the log does not say: {said}")
    assert client.difference(TPCH[6]) is None
    server.assert_answers()


def test_a_cluster_that_does_not_answer_keeps_nobody(tmp_path, tpch):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = RayServer(tpch, tmp_path / "server", settings={"cluster": f"ray://127.0.0.1:{silent.getsockname()[1]}"})
        server.start_seconds = 45
        server.start()
        server.assert_answers()
        server.wait_for_log("the Ray cluster has no worker yet")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 8
