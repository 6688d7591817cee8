"""gRPC's health service, on the HTTP door's port, as load balancers ask it."""

import os
import queue
import signal
import socket
import subprocess
import threading

import pytest

grpc = pytest.importorskip("grpc")
from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: E402

FLIGHT = "arrow.flight.protocol.FlightService"
State = health_pb2.HealthCheckResponse
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def connect(server, credentials=None):
    address = f"127.0.0.1:{server.ports['http']}"
    return grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)


def check(channel, service=""):
    stub = health_pb2_grpc.HealthStub(channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=30).status


class Watcher:
    """What a Watch call tells; at its end the code it ended with."""

    def __init__(self, channel, service):
        self.told = queue.Queue()
        self.call = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=service))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            for answer in self.call:
                self.told.put(answer.status)
        except grpc.RpcError as error:
            self.told.put(error.code())

    def next(self):
        return self.told.get(timeout=60)


def test_check(server):
    with connect(server) as channel:
        assert check(channel) == State.SERVING
        assert check(channel, FLIGHT) == State.SERVING
        with pytest.raises(grpc.RpcError) as raised:
            check(channel, "no.such.Service")
        assert raised.value.code() == grpc.StatusCode.NOT_FOUND
        with pytest.raises(grpc.RpcError) as raised:
            channel.unary_unary("/grpc.health.v1.Health/Other")(b"", timeout=30)
        assert raised.value.code() == grpc.StatusCode.UNIMPLEMENTED
        with pytest.raises(grpc.RpcError) as raised:
            channel.unary_unary("/grpc.health.v1.Health/Check")(b"\xff" * 10, timeout=30)
        assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        with pytest.raises(grpc.RpcError) as raised:
            channel.unary_unary("/grpc.health.v1.Health/Check")(b"x" * 1_000_000, timeout=30)
        assert raised.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        # All of it on one connection, which still serves.
        assert check(channel) == State.SERVING


def test_a_door_that_is_shut_is_no_service(start_server):
    server = start_server(settings={"flight_sql_port": "off"})
    with connect(server) as channel:
        assert check(channel) == State.SERVING
        with pytest.raises(grpc.RpcError) as raised:
            check(channel, FLIGHT)
        assert raised.value.code() == grpc.StatusCode.NOT_FOUND
        watcher = Watcher(channel, FLIGHT)
        assert watcher.next() == State.SERVICE_UNKNOWN
        watcher.call.cancel()


def test_the_stop_is_told_before_it_is_over(start_server):
    server = start_server()
    with connect(server) as channel:
        with server.connect_pg() as reader:
            rows = reader.cursor().stream("SELECT repeat('x', 100000) AS s FROM range(1000)")
            next(rows)
            watchers = [Watcher(channel, service) for service in ("", FLIGHT)]
            assert [watcher.next() for watcher in watchers] == [State.SERVING] * 2
            os.kill(server.pid, signal.SIGTERM)
            assert [watcher.next() for watcher in watchers] == [State.NOT_SERVING] * 2
            assert check(channel, FLIGHT) == State.NOT_SERVING
            with connect(server) as another:
                assert check(another) == State.NOT_SERVING
            assert sum(1 for _ in rows) == 999
        assert [watcher.next() for watcher in watchers] == [grpc.StatusCode.UNAVAILABLE] * 2
    assert server.process.wait(30) == 0


def test_over_tls(start_server, tmp_path):
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=skein", "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                   capture_output=True)
    server = start_server(settings={"tls_cert": certificate, "tls_key": key, "tls": "require"})
    with connect(server, grpc.ssl_channel_credentials(certificate.read_bytes())) as channel:
        assert check(channel, FLIGHT) == State.SERVING
    with connect(server) as channel, pytest.raises(grpc.RpcError) as raised:
        check(channel)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("bytes_sent", [
    PREFACE + b"\xff" * 1000,
    PREFACE + b"\x00\x00\x06\x08\x00\x00\x00\x00\x00" + b"\x00" * 6,
    PREFACE + b"\x00\x40\x01\x01\x25\x00\x00\x00\x01" + b"\x82" * 20000,
    PREFACE[:10] + b"garbage\r\n\r\n",
], ids=["noise", "an increment of nothing", "a frame too large", "half a preface"])
def test_garbage_ends_the_connection(server, bytes_sent):
    with socket.create_connection(("127.0.0.1", server.ports["http"]), 60) as client:
        client.sendall(bytes_sent)
        try:
            while client.recv(65536):
                pass
        except ConnectionResetError:
            pass
    with connect(server) as channel:
        assert check(channel) == State.SERVING


def test_a_client_that_comes_and_goes_costs_nothing(server):
    for _ in range(50):
        with connect(server) as channel:
            watcher = Watcher(channel, FLIGHT)
            assert watcher.next() == State.SERVING
    server.assert_answers()
