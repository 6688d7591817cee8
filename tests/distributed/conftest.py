"""A server with a cluster in its process, and one client that asks it and DuckDB the same."""

import contextlib

import pytest

import benchmark_data
import oracle
import tables
from skein_server import SkeinServer


class Pair:
    """A session of the server and DuckDB in process, over the same views."""

    def __init__(self, cursor, peer):
        self.cursor = cursor
        self.peer = peer
        self.expected = {}

    def run(self, statement):
        """Of the server's session only."""
        self.cursor.execute(statement)
        return self.cursor.fetch_arrow_table() if self.cursor.description else None

    def set(self, **settings):
        for name, value in settings.items():
            self.run(f"SET {name} = '{value}'")

    def difference(self, sql, ordered=False):
        if sql not in self.expected:
            self.expected[sql] = self.peer.sql(sql).to_arrow_table()
        return oracle.difference(self.run(sql), self.expected[sql], ordered)

    def wrong(self, queries, ordered=False):
        """{query: what is wrong}, of those that are."""
        found = {}
        for sql in queries:
            try:
                difference = self.difference(sql, ordered)
            except Exception as error:  # noqa: BLE001
                difference = f"{type(error).__name__}: {error}"
            if difference:
                found[sql] = difference
        return found

    def explain(self, sql):
        """The rows of skein_explain."""
        text = sql.replace("'", "''")
        return self.run(f"SELECT * FROM skein_explain('{text}')").to_pylist()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """cluster(folder, workers=2, **settings): a Pair with a view for each table of the folder."""
    with contextlib.ExitStack() as stack:
        pairs = {}

        def start(folder, workers=2, **settings):
            key = (folder, workers, tuple(sorted(settings.items())))
            if key not in pairs:
                server = stack.enter_context(SkeinServer(
                    folder, tmp_path_factory.mktemp("cluster"), settings={"cluster": f"local:{workers}", **settings}))
                connection = stack.enter_context(server.connect_flight())
                cursor = stack.enter_context(connection.cursor())
                peer = stack.enter_context(benchmark_data.connect())
                pair = pairs[key] = Pair(cursor, peer)
                benchmark_data.make_views(peer, folder)
                for table in sorted(path.name for path in folder.iterdir()):
                    pair.run(f"CREATE TEMP VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}/*.parquet')")
                pair.server = server
            pair = pairs[key]
            pair.set(skein_distributed="on", num_shuffle_partitions=0, broadcast_threshold_mb=10,
                     skein_split_rows=20480, skein_range_sort_rows=500000, skein_range_windows="on")
            return pair

        yield start


@pytest.fixture
def lake(cluster, tmp_path, tmp_path_factory, request):
    """A DuckLake catalogue of its own, `lk`; no rows lie in its database, unless a test says so."""
    made = tables.Lake(cluster, tmp_path, tmp_path_factory, getattr(request, "param", "DATA_INLINING_ROW_LIMIT 0"))
    yield made
    made.close()
