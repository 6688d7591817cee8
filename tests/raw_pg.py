"""The PostgreSQL protocol by hand, for what no driver would send."""

import socket
import struct


class RawPg:
    def __init__(self, port, user="tester", minor=0, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""
        body = struct.pack("!I", 3 << 16 | minor) + b"user\0" + user.encode() + b"\0database\0skein\0\0"
        self.socket.sendall(struct.pack("!I", len(body) + 4) + body)
        self.greeting = self.until_ready()
        self.key = next((payload for kind, payload in self.greeting if kind == "K"), b"")

    @staticmethod
    def message(kind, payload=b""):
        return kind.encode() + struct.pack("!I", len(payload) + 4) + payload

    @classmethod
    def parse(cls, name, sql, types=()):
        return cls.message("P", f"{name}\0{sql}\0".encode() + struct.pack(f"!H{len(types)}I", len(types), *types))

    @classmethod
    def bind(cls, portal, statement, values=(), formats=(), results=()):
        payload = f"{portal}\0{statement}\0".encode() + struct.pack(f"!H{len(formats)}H", len(formats), *formats)
        payload += struct.pack("!H", len(values))
        for value in values:
            payload += struct.pack("!i", -1) if value is None else struct.pack("!I", len(value)) + value
        return cls.message("B", payload + struct.pack(f"!H{len(results)}H", len(results), *results))

    @classmethod
    def describe(cls, target, name):
        return cls.message("D", f"{target}{name}\0".encode())

    @classmethod
    def execute(cls, portal, rows=0):
        return cls.message("E", f"{portal}\0".encode() + struct.pack("!I", rows))

    @classmethod
    def close_(cls, target, name):
        return cls.message("C", f"{target}{name}\0".encode())

    @classmethod
    def sync(cls):
        return cls.message("S")

    @classmethod
    def flush(cls):
        return cls.message("H")

    def send(self, *messages):
        self.socket.sendall(b"".join(messages))

    def receive(self):
        """(type, payload) of the next message; None when the server closed the connection."""
        while len(self.buffer) < 5 or len(self.buffer) < 1 + struct.unpack("!I", self.buffer[1:5])[0]:
            some = self.socket.recv(65536)
            if not some:
                return None
            self.buffer += some
        length = 1 + struct.unpack("!I", self.buffer[1:5])[0]
        kind, payload = chr(self.buffer[0]), self.buffer[5:length]
        self.buffer = self.buffer[length:]
        return kind, payload

    def until_ready(self):
        answers = []
        while True:
            answer = self.receive()
            if answer is None:
                raise ConnectionError(f"the server closed the connection after {answers}")
            answers.append(answer)
            if answer[0] == "Z":
                return answers

    def query(self, sql):
        self.send(self.message("Q", sql.encode() + b"\0"))
        return self.until_ready()

    @staticmethod
    def rows(answers):
        result = []
        for kind, payload in answers:
            if kind != "D":
                continue
            row, at = [], 2
            for _ in range(struct.unpack("!H", payload[:2])[0]):
                length = struct.unpack("!i", payload[at:at + 4])[0]
                at += 4
                row.append(None if length < 0 else payload[at:at + length].decode())
                at += max(length, 0)
            result.append(row)
        return result

    @staticmethod
    def error(answers):
        """The fields of the first error, or None."""
        for kind, payload in answers:
            if kind == "E":
                return {field[:1].decode(): field[1:].decode() for field in payload.split(b"\0") if field}
        return None

    def close(self):
        self.socket.close()
