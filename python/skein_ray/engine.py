"""The worker library (worker_library.h) in this process: an engine that runs tasks."""

import ctypes
import pathlib

import pyarrow as pa  # Its libarrow is the one that the library uses: it has to be loaded first.

from skein_ray import messages

_FOLDER = pathlib.Path(__file__).parent
_POINTER = ctypes.c_void_p
_NUMBERS = ctypes.POINTER(ctypes.c_uint64)


def _load():
    library = ctypes.CDLL(str(_FOLDER / "libskein_worker.so"))
    for name, result, arguments in (
            ("skein_build_identity", ctypes.c_char_p, []),
            ("skein_open", _POINTER, [ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(_POINTER)]),
            ("skein_close", None, [_POINTER]),
            ("skein_run", _POINTER, [_POINTER, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, _NUMBERS, _NUMBERS,
                                     ctypes.c_size_t, _NUMBERS, _NUMBERS, ctypes.c_uint64]),
            ("skein_cancel", None, [_POINTER, ctypes.c_char_p]),
            ("skein_answer", _POINTER, [_POINTER, ctypes.POINTER(ctypes.c_size_t)]),
            ("skein_blocks", None, [_POINTER, _NUMBERS, _NUMBERS]),
            ("skein_free", None, [_POINTER])):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_library = _load()


def build_identity():
    return _library.skein_build_identity().decode()


class _Result:
    """What a call gave; its buffers live as long as it does."""

    def __init__(self, pointer):
        self.pointer = pointer

    def __del__(self):
        _library.skein_free(self.pointer)

    def answer(self):
        size = ctypes.c_size_t()
        start = _library.skein_answer(self.pointer, ctypes.byref(size))
        return ctypes.string_at(start, size.value)

    def partitions(self, counts):
        """For each partition its blocks as pyarrow.Buffer: what Ray stores with a single copy."""
        total = sum(counts)
        addresses, sizes = (ctypes.c_uint64 * total)(), (ctypes.c_uint64 * total)()
        _library.skein_blocks(self.pointer, addresses, sizes)
        blocks = iter(zip(addresses, sizes))
        return [[pa.foreign_buffer(*next(blocks), base=self) for _ in range(count)] for count in counts]


class OpenError(Exception):
    """The engine could not be opened; `error` says why."""

    def __init__(self, error):
        super().__init__(error.message)
        self.error = error


class Worker:
    def __init__(self, options):
        given = options.SerializeToString()
        result = _POINTER()
        self._worker = _library.skein_open(given, len(given), ctypes.byref(result))
        if not self._worker:
            raise OpenError(messages.TaskAnswer.FromString(_Result(result).answer()).error)

    def run_task(self, attempt, task, input_rows, inputs, shares):
        """`inputs`: a list of buffers for each. Gives (TaskAnswer as bytes, a list of buffers for each partition).
        It may take the memory of so many workers as it has `shares`.

        Other Python threads run meanwhile.
        """
        counts = [len(blocks) for blocks in inputs]
        # A block that came in a small object is bytes of Python, one from the store a view of it.
        blocks = [block if isinstance(block, pa.Buffer) else pa.py_buffer(block)
                  for one in inputs for block in one]
        numbers = ctypes.c_uint64 * max(len(counts), 1)
        places = ctypes.c_uint64 * max(len(blocks), 1)
        result = _Result(_library.skein_run(
            self._worker, attempt.encode(), task, len(task), numbers(*input_rows), numbers(*counts), len(counts),
            places(*(block.address for block in blocks)), places(*(block.size for block in blocks)), shares))
        answer = result.answer()
        return answer, result.partitions(messages.TaskAnswer.FromString(answer).partition_blocks)

    def cancel(self, attempt):
        _library.skein_cancel(self._worker, attempt.encode())
