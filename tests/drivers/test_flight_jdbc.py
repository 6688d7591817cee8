"""The Flight SQL JDBC driver with its stock settings: queries, prepared statements, batches, metadata, types."""

import pytest

from client_program import ClientProgram, need

PROGRAM = ClientProgram("flight_jdbc/FlightJdbc.java")


@pytest.fixture(scope="module")
def outcomes(server):
    (driver,) = need("SKEIN_FLIGHT_JDBC")
    # The driver's buffers want java.nio opened.
    return PROGRAM.run(["java", "-XX:TieredStopAtLevel=1", "--add-opens=java.base/java.nio=ALL-UNNAMED", "-cp", driver,
                        PROGRAM.source,
                        f"jdbc:arrow-flight-sql://127.0.0.1:{server.ports['flight']}/?useEncryption=false&user=tester&password=none"])


@pytest.mark.parametrize("check", PROGRAM.checks)
def test_flight_jdbc(outcomes, check):
    PROGRAM.verify(outcomes, check)
