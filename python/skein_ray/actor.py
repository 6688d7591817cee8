"""The actor: one engine on a node of the cluster."""

import fcntl
import os
import pathlib
import shutil
import tempfile
import threading

import ray

from skein_ray import faults, messages

PREFIX = "skein-worker-"


def _open(folder):
    """None when it is no folder (any more)."""
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None


def _lock(opened):
    """Until the process ends in whatever way. False: another has it; None: the file system has no locks."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    except OSError:
        return None


def _temporary_folder(parent):
    """(path, lock) of one of this process, below `parent` or the system's; those of processes that were killed go."""
    parent = parent if os.path.isdir(parent) else tempfile.gettempdir()
    for left in pathlib.Path(parent).glob(PREFIX + "*"):
        opened = _open(left)
        if opened is not None:
            if os.fstat(opened).st_uid == os.geteuid() and _lock(opened):
                shutil.rmtree(left, ignore_errors=True)
            os.close(opened)
    while True:
        folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent)
        opened = _open(folder)
        if opened is None or (_lock(opened) is not False and os.path.isdir(folder)):
            return folder, opened
        os.close(opened)  # another that starts has taken it for abandoned


def _extension_folder(wanted):
    """Where the extensions are on this node: as on the gateway's, or as told, or in the wheel."""
    for folder in (wanted, os.environ.get("SKEIN_EXTENSION_DIR", ""), str(pathlib.Path(__file__).parent / "extensions")):
        if folder and os.path.isdir(folder):
            return folder
    return wanted


class EngineActor:
    def __init__(self):
        self.worker = None
        self.folder = None
        self.cancelled = {}  # by attempt: an event that ends a fault's wait
        self.lock = threading.Lock()

    def open(self, identity, options, fault):
        """Opens the engine; gives (an Error as bytes, or nothing, process id, node id)."""
        where = os.getpid(), ray.get_runtime_context().get_node_id()
        try:
            from skein_ray import engine
        except OSError as error:
            return (messages.error(messages.FAILED_PRECONDITION, "58000",
                                   f"the worker library cannot be loaded on a node of the cluster: {error}",
                                   "Install the package skein-ray there.").SerializeToString(), *where)
        if engine.build_identity() != identity:
            return (messages.error(
                messages.FAILED_PRECONDITION, "58000",
                f"a node of the cluster has another build: {engine.build_identity()}, not {identity}",
                "Install the package skein-ray of the gateway's release on all nodes, or let the gateway bring its own "
                "(--cluster-ship-code true).").SerializeToString(), *where)
        message = messages.EngineOptions.FromString(options)
        message.extension_dir = _extension_folder(message.extension_dir)
        message.temp_dir, self.folder_lock = _temporary_folder(message.temp_dir)
        self.folder = message.temp_dir
        if message.data_dirs and os.path.isdir(message.data_dirs[0]):
            os.chdir(message.data_dirs[0])  # Where relative paths of a query begin on the gateway, too.
        self.faults = faults.parse(fault)
        try:
            self.worker = engine.Worker(message)
        except engine.OpenError as error:
            return (error.error.SerializeToString(), *where)
        return (b"", *where)

    def run_task(self, attempt, first, stage, task, spec, partitions, shares, input_rows, counts, *objects):
        """A TaskAnswer as bytes, and for each partition a list of buffers."""
        stopped = threading.Event()
        with self.lock:
            self.cancelled[attempt] = stopped
        if first:
            faults.hold(self.faults, stage, task, stopped)
        inputs, start = [], 0
        for count in counts:
            inputs.append([block for one in objects[start:start + count] for block in one])
            start += count
        answer, output = self.worker.run_task(attempt, spec, input_rows, inputs, shares)
        with self.lock:
            self.cancelled.pop(attempt, None)
        if first and faults.find(self.faults, "kill-worker", stage, task) is not None:
            faults.die()
        return answer, *(output or [[]] * partitions)

    def leave(self):
        """Before it is killed: nothing of it stays on the node."""
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def cancel(self, attempt):
        self.worker.cancel(attempt)
        with self.lock:
            stopped = self.cancelled.get(attempt)
        if stopped:
            stopped.set()
