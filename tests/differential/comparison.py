"""Runs statements over libpq and says in which aspects two servers' answers differ.

A statement file holds one statement a line; a line that starts with a blank continues the one before, `--` starts a
comment line. A line `@params [...]` above a statement gives it parameters (JSON; text or null), and keeps it from the
simple protocol, which has none. `@session` starts a new connection.
"""

import dataclasses
import json
import pathlib

from psycopg import pq

MODES = ("simple", "extended", "binary")
ASPECTS = ("outcome", "sqlstate", "fields", "tag", "names", "types", "typmods", "parameters", "rows", "binary")
# Of an error: what applications take from a violated constraint. The schema of a temporary table is the server's matter.
FIELDS = (pq.DiagnosticField.TABLE_NAME, pq.DiagnosticField.COLUMN_NAME, pq.DiagnosticField.CONSTRAINT_NAME)


@dataclasses.dataclass(frozen=True)
class Statement:
    text: str
    parameters: tuple | None = None
    new_session: bool = False


def read_statements(path):
    statements, parameters, new_session = [], None, False
    for line in pathlib.Path(path).read_text().splitlines():
        if not line.strip() or line.startswith("--"):
            continue
        if line.startswith("@params "):
            parameters = tuple(json.loads(line.removeprefix("@params ")))
        elif line == "@session":
            new_session = True
        elif line[0] in " \t":
            last = statements[-1]
            statements[-1] = dataclasses.replace(last, text=f"{last.text}\n{line}")
        else:
            statements.append(Statement(line, parameters, new_session))
            parameters, new_session = None, False
    return statements


@dataclasses.dataclass
class Answer:
    """What a server said to one statement. An error has an SQLSTATE and FIELDS, and nothing else that is compared."""
    sqlstate: str | None = None
    message: str = ""
    fields: tuple = ()
    tag: str = ""
    names: tuple = ()
    types: tuple = ()
    typmods: tuple = ()
    parameters: tuple = ()  # their types, in the extended protocol
    rows: tuple = ()

    def __str__(self):
        if self.sqlstate:
            return f"ERROR {self.sqlstate}: {self.message} {self.fields if any(self.fields) else ''}"
        given = f"({', '.join(map(str, self.parameters))}) " if self.parameters else ""
        head = ", ".join(f"{name} {oid}/{mod}" for name, oid, mod in zip(self.names, self.types, self.typmods))
        rows = "; ".join("(" + ", ".join("NULL" if v is None else v.decode("utf-8", "backslashreplace") for v in row)
                         + ")" for row in self.rows[:8])
        return f"{self.tag} {given}[{head}] {rows}{' …' if len(self.rows) > 8 else ''}"


class Client:
    """One connection over plain libpq: a driver's own conversions would hide differences."""

    def __init__(self, conninfo):
        self.conninfo = conninfo
        self.connection = None
        self.reconnect()

    def reconnect(self):
        self.close()
        self.connection = pq.PGconn.connect(self.conninfo.encode())
        if self.connection.status != pq.ConnStatus.OK:
            raise RuntimeError(self.connection.error_message.decode())
        # Notices are not compared.
        self.connection.notice_handler = None
        self.must("SET TimeZone = 'UTC'")
        self.must("SET client_min_messages = 'error'")

    def close(self):
        if self.connection is not None:
            self.connection.finish()
            self.connection = None

    def must(self, sql):
        result = self.connection.exec_(sql.encode())
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            raise RuntimeError(f"{sql}: {result.error_message.decode()}")

    def run(self, statement, mode):
        text = statement.text.encode()
        if mode == "simple":
            return self.answer(self.connection.exec_(text))
        parsed = self.connection.prepare(b"", text)
        if parsed.status != pq.ExecStatus.COMMAND_OK:
            return self.answer(parsed)
        described = self.connection.describe_prepared(b"")
        values = [None if value is None else str(value).encode() for value in statement.parameters or ()]
        executed = self.connection.exec_prepared(
            b"", values, result_format=pq.Format.BINARY if mode == "binary" else pq.Format.TEXT)
        answer = self.answer(executed)
        if not answer.sqlstate:
            answer.parameters = tuple(described.param_type(i) for i in range(described.nparams))
            shape = self.shape(described)
            if shape != (answer.names, answer.types, answer.typmods):
                answer.tag += f" (Describe said {shape})"
        return answer

    @staticmethod
    def shape(result):
        columns = range(result.nfields)
        return (tuple(result.fname(i).decode() for i in columns), tuple(result.ftype(i) for i in columns),
                tuple(result.fmod(i) for i in columns))

    def answer(self, result):
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY):
            state = result.error_field(pq.DiagnosticField.SQLSTATE)
            if state is None:
                raise RuntimeError(f"no answer: {result.error_message.decode()}")
            message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
            fields = tuple((result.error_field(field) or b"").decode() for field in FIELDS)
            return Answer(sqlstate=state.decode(), message=message.decode(), fields=fields)
        names, types, typmods = self.shape(result)
        rows = tuple(tuple(result.get_value(row, column) for column in range(result.nfields))
                     for row in range(result.ntuples))
        return Answer(tag=(result.command_status or b"").decode(), names=names, types=types, typmods=typmods, rows=rows)


NUMERIC = (1700, 1231)


def differences(expected, actual, mode):
    """The aspects in which they differ. Values in binary are compared where both say the same type.

    One difference is everywhere and not worth a list: a numeric expression always has a precision and a scale here
    (DuckDB's DECIMAL), where PostgreSQL says that it has none (-1).
    """
    actual = dataclasses.replace(actual, typmods=tuple(
        -1 if oid in NUMERIC and wanted == -1 else typmod
        for oid, wanted, typmod in zip(actual.types, expected.typmods, actual.typmods)
    ) if len(actual.types) == len(expected.types) else actual.typmods)
    if bool(expected.sqlstate) != bool(actual.sqlstate):
        return {"outcome"}
    if expected.sqlstate:
        if expected.sqlstate != actual.sqlstate:
            return {"sqlstate"}
        return {"fields"} if expected.fields != actual.fields else set()
    found = {aspect for aspect in ("tag", "names", "types", "typmods", "parameters")
             if getattr(expected, aspect) != getattr(actual, aspect)}
    if mode != "binary":
        return found | ({"rows"} if expected.rows != actual.rows else set())
    if len(expected.types) != len(actual.types) or len(expected.rows) != len(actual.rows):
        return found | {"binary"}
    for mine, other in zip(expected.rows, actual.rows):
        for i, oid in enumerate(expected.types):
            if oid == actual.types[i] and mine[i] != other[i]:
                found.add("binary")
    return found
