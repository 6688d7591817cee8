"""Failures that a test orders: SKEIN_FAULT is a list of "what:stage:task[:seconds]", separated by ','.

kill-worker   the worker is killed when it has run this task for the first time, before it answers
slow-task     the task waits that long before its first attempt runs, or until it is cancelled
kill-driver   the driver is killed when this task is done
"""

import os
import signal


def parse(text):
    faults = []
    for one in filter(None, text.split(",")):
        what, stage, task, *seconds = one.split(":")
        faults.append((what, int(stage), int(task), float(seconds[0]) if seconds else 0.0))
    return faults


def find(faults, what, stage, task):
    """The seconds of such a fault, or None."""
    for one, at_stage, at_task, seconds in faults:
        if (one, at_stage, at_task) == (what, stage, task):
            return seconds
    return None


def die():
    os.kill(os.getpid(), signal.SIGKILL)
