"""Each operator that the planner knows how to cut: what it makes of it, that tasks share the work, and that the answer is
DuckDB's."""

import pytest

import benchmark_data

# What is asked; what the decisions say; how rows go between the stages that it is about.
OPERATORS = {
    "filter and projection": (
        "SELECT o_orderkey + 1 FROM orders WHERE o_totalprice > 200000", "is split in", "gather"),
    "unnest": (
        "SELECT o_orderkey, unnest([o_custkey, -1]) FROM orders", "is split in", "gather"),
    "join, small side": (
        "SELECT count(*) FROM orders JOIN (SELECT * FROM customer WHERE c_custkey < 9) ON o_custkey = c_custkey",
        "INNER join: ", "broadcast"),
    "join, both sides": (
        "SELECT count(*) FROM lineitem a JOIN orders b ON l_orderkey = o_orderkey", "both sides by hash", "hash(l_orderkey)"),
    "semi join": (
        "SELECT count(*) FROM orders WHERE EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_tax > 0.07)",
        "SEMI join", "hash(o_orderkey)"),
    "anti join": (
        "SELECT count(*) FROM orders WHERE NOT EXISTS (SELECT 1 FROM lineitem WHERE l_orderkey = o_orderkey AND l_tax > 0.07)",
        "ANTI join", "hash(o_orderkey)"),
    "mark join": (
        "SELECT count(*) FROM orders WHERE o_custkey NOT IN (SELECT c_custkey FROM customer WHERE c_acctbal < 0)",
        "MARK join: right side to every task", "broadcast"),
    "full join": (
        "SELECT count(*), count(o_orderkey) FROM orders FULL JOIN (SELECT * FROM lineitem WHERE l_orderkey % 2 = 0)"
        " ON l_orderkey = o_orderkey", "FULL join: both sides by hash|OUTER join: both sides by hash", "hash("),
    "join without equal keys": (
        "SELECT count(*) FROM orders, customer WHERE o_custkey < c_custkey AND c_acctbal > 9900",
        "without equal keys|right side to every task", "broadcast"),
    "ASOF join": (
        "SELECT count(*), sum(p) FROM orders ASOF JOIN (SELECT DATE '1992-01-01' + (i * 30)::INT d, i p FROM range(100) t(i)) x"
        " ON o_orderdate >= d", "ASOF|join", "gather"),
    "correlated subquery": (
        "SELECT count(*) FROM lineitem a WHERE l_quantity < (SELECT avg(l_quantity) FROM lineitem b"
        " WHERE b.l_partkey = a.l_partkey)", "aggregate in two phases", "hash("),
    "aggregate in two phases": (
        "SELECT o_custkey, sum(o_totalprice), min(o_comment), max(o_orderdate), count(*), avg(o_totalprice) FROM orders GROUP BY 1",
        "aggregate in two phases", "hash(o_custkey)"),
    "aggregate of states": (
        "SELECT o_orderpriority, round(stddev(o_totalprice), 3), round(corr(o_totalprice, o_custkey), 6),"
        " approx_count_distinct(o_custkey) > 100, arg_max(o_orderkey, o_totalprice * 1000 + o_orderkey / 1e6) FROM orders GROUP BY 1",
        "aggregate in two phases", "hash(o_orderpriority)"),
    "aggregate that cannot be taken apart": (
        "SELECT o_custkey, median(o_totalprice) FROM orders GROUP BY 1", "it cannot be taken apart", "hash(o_custkey)"),
    "aggregate where groups lie together": (
        "SELECT l_orderkey, count(*), (SELECT 1) FROM lineitem JOIN orders ON l_orderkey = o_orderkey GROUP BY 1",
        "each group is in one task already", "hash(l_orderkey)"),
    "grouping sets": (
        "SELECT l_returnflag, l_linestatus, sum(l_quantity) FROM lineitem GROUP BY ROLLUP (1, 2)", "grouping sets", "gather"),
    "count of distinct values": (
        "SELECT l_returnflag, count(DISTINCT l_suppkey) FROM lineitem GROUP BY 1",
        "distinct aggregates by hash of the groups and l_suppkey", "hash("),
    "count of distinct values of all": (
        "SELECT count(DISTINCT l_suppkey) FROM lineitem", "distinct aggregates by hash", "hash(l_suppkey)"),
    "distinct": ("SELECT DISTINCT l_partkey, l_suppkey FROM lineitem", "two phases|distinct in every task", "hash("),
    "order": ("SELECT l_orderkey, l_linenumber FROM lineitem ORDER BY l_extendedprice, 1, 2", "sorted in every task, then merged",
              "sorted"),
    "the first rows": ("SELECT o_orderkey FROM orders ORDER BY o_totalprice DESC, 1 LIMIT 9", "the first 9 of every task", "gather"),
    "window": (
        "SELECT o_orderkey, rank() OVER (PARTITION BY o_custkey ORDER BY o_totalprice, o_orderkey) FROM orders", "window",
        "hash(o_custkey)"),
    "union": ("SELECT o_custkey FROM orders UNION SELECT c_custkey FROM customer", "UNION|two phases|distinct", "hash("),
    "union of all": ("SELECT count(*), sum(k) FROM (SELECT o_custkey k FROM orders UNION ALL SELECT c_custkey FROM customer)",
                     "two phases", "gather"),
    "except": ("SELECT o_custkey FROM orders EXCEPT SELECT c_custkey FROM customer WHERE c_custkey % 2 = 0", "EXCEPT: all sides by hash", "hash("),
    "intersect": ("SELECT o_custkey FROM orders INTERSECT SELECT c_custkey FROM customer", "INTERSECT: all sides by hash", "hash("),
    "CTE that is used twice": (
        "WITH m AS MATERIALIZED (SELECT o_custkey k, sum(o_totalprice) t FROM orders GROUP BY 1)"
        " SELECT count(*) FROM m a JOIN m b ON a.k = b.k + 1 WHERE a.t > b.t", "", "keep"),
}


@pytest.fixture
def pair(cluster):
    one = cluster(benchmark_data.tpch(0.02))
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0.02, skein_split_rows=4000)
    return one


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_is_cut(pair, operator):
    sql, decision, output = OPERATORS[operator]
    stages = pair.explain(sql)
    said = "; ".join(stage["decisions"] or "" for stage in stages)
    assert any(word in said for word in decision.split("|")), said
    assert any(output in stage["output"] and stage["tasks"] == 3 for stage in stages), [
        (stage["output"], stage["tasks"]) for stage in stages]
    assert max(stage["scanning_tasks"] for stage in stages) >= 2
    assert not pair.wrong([sql], ordered="ORDER BY l_extendedprice" in sql or "LIMIT" in sql)


def test_a_recursive_query_runs_in_one_task(pair):
    sql = ("WITH RECURSIVE r AS (SELECT min(o_orderkey) k, 0 d FROM orders UNION ALL"
           " SELECT (SELECT min(o_orderkey) FROM orders WHERE o_orderkey > k), d + 1 FROM r WHERE d < 5)"
           " SELECT k, (SELECT count(*) FROM lineitem WHERE l_orderkey = k) FROM r")
    stages = pair.explain(sql)
    assert any("recursive" in (stage["decisions"] or "").lower() for stage in stages), [s["decisions"] for s in stages]
    assert not pair.wrong([sql])


@pytest.mark.parametrize("sql, reason", [
    ("SELECT count(*) FROM orders WHERE random() < 2", "random() gives another value"),
    ("SELECT count(*) FROM (SELECT * FROM orders USING SAMPLE 5)", "sample|SAMPLE"),
    ("SELECT a.o_orderkey FROM orders a POSITIONAL JOIN orders b LIMIT 1", "POSITIONAL"),
    # With one thread DuckDB does not come to an end where a row of the right side has no rows to look through.
    ("SELECT count(*), count(o_orderkey) FROM orders ASOF RIGHT JOIN customer ON o_custkey = c_custkey AND o_totalprice >= c_acctbal",
     "keeps all rows of the right side"),
    ("SELECT count(*), count(o_orderkey) FROM orders ASOF FULL JOIN customer ON o_custkey = c_custkey AND o_totalprice >= c_acctbal",
     "keeps all rows of the right side"),
])
def test_what_is_not_understood_says_why(pair, sql, reason):
    (stage,) = pair.explain(sql)
    assert stage["decisions"].startswith("not cut: ")
    assert any(word in stage["decisions"] for word in reason.split("|")), stage["decisions"]
