"""What a scan that is split must get right: files that differ, names that look like patterns, columns that are no
columns; and what is not split."""

import pytest

import benchmark_data


@pytest.fixture
def files(cluster, tmp_path_factory):
    """files(name, {file: query}): a folder of Parquet files; the Pair may read it."""
    folder = tmp_path_factory.mktemp("scans")
    pair = cluster(benchmark_data.tpch(0.01), allowed_locations=str(folder.parent) + "/")
    pair.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=1000)

    def write(**queries):
        for name, query in queries.items():
            path = folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            text = str(path).replace("'", "''")
            pair.peer.execute(f"COPY ({query}) TO '{text}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        return folder
    pair.files = write
    return pair


def same(pair, sql, ordered=False):
    assert pair.difference(sql, ordered) is None, sql


def test_the_order_and_the_types_of_columns_differ(files):
    folder = files.files(a="SELECT i::INTEGER AS x, 'a' || i AS y FROM range(5000) t(i)",
                         b="SELECT 'b' || i AS y, i::SMALLINT AS x FROM range(3000) t(i)")
    same(files, f"SELECT x, y FROM '{folder}/*.parquet'")
    same(files, f"SELECT count(*), sum(x), min(y) FROM '{folder}/*.parquet' WHERE x % 7 = 3")


def test_columns_that_some_files_lack(files):
    folder = files.files(a="SELECT i AS x, i * 2 AS only_a FROM range(5000) t(i)",
                         b="SELECT i AS x, {'k': i} AS only_b FROM range(3000) t(i)")
    scan = f"read_parquet('{folder}/*.parquet', union_by_name = true, filename = true)"
    same(files, f"SELECT x, only_a, only_b, filename FROM {scan}")
    same(files, f"SELECT filename, count(only_a), count(only_b), sum(x) FROM {scan} GROUP BY 1")
    same(files, f"SELECT count(*) FROM {scan} WHERE only_a IS NULL")


def test_a_missing_column_is_the_same_error(files):
    folder = files.files(a="SELECT i AS x, i AS y FROM range(5000) t(i)", b="SELECT i AS x FROM range(3000) t(i)")
    with pytest.raises(Exception, match="y"):
        files.run(f"SELECT sum(y) FROM '{folder}/*.parquet'")
    same(files, f"SELECT sum(x) FROM '{folder}/*.parquet'")


def test_hive_partitions(files):
    folder = files.files(**{f"year=202{y}__part={p}__{y}{p}": f"SELECT i AS x FROM range({1000 * y + 500}) t(i)"
                            for y in range(3) for p in "ab"})
    scan = f"read_parquet('{folder}/*/*/*.parquet', hive_partitioning = true)"
    same(files, f"SELECT year, part, count(*), sum(x) FROM {scan} GROUP BY ALL")
    same(files, f"SELECT count(*), min(year) FROM {scan} WHERE year = 2021 AND part = 'b'")
    same(files, f"SELECT count(*) FROM {scan} WHERE year = 1999")


def test_names_that_look_like_patterns(files):
    folder = files.files(**{"g[1]": "SELECT 1 AS x FROM range(5000)", "g1": "SELECT 2 AS x FROM range(5000)",
                            "what?": "SELECT 3 AS x FROM range(5000)", "it's": "SELECT 4 AS x FROM range(5000)",
                            "ünï 100%": "SELECT 5 AS x FROM range(5000)"})
    same(files, f"SELECT x, count(*) FROM '{folder}/*.parquet' GROUP BY 1")


def test_row_numbers_and_file_names(files):
    folder = files.files(a="SELECT i AS x FROM range(9000) t(i)", b="SELECT i AS x FROM range(7000) t(i)")
    scan = f"read_parquet('{folder}/*.parquet', filename = true)"
    same(files, f"SELECT x, file_row_number FROM '{folder}/*.parquet'")
    same(files, f"SELECT filename, min(file_row_number), max(file_row_number), count(*) FROM {scan} GROUP BY 1")
    same(files, f"SELECT x FROM '{folder}/*.parquet' WHERE file_row_number BETWEEN 2900 AND 3100")
    same(files, f"SELECT file_index, count(*) FROM '{folder}/*.parquet' GROUP BY 1")


def test_empty_files_and_one_row(files):
    folder = files.files(a="SELECT 1 AS x WHERE false", b="SELECT 2 AS x", c="SELECT 3 AS x WHERE false")
    for sql in ("SELECT x FROM '{}'", "SELECT count(*), sum(x) FROM '{}'", "SELECT x, count(*) FROM '{}' GROUP BY 1"):
        same(files, sql.format(f"{folder}/*.parquet"))
        same(files, sql.format(f"{folder}/a.parquet"))


@pytest.mark.parametrize("group", [2048, 122880, 2_000_000])
def test_rows_that_other_tasks_take_over(files, tmp_path, group):
    """One file is slow to compute: who is through takes rows of it while it is read. In small row groups, in usual
    ones, and in one that is all of the file."""
    path = tmp_path / "rows.parquet"
    files.peer.execute(f"COPY (SELECT i, i % 1000 AS k, CASE WHEN i >= 450000 THEN repeat('x', 40) END AS s"
                       f" FROM range(700000) t(i)) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {group})")
    files.set(skein_split_rows=1000000)
    for tasks in (2, 3, 7):
        files.set(num_shuffle_partitions=tasks)
        same(files, f"SELECT k, count(*), sum(i), sum(length(md5(md5(md5(s))))) FROM '{path}' GROUP BY k")
        same(files, f"SELECT i FROM '{path}' WHERE md5(s) < '2' OR i % 5000 = 0")
        same(files, f"SELECT i, file_row_number FROM read_parquet('{path}', file_row_number = true)"
                    " WHERE i % 999 = file_row_number % 999 AND i > 1000 AND i % 13 = 0")
        same(files, f"SELECT count(*), count(DISTINCT i), sum(i) FROM '{path}' WHERE i >= 0")


def test_all_keys_are_null_or_one(files):
    folder = files.files(n="SELECT NULL::INTEGER AS k, i AS x FROM range(5000) t(i)",
                         one="SELECT 7 AS k, i AS x FROM range(5000) t(i)")
    for sql in ("SELECT k, count(*), sum(x) FROM '{0}' GROUP BY 1",
                "SELECT count(*) FROM '{0}' a JOIN (SELECT DISTINCT k FROM '{0}') b USING (k)",
                "SELECT count(*) FROM '{0}' a LEFT JOIN (SELECT DISTINCT k FROM '{0}') b ON a.k IS NOT DISTINCT FROM b.k",
                "SELECT x, row_number() OVER (PARTITION BY k ORDER BY x) FROM '{0}'"):
        same(files, sql.format(f"{folder}/*.parquet"))


def test_other_sources_stay_with_the_session(files, tmp_path):
    folder = files.files(a="SELECT i AS x FROM range(9000) t(i)")
    csv = folder / "names.csv"
    csv.write_text("k,name\n" + "".join(f"{i},n{i}\n" for i in range(50)))
    for sql in (f"SELECT name, count(*) FROM '{folder}/a.parquet' JOIN '{csv}' ON k = x % 60 GROUP BY 1",
                f"SELECT x, name FROM '{folder}/a.parquet' FULL JOIN '{csv}' ON k = x WHERE x IS NULL OR x < 60",
                f"SELECT name FROM '{csv}' UNION ALL SELECT 'x' || x FROM '{folder}/a.parquet'"):
        same(files, sql)
    files.run("CREATE OR REPLACE TEMP TABLE mine AS SELECT 5 AS k")
    files.peer.execute("CREATE OR REPLACE TEMP TABLE mine AS SELECT 5 AS k")
    same(files, f"SELECT count(*) FROM '{folder}/a.parquet' JOIN mine ON k = x % 10")
    # Each call gives another value: run whole.
    assert files.run(f"SELECT count(*) FROM '{folder}/a.parquet' WHERE random() < 2").to_pylist() == [
        {"count_star()": 9000}]
