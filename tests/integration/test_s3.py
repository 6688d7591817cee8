"""Object stores through every door: whose credentials count, that they stay with their session, and what may be read
and written with them."""

import json
import pathlib
import sys

import adbc_driver_flightsql.dbapi as flight
import psycopg
import pyarrow
import pyarrow.parquet
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from services.s3 import S3Server  # noqa: E402

DOORS = ["pg", "http", "flight"]
ROWS = 1000


class Failed(Exception):
    """The server's answer, whichever the door."""


class PgSession:
    def __init__(self, server):
        self.connection = server.connect_pg()

    def ask(self, sql):
        try:
            cursor = self.connection.execute(sql)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise Failed(str(error)) from error

    def close(self):
        self.connection.close()


class HttpSession:
    def __init__(self, server):
        self.server = server
        status, _, text = server.request("POST", "/v1/session", b"")
        assert status == 201, text
        self.headers = {"X-Skein-Session": json.loads(text)["session"]}

    def ask(self, sql):
        status, _, text = self.server.request("POST", "/query", {"sql": sql}, self.headers)
        if status != 200:
            raise Failed(text)
        return [tuple(row.values()) for row in json.loads(text)["result"]]

    def close(self):
        status, _, text = self.server.request("DELETE", "/v1/session", headers=self.headers)
        assert status == 204, text


class FlightSession:
    def __init__(self, server):
        self.connection = server.connect_flight()

    def ask(self, sql):
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(sql)
                return cursor.fetchall()
            except flight.Error as error:
                raise Failed(str(error)) from error

    def close(self):
        self.connection.close()


OPEN = {"pg": PgSession, "http": HttpSession, "flight": FlightSession}


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with S3Server(tmp_path_factory.mktemp("s3") / "server") as one:
        one.make_bucket("lake")
        folder = tmp_path_factory.mktemp("parquet")
        for name, first in (("x1.parquet", 0), ("x2.parquet", ROWS), ("deep/er/y.parquet", 2 * ROWS)):
            file = folder / "part.parquet"
            ids = list(range(first, first + ROWS))
            pyarrow.parquet.write_table(pyarrow.table({"id": ids, "name": [f"row {i}" for i in ids]}), file)
            one.client().upload_file(str(file), "lake", name)
        yield one


@pytest.fixture(scope="module")
def s3_server(request, tmp_path_factory, data_dir, s3):
    """A server of this module's own, which has httpfs. Its whole log must not hold a credential, whatever ran."""
    from skein_server import SkeinServer
    with SkeinServer(data_dir, tmp_path_factory.mktemp("skein"),
                     settings={"extensions": "httpfs", "log_level": "trace"}) as one:
        yield one
    assert s3.secret_key not in one.log()
    assert s3.access_key not in one.log()


@pytest.fixture
def sessions(s3_server):
    """sessions("pg"): an open session on that door."""
    opened = []

    def open_one(door):
        opened.append(OPEN[door](s3_server))
        # An endpoint that does not answer need not be asked again.
        opened[-1].ask("SET http_retries = 0")
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def refused(session, sql, s3):
    with pytest.raises(Failed) as raised:
        print(session.ask(sql))
    text = str(raised.value)
    assert s3.secret_key not in text and s3.access_key not in text, text
    return text


COUNT_X1 = "SELECT count(*) FROM 's3://lake/x1.parquet'"


@pytest.mark.parametrize("door", DOORS)
def test_secret(sessions, s3, door):
    session = sessions(door)
    session.ask(s3.secret_sql("mine"))
    assert session.ask("SELECT count(*), sum(id)::BIGINT FROM 's3://lake/x1.parquet'") == [(ROWS, 499500)]
    # The session may see that it has one, and not what is in it.
    shown = session.ask("SELECT name, secret_string FROM duckdb_secrets()")
    assert len(shown) == 1 and shown[0][0] == "mine"
    assert s3.secret_key not in str(shown)


@pytest.mark.parametrize("door", DOORS)
def test_settings(sessions, s3, door):
    session = sessions(door)
    for sql in s3.settings_sql():
        session.ask(sql)
    assert session.ask(COUNT_X1) == [(ROWS,)]
    refused(sessions(door), COUNT_X1, s3)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("wrong", [{"secret_key": "wrong"}, {"access_key": "AKIANOBODY"}], ids=["secret", "key"])
def test_wrong_key_is_an_error(sessions, s3, door, wrong):
    session = sessions(door)
    session.ask(s3.secret_sql("mine", **wrong))
    assert "403" in refused(session, COUNT_X1, s3)
    # A pattern that may not be listed is not an empty one.
    assert "403" in refused(session, "SELECT count(*) FROM 's3://lake/x*.parquet'", s3)
    by_settings = sessions(door)
    for sql in s3.settings_sql(**wrong):
        by_settings.ask(sql)
    assert "403" in refused(by_settings, COUNT_X1, s3)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("other_door", DOORS)
def test_another_session_has_nothing(sessions, s3, door, other_door):
    """Not even what a cache of the engine, which is everybody's, still holds from a moment ago."""
    mine, other = sessions(door), sessions(other_door)
    mine.ask(s3.secret_sql("mine"))
    mine.ask("SET http_keep_alive = true")
    for sql in ("SELECT count(*), max(name) FROM 's3://lake/x1.parquet'",
                "SELECT count(*), max(name) FROM 's3://lake/x*.parquet'",
                "SELECT size FROM read_blob('s3://lake/x1.parquet')",
                "SELECT * FROM parquet_metadata('s3://lake/x1.parquet')",
                "SELECT * FROM glob('s3://lake/x*')"):
        assert mine.ask(sql)
        refused(other, sql, s3)
    assert other.ask("SELECT * FROM duckdb_secrets()") == []
    assert other.ask("SELECT * FROM which_secret('s3://lake/x1.parquet', 's3')") == []
    # With the right endpoint and no key; with a wrong key.
    for sql in s3.settings_sql()[:-2]:
        other.ask(sql)
    assert "403" in refused(other, COUNT_X1, s3)
    other.ask(s3.secret_sql("theirs", secret_key="wrong"))
    assert "403" in refused(other, COUNT_X1, s3)
    assert mine.ask(COUNT_X1) == [(ROWS,)]


def test_the_same_name_in_two_sessions(sessions, s3):
    right, wrong = sessions("pg"), sessions("http")
    right.ask(s3.secret_sql("same"))
    wrong.ask(s3.secret_sql("same", secret_key="wrong"))
    assert right.ask(COUNT_X1) == [(ROWS,)]
    refused(wrong, COUNT_X1, s3)
    wrong.ask("DROP SECRET same")
    assert right.ask(COUNT_X1) == [(ROWS,)]


def test_prepared_statement_takes_the_key_of_its_session(sessions, s3):
    session = sessions("pg")
    for sql in s3.settings_sql():
        session.ask(sql)
    run = "SELECT count(*) FROM 's3://lake/x1.parquet' WHERE id >= %s"
    for _ in range(3):
        assert session.connection.execute(run, [10], prepare=True).fetchall() == [(ROWS - 10,)]
    session.ask("SET s3_secret_access_key = 'wrong'")
    with pytest.raises(psycopg.Error, match="403"):
        session.connection.execute(run, [10], prepare=True)


@pytest.mark.parametrize("door", DOORS)
def test_credentials_go_with_the_session(s3_server, s3, sessions, door):
    for _ in range(3):
        first = OPEN[door](s3_server)
        first.ask(s3.secret_sql("mine"))
        for sql in s3.settings_sql():
            first.ask(sql)
        assert first.ask(COUNT_X1) == [(ROWS,)]
        first.close()
        second = OPEN[door](s3_server)
        assert second.ask("SELECT * FROM duckdb_secrets()") == []
        left = second.ask("SELECT value FROM duckdb_settings() WHERE starts_with(name, 's3_')")
        assert left and s3.secret_key not in str(left) and s3.endpoint not in str(left)
        refused(second, COUNT_X1, s3)
        second.close()


@pytest.mark.parametrize("door", DOORS)
def test_patterns_as_tables(sessions, s3, door):
    session = sessions(door)
    session.ask(s3.secret_sql("mine"))
    assert session.ask("SELECT count(*), count(DISTINCT id) FROM 's3://lake/x*.parquet'") == [(2 * ROWS, 2 * ROWS)]
    assert session.ask('SELECT count(*), max(id) FROM "s3://lake/**/*.parquet" WHERE id >= 1500') == \
        [(1500, 3 * ROWS - 1)]
    assert "s3://lake/none*.parquet" in refused(session, "SELECT * FROM 's3://lake/none*.parquet'", s3)


@pytest.mark.parametrize("door", DOORS)
def test_copy_to_and_back(sessions, s3, door):
    session = sessions(door)
    session.ask(s3.secret_sql("mine"))
    session.ask(f"COPY (SELECT range AS i, 'n' || range AS s FROM range(10000)) TO 's3://lake/out/{door}.parquet'")
    assert session.ask(f"SELECT count(*), sum(i)::BIGINT, max(s) FROM 's3://lake/out/{door}.parquet'") == \
        [(10000, 49995000, "n9999")]
    assert (s3.objects / "lake" / "out" / f"{door}.parquet").stat().st_size > 1000
    session.ask(f"COPY (SELECT range AS i, range % 3 AS p FROM range(30)) TO 's3://lake/{door}-parts' "
                "(FORMAT parquet, PARTITION_BY (p))")
    assert session.ask(f"SELECT p, count(*) FROM 's3://lake/{door}-parts/**/*.parquet' GROUP BY p ORDER BY p") == \
        [(0, 10), (1, 10), (2, 10)]


def test_copy_with_a_wrong_key_writes_nothing(sessions, s3):
    session = sessions("pg")
    session.ask(s3.secret_sql("mine", secret_key="wrong"))
    assert "403" in refused(session, "COPY (SELECT 1) TO 's3://lake/never.parquet'", s3)
    assert not (s3.objects / "lake" / "never.parquet").exists()


def test_an_object_that_changes_is_read_anew(sessions, s3):
    session = sessions("pg")
    session.ask(s3.secret_sql("mine"))
    for value in range(4):
        session.ask(f"COPY (SELECT {value} AS v, repeat('x', 100000) AS s) TO 's3://lake/changing.parquet'")
        assert session.ask("SELECT v FROM 's3://lake/changing.parquet'") == [(value,)]


def refused_endpoint(session, s3, host):
    """How many of the two ways to name an endpoint fail before any object is asked for."""
    at_once = 0
    session.ask("SET http_timeout = 2")
    for steps in ([s3.secret_sql("meta", endpoint=host)], [f"SET s3_endpoint = '{host}'", "SET s3_use_ssl = false"]):
        try:
            for sql in steps:
                session.ask(sql)
        except Failed:
            at_once += 1
            continue
        refused(session, COUNT_X1, s3)
    return at_once


@pytest.mark.parametrize("door", DOORS)
def test_metadata_address_is_refused(sessions, s3, door):
    assert refused_endpoint(sessions(door), s3, "169.254.169.254") == 2


@pytest.mark.parametrize("host", ["169.254.169.254:80", "http://169.254.169.254", "[fd00:ec2::254]", "100.100.100.200",
                                  "metadata.google.internal", "[::ffff:169.254.169.254]"])
def test_metadata_addresses_are_refused_at_once(sessions, s3, host):
    assert refused_endpoint(sessions("pg"), s3, host) == 2


@pytest.mark.parametrize("host", ["2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518"])
def test_metadata_address_in_other_words_is_not_reached(sessions, s3, host):
    """In the manners of inet_aton: what the connection would be made to counts."""
    refused_endpoint(sessions("pg"), s3, host)


def test_local_files_stay_shut_with_httpfs(sessions, s3):
    session = sessions("pg")
    for sql in ("SELECT * FROM 'http://127.0.0.1:1/x.parquet'", "SELECT * FROM 'https://127.0.0.1:1/x.csv'",
                "SELECT * FROM read_text('hf://datasets/a/b/c.txt')", "LOAD aws", "CALL load_aws_credentials()",
                "CREATE SECRET c (TYPE s3, PROVIDER credential_chain)", "CREATE PERSISTENT SECRET p (TYPE s3)"):
        refused(session, sql, s3)
