"""Values of every type through an exchange: as keys of groups and joins, as rows, and sorted."""

import pytest

import benchmark_data

VALUES = {
    "tinyint": "(i % 100)::TINYINT", "hugeint": "i::HUGEINT * 100000000000000000000", "uhugeint": "(i % 9)::UHUGEINT",
    "decimal": "(i / 7)::DECIMAL(38, 10)", "small decimal": "(i % 50 / 8)::DECIMAL(4, 1)",
    "float": "CASE i % 5 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' WHEN 2 THEN '-0' ELSE i / 4 END::FLOAT",
    "double": "CASE i % 5 WHEN 0 THEN 'NaN' WHEN 1 THEN 'Infinity' WHEN 2 THEN '0' ELSE i / 4 END::DOUBLE",
    "text": "CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN NULL ELSE 'ünï ' || i END", "long text": "repeat('x' || i % 3, 2000)",
    "collated": "(CASE i % 2 WHEN 0 THEN 'A' ELSE 'a' END || i % 10) COLLATE NOCASE",
    "blob": "('\\x00\\xFF'::BLOB || ('b' || i)::BLOB)", "bit": "(i % 100)::BIT", "bool": "nullif(i % 3, 2)::BOOLEAN",
    "enum": "CASE i % 3 WHEN 0 THEN 'small' WHEN 1 THEN 'large' END::ENUM('large', 'small')",
    "uuid": "('00000000-0000-0000-0000-' || lpad(i::VARCHAR, 12, '0'))::UUID", "date": "'infinity'::DATE - 0 * i::INTEGER",
    "day": "'2024-01-01'::DATE + (i % 1000)::INTEGER", "time": "'00:00:00'::TIME + to_seconds(i)",
    "timetz": "('01:00:00+0' || i % 9)::TIMETZ", "timestamp": "'1969-12-31'::TIMESTAMP + to_seconds(i * 1777)",
    "timestamptz": "'2024-10-27 00:00:00+00'::TIMESTAMPTZ + to_minutes(i)",
    "nanoseconds": "('2024-01-01'::TIMESTAMP + to_microseconds(i))::TIMESTAMP_NS",
    "interval": "to_months((i % 14)::INTEGER) + to_days((i % 40)::INTEGER) + to_microseconds(i)",
    "list": "CASE i % 4 WHEN 0 THEN [] WHEN 1 THEN NULL ELSE [i, NULL, -i] END", "list of text": "['a' || i % 9, NULL, '']",
    "array": "[i, NULL, 1]::BIGINT[3]", "struct": "{'a': i, 'b': 'x' || i % 5, 'c': {'d': [i]}}",
    "map": "MAP {'k' || i % 3: i, 'z': NULL}", "nested": "[{'m': MAP {i: [i::VARCHAR]}}]",
    "union": "CASE i % 2 WHEN 0 THEN union_value(n := i) ELSE union_value(t := 'x' || i)::UNION(t VARCHAR, n BIGINT) END"
             "::UNION(n BIGINT, t VARCHAR)",
    "json": "json_object('a', i % 50, 'b', [i % 3])", "variant": "{'v': i}::VARIANT", "null": "NULL",
    "bignum": "(i::HUGEINT * 7)::BIGNUM"}


@pytest.fixture(scope="module")
def pair(cluster):
    def generate(connection):
        connection.execute("CREATE TABLE numbers AS SELECT i::BIGINT AS i FROM range(6000) t(i)")
    folder = benchmark_data.make("numbers", generate, 2, 2048)
    one = cluster(folder)
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=1000, TimeZone="America/New_York")
    one.peer.execute("SET TimeZone = 'America/New_York'")
    return one


@pytest.mark.parametrize("kind", VALUES)
def test_every_type(pair, kind):
    source = f"(SELECT i, {VALUES[kind]} AS v FROM numbers)"
    queries = [f"SELECT i, v::VARCHAR v FROM (SELECT i, max(v) v FROM {source} GROUP BY i)",
               f"SELECT v::VARCHAR v, n, least FROM (SELECT v, count(*) n, min(i) least FROM {source} GROUP BY v)",
               f"SELECT count(*), sum(n) FROM (SELECT v, count(*) n FROM {source} GROUP BY v) a "
               f"JOIN (SELECT DISTINCT v FROM {source} WHERE i % 3 = 0) b ON a.v IS NOT DISTINCT FROM b.v",
               f"SELECT count(DISTINCT v), count(v) FROM {source}"]
    if kind == "variant":  # DuckDB neither groups nor joins by them
        queries = [f"SELECT i, (any_value(v)).v::BIGINT v FROM {source} GROUP BY i"]
    if kind == "collated":  # of equal values, any stands for all
        queries = [f"SELECT lower(v) v, n FROM (SELECT v, count(*) n FROM {source} GROUP BY v)", *queries[2:]]
    for sql in queries:
        assert pair.difference(sql) is None, sql
    if kind not in ("variant", "collated"):
        for order in ("ASC NULLS FIRST", "DESC NULLS LAST"):
            sql = f"SELECT v::VARCHAR v, i FROM (SELECT * FROM {source} ORDER BY v {order}, i)"
            assert pair.difference(sql, ordered=True) is None, sql
