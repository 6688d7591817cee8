"""An Iceberg REST catalogue for tests: the Iceberg project's own, as scripts/setup test fetches it, on a free port.

    with IcebergCatalog(work_dir) as catalog:            # tables below work_dir; or, with s3, in a bucket
        catalog.attach_sql("ice") ... catalog.client()   # pyiceberg's
"""

import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

from services.s3 import ROOT, assignments, free_port

START_SECONDS = 60


class IcebergCatalog:
    """One Java process; what it knows is in a SQLite file."""

    def __init__(self, work_dir, s3=None, bucket=None, vends=False):
        self.work_dir = pathlib.Path(work_dir)
        self.s3 = s3
        self.vends = vends  # hands out the keys of the object store with each table
        self.warehouse = f"s3://{bucket}/warehouse" if s3 else f"file://{self.work_dir}/warehouse"
        self.process = None

    def start(self):
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        environment = {
            "CATALOG_CATALOG__IMPL": "org.apache.iceberg.jdbc.JdbcCatalog",
            "CATALOG_URI": f"jdbc:sqlite:file:{self.work_dir}/catalog.db", "CATALOG_JDBC_USER": "u", "CATALOG_JDBC_PASSWORD": "p",
            "CATALOG_JDBC_SCHEMA__VERSION": "V1", "CATALOG_WAREHOUSE": self.warehouse, "CATALOG_REST_PORT": str(self.port)}
        if self.s3:
            environment |= {
                "CATALOG_IO__IMPL": "org.apache.iceberg.aws.s3.S3FileIO", "CATALOG_S3_ENDPOINT": f"http://{self.s3.endpoint}",
                "CATALOG_S3_PATH__STYLE__ACCESS": "true", "CATALOG_S3_ACCESS__KEY__ID": self.s3.access_key,
                "CATALOG_S3_SECRET__ACCESS__KEY": self.s3.secret_key, "CATALOG_CLIENT_REGION": self.s3.region,
                "CATALOG_INCLUDE__CREDENTIALS": str(self.vends).lower()}
        else:
            environment["CATALOG_IO__IMPL"] = "org.apache.iceberg.hadoop.HadoopFileIO"
        jars = assignments(ROOT / "build" / "clients.env")["SKEIN_ICEBERG_REST"]
        command = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jars}/*",
                   "org.apache.iceberg.rest.RESTCatalogServer"]
        self.log_path = self.work_dir / "catalog.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **environment}, cwd=self.work_dir)
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, f"the catalogue ended and logged:\n{self.log_path.read_text()}"
            try:
                urllib.request.urlopen(f"{self.endpoint}/v1/config", timeout=5).close()
                return self
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < deadline, f"the catalogue does not answer:\n{self.log_path.read_text()}"
                time.sleep(0.05)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
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
        return f"http://127.0.0.1:{self.port}"

    def attach_sql(self, name):
        return (f"ATTACH '' AS {name} (TYPE iceberg, ENDPOINT '{self.endpoint}', AUTHORIZATION_TYPE 'none', "
                f"ACCESS_DELEGATION_MODE '{'vended_credentials' if self.vends else 'none'}')")

    def client(self):
        from pyiceberg.catalog.rest import RestCatalog
        more = {}
        if self.s3:
            more = {"s3.endpoint": f"http://{self.s3.endpoint}", "s3.access-key-id": self.s3.access_key,
                    "s3.secret-access-key": self.s3.secret_key, "s3.region": self.s3.region}
        return RestCatalog("test", uri=self.endpoint, **more)
