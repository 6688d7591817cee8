"""The driver: a process that the gateway starts, between its socket and a Ray cluster. Run as a module with the
number of the socket's file descriptor."""

import asyncio
import contextlib
import os
import pathlib
import secrets
import shutil
import signal
import socket
import sys
import tempfile

from skein_ray.background import keep

HEARTBEAT_SECONDS = 5.0
TICK_SECONDS = 0.25
CONNECT_SECONDS = 5.0


def workers(count):
    return f"{count} worker" if count == 1 else f"{count} workers"


def ray_folder(wanted):
    """An empty folder for a local Ray's files. Paths of sockets may have 107 characters, Ray's own part takes 65."""
    shutil.rmtree(wanted, ignore_errors=True)  # a driver that was killed left its own
    if len(str(wanted)) > 40:
        return tempfile.mkdtemp(prefix="skein-ray-")
    wanted.mkdir(mode=0o700)
    return str(wanted)


def connect(start):
    """Joins the cluster, or starts a local one; gives what to tell people of it."""
    local = not start.address
    if local:
        # Ray's own processes and ours share a secret that no other user of the machine can read.
        token = pathlib.Path(start.private_dir) / "ray-token"
        if not token.exists():
            with open(os.open(token, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN_PATH=str(token))
        # Ray's workers run at nice 15 otherwise: they would get what everything else on the machine leaves over.
        os.environ.setdefault("RAY_worker_niceness", "0")
    else:
        # Ray itself would try for two minutes, and then end this process.
        host, _, port = start.address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    import ray
    options = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    if local:
        folder = ray_folder(pathlib.Path(start.private_dir) / "ray")
        options.update(address="local", num_cpus=start.cpus, include_dashboard=False, _temp_dir=folder)
        if start.store_bytes:
            options["object_store_memory"] = start.store_bytes
    else:
        folder = None
        options["address"] = start.address
        if start.ship_code:
            options["runtime_env"] = {"py_modules": [str(pathlib.Path(__file__).parent)]}
        if os.environ.get("SKEIN_RAY_NODE_IP"):
            options["_node_ip_address"] = os.environ["SKEIN_RAY_NODE_IP"]
    context = ray.init(**options)
    return folder, getattr(context, "dashboard_url", "") or ""


class Driver:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.queries = {}
        self.pool = None
        self.started = False
        self.told_ready = 0  # workers that the log has last been told of
        self.background = set()

    def send(self, message, blocks=()):
        from skein_ray import messages
        body = message.SerializeToString()
        self.writer.write(messages.frame_head(len(body), sum(block.size for block in blocks)) + body)
        for block in blocks:
            self.writer.write(memoryview(block))

    def keep(self, coroutine):
        keep(self.background, coroutine)

    async def run(self):
        from skein_ray import messages
        frame = await messages.read_frame(self.reader)
        if frame is None:
            return
        start = frame[0].start
        try:
            self.folder, self.dashboard = connect(start)
        except (Exception, SystemExit) as error:  # Ray's own way to give up
            self.refuse(messages.error(
                messages.UNAVAILABLE, "57P03", f"Ray cannot be reached: {error}".splitlines()[0],
                f"Is there a Ray cluster at {start.address}, and a node of it on this machine?" if start.address
                else "", retriable=True))
            return
        import ray
        from skein_ray import faults, pool
        self.start_options = start
        self.fault = faults.parse(start.fault)
        if not start.max_workers:
            start.max_workers = max(1, int(ray.cluster_resources().get("CPU", 1)) // max(1, start.worker_cpus))
        self.tell_slots()  # before it has started: Ray is there, workers may take a while
        self.pool = pool.Pool(start, self.workers_changed, self.refuse)
        self.pool.fill()
        self.keep(self.tick())
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.describe)
        while (frame := await messages.read_frame(self.reader)) is not None:
            self.handle(*frame)

    def refuse(self, error):
        """A worker could not be opened. Before the first one could, that is the cluster's state."""
        from skein_ray import messages
        said = messages.FromDriver()
        if self.started:
            said.log.warning, said.log.text = True, error.message
        else:
            said.failed.error.CopyFrom(error)
        self.send(said)
        if not self.started:
            self.writer.write_eof()
            self.reader.feed_eof()

    def workers_changed(self):
        from skein_ray import messages
        said = messages.FromDriver()
        ready = sum(worker.ready for worker in self.pool.workers)
        # In a cluster of others there may be no place for more than some.
        if not self.started and ready < (1 if self.start_options.address else self.pool.min):
            return
        if not self.started:
            self.started = True
            said.started.slots = self.pool.max
            said.started.dashboard = self.dashboard
            where = f"at {self.start_options.address}" if self.start_options.address else "started here"
            said.started.about = (f"Ray cluster {where}: {workers(ready)}, at most {self.pool.max}"
                                  + (f", dashboard http://{self.dashboard}" if self.dashboard else ""))
            self.told_ready = ready
            self.send(said)
        elif ready != self.told_ready:
            said.log.text = f"Ray cluster: {workers(ready)} now, {self.told_ready} before, at most {self.pool.max}"
            self.told_ready = ready
            self.send(said)

    def tell_slots(self):
        from skein_ray import messages
        said = messages.FromDriver()
        said.slots.slots = self.pool.max if self.pool else 0
        self.send(said)

    async def tick(self):
        passed = 0.0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            passed += TICK_SECONDS
            self.pool.tick()
            for query in list(self.queries.values()):
                query.tick()
            self.sweep()
            if passed >= HEARTBEAT_SECONDS:
                passed = 0.0
                self.tell_slots()

    def handle(self, message, payload):
        from skein_ray.query import Query
        kind = message.WhichOneof("kind")
        body = getattr(message, kind)
        if kind == "run":
            query = Query(body, self.pool, self.start_options, self.send, self.fault)
            self.queries[query.id] = query
            query.advance()
            return
        if kind == "stop":
            self.reader.feed_eof()
            return
        query = self.queries.get(body.query_id)
        if kind == "fetch":
            self.keep(self.fetch(query, body))
        elif query is None:
            pass  # it ended meanwhile
        elif kind == "update":
            query.update(body)
        elif kind == "put":
            query.put(body, payload)
        elif kind == "local_done":
            query.local_done(body)
        elif kind == "cancel":
            query.cancel()
        elif kind == "release":
            query.close()
        if query is not None and query.closed and not query.running:
            self.queries.pop(query.id, None)

    async def fetch(self, query, message):
        from skein_ray import messages
        said = messages.FromDriver()
        said.blocks.request = message.request
        blocks = ()
        try:
            if query is None:
                raise LookupError("the query is over")
            blocks, said.blocks.position, said.blocks.end = await query.fetch(message)
            said.blocks.sizes.extend(block.size for block in blocks)
        except Exception as error:
            known = query is not None and query.error
            said.blocks.error.CopyFrom(known or messages.error(messages.INTERNAL, "XX000", str(error)))
            blocks = ()
        self.send(said, blocks)
        await self.writer.drain()

    def describe(self):
        """SIGUSR1: says in the server's log what there is."""
        import ray
        from skein_ray import messages
        held = ray._private.worker.global_worker.core_worker.get_all_reference_counts()
        said = messages.FromDriver()
        ready = sum(worker.ready for worker in self.pool.workers)
        said.log.text = (f"Ray driver: {len(self.queries)} queries, {len(held)} objects, {ready} workers, "
                         f"{len(self.pool.workers) - ready} more asked for, {len(self.pool.jobs)} tasks wait")
        self.send(said)

    def sweep(self):
        """Forgets queries that ended on their own."""
        for query in list(self.queries.values()):
            if query.closed and not query.running:
                self.queries.pop(query.id, None)


async def main(descriptor):
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 24)
    driver = Driver(reader, writer)
    try:
        await driver.run()
    finally:
        for task in list(driver.background):
            task.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(writer.drain(), 1)
        if driver.pool is not None:
            with contextlib.suppress(Exception):
                await driver.pool.close()
        ray = sys.modules.get("ray")
        if ray is not None:
            ray.shutdown()
        if getattr(driver, "folder", None):
            shutil.rmtree(driver.folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
