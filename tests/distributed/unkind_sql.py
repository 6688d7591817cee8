"""Unkind data, and random queries over it whose answers have one right value.

Tables: `big` (a hot key, NULL keys, texts of odd lengths, NaN, times around a change of the clock, nested values), `small` (some
of its keys twice, NULL among them), `none` (no rows in several files), `one` (a row)."""

import random

import benchmark_data

ROWS = 12000
BIG = f"""CREATE TABLE big AS SELECT i AS id,
  CASE WHEN i % 10 < 3 THEN NULL WHEN i % 10 < 8 THEN 7 ELSE i % 900 END::INTEGER AS k,
  CASE i % 6 WHEN 0 THEN NULL ELSE i % 13 - 6 END::SMALLINT AS n,
  CASE i % 11 WHEN 0 THEN 'NaN' WHEN 1 THEN NULL WHEN 2 THEN '-Infinity' WHEN 3 THEN '-0' ELSE ((i % 97) / 4)::VARCHAR END::DOUBLE AS f,
  ((i % 5000) / 7)::DECIMAL(18, 3) AS d,
  CASE i % 9 WHEN 0 THEN '' WHEN 1 THEN NULL WHEN 2 THEN repeat('ü' || i % 3, 40) WHEN 3 THEN 'Straße' WHEN 4 THEN 'STRASSE'
    WHEN 5 THEN 'a' WHEN 6 THEN 'A' ELSE 'word ' || i % 50 END AS s,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 'sad' WHEN 2 THEN 'ok' ELSE 'happy' END AS mood,
  TIMESTAMPTZ '2024-03-10 06:30:00+00' + to_minutes(i % 300) AS t,
  DATE '2024-02-27' + (i % 5)::INTEGER AS day,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN [] ELSE [i % 3, NULL, i % 7] END AS l,
  CASE WHEN i % 8 > 0 THEN {{'a': i % 4, 'b': CASE WHEN i % 3 > 0 THEN 'x' || i % 3 END}} END AS st,
  (i % 19)::HUGEINT * 100000000000000000000 AS h
  FROM range({ROWS}) r(i)"""


def make():
    def generate(connection):
        connection.execute(BIG)
        connection.execute("CREATE TABLE small AS SELECT CASE WHEN i % 7 = 6 THEN NULL ELSE i % 40 END::BIGINT AS k, i AS v,"
                           " CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'Straße' END AS s, TIMESTAMPTZ '2024-03-10 06:31:00+00' + to_minutes(i * 7) AS t,"
                           " {'a': i % 5, 'b': 'x' || i % 3} AS st FROM range(60) r(i)")
        connection.execute("CREATE TABLE none AS SELECT k, v, s, t, st FROM small LIMIT 0")
        connection.execute("CREATE TABLE one AS SELECT * FROM small WHERE v = 7")
    return benchmark_data.make("unkind-random", generate, 5, 2048)


BIG_COLUMNS = {"k": "int", "n": "int", "id": "int", "f": "float", "d": "decimal", "s": "text", "mood": "enum", "t": "time", "day": "day",
               "l": "list", "st": "struct", "h": "int"}
SMALL_COLUMNS = {"k": "int", "v": "int", "s": "text", "t": "time", "st": "struct"}
# What queries whose rows have an order begin with.
ORDERED = "SELECT id, k, s, "
ENUM = "ENUM('happy', 'ok', 'sad')"


class Seeded:
    """What a seed chooses."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, share):
        return self.random.random() < share


class Unkind(Seeded):
    def scalar(self, table, kind=None):
        columns = BIG_COLUMNS if table.startswith("b") else SMALL_COLUMNS
        names = [name for name, of in columns.items() if kind in (None, of)]
        name = self.random.choice(names)
        of, column = columns[name], f"{table}.{name}"
        more = {"int": [column, f"nullif({column} % 4, 1)", f"coalesce({column}, -9)", f"{column}::VARCHAR", f"{column} IS NULL"],
                "float": [column, f"isnan({column})", f"{column} > 3", f"abs({column})"],
                "decimal": [column, f"round({column}, 1)", f"{column}::INTEGER % 5"],
                "text": [column, f"lower({column})", f"length({column})", f"left({column}, 1)", f"{column} COLLATE NOCASE = 'strasse'",
                         f"strip_accents({column})"],
                "enum": [f"{column}::{ENUM}", column, f"{column}::{ENUM} > 'happy'"],
                "time": [f"hour({column})", f"date_trunc('hour', {column})", f"{column}::DATE", f"strftime({column}, '%d %H')", column],
                "day": [column, f"last_day({column})", f"dayofweek({column})"],
                "list": [column, f"len({column})", f"{column}[1]", f"list_sort({column})"],
                "struct": [column, f"{column}.a", f"{column}.b"]}[of]
        return self.random.choice(more)

    def predicate(self, table, other="small"):
        return self.pick(
            f"{table}.k = 7", f"{table}.k <> 7", f"{table}.k IS NULL", f"{table}.k IS DISTINCT FROM 7", f"{table}.s > 'm'",
            f"{table}.s COLLATE NOCASE = 'strasse'", f"{table}.s LIKE '%r%'", f"{table}.t < TIMESTAMPTZ '2024-03-10 03:15:00'",
            f"hour({table}.t) = 3", f"{table}.st.a IN (1, 3, NULL)", f"{table}.st = {{'a': 1, 'b': 'x1'}}",
            f"{table}.k IN (SELECT k FROM {other})", f"{table}.k NOT IN (SELECT k FROM {other})",
            f"{table}.k NOT IN (SELECT k FROM {other} WHERE k IS NOT NULL)", f"({table}.k, {table}.s) IN (SELECT k, s FROM {other})",
            f"EXISTS (SELECT 1 FROM {other} x WHERE x.k = {table}.k AND x.v > 20)",
            f"NOT EXISTS (SELECT 1 FROM {other} x WHERE x.k = {table}.k OR x.v = {table}.k)",
            f"{table}.k > (SELECT avg(v) FROM {other} x WHERE x.s = {table}.s)",
            f"{table}.k = ANY (SELECT v FROM {other})", f"{table}.k >= ALL (SELECT v FROM {other} WHERE v < 5)", "true", "false",
            f"{table}.k BETWEEN 3 AND 300")

    def value(self, table):
        number = self.scalar(table, "int")
        if "VARCHAR" in number or "IS NULL" in number:
            number = f"{table}.k"
        text = self.scalar(table, "text")
        any_one = self.scalar(table)
        chosen = self.pick(f"count({any_one})", "count(*)", f"sum({number})", f"min({any_one})", f"max({any_one})",
                           f"count(DISTINCT {any_one})", f"avg({number})", f"median({number})", f"list_sort(list({number}))",
                           f"string_agg({table}.s, '|' ORDER BY {table}.s)", f"bool_or({table}.k = 7)", f"sum(DISTINCT {number})",
                           f"arg_max({number}, {number})", f"approx_count_distinct({text})", f"histogram({number})", f"mode({table}.k IS NULL)",
                           f"quantile_disc({number}, [0.1, 0.5])", f"count_if({table}.k = 7)", f"list_sort(list(DISTINCT {text}))",
                           f"max({number}, 2)", f"bit_xor({table}.k)", f"stddev({number})", f"regr_count({number}, {table}.k)",
                           f"first({number} ORDER BY {number})", f"array_agg({number} ORDER BY {number} DESC NULLS LAST)")
        if self.chance(0.2) and not chosen.startswith("list_sort"):
            chosen += f" FILTER (WHERE {self.predicate(table)})"
        return chosen

    def join(self):
        other = self.pick("small", "small", "small", "one", "none")
        kind = self.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN")
        right = f"(SELECT * FROM {other}) s"
        left = f"(SELECT * FROM big WHERE {self.predicate('big')} AND id % {self.pick(1, 3, 50)} = 0) b"
        if self.chance(0.25) and kind not in ("SEMI JOIN", "ANTI JOIN"):
            left, right = right, left
        on = self.pick("b.k = s.k", "b.k = s.k AND b.s = s.s", "b.k IS NOT DISTINCT FROM s.k", "b.k = s.k AND b.n > s.v % 5", "b.st = s.st",
                       "b.s = s.s", "b.s COLLATE NOCASE = s.s", "b.k % 50 = s.v", "b.t = s.t", "b.k = s.k AND b.t >= s.t")
        if self.chance(0.12):
            kind, on = self.pick("JOIN", "LEFT JOIN"), self.pick("b.n < s.v AND s.v < 9", "b.k BETWEEN s.v AND s.v + 2")
        if self.chance(0.1):
            kind, on = self.pick("ASOF JOIN", "ASOF LEFT JOIN"), self.pick("b.t >= s.t AND b.k = s.k", "b.t >= s.t")
            left, right = f"(SELECT * FROM big WHERE id % 20 = 0) b", "(SELECT DISTINCT ON (k, t) * FROM small ORDER BY k, t, v) s"
            if on == "b.t >= s.t":
                right = "(SELECT DISTINCT ON (t) * FROM small ORDER BY t, v) s"
        both = kind not in ("SEMI JOIN", "ANTI JOIN")
        return f"{left} {kind} {right} ON {on}", ["b", "s"] if both else ["b"]

    def text(self):
        shape = self.random.randrange(12)
        tables = ["big"]
        source = "big"
        if shape in (1, 2, 3):
            source, tables = self.join()
        table = self.random.choice(tables)
        where = f" WHERE {self.predicate(tables[0], self.pick('small', 'none', 'one'))}" if self.chance(0.6) and "JOIN" not in source else ""
        if shape < 4:  # groups
            groups = [self.scalar(self.random.choice(tables)) for _ in range(self.random.randint(0, 2))]
            values = [self.value(self.random.choice(tables)) for _ in range(self.random.randint(1, 3))]
            columns = ", ".join(f"{one} e{i}" for i, one in enumerate(groups + values))
            sql = f"SELECT {columns} FROM {source}{where}"
            if groups:
                numbers = ", ".join(str(i + 1) for i in range(len(groups)))
                sql += " GROUP BY " + self.pick("{}", "{}", "ROLLUP ({})", "CUBE ({})", "GROUPING SETS (({}), ())").format(numbers)
            return sql
        if shape == 4:
            columns = [self.scalar(table) for _ in range(2)]
            return f"SELECT DISTINCT {columns[0]} e0, {columns[1]} e1 FROM {source}{where}"
        if shape == 5:
            function = self.pick("row_number()", "rank()", "sum(n)", "lag(n)", "first_value(s)", "ntile(3)", "count(DISTINCT n)",
                                 "max(d) FILTER (WHERE n > 0)")
            frame = self.pick("", "", "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "EXCLUDE TIES")
            frame = "ROWS BETWEEN 90 PRECEDING AND CURRENT ROW EXCLUDE TIES" if frame == "EXCLUDE TIES" else frame
            if function in ("row_number()", "rank()", "lag(n)", "ntile(3)"):
                frame = ""
            partition = self.pick("PARTITION BY k", "PARTITION BY mood, day", f"PARTITION BY {self.scalar('big')}", "")
            sql = f"SELECT id, {function} OVER ({partition} ORDER BY id {frame}) w FROM big{where}"
            return sql + (" QUALIFY w IS NOT NULL" if self.chance(0.2) else "")
        if shape == 6:
            order = self.pick("s NULLS FIRST, id DESC", "st DESC, id", "f, id", "l NULLS FIRST, id", "t DESC, id", "mood::" + ENUM + ", id",
                              "s COLLATE NOCASE, id")
            limit = self.pick("", f"LIMIT {self.pick(0, 1, 77, 5000)}", "LIMIT 10 OFFSET 11990", "LIMIT 1 %")
            return f"{ORDERED}{self.scalar('big')} e FROM big{where} ORDER BY {order} {limit}"
        if shape == 7:
            how = self.pick("UNION", "UNION ALL", "EXCEPT", "EXCEPT ALL", "INTERSECT", "INTERSECT ALL")
            column = self.pick("k", "s", "t", "st.a", "st.b")
            return (f"SELECT {column} e FROM big{where} {how} SELECT {column} FROM {self.pick('small', 'none', 'one')}"
                    + self.pick("", f" UNION ALL SELECT {column} FROM small"))
        if shape == 8:
            return (f"SELECT id, (SELECT {self.pick('count(*)', 'max(v)', 'sum(v)', 'list_sort(list(v))')} FROM {self.pick('small', 'none')} x"
                    f" WHERE x.k {self.pick('=', '<', 'IS NOT DISTINCT FROM')} big.k) e FROM big WHERE id % 5 = 0 AND {self.predicate('big')}")
        if shape == 9:
            return (f"WITH c AS MATERIALIZED (SELECT {self.scalar('big')} g, count(*) n, min(id) i FROM big{where} GROUP BY 1)"
                    f" SELECT a.g e0, a.n e1, b.n e2, (SELECT sum(n) FROM c) e3 FROM c a {self.pick('JOIN', 'LEFT JOIN', 'FULL JOIN')} c b"
                    f" ON {self.pick('a.n = b.n AND a.i < 90', 'a.i = b.i + 1', 'a.g IS NOT DISTINCT FROM b.g')}")
        if shape == 10:
            inner = self.pick("(SELECT unnest(l) u)", "(SELECT v AS u FROM small x WHERE x.k = big.k ORDER BY v LIMIT 2)",
                              "(SELECT count(*) u FROM small x WHERE x.k < big.n)", "(SELECT max(v) OVER (PARTITION BY k) u FROM small x WHERE x.v = big.n)")
            return f"SELECT id, u FROM big, LATERAL {inner} q WHERE id % 3 = 0 AND {self.predicate('big')}"
        return self.pick(
            f"SELECT DISTINCT ON (k, mood) k, mood, id, {self.scalar('big')} e FROM big{where} ORDER BY k, mood, id",
            "PIVOT (SELECT mood, day, n FROM big) ON mood IN ('ok', 'sad') USING sum(n), count(*) GROUP BY day",
            f"SELECT u, count(*) FROM (SELECT unnest(l) u, id FROM big{where}) GROUP BY u",
            f"SELECT g.a, count(*), sum(id) FROM (SELECT st g, id FROM big{where}) GROUP BY 1",
            f"SELECT n, s FROM (SELECT n, count(*) c, any_value(h) FILTER (WHERE h = 0) s FROM big{where} GROUP BY n) WHERE c > 3",
            "UNPIVOT (SELECT id, n::BIGINT n, k::BIGINT k FROM big) ON n, k",
            "SELECT x, count(b.id) FROM range(-3, 12) r(x) LEFT JOIN big b ON b.n = x GROUP BY x",
            "SELECT v.a::BIGINT e, count(*) FROM (SELECT id, st::VARIANT v FROM big) GROUP BY 1",
            "SELECT id, v::VARCHAR FROM (SELECT id, {'k': k, 'l': l}::VARIANT v FROM big WHERE id % 7 = 0)",
            f"SELECT (SELECT count(*) FROM big{where}), (SELECT max(k) FROM none), (SELECT v FROM one)",
            "SELECT mood, count(*) FROM (SELECT mood FROM big UNION ALL BY NAME SELECT s AS mood, v FROM small) GROUP BY ALL",
            f"SELECT count(*), min(a.id), max(c.v) FROM big a JOIN big b ON a.id = b.id + 1 AND a.k = b.k JOIN small c ON c.k = b.k AND {self.predicate('a')}")
