"""COPY into a folder, written by tasks: the same rows and the same kind of files as DuckDB writes, all or none."""

import contextlib
import pathlib
import re
import threading

import psycopg
import pytest

import benchmark_data
from skein_server import wait_until

ROWS = 30000
# NULL, text that needs quotes, keys that a path must escape.
SOURCE = ("SELECT i, CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'a/b' WHEN 2 THEN 'x=y z' WHEN 3 THEN '' ELSE 'plain' END"
          " AS k, 'line ' || i || chr(10) || '\"q\", ' || repeat('z', (i % 50)::INTEGER) AS t, i / 7 AS d,"
          f" [i, NULL] AS l FROM range({ROWS}) r(i)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("writes")


@pytest.fixture
def pair(cluster, folder):
    one = cluster(benchmark_data.tpch(0.01), allowed_locations=str(folder) + "/")
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=1000)
    source = folder / "source.parquet"
    if not source.exists():
        one.peer.execute(f"COPY ({SOURCE}) TO '{source}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    one.source = source
    return one


@pytest.fixture
def target(folder, request):
    return folder / re.sub(r"\W+", "_", request.node.name)


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def written_by_tasks(pair, statement):
    """Stages of the statement that write, and have several tasks."""
    text = statement.replace("'", "''")
    plan = pair.run(f"SELECT * FROM skein_explain('{text}')").to_pylist()
    return [stage for stage in plan if "COPY_TO_FILE" in stage["plan"] and (stage["tasks"] or 0) > 1]


@contextlib.contextmanager
def pg(pair):
    """A connection over PostgreSQL's protocol, with the settings of the pair's."""
    with pair.server.connect_pg() as connection:
        for name, value in (("skein_distributed", "on"), ("num_shuffle_partitions", 3), ("broadcast_threshold_mb", 0),
                            ("skein_split_rows", 1000)):
            connection.execute(f"SET {name} = '{value}'")
        yield connection


def same_rows(pair, one, other, columns="*"):
    left = pair.peer.sql(f"SELECT {columns} FROM {one}")
    assert sorted(map(repr, left.fetchall())) == sorted(map(repr, pair.peer.sql(f"SELECT {columns} FROM {other}").fetchall()))


@pytest.mark.parametrize("tasks", [1, 2, 3, 7])
@pytest.mark.parametrize("options", ["PER_THREAD_OUTPUT", "FILE_SIZE_BYTES '200kB'", "PARTITION_BY (k)",
                                     "PARTITION_BY (k), WRITE_PARTITION_COLUMNS",
                                     "PER_THREAD_OUTPUT, COMPRESSION zstd, FILENAME_PATTERN 'part_{uuid}'"])
def test_parquet(pair, target, tasks, options):
    pair.set(num_shuffle_partitions=tasks)
    statement = f"COPY (SELECT * FROM '{pair.source}') TO '{target}' (FORMAT parquet, {options})"
    assert len(written_by_tasks(pair, statement)) == (1 if tasks > 1 else 0)
    pair.run(statement)
    same_rows(pair, f"read_parquet('{target}/**/*.parquet', hive_partitioning = {'PARTITION' in options})",
              f"'{pair.source}'", "i, nullif(k, '') AS k, t, d, l")
    # Nothing but the files of the answer, and each has its place.
    assert all(name.endswith(".parquet") and "part" not in pathlib.Path(name).suffix for name in files(target))
    if "PARTITION_BY" in options:
        mine = target.parent / (target.name + "_duckdb")
        pair.peer.execute(f"COPY (SELECT * FROM '{pair.source}') TO '{mine}' (FORMAT parquet, {options})")
        assert {path.rsplit("/", 1)[0] for path in files(target)} == {path.rsplit("/", 1)[0] for path in files(mine)}
    if "FILE" not in options:
        assert all(pathlib.Path(name).name.startswith("data_") for name in files(target))


@pytest.mark.parametrize("options", ["PER_THREAD_OUTPUT", "PER_THREAD_OUTPUT, COMPRESSION gzip, HEADER, DELIMITER ';'",
                                     "PARTITION_BY (k), HEADER, NULLSTR 'none'"])
def test_csv(pair, target, options):
    query = f"SELECT i, k, t, d FROM '{pair.source}'"
    statement = f"COPY ({query}) TO '{target}' (FORMAT csv, {options})"
    assert written_by_tasks(pair, statement)
    pair.run(statement)
    mine = target.parent / (target.name + "_duckdb")
    pair.peer.execute(f"COPY ({query}) TO '{mine}' (FORMAT csv, {options})")
    read = ("read_csv('{}', hive_partitioning = " + str("PARTITION" in options) + ", delim = '"
            + (";" if ";" in options else ",") + "', header = true, nullstr = 'none')")
    ending = "**/*.csv.gz" if "gzip" in options else "**/*.csv"
    assert files(target) and all(name.endswith(ending.split("*")[-1]) for name in files(target))
    same_rows(pair, read.format(f"{target}/{ending}"), read.format(f"{mine}/{ending}"))


def test_the_count_of_rows(pair, target, folder):
    with pg(pair) as connection:
        cursor = connection.execute(f"COPY (SELECT * FROM '{pair.source}' WHERE i % 3 = 0) TO '{target}'"
                                    " (FORMAT parquet, PER_THREAD_OUTPUT)")
        assert (cursor.statusmessage, cursor.rowcount) == ("COPY 10000", 10000)


def test_queries_of_every_shape(pair, target):
    """Where the rows lie in one task at last, one engine writes."""
    for number, query in enumerate([
            f"SELECT k, count(*) AS n, max(i) AS s FROM '{pair.source}' GROUP BY k",
            f"SELECT a.i, b.t FROM '{pair.source}' a JOIN '{pair.source}' b ON a.i = b.i * 2",
            f"SELECT i FROM '{pair.source}' ORDER BY i DESC LIMIT 100",
            f"SELECT i FROM '{pair.source}' UNION ALL SELECT i + 1 FROM '{pair.source}'",
            f"SELECT count(*) AS n FROM '{pair.source}'"]):
        pair.run(f"COPY ({query}) TO '{target}/{number}' (FORMAT parquet, PER_THREAD_OUTPUT)"
                 if number else f"COPY ({query}) TO '{target}' (FORMAT parquet, PER_THREAD_OUTPUT)")
        same_rows(pair, f"'{target}{f'/{number}' if number else ''}/*.parquet'", f"({query})")


def test_one_file_keeps_its_order(pair, target):
    query = f"SELECT i, t FROM '{pair.source}' ORDER BY t, i"
    pair.run(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
    assert target.is_file()
    assert pair.peer.sql(f"SELECT i FROM read_parquet('{target}')").fetchall() == pair.peer.sql(f"SELECT i FROM ({query})").fetchall()


@pytest.mark.parametrize("options, count", [("PER_THREAD_OUTPUT", 1), ("PARTITION_BY (k)", 0)])
def test_no_rows(pair, target, options, count):
    pair.run(f"COPY (SELECT * FROM '{pair.source}' WHERE i < 0) TO '{target}' (FORMAT parquet, {options})")
    assert len(files(target)) == count
    if count:
        assert pair.peer.sql(f"SELECT * FROM '{target}/*.parquet'").columns == ["i", "k", "t", "d", "l"]


def test_folders_that_have_files(pair, target):
    def write(options, where="true"):
        pair.run(f"COPY (SELECT * FROM '{pair.source}' WHERE {where}) TO '{target}'"
                 f" (FORMAT parquet, PER_THREAD_OUTPUT{options})")
    def count():
        return pair.peer.sql(f"SELECT count(*) FROM '{target}/**/*.parquet'").fetchone()[0]
    write("")
    first = files(target)
    with pytest.raises(Exception, match="is not empty"):
        write("")
    assert files(target) == first
    write(", APPEND", "i < 1000")
    assert count() == ROWS + 1000
    assert set(files(target)) > set(first)
    (target / "sub").mkdir()
    (target / "sub" / "old.parquet").write_bytes((target / first[0]).read_bytes())
    write(", OVERWRITE", "i < 500")
    assert count() == 500
    assert "sub/old.parquet" not in files(target)
    (target / "notes.txt").write_text("mine")
    write(", OVERWRITE_OR_IGNORE", "i < 600")
    assert "notes.txt" in files(target)
    assert not [path for path in target.iterdir() if path.name.startswith(".skein")]


@pytest.mark.parametrize("options", ["", ", OVERWRITE", ", APPEND"])
def test_a_failure_in_the_middle_leaves_nothing_new(pair, target, options):
    if options:
        target.mkdir()
        (target / "old.parquet").write_bytes(pair.source.read_bytes())
    before = files(target) if options else None
    with pytest.raises(Exception, match="no number"):
        pair.run(f"COPY (SELECT i, CASE WHEN i = {ROWS - 7} THEN error('no number') END AS e, t FROM '{pair.source}')"
                 f" TO '{target}' (FORMAT parquet, PER_THREAD_OUTPUT{options})")
    if options:
        assert files(target) == before
    else:
        assert not target.exists()


def test_a_cancelled_copy_leaves_nothing(pair, target):
    endless = f"SELECT a.i, b.t FROM '{pair.source}' a JOIN '{pair.source}' b ON a.i % 3 = b.i % 3"
    with pg(pair) as connection:
        statement = f"COPY ({endless}) TO '{target}' (FORMAT parquet, PER_THREAD_OUTPUT)"
        assert written_by_tasks(pair, statement)
        raised = []

        def run():
            try:
                connection.execute(statement)
            except psycopg.Error as error:
                raised.append(error.sqlstate)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            wait_until(lambda: target.exists() and any(name.endswith(".part") for name in files(target)), seconds=60)
        finally:
            connection.cancel_safe()
            thread.join()
    assert raised == ["57014"]
    assert not target.exists()


def test_what_may_not_be_written(pair, tmp_path):
    outside = tmp_path / "outside"
    with pytest.raises(Exception, match="[Pp]ermission|disabled"):
        pair.run(f"COPY (SELECT * FROM '{pair.source}') TO '{outside}' (FORMAT parquet, PER_THREAD_OUTPUT)")
    assert not outside.exists()
    file = pair.source.parent / "a_file"
    file.write_text("x")
    with pytest.raises(Exception, match="is a file"):
        pair.run(f"COPY (SELECT * FROM '{pair.source}') TO '{file}' (FORMAT parquet, PER_THREAD_OUTPUT)")
    assert file.read_text() == "x"


def test_two_at_the_same_time(pair, target):
    """Into the same folder: the files of one of them are there, all of them."""
    failures = []

    def write(low):
        with pg(pair) as connection:
            try:
                connection.execute(f"COPY (SELECT * FROM '{pair.source}' WHERE i >= {low} AND i < {low} + 9000) TO"
                                   f" '{target}' (FORMAT parquet, PER_THREAD_OUTPUT, OVERWRITE)")
            except psycopg.Error as error:
                failures.append(str(error))
    threads = [threading.Thread(target=write, args=(low,)) for low in (0, 10000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [path for path in target.iterdir() if path.name.startswith(".skein")]
    assert pair.peer.sql(f"SELECT count(*), max(i) - min(i) FROM '{target}/*.parquet'").fetchone() == (9000, 8999)
    assert not failures
