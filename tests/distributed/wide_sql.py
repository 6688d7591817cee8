"""Random queries with what random_sql.py and unkind_sql.py leave out: every frame, grouping sets of sets, joins by order and by
position, functions of lists, structs and maps, recursion, samples, errors. Over the tables of unkind_sql; each has one right answer."""

from unkind_sql import ENUM, Seeded

WHERE = ("id % 3 = 0", "k = 7", "k IS NULL", "n > 0 AND f < 10", "s <> ''", "mood IN ('ok', 'sad')", "l IS NOT NULL", "true", "false", "isnan(f)",
         "t >= TIMESTAMPTZ '2024-03-10 08:00:00+00'", "st.a = 2 OR n IS NULL", "k IN (SELECT v FROM small)", "id BETWEEN 5000 AND 5400",
         "NOT EXISTS (FROM small z WHERE z.v = big.k)", "d > (SELECT avg(d) FROM big)")
GROUPS = ("k", "n", "mood", "day", "s", "l", "st", "st.b", "hour(t)", "t::DATE", "f", "h", "k IS NULL", "upper(s)", "s COLLATE NOCASE = 'a'",
          f"mood::{ENUM}", "n::VARCHAR::VARIANT", "{'x': n, 'y': mood}", "[k, n]", "map([mood], [n])", "time_bucket(INTERVAL 90 MINUTE, t)",
          "t::TIMETZ", "to_days(n::INTEGER)", "d::DECIMAL(30, 3)", "n::BIGNUM", "md5(s)::UUID", "s::BLOB", "array_value(n, k)",
          f"union_value(a := n)", "(n + 6)::UTINYINT::BIT", "(t AT TIME ZONE 'Asia/Tokyo')::TIMESTAMP_NS", "date_trunc('week', t)")
# Types that Arrow has not, or has in two ways: compared as text, grouped as they are.
ODD = ("VARIANT", "TIMETZ", "BIGNUM", "BIT", "union_value")
KEYS = ("k", "n", "mood", "day", "s", "st", "l", "st.b", "s COLLATE NOCASE", "t", "f", "d", "h")


class Wide(Seeded):
    def where(self, share=0.6):
        return f" WHERE {self.pick(*WHERE)}" if self.chance(share) else ""

    def value(self, unique="id"):
        """An aggregate of big whose value does not depend on the order of rows."""
        chosen = self.pick(
            "count(*)", "count(n)", "sum(n)", "sum(d)", "sum(h)", "min(s)", "max(f)", "min(l)", "max(st)", "max(t)", "min(mood)", "avg(n)", "avg(d)",
            "avg(h)", "avg(k)", "count(DISTINCT n)", "count(DISTINCT s)", "sum(DISTINCT n)", "count(DISTINCT st)", "median(n)", "mad(n)", "median(d)",
            "quantile_cont(n, 0.37)", "quantile_cont(n, [0.1, 0.9])", "quantile_disc(d, 0.5 ORDER BY d DESC)", "quantile_disc(s, 0.3)",
            f"string_agg(s, '|' ORDER BY {unique})", f"list(n ORDER BY {unique} DESC)", f"first(s ORDER BY {unique})", f"last(n ORDER BY {unique})",
            f"arg_min(s, {unique})", f"arg_max(n, {unique})", f"arg_min(s, {unique}, 3)", f"arg_max_null(n, {unique})", f"max_by(st, {unique})",
            f"min_by(l, {unique}, 2)", "max(d, 3)", "min(s, 2)", "bit_and(id)", "bit_or(k)", "bit_xor(id)", "bool_and(n > -9)", "bool_or(f > 5)",
            "histogram(n)", "histogram(mood)", "map_entries(histogram(k))", "list_sort(list(DISTINCT n))", "product(CASE WHEN n > 4 THEN 1 END)",
            "count_if(f > 2)", "any_value(7)", "round(stddev(n), 6)", "round(var_pop(d), 6)", "round(corr(n, id), 6)", "round(covar_samp(n, id), 6)", "round(regr_slope(n, id), 6)", "regr_count(n, k)",
            "round(skewness(n), 6)", "round(kurtosis(n), 6)", "round(entropy(n), 6)", "approx_count_distinct(s)", "favg(n)", "fsum(n)", "max(day)",
            "min(t::TIMETZ)::VARCHAR", "max(to_days(n::INTEGER))", f"min(mood::{ENUM})", "max(n::VARIANT::VARCHAR)", "min({'a': n})", "max([n])", "avg(t)", "avg(day)",
            "count(l)", "sum(len(l))", "max(s COLLATE NOCASE) IS NULL", "count(DISTINCT s COLLATE NOCASE)", "round(sem(n), 6)", "round(geomean(n + 7), 6)", "count((k, n))",
            "count(DISTINCT (k, n))", "mode(n IS NULL)", "bit_count(bit_or(id))", "arg_min({'s': s, 'n': n}, id)", "max(md5(s)::UUID)", "min(s::BLOB)",
            "count(COLUMNS(['k', 'n']))" if self.chance(0.2) else "count(id)", "group_concat(n ORDER BY id)" if unique == "id" else "count(id)",
            "list_sum(list(n))", "sum(n) - count(*)", "max(id) - min(id)", "sum(n) / count(n)", "round(avg(f) FILTER (WHERE f BETWEEN 0 AND 9), 3)",
            "weighted_avg(n, id)", "listagg(s, ',' ORDER BY id)")
        if self.chance(0.2) and chosen.endswith(")") and "FILTER" not in chosen and chosen.count("(") == 1 and "weighted" not in chosen:
            chosen += f" FILTER (WHERE {self.pick('n > 0', 'k = 7', 'id % 2 = 0', 's IS NULL', 'false', 'n IN (SELECT v FROM small)')})"
        return chosen

    def values(self):
        return [self.value() for _ in range(self.random.randint(1, 4))]

    @staticmethod
    def named(columns):
        return ", ".join(f"{one} e{i}" if not one.startswith("count(COLUMNS") else one for i, one in enumerate(columns))

    # The shapes.

    def grouped(self):
        groups = self.random.sample(GROUPS, self.random.randint(0, 3))
        shown = [f"({one})::VARCHAR" if any(word in one for word in ODD) else one for one in groups]
        sql = f"SELECT {self.named(shown + self.values())} FROM big{self.where()}"
        if groups:
            sql += " GROUP BY " + (", ".join(groups) if shown != groups else self.pick(", ".join(groups), "ALL"))
            if self.chance(0.2):
                sql += f" HAVING {self.pick('count(*) > 5', 'max(n) > 2', 'bool_or(k = 7)', 'sum(id) % 2 = 0')}"
        return sql

    def grouping_sets(self):
        a, b, c = self.random.sample(GROUPS[:12], 3)
        sets = self.pick(f"CUBE ({a}, {b}, {c})", f"ROLLUP ({a}, {b}, {c})", f"GROUPING SETS (({a}), ({b}, {c}), (), ({a}))",
                         f"GROUPING SETS (ROLLUP ({a}, {b}), CUBE ({b}, {c}))", f"{a}, ROLLUP ({b}, {c})", f"ROLLUP (({a}, {b}), {c})",
                         f"GROUPING SETS (({a}, {b}, {c}))", "GROUPING SETS ((), ())", f"CUBE ({a}), CUBE ({b}), {c}")
        known = [one for one in (a, b, c) if one in sets]
        more = [f"grouping({one})" for one in known[:2] if self.chance(0.5)] + ([f"grouping_id({', '.join(known)})"] if known and self.chance(0.4) else [])
        having = self.pick("", "", " HAVING count(*) > 3", f" HAVING grouping({known[0]}) = 0" if known else "")
        return f"SELECT {self.named(known + more + self.values())} FROM big{self.where()} GROUP BY {sets}{having}"

    def frame(self, ordered_by_number):
        low = ("UNBOUNDED PRECEDING", "5 PRECEDING", "CURRENT ROW", "2 FOLLOWING", "1 PRECEDING")
        high = ("UNBOUNDED FOLLOWING", "7 FOLLOWING", "CURRENT ROW", "1 PRECEDING")
        unit = self.pick("ROWS", "GROUPS", "RANGE") if ordered_by_number else self.pick("ROWS", "GROUPS")
        first, last = self.pick(*low), self.pick(*high)
        if first == "2 FOLLOWING":
            last = "4 FOLLOWING"
        if first in ("CURRENT ROW", "1 PRECEDING") and last == "1 PRECEDING":
            last = "CURRENT ROW"
        return f"{unit} BETWEEN {first} AND {last}" + self.pick("", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE NO OTHERS")

    def over(self):
        partition = self.pick("", "", "PARTITION BY k", "PARTITION BY mood, n", f"PARTITION BY {self.pick(*GROUPS)}", "PARTITION BY id % 11")
        frameless = self.pick("row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(7)", "lag(n)", "lead(s, 3, '?')", "lag(id, 2, -1)",
                              "lag(n IGNORE NULLS)", "rank(ORDER BY n)" if self.chance(0.1) else "row_number()", "lead(st)", "lag(l, -1)")
        framed = self.pick("sum(n)", "count(*)", "min(d)", "max(s)", "first_value(n)", "last_value(s)", "nth_value(n, 2)", "first_value(n IGNORE NULLS)",
                           "last_value(k IGNORE NULLS)", "nth_value(k, 2 IGNORE NULLS)", "list(n)", "string_agg(mood, '')", "count(DISTINCT n)",
                           "sum(n) FILTER (WHERE k = 7)", "median(n)", "quantile_disc(d, 0.2)", "mode(n IS NULL)", "bit_xor(id)", "any_value(id)",
                           "arg_min(s, id)", "sum(DISTINCT n)", "list(n ORDER BY n, id)", "count(k) FILTER (WHERE n > 0)", "bool_or(f > 4)", "avg(n)",
                           "max(st)", "min(t)", "approx_count_distinct(n)")
        order = self.pick("ORDER BY id", "ORDER BY id DESC", "ORDER BY mood NULLS FIRST, id", "ORDER BY k DESC NULLS LAST, n, id", "ORDER BY f, id", "ORDER BY s COLLATE NOCASE, id")
        if self.chance(0.35):
            return f"{frameless} OVER ({partition} {order})"
        if self.chance(0.2):
            # Of peers: only what does not depend on their order.
            framed = self.pick("sum(n)", "count(*)", "min(s)", "max(id)", "count(DISTINCT n)", "bit_xor(id)", "rank()", "dense_rank()", "cume_dist()", "median(n)")
            if framed in ("rank()", "dense_rank()", "cume_dist()"):
                return f"{framed} OVER ({partition} ORDER BY {self.pick(*KEYS)})"
            by = self.pick("day", "n", "t", "d", "f")
            reach = {"day": "INTERVAL 1 DAY", "t": "INTERVAL 20 MINUTE"}.get(by, "2")
            ordering = by + self.pick("", " DESC", " NULLS FIRST")
            if self.chance(0.3):
                return f"{framed} OVER ({partition} ORDER BY {ordering})"
            return (f"{framed} OVER ({partition} ORDER BY {ordering} RANGE BETWEEN "
                    f"{self.pick('UNBOUNDED PRECEDING', reach + ' PRECEDING', 'CURRENT ROW')} AND "
                    f"{self.pick('UNBOUNDED FOLLOWING', reach + ' FOLLOWING', 'CURRENT ROW')}{self.pick('', ' EXCLUDE GROUP', ' EXCLUDE CURRENT ROW')})")
        if self.chance(0.15):
            simple = self.pick("sum(n)", "count(*)", "max(id)", "min(s)", "count(DISTINCT k)", "avg(d)")
            return f"{simple} OVER ({partition})"
        frame = self.frame(order in ("ORDER BY id", "ORDER BY id DESC"))
        return f"{framed} OVER ({partition} {order} {self.pick('', frame)})"

    def window(self):
        windows = [self.over() for _ in range(self.random.randint(1, 3))]
        columns = ", ".join(f"{one} w{i}" for i, one in enumerate(windows))
        # Frames that DuckDB makes anew for each row take the square of the time.
        sql = f"SELECT id, {columns} FROM (FROM big WHERE id % {self.pick(2, 5)} = 0) big{self.where()}"
        if self.chance(0.3):
            sql += f" QUALIFY {self.pick('w0 IS NOT NULL', 'row_number() OVER (PARTITION BY k ORDER BY id) <= 3', 'count(*) OVER (PARTITION BY n) > 900', 'rank() OVER (ORDER BY d DESC, id) < 40')}"
        if self.chance(0.2):
            sql = f"SELECT id % 5 g, count(*), min(w0), max(w0) FROM ({sql}) GROUP BY g"
        return sql

    def window_over_groups(self):
        return (f"SELECT {self.pick('n', 'k', 'mood')} g, sum(id) s, {self.pick('rank() OVER (ORDER BY sum(id) DESC)', 'sum(count(*)) OVER (ORDER BY g ROWS UNBOUNDED PRECEDING)', 'lag(count(*)) OVER (ORDER BY g NULLS FIRST)', 'count(*) * 100 // sum(count(*)) OVER ()')} w"
                f" FROM big{self.where()} GROUP BY g")

    def first_of_each(self):
        target = self.pick("k", "mood, n", "l", "st", "s COLLATE NOCASE", "day", "f", "t")
        if self.chance(0.5):
            return f"SELECT DISTINCT ON ({target}) id, s, n FROM big{self.where()} ORDER BY {target}, id{self.pick('', ' DESC')}"
        return f"SELECT id, n, s FROM big{self.where()} QUALIFY {self.pick('row_number()', 'rank()', 'dense_rank()')} OVER (PARTITION BY {target} ORDER BY {self.pick('id', 'n DESC NULLS LAST, id', 'd, id DESC')}) {self.pick('= 1', '<= 2', 'BETWEEN 2 AND 3')}"

    def pivot(self):
        return self.pick(
            f"PIVOT (SELECT mood, day, n, k FROM big{self.where()}) ON mood USING {self.pick('sum(n)', 'count(*)', 'max(k) AS m, count(n) AS c')} GROUP BY day",
            f"PIVOT (SELECT * FROM big{self.where()}) ON n IN (1, 2, 3), mood IN ('ok', 'happy') USING count(*) GROUP BY k",
            "FROM big PIVOT (sum(n) AS s, min(d) FOR mood IN ('ok', 'sad', NULL) GROUP BY day)",
            "PIVOT (SELECT mood, st.a a, id FROM big) ON a USING first(id ORDER BY id)",
            f"UNPIVOT (SELECT id, n::BIGINT n, k::BIGINT k, id * 2 d FROM big{self.where()}) ON COLUMNS(* EXCLUDE (id)) INTO NAME nm VALUE v",
            "SELECT nm, count(*), sum(v) FROM (FROM (SELECT id, n::BIGINT n, k::BIGINT k FROM big) UNPIVOT INCLUDE NULLS (v FOR nm IN (n, k))) GROUP BY nm",
            "SELECT * FROM (FROM big SELECT id, n, k) UNPIVOT ((a) FOR nm IN (n, k)) WHERE id < 500")

    def asof(self):
        kind = self.pick("ASOF JOIN", "ASOF LEFT JOIN", "ASOF RIGHT JOIN", "ASOF FULL JOIN", "ASOF SEMI JOIN", "ASOF ANTI JOIN")
        on = self.pick("b.t {o} s.t", "b.k = s.k AND b.t {o} s.t", "b.n {o} s.v", "b.k = s.k AND b.id {o} s.v * 200", "b.s = s.s AND b.k = s.k AND b.id {o} s.v")
        on = on.format(o=self.pick(">=", ">", "<=", "<"))
        right = self.pick("(SELECT DISTINCT ON (k, s, v) * FROM small ORDER BY k, s, v, t)", "(SELECT * FROM small WHERE v % 3 = 1)", "(FROM none)", "(FROM one)")
        columns = "b.id" if "SEMI" in kind or "ANTI" in kind else "b.id, s.v"
        # Times of `small` differ for all rows.
        return f"SELECT {columns} FROM (SELECT * FROM big WHERE id % {self.pick(3, 17, 300)} = 0) b {kind} {right} s ON {on}"

    def condition(self):
        return self.pick("b.k = s.v", "b.n < s.v AND s.v < 8", "b.k BETWEEN s.v AND s.v + 3", "b.t < s.t AND b.id > s.v * 210", "b.id < s.v * 10 AND b.n > s.k",
                         "b.k <> s.v AND b.n = s.v % 7", "b.s = s.s OR b.n = s.v", "b.st = s.st AND b.k IS DISTINCT FROM s.k", "b.k IS NOT DISTINCT FROM s.k AND b.n > s.v",
                         "b.s > s.s AND b.k = s.v", "b.l[1] = s.v", "b.st.a = s.st.a AND b.n = s.k", "len(b.s) = s.v", "b.mood = s.s", "b.d = s.v", "b.f = s.v", "b.h = s.k",
                         "b.k = s.k AND b.t = s.t", "lower(b.s) = s.s", "b.s COLLATE NOACCENT = s.s", "b.n = s.v AND b.day = s.t::DATE", "b.id % 100 = s.v AND s.k > b.n",
                         "list_contains(b.l, s.v)", "b.n::DOUBLE = s.k", "(b.k, b.n) = (s.k, s.v)", "true")

    def join(self):
        right = self.pick("small", "small", "(FROM small WHERE v < 9)", "none", "one", "(SELECT max(v) v, k, any_value(s ORDER BY v) s, max(t) t, min(st) st FROM small GROUP BY k)",
                          "(VALUES (7::BIGINT, 1::BIGINT, 'a', TIMESTAMPTZ '2024-03-10 07:00:00+00', {'a': 1::BIGINT, 'b': 'x1'}), (NULL, 3, NULL, NULL, NULL)) s(k, v, s, t, st)")
        right = right if right.endswith("st)") and "VALUES" in right else f"{right} s"
        kind = self.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN")
        left = f"(SELECT * FROM big WHERE {self.pick(*WHERE)} AND id % {self.pick(1, 7, 40)} = 0) b"
        on = self.condition()
        if kind in ("SEMI JOIN", "ANTI JOIN"):
            return f"SELECT count(*), sum(id), min(s), bit_xor(id) FROM {left} {kind} {right} ON {on}" if self.chance(0.5) else f"SELECT id, k FROM {left} {kind} {right} ON {on}"
        if self.chance(0.4):
            left, right = right, left
        columns = self.pick("count(*), count(b.id), count(s.v), sum(b.id), sum(s.v), max(b.s), min(s.s)", "b.n, s.s, count(*), bit_xor(b.id)", "b.id, s.v")
        sql = f"SELECT {columns} FROM {left} {kind} {right} ON {on}"
        if columns.startswith("b.n"):
            sql += " GROUP BY ALL"
        if self.chance(0.15):
            sql = f"SELECT count(*), count(DISTINCT x.id), sum(o.v) FROM ({f'SELECT b.id, s.v FROM {left} {kind} {right} ON {on}'}) x {self.pick('JOIN', 'LEFT JOIN', 'FULL JOIN')} small o ON x.v = o.v"
        return sql

    def odd_join(self):
        return self.pick(
            "SELECT a.id, b.v FROM (SELECT id FROM big WHERE id < 50 ORDER BY id) a POSITIONAL JOIN (SELECT v FROM small ORDER BY v) b",
            f"SELECT count(*), sum(a.n * b.v) FROM (FROM big{self.where()}) a CROSS JOIN small b WHERE a.n + b.v > {self.pick(3, 20, 90)}",
            f"SELECT count(*), max(a.id + b.id) FROM big a JOIN big b ON a.id < b.id AND a.d > b.d AND a.id < {self.pick(50, 400)} AND b.id < 600",
            f"SELECT count(*) FROM (FROM big WHERE id < 300) a JOIN (FROM big WHERE id % 40 = 0) b ON a.t {self.pick('<', '>=')} b.t AND a.n {self.pick('<', '>')} b.n",
            f"SELECT a.id, b.id FROM big a JOIN big b ON a.k = b.id AND a.id = b.k + {self.pick(1, 7)}",
            "SELECT * FROM (SELECT k, count(*) c FROM big GROUP BY k) NATURAL JOIN (SELECT k, sum(v) v FROM small GROUP BY k)",
            f"SELECT k, count(*), sum(v) FROM big {self.pick('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN')} small USING (k{self.pick('', ', s', ', t')}) GROUP BY k",
            f"SELECT a.mood, b.s, c.s, count(*) FROM big a {self.pick('JOIN', 'LEFT JOIN')} small b ON a.k = b.k {self.pick('JOIN', 'LEFT JOIN', 'FULL JOIN')} (FROM big WHERE id < 200) c ON c.id = b.v GROUP BY ALL",
            "SELECT a.id FROM big a SEMI JOIN big b ON a.id = b.k + 1 ANTI JOIN small c ON a.n = c.v",
            f"SELECT count(*), sum(b.id) FROM big b WHERE (k, n) {self.pick('IN', 'NOT IN')} (SELECT k, v FROM small{self.pick('', ' WHERE k IS NOT NULL', ' WHERE false')})",
            f"SELECT count(*), sum(id) FROM big WHERE n {self.pick('=', '<>', '<', '>=')} {self.pick('ANY', 'ALL')} (SELECT v FROM small WHERE v {self.pick('< 3', '> 57', '< 0')})")

    def lateral(self):
        inner = self.pick(
            "(SELECT sum(v) x FROM small s WHERE s.k = b.k AND s.v > b.n)", "(SELECT v x FROM small s WHERE s.v < b.n ORDER BY v DESC LIMIT 2)",
            "(SELECT unnest(b.l) + b.n x)", "(SELECT count(*) x FROM big c WHERE c.id = b.k)", "(SELECT max(c.n) x FROM big c WHERE c.k = b.id % 900)",
            "(SELECT x FROM range(b.n) r(x))", "(SELECT x FROM generate_series(1, b.n, 2) r(x))", "(SELECT string_agg(s.s, ',' ORDER BY s.v) x FROM small s WHERE s.k IS NOT DISTINCT FROM b.k)",
            "(SELECT s.v + c.x x FROM small s, LATERAL (SELECT b.n + s.v x) c WHERE s.v = b.n)", "(SELECT x FROM (VALUES (b.n), (b.k)) q(x))",
            "(SELECT DISTINCT s.st.a x FROM small s WHERE s.v % 5 = b.n)", "(SELECT row_number() OVER (ORDER BY v) x FROM small s WHERE s.k = b.k QUALIFY x < 3)")
        join = self.pick(f", LATERAL {inner} q", f" CROSS JOIN LATERAL {inner} q", f" LEFT JOIN LATERAL {inner} q ON true")
        return f"SELECT b.id, q.x FROM (SELECT * FROM big WHERE id % {self.pick(9, 40)} = 0 AND {self.pick(*WHERE).replace('big.k', 'k')}) b{join}"

    def correlated(self):
        scalar = self.pick(
            "(SELECT count(*) FROM small s WHERE s.k = b.k)", "(SELECT max(c.id) FROM big c WHERE c.k = b.id % 900)", "(SELECT sum(v) FROM small s WHERE s.v < b.n OR s.k = b.k)",
            "(SELECT v FROM small s WHERE s.v = b.n)", "(SELECT list(v ORDER BY v) FROM small s WHERE s.s = b.s)", "EXISTS (FROM small s WHERE s.v = b.k AND s.s IS NULL)",
            "b.n IN (SELECT v FROM small s WHERE s.k = b.k)", "b.n NOT IN (SELECT s.k FROM small s WHERE s.v > b.n)", "(SELECT (SELECT count(*) FROM small z WHERE z.v < s.v AND z.k = b.k) FROM small s WHERE s.v = b.n)",
            "(SELECT any_value(s.v ORDER BY s.v) FROM small s WHERE s.t > b.t)", "(SELECT count(*) FROM none x WHERE x.k = b.k)", "(SELECT b.n + v FROM one)",
            "(SELECT s.v FROM small s WHERE s.k = b.k ORDER BY s.v LIMIT 1)", "(SELECT s.v FROM small s WHERE s.k = b.k ORDER BY s.v LIMIT 1 OFFSET 1)",
            "b.n > ALL (SELECT v - 5 FROM small s WHERE s.v < 6 AND s.k <> b.k)", "(SELECT struct_pack(x := max(v), y := b.n) FROM small s WHERE s.k = b.n)",
            "(SELECT sum(w) FROM (SELECT count(*) w FROM small s WHERE s.k = b.k GROUP BY s.s))", "ARRAY(SELECT v FROM small s WHERE s.k = b.n ORDER BY v)")
        if self.chance(0.3):
            return f"SELECT count(*), sum(id) FROM big b WHERE id % {self.pick(1, 9)} = 0 AND ({scalar})::VARCHAR {self.pick('IS NOT NULL', 'IS NULL', '> ' + chr(39) + '2' + chr(39))}"
        return f"SELECT b.id, {scalar} x FROM big b WHERE id % {self.pick(5, 31)} = 0"

    def too_many_rows(self):
        # An error on both sides, unless there is a row at most.
        return self.pick("SELECT id, (SELECT v FROM small) x FROM big WHERE id < 5", "SELECT id, (SELECT v FROM small s WHERE s.k = b.k) x FROM big b",
                         "SELECT count(*) FROM big WHERE n = (SELECT k FROM big)", "SELECT sum(id) FROM big b WHERE (SELECT id FROM big c WHERE c.n = b.n) > 0",
                         "SELECT s::INTEGER FROM big", "SELECT sum(n // (k - 7)) FROM big", "SELECT sum(h * h * h) FROM big", "SELECT id::TINYINT FROM big", "SELECT error('no') FROM big WHERE id = 11999",
                         "SELECT CAST(mood AS ENUM('ok')) FROM big", "SELECT sum(1e308 * f::DECIMAL(4, 1)) FROM big", "SELECT list_extract(l, 1)::UTINYINT - 9 FROM big",
                         "SELECT (SELECT id FROM big WHERE id = 7), (SELECT v FROM one)", "SELECT st.a, strptime(s, '%Y') FROM big", "SELECT max(id) FROM big GROUP BY st HAVING (SELECT k FROM small) = 1")

    def recursive(self):
        return self.pick(
            f"WITH RECURSIVE r AS (SELECT id, k FROM big WHERE id = {self.pick(8, 19, 4443)} UNION SELECT b.id, b.k FROM big b JOIN r ON b.id = r.k) SELECT * FROM r",
            "WITH RECURSIVE r(x, d) AS (SELECT v, 0 FROM small WHERE v < 3 UNION ALL SELECT s.v, d + 1 FROM r JOIN small s ON s.v = r.x * 2 + 1 WHERE d < 6) SELECT x, d, count(*) FROM r LEFT JOIN big ON n = x GROUP BY ALL",
            "WITH RECURSIVE t(a, m) USING KEY (a) AS (SELECT v % 5, v FROM small WHERE v < 5 UNION SELECT a, m + 1 FROM t WHERE m < 9) SELECT t.a, t.m, count(id) FROM t JOIN big ON n = a GROUP BY ALL",
            "WITH RECURSIVE c AS MATERIALIZED (SELECT k, count(*) w FROM big GROUP BY k), r AS (SELECT k, w, 1 d FROM c WHERE k < 40 UNION ALL SELECT c.k, c.w, d + 1 FROM r JOIN c ON c.k = r.k + 30 WHERE d < 4) SELECT d, count(*), sum(w) FROM r GROUP BY d",
            "WITH RECURSIVE p AS (SELECT 0 i UNION ALL SELECT i + 1 FROM p WHERE i < 30) SELECT i, (SELECT count(*) FROM big WHERE k = i) FROM p",
            "SELECT * FROM (WITH RECURSIVE r AS (SELECT min(id) a FROM big WHERE k = 7 UNION ALL SELECT (SELECT min(id) FROM big WHERE k = 7 AND id > a) FROM r WHERE a < 60) SELECT a FROM r) WHERE a IS NOT NULL")

    def set_operation(self, depth=0):
        def side():
            if depth < 1 and self.chance(0.3):
                return f"({self.set_operation(depth + 1)})"
            return self.pick("SELECT k e, s g FROM big" + self.where(), "SELECT k e, s g FROM small", "SELECT v e, s g FROM none", "SELECT n e, mood g FROM big" + self.where(), "SELECT k e, s g FROM one",
                             "SELECT DISTINCT k e, s g FROM big", "SELECT k e, max(s) g FROM big GROUP BY k", "VALUES (7::BIGINT, 'a'), (NULL, NULL), (7, 'a')", "SELECT n e, s g FROM big WHERE id < 3000")
        how = self.pick("UNION", "UNION ALL", "EXCEPT", "EXCEPT ALL", "INTERSECT", "INTERSECT ALL")
        sql = f"{side()} {how} {side()}"
        if depth == 0 and self.chance(0.4):
            sql = f"SELECT count(*), count(e), sum(e), max(g) FROM ({sql}) q(e, g)"
        if depth == 0 and self.chance(0.2):
            sql = f"SELECT g, e, n FROM big {self.pick('UNION', 'UNION ALL')} BY NAME SELECT v AS n, k AS e, st FROM small".replace("SELECT g, e, n", "SELECT s AS g, k AS e, n")
        return sql

    def limited(self):
        key = self.pick("k", "n", "mood", "day", "s", "st", "l", "d", "f", "t")
        how = self.pick("", " DESC", " NULLS FIRST", " DESC NULLS LAST")
        limit = self.pick(0, 1, 10, 3000, 12000, 20000)
        offset = self.pick("", "", f" OFFSET {self.pick(1, 17, 11000, 13000)}")
        return self.pick(
            # Only the key: whichever of equal rows are taken, they look the same.
            f"SELECT {key} e FROM big{self.where()} ORDER BY {key}{how} LIMIT {limit}{offset}",
            f"SELECT count(*) FROM (SELECT * FROM big{self.where()} LIMIT {limit}{offset})",
            f"SELECT count(*), min({key}), max({key}) FROM (SELECT {key} FROM big ORDER BY {key}{how} LIMIT {limit}{offset})",
            f"SELECT list(id) FROM (SELECT id FROM big{self.where()} ORDER BY d{how}, id LIMIT {limit}{offset})",
            f"SELECT {key}, count(*) c FROM big GROUP BY {key} ORDER BY c DESC, {key} LIMIT {self.pick(1, 5, 50)}",
            f"SELECT count(*) FROM (FROM big LIMIT {self.pick(10, 50, 99.5)} %)",
            f"SELECT id FROM big ORDER BY id LIMIT (SELECT count(*) FROM one) + {self.pick(1, 5)} OFFSET (SELECT max(v) FROM small)",
            f"SELECT g, list(id ORDER BY id) FROM (SELECT mood g, id FROM big ORDER BY n DESC, id LIMIT {self.pick(5, 700)}) GROUP BY g",
            f"(SELECT id FROM big ORDER BY d DESC, id LIMIT 5) UNION ALL (SELECT v FROM small ORDER BY v DESC LIMIT {self.pick(2, 90)})")

    def sampled(self):
        return self.pick("SELECT count(*) FROM big USING SAMPLE 77 ROWS", "SELECT count(*) FROM (FROM big USING SAMPLE reservoir(100 ROWS) REPEATABLE (3))",
                         "SELECT count(*) BETWEEN 500 AND 11500 FROM big TABLESAMPLE bernoulli(50 PERCENT)", "SELECT count(*) <= 12000 FROM big TABLESAMPLE system(30%)",
                         "SELECT count(*), count(s.v) FROM (FROM big USING SAMPLE 50 ROWS) b LEFT JOIN (SELECT DISTINCT ON (v) * FROM small) s ON b.id = s.v + 100000",
                         "SELECT count(DISTINCT random()) > 1, count(DISTINCT now()), count(DISTINCT current_date), count(DISTINCT uuid()) FROM big",
                         "SELECT count(*) FROM big WHERE random() >= 0 AND now() = get_current_timestamp()", "SELECT count(DISTINCT x) FROM (SELECT now() x FROM big UNION ALL SELECT now() FROM small)",
                         "SELECT approx_quantile(n, 0.5) BETWEEN -3 AND 3, reservoir_quantile(n, 0.5) BETWEEN -6 AND 6 FROM big", "SELECT mood, approx_quantile(d, [0.2, 0.8])[1] < approx_quantile(d, 0.9) FROM big GROUP BY mood",
                         "SELECT len(approx_top_k(mood, 2)), approx_count_distinct(id) BETWEEN 9000 AND 15000 FROM big", "SELECT (SELECT random()) BETWEEN 0 AND 1, count(*) FROM big")

    def nested(self):
        expression = self.pick(
            "list_transform(l, x -> x + n)", "list_filter(l, x -> x > 0)", "list_reduce(coalesce(list_filter(l, x -> x IS NOT NULL), []) || [0], (x, y) -> x + y)", "[x * 2 for x in l if x > 1]", "list_sort(l, 'DESC', 'NULLS FIRST')",
            "list_distinct(l)", "list_sum(l)", "list_zip(l, [n, k])::VARCHAR", "l[-1]", "l[2:3]", "list_concat(l, [n])", "list_position(l, 2)", "flatten([l, [n]])", "list_aggregate(l, 'max')", "array_to_string(l, '-')",
            "map([s, 'z'], [n, 1])", "map_keys(map {n: s})", "map {k: n}[7]", "map_from_entries([(k, n)])", "map_concat(map {'a': n}, map {'b': k})", "struct_insert(st, c := n)", "st.b || mood", "struct_extract(st, 'a')", "row(k, n, s)::VARCHAR",
            "to_json(st)::VARCHAR", "to_json(l)::VARCHAR", "json_object('a', n)::VARCHAR", "(to_json(st) ->> 'b')", "st::VARIANT::VARCHAR", "variant_typeof(l::VARIANT)", "union_value(num := n)::VARCHAR", "union_tag(union_value(num := n))::VARCHAR",
            "list_value(s, mood)", "array_value(n, k)", "list_cosine_similarity([n, 1.0], [2.0, 1])", "unnest(st)", "unnest(l)", "unnest([st, NULL], recursive := true)", "generate_subscripts(l, 1)", "map_entries(map {s: l})", "cardinality(map {n: 1})",
            "list_contains(l, NULL)", "list_has_any(l, [1, 2])", "list_slice(l, 1, -2)", "list_resize(l, 4, 9)", "st < {'a': 2, 'b': 'x1'}", "l > [1]", "list_reverse(l)", "len(st::VARCHAR)", "(n, k) IN ((1, 7), (2, NULL))")
        if self.chance(0.5) and "unnest" not in expression and "generate" not in expression:
            return f"SELECT {expression} e, count(*), {self.value()} FROM big{self.where()} GROUP BY 1"
        return f"SELECT id, {expression} e FROM big{self.where()}"

    def unnested(self):
        return self.pick(
            f"SELECT id, u FROM big, UNNEST(l) q(u){self.where()}", "SELECT u, count(*) FROM (SELECT unnest(l) u, unnest([1, 2, 3]) w FROM big) GROUP BY u", "SELECT b.id, q.u, s.v FROM big b, UNNEST(b.l) q(u) JOIN small s ON s.v = q.u WHERE b.id < 2000",
            "SELECT a, sum(id), count(*) FROM (SELECT unnest(st), id FROM big) GROUP BY a", "SELECT id, o FROM big b, UNNEST(l) WITH ORDINALITY q(u, o) WHERE u = 2", "SELECT u, list(id ORDER BY id) FROM (SELECT id, unnest(l) u FROM big WHERE id < 900) GROUP BY u",
            "SELECT count(*), sum(x) FROM (SELECT unnest(range(n)) x FROM big WHERE n > 0)", "SELECT x, count(b.id) FROM UNNEST([7, 8, NULL, 9]) r(x) LEFT JOIN big b ON b.k = x GROUP BY x",
            "SELECT k, unnest(list_sort(list(DISTINCT n))) FROM big GROUP BY k", "SELECT id, unnest(map_entries(map([mood], [n]))) FROM big WHERE mood IS NOT NULL AND id % 4 = 1")

    def cte(self):
        how = self.pick("", "MATERIALIZED", "NOT MATERIALIZED")
        return self.pick(
            f"WITH a AS {how} (SELECT k, n, id FROM big{self.where()}), b AS {self.pick('MATERIALIZED', 'NOT MATERIALIZED')} (SELECT k, count(*) c FROM a GROUP BY k) SELECT a.n, sum(b.c), count(*) FROM a JOIN b USING (k) GROUP BY a.n",
            f"WITH a AS {how} (SELECT n, sum(id) x FROM big{self.where()} GROUP BY n) SELECT *, (SELECT max(x) FROM a), (SELECT count(*) FROM a z WHERE z.x < a.x) FROM a",
            f"WITH a AS {how} (SELECT * FROM big{self.where()} ORDER BY d DESC, id LIMIT 100) SELECT count(*), sum(id) FROM a UNION ALL SELECT count(*), min(id) FROM a WHERE n > 0",
            f"WITH a AS {how} (SELECT id, k FROM big), b AS {how} (SELECT v, k FROM small) SELECT count(*) FROM a WHERE k IN (SELECT v FROM b) AND id NOT IN (SELECT k FROM b WHERE k IS NOT NULL) AND EXISTS (FROM b WHERE b.k = a.k)",
            f"WITH a AS {how} (SELECT mood g, count(*) c FROM big GROUP BY 1) SELECT x.g, y.g FROM a x FULL JOIN a y ON x.c = y.c + 0 AND x.g = y.g",
            f"WITH a AS {how} (SELECT n, id, row_number() OVER (PARTITION BY n ORDER BY id) r FROM big) SELECT x.n, count(*), max(y.id - x.id) FROM a x LEFT JOIN a y ON x.n = y.n AND x.r + 1 = y.r GROUP BY x.n",
            f"SELECT g, (WITH i AS {how} (SELECT v FROM small WHERE v < g) SELECT sum(v) FROM i) FROM (SELECT DISTINCT n g FROM big)")

    def columns(self):
        return self.pick("SELECT min(COLUMNS(* EXCLUDE (f))) FROM big", "SELECT count(COLUMNS('^[a-f]')) FROM big GROUP BY mood", "SELECT * EXCLUDE (f, l) REPLACE (n + 1 AS n) FROM big WHERE id % 100 = 3", "SELECT max(COLUMNS(c -> c IN ('k', 'd'))) FROM big GROUP BY n",
                         "FROM big SELECT id, t + INTERVAL 1 DAY, t + INTERVAL 24 HOUR, age(t, TIMESTAMPTZ '2023-01-31 00:00:00+00') WHERE id % 50 = 0", "SELECT time_bucket(INTERVAL 1 DAY, t) b, date_diff('hour', min(t), max(t)), count(*) FROM big GROUP BY b",
                         "SELECT timezone('Europe/Berlin', t)::TIME x, count(*) FROM big GROUP BY x", "SELECT strftime(t, '%H:%M %Z') x, count(*) FROM big GROUP BY x", "SELECT s COLLATE DE c, count(*) FROM big GROUP BY s COLLATE DE HAVING count(*) > 1 ORDER BY 2 LIMIT 0",
                         "SELECT count(DISTINCT lower(s) COLLATE NOACCENT), count(DISTINCT s COLLATE DE) FROM big", "SELECT TRY_CAST(s AS INTEGER) e, TRY(n // nullif(k, 7)) g, count(*) FROM big GROUP BY ALL", "SELECT typeof(st), typeof(h), typeof(any_value(d)), count(*) FROM big GROUP BY ALL",
                         "SELECT CASE WHEN k = 7 THEN [n] WHEN k IS NULL THEN NULL ELSE l END c, sum(id) FROM big GROUP BY c", "SELECT id FROM big WHERE s SIMILAR TO '(a|A|word 1.*)' AND regexp_matches(s, '[0-9]$')", "SELECT regexp_extract(s, '([0-9]+)', 1) g, count(*) FROM big GROUP BY g",
                         "SELECT filename LIKE '%.parquet', count(*) FROM (SELECT 'x.parquet' AS filename, * FROM big) GROUP BY 1", "SUMMARIZE SELECT id FROM big WHERE id < 0", "SELECT week(day), isodow(day), quarter(day), sum(epoch(t)::BIGINT) FROM big GROUP BY ALL",
                         "SELECT hash(k) = hash(k::INTEGER), count(*) FROM big GROUP BY 1", "SELECT bar(n, -7, 7, 10) b, count(*) FROM big GROUP BY b", "SELECT printf('%05d|%s', id, s) FROM big WHERE id % 500 = 1", "SELECT equi_width_bins(min(id), max(id), 5, true) FROM big")

    def text(self):
        shapes = [self.grouped] * 3 + [self.grouping_sets] * 2 + [self.window] * 4 + [self.join] * 4 + [
            self.window_over_groups, self.first_of_each, self.pivot, self.asof, self.odd_join, self.lateral, self.correlated, self.too_many_rows,
            self.recursive, self.set_operation, self.set_operation, self.limited, self.limited, self.sampled, self.nested, self.nested, self.unnested, self.cte, self.columns]
        return self.random.choice(shapes)()
