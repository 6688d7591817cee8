"""Delta tables in tasks: what DuckDB's extension answers whole, with deletes, partitions, versions and other columns."""

import pytest

import delta_table
from tables import Tables


@pytest.fixture
def tables(cluster, tmp_path, tmp_path_factory):
    return Tables(cluster, tmp_path, tmp_path_factory)


def scan(folder, more=""):
    return f"delta_scan('{folder}'{more})"


def questions(table):
    return (f"SELECT * FROM {table}", f"SELECT count(*) FROM {table}", f"SELECT g, count(*), sum(i), min(s) FROM {table} GROUP BY g",
            f"SELECT i, s FROM {table} WHERE i BETWEEN 1900 AND 2100", f"SELECT count(*) FROM {table} WHERE g = 3",
            f"SELECT count(*) FROM {table} WHERE g IS NULL")


def test_plain(tables):
    delta_table.make(tables.folder / "t", delta_table.numbers(9000))
    tables.same(*questions(scan(tables.folder / "t")))
    assert max(stage["scanning_tasks"] for stage in tables.pair.explain(f"SELECT sum(i) FROM {scan(tables.folder / 't')}")) == 3


def test_partitions_deletes_updates_and_versions(tables):
    made = delta_table.make(tables.folder / "p", delta_table.numbers(9000), partition_by=["g"])
    made.delete("i % 7 = 2")
    made.update(updates={"s": "'new'"}, predicate="i % 10 = 1")
    table = scan(tables.folder / "p")
    tables.same(*questions(table), f"SELECT s, count(*) FROM {table} WHERE g IN (1, 2) GROUP BY 1 HAVING count(*) > 1",
                *questions(scan(tables.folder / "p", ", version = 2")))


def test_deletion_vectors(tables):
    folder = tables.folder / "v"
    delta_table.make(folder, delta_table.numbers(9000))
    delta_table.delete_rows(folder, lambda path: [*range(0, 2900, 7), 2998, 2999])
    tables.same(*questions(scan(folder)))
    (row,) = tables.pair.run(f"SELECT count(*) AS n FROM {scan(folder)}").to_pylist()
    assert row["n"] == 9000 - 3 * (len(range(0, 2900, 7)) + 2)
    assert "deleted rows" in str(tables.pair.explain(f"SELECT sum(i) FROM {scan(folder)}"))


def test_columns_that_come(tables):
    folder = tables.folder / "c"
    delta_table.make(folder, delta_table.numbers(4000))
    more = delta_table.numbers(4000, 4000).append_column("extra", [[1.5] * 4000])
    delta_table.write_deltalake(str(folder), more, mode="append", schema_mode="merge")
    tables.same(*questions(scan(folder)), f"SELECT extra, count(*), sum(i) FROM {scan(folder)} GROUP BY 1",
                f"SELECT i FROM {scan(folder)} WHERE extra IS NULL AND i > 3000")


def test_attached(tables):
    folder = tables.folder / "a"
    delta_table.make(folder, delta_table.numbers(9000))
    tables.pair.run(f"ATTACH '{folder}' AS delta_a (TYPE delta)")
    tables.same(*questions("delta_a"))
    tables.pair.run("DETACH delta_a")
