"""One query: its stages, where their outputs are, and what has to run next."""

import asyncio
import collections
import statistics
import time

import pyarrow as pa
import ray
from ray import exceptions

from skein_ray import faults, messages
from skein_ray.pool import first_line

# Tasks that are told to stop do so within a second; then their worker is killed.
CANCEL_SECONDS = 2.0
FIRST_BACKOFF = 0.1
OUT_OF_MEMORY = "53200"
# A task is a straggler when it takes so many times what half of its stage took, and this long at least.
STRAGGLER_FACTOR = 3.0
STRAGGLER_SECONDS = 2.0
# What one answer to Fetch holds, less the block that passes it.
FETCH_BYTES = 4 << 20


class Task:
    def __init__(self, stage, index, spec):
        self.stage = stage
        self.index = index
        self.spec = spec
        self.outputs = None     # by partition: object references, none for an empty one; None while there is no output
        self.rows = []          # by partition
        self.node = None        # where the output is
        self.attempts = []      # under way
        self.started = 0        # attempts so far
        self.failures = 0
        self.alone = False      # it ran out of memory: no other task is to run on its node beside it
        self.delayed = False    # waits to be tried again
        self.seconds = 0.0


class Input:
    """What a stage reads of another."""

    def __init__(self, message):
        self.stage = message.stage
        self.mode = message.mode
        self.part = message.part
        self.sliced = message.sliced


class Stage:
    def __init__(self, message):
        self.id = message.id
        self.readers = []       # stages
        self.final = False
        self.needed = True
        self.set(message)

    def set(self, message):
        """What is known of it by now. A stage that waits has not begun; one that does not run has no tasks."""
        self.local = message.on_coordinator
        self.partitions = message.partitions
        self.inputs = [Input(source) for source in message.inputs]
        self.shares = [(share.first_partition, share.end_partition, share.slice, share.slices)
                       for share in message.shares]
        self.waiting = message.waiting
        self.tasks = [Task(self, index, spec) for index, spec in enumerate(message.tasks)]

    def complete(self):
        return not self.waiting and all(task.outputs is not None for task in self.tasks)


class Attempt:
    """One run of a task on a worker."""

    def __init__(self, query, task):
        self.query = query
        self.task = task
        task.started += 1
        self.number = task.started
        self.name = f"{query.id}/{task.stage.id}/{task.index}/{self.number}"
        self.worker = None
        self.alone = task.alone
        self.shares = 1  # of workers, whose memory it has; the pool says
        self.began = 0.0
        self.unwanted = False

    async def run(self, worker):
        """The pool's call. Never raises."""
        self.worker = worker
        self.began = time.monotonic()
        task = self.task
        try:
            if self.unwanted:
                return
            sources = [self.query.sources(task, which) for which in range(len(task.stage.inputs))]
            if any(source.outputs is None for one in sources for source, _ in one):
                return  # lost while this waited for a worker: it starts again when that is made again
            objects = [[ref for source, partition in one for ref in source.outputs[partition]] for one in sources]
            rows = [sum(source.rows[partition] for source, partition in one) for one in sources]
            partitions = task.stage.partitions
            refs = worker.handle.run_task.options(num_returns=1 + partitions).remote(
                self.name, self.number == 1, task.stage.id, task.index, task.spec, partitions, self.shares, rows,
                [len(one) for one in objects], *(ref for one in objects for ref in one))
            answer = messages.TaskAnswer.FromString(await refs[0])
        except exceptions.RayTaskError as error:
            self.query.task_raised(self, error)
        except (exceptions.RayActorError, exceptions.WorkerCrashedError, exceptions.NodeDiedError) as error:
            worker.job = None
            self.query.pool.lost(worker)
            self.query.worker_died(self, error)
        except exceptions.RayError as error:
            self.query.object_lost(self, error)
        except Exception as error:  # a bug of ours must not stop the driver
            self.query.task_raised(self, error)
        else:
            self.query.task_answered(self, answer, refs[1:])
        finally:
            self.query.ended(self)

    def stop(self):
        """It is not wanted any more. It is over when `ended` is called."""
        if self.unwanted:
            return
        self.unwanted = True
        if self.query.pool.withdraw(self):
            self.query.ended(self)
        elif self.worker is not None:
            self.worker.handle.cancel.remote(self.name)
            self.query.pool.keep(self._make_sure())

    async def _make_sure(self):
        worker = self.worker
        await asyncio.sleep(CANCEL_SECONDS)
        if worker.job is self:
            self.query.pool.lost(worker, kill=True)


class Query:
    """What has to run follows from what is needed and not there; so a loss needs no code of its own.

    A stage is needed when the final plan reads it, or when a stage that is needed and not complete does. Outputs of
    stages that are not needed are let go. All on the event loop's thread.
    """

    def __init__(self, message, pool, start, send, fault):
        self.id = message.query_id
        self.pool = pool
        self.retries = start.retries
        self.send = send
        self.faults = fault
        self.stages = [Stage(stage) for stage in message.stages]
        self.final_inputs = [Input(source) for source in message.final_inputs]
        self.one_attempt = message.one_attempt  # of a task at a time
        self.running = set()
        self.error = None
        self.announced = False  # the result of Run
        self.closed = False     # nobody wants anything any more
        self.local_parts = {}   # of the stage that the gateway runs: by partition, references
        self.open_parts = collections.OrderedDict()  # by (stage, task, partition): what Fetch reads, got once
        self.changed = asyncio.Event()
        self._link()

    def _link(self):
        for stage in self.stages:
            stage.readers, stage.final = [], False
        for stage in self.stages:
            for source in stage.inputs:
                self.stages[source.stage].readers.append(stage)
        for source in self.final_inputs:
            self.stages[source.stage].final = True

    def update(self, message):
        """The gateway has decided something."""
        for stage in message.stages:
            if self.stages[stage.id].waiting:
                self.stages[stage.id].set(stage)
        self._link()
        self.advance()

    # What a task reads.

    def sources(self, task, which):
        """[(task, partition)] of one input."""
        stage = task.stage
        share = stage.shares[task.index] if stage.shares else (task.index, task.index + 1, 0, 1)
        return self._read(stage.inputs[which], task.index, len(stage.tasks), share)

    def _read(self, source, index, count, share):
        stage = self.stages[source.stage]
        tasks = stage.tasks
        if source.mode == messages.TASK:
            return [(one, 0) for one in tasks[source.part:source.part + 1]]
        if source.mode == messages.PARTITION:
            first, end, part, parts = share
            return [(one, partition) for one in tasks if not source.sliced or one.index % parts == part
                    for partition in range(first, end)]
        if source.mode == messages.EVERY:
            return [(one, partition) for one in tasks for partition in range(stage.partitions)]
        if source.mode == messages.OWN:
            return [(one, 0) for one in tasks if one.index % count == index]
        return [(one, 0) for one in tasks]

    # What runs next.

    def advance(self):
        if self.closed or self.error is not None:
            return
        for stage in reversed(self.stages):
            stage.needed = stage.final or any(reader.needed and not reader.complete() for reader in stage.readers)
        for stage in self.stages:
            if not stage.needed:
                for task in stage.tasks:
                    task.outputs = None
                    for attempt in list(task.attempts):
                        attempt.stop()
            elif (not stage.waiting and not stage.complete()
                  and all(self.stages[source.stage].complete() for source in stage.inputs)):
                for task in stage.tasks:
                    if task.outputs is None and not task.attempts and not task.delayed:
                        self._start(task)
        self.changed.set()
        self.changed = asyncio.Event()
        if not self.announced and all(stage.complete() for stage in self.stages if stage.final):
            self.announced = True
            done = messages.FromDriver()
            done.run_done.query_id = self.id
            for source in self.final_inputs:
                done.run_done.input_rows.append(sum(task.rows[part]
                                                   for task, part in self._read(source, 0, 1, (0, 1, 0, 1))))
            self.send(done)

    def _start(self, task):
        attempt = Attempt(self, task)
        task.attempts.append(attempt)
        self.running.add(attempt)
        if not task.stage.local:
            self.pool.submit(attempt)
            return
        attempt.began = time.monotonic()
        self.local_parts = [[] for _ in range(task.stage.partitions)]
        ask = messages.FromDriver()
        ask.run_local.query_id, ask.run_local.stage = self.id, task.stage.id
        for which in range(len(task.stage.inputs)):
            ask.run_local.input_rows.append(sum(one.rows[part] for one, part in self.sources(task, which)))
        self.send(ask)

    def tick(self):
        """Starts stragglers a second time when there is nothing else for a worker to do."""
        if self.closed or self.error is not None or self.pool.jobs or self.one_attempt:
            return
        idle = self.pool.idle_workers()
        now = time.monotonic()
        for stage in self.stages:
            done = [task.seconds for task in stage.tasks if task.outputs is not None]
            if not stage.needed or stage.local or 2 * len(done) < len(stage.tasks) or not done:
                continue
            limit = max(STRAGGLER_SECONDS, STRAGGLER_FACTOR * statistics.median(done))
            for task in stage.tasks:
                if (idle > 0 and task.outputs is None and len(task.attempts) == 1 and task.attempts[0].worker is not None
                        and now - task.attempts[0].began > limit):
                    idle -= 1
                    self._start(task)

    # What became of an attempt.

    def ended(self, attempt):
        if attempt in attempt.task.attempts:
            attempt.task.attempts.remove(attempt)
        self.running.discard(attempt)
        self.advance()
        self._finish()

    def task_answered(self, attempt, answer, refs):
        task = attempt.task
        if attempt.unwanted or task.outputs is not None:
            return
        if answer.HasField("error"):
            self.failed(attempt, answer.error)
            return
        self._keep(attempt, answer.report, [[ref] if rows else []
                                            for ref, rows in zip(refs, answer.report.partition_rows)])

    def _keep(self, attempt, report, outputs):
        task = attempt.task
        task.outputs = outputs
        task.rows = list(report.partition_rows)
        task.seconds = time.monotonic() - attempt.began
        task.node = attempt.worker.node if attempt.worker else None
        for other in task.attempts:
            if other is not attempt:
                other.stop()
        done = messages.FromDriver()
        done.task_done.query_id, done.task_done.stage, done.task_done.task = self.id, task.stage.id, task.index
        done.task_done.attempts = attempt.number
        done.task_done.report.CopyFrom(report)
        self.send(done)
        if faults.find(self.faults, "kill-driver", task.stage.id, task.index) is not None:
            faults.die()

    def failed(self, attempt, error):
        """Tries the task again when that can help, and not too often."""
        task = attempt.task
        if attempt.unwanted or self.closed:
            return
        if error.sqlstate == OUT_OF_MEMORY:
            if attempt.alone:
                error.hint = ("A task of the query had the memory of all workers of its node and that was not enough. Give them "
                              "more (--cluster-worker-memory), or cut the query in more tasks (SET num_shuffle_partitions).")
                self.fail(error)
                return
            self.log(f"task {task.index} of stage {task.stage.id} is tried again with no other beside it: {error.message}")
            task.alone = True
            return
        task.failures += 1
        if not error.retriable or task.failures > self.retries:
            if "No such file or directory" in error.message and not error.hint:
                error.hint = ("The node that ran the task does not have it: files have to be in an object store, or below the same "
                              "path on all nodes. SET skein_distributed = off: they are read on the server's.")
            self.fail(error)
            return
        task.delayed = True
        self.log(f"task {task.index} of stage {task.stage.id} is tried again: {error.message}")

        def again():
            task.delayed = False
            self.advance()
        asyncio.get_running_loop().call_later(FIRST_BACKOFF * 2 ** (task.failures - 1), again)

    def worker_died(self, attempt, error):
        where = f"task {attempt.task.index} of stage {attempt.task.stage.id}"
        self._forget_lost_nodes()
        if attempt.unwanted:
            return
        attempt.task.failures += 1
        # Of any worker that died Ray says that memory may have been the cause.
        memory = isinstance(error, exceptions.OutOfMemoryError) or "running low on memory" in str(error)
        attempt.task.alone |= memory
        self.log(f"a worker was lost while it ran {where} (attempt {attempt.number})"
                 + (": the node is short of memory" if memory else ""))
        if attempt.task.failures > self.retries:
            self.fail(messages.error(
                messages.RESOURCE_EXHAUSTED if memory else messages.UNAVAILABLE, OUT_OF_MEMORY if memory else "58000",
                f"{attempt.task.failures} workers were lost while they ran {where}",
                "Give workers more memory (--cluster-worker-memory), or cut the query in more tasks "
                "(SET num_shuffle_partitions)." if memory else "The log of the Ray cluster says why.", retriable=True))

    def task_raised(self, attempt, error):
        cause = getattr(error, "cause", None)
        lost = next((one for one in (error, cause) if isinstance(one, exceptions.ObjectLostError)), None)
        if lost is not None:
            self.object_lost(attempt, lost)
        elif isinstance(cause or error, exceptions.OutOfMemoryError):
            self.worker_died(attempt, error)
        else:
            self.failed(attempt, messages.error(messages.INTERNAL, "XX000",
                                                f"a worker failed: {first_line(cause or error)}"))

    def object_lost(self, attempt, error):
        """What it read is no more: whoever wrote it runs again, then this."""
        self.forget(getattr(error, "object_ref_hex", None))
        attempt.task.failures += 1
        self.log(f"an object was lost that task {attempt.task.index} of stage {attempt.task.stage.id} reads; "
                 "it is made again")
        if attempt.task.failures > self.retries:
            self.fail(messages.error(messages.UNAVAILABLE, "58000", "exchanged data was lost too often",
                                     first_line(error), retriable=True))

    def forget(self, lost):
        self._forget_lost_nodes()
        for stage in self.stages:
            for task in stage.tasks:
                if task.outputs is not None and any(ref.hex() == lost for part in task.outputs for ref in part):
                    task.outputs = None

    def _forget_lost_nodes(self):
        alive = {node["NodeID"] for node in ray.nodes() if node["Alive"]}
        for stage in self.stages:
            for task in stage.tasks:
                if task.outputs is not None and task.node is not None and task.node not in alive:
                    task.outputs = None

    # The stage that the gateway runs.

    def put(self, message, payload):
        view, start, blocks = pa.py_buffer(payload), 0, []
        for size in message.sizes:
            blocks.append(view.slice(start, size))
            start += size
        self.local_parts[message.partition].append(ray.put(blocks))

    def local_done(self, message):
        task = self.stages[message.stage].tasks[0]
        if not task.attempts:
            return
        attempt = task.attempts[0]
        if message.HasField("error"):
            error = messages.Error()
            error.CopyFrom(message.error)
            error.retriable = False  # its plan is used up
            if not attempt.unwanted:
                self.fail(error)
        elif not attempt.unwanted:
            self._keep(attempt, message.report, self.local_parts)
        self.ended(attempt)

    # What the gateway reads.

    async def fetch(self, message):
        """(blocks, position after them, whether these were the last)."""
        key = (message.stage, message.task, message.partition)
        task = self.stages[message.stage].tasks[message.task]
        while key not in self.open_parts:
            if self.error is not None or self.closed:
                raise LookupError("the query is over")
            if task.outputs is None:
                await self.changed.wait()
                continue
            parts = list(task.outputs[message.partition])
            try:
                # May read from disk or another node.
                got = await asyncio.gather(*(_get(ref) for ref in parts))
            except exceptions.RayError as error:
                self.log(f"an output of stage {message.stage} was lost; it is made again")
                self.forget(getattr(error, "object_ref_hex", None))
                if task.outputs is not None:
                    task.outputs = None
                task.failures += 1
                if task.failures > self.retries:
                    self.fail(messages.error(messages.UNAVAILABLE, "58000", "the result was lost too often",
                                             first_line(error), retriable=True))
                self.advance()
                continue
            self.open_parts[key] = [block if isinstance(block, pa.Buffer) else pa.py_buffer(block)
                                    for part in got for block in part]
        blocks = self.open_parts[key]
        first, size, last = message.position, 0, message.position
        while last < len(blocks) and (last == first or size + blocks[last].size <= FETCH_BYTES):
            size += blocks[last].size
            last += 1
        end = last == len(blocks)
        if end:
            del self.open_parts[key]
        return blocks[first:last], last, end

    # The end.

    def log(self, text):
        said = messages.FromDriver()
        said.log.warning, said.log.text = True, f"query {self.id}: {text}"
        self.send(said)

    def fail(self, error):
        if self.error is None:
            self.error = error
            self._stop_all()

    def cancel(self):
        self.fail(messages.error(messages.CANCELLED, "57014", "canceling statement due to user request"))
        if self.announced:
            self.close()

    def close(self):
        """Nobody reads any more."""
        self.closed = True
        self._stop_all()

    def _stop_all(self):
        for attempt in list(self.running):
            if attempt.task.stage.local:
                attempt.unwanted = True
                self.ended(attempt)
            else:
                attempt.stop()
        self._finish()

    def _finish(self):
        """When nothing of it runs: says so, and lets go of all objects."""
        if (self.error is None and not self.closed) or self.running:
            return
        for stage in self.stages:
            for task in stage.tasks:
                task.outputs = None
        self.local_parts = []
        self.open_parts.clear()
        self.changed.set()
        if not self.announced:
            self.announced = True
            done = messages.FromDriver()
            done.run_done.query_id = self.id
            done.run_done.error.CopyFrom(self.error or messages.error(messages.CANCELLED, "57014", "the query is over"))
            self.send(done)
        self.closed = True


async def _get(ref):
    return await ref
