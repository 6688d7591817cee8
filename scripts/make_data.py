"""Writes the sample data that scripts/make-data describes."""

import argparse
import datetime
import json
import os
import pathlib
import shutil

import duckdb

# Counted up when the content changes: a folder with another number is written anew.
VERSION = "1"
SPLIT_TABLES = ("lineitem", "orders", "partsupp")
WHOLE_TABLES = ("customer", "nation", "part", "region", "supplier")


def connect():
    connection = duckdb.connect(config={
        "extension_directory": os.environ["SKEIN_EXTENSION_DIR"],
        "autoinstall_known_extensions": "false",
    })
    connection.execute("LOAD tpch")
    return connection


def write_tpch(connection, directory, scale):
    connection.execute(f"CALL dbgen(sf = {scale})")
    for table in SPLIT_TABLES:
        rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        quarter = rows // 4 + 1
        for part in range(4):
            connection.execute(
                f"COPY (SELECT * FROM {table} LIMIT {quarter} OFFSET {part * quarter}) "
                f"TO '{directory}/{table}.{part + 1}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    for table in WHOLE_TABLES:
        connection.execute(f"COPY {table} TO '{directory}/{table}.parquet' (FORMAT parquet, COMPRESSION zstd)")


def write_events(connection, directory, scale):
    """Page views of a year, one folder a month."""
    rows = max(1200, int(2_000_000 * scale))
    connection.execute(f"""
        COPY (
          SELECT year(happened_at) AS year, lpad(month(happened_at)::VARCHAR, 2, '0') AS month, id, happened_at, user_id, kind, duration_ms
          FROM (
            SELECT i AS id,
                   TIMESTAMP '2025-01-01' + to_seconds(i * 31536000 // {rows}) AS happened_at,
                   hash(i) % 5000 AS user_id,
                   ['view', 'search', 'cart', 'order', 'return'][1 + (hash(i + 7) % 5)::INTEGER] AS kind,
                   CASE WHEN i % 50 = 0 THEN NULL ELSE (hash(i + 11) % 90000)::INTEGER END AS duration_ms
            FROM range({rows}) numbers(i)))
        TO '{directory}/events' (FORMAT parquet, PARTITION_BY (year, month))""")


def write_parts(connection, directory):
    for part in (1, 2, 3):
        connection.execute(f"""
            COPY (SELECT {part} * 1000 + i AS id, 'product ' || i AS product,
                         ((i * 37 + {part} * 11) % 500)::DOUBLE / 4 AS price,
                         DATE '2025-0{part}-01' + i::INTEGER % 28 AS sold_on
                  FROM range(100) numbers(i))
            TO '{directory}/data_part_{part}.parquet' (FORMAT parquet)""")


def write_order_system(connection, directory):
    connection.execute(f"""
        COPY (SELECT i + 1 AS customer_id,
                     ['Amsel', 'Baez', 'Chen', 'Duval', 'Eriksen', 'Fofana', 'García', 'Høj', 'Ivanova', 'Jónsdóttir']
                       [1 + i % 10] || ' ' || (i + 1) AS name,
                     ['Lisboa', 'København', 'Kraków', 'São Paulo', 'Québec'][1 + (i * 7) % 5] AS city,
                     DATE '2020-01-01' + (i * 13 % 1800)::INTEGER AS joined_on,
                     CASE WHEN i % 9 = 0 THEN NULL ELSE round(i * 17.25 % 900, 2) END AS credit
              FROM range(200) numbers(i))
        TO '{directory}/customers.csv' (FORMAT csv, HEADER)""")
    words = ("sturdy", "late", "quiet", "as pictured", "too small", "a gift", "bought twice", "\"quoted\"")
    day = datetime.date(2025, 1, 1)
    with open(directory / "reviews.json", "w", encoding="utf-8") as out:
        for i in range(400):
            review = {
                "review_id": i + 1,
                "customer_id": i * 31 % 200 + 1,
                "product": f"product {i * 7 % 100}",
                "stars": i * 3 % 5 + 1,
                "written_on": str(day + datetime.timedelta(days=i * 5 % 365)),
                "text": None if i % 17 == 0 else f"{words[i % 8]}, {words[i * 5 % 8]}",
                "tags": [words[i % 8], words[(i + 3) % 8]] if i % 3 else [],
            }
            out.write(json.dumps(review, ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", nargs="?", default="build/data", type=pathlib.Path)
    parser.add_argument("--scale", default=0.1, type=float)
    arguments = parser.parse_args()
    directory = arguments.directory.resolve()
    stamp = f"{VERSION} {arguments.scale}"
    marker = directory / ".made"
    if marker.exists() and marker.read_text() == stamp:
        return
    if directory.exists() and any(directory.iterdir()) and not marker.exists():
        raise SystemExit(f"make-data: {directory} holds files that are not sample data; give an empty folder")
    print(f"writing sample data (TPC-H scale {arguments.scale}) to {arguments.directory}", flush=True)
    # Beside the place and then renamed: a run that is cut short leaves nothing that looks whole.
    fresh = directory.with_name(f"{directory.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    connection = connect()
    write_tpch(connection, fresh, arguments.scale)
    write_events(connection, fresh, arguments.scale)
    write_parts(connection, fresh)
    write_order_system(connection, fresh)
    (fresh / ".made").write_text(stamp)
    shutil.rmtree(directory, ignore_errors=True)
    fresh.rename(directory)


if __name__ == "__main__":
    main()
