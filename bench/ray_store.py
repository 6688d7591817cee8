"""Calls of an actor, and bytes through Ray's object store, on a Ray of its own; prints JSON. Run by ray_part.py."""

import json
import os
import statistics
import time

# Ray reads it when it is loaded..
os.environ.update(RAY_AUTH_MODE="disabled", RAY_USAGE_STATS_ENABLED="0")

import pyarrow as pa  # noqa: E402
import ray  # noqa: E402

BLOCK = 256 * 1024
BLOCKS = 512
ROUNDS = 7


@ray.remote(num_cpus=1)
class Node:
    def nothing(self):
        return None

    def make(self):
        """As a task's output: many blocks, handed over as Arrow buffers."""
        if not hasattr(self, "blocks"):
            self.blocks = [pa.py_buffer(os.urandom(BLOCK)) for _ in range(BLOCKS)]
        return self.blocks

    def read(self, blocks):
        """As a task's input: every page is touched."""
        return sum(sum(memoryview(block)[::4096].tobytes()) for block in blocks)


def best(function):
    """Seconds; the first round is not counted."""
    function()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main():
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
             object_store_memory=1_000_000_000)
    writer, reader = Node.remote(), Node.remote()
    ray.get([writer.nothing.remote(), reader.nothing.remote()])
    size = BLOCK * BLOCKS
    source, target = os.urandom(size), memoryview(bytearray(size))
    call = best(lambda: [ray.get(writer.nothing.remote()) for _ in range(100)]) / 100

    calls = 2000
    many = best(lambda: ray.get([one.nothing.remote() for _ in range(calls // 2) for one in (writer, reader)])) / calls

    def copy():
        target[:] = source

    def exchange():
        ref = writer.make.remote()
        return ray.get(reader.read.remote(ref))

    print(json.dumps({
        "call_ms": call * 1e3,
        "call_of_many_ms": many * 1e3,
        "exchange_mb_s": size / 1e6 / best(exchange),
        "memcpy_mb_s": size / 1e6 / best(copy),
    }))
    ray.shutdown()


if __name__ == "__main__":
    main()
