"""The same statements on a real PostgreSQL and on Skein, in the simple and the extended protocol, text and binary.

Each file of statements/ is run in one connection of each server. What may differ is listed in accepted/*.toml with its
reason; an entry that no longer applies fails the test, so that the list stays true.
"""

import collections
import pathlib
import tomllib

import pytest

from comparison import ASPECTS, MODES, Client, differences, read_statements
from postgres_server import PostgresServer, programs

HERE = pathlib.Path(__file__).parent
FILES = sorted((HERE / "statements").glob("*.sql"))


def accepted():
    """{(file, statement): {aspect: reason}}"""
    entries = collections.defaultdict(dict)
    for path in sorted((HERE / "accepted").glob("*.toml")):
        for difference in tomllib.loads(path.read_text())["difference"]:
            for aspect in difference["aspects"]:
                assert aspect in ASPECTS, f"{path.name}: there is no aspect {aspect}"
                for statement in difference["statements"]:
                    assert aspect not in entries[path.stem, statement], f"{path.name} lists {statement!r} twice"
                    entries[path.stem, statement][aspect] = difference["reason"]
    return entries


@pytest.fixture(scope="module")
def postgres():
    if programs() is None:
        pytest.skip("PostgreSQL's server is not installed (scripts/setup installs it)")
    with PostgresServer() as running:
        yield running


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_answers_as_postgresql(path, postgres, start_server):
    statements = read_statements(path)
    allowed = {text: aspects for (file, text), aspects in accepted().items() if file == path.stem}
    problems = []
    seen = collections.defaultdict(set)
    skein = start_server()
    for mode in MODES:
        reference, subject = Client(postgres.conninfo), Client(skein.pg_conninfo())
        try:
            for statement in statements:
                if statement.new_session:
                    reference.reconnect()
                    subject.reconnect()
                if statement.parameters is not None and mode == "simple":
                    continue
                expected, actual = reference.run(statement, mode), subject.run(statement, mode)
                found = differences(expected, actual, mode)
                seen[statement.text] |= found
                for aspect in sorted(found - set(allowed.get(statement.text, ()))):
                    problems.append(f"{mode}: {aspect} of {statement.text}\n  PostgreSQL {expected}\n  Skein      {actual}")
        finally:
            reference.close()
            subject.close()
    for text, aspects in allowed.items():
        if text not in seen:
            problems.append(f"accepted/{path.stem}.toml lists a statement that is not there: {text}")
        for aspect in sorted(set(aspects) - seen.get(text, set())):
            problems.append(f"accepted/{path.stem}.toml: {aspect} differs no longer: {text}")
    assert not problems, f"{len(problems)} differences that nobody accepted:\n" + "\n".join(problems)
