"""Flight SQL's messages sent by hand: prepared statements, transactions, ingest, options and metadata, right and wrong."""

import contextlib
import decimal
import struct
import threading
import uuid

import pytest

flight = pytest.importorskip("pyarrow.flight")
pa = pytest.importorskip("pyarrow")

from flight_messages import field, fields, message, query  # noqa: E402
from skein_server import wait_until  # noqa: E402

COMMIT, ROLLBACK = 1, 2
RELEASE, BACK_TO = 1, 2
CREATE, FAIL = 1, 2  # when there is no table
EXISTS_FAIL, APPEND, REPLACE = 1, 2, 3


@pytest.fixture
def client(server):
    with flight.connect(server.flight_uri) as opened:
        yield opened


@pytest.fixture
def other(server):
    with flight.connect(server.flight_uri) as opened:
        yield opened


@pytest.fixture
def table(client):
    name = f"messages_{uuid.uuid4().hex[:12]}"
    yield name
    run(client, f"DROP TABLE IF EXISTS {name}")


def descriptor(command):
    return flight.FlightDescriptor.for_command(command)


def fetch(client, command, options=None):
    info = client.get_flight_info(descriptor(command), options)
    parts = [client.do_get(endpoint.ticket, options).read_all() for endpoint in info.endpoints]
    return pa.concat_tables(parts) if parts else None


def run(client, sql):
    return fetch(client, query(sql))


def rows(client, sql):
    return [tuple(row.values()) for row in run(client, sql).to_pylist()]


def act(client, name, *parts):
    """An action of Flight SQL: the fields of its answer as a dictionary, or None."""
    body = message(f"Action{name}Request", *parts)
    answers = [result.body.to_pybytes() for result in client.do_action(flight.Action(name, body))]
    return dict(fields(dict(fields(answers[0]))[2])) if answers else None


def prepare(client, sql, *parts):
    made = act(client, "CreatePreparedStatement", field(1, sql), *parts)
    def schema(number):
        return pa.ipc.read_schema(pa.py_buffer(made[number])) if made.get(number) else None
    return made[1], schema(2), schema(3)


def put(client, command, batches, schema=None):
    """DoPut: the rows it says it changed, or the handle it gives."""
    schema = batches[0].schema if schema is None else schema
    writer, reader = client.do_put(descriptor(command), schema)
    with contextlib.closing(writer):
        for batch in batches:
            writer.write_batch(batch)
        writer.done_writing()
        answer = reader.read()
    return None if answer is None else dict(fields(answer.to_pybytes())).get(1, 0)


def prepared(handle, kind="Query"):
    return message(f"CommandPreparedStatement{kind}", field(1, handle))


def update(sql, *parts):
    return message("CommandStatementUpdate", field(1, sql), *parts)


def change(client, sql, *parts):
    return put(client, update(sql, *parts), [], pa.schema([]))


def batch(**columns):
    return pa.record_batch(columns)


def refused(sqlstate):
    return pytest.raises((pa.ArrowException, NotImplementedError, flight.FlightError), match=f"SQLSTATE {sqlstate}")


# Prepared statements

def test_a_prepared_query_runs_for_each_row_it_is_given(client):
    handle, result, parameters = prepare(client, "SELECT ?::INTEGER AS a, ?::VARCHAR AS b")
    assert result.names == ["a", "b"] and parameters.types == [pa.int32(), pa.string()]
    sent = batch(x=pa.array([1, None, 3], pa.int32()), y=["p", "q", None])
    put(client, prepared(handle), [sent, sent.slice(0, 1)])
    assert fetch(client, prepared(handle)).to_pylist() == [
        {"a": 1, "b": "p"}, {"a": None, "b": "q"}, {"a": 3, "b": None}, {"a": 1, "b": "p"}]
    # What is bound stays until something else is.
    assert fetch(client, prepared(handle)).num_rows == 4
    put(client, prepared(handle), [sent.slice(0, 0)])
    again = fetch(client, prepared(handle))
    assert again.num_rows == 0 and again.schema.names == ["a", "b"]
    act(client, "ClosePreparedStatement", field(1, handle))


def test_what_is_prepared_is_not_run(client, table):
    run(client, f"CREATE TABLE {table} (i INTEGER)")
    handle, result, parameters = prepare(client, f"INSERT INTO {table} VALUES (1)")
    assert result.names == [] and parameters.names == []
    assert client.get_schema(descriptor(prepared(handle))).schema.names == []
    assert rows(client, f"SELECT count(*) FROM {table}") == [(0,)]
    assert put(client, prepared(handle, "Update"), [], pa.schema([])) == 1
    assert rows(client, f"SELECT count(*) FROM {table}") == [(1,)]


def test_an_update_without_parameters_runs_once_for_each_row_of_nothing(client, table):
    run(client, f"CREATE TABLE {table} (i INTEGER)")
    handle, _, _ = prepare(client, f"INSERT INTO {table} VALUES (1)")
    three = pa.RecordBatch.from_struct_array(pa.array([{}, {}, {}], pa.struct([])))
    assert put(client, prepared(handle, "Update"), [three]) == 3
    assert rows(client, f"SELECT count(*) FROM {table}") == [(3,)]


@pytest.mark.parametrize("given", [batch(), batch(x=[1]), batch(x=[1], y=[2], z=[3])])
def test_too_few_or_too_many_parameters(client, table, given):
    run(client, f"CREATE TABLE {table} (a INTEGER, b INTEGER)")
    for sql, kind in ((f"INSERT INTO {table} VALUES (?, ?)", "Update"), ("SELECT ?::INTEGER, ?::INTEGER", "Query")):
        handle, _, _ = prepare(client, sql)
        with refused("08P01"):
            put(client, prepared(handle, kind), [given])
    handle, _, _ = prepare(client, "SELECT 1")
    if given.num_columns:
        for kind in ("Query", "Update"):
            with refused("08P01"):
                put(client, prepared(handle, kind), [given])
    assert rows(client, f"SELECT count(*) FROM {table}") == [(0,)]


def test_parameters_that_were_not_bound(client, table):
    handle, _, _ = prepare(client, "SELECT ?::INTEGER")
    with refused("(42P02|08P01)"):
        fetch(client, prepared(handle))
    run(client, f"CREATE TABLE {table} (a INTEGER)")
    handle, _, _ = prepare(client, f"INSERT INTO {table} VALUES (?)")
    with refused("08P01"):
        put(client, prepared(handle, "Update"), [], pa.schema([("a", pa.int32())]))
    with refused("42P02"):
        run(client, f"INSERT INTO {table} VALUES (?)")
    with refused("42P02"):
        change(client, f"INSERT INTO {table} VALUES (?)")
    assert rows(client, f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_wrong_row_of_many_leaves_none(client, table):
    run(client, f"CREATE TABLE {table} (i INTEGER)")
    handle, _, _ = prepare(client, f"INSERT INTO {table} VALUES (?)")
    good = batch(i=[str(number) for number in range(100)])
    with refused("22P02"):
        put(client, prepared(handle, "Update"), [good, batch(i=["1", "none"])])
    assert rows(client, f"SELECT count(*) FROM {table}") == [(0,)]
    assert put(client, prepared(handle, "Update"), [good, good]) == 200
    assert put(client, prepared(handle, "Update"), [good.slice(0, 0)]) == 0


BOUND = [
    pa.array(["a", None]).dictionary_encode(),
    pa.array([True, None]),
    pa.array([2**64 - 1, None], pa.uint64()),
    pa.array([1.5, None], pa.float32()),
    pa.array([decimal.Decimal("12.50"), None], pa.decimal128(10, 2)),
    pa.array([b"\x00\xff", None], pa.binary()),
    pa.array([b"\x00\xff", None], pa.large_binary()),
    pa.array([b"\x00\xff", None], pa.binary(2)),
    pa.array([b"\x00\xff", None], pa.binary_view()),
    pa.array(["text", None], pa.large_string()),
    pa.array(["text longer than twelve", None], pa.string_view()),
    pa.array([1, None], pa.date32()),
    pa.array([86_400_000, None], pa.date64()),
    pa.array([1, None], pa.time32("s")),
    pa.array([1, None], pa.time64("us")),
    pa.array([1, None], pa.timestamp("s")),
    pa.array([1, None], pa.timestamp("us")),
    pa.array([1, None], pa.timestamp("us", "Europe/Berlin")),
    pa.array([1, None], pa.duration("us")),
    pa.array([(1, 2, 3_000), None], pa.month_day_nano_interval()),
    pa.array([[1, None], None], pa.list_(pa.int64())),
    pa.array([[1, 2], None], pa.list_(pa.int64(), 2)),
    pa.array([["x"], None], pa.large_list(pa.string())),
    pa.array([{"a": 1, "b": "x"}, None], pa.struct([("a", pa.int64()), ("b", pa.string())])),
    pa.array([[("k", 1), ("l", None)], None], pa.map_(pa.string(), pa.int64())),
    pa.array([[], None], pa.map_(pa.int32(), pa.list_(pa.float64()))),
    pa.array([[("k", [[("deep", 1.5)], None])], None], pa.map_(pa.string(), pa.list_(pa.map_(pa.string(), pa.float32())))),
    pa.array([uuid.UUID(int=7).bytes, None], pa.binary(16)).cast(pa.uuid()) if hasattr(pa, "uuid") else None,
    pa.nulls(2),
]


@pytest.mark.parametrize("values", BOUND, ids=lambda values: str(values.type))
def test_parameters_of_every_type(client, table, values):
    """Bound to a column that ingest made of the same array: what is there afterwards is there twice."""
    sent = pa.record_batch([values], names=["v"])
    put(client, ingest(table), [sent])
    handle, _, _ = prepare(client, f"INSERT INTO {table} VALUES (?)")
    assert put(client, prepared(handle, "Update"), [sent]) == 2
    assert rows(client, f"SELECT count(*), count(v), count(DISTINCT v::VARCHAR) FROM {table}") == [
        (4, 0, 0) if pa.types.is_null(values.type) else (4, 2, 1)]


def test_parameters_of_no_use(client):
    handle, _, _ = prepare(client, "SELECT ? AS v")
    with refused("0A000"):
        put(client, prepared(handle), [batch(v=pa.RunEndEncodedArray.from_arrays(pa.array([1], pa.int32()), pa.array([5])))])
        fetch(client, prepared(handle))


def test_handles_that_are_none(client, other):
    handle, _, _ = prepare(client, "SELECT 1 AS one")
    for wrong in ("", "nothing", handle[:-1], handle + b"0", b"\xff\x00", "0" * 32 + "." + "0" * 32):
        for kind in ("Query", "Update"):
            with refused("26000"):
                put(client, prepared(wrong, kind), [], pa.schema([]))
        for ask in (client.get_flight_info, client.get_schema):
            with refused("26000"):
                ask(descriptor(prepared(wrong)))
        with refused("26000"):
            act(client, "ClosePreparedStatement", field(1, wrong))
    # Another session of the same user may use it, and it is closed once.
    assert fetch(other, prepared(handle)).to_pylist() == [{"one": 1}]
    act(client, "ClosePreparedStatement", field(1, handle))
    with refused("26000"):
        act(client, "ClosePreparedStatement", field(1, handle))


# Updates

def test_several_statements_of_an_update_are_one_transaction(client, table):
    with refused("22P02"):
        change(client, f"CREATE TABLE {table} (i INTEGER); INSERT INTO {table} VALUES (1); SELECT 'x'::INTEGER")
    with refused("42P01"):
        run(client, f"SELECT * FROM {table}")
    assert change(client, f"CREATE TABLE {table} (i INTEGER); INSERT INTO {table} VALUES (1), (2); "
                          f"UPDATE {table} SET i = 3 WHERE i = 2") == 3
    assert rows(client, f"SELECT i FROM {table} ORDER BY i") == [(1,), (3,)]
    assert change(client, f"DELETE FROM {table} WHERE false") == 0


# Transactions

def begin(client):
    return act(client, "BeginTransaction")[1]


def end(client, transaction, how):
    return act(client, "EndTransaction", field(1, transaction), field(2, how))


def test_transactions_by_their_ids(client, other, table):
    run(client, f"CREATE TABLE {table} (i INTEGER)")
    transaction = begin(client)
    assert change(client, f"INSERT INTO {table} VALUES (1)", field(2, transaction)) == 1
    inside = message("CommandStatementQuery", field(1, f"SELECT count(*) AS n FROM {table}"), field(2, transaction))
    assert fetch(client, inside).to_pylist() == [{"n": 1}]
    assert rows(other, f"SELECT count(*) FROM {table}") == [(0,)]
    handle, _, _ = prepare(client, f"INSERT INTO {table} VALUES (?)", field(2, transaction))
    assert put(client, prepared(handle, "Update"), [batch(i=[2, 3])]) == 2
    assert put(client, ingest(table, CREATE, APPEND, field(6, transaction)), [batch(i=pa.array([4], pa.int32()))]) == 1
    with refused("25001"):
        begin(client)
    end(client, transaction, COMMIT)
    assert rows(other, f"SELECT count(*) FROM {table}") == [(4,)]
    for how in (COMMIT, ROLLBACK):
        with refused("25000"):
            end(client, transaction, how)
    with refused("25000"):
        change(client, "SELECT 1", field(2, transaction))
    with refused("25000"):
        fetch(client, message("CommandStatementQuery", field(1, "SELECT 1"), field(2, transaction)))
    with refused("25000"):
        put(client, ingest(table, CREATE, APPEND, field(6, transaction)), [batch(i=[5])])
    with refused("25000"):
        prepare(client, "SELECT 1", field(2, b"nothing"))
    with refused("08P01"):
        end(client, begin(client), 0)
    run(client, "ROLLBACK")


def test_a_failed_transaction_cannot_be_committed(client, table):
    run(client, f"CREATE TABLE {table} (i INTEGER)")
    transaction = begin(client)
    change(client, f"INSERT INTO {table} VALUES (1)", field(2, transaction))
    with refused("22P02"):
        run(client, "SELECT 'x'::INTEGER")
    with refused("25P02"):
        run(client, "SELECT 1")
    with refused("25P02"):
        end(client, transaction, COMMIT)
    assert rows(client, f"SELECT count(*) FROM {table}") == [(0,)]
    transaction = begin(client)
    run(client, f"INSERT INTO {table} VALUES (1)")
    with refused("42P01"):
        run(client, "SELECT * FROM no_such_table")
    end(client, transaction, ROLLBACK)
    assert rows(client, f"SELECT count(*) FROM {table}") == [(0,)]


def test_savepoints_by_their_ids(client, table):
    run(client, f"CREATE TABLE {table} (i INTEGER)")
    transaction = begin(client)
    first = act(client, "BeginSavepoint", field(1, transaction), field(2, 'a "name"'))[1]
    act(client, "EndSavepoint", field(1, first), field(2, BACK_TO))
    act(client, "EndSavepoint", field(1, first), field(2, RELEASE))
    with refused("3B001"):
        act(client, "EndSavepoint", field(1, first), field(2, RELEASE))
    with refused("08P01"):
        act(client, "EndSavepoint", field(1, first), field(2, 0))
    with refused("08P01"):
        act(client, "BeginSavepoint", field(1, transaction))
    end(client, transaction, ROLLBACK)
    with refused("25000"):
        act(client, "BeginSavepoint", field(1, transaction), field(2, "late"))
    with refused("25P01"):
        act(client, "BeginSavepoint", field(2, "outside"))


# Ingest

def ingest(name, missing=CREATE, exists=EXISTS_FAIL, *parts):
    options = (field(1, missing) if missing else b"") + (field(2, exists) if exists else b"")
    return message("CommandStatementIngest", field(1, options), field(2, name), *parts)


def test_every_option_of_ingest(client, table):
    one = batch(i=pa.array([1], pa.int64()))
    count = f"SELECT count(*) FROM {table}"
    for missing in (CREATE, FAIL):
        for exists in (EXISTS_FAIL, APPEND, REPLACE):
            run(client, f"DROP TABLE IF EXISTS {table}")
            if missing == FAIL:
                with refused("42P01"):
                    put(client, ingest(table, missing, exists), [one])
                run(client, f"CREATE TABLE {table} (i BIGINT)")
            else:
                assert put(client, ingest(table, missing, exists), [one]) == 1
            before = rows(client, count)[0][0]
            if exists == EXISTS_FAIL:
                with refused("42P07"):
                    put(client, ingest(table, missing, exists), [one])
                assert rows(client, count) == [(before,)]
            else:
                assert put(client, ingest(table, missing, exists), [one, one]) == 2
                assert rows(client, count) == [(2 + (before if exists == APPEND else 0),)]
    for wrong in ((0, APPEND), (CREATE, 0), (7, APPEND), (CREATE, 9)):
        with refused("08P01"):
            put(client, ingest(table, *wrong), [one])
    with refused("08P01"):
        put(client, ingest(""), [one])


def test_where_ingest_puts_its_table(client, other, table):
    one = batch(i=[1])
    run(client, f"CREATE SCHEMA {table}_s")
    catalog = rows(client, "SELECT current_catalog()")[0][0]
    assert put(client, ingest(table, CREATE, EXISTS_FAIL, field(3, f"{table}_s"), field(4, catalog)), [one]) == 1
    assert rows(client, f"SELECT * FROM {catalog}.{table}_s.{table}") == [(1,)]
    for parts, sqlstate in (((field(3, "no_such_schema"),), "3F000"), ((field(4, "no_such_catalog"),), "(3D000|3F000)")):
        with refused(sqlstate):
            put(client, ingest(table, CREATE, EXISTS_FAIL, *parts), [one])
    run(client, f"DROP SCHEMA {table}_s CASCADE")
    assert put(client, ingest(table, CREATE, EXISTS_FAIL, field(5, 1)), [one]) == 1
    assert rows(client, f"SELECT * FROM {table}") == [(1,)]
    with refused("42P01"):
        run(other, f"SELECT * FROM {table}")
    with refused("42P16"):
        put(client, ingest(table, CREATE, EXISTS_FAIL, field(5, 1), field(4, catalog)), [one])
    run(client, f"DROP TABLE {table}")
    run(client, f"CREATE VIEW {table} AS SELECT 1 AS i")
    with refused("42809"):
        put(client, ingest(table, CREATE, APPEND), [one])
    with refused("42809"):
        put(client, ingest(table, CREATE, REPLACE), [one])
    run(client, f"DROP VIEW {table}")


def test_an_ingest_without_rows_or_columns(client, table):
    schema = pa.schema([("i", pa.int64()), ("s", pa.dictionary(pa.int8(), pa.string()))])
    assert put(client, ingest(table), [], schema) == 0
    assert run(client, f"SELECT * FROM {table}").schema.names == ["i", "s"]
    with refused("42601"):
        put(client, ingest(table + "x"), [], pa.schema([]))


def test_a_broken_ingest_leaves_neither_rows_nor_table(client, other, table):
    piece = batch(i=list(range(50_000)))
    for exists, there in ((EXISTS_FAIL, False), (APPEND, True), (REPLACE, True)):
        run(client, f"DROP TABLE IF EXISTS {table}")
        if there:
            run(client, f"CREATE TABLE {table} AS SELECT 7 AS i")
        # The call ends by its deadline, in the middle of its stream.
        writer, _ = other.do_put(descriptor(ingest(table, CREATE, exists)), piece.schema,
                                 flight.FlightCallOptions(timeout=2))
        with pytest.raises((flight.FlightError, pa.ArrowException)):
            while True:
                writer.write_batch(piece)
        active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INGEST%' AND state = 'active'"
        wait_until(lambda: rows(client, active) == [(0,)], 60, "the ingest goes on")
        if there:
            assert rows(client, f"SELECT i FROM {table}") == [(7,)]
        else:
            with refused("42P01"):
                run(client, f"SELECT * FROM {table}")


def test_rows_of_an_own_result_are_ingested(client, table):
    """One session sends what it reads meanwhile, more than fits on the way."""
    info = client.get_flight_info(descriptor(query("SELECT range AS i, repeat('x', 500) AS s FROM range(200000)")))
    stream = client.do_get(info.endpoints[0].ticket)
    writer, reader = client.do_put(descriptor(ingest(table)), info.schema)
    with contextlib.closing(writer):
        for chunk in stream:
            writer.write_batch(chunk.data)
        writer.done_writing()
        assert dict(fields(reader.read().to_pybytes())) == {1: 200_000}
    assert rows(client, f"SELECT count(*), sum(i)::BIGINT FROM {table}") == [(200_000, 199_999 * 100_000)]


# Options of the session

def text_option(value):
    return field(1, value)


def double_option(value):
    return b"\x21" + struct.pack("<d", value)


def number_option(value):
    return b"\x19" + value.to_bytes(8, "little", signed=True)


def set_options(client, **options):
    entries = b"".join(field(1, field(1, name) + field(2, value)) for name, value in options.items())
    answer = list(client.do_action(flight.Action("SetSessionOptions", entries)))
    found = {}
    for _, entry in fields(answer[0].body.to_pybytes()):
        pair = dict(fields(entry))
        found[pair[1].decode()] = dict(fields(pair[2])).get(1)
    return found


def get_options(client):
    answer = list(client.do_action(flight.Action("GetSessionOptions", b"")))
    found = {}
    for _, entry in fields(answer[0].body.to_pybytes()):
        pair = dict(fields(entry))
        found[pair[1].decode()] = dict(fields(pair[2])).get(1, b"").decode()
    return found


def test_session_options_of_every_kind(client):
    assert set_options(client, TimeZone=text_option("Asia/Tokyo"), extra_float_digits=number_option(2),
                       ieee_floating_point_ops=field(2, 0)) == {}
    told = get_options(client)
    assert told["TimeZone"] == "Asia/Tokyo" and told["extra_float_digits"] == "2"
    assert rows(client, "SELECT current_setting('TimeZone'), current_setting('ieee_floating_point_ops')::VARCHAR") == [
        ("Asia/Tokyo", "false")]
    # Nothing is what it was at first.
    assert set_options(client, TimeZone=b"", ieee_floating_point_ops=b"") == {}
    assert rows(client, "SELECT current_setting('ieee_floating_point_ops')::VARCHAR") == [("true",)]
    wrong = set_options(client, no_such_option=text_option("x"), TimeZone=text_option("Mars/Olympus"),
                        catalog=text_option("nowhere"), schema=b"", **{"app.ratio": double_option(1.5)},
                        search_path=field(5, field(1, "main") + field(1, "pg_catalog")))
    assert wrong["no_such_option"] == 1 and wrong["TimeZone"] == 2 and wrong["catalog"] == 2 and wrong["schema"] == 2
    assert "search_path" not in wrong and "app.ratio" not in wrong
    assert rows(client, "SELECT current_setting('app.ratio')") == [("1.5",)]
    assert get_options(client)["catalog"] != "nowhere"


def test_a_closed_session_is_gone(server):
    with flight.connect(server.flight_uri) as client:
        run(client, "CREATE TEMP TABLE kept AS SELECT 1 AS i")
        handle, _, _ = prepare(client, "SELECT * FROM kept")
        info = client.get_flight_info(descriptor(query("SELECT * FROM kept")))
        assert [result.body.to_pybytes() for result in client.do_action(flight.Action("CloseSession", b""))] == [b"\x08\x01"]
        with refused("42P01"):
            run(client, "SELECT * FROM kept")
        with refused("26000"):
            fetch(client, prepared(handle))
        with refused("34000"):
            client.do_get(info.endpoints[0].ticket).read_all()


# Metadata

def test_patterns_escape_their_wildcards(client, table):
    names = (f"{table}_a", f"{table}xa", f"{table}%a")
    for name in names:
        run(client, f'CREATE TABLE "{name}" (i INTEGER)')

    def found(pattern):
        return set(fetch(client, message("CommandGetTables", field(3, pattern)))["table_name"].to_pylist())

    escaped = table.replace("_", r"\_")
    assert found(f"{escaped}_a") == set(names)
    assert found(rf"{escaped}\_a") == {names[0]}
    assert found(rf"{escaped}\%a") == {names[2]}
    assert found(f"{escaped}%") >= set(names)
    assert found("") == set()
    for name in names:
        run(client, f'DROP TABLE "{name}"')


def test_tables_tell_what_their_columns_are(client, table):
    run(client, f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, price DECIMAL(9,2) NOT NULL, name VARCHAR, u UUID)")
    run(client, f"COMMENT ON COLUMN {table}.price IS 'in cents'")
    found = fetch(client, message("CommandGetTables", field(3, table), field(4, "TABLE"), field(5, 1))).to_pylist()
    assert [row["table_name"] for row in found] == [table]
    schema = pa.ipc.read_schema(pa.py_buffer(found[0]["table_schema"]))
    told = {one.name: {key.decode().removeprefix("ARROW:FLIGHT:SQL:"): value.decode() for key, value in one.metadata.items()}
            for one in schema}
    assert {one.name: one.nullable for one in schema} == {"id": False, "price": False, "name": True, "u": True}
    assert (told["price"]["TYPE_NAME"], told["price"]["PRECISION"], told["price"]["SCALE"]) == ("DECIMAL(9,2)", "9", "2")
    assert told["price"]["REMARKS"] == "in cents" and told["u"]["TYPE_NAME"] == "UUID"
    # DuckDB's own name of the schema means the same one.
    for schema in ("public", "main"):
        assert fetch(client, message("CommandGetTables", field(2, schema), field(3, table))).num_rows == 1
        key, = fetch(client, message("CommandGetPrimaryKeys", field(2, schema), field(3, table))).to_pylist()
        assert (key["db_schema_name"], key["column_name"]) == (found[0]["db_schema_name"], "id")
    assert told["id"]["TABLE_NAME"] == table and "IS_AUTO_INCREMENT" not in told["id"]
    assert told["name"]["IS_CASE_SENSITIVE"] == "1"
    for kinds, count in ((("VIEW",), 0), (("VIEW", "TABLE"), 1), (("no such type",), 0)):
        asked = message("CommandGetTables", field(3, table), *(field(4, kind) for kind in kinds))
        assert fetch(client, asked).num_rows == count
    result = run(client, f"SELECT price FROM {table}").schema.field("price").metadata
    assert result[b"ARROW:FLIGHT:SQL:TYPE_NAME"] == b"DECIMAL(9,2)"


# Errors

def test_errors_have_their_sqlstate_in_the_details(server):
    dbapi = pytest.importorskip("adbc_driver_flightsql.dbapi")
    with server.connect_flight() as connection, connection.cursor() as cursor:
        for sql, sqlstate in (("SELECT * FROM no_such_table", b"42P01"), ("SELECT 1 +", b"42601"), ("SELECT 'x'::INTEGER", b"22P02")):
            with pytest.raises(dbapi.Error) as caught:
                cursor.execute(sql)
                cursor.fetchall()
            details = dict(caught.value.details)
            assert sqlstate in details[b"x-arrow-status-detail-bin"]
    with flight.connect(server.flight_uri) as client:
        info = client.get_flight_info(descriptor(query("SELECT * FROM range(1000000000)")))
        stream = client.do_get(info.endpoints[0].ticket)
        stream.read_chunk()
        list(client.do_action(flight.Action("CancelFlightInfo", field(1, info.serialize()))))
        with pytest.raises(flight.FlightCancelledError) as caught:
            while True:
                stream.read_chunk()
        assert b"57014" in caught.value.extra_info


@pytest.mark.parametrize("character", ["x", "ü"])
def test_a_long_error_arrives(client, character):
    with refused("22P02"):
        run(client, f"SELECT '{character * 1_000_000}'::INTEGER")


def test_calls_that_flight_sql_has_no_use_for(client):
    with refused("0A000"):
        list(client.list_flights())
    writer, reader = client.do_exchange(descriptor(b"anything"))
    with refused("0A000"):
        reader.read_chunk()
    with contextlib.suppress(flight.FlightError, pa.ArrowException, NotImplementedError):
        writer.close()
    for action in ("Dance", "CreatePreparedSubstraitPlan"):
        with refused("0A000"):
            list(client.do_action(flight.Action(action, b"")))


@pytest.mark.parametrize("name", ["CreatePreparedStatement", "ClosePreparedStatement", "BeginTransaction", "EndTransaction",
                                  "BeginSavepoint", "EndSavepoint", "CancelQuery", "CancelFlightInfo", "RenewFlightEndpoint",
                                  "SetSessionOptions"])
def test_bodies_that_are_none(client, name):
    whole = message(f"Action{name}Request", field(1, "SELECT 1"))
    for body in (b"\x0a\xff", b"SELECT 1", whole[:-3], message("ActionDanceRequest")):
        with refused("(08P01|0A000)"):
            list(client.do_action(flight.Action(name, body)))


# Results

def test_a_result_without_rows_has_its_schema(client):
    for options in (None, flight.FlightCallOptions(headers=[(b"x-skein-endpoints", b"3")])):
        result = fetch(client, query("SELECT 1 AS i, 'x' AS s WHERE false"), options)
        assert result.schema.names == ["i", "s"] and result.num_rows == 0


@pytest.mark.parametrize("codec", ["lz4", "zstd", "none"])
def test_compressed_bodies(client, codec):
    options = flight.FlightCallOptions(headers=[(b"x-skein-compression", codec.encode())])
    sql = "SELECT range AS i, [range, NULL] AS l, 'ü' || range AS s, NULL AS n FROM range(100000) ORDER BY i"
    assert fetch(client, query(sql), options) == run(client, sql)
    with refused("22023"):
        fetch(client, query(sql), flight.FlightCallOptions(headers=[(b"x-skein-compression", b"gzip")]))


def test_nulls_within_nested_values(client):
    sql = ("SELECT * FROM (VALUES ([{'a': NULL, 'b': [NULL, 1]}, NULL], MAP {'k': NULL}), (NULL, NULL), ([], MAP {})) t(l, m)")
    assert run(client, sql).to_pylist() == [
        {"l": [{"a": None, "b": [None, 1]}, None], "m": [("k", None)]}, {"l": None, "m": None}, {"l": [], "m": []}]


def test_one_query_cancelled_from_another_thread(server, client):
    """The reader waits for its first batch, which does not come: a cancel from elsewhere ends it."""
    slow = "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7"
    info = client.get_flight_info(descriptor(query(slow)))
    failed = []

    def read():
        try:
            client.do_get(info.endpoints[0].ticket).read_chunk()
        except (flight.FlightError, pa.ArrowException) as error:
            failed.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    active = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = '{slow}'"
    with flight.connect(server.flight_uri) as watcher:
        wait_until(lambda: rows(watcher, active) == [(1,)], 60, "the query did not start")
    assert list(client.do_action(flight.Action("CancelFlightInfo", field(1, info.serialize()))))[0].body.to_pybytes() in (
        b"\x08\x01", b"\x08\x02")
    reader.join(60)
    assert failed and "SQLSTATE 57014" in failed[0]

