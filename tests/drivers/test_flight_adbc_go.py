"""The Go ADBC driver for Flight SQL with its stock settings, from Go: the version that the module proxy has."""

import pytest

from client_program import ClientProgram, need

PROGRAM = ClientProgram("flight_adbc_go/main.go")


@pytest.fixture(scope="module")
def outcomes(server, tmp_path_factory):
    go, cache = need("SKEIN_GO", "SKEIN_FLIGHT_ADBC_GO")
    program = tmp_path_factory.mktemp("flight_adbc_go") / "checks"
    built = PROGRAM.execute([go, "build", "-o", program, "."],
                            {"GOCACHE": f"{cache}/build", "GOFLAGS": "-mod=readonly", "GOPROXY": "off"})
    assert built.returncode == 0, built.stderr
    return PROGRAM.run([program, server.flight_uri])


@pytest.mark.parametrize("check", PROGRAM.checks)
def test_flight_adbc_go(outcomes, check):
    PROGRAM.verify(outcomes, check)
