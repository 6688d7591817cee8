"""Ibis over Flight SQL: expressions become DuckDB's SQL, which ADBC runs; the same over a local DuckDB is the measure."""

import pytest

ibis = pytest.importorskip("ibis", reason="scripts/setup test installs it")
pytest.importorskip("adbc_driver_flightsql.dbapi")


@pytest.fixture
def cursor(server):
    with server.connect_flight() as connection, connection.cursor() as opened:
        yield opened


@pytest.fixture(scope="module")
def local(data_dir):
    connection = ibis.duckdb.connect()
    for name in ("lineitem", "orders"):
        connection.read_parquet(str(data_dir / f"{name}.*.parquet"), table_name=name)
    return connection


def unbound(cursor, name):
    """The table as Ibis knows it, by the schema that the server gives."""
    cursor.execute(f"SELECT * FROM {name} LIMIT 0")
    return ibis.table(ibis.Schema.from_pyarrow(cursor.fetch_arrow_table().schema), name=name)


def run(cursor, expression):
    cursor.execute(str(ibis.to_sql(expression, dialect="duckdb")))
    return cursor.fetch_arrow_table()


EXPRESSIONS = {
    "aggregate": lambda l, o: l.group_by("l_returnflag", "l_linestatus").aggregate(
        n=l.count(), quantity=l.l_quantity.sum(), price=l.l_extendedprice.max()).order_by("l_returnflag", "l_linestatus"),
    "join": lambda l, o: l.join(o, l.l_orderkey == o.o_orderkey).group_by("o_orderpriority").aggregate(
        n=l.l_orderkey.count()).order_by("o_orderpriority"),
    "window": lambda l, o: o.mutate(
        place=ibis.row_number().over(group_by=o.o_custkey, order_by=[o.o_totalprice.desc(), o.o_orderkey])).filter(
            lambda t: t.place == 0).select("o_custkey", "o_orderkey").order_by("o_custkey").limit(100),
    "dates and text": lambda l, o: o.filter(o.o_orderdate.year() == 1995).select(
        "o_orderkey", month=o.o_orderdate.month(), short=o.o_comment.upper().left(10)).order_by("o_orderkey").limit(50),
    "case and null": lambda l, o: l.select(
        "l_orderkey", "l_linenumber", kind=ibis.cases((l.l_quantity > 40, "many"), (l.l_quantity > 20, "some"), else_=None)
    ).order_by("l_orderkey", "l_linenumber").limit(200),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_mean_the_same(cursor, local, name):
    make = EXPRESSIONS[name]
    there = run(cursor, make(unbound(cursor, "lineitem"), unbound(cursor, "orders")))
    here = local.to_pyarrow(make(local.table("lineitem"), local.table("orders")))
    assert there.num_rows > 0
    assert there.to_pylist() == here.to_pylist()
