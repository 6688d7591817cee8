"""An S3 server for tests: versitygw, as scripts/setup test builds it, over a folder, on a free port.

    with S3Server(work_dir) as s3:
        s3.make_bucket("lake"); s3.secret_sql("mine") ... s3.objects ... s3.client()
"""

import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
START_SECONDS = 20


def assignments(path):
    lines = path.read_text().splitlines()
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines) if value}


def program():
    return assignments(ROOT / "build" / "clients.env")["SKEIN_S3_SERVER"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class S3Server:
    """One versitygw process. What is in its buckets are plain files below `objects`."""

    region = "us-east-1"

    def __init__(self, work_dir, access_key="AKIASKEINTESTKEY", secret_key="Vq7+skeinTestSecret/0123456789abcdef"):
        self.work_dir = pathlib.Path(work_dir)
        self.objects = self.work_dir / "objects"
        self.access_key = access_key
        self.secret_key = secret_key
        self.process = None

    def start(self):
        self.objects.mkdir(parents=True)
        (self.work_dir / "iam").mkdir()
        self.port = free_port()
        # Never --keep-alive: it corrupts connections after uploads with trailers.
        command = [program(), "--port", self.endpoint, "--access", self.access_key, "--secret", self.secret_key,
                   "--region", self.region, "--quiet", "--iam-dir", self.work_dir / "iam", "posix", self.objects]
        self.log_path = self.work_dir / "s3.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, f"versitygw ended and logged:\n{self.log_path.read_text()}"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                assert time.monotonic() < deadline, "versitygw does not listen"
                time.sleep(0.02)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop()

    @property
    def endpoint(self):
        return f"127.0.0.1:{self.port}"

    def client(self):
        import boto3
        from botocore.config import Config
        return boto3.client("s3", endpoint_url=f"http://{self.endpoint}", region_name=self.region,
                            aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key,
                            config=Config(s3={"addressing_style": "path"}, proxies={}))

    def make_bucket(self, name):
        self.client().create_bucket(Bucket=name)

    def secret_sql(self, name, access_key=None, secret_key=None, endpoint=None):
        """CREATE SECRET that lets DuckDB in."""
        return (f"CREATE SECRET {name} (TYPE s3, KEY_ID '{access_key or self.access_key}', "
                f"SECRET '{secret_key or self.secret_key}', ENDPOINT '{endpoint or self.endpoint}', "
                f"REGION '{self.region}', USE_SSL false, URL_STYLE 'path')")

    def settings_sql(self, access_key=None, secret_key=None):
        """The same by SET, a statement each."""
        return [f"SET s3_endpoint = '{self.endpoint}'", f"SET s3_region = '{self.region}'",
                "SET s3_use_ssl = false", "SET s3_url_style = 'path'",
                f"SET s3_access_key_id = '{access_key or self.access_key}'",
                f"SET s3_secret_access_key = '{secret_key or self.secret_key}'"]
