"""A Ray cluster that is there already, of several nodes, of which one dies in the middle."""

import re
import threading

import pytest

import benchmark_data
from ray_nodes import Nodes
from ray_server import Client, Held, RayServer
from skein_server import wait_until

TPCH = benchmark_data.queries("tpch")


@pytest.mark.timeout(400)
def test_a_node_is_killed_in_the_middle(tpch, tmp_path):
    """The nodes get the worker's code from the server. The third stage waits while a node dies, with what the first
    two left there."""
    held = Held(tmp_path / "held")
    with Nodes(tmp_path, 2) as nodes:
        server = RayServer(tpch, tmp_path / "server", settings={"cluster": f"ray://{nodes.address}"},
                           environment={**nodes.environment, "SKEIN_RAY_NODE_IP": nodes.net + ".1",
                                        "SKEIN_FAULT": held.fault((2, 0), (2, 1))})
        with server, Client(server, tpch) as client:
            wait_until(lambda: re.search(r": (1 worker|2 workers), at most 2", server.log()), 10, "the log does not tell the workers")
            wait_until(lambda: server.state()[2] == "2", 60, "the second node has no worker")
            client.set(num_shuffle_partitions=2)
            found = []
            thread = threading.Thread(target=lambda: found.append(client.difference(TPCH[3])))
            thread.start()
            held.wait((2, 0), (2, 1))
            nodes.kill(2)
            held.let_go()
            thread.join(180)
            assert found == [None]
            # Another attempt may have answered before Ray noticed.
            wait_until(lambda: "a worker was lost" in server.log(), 90, "the log does not tell the loss")
            # What is left is enough.
            for number in (1, 6):
                assert client.difference(TPCH[number]) is None
