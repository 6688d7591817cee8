"""pgx with its stock settings, in all its ways to send a query, and database/sql over it."""

import pytest

from client_program import ClientProgram, need

PROGRAM = ClientProgram("pgx/main.go")


@pytest.fixture(scope="module")
def outcomes(server, tmp_path_factory):
    go, cache = need("SKEIN_GO", "SKEIN_PGX")
    program = tmp_path_factory.mktemp("pgx") / "checks"
    built = PROGRAM.execute([go, "build", "-o", program, "."],
                            {"GOCACHE": f"{cache}/build", "GOFLAGS": "-mod=readonly", "GOPROXY": "off"})
    assert built.returncode == 0, built.stderr
    return PROGRAM.run([program, f"postgres://tester@127.0.0.1:{server.ports['pg']}/skein"])


@pytest.mark.parametrize("check", PROGRAM.checks)
def test_pgx(outcomes, check):
    PROGRAM.verify(outcomes, check)
