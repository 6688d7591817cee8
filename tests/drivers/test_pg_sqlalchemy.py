"""SQLAlchemy over psycopg with its stock settings: transactions, nested ones, isolation levels, server-side cursors."""

import pytest

sqlalchemy = pytest.importorskip("sqlalchemy")
text = sqlalchemy.text


@pytest.fixture
def engine(server):
    engine = sqlalchemy.create_engine(f"postgresql+psycopg://tester@127.0.0.1:{server.ports['pg']}/skein")
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


def test_reflection(engine):
    with engine.begin() as connection:
        for statement in (
                "DROP SCHEMA IF EXISTS reflected CASCADE", "CREATE SCHEMA reflected",
                "CREATE TABLE reflected.dept (id integer PRIMARY KEY, name text NOT NULL UNIQUE, budget numeric(12,2) DEFAULT 0)",
                "CREATE TABLE reflected.emp (id bigint PRIMARY KEY, dept_id integer REFERENCES reflected.dept (id), tags text[], "
                "seen timestamptz, u uuid, j json, CHECK (id > 0))",
                "CREATE INDEX emp_seen ON reflected.emp (seen)", "CREATE VIEW reflected.names AS SELECT name FROM reflected.dept",
                "COMMENT ON TABLE reflected.emp IS 'people'"):
            connection.execute(text(statement))
    try:
        look = sqlalchemy.inspect(engine)
        assert "reflected" in look.get_schema_names()
        assert look.get_table_names("reflected") == ["dept", "emp"] and look.get_view_names("reflected") == ["names"]
        assert [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns("emp", "reflected")] == [
            ("id", "BIGINT", False), ("dept_id", "INTEGER", True), ("tags", "ARRAY", True), ("seen", "TIMESTAMP", True),
            ("u", "UUID", True), ("j", "JSON", True)]
        assert str(look.get_columns("dept", "reflected")[2]["type"]) == "NUMERIC(12, 2)"
        assert look.get_pk_constraint("emp", "reflected")["constrained_columns"] == ["id"]
        (key,) = look.get_foreign_keys("emp", "reflected")
        assert (key["constrained_columns"], key["referred_table"], key["referred_columns"]) == (["dept_id"], "dept", ["id"])
        assert [index["column_names"] for index in look.get_indexes("emp", "reflected")] == [["seen"]]
        assert [unique["column_names"] for unique in look.get_unique_constraints("dept", "reflected")] == [["name"]]
        assert len(look.get_check_constraints("emp", "reflected")) == 1
        assert look.get_table_comment("emp", "reflected") == {"text": "people"}
        known = sqlalchemy.MetaData()
        known.reflect(engine, schema="reflected", views=True)
        assert sorted(known.tables) == ["reflected.dept", "reflected.emp", "reflected.names"]
        emp, dept = known.tables["reflected.emp"], known.tables["reflected.dept"]
        assert str(emp.join(dept).onclause) == "reflected.dept.id = reflected.emp.dept_id"
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA reflected CASCADE"))


def test_tables_of_its_own(engine):
    known = sqlalchemy.MetaData()
    made = sqlalchemy.Table(
        "sqlalchemy_made", known, sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True, autoincrement=False),
        sqlalchemy.Column("s", sqlalchemy.String(10)), sqlalchemy.Column("j", sqlalchemy.JSON),
        sqlalchemy.Column("e", sqlalchemy.Enum("a", "b", name="sqlalchemy_kind")))
    known.create_all(engine)
    try:
        with engine.begin() as connection:
            connection.execute(made.insert(), [{"id": i, "s": None, "j": {"k": i}, "e": "ab"[i % 2]} for i in range(300)])
            returned = connection.execute(made.insert().values(id=1000, s="x", e="a").returning(made.c.id, made.c.s)).one()
            assert returned == (1000, "x")
            assert connection.execute(sqlalchemy.select(made).where(made.c.id == 7)).one() == (7, None, {"k": 7}, "b")
    finally:
        known.drop_all(engine)
    assert not sqlalchemy.inspect(engine).has_table("sqlalchemy_made")


def test_tables_with_keys_that_number_themselves(engine):
    metadata = sqlalchemy.MetaData()
    serial = sqlalchemy.Table("numbered_serial", metadata, sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True),
                              sqlalchemy.Column("name", sqlalchemy.Text))
    identity = sqlalchemy.Table(
        "numbered_identity", metadata,
        sqlalchemy.Column("id", sqlalchemy.BigInteger, sqlalchemy.Identity(start=100, increment=10), primary_key=True),
        sqlalchemy.Column("name", sqlalchemy.Text))
    metadata.create_all(engine)
    try:
        with engine.begin() as connection:
            assert connection.execute(serial.insert().values(name="a")).inserted_primary_key == (1,)
            assert connection.execute(serial.insert().values(name="b")).inserted_primary_key == (2,)
            assert connection.execute(identity.insert().values(name="a")).inserted_primary_key == (100,)
            assert connection.execute(identity.insert().returning(identity.c.id), {"name": "b"}).scalar() == 110
        column = next(c for c in sqlalchemy.inspect(engine).get_columns("numbered_serial") if c["name"] == "id")
        assert column["autoincrement"] and not column["nullable"]
        # What is rolled back leaves no sequence behind that would be in the way.
        with engine.connect() as connection:
            connection.execute(text("CREATE TABLE numbered_gone (id SERIAL)"))
            connection.rollback()
            connection.execute(text("CREATE TABLE numbered_gone (id SERIAL)"))
            assert connection.execute(text("SELECT pg_get_serial_sequence('numbered_gone', 'id')")).scalar() \
                == "public.numbered_gone_id_seq"
            connection.rollback()
    finally:
        metadata.drop_all(engine)
    assert not [name for name in sqlalchemy.inspect(engine).get_sequence_names() if name.startswith("numbered")]
