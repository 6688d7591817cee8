"""pgjdbc with its stock settings: what Java tools ask for (metadata), bind, fetch, copy and cancel."""

import pytest

from client_program import ClientProgram, need

PROGRAM = ClientProgram("pgjdbc/PgJdbc.java")


@pytest.fixture(scope="module")
def outcomes(server):
    (driver,) = need("SKEIN_PGJDBC")
    # Its compiler gives no class file away; the checks take longer than a better optimized program would save.
    return PROGRAM.run(["java", "-XX:TieredStopAtLevel=1", "-cp", driver, PROGRAM.source,
                        f"jdbc:postgresql://127.0.0.1:{server.ports['pg']}/skein?user=tester"])


@pytest.mark.parametrize("check", PROGRAM.checks)
def test_pgjdbc(outcomes, check):
    PROGRAM.verify(outcomes, check)
