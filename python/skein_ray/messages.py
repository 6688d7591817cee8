"""The messages of driver.proto, made from its descriptor: any release of protobuf that Ray brings will do."""

import pathlib
import struct

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "skein.distributed.ray.proto."
_HEAD = struct.Struct("<IQ")


def _load():
    described = descriptor_pb2.FileDescriptorSet()
    described.ParseFromString((pathlib.Path(__file__).parent / "driver.desc").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in described.file:
        pool.Add(file)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(_PACKAGE + name))


_find = _load()
EngineOptions = _find("EngineOptions")
Error = _find("Error")
TaskAnswer = _find("TaskAnswer")
ToDriver = _find("ToDriver")
FromDriver = _find("FromDriver")

# ReadMode of task.h.
PARTITION, ALL, OWN, TASK, EVERY = 0, 1, 2, 3, 4

# StatusCode and Origin of status.h, as far as they are made here.
RESOURCE_EXHAUSTED, CANCELLED, UNAVAILABLE, FAILED_PRECONDITION, INTERNAL = 7, 8, 10, 6, 12
SERVER, PEER = 1, 2


def error(code, sqlstate, text, hint="", retriable=False, origin=SERVER):
    return Error(code=code, sqlstate=sqlstate, message=text, hint=hint, retriable=retriable, origin=origin)


def frame_head(message_size, payload_size):
    return _HEAD.pack(message_size, payload_size)


async def read_frame(reader):
    """(message, payload); None at the end of the connection."""
    head = await reader.read(1)
    if not head:
        return None
    size, payload_size = _HEAD.unpack(head + await reader.readexactly(_HEAD.size - 1))
    message = ToDriver.FromString(await reader.readexactly(size))
    payload = await reader.readexactly(payload_size) if payload_size else b""
    return message, payload
