"""Delta tables made by delta-rs, and what it does not write: deletion vectors, by hand."""

import json
import struct

import pyarrow
from deltalake import DeltaTable, write_deltalake

# Of the format: Delta's protocol, "Deletion Vector Format"; RoaringFormatSpec, "standard" serialization.
MAGIC = 1681511377
NO_RUNS = 12346
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def make(folder, rows, parts=3, **options):
    """`rows`: an Arrow table, appended in so many commits."""
    each = -(-rows.num_rows // parts)
    for part in range(parts):
        write_deltalake(str(folder), rows.slice(part * each, each), mode="append", **options)
    return DeltaTable(str(folder))


def roaring(rows):
    """A 64-bit roaring bitmap of rows below 65,536: one bitmap of one array."""
    assert rows and max(rows) < 65536 and len(rows) <= 4096
    bitmap = struct.pack("<IIHHI", NO_RUNS, 1, 0, len(rows) - 1, 16) + struct.pack(f"<{len(rows)}H", *sorted(rows))
    return struct.pack("<iqI", MAGIC, 1, 0) + bitmap


def z85(data):
    data += b"\0" * (-len(data) % 4)
    words = struct.unpack(f">{len(data) // 4}I", data)
    return "".join("".join(Z85[word // 85 ** power % 85] for power in (4, 3, 2, 1, 0)) for word in words)


def delete_rows(folder, rows_of):
    """A commit by which each data file loses the rows that rows_of(path) names, by a deletion vector."""
    log = folder / "_delta_log"
    last = max(int(path.stem) for path in log.glob("*.json"))
    actions = [json.loads(line) for path in sorted(log.glob("*.json")) for line in path.read_text().splitlines()]
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                "writerFeatures": ["deletionVectors"]}
    adds = {action["add"]["path"]: action["add"] for action in actions if "add" in action}
    for action in actions:
        if "remove" in action:
            adds.pop(action["remove"]["path"], None)
    lines = [{"protocol": protocol}]
    for path, add in adds.items():
        rows = rows_of(path)
        if not rows:
            continue
        vector = roaring(rows)
        lines.append({"remove": {"path": path, "deletionTimestamp": 1, "dataChange": True,
                                 "partitionValues": add.get("partitionValues", {}), "size": add["size"]}})
        lines.append({"add": {**add, "deletionVector": {
            "storageType": "i", "pathOrInlineDv": z85(vector), "sizeInBytes": len(vector), "cardinality": len(rows)}}})
    (log / f"{last + 1:020}.json").write_text("".join(json.dumps(line) + "\n" for line in lines))


def numbers(rows, start=0):
    """An Arrow table (i, g, s)."""
    values = range(start, start + rows)
    return pyarrow.table({"i": pyarrow.array(values, pyarrow.int64()),
                          "g": pyarrow.array([value % 5 if value % 11 else None for value in values], pyarrow.int32()),
                          "s": [f"v{value}" for value in values]})
