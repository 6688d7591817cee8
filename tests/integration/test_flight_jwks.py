"""Signed bearer tokens at the Flight SQL door, by keys that their issuer publishes at an address."""

import http.server
import json
import ssl
import threading

import pytest

flight = pytest.importorskip("pyarrow.flight")

from flight_messages import query  # noqa: E402
from skein_server import SkeinServer, StartError, wait_until  # noqa: E402
from token_issuer import Issuer, bearer, openssl  # noqa: E402


class KeyServer:
    """Publishes a text. `hold` keeps askers waiting until it is set; `status` is what they get."""

    def __init__(self, text, tls=None):
        self.text, self.status, self.asked, self.location = text, 200, 0, None
        self.hold = threading.Event()
        self.hold.set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                outer.hold.wait()
                body = outer.text.encode()
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def publish():
    servers = []

    def start(text, tls=None):
        servers.append(KeyServer(text, tls))
        return servers[-1]

    yield start
    for one in servers:
        one.close()


@pytest.fixture
def issuer(tmp_path):
    return Issuer(tmp_path, "first")


def key_set(*issuers):
    return json.dumps({"keys": [one.jwk() for one in issuers]})


def settings(keys, **more):
    return {"jwt_keys_url": keys if isinstance(keys, str) else keys.url, "jwt_issuer": "https://issuer",
            "jwt_audience": "skein", **more}


def user_of(server, token):
    """Who a token's bearer is; None when it is refused."""
    options = bearer(token)
    with flight.connect(server.flight_uri) as client:
        try:
            info = client.get_flight_info(flight.FlightDescriptor.for_command(query("SELECT current_user AS u")), options)
            return client.do_get(info.endpoints[0].ticket, options).read_all().to_pylist()[0]["u"]
        except (flight.FlightUnauthenticatedError, flight.FlightUnavailableError) as error:
            assert "SQLSTATE 28000" in str(error)
            return None


def test_keys_are_fetched_and_a_new_one_is_noticed(start_server, publish, tmp_path, issuer):
    keys = publish(key_set(issuer))
    # However seldom they are fetched, and whatever clients may reach.
    server = start_server(settings=settings(keys, jwt_keys_refresh="1000h", private_endpoints="deny"))
    assert user_of(server, issuer.token()) == "ann"
    second = Issuer(tmp_path, "second")
    keys.text = key_set(issuer, second)
    wait_until(lambda: user_of(server, second.token()) == "ann", 60, "the new key was not taken")
    assert user_of(server, issuer.token()) == "ann"


def test_a_key_that_is_withdrawn_is_good_no_more(start_server, publish, tmp_path, issuer):
    keys = publish(key_set(issuer))
    server = start_server(settings=settings(keys, jwt_keys_refresh="1s"))
    assert user_of(server, issuer.token()) == "ann"
    keys.text = key_set(Issuer(tmp_path, "second"))
    wait_until(lambda: user_of(server, issuer.token()) is None, 60, "the old key stayed")


def test_invented_keys_cause_few_fetches(start_server, publish, tmp_path, issuer):
    keys = publish(key_set(issuer))
    server = start_server(settings=settings(keys))
    assert user_of(server, issuer.token()) == "ann"
    stranger = Issuer(tmp_path, "stranger").token()
    before, tries = keys.asked, 30
    for _ in range(tries):
        assert user_of(server, stranger) is None
    assert keys.asked - before < tries / 2


def test_what_is_wrong_at_the_address_keeps_the_keys(start_server, publish, issuer, tmp_path):
    keys = publish(key_set(issuer))
    elsewhere = publish(key_set(Issuer(tmp_path, "elsewhere")))
    server = start_server(settings=settings(keys, jwt_keys_refresh="1s"))
    assert user_of(server, issuer.token()) == "ann"

    def becomes(why, status=200, text="", location=None):
        keys.status, keys.text, keys.location = status, text, location
        server.wait_for_log(why)
        assert user_of(server, issuer.token()) == "ann"

    becomes("JSON Web Key Set", text="<html>hello</html>")
    becomes("the answer is 500", status=500)
    becomes("larger than", text=" " * 2_000_000)
    becomes("the answer is 302", status=302, location=elsewhere.url)
    assert elsewhere.asked == 0
    keys.server.shutdown()
    keys.server.server_close()
    server.wait_for_log("Connection refused|Could not connect|Failed to connect")
    assert user_of(server, issuer.token()) == "ann"


def test_a_server_that_does_not_answer(start_server, publish, issuer):
    keys = publish(key_set(issuer))
    keys.hold.clear()
    server = start_server(settings=settings(keys, jwt_keys_refresh="1s"))
    # Not there yet is not the same as refused; nobody else waits.
    assert user_of(server, issuer.token()) is None
    server.assert_answers()
    keys.hold.set()
    wait_until(lambda: user_of(server, issuer.token()) == "ann", 60, "the keys were not fetched")
    keys.hold.clear()
    before = keys.asked
    wait_until(lambda: keys.asked > before, 60, "the keys were not fetched again")
    assert user_of(server, issuer.token()) == "ann"
    # A fetch that hangs does not hold up the end.
    server.stop()


def test_over_tls(start_server, publish, issuer, tmp_path):
    certificate, key = tmp_path / "keys.pem", tmp_path / "keys.key"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
            "-subj", "/CN=keys", "-addext", "subjectAltName=IP:127.0.0.1")
    keys = publish(key_set(issuer), (certificate, key))
    server = start_server(settings=settings(keys, jwt_keys_ca=certificate))
    assert user_of(server, issuer.token()) == "ann"
    # Whose certificate nobody vouches for is not believed.
    other = start_server(settings=settings(keys))
    other.wait_for_log("certificate")
    assert user_of(other, issuer.token()) is None


@pytest.mark.parametrize("given,why", [
    ({"jwt_keys_url": "http://issuer.example/keys"}, "encryption"),
    ({"jwt_keys_url": "file:///etc/passwd"}, "encryption"),
    ({"jwt_keys_url": "not an address"}, "not an address"),
    ({"jwt_keys_url": "https://me:secret@issuer.example/"}, "password"),
    ({"jwt_keys_file": "keys.json"}, "jwt_keys_file"),
    ({"jwt_issuer": ""}, "jwt_issuer"),
    ({"jwt_keys_refresh": "10ms"}, "jwt_keys_refresh"),
])
def test_settings_that_cannot_be(data_dir, tmp_path, given, why):
    with pytest.raises(StartError, match=why):
        SkeinServer(data_dir, tmp_path / "refused", settings={**settings("https://issuer.example/keys"), **given}).start()


def test_paths_are_from_where_the_server_was_started(data_dir, tmp_path, issuer):
    (tmp_path / "keys.json").write_text(key_set(issuer))
    given = settings("")
    given.pop("jwt_keys_url")
    with SkeinServer(data_dir, tmp_path, settings={**given, "jwt_keys_file": "keys.json"}) as server:
        assert user_of(server, issuer.token()) == "ann"
