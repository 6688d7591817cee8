"""Keys, types and SqlInfo over Flight SQL, asked for by their messages."""

import os

import pytest

flight = pytest.importorskip("pyarrow.flight")
pyarrow = pytest.importorskip("pyarrow")

from flight_messages import field, message, query  # noqa: E402

URI = os.environ.get("SKEIN_FLIGHT_URI")
pytestmark = pytest.mark.skipif(not URI, reason="SKEIN_FLIGHT_URI is not set")


@pytest.fixture(scope="module")
def client():
    with flight.connect(URI) as opened:
        run(opened, "CREATE SCHEMA keyed")
        run(opened, "CREATE TABLE keyed.parent (a INTEGER, b VARCHAR, c INTEGER UNIQUE, PRIMARY KEY (b, a))")
        run(opened, "CREATE TABLE keyed.child (id INTEGER PRIMARY KEY, x INTEGER, y VARCHAR, z INTEGER REFERENCES "
                    "keyed.parent (c), FOREIGN KEY (y, x) REFERENCES keyed.parent (b, a))")
        run(opened, "CREATE TABLE keyed.\"od'd \"\"name\" (\"k'ey\" INTEGER PRIMARY KEY)")
        yield opened
        run(opened, "DROP TABLE keyed.child")
        run(opened, "DROP SCHEMA keyed CASCADE")


def run(client, sql):
    info = client.get_flight_info(flight.FlightDescriptor.for_command(query(sql)))
    return client.do_get(info.endpoints[0].ticket).read_all()


def ask(client, command):
    info = client.get_flight_info(flight.FlightDescriptor.for_command(command))
    table = client.do_get(info.endpoints[0].ticket).read_all()
    table.validate(full=True)
    assert table.schema.names == info.schema.names
    assert client.get_schema(flight.FlightDescriptor.for_command(command)).schema.names == info.schema.names
    return table


def keys(client, name, *fields):
    return ask(client, message(name, *fields)).to_pylist()


def test_primary_keys(client):
    found = keys(client, "CommandGetPrimaryKeys", field(2, "keyed"), field(3, "parent"))
    assert [(row["db_schema_name"], row["table_name"], row["column_name"], row["key_sequence"]) for row in found] == [
        ("keyed", "parent", "b", 1), ("keyed", "parent", "a", 2)]
    assert {row["key_name"] for row in found} == {"parent_b_a_pkey"}
    assert [row["column_name"] for row in keys(client, "CommandGetPrimaryKeys", field(3, "od'd \"name"))] == ["k'ey"]
    assert keys(client, "CommandGetPrimaryKeys", field(1, "nowhere"), field(3, "parent")) == []
    assert keys(client, "CommandGetPrimaryKeys", field(3, "par%")) == []


FOREIGN = [("b", "y", 1), ("a", "x", 2), ("c", "z", 1)]


def columns(found):
    return sorted((row["pk_column_name"], row["fk_column_name"], row["key_sequence"]) for row in found)


def test_foreign_keys_from_both_sides(client):
    imported = keys(client, "CommandGetImportedKeys", field(2, "keyed"), field(3, "child"))
    exported = keys(client, "CommandGetExportedKeys", field(3, "parent"))
    crossed = keys(client, "CommandGetCrossReference", field(3, "parent"), field(5, "keyed"), field(6, "child"))
    for found in (imported, exported, crossed):
        assert columns(found) == sorted(FOREIGN)
        assert {(row["pk_table_name"], row["fk_table_name"], row["update_rule"], row["delete_rule"])
                for row in found} == {("parent", "child", 3, 3)}
    assert {row["pk_key_name"] for row in imported} == {"parent_b_a_pkey", "parent_c_key"}
    assert keys(client, "CommandGetImportedKeys", field(3, "parent")) == []
    assert keys(client, "CommandGetExportedKeys", field(3, "child")) == []
    assert keys(client, "CommandGetCrossReference", field(3, "child"), field(6, "parent")) == []


def test_types(client):
    every = {row["type_name"]: row for row in keys(client, "CommandGetXdbcTypeInfo")}
    assert every["DECIMAL"]["create_params"] == ["precision", "scale"]
    assert every["UBIGINT"]["unsigned_attribute"] is True
    assert (every["TIMESTAMP"]["data_type"], every["TIMESTAMP"]["sql_data_type"]) == (93, 9)
    assert every["BOOLEAN"]["minimum_scale"] is None
    assert {row["type_name"] for row in keys(client, "CommandGetXdbcTypeInfo", field(1, 4))} == {"INTEGER", "UINTEGER"}
    assert keys(client, "CommandGetXdbcTypeInfo", field(1, 77)) == []
    # Each is a type that can be used.
    for name in every:
        run(client, f"SELECT NULL::{name} AS v")


def test_sql_info(client):
    told = {row["info_name"]: row["value"] for row in keys(client, "CommandGetSqlInfo")}
    assert told[0] == "Skein"
    assert told[5] is False and told[10] is True and told[573] is False
    assert told[507] == 3  # NULLs at the end, which is true:
    assert run(client, "SELECT unnest([2, NULL, 1]) AS i ORDER BY i")["i"].to_pylist() == [1, 2, None]
    for name in told[509] + told[510] + told[511] + told[512]:
        count = run(client, f"SELECT count(*) AS n FROM duckdb_functions() WHERE function_name = '{name}'")["n"][0].as_py()
        assert count > 0 or name in ("coalesce", "nullif", "current_user", "position", "current_date"), name
    assert set(dict(told[517])) == {0, 4, 6, 16}
    # All that the protocol knows, but for the versions of Substrait, which is not spoken.
    assert set(told) == {*range(6), *range(8, 12), 100, 101, *range(500, 577)}
    assert [told[name] for name in range(567, 572)] == [2, 0, 2, 0, 0]
    assert set(told) >= set(range(500, 568)) | {8, 9, 11, 572, 574, 575, 576}
    assert list(keys(client, "CommandGetSqlInfo", b"\x08\x03")) == [{"info_name": 3, "value": False}]


def test_tables_with_their_schemas(client):
    found = keys(client, "CommandGetTables", field(2, "keyed"), field(3, "child"), field(5, 1))
    schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(found[0]["table_schema"]))
    assert schema.names == ["id", "x", "y", "z"]
    assert schema.field("y").type == pyarrow.string()


@pytest.mark.parametrize("command, sqlstate", [
    (message("CommandStatementSubstraitPlan", field(1, "plan")), "0A000"),
    (message("CommandDance"), "0A000"),
    (b"", "08P01"),
    (b"\x0a\xff", "08P01"),
    (query("SELECT 1")[:-3], "08P01"),
    (message("CommandStatementIngest", field(2, "t")), "0A000"),
    (message("CommandGetPrimaryKeys", field(3, b"\xff")), "22021"),
])
def test_commands_that_are_none(client, command, sqlstate):
    with pytest.raises((pyarrow.ArrowException, NotImplementedError), match=f"SQLSTATE {sqlstate}"):
        client.get_flight_info(flight.FlightDescriptor.for_command(command))


def test_broken_view_fails_no_transaction(server):
    """Whoever asks for the columns of everything, in a transaction that wrote something."""
    with server.connect_flight() as client, client.cursor() as cursor:
        cursor.execute("CREATE SCHEMA frail")
        try:
            cursor.execute("CREATE TABLE frail.t (i INTEGER)")
            cursor.execute("CREATE TABLE frail.base (i INTEGER)")
            cursor.execute("CREATE VIEW frail.v AS SELECT * FROM frail.base")
            cursor.execute("DROP TABLE frail.base")
            cursor.execute("BEGIN")
            cursor.execute("INSERT INTO frail.t VALUES (1)")
            (catalog,) = [one for one in client.adbc_get_objects(db_schema_filter="frail").read_all().to_pylist()
                          if one["catalog_db_schemas"]]
            (schema,) = catalog["catalog_db_schemas"]
            columns = {table["table_name"]: len(table["table_columns"]) for table in schema["db_schema_tables"]}
            assert columns == {"t": 1, "v": 0}
            cursor.execute("INSERT INTO frail.t VALUES (2)")
            cursor.execute("COMMIT")
            cursor.execute("SELECT count(*) FROM frail.t")
            assert cursor.fetchone() == (2,)
        finally:
            cursor.execute("ROLLBACK")
            cursor.execute("DROP SCHEMA frail CASCADE")
