"""An S3 server for tests: versitygw, as scripts/setup test builds it, over a folder, on a free port.

    with S3Server(work_dir) as s3:
        s3.make_bucket("lake"); s3.secret_sql("mine") ... s3.objects ... s3.client()
"""

import socket

from services.process import Service, installed


def program():
    return installed("SKEIN_S3_SERVER")


class S3Server(Service):
    """One versitygw process. What is in its buckets are plain files below `objects`."""

    name = "versitygw"
    region = "us-east-1"

    def __init__(self, work_dir, access_key="AKIASKEINTESTKEY", secret_key="Vq7+skeinTestSecret/0123456789abcdef"):
        super().__init__(work_dir)
        self.objects = self.work_dir / "objects"
        self.access_key = access_key
        self.secret_key = secret_key

    def command(self):
        self.objects.mkdir(parents=True)
        (self.work_dir / "iam").mkdir()
        # Never --keep-alive: it corrupts connections after uploads with trailers.
        return [program(), "--port", self.endpoint, "--access", self.access_key, "--secret", self.secret_key,
                "--region", self.region, "--quiet", "--iam-dir", self.work_dir / "iam", "posix", self.objects]

    def ready(self):
        socket.create_connection(("127.0.0.1", self.port), 1).close()

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
