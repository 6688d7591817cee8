"""Random queries over TPC-H whose answers have one right value: rows as a bag, no sums of fractions."""

import random

TABLES = {
    "orders": {"key": ["o_orderkey", "o_custkey"], "int": ["o_shippriority"], "num": ["o_totalprice"],
               "text": ["o_orderstatus", "o_orderpriority", "o_clerk"], "date": ["o_orderdate"]},
    "lineitem": {"key": ["l_orderkey", "l_partkey", "l_suppkey"], "int": ["l_linenumber"],
                 "num": ["l_quantity", "l_extendedprice", "l_discount"],
                 "text": ["l_returnflag", "l_shipmode"], "date": ["l_shipdate", "l_commitdate"]},
    "customer": {"key": ["c_custkey", "c_nationkey"], "int": [], "num": ["c_acctbal"],
                 "text": ["c_mktsegment", "c_name"], "date": []},
    "supplier": {"key": ["s_suppkey", "s_nationkey"], "int": [], "num": ["s_acctbal"], "text": ["s_name"], "date": []},
    "part": {"key": ["p_partkey"], "int": ["p_size"], "num": ["p_retailprice"], "text": ["p_brand", "p_container"],
             "date": []},
    "partsupp": {"key": ["ps_partkey", "ps_suppkey"], "int": ["ps_availqty"], "num": ["ps_supplycost"], "text": [],
                 "date": []},
    "nation": {"key": ["n_nationkey", "n_regionkey"], "int": [], "num": [], "text": ["n_name"], "date": []},
}
JOINS = [("orders", "customer", "o_custkey", "c_custkey"), ("lineitem", "orders", "l_orderkey", "o_orderkey"),
         ("lineitem", "part", "l_partkey", "p_partkey"), ("lineitem", "supplier", "l_suppkey", "s_suppkey"),
         ("partsupp", "part", "ps_partkey", "p_partkey"), ("partsupp", "supplier", "ps_suppkey", "s_suppkey"),
         ("customer", "nation", "c_nationkey", "n_nationkey"), ("supplier", "nation", "s_nationkey", "n_nationkey"),
         ("customer", "supplier", "c_nationkey", "s_nationkey")]
CONSTANTS = {"key": ["1", "7", "100", "1500", "5000"], "int": ["0", "1", "3", "25", "5000"],
             "num": ["0", "0.05", "25", "1000", "150000"], "text": ["'F'", "'BUILDING'", "'1-URGENT'", "'M'", "'AIR'"],
             "date": ["date '1995-03-15'", "date '1997-01-01'", "date '1993-06-30'"]}


class Query:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, options):
        return self.random.choice(options)

    def chance(self, share):
        return self.random.random() < share

    def source(self):
        """(FROM clause, {kind: columns})."""
        if self.chance(0.3):
            table = self.pick(list(TABLES))
            return table, TABLES[table]
        left, right, left_key, right_key = self.pick(JOINS)
        if self.chance(0.3):
            left, right, left_key, right_key = right, left, right_key, left_key
        tables = [left, right]
        kind = self.pick(["join", "join", "left join", "right join", "full join"])
        if {left, right} == {"customer", "supplier"}:
            left_side = f"(select * from {left} where {left_key} < 3) {left}"
            clause = f"{left_side} {kind} {right} on {left_key} = {right_key}"
        else:
            clause = f"{left} {kind} {right} on {left_key} = {right_key}"
            if self.chance(0.4):
                more = [join for join in JOINS if (join[0] in tables) != (join[1] in tables)
                        and join[:2] != ("customer", "supplier")]
                if more:
                    a, b, a_key, b_key = self.pick(more)
                    new, key, old_key = (b, b_key, a_key) if a in tables else (a, a_key, b_key)
                    clause += f" {self.pick(['join', 'left join'])} {new} on {key} = {old_key}"
                    tables.append(new)
        columns = {kind: [one for table in tables for one in TABLES[table][kind]] for kind in CONSTANTS}
        return clause, columns

    def column(self, columns, kinds=("key", "int", "num", "text", "date")):
        kinds = [kind for kind in kinds if columns[kind]]
        kind = self.pick(kinds)
        return self.pick(columns[kind]), kind

    def scalar(self, columns):
        name, kind = self.column(columns)
        if kind in ("key", "int"):
            return self.pick([name, f"{name} % 7", f"nullif({name} % 5, 0)", f"{name} + 1", f"coalesce({name}, -1)"])
        if kind == "text":
            return self.pick([name, f"lower({name})", f"substr({name}, 1, 2)", f"length({name})",
                              f"case when {name} > 'M' then {name} end"])
        if kind == "date":
            return self.pick([f"year({name})", f"date_trunc('month', {name})", f"{name} > date '1995-01-01'"])
        return self.pick([name, f"{name} > 100", f"floor({name} / 1000)"])

    def predicate(self, columns, depth=0):
        if depth < 2 and self.chance(0.3):
            parts = [self.predicate(columns, depth + 1) for _ in range(2)]
            return f"({parts[0]} {self.pick(['and', 'or'])} {parts[1]})"
        name, kind = self.column(columns)
        choice = self.random.random()
        if choice < 0.1:
            return f"{name} is {self.pick(['', 'not '])}null"
        if choice < 0.2 and kind == "key":
            table = self.pick(list(TABLES))
            other = self.pick(TABLES[table]["key"])
            inner = f"select {other} from {table}"
            if self.chance(0.6):
                inner += f" where {other} % {self.pick([3, 50, 1000])} = 0"
            return f"{name} {self.pick(['in', 'not in'])} ({inner})"
        if choice < 0.27 and kind == "key":
            table = self.pick(["orders", "partsupp", "customer"])
            other = self.pick(TABLES[table]["key"])
            return f"{self.pick(['', 'not '])}exists (select 1 from {table} inner_t where inner_t.{other} = {name})"
        if choice < 0.3 and kind == "key":
            return f"{name} > (select count(*) from nation where n_nationkey < {name} % 25)"
        return f"{name} {self.pick(['=', '<', '>', '<=', '>=', '<>'])} {self.pick(CONSTANTS[kind])}"

    def aggregate(self, columns):
        name, kind = self.column(columns)
        options = [f"count({name})", "count(*)", f"min({name})", f"max({name})", f"count(distinct {name})"]
        if kind in ("key", "int"):
            options += [f"sum({name})", f"avg({name})", f"bit_xor({name})", f"sum(distinct {name} % 10)",
                        f"median({name})"]
        if kind == "num":
            options += [f"sum({name})", f"avg({name})", f"quantile_disc({name}, 0.3)", f"stddev({name})"]
        chosen = self.pick(options)
        if self.chance(0.2):
            chosen += f" filter (where {self.predicate(columns, 2)})"
        return chosen

    def select(self):
        clause, columns = self.source()
        where = f" where {self.predicate(columns)}" if self.chance(0.7) else ""
        shape = self.random.random()
        if shape < 0.45:
            groups = [self.scalar(columns) for _ in range(self.random.randint(0, 2))]
            values = [self.aggregate(columns) for _ in range(self.random.randint(1, 3))]
            sql = f"select {', '.join(f'{e} e{i}' for i, e in enumerate(groups + values))} from {clause}{where}"
            if groups:
                numbers = ", ".join(str(i + 1) for i in range(len(groups)))
                sql += f" group by {self.pick(['rollup({})', '{}', '{}', '{}']).format(numbers)}"
                if self.chance(0.2):
                    sql += " having count(*) > 2"
            return sql, len(groups + values)
        if shape < 0.6:
            exprs = [self.scalar(columns) for _ in range(self.random.randint(1, 3))]
            return (f"select distinct {', '.join(f'{e} e{i}' for i, e in enumerate(exprs))} from {clause}{where}",
                    len(exprs))
        if shape < 0.75:
            partition = self.scalar(columns)
            value, _ = self.column(columns)
            order = ", ".join(columns["key"])
            function = self.pick([f"rank() over (partition by {partition} order by {value})",
                                  f"count(*) over (partition by {partition})",
                                  f"max({value}) over (partition by {partition})",
                                  f"dense_rank() over (order by {value})",
                                  f"min({value}) over (partition by {partition} order by {order})"])
            key = self.pick(columns["key"])
            return f"select {key} e0, {function} e1 from {clause}{where}", 2
        exprs = [self.scalar(columns) for _ in range(self.random.randint(1, 3))]
        return f"select {', '.join(f'{e} e{i}' for i, e in enumerate(exprs))} from {clause}{where}", len(exprs)

    def text(self):
        sql, width = self.select()
        choice = self.random.random()
        if choice < 0.15:
            # All columns are the order: whichever equal rows are taken, they look the same.
            return f"select * from ({sql}) order by all limit {self.pick([1, 10, 500])} offset {self.pick([0, 0, 5])}"
        if choice < 0.25:
            other, other_width = self.select()
            columns = ", ".join(f"e{i % other_width}::varchar" for i in range(width))
            mine = ", ".join(f"e{i}::varchar" for i in range(width))
            how = self.pick(["union", "union all", "except", "intersect", "intersect all"])
            return f"select {mine} from ({sql}) {how} select {columns} from ({other})"
        if choice < 0.35:
            return f"with t as materialized ({sql}) select (select count(*) from t), e0, count(*) from t group by all"
        return sql
