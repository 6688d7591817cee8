"""Messages of the extended and simple protocol in random order, legal or not, against a live server. The answers must be those that
the protocol's grammar allows for each message, and the server must serve on. A seed gives the same messages always.

For a long run, of a sanitized build for instance: SKEIN_BIN=… SKEIN_RANDOM_SEEDS=1000:5000 pytest test_pg_random_messages.py
"""

import os
import random

import pytest

from raw_pg import RawPg

STATEMENTS = [
    "SELECT 1", "SELECT range FROM range(1000)", "SELECT $1::INTEGER + 1", "SELECT $1, $2", "", "-- nothing", "SELEC", "SELECT * FROM no_such",
    "SELECT 1; SELECT 2", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "ROLLBACK TO a", "RELEASE a", "CREATE TEMP TABLE IF NOT EXISTS r (i INTEGER)",
    "INSERT INTO r VALUES (1)", "INSERT INTO r SELECT range FROM range(5000)", "SELECT * FROM r", "DELETE FROM r", "DECLARE c CURSOR FOR SELECT range FROM range(100)",
    "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT range FROM range(100)", "FETCH 3 FROM c", "FETCH 2 FROM p", "FETCH BACKWARD ALL FROM c", "MOVE ALL FROM c", "CLOSE c",
    "CLOSE ALL", "PREPARE s AS SELECT $1::INTEGER", "EXECUTE s(1)", "EXECUTE t(1)", "DEALLOCATE s", "DEALLOCATE ALL", "SET my.x = 1", "SET LOCAL my.x = 2",
    "SHOW my.x", "RESET ALL", "SHOW ALL", "DISCARD ALL", "DISCARD PLANS", "SET TRANSACTION READ ONLY", "BEGIN READ ONLY", "COMMIT AND CHAIN",
    "EXPLAIN (VERBOSE) SELECT 1", "SELECT 'x'::INTEGER", "SELECT CASE WHEN range < 500 THEN 1 ELSE error('late')::INTEGER END FROM range(1000)", "LISTEN l", "UNLISTEN *",
    "COPY (SELECT range FROM range(300)) TO STDOUT", "COPY r TO STDOUT (FORMAT binary)", "COPY no_such TO STDOUT",
]
COPIES = ["COPY r FROM STDIN", "COPY r FROM STDIN (FORMAT csv)", "COPY r FROM STDIN (FORMAT binary)", "COPY no_such FROM STDIN"]
SEEDS = range(*map(int, os.environ.get("SKEIN_RANDOM_SEEDS", "0:12").split(":")))
NAMES = ["", "s", "t", "p", "q", "c"]


class Model:
    """What may come back for each message sent."""

    def __init__(self, raw):
        self.raw = raw
        self.skipping = False

    def next(self):
        while True:
            answer = self.raw.receive()
            assert answer is not None, "the server closed the connection"
            if answer[0] not in "NS":
                return answer[0], answer[1]

    def check(self, kind):
        if kind == "S":
            self.skipping = False
            got, payload = self.next()
            if got == "E":  # the commit may fail
                got, payload = self.next()
            assert got == "Z", payload
        elif self.skipping or kind in ("H", "d", "c", "f"):
            pass  # of a COPY that nobody began, PostgreSQL takes no notice
        elif kind in ("Q", "Y"):
            self.query()
        elif kind == "F":
            assert [self.next()[0], self.next()[0]] == ["E", "Z"]
        else:
            self.extended(kind)

    def query(self):
        while True:
            got, payload = self.next()
            if got == "Z":
                assert payload in (b"I", b"T", b"E")
                return
            assert got in "TDCIEHGdc", got

    def extended(self, kind):
        wanted = {"P": "1", "B": "2", "C": "3", "E": "DCsIHdc", "DS": "t", "DP": "Tn", "?": ""}[kind]
        while True:
            got = self.next()[0]
            if got == "E":
                self.skipping = True
                return
            assert got in wanted, f"{got} for {kind}"
            if kind == "DS":
                kind, wanted = "DP", "Tn"
            elif got not in "DHdc":
                return


def some_message(choose):
    sql, name, other = choose.choice(STATEMENTS), choose.choice(NAMES), choose.choice(NAMES)
    kind = choose.choices(["P", "B", "E", "D", "C", "H", "S", "Q", "F", "?", "Y", "d", "c", "f"],
                          [6, 8, 8, 4, 2, 1, 4, 2, 0.3, 0.3, 1, 0.3, 0.2, 0.2])[0]
    if kind == "P":
        return "P", RawPg.parse(name, sql, choose.choice([(), (23,), (25, 25), (0,), (999999,)]))
    if kind == "B":
        values = [choose.choice([None, b"7", b"x", b"\x00\x00\x00\x07"]) for _ in range(choose.choice([0, 0, 1, 2]))]
        return "B", RawPg.bind(name, other, values, choose.choice([(), (0,), (1,)]), choose.choice([(), (0,), (1,), (0, 1)]))
    if kind == "E":
        return "E", RawPg.execute(name, choose.choice([0, 0, 1, 7, 2000]))
    if kind == "D":
        target = choose.choice("SP")
        return "D" + target, RawPg.describe(target, name)
    if kind == "C":
        return "C", RawPg.close_(choose.choice("SP"), name)
    if kind == "H":
        return "H", RawPg.flush()
    if kind == "S":
        return "S", RawPg.sync()
    if kind == "Q":
        return "Q", RawPg.message("Q", sql.encode() + b"\0")
    if kind == "Y":
        data = b"".join(RawPg.message("d", choose.choice([b"7\n", b"1\n2\n", b"x\n", b"", b"\\.\n", bytes(choose.randrange(40))]))
                        for _ in range(choose.randrange(4)))
        end = choose.choice([RawPg.message("c"), RawPg.message("c"), RawPg.message("f", b"enough\0")])
        return "Y", RawPg.message("Q", choose.choice(COPIES).encode() + b"\0") + data + RawPg.flush() + end
    if kind in ("d", "c", "f"):
        return kind, RawPg.message(kind, b"stray\0" if kind != "c" else b"")
    if kind == "F":
        return "F", RawPg.message("F", b"\0\0\0\1\0\0\0\0\0\0")
    return "?", choose.choice([RawPg.message("P", b"cut"), RawPg.message("B"), RawPg.message("D", b"X\0"),
                               RawPg.message("E", b"p\0")])


@pytest.mark.parametrize("seed", SEEDS)
def test_random_messages(server, seed):
    choose = random.Random(seed)
    raw = RawPg(server.ports["pg"], minor=2 if seed % 2 else 0)
    model = Model(raw)
    for _ in range(60):
        batch = [some_message(choose) for _ in range(choose.randrange(1, 25))]
        batch.append(("S", RawPg.sync()))
        raw.send(*[message for _, message in batch])
        for kind, _ in batch:
            model.check(kind)
    assert RawPg.rows(raw.query("ROLLBACK; SELECT 42"))[-1:] == [["42"]]
    raw.close()


@pytest.mark.parametrize("minor,size", [(0, 4), (2, 32)])
def test_the_cancel_key_has_the_length_of_its_protocol(server, minor, size):
    raw = RawPg(server.ports["pg"], minor=minor)
    assert len(raw.key) == 4 + size
    raw.close()
