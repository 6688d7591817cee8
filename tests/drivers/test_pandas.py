"""pandas over SQLAlchemy, with psycopg 3 and with psycopg2: read_sql, to_sql, read_sql_table."""

import datetime

import pytest

pandas = pytest.importorskip("pandas", reason="scripts/setup test installs it")
sqlalchemy = pytest.importorskip("sqlalchemy")


@pytest.fixture(params=["psycopg", "psycopg2"])
def engine(server, request):
    pytest.importorskip(request.param)
    engine = sqlalchemy.create_engine(f"postgresql+{request.param}://tester@127.0.0.1:{server.ports['pg']}/skein")
    yield engine
    engine.dispose()


FRAME = pandas.DataFrame({
    "i": [1, 2, 3], "f": [0.5, None, float("inf")], "s": ["a", None, "grüße"], "b": [True, False, True],
    "t": pandas.to_datetime(["2024-02-29 12:00:00", None, "1969-12-31 23:59:59.123456"], format="ISO8601"),
    "d": [datetime.date(2024, 1, 1), None, datetime.date(1900, 1, 1)]})


def test_a_frame_there_and_back(engine):
    assert FRAME.to_sql("pandas_frame", engine, if_exists="replace", index=False) in (3, -1)
    try:
        back = pandas.read_sql("SELECT * FROM pandas_frame ORDER BY i", engine)
        pandas.testing.assert_frame_equal(back, FRAME, check_dtype=False)
        assert back["i"].dtype.kind == "i" and back["f"].dtype.kind == "f" and back["t"].dtype.kind == "M"
        FRAME.to_sql("pandas_frame", engine, if_exists="append", index=False, method="multi")
        assert pandas.read_sql("SELECT count(*) AS n FROM pandas_frame", engine)["n"][0] == 6
        with pytest.raises(ValueError, match="already exists"):
            FRAME.to_sql("pandas_frame", engine, index=False)
        table = pandas.read_sql_table("pandas_frame", engine, columns=["s"], index_col="i")
        assert list(table.columns) == ["s"] and len(table) == 6
    finally:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("DROP TABLE pandas_frame"))


def test_an_index_and_a_schema(engine):
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE SCHEMA IF NOT EXISTS pandas_schema"))
    try:
        FRAME.set_index("i").to_sql("indexed", engine, schema="pandas_schema", if_exists="replace")
        assert sqlalchemy.inspect(engine).get_table_names(schema="pandas_schema") == ["indexed"]
        assert list(pandas.read_sql_table("indexed", engine, schema="pandas_schema")["i"]) == [1, 2, 3]
    finally:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("DROP SCHEMA pandas_schema CASCADE"))


def test_in_chunks_and_with_parameters(engine):
    sql = sqlalchemy.text("SELECT i FROM generate_series(1, 2500) AS t(i) WHERE i > :least ORDER BY i")
    with engine.connect().execution_options(stream_results=True) as connection:
        sizes = [len(chunk) for chunk in pandas.read_sql(sql, connection, params={"least": 500}, chunksize=800)]
    assert sizes == [800, 800, 400]
    assert len(pandas.read_sql(sql, engine, params={"least": 2500})) == 0
