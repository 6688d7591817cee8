"""A table whose columns are unkind to who sorts it by ranges of keys, and orders that have one right answer."""

import benchmark_data

ROWS = 20000
TABLE = f"""
SELECT i AS id, ((i * 7919) % {ROWS})::INTEGER AS mixed,
       CASE WHEN i % 3 = 0 THEN NULL ELSE ((i * 31) % 1000)::SMALLINT END AS small,
       DATE '2020-01-01' + ((i * 17) % 900)::INTEGER AS day,
       7 AS same, NULL::VARCHAR AS nothing,
       CASE WHEN i % 10 < 8 THEN 'hot' ELSE 'cold' || i END AS hot,
       CASE WHEN i % 7 = 0 THEN 'NaN'::DOUBLE WHEN i % 11 = 0 THEN -0.0 WHEN i % 13 = 0 THEN 0.0
            WHEN i % 17 = 0 THEN 'inf'::DOUBLE WHEN i % 19 = 0 THEN NULL ELSE (i * 37) % 5000 - 2500 END AS number,
       repeat('the same long beginning of all of them ', 6) || ((i * 13) % {ROWS}) AS long,
       CASE WHEN i % 5 = 0 THEN NULL ELSE chr((65 + i % 26 + CASE WHEN i % 2 = 0 THEN 32 ELSE 0 END)::INTEGER) END AS letter,
       [(i % 9)::INTEGER, NULL, i::INTEGER] AS list, {{'a': i % 50, 'b': i::VARCHAR}} AS pair,
       ((i * 101) % 700000)::DECIMAL(12, 3) / 7 AS price,
       TIMESTAMPTZ '2024-03-31 00:00:00+00' + to_seconds((i * 4021) % 86400) AS moment
FROM range({ROWS}) t(i)"""

# No two rows are equal by these.
ORDERS = ["mixed", "mixed DESC", "small, id", "small DESC NULLS LAST, id DESC", "small NULLS FIRST, day DESC, id", "day, mixed",
          "same, id", "nothing, mixed", "hot, id", "hot DESC, id DESC", "number, id", "number DESC NULLS FIRST, id",
          "long, id", "long DESC, id", "letter COLLATE NOCASE, id", "letter DESC, id", "list, id", "list DESC, id", "pair",
          "price DESC, id", "moment, id", "id % 7, length(hot), id DESC"]
# Many rows are: what is compared is the key.
TIES = ["same", "nothing", "hot", "small", "day DESC", "letter NULLS FIRST", "small IS NULL", "number DESC"]


def folder():
    return benchmark_data.make("sorted", lambda connection: connection.execute(f"CREATE TABLE numbers AS {TABLE}"), 5, 2048)
