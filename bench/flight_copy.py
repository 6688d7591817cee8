"""Record batches from one process to another over Arrow Flight, both pyarrow's; prints JSON. Run by run.py (part ray)."""

import json
import os
import statistics
import sys
import threading

import pyarrow as pa
from pyarrow import flight

ROWS = 122_880
BATCHES = 64
ROUNDS = 5


def batch():
    """Eight columns of 8 bytes and one of 40 in a row, about what lineitem's rows have."""
    numbers = [pa.Array.from_buffers(pa.int64(), ROWS, [None, pa.py_buffer(os.urandom(ROWS * 8))]) for _ in range(8)]
    return pa.record_batch([*numbers, pa.array([os.urandom(20).hex() for _ in range(ROWS)])], names=list("abcdefghi"))


class Giver(flight.FlightServerBase):
    def __init__(self):
        super().__init__("grpc://127.0.0.1:0")
        self.batch = batch()

    def do_get(self, context, ticket):
        return flight.GeneratorStream(self.batch.schema, (self.batch for _ in range(BATCHES)))

    def do_action(self, context, action):
        return [json.dumps(cpu()).encode()]


def cpu():
    used = os.times()
    return used.user + used.system


def give():
    server = Giver()
    print(server.port, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve()


def take(port):
    """Bytes for a second of both processes' processors."""
    client = flight.connect(f"grpc://127.0.0.1:{port}")

    def both():
        (answer,) = client.do_action(flight.Action("cpu", b""))
        return cpu() + json.loads(answer.body.to_pybytes())

    figures = []
    for _ in range(ROUNDS):
        before, size = both(), 0
        for chunk in client.do_get(flight.Ticket(b"")):
            size += sum(buffer.size for column in chunk.data.columns for buffer in column.buffers() if buffer)
        figures.append(size / 1e6 / (both() - before))
    print(json.dumps(statistics.median(figures)))


if __name__ == "__main__":
    give() if sys.argv[1] == "give" else take(int(sys.argv[2]))
