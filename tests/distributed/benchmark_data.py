"""TPC-H and TPC-DS as folders of Parquet files, several for each large table, made once; and the queries of both."""

import fcntl
import pathlib
import shutil

import duckdb

from skein_server import ROOT

FOLDER = ROOT / "build" / "test-data-distributed"
# What the files are made by; another number makes them anew.
EDITION = 1


def connect():
    lines = (ROOT / "build" / "deps.env").read_text().splitlines()
    deps = dict(line.split("=", 1) for line in lines if "=" in line)
    config = {"extension_directory": deps["SKEIN_EXTENSION_DIR"], "autoinstall_known_extensions": "false"}
    return duckdb.connect(config=config)


def make(name, generate, files, row_group_rows):
    """The folder `name`: a folder for each table that `generate` fills a connection with."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = FOLDER / f"{name}-{EDITION}"
    with open(FOLDER / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder
        new = pathlib.Path(f"{folder}.new")
        shutil.rmtree(new, ignore_errors=True)
        with connect() as connection:
            generate(connection)
            for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
                count = files if rows > 1000 else 1
                each = -(-rows // count) or 1
                (new / table).mkdir(parents=True)
                for i in range(count):
                    connection.execute(
                        f"COPY (SELECT * FROM {table} LIMIT {each} OFFSET {i * each}) TO '{new / table}/{i}.parquet' "
                        f"(FORMAT parquet, ROW_GROUP_SIZE {row_group_rows})")
        new.rename(folder)
    return folder


def tpch(scale):
    def generate(connection):
        connection.execute("LOAD tpch")
        connection.execute(f"CALL dbgen(sf={scale})")
    return make(f"tpch-{scale}", generate, 4, 20480)


def tpcds(scale):
    def generate(connection):
        connection.execute("LOAD tpcds")
        connection.execute(f"CALL dsdgen(sf={scale})")
    return make(f"tpcds-{scale}", generate, 3, 20480)


def queries(extension):
    with connect() as connection:
        connection.execute(f"LOAD {extension}")
        found = connection.execute(f"SELECT query_nr, query FROM {extension}_queries() ORDER BY 1").fetchall()
    return {number: sql.strip().rstrip(";") for number, sql in found}


def make_views(connection, folder):
    for table in sorted(path.name for path in folder.iterdir()):
        connection.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}/*.parquet')")


def many_keys():
    """A table `keys` of 1.5 million numbers."""
    def generate(connection):
        connection.execute("CREATE TABLE keys AS SELECT i AS k FROM range(1500000) t(i)")
    return make("many-keys", generate, 4, 122880)
