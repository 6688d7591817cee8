"""tokio-postgres with its stock settings: everything binary, pipelined, portals, copy."""

import pytest

from client_program import ClientProgram, need

PROGRAM = ClientProgram("tokio_postgres/src/main.rs")


@pytest.fixture(scope="module")
def outcomes(server):
    cargo, target = need("SKEIN_CARGO", "SKEIN_TOKIO_POSTGRES")
    # The crates are built already; this compiles the checks alone.
    built = PROGRAM.execute([cargo, "build", "--quiet", "--locked", "--offline", "--target-dir", f"{target}/target"])
    assert built.returncode == 0, built.stderr
    return PROGRAM.run([f"{target}/target/debug/tokio_postgres_checks",
                        f"postgres://tester@127.0.0.1:{server.ports['pg']}/skein"])


@pytest.mark.parametrize("check", PROGRAM.checks)
def test_tokio_postgres(outcomes, check):
    PROGRAM.verify(outcomes, check)
