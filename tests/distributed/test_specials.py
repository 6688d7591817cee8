"""Queries with a catch, cut in several ways: every answer is DuckDB's."""

import pathlib

import pytest

import benchmark_data

HERE = pathlib.Path(__file__).resolve().parent
SPECIALS = [line for line in (HERE / "specials.sql").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("--")]
ORDERED = [
    "select * from orders order by o_totalprice desc, o_orderkey limit 17 offset 5",
    "select o_orderkey, o_custkey from orders order by o_custkey, o_orderkey",
    "select o_custkey, count(*) n from orders group by 1 order by n desc, 1 limit 50 offset 3",
    "select x from (select o_orderkey * 2 x, o_totalprice p from orders order by p, x limit 40) order by x desc",
    "select o_orderkey k, rank() over (order by o_totalprice) r from orders order by r, k limit 1000",
    "select c_custkey, c_acctbal from customer order by c_acctbal nulls first, c_custkey desc limit 20",
    "select case when o_orderkey % 3 = 0 then null else o_orderkey end k from orders order by k nulls last limit 30",
    "(select o_orderkey k from orders where o_orderkey < 50) union all (select -c_custkey from customer) order by k",
]


@pytest.mark.parametrize("tasks, broadcast", [(2, 0), (7, 10)])
def test_specials(cluster, tasks, broadcast):
    pair = cluster(benchmark_data.tpch(0.02))
    pair.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=broadcast, skein_split_rows=4000)
    assert not pair.wrong(SPECIALS)


FIRST_OF_GROUPS = [
    "select o_custkey, o_orderkey from orders qualify row_number() over (partition by o_custkey order by o_orderkey desc) <= 2",
    "select o_custkey, o_orderkey from orders qualify row_number() over (partition by o_custkey order by o_orderkey) = 1",
    "select c_custkey, o.k from customer, lateral (select o_orderkey k from orders where o_custkey = c_custkey order by k limit 2) o",
    "select c_custkey, (select o_totalprice from orders where o_custkey = c_custkey order by o_orderkey limit 1) from customer",
]


@pytest.mark.parametrize("broadcast", [0, 10])
def test_first_rows_of_groups(cluster, broadcast):
    pair = cluster(benchmark_data.tpch(0.02))
    pair.set(num_shuffle_partitions=3, broadcast_threshold_mb=broadcast, skein_split_rows=4000)
    assert not [sql for sql in FIRST_OF_GROUPS if (pair.explain(sql)[0]["decisions"] or "").startswith("not cut")]
    assert not pair.wrong(FIRST_OF_GROUPS)


@pytest.mark.parametrize("tasks", [7])
def test_order(cluster, tasks):
    pair = cluster(benchmark_data.tpch(0.02))
    pair.set(num_shuffle_partitions=tasks, broadcast_threshold_mb=0, skein_split_rows=4000)
    assert not pair.wrong(ORDERED, ordered=True)
