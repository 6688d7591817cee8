"""Who is let in: rules (hba_file), client certificates, channel binding, wrong passwords; with libpq and curl-like clients."""

import base64
import os
import subprocess

import psycopg
import pytest

from skein_server import PROGRAM, SkeinServer, StartError, wait_until

PASSWORD = "correct horse"


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """An authority, the server's certificate, and clients': ann's, one of another authority, one with two names."""
    folder = tmp_path_factory.mktemp("authority")

    def make(name, subject, issuer=None):
        key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
        openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
        request = folder / f"{name}.csr"
        openssl("req", "-new", "-key", key, "-subj", subject, "-out", request)
        signed_by = ["-CA", folder / f"{issuer}.pem", "-CAkey", folder / f"{issuer}.key", "-CAcreateserial"] if issuer \
            else ["-signkey", key]
        extensions = folder / f"{name}.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1\n" if issuer else "basicConstraints=critical,CA:TRUE\n")
        openssl("x509", "-req", "-in", request, "-days", "2", *signed_by, "-extfile", extensions, "-out", certificate)
        key.chmod(0o600)
        return {"sslcert": certificate, "sslkey": key}

    made = {"ca": make("ca", "/CN=test authority"), "other": make("other", "/CN=another authority")}
    made["server"] = make("server", "/CN=127.0.0.1", "ca")
    made["ann"] = make("ann", "/O=team/CN=ann", "ca")
    made["forged"] = make("forged", "/CN=ann", "other")
    made["two"] = make("two", "/CN=ann/CN=bob", "ca")
    return made


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users"
    set_password(path, "ann", PASSWORD)
    set_password(path, "bob", PASSWORD)
    return path


def set_password(path, name, password):
    subprocess.run([PROGRAM, "passwd", name, "--users-file", path], input=f"{password}\n".encode(), check=True,
                   capture_output=True)


def tls(authority):
    return {"tls_cert": authority["server"]["sslcert"], "tls_key": authority["server"]["sslkey"],
            "tls_client_ca": authority["ca"]["sslcert"]}


def connect(server, user, **options):
    options = {"sslcert": "/nowhere", "gssencmode": "disable", **options}
    return server.connect_pg(user=user, **options)


def refused(server, user, **options):
    with pytest.raises(psycopg.OperationalError) as error:
        connect(server, user, **options).close()
    return str(error.value)


def test_channel_binding(start_server, users, authority):
    server = start_server(settings={**tls(authority), "users_file": users})
    psql = subprocess.run(
        ["psql", "-X", "-At", "-c", "SELECT 40 + 2", server.pg_conninfo(
            user="ann", sslmode="require", channel_binding="require", sslcert="/nowhere")],
        env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True, text=True, check=False)
    assert (psql.stdout, psql.returncode) == ("42\n", 0), psql.stderr
    assert "channel binding" in refused(server, "ann", password="wrong", sslmode="disable", channel_binding="require")


def test_a_password_is_changed_without_a_restart(start_server, users):
    server = start_server(settings={"users_file": users})
    connect(server, "ann", password=f"'{PASSWORD}'").close()
    set_password(users, "ann", "another")

    wait_until(lambda: lets_in(server, "another"), seconds=10, message="the new password never worked")
    assert "password authentication failed" in refused(server, "ann", password=f"'{PASSWORD}'")
    assert PASSWORD not in server.log() and "another" not in server.log()


def lets_in(server, password):
    try:
        connect(server, "ann", password=f"'{password}'").close()
        return True
    except psycopg.OperationalError:
        return False


def test_rules(start_server, users, authority, tmp_path):
    rules = tmp_path / "hba.conf"
    rules.write_text("# certificates for ann, passwords for bob, over TLS\n"
                     "hostssl   all  ann   all           cert\n"
                     "hostssl   all  bob   127.0.0.0/8   scram-sha-256 clientcert=verify-ca\n"
                     "host      all  eve   all           reject\n"
                     "host      sales all  127.0.0.1/32  trust\n")
    server = start_server(settings={**tls(authority), "users_file": users, "hba_file": rules})
    with connect(server, "ann", sslmode="require", **authority["ann"]) as connection:
        assert connection.execute("SELECT current_user::VARCHAR IS NOT NULL").fetchone() == (True,)
    assert "requires a valid client certificate" in refused(server, "ann", sslmode="require")
    assert "no rule" in refused(server, "ann", sslmode="disable")
    assert "certificate" in refused(server, "ann", sslmode="require", **authority["two"])
    # A certificate of somebody else's authority never gets through the handshake.
    assert "unknown ca" in refused(server, "ann", sslmode="require", **authority["forged"])
    # bob needs both: any verified certificate, and his password.
    connect(server, "bob", sslmode="require", password=f"'{PASSWORD}'", **authority["ann"]).close()
    assert "password authentication failed" in refused(server, "bob", sslmode="require", password="x", **authority["ann"])
    assert "requires a valid client certificate" in refused(server, "bob", sslmode="require", password=f"'{PASSWORD}'")
    message = refused(server, "eve", sslmode="disable")
    assert "refuses user \"eve\"" in message and "line 4" in message
    connect(server, "guest", dbname="sales", sslmode="disable").close()
    assert "no rule" in refused(server, "guest", dbname="other", sslmode="disable")
    # A change holds for the next client; a wrong one changes nothing.
    rules.write_text("host all eve all trust\n")

    def eve_is_let_in():
        try:
            connect(server, "eve", sslmode="disable").close()
            return True
        except psycopg.OperationalError:
            return False

    wait_until(eve_is_let_in, message="the new rules never held")
    rules.write_text("host all all all nonsense\n")
    connect(server, "eve", sslmode="disable").close()


def test_rules_that_are_wrong(tmp_path, data_dir):
    rules = tmp_path / "hba.conf"
    rules.write_text("local all all trust\nhost all all everywhere trust\n")
    with pytest.raises(StartError) as error:
        SkeinServer(data_dir, tmp_path / "server", settings={"hba_file": rules}).start()
    assert "line 2" in str(error.value) and "everywhere" in str(error.value) and "hba_file" in str(error.value)


def test_guessing_is_slowed_down(start_server, users):
    server = start_server(settings={"users_file": users})
    for _ in range(5):
        assert "password authentication failed" in refused(server, "ann", password="guess")
    # Now the right one is not tried either, at any door.
    message = refused(server, "ann", password=f"'{PASSWORD}'")
    assert "too many log-ins failed" in message and "Try again in" in message
    basic = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
    status, _, text = server.get("/metrics", headers={"Authorization": f"Basic {basic}"})
    assert status == 401 and "too many" in text
    # Others are not slowed down, and the pause ends.
    connect(server, "bob", password=f"'{PASSWORD}'").close()
    wait_until(lambda: lets_in(server, PASSWORD), seconds=20, message="the pause never ended")
    assert "guess" not in server.log() and PASSWORD not in server.log()
