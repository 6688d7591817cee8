"""SQLAlchemy over psycopg with its stock settings: transactions, nested ones, isolation levels, server-side cursors."""

import pytest

sqlalchemy = pytest.importorskip("sqlalchemy")
text = sqlalchemy.text


@pytest.fixture
def engine(server):
    url = f"postgresql+psycopg://tester@127.0.0.1:{server.ports['pg']}/skein"
    with server.connect_pg() as connection:
        postgres = "PostgreSQL" in connection.execute("SELECT version()").fetchone()[0]
    engine = sqlalchemy.create_engine(url, **({} if postgres else {"use_native_hstore": False}))
    if not postgres:
        # What it asks first is not there yet: pg_catalog.version() with PostgreSQL's banner, and to_regtype().
        engine.dialect._get_server_version_info = lambda connection: (15, 0)
    yield engine
    engine.dispose()


def test_a_transaction(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMP TABLE t (i INTEGER, s VARCHAR)"))
        connection.execute(text("INSERT INTO t VALUES (:i, :s)"), [{"i": i, "s": str(i)} for i in range(50)])
        assert connection.execute(text("SELECT count(*), max(i) FROM t")).one() == (50, 49)
        connection.execute(text("DROP TABLE t"))


def test_begin_nested_goes_back_over_a_failed_read(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMP TABLE nested (i INTEGER)"))
        connection.execute(text("INSERT INTO nested VALUES (1)"))
        with pytest.raises(sqlalchemy.exc.ProgrammingError), connection.begin_nested():
            connection.execute(text("SELECT * FROM no_such_table"))
        with connection.begin_nested():
            connection.execute(text("INSERT INTO nested VALUES (2)"))
        assert connection.execute(text("SELECT sum(i) FROM nested")).scalar() == 3
        connection.execute(text("DROP TABLE nested"))


def test_begin_nested_after_a_write_says_what_to_do(engine):
    with engine.connect() as connection:
        connection.execute(text("CREATE TEMP TABLE nested (i INTEGER)"))
        connection.commit()
        connection.execute(text("INSERT INTO nested VALUES (1)"))
        nested = connection.begin_nested()
        connection.execute(text("INSERT INTO nested VALUES (2)"))
        with pytest.raises(sqlalchemy.exc.NotSupportedError, match="ROLLBACK the transaction"):
            nested.rollback()
        connection.rollback()
        assert connection.execute(text("SELECT count(*) FROM nested")).scalar() == 0


def test_a_row_that_is_there_already_can_be_passed_over(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMP TABLE once (i INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO once VALUES (1)"))
        for i in (1, 2, 1, 3):
            try:
                with connection.begin_nested():
                    connection.execute(text("INSERT INTO once VALUES (:i)"), {"i": i})
            except sqlalchemy.exc.IntegrityError:
                pass
        assert connection.execute(text("SELECT sum(i) FROM once")).scalar() == 6
        connection.execute(text("DROP TABLE once"))


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"])
def test_isolation_levels(engine, level):
    with engine.connect().execution_options(isolation_level=level) as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"


def test_server_side_cursor(engine):
    with engine.connect() as connection:
        rows = connection.execution_options(stream_results=True, max_row_buffer=500).execute(
            text("SELECT i FROM range(20000) t(i) ORDER BY i"))
        assert [row[0] for row in rows] == list(range(20000))
