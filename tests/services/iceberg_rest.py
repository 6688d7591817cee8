"""An Iceberg REST catalogue for tests: the Iceberg project's own, as scripts/setup test fetches it, on a free port.

    with IcebergCatalog(work_dir) as catalog:            # tables below work_dir; or, with s3, in a bucket
        catalog.attach_sql("ice") ... catalog.client()   # pyiceberg's
"""

import urllib.request

from services.process import Service, installed


class IcebergCatalog(Service):
    """One Java process; what it knows is in a SQLite file."""

    name = "the catalogue"
    start_seconds = 60
    stop_seconds = 10

    def __init__(self, work_dir, s3=None, bucket=None, vends=False):
        super().__init__(work_dir)
        self.s3 = s3
        self.vends = vends  # hands out the keys of the object store with each table
        self.warehouse = f"s3://{bucket}/warehouse" if s3 else f"file://{self.work_dir}/warehouse"

    def environment(self):
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
        return environment

    def command(self):
        return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{installed('SKEIN_ICEBERG_REST')}/*",
                "org.apache.iceberg.rest.RESTCatalogServer"]

    def ready(self):
        urllib.request.urlopen(f"{self.endpoint}/v1/config", timeout=5).close()

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
