"""Every type of DuckDB, there and back: what it is in Arrow, by default and as a header asks, and that ingest keeps it."""

import decimal
import uuid

import pytest

flight = pytest.importorskip("pyarrow.flight")
pa = pytest.importorskip("pyarrow")

from flight_messages import field, message, query  # noqa: E402

# SQL's value, its DuckDB type, its type in Arrow (None: arrow.opaque of that name; ...: whichever), plain.
TYPES = [
    ("true", "BOOLEAN", pa.bool_(), pa.bool_()),
    ("(-128)::TINYINT", "TINYINT", pa.int8(), pa.int8()),
    ("(-32768)::SMALLINT", "SMALLINT", pa.int16(), pa.int16()),
    ("(-2147483648)::INTEGER", "INTEGER", pa.int32(), pa.int32()),
    ("(-9223372036854775808)::BIGINT", "BIGINT", pa.int64(), pa.int64()),
    ("255::UTINYINT", "UTINYINT", pa.uint8(), pa.uint8()),
    ("65535::USMALLINT", "USMALLINT", pa.uint16(), pa.uint16()),
    ("4294967295::UINTEGER", "UINTEGER", pa.uint32(), pa.uint32()),
    ("18446744073709551615::UBIGINT", "UBIGINT", pa.uint64(), pa.uint64()),
    ("(-99999999999999999999999999999999999999)::HUGEINT", "HUGEINT", pa.decimal128(38, 0), pa.decimal128(38, 0)),
    ("340282366920938463463374607431768211455::UHUGEINT", "UHUGEINT", None, pa.string()),
    ("1.5::FLOAT", "FLOAT", pa.float32(), pa.float32()),
    ("'nan'::DOUBLE", "DOUBLE", pa.float64(), pa.float64()),
    ("(-12.345)::DECIMAL(18,3)", "DECIMAL(18,3)", pa.decimal128(18, 3), pa.decimal128(18, 3)),
    ("'grüße'", "VARCHAR", pa.string(), pa.string()),
    ("'\\x00\\xFF'::BLOB", "BLOB", pa.binary(), pa.binary()),
    ("'10101'::BIT", "BIT", None, pa.string()),
    ("'00112233-4455-6677-8899-aabbccddeeff'::UUID", "UUID", pa.uuid(), pa.string()),
    ("'{\"a\": [1, null]}'::JSON", "JSON", pa.json_(), pa.string()),
    ("DATE '0001-01-01'", "DATE", pa.date32(), pa.date32()),
    ("TIME '23:59:59.999999'", "TIME", pa.time64("us"), pa.time64("us")),
    ("'12:00:00+05:30'::TIMETZ", "TIME WITH TIME ZONE", None, pa.string()),
    ("TIMESTAMP '1969-12-31 23:59:59.999999'", "TIMESTAMP", pa.timestamp("us"), pa.timestamp("us")),
    ("'2024-02-29 12:00:00'::TIMESTAMP_S", "TIMESTAMP_S", pa.timestamp("s"), pa.timestamp("s")),
    ("'2024-02-29 12:00:00.123'::TIMESTAMP_MS", "TIMESTAMP_MS", pa.timestamp("ms"), pa.timestamp("ms")),
    ("'2024-02-29 12:00:00.123456789'::TIMESTAMP_NS", "TIMESTAMP_NS", pa.timestamp("ns"), pa.timestamp("ns")),
    ("INTERVAL '14 months 3 days 4 microseconds'", "INTERVAL", pa.month_day_nano_interval(), pa.month_day_nano_interval()),
    ("'b'::ENUM('a', 'b')", "ENUM('a', 'b')", pa.dictionary(pa.uint8(), pa.string()), pa.dictionary(pa.uint8(), pa.string())),
    ("'it''s'::ENUM('it''s', 'a, b', '')", "ENUM('it''s', 'a, b', '')", pa.dictionary(pa.uint8(), pa.string()),
     pa.dictionary(pa.uint8(), pa.string())),
    ("123456789012345678901234567890123456789012::BIGNUM", "BIGNUM", None, pa.string()),
    ("'12:34:56.123456789'::TIME_NS", "TIME_NS", None, pa.string()),
    ("{'a': [1, 2]}::VARIANT", "VARIANT", None, pa.string()),
    ("'2024-02-29 12:00:00.5+01'::TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", ..., ...),
    ("[(-99999999999999999999999999999999999999)::HUGEINT, NULL]", "HUGEINT[]", pa.list_(pa.decimal128(38, 0)),
     pa.list_(pa.decimal128(38, 0))),
    ("['b'::ENUM('a', 'b')]", "ENUM('a', 'b')[]", pa.list_(pa.dictionary(pa.uint8(), pa.string())),
     pa.list_(pa.dictionary(pa.uint8(), pa.string()))),
    ("{'h': (-1)::HUGEINT, 'b': '101'::BIT, 'l': [1::BIGNUM]}", "STRUCT(h HUGEINT, b BIT, l BIGNUM[])",
     ..., pa.struct([("h", pa.decimal128(38, 0)), ("b", pa.string()), ("l", pa.list_(pa.string()))])),
    ("MAP {1::UHUGEINT: '12:00:00+01'::TIMETZ}", "MAP(UHUGEINT, TIME WITH TIME ZONE)", ..., pa.map_(pa.string(), pa.string())),
    ("['00112233-4455-6677-8899-aabbccddeeff'::UUID, NULL]", "UUID[]", pa.list_(pa.uuid()), pa.list_(pa.string())),
    ("[1, 2]::INTEGER[2]", "INTEGER[2]", pa.list_(pa.int32(), 2), pa.list_(pa.int32(), 2)),
    ("{'u': '00112233-4455-6677-8899-aabbccddeeff'::UUID, 'j': '1'::JSON}", "STRUCT(u UUID, j JSON)",
     pa.struct([("u", pa.uuid()), ("j", pa.json_())]), pa.struct([("u", pa.string()), ("j", pa.string())])),
    ("MAP {'k': '00112233-4455-6677-8899-aabbccddeeff'::UUID}", "MAP(VARCHAR, UUID)", pa.map_(pa.string(), pa.uuid()),
     pa.map_(pa.string(), pa.string())),
]


@pytest.fixture
def client(server):
    with flight.connect(server.flight_uri) as opened:
        yield opened


def headers(**values):
    return flight.FlightCallOptions(headers=[(f"x-skein-{name}".encode(), value.encode()) for name, value in values.items()])


def run(client, sql, options=None, whole=True):
    info = client.get_flight_info(flight.FlightDescriptor.for_command(query(sql)), options)
    table = client.do_get(info.endpoints[0].ticket, options).read_all()
    assert table.schema.equals(info.schema)
    table.validate(full=whole)
    return table


def change(client, sql):
    client.do_get(client.get_flight_info(flight.FlightDescriptor.for_command(query(sql))).endpoints[0].ticket).read_all()


def ingest(client, name, table):
    # create = 1 and replace = 3 of what to do with the table.
    target = flight.FlightDescriptor.for_command(
        message("CommandStatementIngest", field(1, field(1, 1) + field(2, 3)), field(2, name)))
    writer, reader = client.do_put(target, table.schema)
    writer.write_table(table)
    writer.done_writing()
    reader.read()
    writer.close()


def test_an_enum_with_a_name_comes_back_as_one_without(client):
    change(client, "CREATE TYPE type_mood AS ENUM ('sad', 'happy')")
    table = run(client, "SELECT 'happy'::type_mood AS v")
    change(client, "DROP TYPE type_mood")
    ingest(client, "type_moods", table)
    told = "SELECT data_type AS t FROM duckdb_columns() WHERE table_name = 'type_moods'"
    assert run(client, told).to_pylist() == [{"t": "ENUM('sad', 'happy')"}]
    assert run(client, "SELECT v::VARCHAR AS v FROM type_moods").to_pylist() == [{"v": "happy"}]
    change(client, "DROP TABLE type_moods")


@pytest.mark.parametrize("named", ["INTEGER", "no such type", "ENUM('x'", "INTEGER); DROP TABLE t; --", "STRUCT(a INTEGER)", ""])
def test_a_name_that_does_not_fit_the_values_is_ignored(client, named):
    table = pa.table([["a"], [1.5]], schema=pa.schema([pa.field("s", pa.string(), metadata={"skein:type": named}),
                                                       pa.field("d", pa.float64(), metadata={"skein:type": named})]))
    ingest(client, "type_odd", table)
    told = run(client, "SELECT data_type AS t FROM duckdb_columns() WHERE table_name = 'type_odd' ORDER BY column_index")
    assert told["t"].to_pylist() == ["VARCHAR", "DOUBLE"]
    assert run(client, "SELECT * FROM type_odd").to_pylist() == [{"s": "a", "d": 1.5}]
    change(client, "DROP TABLE type_odd")


@pytest.mark.parametrize("value,duckdb,arrow,plain", TYPES, ids=[name for _, name, _, _ in TYPES])
def test_each_type_there_and_back(client, value, duckdb, arrow, plain):
    sql = f"SELECT v FROM (SELECT {value} AS v, 0 AS i UNION ALL SELECT NULL, 1) ORDER BY i"
    table = run(client, sql)
    if arrow is None:
        assert (table.schema.field("v").type.type_name, table.schema.field("v").type.vendor_name) == (duckdb, "DuckDB")
    elif arrow is not ...:
        assert table.schema.field("v").type == arrow
    assert table["v"].null_count == 1
    as_plain = run(client, sql, headers(types="plain"))
    assert plain is ... or as_plain.schema.field("v").type == plain
    assert as_plain.schema.field("v").metadata[b"skein:type"].decode() == duckdb

    for sent in (table, as_plain, run(client, sql, headers(types="no-dictionary"))):
        ingest(client, "type_back", sent)
        back = run(client, "SELECT v FROM type_back")
        # A VARIANT's own typeof says what is in it.
        told = run(client, "SELECT data_type AS t FROM duckdb_columns() WHERE table_name = 'type_back'")
        assert told["t"].to_pylist() == [duckdb]
        same = run(client, f"SELECT count(*) AS n FROM type_back WHERE v::VARCHAR IS NOT DISTINCT FROM ({value})::VARCHAR")
        assert same["n"].to_pylist() == [1]
        assert back["v"].null_count == 1
        change(client, "DROP TABLE type_back")


UNIONS = "SELECT * FROM (VALUES (0, union_value(n := 17)::UNION(n INTEGER, s VARCHAR, b BIT)), (1, '17'::VARCHAR), (2, '101'::BIT)) t(i, v) ORDER BY i"
MEMBERS = "SELECT v::VARCHAR AS t, union_tag(v)::VARCHAR AS m FROM type_unions ORDER BY ALL"


def test_a_union_keeps_its_members(client):
    table = run(client, UNIONS)
    kind = table.schema.field("v").type
    assert kind.id == pa.sparse_union([pa.field("n", pa.int32())]).id
    assert [kind.field(i).name for i in range(3)] == ["n", "s", "b"]
    assert table["v"].to_pylist() == [17, "17", "101"]
    for options in (None, headers(types="plain"), headers(types="string-view")):
        ingest(client, "type_unions", run(client, UNIONS, options))
        assert run(client, MEMBERS).to_pylist() == [{"t": "101", "m": "b"}, {"t": "17", "m": "n"}, {"t": "17", "m": "s"}]
        told = "SELECT data_type AS t FROM duckdb_columns() WHERE table_name = 'type_unions' AND column_name = 'v'"
        assert run(client, told).to_pylist() == [{"t": "UNION(n INTEGER, s VARCHAR, b BIT)"}]
        change(client, "DROP TABLE type_unions")
    nested = run(client, "SELECT [union_value(n := 1), NULL] AS l, {'u': union_value(x := 'y')} AS s")
    assert nested.to_pylist() == [{"l": [1, None], "s": {"u": "y"}}]


@pytest.mark.parametrize("start", [0, 1])
def test_unions_of_a_client(client, start):
    names = ["n", "s"]
    dense = pa.UnionArray.from_dense(pa.array([0, 1, 0, 1], pa.int8()), pa.array([0, 0, 1, 1], pa.int32()),
                                     [pa.array([1, 2], pa.int64()), pa.array(["a", None])], names)
    sparse = pa.UnionArray.from_sparse(pa.array([0, 1, 0, 1], pa.int8()), [
        pa.array([1, None, 2, None], pa.int64()), pa.array([None, "a", None, None])], names)
    for values in (dense, sparse):
        ingest(client, "type_unions", pa.table({"v": values, "l": pa.ListArray.from_arrays([0, 1, 1, 3, 4], values)}).slice(start))
        found = run(client, "SELECT v::VARCHAR AS t, union_tag(v)::VARCHAR AS m, len(l) AS l FROM type_unions").to_pylist()
        assert found == [{"t": "1", "m": "n", "l": 1}, {"t": "a", "m": "s", "l": 0}, {"t": "2", "m": "n", "l": 2},
                         {"t": None, "m": None, "l": 1}][start:]
        change(client, "DROP TABLE type_unions")


def test_values_are_what_they_mean(client):
    row = run(client, "SELECT '00112233-4455-6677-8899-aabbccddeeff'::UUID AS u, '[1]'::JSON AS j, "
                      "170141183460469231731687303715884105727::HUGEINT AS h, '1'::BIT AS b", whole=False).to_pylist()[0]
    assert row["u"] == uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    assert row["j"] == "[1]" and row["b"] == "1"
    # All 39 digits, though Arrow's type promises 38.
    assert row["h"] == decimal.Decimal(2**127 - 1)


def test_text_as_views_and_without_dictionaries(client):
    sql = "SELECT 'a'::ENUM('a', 'b') AS e, repeat('long ', 20) AS s, ['x', NULL] AS l"
    views = run(client, sql, headers(types="string-view, no-dictionary"))
    assert views.schema.types == [pa.string_view(), pa.string_view(), pa.list_(pa.string_view())]
    assert views.to_pylist() == [{"e": "a", "s": "long " * 20, "l": ["x", None]}]
    assert run(client, sql, headers(types="no-dictionary")).schema.types == [
        pa.string(), pa.string(), pa.list_(pa.string())]
    with pytest.raises(pa.ArrowInvalid, match="SQLSTATE 22023"):
        run(client, "SELECT 1", headers(types="strings"))


def test_a_batch_is_what_its_table_says(client):
    change(client, "CREATE TABLE type_pairs (u UUID, b BIT)")
    table = run(client, "SELECT uuid() AS u, '101'::BIT AS b FROM range(5000)")
    target = flight.FlightDescriptor.for_command(
        message("CommandStatementIngest", field(1, field(1, 2) + field(2, 2)), field(2, "type_pairs")))
    writer, reader = client.do_put(target, table.schema)
    writer.write_table(table)
    writer.done_writing()
    reader.read()
    writer.close()
    assert run(client, "SELECT * FROM type_pairs ORDER BY u")["u"].to_pylist() == sorted(table["u"].to_pylist())
    change(client, "DROP TABLE type_pairs")
