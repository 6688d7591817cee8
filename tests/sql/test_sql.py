"""One query, four ways: each case of *.sql, and TPC-H, through every door, against DuckDB in process on the same files.

A case begins with a line `-- case: NAME`; its last statement is the query, those before it prepare its session.
Rows are compared as a bag, with ORDER BY at the query's outermost level as a list.
"""

import base64
import datetime
import decimal
import json
import os
import pathlib
import re
import uuid

import duckdb
import psycopg
import psycopg.types.json
import pytest

from skein_server import deps

HERE = pathlib.Path(__file__).resolve().parent
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def read_cases():
    for path in sorted(HERE.glob("*.sql")):
        for case in re.split(r"^-- case: ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            name, _, text = case.partition("\n")
            statements = [part.strip() for part in re.split(r";\s*$", text, flags=re.M) if part.strip()]
            yield pytest.param(statements, id=f"{path.stem}-{name.strip()}")


def tpch_queries():
    config = {"extension_directory": deps()["SKEIN_EXTENSION_DIR"], "autoinstall_known_extensions": "false"}
    with duckdb.connect(config=config) as connection:
        connection.execute("LOAD tpch")
        for number, sql in connection.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall():
            yield pytest.param([sql.strip().rstrip(";")], id=f"tpch-{number}")


def wide_rows():
    columns = ", ".join(f"i * {n} AS c{n}" if n % 2 else f"'v{n} ' || i AS c{n}" for n in range(500))
    return pytest.param([f"SELECT {columns} FROM range(300) t(i)"], id="500 columns")


# One Python value per SQL value, whatever way it came.

def number(value, make):
    if isinstance(value, (bytes, bytearray)):  # Arrow's opaque HUGEINT
        return int.from_bytes(value, "little", signed=True)
    made = make(str(value)) if make is not float else float(value)
    return "NaN" if made != made else made


def interval(value):
    if isinstance(value, datetime.timedelta):
        return value
    if isinstance(value, tuple):  # Arrow's months, days, nanoseconds; Python's clients make 30 days of a month
        return datetime.timedelta(days=value[0] * 30 + value[1], microseconds=value[2] // 1000)
    years, months, days, clock = re.fullmatch(
        r"(?:(-?\d+) years? ?)?(?:(-?\d+) months? ?)?(?:(-?\d+) days? ?)?(-?\d+:\d\d:\d\d(?:\.\d+)?)?", value).groups()
    hours, minutes, seconds = (clock or "0:0:0").lstrip("-").split(":")
    rest = datetime.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    whole = datetime.timedelta(days=int(years or 0) * 360 + int(months or 0) * 30 + int(days or 0))
    return whole + (-rest if (clock or "").startswith("-") else rest)


def instant(value):
    if isinstance(value, int):  # epoch_us(), see expected()
        return EPOCH + datetime.timedelta(microseconds=value)
    return (datetime.datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def parsed(kind):
    return lambda value: kind.fromisoformat(value) if isinstance(value, str) else value


SCALARS = {
    "float": lambda v: number(v, float), "double": lambda v: number(v, float),
    "decimal": lambda v: number(v, decimal.Decimal),
    "blob": lambda v: base64.b64decode(v) if isinstance(v, str) else bytes(v),
    "uuid": lambda v: uuid.UUID(bytes=v) if isinstance(v, bytes) else uuid.UUID(str(v)),
    "interval": interval, "timestamp with time zone": instant,
    "date": parsed(datetime.date), "time": parsed(datetime.time), "timestamp": parsed(datetime.datetime),
    "json": lambda v: json.loads(v, parse_float=decimal.Decimal) if isinstance(v, str) else v,
}
for integer in ("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
                "uhugeint"):
    SCALARS[integer] = lambda v: number(v, int)


def canonical(value, kind):
    if value is None:
        return None
    if kind.id in ("list", "array"):
        return [canonical(one, kind.children[0][1]) for one in value]
    if kind.id == "struct":
        return {name: canonical(value[name], of) for name, of in kind.children}
    if kind.id == "map":
        if isinstance(value, dict):
            pairs = value.items()
        else:
            pairs = [(p["key"], p["value"]) if isinstance(p, dict) else p for p in value]
        (_, of_key), (_, of_value) = kind.children
        return [(canonical(k, of_key), canonical(v, of_value)) for k, v in pairs]
    name = "json" if str(kind) == "JSON" else kind.id  # JSON is an alias of VARCHAR
    return SCALARS.get(name, lambda v: v)(value)


def without_specials(value):
    """JSON has neither NaN nor infinities: the HTTP door says null."""
    if isinstance(value, list):
        return [without_specials(one) for one in value]
    return None if value in ("NaN", float("inf"), float("-inf")) and not isinstance(value, bool) else value


def same_rows(found, wanted, ordered):
    assert len(found) == len(wanted)
    if not ordered:
        found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
    for i, (one, other) in enumerate(zip(found, wanted)):
        assert one == other, f"row {i}"


# The four ways.

def expected(data_dir, statements):
    """(columns' names, their types, rows)."""
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "true",
              "extension_directory": os.fspath(deps()["SKEIN_EXTENSION_DIR"])}
    with duckdb.connect(config=config) as connection:
        for name, files in file_sets(data_dir).items():
            connection.execute(f"CREATE VIEW \"{name}\" AS FROM {files}")
        for statement in statements[:-1]:
            connection.execute(statement)
        # Names are made unique by a derived table: asked for before it.
        connection.execute(statements[-1])
        names = [column[0] for column in connection.description]
        types = [column[1] for column in connection.description]
        zoned = [name for name, kind in zip(names, types) if kind.id == "timestamp with time zone"]
        if zoned:  # Python's client needs a package more for them.
            replaced = ", ".join(f'epoch_us("{name}") AS "{name}"' for name in zoned)
            connection.execute(f"SELECT * REPLACE ({replaced}) FROM ({statements[-1]})")
        rows = connection.fetchall()
    return names, types, [tuple(map(canonical, row, types)) for row in rows]


def file_sets(data_dir):
    sets = {}
    for path in sorted(data_dir.iterdir()):
        reader = {".parquet": "read_parquet", ".csv": "read_csv", ".json": "read_json"}.get(path.suffix)
        name = path.name.split(".")[0]
        if path.is_dir():
            sets[name] = f"read_parquet('{path}/**/*.parquet', hive_partitioning = true)"
        elif path.name.count(".") == 2:
            sets[name] = f"{reader}('{data_dir}/{name}.*{path.suffix}')"
        elif reader:
            sets[name] = f"{reader}('{path}')"
    return sets


def by_pg(server, statements, types):
    with server.connect_pg() as connection:
        # Before the cursor is made, which takes over how values are read.
        psycopg.types.json.set_json_loads(lambda text: json.loads(text, parse_float=decimal.Decimal), context=connection)
        cursor = connection.cursor()
        # This door has PostgreSQL's meanings else (tests/differential).
        cursor.execute("SET sql_dialect = 'duckdb'")
        for statement in statements:
            cursor.execute(statement)
        return [column.name for column in cursor.description], cursor.fetchall()


def by_flight(server, statements, types):
    with server.connect_flight() as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            found = cursor.fetch_arrow_table()
        columns = [column.to_pylist() for column in found.columns]
        return found.column_names, list(zip(*columns)) if columns else []


def by_http(server, statements, types):
    status, _, text = server.request("POST", "/query", {"sql": ";\n".join(statements)})
    assert status == 200, text
    rows = json.loads(text, parse_float=decimal.Decimal)["result"]
    return (list(rows[0]) if rows else None), [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("statements", [*read_cases(), wide_rows(), *tpch_queries()])
def test_every_door_answers_as_duckdb_does(server, data_dir, statements):
    names, types, wanted = expected(data_dir, statements)
    outermost = re.sub(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", "", statements[-1])
    ordered = re.search(r"\border\s+by\b", outermost, re.I) is not None
    for way in (by_pg, by_flight, by_http):
        found_names, rows = way(server, statements, types)
        if found_names is not None:
            assert found_names == names, way.__name__
        found = [tuple(map(canonical, row, types)) for row in rows]
        want = [tuple(map(without_specials, row)) for row in wanted] if way is by_http else wanted
        try:
            same_rows(found, want, ordered)
        except AssertionError as difference:
            raise AssertionError(f"{way.__name__}: {difference}") from None
