"""An issuer of signed bearer tokens, made with the openssl program."""

import base64
import json
import subprocess
import time

import pyarrow.flight as flight


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, input=data, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bearer(token):
    return flight.FlightCallOptions(headers=[(b"authorization", f"Bearer {token}".encode())])


def url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    def __init__(self, folder, name):
        self.name, self.key = name, folder / f"{name}.key"
        openssl("genrsa", "-out", self.key, "2048")

    def jwk(self):
        modulus = openssl("rsa", "-in", self.key, "-modulus", "-noout").decode().strip().split("=")[1]
        return {"kty": "RSA", "kid": self.name, "n": url(bytes.fromhex(modulus)), "e": "AQAB"}

    def token(self, **claims):
        claims = {"iss": "https://issuer", "aud": "skein", "sub": "ann", "exp": int(time.time()) + 3600, **claims}
        text = url(json.dumps({"alg": "RS256", "kid": self.name}).encode()) + "." + url(json.dumps(claims).encode())
        return text + "." + url(openssl("dgst", "-sha256", "-sign", self.key, data=text.encode()))
