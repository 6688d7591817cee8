"""Whether two answers are the same: a bag of rows, or a list where the query says their order."""

import decimal
import math
import uuid


def plain(value):
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        # Sums of fractions differ in their last digits with the order of their parts.
        return float(f"{value:.9g}") + 0.0
    if isinstance(value, decimal.Decimal):
        return value.normalize() + 0
    if isinstance(value, uuid.UUID):
        # A door gives the extension type, DuckDB in process the text of it.
        return str(value)
    if isinstance(value, dict):
        return tuple((name, plain(one)) for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(plain(one) for one in value)
    return value


def rows(table):
    """Of an Arrow table."""
    columns = [column.to_pylist() for column in table.columns]
    return [tuple(plain(value) for value in row) for row in zip(*columns)]


def close(left, right):
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-7, abs_tol=1e-9)
    if isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
        return all(close(a, b) for a, b in zip(left, right))
    return left == right


def difference(found, wanted, ordered=False):
    """Nothing when they are the same, else a few words."""
    found, wanted = rows(found), rows(wanted)
    if len(found) != len(wanted):
        return f"{len(found)} rows for {len(wanted)}"
    if not ordered:
        found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
    for number, (one, other) in enumerate(zip(found, wanted)):
        if not close(one, other):
            return f"row {number}: {one} for {other}"
    return None
