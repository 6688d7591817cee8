"""A catalogue that vends credentials, in front of one that does not know where its object store is:

    with Vending(catalog, {"token of ann": (access_key, secret_key)}) as vending:
        vending.secret_sql("token of ann"), vending.attach_sql("ice")

Answers are the catalogue's. To those that describe a table it adds what a client needs for the store: the keys that belong to
the caller's token, and the endpoint. Without a token that it knows there is no answer."""

import http.server
import json
import threading
import urllib.error
import urllib.request


class Vending:
    def __init__(self, catalog, keys):
        self.catalog = catalog
        self.keys = keys
        self.vended = []  # the token of each answer that had keys

    def configuration(self, token):
        access_key, secret_key = self.keys[token]
        return {"s3.access-key-id": access_key, "s3.secret-access-key": secret_key, "s3.endpoint": f"http://{self.catalog.s3.endpoint}",
                "s3.path-style-access": "true", "client.region": self.catalog.s3.region, "s3.region": self.catalog.s3.region}

    def answer(self, method, path, headers, body):
        """(status, bytes)."""
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.keys:
            return 401, b'{"error": {"message": "no token that is known", "type": "NotAuthorizedException", "code": 401}}'
        request = urllib.request.Request(self.catalog.endpoint + path, data=body, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as found:
                status, text = found.status, found.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        if b'"metadata-location"' in text or b'"metadata"' in text:
            described = json.loads(text)
            if "metadata" in described and "vended-credentials" in headers.get("X-Iceberg-Access-Delegation", ""):
                described["config"] = {**described.get("config", {}), **self.configuration(token)}
                self.vended.append(token)
                text = json.dumps(described).encode()
        return status, text

    def __enter__(self):
        vending = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                length = int(self.headers.get("Content-Length") or 0)
                status, text = vending.answer(self.command, self.path, self.headers, self.rfile.read(length) or None)
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD" and status != 204:
                    self.wfile.write(text)

            do_GET = do_POST = do_DELETE = do_HEAD = handle_one

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def secret_sql(self, token):
        return f"CREATE SECRET catalogue (TYPE iceberg, TOKEN '{token}')"

    def attach_sql(self, name):
        return (f"ATTACH '' AS {name} (TYPE iceberg, ENDPOINT 'http://127.0.0.1:{self.server.server_port}', SECRET catalogue, "
                "ACCESS_DELEGATION_MODE 'vended_credentials')")
