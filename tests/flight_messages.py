"""Flight SQL's messages by hand, for what drivers are too polite to send."""

PACKAGE = b"type.googleapis.com/arrow.flight.protocol.sql."


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(number, payload):
    if isinstance(payload, str):
        payload = payload.encode()
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def message(name, *fields):
    """A message of the Flight SQL package within its Any."""
    return field(1, PACKAGE + name.encode()) + field(2, b"".join(fields))


def query(sql):
    return message("CommandStatementQuery", field(1, sql))


def fields(payload):
    """The fields of a message: [(number, bytes, or a whole number)]; what has eight bytes gives them."""
    found, at = [], 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = payload[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(payload):
        key = number()
        if key & 7 == 2:
            size = number()
            found.append((key >> 3, payload[at : at + size]))
            at += size
        elif key & 7 == 0:
            found.append((key >> 3, number()))
        elif key & 7 == 1:
            found.append((key >> 3, payload[at : at + 8]))
            at += 8
        else:
            raise ValueError(f"wire type {key & 7}")
    return found
