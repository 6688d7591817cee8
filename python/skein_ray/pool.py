"""The workers of a cluster: as many actors as the work wants, between a minimum and a maximum."""

import asyncio
import collections
import contextlib
import time

import ray

from skein_ray import actor, messages
from skein_ray.background import keep

# After an actor that could not be opened the pool waits before it tries again.
FAILED_PAUSE = 2.0
ALONE_SECONDS = 30.0
LEAVE_SECONDS = 1.0


class Worker:
    """An actor and what it is doing: one task at a time."""

    def __init__(self, handle):
        self.handle = handle
        self.node = None
        self.pid = None
        self.ready = False
        self.job = None
        self.idle_since = time.monotonic()


class Pool:
    """Gives each job (something with `async run(worker)`) a worker, in the order they came.

    One that is to be `alone` gets a worker of a node where no other works, and its `shares` say how many workers' memory
    that is. While it waits and runs, its node gets no other work; when others have not ended after ALONE_SECONDS, it runs
    beside them, with the memory of those that rest. There is one such node at a time.

    All on the event loop's thread. `on_change` is called when the number of workers changed, `on_refused` with an
    Error when a worker cannot be opened for a reason that stays.
    """

    def __init__(self, start, on_change, on_refused):
        self.start_options = start
        self.on_change = on_change
        self.on_refused = on_refused
        self.max = max(1, start.max_workers)
        self.min = min(start.min_workers or self.max, self.max)
        self.workers = []
        self.jobs = collections.deque()
        self.alone_jobs = collections.deque()
        self.quiet_node = None  # kept for one of alone_jobs
        self.quiet_since = 0.0
        self.alone = None       # the one that runs
        self.not_before = 0.0
        self.background = set()
        self.actor_class = ray.remote(
            num_cpus=start.worker_cpus, memory=start.worker_memory or None, max_restarts=0, max_task_retries=0,
            concurrency_groups={"run": 1, "control": 1})(self._actor_with_groups())

    @staticmethod
    def _actor_with_groups():
        """Cancels reach an actor while it runs a task."""
        class Engine(actor.EngineActor):
            open = ray.method(concurrency_group="run")(actor.EngineActor.open)
            run_task = ray.method(concurrency_group="run")(actor.EngineActor.run_task)
            cancel = ray.method(concurrency_group="control")(actor.EngineActor.cancel)
            leave = ray.method(concurrency_group="control")(actor.EngineActor.leave)
        return Engine

    def fill(self):
        """Starts workers up to the minimum, and for the jobs that wait."""
        if time.monotonic() < self.not_before:
            return
        starting = sum(not worker.ready for worker in self.workers)
        idle = sum(worker.ready and worker.job is None for worker in self.workers)
        wanted = max(self.min, len(self.workers) + len(self.jobs) + len(self.alone_jobs) - starting - idle)
        while len(self.workers) < min(wanted, self.max):
            worker = Worker(self.actor_class.remote())
            self.workers.append(worker)
            self.keep(self._open(worker))

    def keep(self, coroutine):
        keep(self.background, coroutine)

    async def _open(self, worker):
        start = self.start_options
        try:
            refusal, worker.pid, worker.node = await worker.handle.open.remote(
                start.build_identity, start.engine_options, start.fault)
        except ray.exceptions.RayError as error:
            refusal = messages.error(messages.UNAVAILABLE, "58000", f"a worker did not start: {first_line(error)}",
                                     retriable=True).SerializeToString()
        if worker not in self.workers:
            return
        if refusal:
            self.workers.remove(worker)
            ray.kill(worker.handle)
            self.not_before = time.monotonic() + FAILED_PAUSE
            self.on_refused(messages.Error.FromString(refusal))
            return
        worker.ready = True
        worker.idle_since = time.monotonic()
        self.on_change()
        self.assign()

    def submit(self, job):
        (self.alone_jobs if job.alone else self.jobs).append(job)
        self.assign()

    def withdraw(self, job):
        """True when it had not begun."""
        try:
            (self.alone_jobs if job.alone else self.jobs).remove(job)
        except ValueError:
            return False
        if job.alone:
            self.assign()  # others may have its node
        return True

    def idle_workers(self):
        return sum(worker.ready and worker.job is None for worker in self.workers)

    def assign(self):
        self._assign_alone()
        for worker in self.workers:
            if not self.jobs:
                break
            if worker.ready and worker.job is None and worker.node != self.quiet_node:
                self._begin(worker, self.jobs.popleft())
        self.fill()

    def _assign_alone(self):
        if self.alone is not None:
            return
        nodes = collections.defaultdict(list)
        for worker in self.workers:
            if worker.ready:
                nodes[worker.node].append(worker)
        if not self.alone_jobs or not nodes:
            self.quiet_node = None
            return
        if self.quiet_node not in nodes:
            self.quiet_node = min(nodes, key=lambda node: sum(worker.job is not None for worker in nodes[node]))
            self.quiet_since = time.monotonic()
        there = nodes[self.quiet_node]
        resting = [worker for worker in there if worker.job is None]
        if len(resting) == len(there) or resting and time.monotonic() - self.quiet_since > ALONE_SECONDS:
            self.alone = self.alone_jobs.popleft()
            self.alone.shares = len(resting)
            self._begin(resting[0], self.alone)

    def _begin(self, worker, job):
        worker.job = job
        self.keep(self._work(worker, job))

    async def _work(self, worker, job):
        try:
            await job.run(worker)
        finally:
            if self.alone is job:
                self.alone = None
            worker.job = None
            worker.idle_since = time.monotonic()
            self.assign()

    def lost(self, worker, kill=False):
        """The worker died, or has to."""
        if kill:
            ray.kill(worker.handle)
        if worker in self.workers:
            self.workers.remove(worker)
            self.on_change()
            self.fill()

    def tick(self):
        """Now and then: lets workers go that have had nothing to do."""
        self.assign()
        now = time.monotonic()
        for worker in list(self.workers):
            if len(self.workers) <= self.min:
                break
            if worker.ready and worker.job is None and now - worker.idle_since > self.start_options.idle_seconds:
                self.workers.remove(worker)
                self.keep(self._let_go(worker))
                self.on_change()

    async def _let_go(self, worker):
        """Ends a worker; it clears up what it has on its node first, if it still answers."""
        with contextlib.suppress(ray.exceptions.RayError, asyncio.TimeoutError):
            await asyncio.wait_for(_answer(worker.handle.leave.remote()), LEAVE_SECONDS)
        ray.kill(worker.handle)

    async def close(self):
        """Ends all workers."""
        workers, self.workers, self.max = self.workers, [], 0
        await asyncio.gather(*(self._let_go(worker) for worker in workers if worker.ready))


async def _answer(reference):
    return await reference


def first_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
