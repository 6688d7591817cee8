"""Two tables with unkind keys, and queries that join them in every way."""

import benchmark_data

# 40,000 facts; k is NULL now and then, half of them have the key 7; d holds NaN and both zeros.
FACTS = """
SELECT i AS id,
       CASE WHEN i % 11 = 0 THEN NULL WHEN i % 2 = 0 THEN 7 ELSE i % 5000 END AS k,
       CASE WHEN i % 13 = 0 THEN 'NaN'::DOUBLE WHEN i % 17 = 0 THEN -0.0 WHEN i % 19 = 0 THEN 0.0 ELSE i % 3000 END AS d,
       'K' || (i % 2000) AS s, (i % 100)::DECIMAL(9, 2) AS c, DATE '2020-01-01' + (i % 700)::INTEGER AS t
FROM range(40000) t(i)"""
KEYS = """
SELECT i AS n, CASE WHEN i % 10 = 0 THEN NULL ELSE i * 3 + 1 END AS k,
       CASE WHEN i % 10 = 3 THEN 'NaN'::DOUBLE WHEN i % 10 = 4 THEN 0.0 ELSE i * 7 END AS d,
       CASE WHEN i % 2 = 0 THEN 'k' ELSE 'K' END || i AS s, (i % 7)::DECIMAL(9, 2) AS c, (i * 2)::SMALLINT AS small,
       DATE '2020-06-01' + (i % 20)::INTEGER AS t, repeat('x', 200) AS wide
FROM range(3000) t(i)"""

JOINS = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN"]
# (condition, filter of the keys' side)
CONDITIONS = [("f.k = q.k", "q.n < 20"), ("f.k = q.k", "q.n < 0"), ("f.k = q.k", "true"), ("f.d = q.d", "q.n < 30"),
              ("f.k IS NOT DISTINCT FROM q.k", "q.n < 40"), ("f.s = q.s AND f.c = q.c", "q.n % 9 = 1"),
              ("f.t = q.t", "q.n = 5"), ("f.k = q.small", "q.n BETWEEN 100 AND 130"),
              ("f.s COLLATE NOCASE = q.s COLLATE NOCASE", "q.n < 25"), ("f.k + 1 = q.k", "q.n < 300"),
              ("f.k = q.k AND f.id > q.n", "q.n < 2000")]


def folder():
    def generate(connection):
        connection.execute(f"CREATE TABLE facts AS {FACTS}")
        connection.execute(f"CREATE TABLE keys AS {KEYS}")
    return benchmark_data.make("joined", generate, 5, 2048)


def queries(every=True):
    """`every`: each kind of join with each condition, else with every other."""
    found = []
    for number, kind in enumerate(JOINS):
        for condition, chosen in CONDITIONS if every else CONDITIONS[number % 2::2]:
            columns = "f.id, f.d" if kind in ("SEMI JOIN", "ANTI JOIN") else "f.id, f.d, q.n"
            found.append(f"SELECT {columns} FROM (SELECT * FROM facts WHERE id % 3 > 0) f {kind} "
                         f"(SELECT * FROM keys q WHERE {chosen}) q ON {condition}")
    return found + [
        "SELECT id FROM facts WHERE k NOT IN (SELECT k FROM keys WHERE n < 20 AND k IS NOT NULL)",
        "SELECT id FROM facts WHERE k NOT IN (SELECT k FROM keys WHERE n < 20)",
        "SELECT id FROM facts WHERE k IN (SELECT k FROM keys WHERE n < 20) OR id < 100",
        "SELECT id, (SELECT max(wide) FROM keys q WHERE q.k = f.k AND n < 9) FROM facts f WHERE id < 20000",
        "SELECT f.k, count(*) FROM facts f JOIN keys q ON f.k = q.k WHERE q.wide LIKE '%y%' GROUP BY 1",
    ]
