"""ADBC's Java driver for Flight SQL: queries, parameters, transactions, ingest, metadata, errors."""

import pathlib

import pytest

from client_program import ClientProgram, need

PROGRAM = ClientProgram("flight_adbc_java/FlightAdbc.java")


@pytest.fixture(scope="module")
def outcomes(server):
    (folder,) = need("SKEIN_FLIGHT_ADBC_JAVA")
    jars = ":".join(sorted(map(str, pathlib.Path(folder).glob("*.jar"))))
    # The driver's buffers want java.nio opened.
    return PROGRAM.run(["java", "-XX:TieredStopAtLevel=1", "--add-opens=java.base/java.nio=ALL-UNNAMED", "-cp", jars,
                        PROGRAM.source, server.flight_uri])


@pytest.mark.parametrize("check", PROGRAM.checks)
def test_flight_adbc_java(outcomes, check):
    PROGRAM.verify(outcomes, check)
