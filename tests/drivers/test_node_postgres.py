"""node-postgres with its stock settings, with pg-cursor and pg-query-stream."""

import pytest

from client_program import ClientProgram, need

PROGRAM = ClientProgram("node_postgres/node_postgres.js")


@pytest.fixture(scope="module")
def outcomes(server):
    node, clients = need("SKEIN_NODE", "SKEIN_NODE_CLIENTS")
    return PROGRAM.run([node, PROGRAM.source], {
        "NODE_PATH": f"{clients}/node_modules", "PGHOST": "127.0.0.1", "PGPORT": str(server.ports["pg"]),
        "PGUSER": "tester", "PGDATABASE": "skein"})


@pytest.mark.parametrize("check", PROGRAM.checks)
def test_node_postgres(outcomes, check):
    PROGRAM.verify(outcomes, check)
