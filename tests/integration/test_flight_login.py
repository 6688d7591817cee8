"""Who is let in at the Flight SQL door: passwords, signed tokens, certificates; and what travels compressed."""

import json
import socket
import subprocess
import threading
import time

import pytest

flight = pytest.importorskip("pyarrow.flight")
pa = pytest.importorskip("pyarrow")

from flight_messages import query  # noqa: E402
from skein_server import PROGRAM, SkeinServer, StartError, wait_until  # noqa: E402
from token_issuer import Issuer, bearer, openssl  # noqa: E402

PASSWORD = "correct horse"


def run(client, sql, options=None):
    info = client.get_flight_info(flight.FlightDescriptor.for_command(query(sql)), options)
    return client.do_get(info.endpoints[0].ticket, options).read_all().to_pylist()


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users"
    for name in ("ann", "bob"):
        subprocess.run([PROGRAM, "passwd", name, "--users-file", path], input=f"{PASSWORD}\n".encode(), check=True,
                       capture_output=True)
    return path


def test_a_ticket_is_good_for_its_user_alone(start_server, users):
    server = start_server(settings={"users_file": users})
    with flight.connect(server.flight_uri) as client, flight.connect(server.flight_uri) as other:
        ann = flight.FlightCallOptions(headers=[client.authenticate_basic_token("ann", PASSWORD)])
        again = flight.FlightCallOptions(headers=[other.authenticate_basic_token("ann", PASSWORD)])
        bob = flight.FlightCallOptions(headers=[other.authenticate_basic_token("bob", PASSWORD)])
        ticket = client.get_flight_info(flight.FlightDescriptor.for_command(query("SELECT 'hers' AS v")), ann)
        ticket = ticket.endpoints[0].ticket
        with pytest.raises(pa.ArrowKeyError, match="SQLSTATE 34000"):
            other.do_get(ticket, bob).read_all()
        with pytest.raises(flight.FlightUnauthenticatedError):
            other.do_get(ticket).read_all()
        # Another session of the same user may.
        assert other.do_get(ticket, again).read_all().to_pylist() == [{"v": "hers"}]
        assert client.do_get(ticket, ann).read_all().to_pylist() == [{"v": "hers"}]


@pytest.fixture
def issuer(tmp_path):
    made = Issuer(tmp_path, "first")
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [made.jwk()]}))
    return made


def jwt_settings(tmp_path, **more):
    return {"jwt_keys_file": tmp_path / "keys.json", "jwt_issuer": "https://issuer", "jwt_audience": "skein", **more}


def test_signed_tokens(start_server, users, tmp_path, issuer):
    server = start_server(settings=jwt_settings(tmp_path, users_file=users))
    with flight.connect(server.flight_uri) as client:
        assert run(client, "SELECT current_user AS u", bearer(issuer.token())) == [{"u": "ann"}]
        for wrong, why in (
            (issuer.token(exp=int(time.time()) - 120), "has expired"),
            (issuer.token(aud="another"), "another audience"),
            (issuer.token(iss="another"), "another issuer"),
            (issuer.token()[:-4] + "AAAA", "not signed by a known key"),
            (Issuer(tmp_path, "stranger").token(), "not signed by a known key"),
        ):
            with pytest.raises(flight.FlightUnauthenticatedError, match=rf"{why}.*SQLSTATE 28000"):
                run(client, "SELECT 1 AS one", bearer(wrong))
        # A session lasts as long as its token: what it keeps is there with the next call.
        token = issuer.token()
        run(client, "CREATE TEMP TABLE kept AS SELECT 7 AS i", bearer(token))
        assert run(client, "SELECT i FROM kept", bearer(token)) == [{"i": 7}]


def test_a_token_that_expires_ends_its_session(start_server, tmp_path, issuer):
    server = start_server(settings=jwt_settings(tmp_path, jwt_skew="0s"))
    token = bearer(issuer.token(exp=int(time.time()) + 3))
    with flight.connect(server.flight_uri) as client:
        def refused():
            try:
                run(client, "SELECT 1 AS one", token)
                return False
            except flight.FlightUnauthenticatedError as error:
                return "has expired" in str(error)

        wait_until(refused, 60, "it did not happen in time")


def test_new_keys_are_taken(start_server, tmp_path, issuer):
    server = start_server(settings=jwt_settings(tmp_path))
    second = Issuer(tmp_path, "second")
    with flight.connect(server.flight_uri) as client:
        with pytest.raises(flight.FlightUnauthenticatedError):
            run(client, "SELECT 1 AS one", bearer(second.token()))
        (tmp_path / "keys.json").write_text(json.dumps({"keys": [second.jwk()]}))

        def taken():
            try:
                return run(client, "SELECT 1 AS one", bearer(second.token())) == [{"one": 1}]
            except flight.FlightUnauthenticatedError:
                return False

        wait_until(taken, 60, "it did not happen in time")
        with pytest.raises(flight.FlightUnauthenticatedError):
            run(client, "SELECT 1 AS one", bearer(issuer.token()))


def test_settings_that_cannot_be(data_dir, tmp_path, issuer):
    def start(settings):
        SkeinServer(data_dir, tmp_path / "refused", settings=settings).start()

    with pytest.raises(StartError, match="jwt_audience"):
        start({"jwt_keys_file": tmp_path / "keys.json", "jwt_issuer": "https://issuer"})
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(StartError, match="JSON Web Key Set"):
        start(jwt_settings(tmp_path))


@pytest.fixture
def authority(tmp_path):
    """An authority and certificates of the server, a client, and a client of another authority."""

    def make(name, issuer=None):
        key, certificate, extensions = (tmp_path / f"{name}.{end}" for end in ("key", "pem", "ext"))
        openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
        openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", tmp_path / f"{name}.csr")
        signed_by = ["-CA", tmp_path / f"{issuer}.pem", "-CAkey", tmp_path / f"{issuer}.key", "-CAcreateserial"] \
            if issuer else ["-signkey", key]
        extensions.write_text("subjectAltName=IP:127.0.0.1\n" if issuer else "basicConstraints=critical,CA:TRUE\n")
        openssl("x509", "-req", "-in", tmp_path / f"{name}.csr", "-days", "2", *signed_by, "-extfile", extensions,
                "-out", certificate)
        return certificate.read_bytes(), key.read_bytes()

    made = {"ca": make("ca"), "other": make("other"), "server": make("server", "ca"), "ann": make("ann", "ca"),
            "forged": make("forged", "other")}
    made["settings"] = {"tls_cert": tmp_path / "server.pem", "tls_key": tmp_path / "server.key",
                        "tls_client_ca": tmp_path / "ca.pem"}
    return made


def secure(server, authority, name=None):
    chain, key = authority[name] if name else (None, None)
    return flight.connect(f"grpc+tls://127.0.0.1:{server.ports['flight']}", tls_root_certs=authority["ca"][0],
                          cert_chain=chain, private_key=key)


def test_encryption(start_server, authority):
    server = start_server(settings=authority["settings"])
    with secure(server, authority) as client:
        assert run(client, "SELECT 1 AS one") == [{"one": 1}]
    with flight.connect(f"grpc+tls://127.0.0.1:{server.ports['flight']}", tls_root_certs=authority["other"][0]) as client:
        with pytest.raises(flight.FlightUnavailableError):
            run(client, "SELECT 1 AS one")


def test_client_certificates(start_server, authority):
    server = start_server(settings=authority["settings"], environment={"FLIGHT_CLIENT_CERTIFICATES": "true"})
    with secure(server, authority, "ann") as client:
        assert run(client, "SELECT 1 AS one") == [{"one": 1}]
    for name in (None, "forged"):
        with secure(server, authority, name) as client, pytest.raises(flight.FlightUnavailableError):
            run(client, "SELECT 1 AS one")


class CountingProxy:
    """Hands bytes on to a port, and counts those that come back."""

    def __init__(self, port):
        self.target, self.bytes = port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self.pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, True), daemon=True).start()

    def pump(self, source, sink, counted):
        try:
            while data := source.recv(1 << 16):
                self.bytes += len(data) if counted else 0
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()


def test_bodies_are_compressed_when_asked(server):
    sql = "SELECT repeat('x', 100) AS s FROM range(100000)"
    sizes = {}
    for codec in ("none", "lz4", "zstd"):
        proxy = CountingProxy(server.ports["flight"])
        options = flight.FlightCallOptions(headers=[(b"x-skein-compression", codec.encode())])
        with flight.connect(f"grpc://127.0.0.1:{proxy.port}") as client:
            assert len(run(client, sql, options)) == 100_000
        sizes[codec] = proxy.bytes
        proxy.listener.close()
    assert sizes["none"] > 10_000_000
    assert sizes["lz4"] < 1_000_000 and sizes["zstd"] < 1_000_000
    with flight.connect(server.flight_uri) as client, pytest.raises(pa.ArrowInvalid, match="SQLSTATE 22023"):
        run(client, sql, flight.FlightCallOptions(headers=[(b"x-skein-compression", b"snappy")]))
