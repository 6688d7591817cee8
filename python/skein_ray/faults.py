"""Failures that a test orders: SKEIN_FAULT is a list of "what:stage:task[:argument]", separated by ','.

kill-worker   the worker is killed when it has run this task for the first time, before it answers
slow-task     the task waits so many seconds before its first attempt runs, or until it is cancelled
hold-task     the same, until the file that the argument names is there; says that it waits by a file of that name,
              ".STAGE.TASK" and the id of its process
kill-driver   the driver is killed when this task is done
"""

import os
import pathlib
import signal


def parse(text):
    faults = []
    for one in filter(None, text.split(",")):
        what, stage, task, *argument = one.split(":")
        faults.append((what, int(stage), int(task), argument[0] if argument else ""))
    return faults


def find(faults, what, stage, task):
    """The argument of such a fault, or None."""
    for one, at_stage, at_task, argument in faults:
        if (one, at_stage, at_task) == (what, stage, task):
            return argument
    return None


def hold(faults, stage, task, stopped):
    """Waits as the faults of this task say, or until `stopped`, an event."""
    seconds = find(faults, "slow-task", stage, task)
    if seconds is not None:
        stopped.wait(float(seconds))
    path = find(faults, "hold-task", stage, task)
    if path is not None:
        pathlib.Path(f"{path}.{stage}.{task}").write_text(str(os.getpid()))
        while not os.path.exists(path) and not stopped.wait(0.05):
            pass


def die():
    os.kill(os.getpid(), signal.SIGKILL)
