"""A Ray cluster that is there already, of several nodes, of which one dies in the middle."""

import threading
import time

import pytest

import benchmark_data
from ray_nodes import Nodes
from ray_server import Client, RayServer
from skein_server import wait_until

TPCH = benchmark_data.queries("tpch")


@pytest.mark.xfail(strict=False, reason="fails since the last changes of main, not looked into yet")
@pytest.mark.timeout(300)
def test_a_node_is_killed_in_the_middle(tpch, tmp_path):
    """The nodes get the worker's code from the server. The third stage waits while a node dies, with what the first
    two left there."""
    with Nodes(tmp_path, 2) as nodes:
        server = RayServer(tpch, tmp_path / "server", settings={"cluster": f"ray://{nodes.address}"},
                           environment={**nodes.environment, "SKEIN_RAY_NODE_IP": nodes.net + ".1",
                                        "SKEIN_FAULT": "slow-task:2:0:6,slow-task:2:1:6"})
        with server, Client(server, tpch) as client:
            assert "workers, at most 2" in server.log()
            wait_until(lambda: server.state()[2] == "2", 60, "the second node has no worker")
            client.set(num_shuffle_partitions=2)
            found = []
            thread = threading.Thread(target=lambda: found.append(client.difference(TPCH[3])))
            thread.start()
            time.sleep(3)  # somewhere in the six seconds that the third stage takes
            nodes.kill(2)
            thread.join(120)
            assert found == [None]
            assert "a worker was lost" in server.log()
            # What is left is enough.
            for number in (1, 6):
                assert client.difference(TPCH[number]) is None
