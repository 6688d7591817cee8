"""Functions that want a constant and refuse NULL are described before the values of parameters are known, and answer as with
a literal."""

import struct

import psycopg
import pytest

from raw_pg import RawPg

FLOAT8, FLOAT8_LIST = 701, 1022
VALUES = "FROM range(10) t(v)"

CASES = [
    (f"SELECT quantile_cont(v, $1) {VALUES}", "0.25", FLOAT8),
    (f"SELECT quantile_disc(v, $1) {VALUES}", "0.25", FLOAT8),
    (f"SELECT quantile(v::NUMERIC(9, 2), $1) {VALUES}", "0.25", FLOAT8),
    (f"SELECT quantile_cont(DATE '2020-01-01' + v::INTEGER, $1) {VALUES}", "0.25", FLOAT8),
    (f"SELECT v % 2, percentile_cont($1) WITHIN GROUP (ORDER BY v) {VALUES} GROUP BY 1 ORDER BY 1", "0.25", FLOAT8),
    (f"SELECT percentile_disc($1) WITHIN GROUP (ORDER BY v DESC) {VALUES}", "0.25", FLOAT8),
    (f"SELECT quantile_cont(v, $1::DOUBLE[]) {VALUES}", "{0.25,0.5}", FLOAT8_LIST),
]


@pytest.fixture
def connection(server):
    with server.connect_pg() as opened:
        yield opened


@pytest.fixture
def raw(server):
    opened = RawPg(server.ports["pg"])
    yield opened
    opened.close()


def descriptions(answers):
    return [payload for kind, payload in answers if kind == "T"]


@pytest.mark.parametrize("declared", [False, True], ids=["untyped", "typed"])
@pytest.mark.parametrize("sql,value,oid", CASES)
def test_described_then_bound(raw, sql, value, oid, declared):
    literal = value if oid == FLOAT8 else f"'{value.replace('{', '[').replace('}', ']')}'"
    plain = raw.query(sql.replace("$1", literal))
    assert raw.error(plain) is None
    raw.send(raw.parse("s", sql, [oid] if declared else []), raw.describe("S", "s"),
             raw.bind("", "s", [value.encode()]), raw.describe("P", ""), raw.execute(""),
             raw.bind("", "s", [value.encode()]), raw.execute(""), raw.sync())
    answers = raw.until_ready()
    assert raw.error(answers) is None
    assert [struct.unpack("!HI", payload) for kind, payload in answers if kind == "t"] == [(1, oid)]
    assert descriptions(answers) == descriptions(plain) * 2
    assert raw.rows(answers) == raw.rows(plain) * 2


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("prepare", [False, True])
def test_through_a_driver(connection, binary, prepare):
    for fraction in (0.0, 0.5, 1.0):
        asked = connection.execute(f"SELECT quantile_cont(v, %s) {VALUES}", [fraction], prepare=prepare, binary=binary)
        assert asked.fetchone() == (9 * fraction,)


@pytest.mark.parametrize("value", [None, 1.5])
def test_values_that_are_wrong(connection, value):
    literal = "NULL" if value is None else value
    errors = []
    for sql, values in ((f"SELECT quantile_cont(v, {literal}) {VALUES}", None), (f"SELECT quantile_cont(v, %s::DOUBLE) {VALUES}", [value])):
        with pytest.raises(psycopg.Error) as raised:
            connection.execute(sql, values)
        errors.append((raised.value.sqlstate, raised.value.diag.message_primary))
        connection.rollback()
    assert errors[0] == errors[1]


def test_a_type_that_goes_by_the_value_is_still_checked(connection):
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="must not change result type") as raised:
        connection.execute("SELECT struct_extract({'a': 1, 'b': 'x'}, %s)", ["b"])
    assert "literal" in raised.value.diag.message_hint
