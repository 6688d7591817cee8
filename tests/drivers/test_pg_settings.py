"""Settings over the PostgreSQL door: SET, SHOW, RESET, DISCARD, what a transaction undoes, and what the client is told."""

import psycopg
import pytest


@pytest.fixture
def connection(server):
    with server.connect_pg(autocommit=True) as connection:
        yield connection


def show(connection, name):
    return connection.execute(f"SHOW {name}").fetchone()[0]


def refused(connection, sql):
    with pytest.raises(psycopg.Error) as raised:
        connection.execute(sql)
    return raised.value.sqlstate


@pytest.mark.parametrize("name,value", [
    ("server_version_num", "150000"),
    ("server_encoding", "UTF8"),
    ("standard_conforming_strings", "on"),
    ("transaction_isolation", "repeatable read"),
    ("TRANSACTION ISOLATION LEVEL", "repeatable read"),
    ("transaction_read_only", "off"),
    ("max_identifier_length", "63"),
    ("integer_datetimes", "on"),
    ("DateStyle", "ISO, MDY"),
    ("search_path", "public"),
    ("is_superuser", "off"),
    ("max_connections", "10000"),
    ("ssl", "off"),
])
def test_what_clients_read(connection, name, value):
    assert show(connection, name) == value


def test_the_answer_has_the_settings_name_and_a_tag(connection):
    cursor = connection.execute("show datestyle")
    assert cursor.description[0].name == "DateStyle"
    assert cursor.statusmessage == "SHOW"


def test_show_all_has_them_all(connection):
    rows = connection.execute("SHOW ALL").fetchall()
    names = [row[0] for row in rows]
    assert {"application_name", "TimeZone", "statement_timeout", "search_path"} <= set(names)
    assert names == sorted(names, key=str.lower)
    assert dict((row[0], row[1]) for row in rows)["DateStyle"] == "ISO, MDY"


def test_show_all_has_skeins_own_with_what_they_are_for(connection):
    connection.execute("SET num_shuffle_partitions = 7")
    rows = connection.execute("SHOW ALL").fetchall()
    own = {name: (value, about) for name, value, about in rows
           if name.startswith("skein_") or name in ("num_shuffle_partitions", "broadcast_threshold_mb")}
    assert own["num_shuffle_partitions"][0] == "7"
    assert own["skein_distributed"][0] == show(connection, "skein_distributed")
    assert all(about for _, about in own.values())
    # pg_settings takes all that the engine knows.
    listed = connection.execute("SELECT name, setting, short_desc FROM pg_settings WHERE name LIKE 'skein\\_%' ESCAPE '\\' "
                                "OR name IN ('num_shuffle_partitions', 'broadcast_threshold_mb')").fetchall()
    assert {name: (value, about) for name, value, about in listed} == own
    assert len(own) >= 9


@pytest.mark.parametrize("statement,name,value", [
    ("SET statement_timeout = 5000", "statement_timeout", "5s"),
    ("SET statement_timeout TO '1500ms'", "statement_timeout", "1500ms"),
    ("SET statement_timeout = '2 h'", "statement_timeout", "2h"),
    ("SET work_mem = '64MB'", "work_mem", "64MB"),
    ("SET work_mem = 2048", "work_mem", "2MB"),
    ("SET enable_seqscan = false", "enable_seqscan", "off"),
    ("SET SESSION jit TO t", "jit", "on"),
    ("SET bytea_output = 'ESCAPE'", "bytea_output", "escape"),
    ("SET extra_float_digits = -3", "extra_float_digits", "-3"),
    ("SET NAMES 'utf-8'", "client_encoding", "UTF8"),
    ("SET datestyle = 'ISO, DMY'", "DateStyle", "ISO, MDY"),
    ("SET TIME ZONE 'Asia/Tokyo'", "TimeZone", "Asia/Tokyo"),
    ("SET timezone TO utc", "TIME ZONE", "UTC"),
    ("SET TIME ZONE -3", "TimeZone", "Etc/GMT+3"),
    ("SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE", "TimeZone", "Etc/GMT-2"),
    ("SET my.setting = 'a, b'", "my.setting", "a, b"),
    ('SET search_path TO "$user", public', "search_path", "public"),
    ("SET application_name = 'it''s me'", "application_name", "it's me"),
    ("SET ROLE none", "role", "none"),
    ("SET transaction_isolation = 'read committed'", "transaction_isolation", "repeatable read"),
])
def test_set_and_show(connection, statement, name, value):
    assert connection.execute(statement).statusmessage == "SET"
    assert show(connection, name) == value


@pytest.mark.parametrize("statement,state", [
    ("SET statement_timeout = 'soon'", "22023"),
    ("SET statement_timeout = '5 parsecs'", "22023"),
    ("SET statement_timeout = -1", "22023"),
    ("SET extra_float_digits = 100", "22023"),
    ("SET bytea_output = 'octal'", "22023"),
    ("SET jit = 'maybe'", "22023"),
    ("SET TIME ZONE 'Middle/Earth'", "22023"),
    ("SET TIME ZONE 5.5", "0A000"),
    ("SET client_encoding = 'LATIN1'", "0A000"),
    ("SET DateStyle = 'German'", "0A000"),
    ("SET IntervalStyle = 'iso_8601'", "0A000"),
    ("SET standard_conforming_strings = off", "0A000"),
    ("SET server_version = '9'", "55P02"),
    ("SET ROLE somebody_else", "42501"),
    ("SET no_such_setting = 1", "42704"),
    ("SHOW no_such_setting", "42704"),
    ("SHOW no.such_setting", "42704"),
    ("SET search_path = no_such_schema", "3F000"),
    ("SET threads = 1", "42501"),
])
def test_what_cannot_be_set(connection, statement, state):
    assert refused(connection, statement) == state
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_refused_value_leaves_the_old_one(connection):
    connection.execute("SET TIME ZONE 'Asia/Tokyo'")
    refused(connection, "SET TIME ZONE 'Middle/Earth'")
    assert show(connection, "TimeZone") == "Asia/Tokyo"
    connection.execute("SET search_path = temp")
    refused(connection, "SET search_path = no_such_schema")
    assert show(connection, "search_path").startswith("temp")


def test_settings_of_the_engine_work_as_ever(connection):
    connection.execute("SET pivot_limit = 77")
    assert show(connection, "pivot_limit") == "77"
    assert connection.execute("SELECT current_setting('pivot_limit')").fetchone() == ("77",)
    connection.execute("RESET pivot_limit")
    assert show(connection, "pivot_limit") != "77"
    connection.execute("SET VARIABLE x = 42")
    assert connection.execute("SELECT getvariable('x')").fetchone() == (42,)
    connection.execute("CREATE TEMP TABLE shown (i INTEGER)")
    assert connection.execute("SHOW shown").fetchall()[0][0] == "i"
    assert ("shown",) in connection.execute("SHOW TABLES").fetchall()


def test_sql_sees_what_was_set(connection):
    connection.execute("SET application_name = 'seen'")
    assert connection.execute("SELECT current_setting('application_name')").fetchone() == ("seen",)


def test_reset_goes_back_to_the_connections_start(server):
    with server.connect_pg(autocommit=True, application_name="at_start", options="'-cstatement_timeout=7s'") as connection:
        connection.execute("SET application_name = 'x'")
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET my.own = 1")
        connection.execute("RESET application_name")
        assert show(connection, "application_name") == "at_start"
        assert connection.execute("RESET ALL").statusmessage == "RESET"
        assert show(connection, "statement_timeout") == "7s"
        assert refused(connection, "SHOW my.own") == "42704"


def test_rollback_undoes_set_and_commit_keeps_it(connection):
    connection.execute("SET my.kept = 'before'")
    connection.execute("BEGIN")
    connection.execute("SET my.kept = 'within'")
    connection.execute("SET TIME ZONE 'Asia/Tokyo'")
    connection.execute("SET pivot_limit = 77")
    connection.execute("ROLLBACK")
    assert show(connection, "my.kept") == "before"
    assert show(connection, "TimeZone") != "Asia/Tokyo"
    assert show(connection, "pivot_limit") != "77"
    connection.execute("BEGIN")
    connection.execute("SET my.kept = 'within'")
    connection.execute("COMMIT")
    assert show(connection, "my.kept") == "within"


def test_an_error_undoes_set_of_its_transaction(connection):
    connection.execute("BEGIN")
    connection.execute("SET my.x = 'within'")
    refused(connection, "SELECT * FROM no_such_table")
    connection.execute("COMMIT")
    assert refused(connection, "SHOW my.x") == "42704"
    # The statements of one simple query are one transaction.
    refused(connection, "SET my.x = 1; SELECT * FROM no_such_table")
    assert refused(connection, "SHOW my.x") == "42704"


def test_set_local_ends_with_its_transaction(connection):
    connection.execute("SET my.x = 'session'")
    connection.execute("BEGIN")
    connection.execute("SET LOCAL my.x = 'local'")
    connection.execute("SET LOCAL pivot_limit = 77")
    connection.execute("SET LOCAL TIME ZONE 'Asia/Tokyo'")
    assert show(connection, "my.x") == "local"
    assert show(connection, "pivot_limit") == "77"
    connection.execute("COMMIT")
    assert show(connection, "my.x") == "session"
    assert show(connection, "pivot_limit") != "77"
    assert show(connection, "TimeZone") != "Asia/Tokyo"
    # SET before or after SET LOCAL is what stays.
    connection.execute("BEGIN; SET my.x = 'kept'; SET LOCAL my.x = 'local'; COMMIT")
    assert show(connection, "my.x") == "kept"
    notices = []
    connection.add_notice_handler(lambda notice: notices.append(notice.sqlstate))
    connection.execute("SET LOCAL my.x = 'nothing'")
    assert notices == ["25P01"]
    assert show(connection, "my.x") == "kept"


def test_rollback_to_a_savepoint_undoes_set(connection):
    connection.execute("BEGIN; SET my.x = '1'; SAVEPOINT a; SET my.x = '2'; SET my.y = '2'")
    connection.execute("ROLLBACK TO a")
    assert show(connection, "my.x") == "1"
    connection.execute("COMMIT")
    assert show(connection, "my.x") == "1"
    assert refused(connection, "SHOW my.y") == "42704"


def test_the_client_is_told_of_changes(connection):
    info = connection.info
    assert info.parameter_status("search_path") == "public"
    connection.execute("SET TIME ZONE 'Asia/Tokyo'")
    assert info.parameter_status("TimeZone") == "Asia/Tokyo"
    connection.execute("BEGIN; SET LOCAL TIME ZONE 'Asia/Seoul'")
    assert info.parameter_status("TimeZone") == "Asia/Seoul"
    connection.execute("ROLLBACK")
    assert info.parameter_status("TimeZone") == "Asia/Tokyo"
    connection.execute("SET application_name = 'told'")
    assert info.parameter_status("application_name") == "told"
    connection.execute("RESET ALL")
    assert info.parameter_status("application_name") != "told"


def test_discard_all_leaves_nothing_behind(connection):
    connection.execute("SET my.x = 1")
    connection.execute("CREATE TEMP TABLE \"Left Over\" AS SELECT 1 i")
    connection.execute("CREATE TEMP VIEW v AS SELECT * FROM \"Left Over\"")
    connection.execute("CREATE SECRET mine (TYPE http, BEARER_TOKEN 't')")
    assert connection.execute("DISCARD ALL").statusmessage == "DISCARD ALL"
    assert refused(connection, "SHOW my.x") == "42704"
    assert refused(connection, "SELECT * FROM \"Left Over\"") == "42P01"
    assert refused(connection, "SELECT * FROM v") == "42P01"
    assert connection.execute("SELECT count(*) FROM duckdb_secrets()").fetchone() == (0,)
    for target in ("PLANS", "SEQUENCES", "TEMP"):
        assert connection.execute(f"DISCARD {target}").statusmessage == f"DISCARD {target}"
    connection.execute("BEGIN")
    assert refused(connection, "DISCARD ALL") == "25001"
    connection.execute("ROLLBACK")


def test_channels_are_refused_and_unlisten_is_not(connection):
    assert refused(connection, "LISTEN c") == "0A000"
    assert refused(connection, "NOTIFY c, 'x'") == "0A000"
    assert connection.execute("UNLISTEN *").statusmessage == "UNLISTEN"


def test_the_same_over_http(server):
    import requests

    def query(sql, **headers):
        return requests.post(server.http_url + "/query", json={"sql": sql}, headers=headers, timeout=30)

    assert query("SHOW server_version_num").json() == {"result": [{"server_version_num": "150000"}]}
    assert query("SET my.x = 'http'; SHOW my.x").json() == {"result": [{"my.x": "http"}]}
    assert query("BEGIN; CREATE TEMP TABLE t AS SELECT 1 i; COMMIT; SELECT * FROM t").json() == {"result": [{"i": 1}]}
    assert query("COPY (SELECT 1) TO STDOUT").status_code == 400


def test_a_refused_name_does_not_hinder_discard(connection):
    assert refused(connection, "SET nonsense = 1") == "42704"
    assert connection.execute("DISCARD ALL").statusmessage == "DISCARD ALL"
    assert connection.execute("RESET ALL").statusmessage == "RESET"


def test_set_config_of_what_needs_more_than_a_text(connection):
    def config(name, value, local=False):
        return connection.execute("SELECT set_config(%s, %s, %s)", (name, value, local)).fetchone()[0]

    assert config("TimeZone", "Europe/Berlin") == "Europe/Berlin"
    assert show(connection, "timezone") == "Europe/Berlin"
    assert connection.info.parameter_status("TimeZone") == "Europe/Berlin"
    text = "SELECT (timestamptz '2020-06-01 12:00+00')::text"
    assert connection.execute(text).fetchone()[0] == "2020-06-01 14:00:00+02"
    seen = "SELECT timestamptz '2020-06-01 12:00+00'"
    assert connection.execute(seen).fetchone()[0].utcoffset().total_seconds() == 7200
    with connection.transaction():
        assert config("timezone", "-3", True) == "Etc/GMT+3"
        assert connection.execute(text).fetchone()[0] == "2020-06-01 09:00:00-03"
        assert connection.pgconn.exec_(seen.encode()).get_value(0, 0) == b"2020-06-01 09:00:00-03"
    assert connection.pgconn.exec_(seen.encode()).get_value(0, 0) == b"2020-06-01 14:00:00+02"
    with connection.transaction():
        config("statement_timeout", "50ms", True)
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(30)")
        raise psycopg.Rollback
    assert show(connection, "statement_timeout") == "0"
    assert show(connection, "timezone") == "Europe/Berlin"
    assert config("DateStyle", "ISO, DMY") == "ISO, MDY"
    for name, value, state in (("TimeZone", "Nowhere/City", "22023"), ("client_encoding", "LATIN1", "0A000"),
                               ("DateStyle", "German", "0A000"), ("server_version", "9", "55P02"),
                               ("threads", "4", "0A000"), ("nonsense", "1", "42704")):
        with pytest.raises(psycopg.Error) as refusal:
            config(name, value)
        assert refusal.value.sqlstate == state, name
    assert show(connection, "timezone") == "Europe/Berlin"


def test_set_config_for_one_transaction(connection):
    def config(value, local):
        return connection.execute("SELECT set_config('application_name', %s, %s)", (value, local)).fetchone()[0]

    assert config("whole", False) == "whole"
    assert config("one statement", True) == "one statement"
    assert show(connection, "application_name") == "whole"
    with connection.transaction():
        assert config("one transaction", True) == "one transaction"
        assert show(connection, "application_name") == "one transaction"
        assert connection.execute("SELECT current_setting('application_name')").fetchone()[0] == "one transaction"
    assert show(connection, "application_name") == "whole"
    with connection.transaction(force_rollback=True):
        config("first", False)
        config("second", True)
    assert show(connection, "application_name") == "whole"
    with connection.transaction():
        config("kept", False)
        config("not kept", True)
    assert show(connection, "application_name") == "kept"
    with connection.transaction():
        config("gone", True)
        connection.execute("SET application_name = 'set'")
    assert show(connection, "application_name") == "set"
