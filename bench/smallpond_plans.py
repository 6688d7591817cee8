"""TPC-H for smallpond, whose SQL runs once per partition and which cuts no query: what a user writes by hand.

A table is split by its files (one of too few files by its rows), `first` runs once per part beside the other tables whole,
and `last` once over what all parts gave, as `parts`. A query is known by a piece of its text; one without a plan runs in one
task, as Q21 does: to split its tables by the hash of a key takes longer than that, for one task writes the parts as files.
"""

import re
import typing


class Plan(typing.NamedTuple):
    known_by: str
    split: str
    first: str
    last: str


PLANS = (
    Plan("AS sum_disc_price", "lineitem", """
        SELECT l_returnflag, l_linestatus, sum(l_quantity) AS qty, sum(l_extendedprice) AS price,
               sum(l_extendedprice * (1 - l_discount)) AS disc_price,
               sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS charge, sum(l_discount) AS disc, count(*) AS lines
        FROM lineitem WHERE l_shipdate <= DATE '1998-09-02' GROUP BY ALL""", """
        SELECT l_returnflag, l_linestatus, sum(qty), sum(price), sum(disc_price), sum(charge), sum(qty) / sum(lines),
               sum(price) / sum(lines), sum(disc) / sum(lines), sum(lines)
        FROM parts GROUP BY ALL ORDER BY ALL"""),
    Plan("min(ps_supplycost)", "partsupp", """
        SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment, ps_supplycost
        FROM part, supplier, partsupp, nation, region
        WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND p_size = 15 AND p_type LIKE '%BRASS'
          AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'EUROPE'""", """
        SELECT * EXCLUDE (ps_supplycost) FROM parts
        QUALIFY ps_supplycost = min(ps_supplycost) OVER (PARTITION BY p_partkey)
        ORDER BY s_acctbal DESC, n_name, s_name, p_partkey LIMIT 100"""),
    Plan("o_shippriority", "lineitem", """
        SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority
        FROM customer, orders, lineitem
        WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
          AND o_orderdate < DATE '1995-03-15' AND l_shipdate > DATE '1995-03-15' GROUP BY ALL""", """
        SELECT l_orderkey, sum(revenue) AS revenue, o_orderdate, o_shippriority
        FROM parts GROUP BY ALL ORDER BY revenue DESC, o_orderdate LIMIT 10"""),
    Plan("AS order_count", "lineitem", """
        SELECT DISTINCT o_orderkey, o_orderpriority FROM orders, lineitem
        WHERE o_orderdate >= DATE '1993-07-01' AND o_orderdate < DATE '1993-10-01'
          AND l_orderkey = o_orderkey AND l_commitdate < l_receiptdate""", """
        SELECT o_orderpriority, count(DISTINCT o_orderkey) FROM parts GROUP BY ALL ORDER BY ALL"""),
    Plan("r_name = 'ASIA'", "lineitem", """
        SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
        FROM customer, orders, lineitem, supplier, nation, region
        WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
          AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'ASIA'
          AND o_orderdate >= DATE '1994-01-01' AND o_orderdate < DATE '1995-01-01' GROUP BY ALL""", """
        SELECT n_name, sum(revenue) AS revenue FROM parts GROUP BY ALL ORDER BY revenue DESC"""),
    Plan("l_quantity < 24", "lineitem", """
        SELECT sum(l_extendedprice * l_discount) AS revenue FROM lineitem
        WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
          AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24""",
         "SELECT sum(revenue) FROM parts"),
    Plan("AS supp_nation", "lineitem", """
        SELECT n1.n_name AS supp_nation, n2.n_name AS cust_nation, extract(year FROM l_shipdate) AS l_year,
               sum(l_extendedprice * (1 - l_discount)) AS revenue
        FROM supplier, lineitem, orders, customer, nation n1, nation n2
        WHERE s_suppkey = l_suppkey AND o_orderkey = l_orderkey AND c_custkey = o_custkey
          AND s_nationkey = n1.n_nationkey AND c_nationkey = n2.n_nationkey
          AND ((n1.n_name = 'FRANCE' AND n2.n_name = 'GERMANY') OR (n1.n_name = 'GERMANY' AND n2.n_name = 'FRANCE'))
          AND l_shipdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31' GROUP BY ALL""", """
        SELECT supp_nation, cust_nation, l_year, sum(revenue) FROM parts GROUP BY ALL ORDER BY ALL"""),
    Plan("AS mkt_share", "lineitem", """
        SELECT extract(year FROM o_orderdate) AS o_year, sum(l_extendedprice * (1 - l_discount)) AS volume,
               sum(CASE WHEN n2.n_name = 'BRAZIL' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) AS brazil
        FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region
        WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey AND o_custkey = c_custkey
          AND c_nationkey = n1.n_nationkey AND n1.n_regionkey = r_regionkey AND r_name = 'AMERICA'
          AND s_nationkey = n2.n_nationkey AND o_orderdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31'
          AND p_type = 'ECONOMY ANODIZED STEEL' GROUP BY ALL""", """
        SELECT o_year, sum(brazil) / sum(volume) FROM parts GROUP BY ALL ORDER BY ALL"""),
    Plan("AS sum_profit", "lineitem", """
        SELECT n_name AS nation, extract(year FROM o_orderdate) AS o_year,
               sum(l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity) AS profit
        FROM part, supplier, lineitem, partsupp, orders, nation
        WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
          AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey AND p_name LIKE '%green%' GROUP BY ALL""", """
        SELECT nation, o_year, sum(profit) FROM parts GROUP BY ALL ORDER BY nation, o_year DESC"""),
    Plan("l_returnflag = 'R'", "lineitem", """
        SELECT o_custkey, sum(l_extendedprice * (1 - l_discount)) AS revenue FROM orders, lineitem
        WHERE l_orderkey = o_orderkey AND o_orderdate >= DATE '1993-10-01' AND o_orderdate < DATE '1994-01-01'
          AND l_returnflag = 'R' GROUP BY ALL""", """
        SELECT c_custkey, c_name, revenue, c_acctbal, n_name, c_address, c_phone, c_comment
        FROM customer, nation, (SELECT o_custkey, sum(revenue) AS revenue FROM parts GROUP BY ALL)
        WHERE c_custkey = o_custkey AND c_nationkey = n_nationkey ORDER BY revenue DESC LIMIT 20"""),
    Plan("AS value", "partsupp", """
        SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value FROM partsupp, supplier, nation
        WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY' GROUP BY ALL""", """
        SELECT ps_partkey, sum(value) AS value FROM parts GROUP BY ALL
        HAVING sum(value) > (SELECT sum(value) * 0.0001 FROM parts) ORDER BY value DESC"""),
    Plan("AS high_line_count", "lineitem", """
        SELECT l_shipmode, count(*) FILTER (o_orderpriority IN ('1-URGENT', '2-HIGH')) AS high,
               count(*) FILTER (o_orderpriority NOT IN ('1-URGENT', '2-HIGH')) AS low
        FROM orders, lineitem
        WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP') AND l_commitdate < l_receiptdate
          AND l_shipdate < l_commitdate AND l_receiptdate >= DATE '1994-01-01'
          AND l_receiptdate < DATE '1995-01-01' GROUP BY ALL""", """
        SELECT l_shipmode, sum(high), sum(low) FROM parts GROUP BY ALL ORDER BY ALL"""),
    Plan("AS custdist", "orders", """
        SELECT o_custkey, count(*) AS made FROM orders WHERE o_comment NOT LIKE '%special%requests%' GROUP BY ALL""", """
        SELECT c_count, count(*) AS custdist
        FROM (SELECT c_custkey, coalesce(sum(made), 0) AS c_count FROM customer LEFT JOIN parts ON c_custkey = o_custkey
              GROUP BY ALL)
        GROUP BY ALL ORDER BY custdist DESC, c_count DESC"""),
    Plan("AS promo_revenue", "lineitem", """
        SELECT sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) AS promo,
               sum(l_extendedprice * (1 - l_discount)) AS revenue
        FROM lineitem, part
        WHERE l_partkey = p_partkey AND l_shipdate >= DATE '1995-09-01' AND l_shipdate < DATE '1995-10-01'""",
         "SELECT 100.00 * sum(promo) / sum(revenue) FROM parts"),
    Plan("AS total_revenue", "lineitem", """
        SELECT l_suppkey AS supplier_no, sum(l_extendedprice * (1 - l_discount)) AS revenue FROM lineitem
        WHERE l_shipdate >= DATE '1996-01-01' AND l_shipdate < DATE '1996-04-01' GROUP BY ALL""", """
        SELECT s_suppkey, s_name, s_address, s_phone, total_revenue
        FROM supplier, (SELECT supplier_no, sum(revenue) AS total_revenue FROM parts GROUP BY ALL)
        WHERE s_suppkey = supplier_no QUALIFY total_revenue = max(total_revenue) OVER () ORDER BY s_suppkey"""),
    Plan("AS supplier_cnt", "partsupp", """
        SELECT DISTINCT p_brand, p_type, p_size, ps_suppkey FROM partsupp, part
        WHERE p_partkey = ps_partkey AND p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%'
          AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
          AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')""", """
        SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) AS supplier_cnt FROM parts
        GROUP BY ALL ORDER BY supplier_cnt DESC, p_brand, p_type, p_size"""),
    Plan("AS avg_yearly", "lineitem", """
        SELECT l_partkey, l_quantity, l_extendedprice FROM lineitem, part
        WHERE p_partkey = l_partkey AND p_brand = 'Brand#23' AND p_container = 'MED BOX'""", """
        SELECT sum(l_extendedprice) / 7.0
        FROM (SELECT * FROM parts QUALIFY l_quantity < 0.2 * avg(l_quantity) OVER (PARTITION BY l_partkey))"""),
    Plan("sum(l_quantity) > 300", "lineitem", """
        SELECT l_orderkey, sum(l_quantity) AS quantity FROM lineitem GROUP BY ALL""", """
        SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, quantity
        FROM customer, orders,
             (SELECT l_orderkey, sum(quantity) AS quantity FROM parts GROUP BY ALL HAVING sum(quantity) > 300)
        WHERE o_orderkey = l_orderkey AND c_custkey = o_custkey ORDER BY o_totalprice DESC, o_orderdate LIMIT 100"""),
    Plan("'SM CASE'", "lineitem", """
        SELECT sum(l_extendedprice * (1 - l_discount)) AS revenue FROM lineitem, part
        WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'AIR REG') AND l_shipinstruct = 'DELIVER IN PERSON'
          AND ((p_brand = 'Brand#12' AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
                AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5)
            OR (p_brand = 'Brand#23' AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
                AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10)
            OR (p_brand = 'Brand#34' AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
                AND l_quantity BETWEEN 20 AND 30 AND p_size BETWEEN 1 AND 15))""",
         "SELECT sum(revenue) FROM parts"),
    Plan("'forest%'", "lineitem", """
        SELECT l_partkey, l_suppkey, sum(l_quantity) AS quantity FROM lineitem
        WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
          AND l_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE 'forest%') GROUP BY ALL""", """
        SELECT s_name, s_address FROM supplier, nation
        WHERE s_nationkey = n_nationkey AND n_name = 'CANADA' AND s_suppkey IN (
            SELECT ps_suppkey
            FROM partsupp, (SELECT l_partkey, l_suppkey, sum(quantity) AS quantity FROM parts GROUP BY ALL)
            WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey AND ps_availqty > 0.5 * quantity)
        ORDER BY s_name"""),
    Plan("AS cntrycode", "customer", """
        SELECT substring(c_phone, 1, 2) AS cntrycode, count(*) AS numcust, sum(c_acctbal) AS totacctbal FROM customer
        WHERE cntrycode IN ('13', '31', '23', '29', '30', '18', '17')
          AND c_acctbal > (SELECT avg(c_acctbal) FROM whole_customer WHERE c_acctbal > 0.00
                             AND substring(c_phone, 1, 2) IN ('13', '31', '23', '29', '30', '18', '17'))
          AND NOT EXISTS (FROM orders WHERE o_custkey = c_custkey) GROUP BY ALL""", """
        SELECT cntrycode, sum(numcust), sum(totacctbal) FROM parts GROUP BY ALL ORDER BY ALL"""),
)


class Runner:
    """Of a session: `tables` are whole, by name, and `files` says of how many files each is."""

    def __init__(self, session, tables, files, workers):
        self.session = session
        self.tables = {**tables, "whole_customer": tables["customer"]}
        self.files = files
        self.workers = workers

    def over(self, sql, **inputs):
        """`sql` once for every part of the inputs, which it knows by name."""
        used = {name: one for name, one in inputs.items() if re.search(rf"\b{name}\b", sql)}
        views = [f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {{{number}}}" for number, name in enumerate(used)]
        return self.session.partial_sql([*views, sql], *used.values())

    def run(self, sql):
        plan = next((one for one in PLANS if one.known_by in sql), None)
        if plan is None:
            return self.over(sql, **self.tables).to_arrow()
        split = self.tables[plan.split].repartition(self.workers, by_rows=self.files[plan.split] < self.workers)
        parts = self.over(plan.first, **{**self.tables, plan.split: split})
        return self.over(plan.last, **self.tables, parts=parts.repartition(1)).to_arrow()
