"""Coroutines that run beside the one that started them."""

import asyncio
import sys
import traceback


def keep(tasks, coroutine):
    """Starts it and holds it in the set `tasks`. What it raises is a bug of ours: it is written to standard error."""
    def ended(task):
        tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            traceback.print_exception(task.exception(), file=sys.stderr)
            sys.stderr.flush()
    task = asyncio.ensure_future(coroutine)
    tasks.add(task)
    task.add_done_callback(ended)
