"""VARIANT values that rows share in memory are grouped by value. DuckDB 1.5.5 alone writes beyond its buffers there."""

import pytest

OBJECT = "{'x': 1, 'y': [1, 2], 'z': {'k': 'text'}}::VARIANT"


@pytest.mark.parametrize("values,expected", [
    (f"SELECT CASE i % 2 WHEN 0 THEN {OBJECT} END v FROM range(10000) t(i)", 2),
    (f"SELECT CASE WHEN i % 2 = 0 THEN {OBJECT} ELSE {{'y': i, 'a': [1, 2]}}::VARIANT END v FROM range(10000) t(i)", 5001),
    (f"SELECT CASE WHEN i % 2 = 0 THEN {OBJECT} ELSE ('{{\"y\": \"' || i || '\"}}')::JSON::VARIANT END v FROM range(10000) t(i)", 5001),
    (f"SELECT coalesce({OBJECT}, i::VARIANT) v FROM range(10000) t(i)", 1),
    (f"SELECT coalesce(CASE WHEN i % 2 = 0 THEN i::VARIANT END, {OBJECT}) v FROM range(10000) t(i)", 5001),
    (f"SELECT unnest([{OBJECT}]) v FROM range(10000) t(i)", 1),
    (f"SELECT unnest([{OBJECT}, NULL, 2::VARIANT]) v FROM range(10000) t(i)", 3),
    (f"SELECT v FROM (SELECT {{'x': i}}::VARIANT v FROM range(3) t(i)) a, range(10000) b", 3),
    (f"SELECT a.v FROM range(10000) b(i) JOIN (SELECT i k, {{'x': i}}::VARIANT v FROM range(3) t(i)) a ON a.k = b.i % 3", 3),
    ("SELECT {'x': i}::VARIANT v FROM range(10000) t(i)", 10000),
    ("SELECT {'x': i}::VARIANT v FROM range(0) t(i)", 0),
    ("SELECT NULL::VARIANT v FROM range(10) t(i)", 1),
    (f"SELECT {OBJECT} v FROM range(10000) t(i)", 1),
])
def test_rows_that_share_a_value(server, values, expected):
    with server.connect_pg() as connection:
        groups = connection.execute(f"SELECT v::VARCHAR, count(*)::INT FROM ({values}) GROUP BY v").fetchall()
        assert len({text for text, _ in groups}) == len(groups) == expected
        by_text = connection.execute(f"SELECT v::VARCHAR, count(*)::INT FROM ({values}) GROUP BY 1").fetchall()
        assert sorted(groups, key=str) == sorted(by_text, key=str)
        assert connection.execute(f"SELECT count(*)::INT FROM (SELECT DISTINCT v FROM ({values}))").fetchone() == (expected,)
