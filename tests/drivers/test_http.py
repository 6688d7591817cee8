"""The HTTP door as requests and pyarrow see it. SKEIN_HTTP_URL names a server that trusts this machine."""

import os

import pyarrow.ipc
import pytest
import requests

URL = os.environ.get("SKEIN_HTTP_URL")
pytestmark = pytest.mark.skipif(not URL, reason="SKEIN_HTTP_URL is not set")


def ask(sql, **options):
    return requests.post(URL + "/query", json={"sql": sql}, timeout=30, **options)


def test_json():
    answer = ask("SELECT 1 AS i, 'ü' AS s, NULL AS n, [1, 2] AS l")
    assert answer.status_code == 200
    assert answer.json()["result"] == [{"i": 1, "s": "ü", "n": None, "l": [1, 2]}]


def test_arrow():
    answer = ask("SELECT range AS i FROM range(100000)", params={"format": "arrow"})
    table = pyarrow.ipc.open_stream(answer.content).read_all()
    assert table.num_rows == 100_000 and table["i"][99_999].as_py() == 99_999


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM no_such_table"])
def test_errors(sql):
    answer = ask(sql)
    assert 400 <= answer.status_code < 500 and answer.json()["detail"]


def test_session_keeps_its_tables():
    opened = requests.post(URL + "/v1/session", timeout=30)
    assert opened.status_code == 201
    mine = {"X-Skein-Session": opened.json()["session"]}
    assert ask("CREATE TEMP TABLE kept AS SELECT 7 AS i", headers=mine).status_code == 200
    assert ask("SELECT i FROM kept", headers=mine).json()["result"] == [{"i": 7}]
    assert ask("SELECT i FROM kept").status_code >= 400
    assert requests.delete(URL + "/v1/session", headers=mine, timeout=30).status_code == 204
