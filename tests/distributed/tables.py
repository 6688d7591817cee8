"""Questions to a server that are answered whole and cut."""

import pathlib
import threading

import benchmark_data
import oracle
from skein_server import wait_until

# What lake tables are filled with.
ROWS = 20000
SOURCE = f"SELECT i, i % 7 AS g, 'v' || i AS s, [i, NULL] AS l, {{'a': i, 'b': 'x' || i % 3}} AS t FROM range({ROWS}) r(i)"
CUT = {"num_shuffle_partitions": 3, "broadcast_threshold_mb": 0, "skein_split_rows": 2000}


class Tables:
    """A Pair of the `cluster` fixture that may read `folder`."""

    def __init__(self, cluster, folder, tmp_path_factory):
        self.folder = folder
        self.pair = cluster(benchmark_data.tpch(0.01), allowed_locations=f"{tmp_path_factory.getbasetemp()}/",
                            extensions="httpfs,ducklake,avro,iceberg,delta")
        self.pair.set(**CUT)

    def run(self, *statements):
        """The rows of the last one."""
        for statement in statements:
            rows = self.pair.run(statement)
        return rows

    def cancel(self, statement, begun):
        """Cancels it when `begun` says so; gives its error."""
        failed = []

        def run():
            try:
                self.run(statement)
            except Exception as error:  # noqa: BLE001
                failed.append(str(error))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            wait_until(begun, 60, "it does not begin")
        finally:
            self.pair.cursor.adbc_cancel()
            thread.join(60)
        assert failed
        return failed[0]

    def whole(self, sql):
        """By the session's own engine."""
        self.pair.set(skein_distributed="off")
        try:
            return self.pair.run(sql)
        finally:
            self.pair.set(skein_distributed="on")

    def why_whole(self, sql):
        """Why a statement is not cut; nothing when it is."""
        first = self.pair.explain(sql)[0]["decisions"]
        return first.removeprefix("not cut: ") if first.startswith("not cut: ") else None

    def same(self, *queries, tasks=(1, 3, 7)):
        """Each is cut, and its rows are those of the whole."""
        for sql in queries:
            assert self.why_whole(sql) is None, (self.why_whole(sql), sql)
            wanted = self.whole(sql)
            for count in tasks:
                self.pair.set(num_shuffle_partitions=count)
                assert oracle.difference(self.pair.run(sql), wanted) is None, (count, sql)
            self.pair.set(**CUT)

    def as_whole(self, *queries):
        """Cut or not, the rows are those of the whole."""
        for sql in queries:
            assert oracle.difference(self.pair.run(sql), self.whole(sql)) is None, sql


class Lake(Tables):
    """With a DuckLake catalogue `lk`; `options` are ATTACH's."""

    def __init__(self, cluster, folder, tmp_path_factory, options):
        super().__init__(cluster, folder, tmp_path_factory)
        self.run(f"ATTACH 'ducklake:{folder}/meta.ducklake' AS lk (DATA_PATH '{folder}/data/', {options})")

    def close(self):
        self.run("DETACH lk")

    def files(self):
        return sorted(path for path in (self.folder / "data").rglob("*") if path.is_file())

    def known_files(self, table):
        """What the catalogue says of the table's files."""
        return sorted(pathlib.Path(row["data_file"]) for row in
                      self.run(f"FROM ducklake_list_files('lk', '{table}')").to_pylist())
