"""Iceberg tables in tasks: what DuckDB's extension answers whole, with deletes, partitions, versions and other columns."""

import pyarrow
import pytest
from pyiceberg.types import DoubleType, LongType

import iceberg_table
from delta_table import numbers
from tables import Tables


@pytest.fixture
def tables(cluster, tmp_path, tmp_path_factory):
    return Tables(cluster, tmp_path, tmp_path_factory)


def make(tables, name="t", parts=3, rows=3000, **options):
    first = numbers(rows)
    table = iceberg_table.catalog(tables.folder / "ice").create_table(f"n.{name}", schema=first.schema, **options)
    for part in range(parts):
        table.append(numbers(rows, part * rows))
    return table


def scan(table, more=""):
    path = table if not hasattr(table, "metadata_location") else iceberg_table.metadata_path(table)
    return f"iceberg_scan('{path}'{more})"


def questions(table):
    return (f"SELECT * FROM {table}", f"SELECT count(*) FROM {table}", f"SELECT g, count(*), sum(i), min(s) FROM {table} GROUP BY g",
            f"SELECT i, s FROM {table} WHERE i BETWEEN 2900 AND 3100", f"SELECT count(*) FROM {table} WHERE g = 3",
            f"SELECT count(*) FROM {table} WHERE g IS NULL")


def test_plain(tables):
    table = scan(make(tables))
    tables.same(*questions(table))
    assert max(stage["scanning_tasks"] for stage in tables.pair.explain(f"SELECT sum(i) FROM {table}")) == 3


def test_columns_that_come_go_and_change(tables):
    table = make(tables)
    with table.update_schema() as change:
        change.rename_column("s", "label")
        change.add_column("extra", DoubleType())
        change.update_column("g", LongType())
        change.move_first("g")
    rows = numbers(2000, 20000)
    table.append(pyarrow.table({"g": rows["g"].cast(pyarrow.int64()), "i": rows["i"], "label": rows["s"],
                                "extra": pyarrow.array([0.5] * 2000)}))
    with table.update_schema() as change:
        change.delete_column("i")
    with table.update_schema() as change:
        change.add_column("i", LongType())
    tables.same(f"SELECT * FROM {scan(table)}", f"SELECT label, extra, i FROM {scan(table)} WHERE g = 2",
                f"SELECT extra, count(*), count(i), max(g) FROM {scan(table)} GROUP BY 1")


def test_partitions(tables):
    table = make(tables, "p", parts=1)
    with table.update_spec() as change:
        change.add_identity("g")
    table.append(numbers(3000, 3000))
    table.append(numbers(3000, 6000))
    table.delete("i < 500")
    tables.same(*questions(scan(table)))


def test_versions(tables):
    table = make(tables)
    ids = [snapshot.snapshot_id for snapshot in table.snapshots()]
    table.delete("i >= 1000")
    for snapshot in ids:
        tables.same(*questions(scan(table, f", snapshot_from_id = {snapshot}"))[:3])
    # What is asked for may be in none of the files that are left.
    tables.as_whole(*questions(scan(table)))


def test_deleted_positions(tables):
    table = make(tables)
    files = iceberg_table.data_files(table)
    changed = iceberg_table.delete_positions(table, {files[0]: range(0, 3000, 3), files[2]: [0, 1, 2999]})
    tables.same(*questions(scan(changed)))
    (row,) = tables.run(f"SELECT count(*) AS n FROM {scan(changed)}").to_pylist()
    assert row["n"] == 9000 - 1003
    assert "1003 deleted rows" in str(tables.pair.explain(f"SELECT sum(i) FROM {scan(changed)}"))


def test_equality_deletes_are_the_extensions_own(tables):
    changed = iceberg_table.delete_equal(make(tables), "i", [5, 3005, 8999])
    for sql in questions(scan(changed)):
        assert "equal" in tables.why_whole(sql)
    tables.as_whole(*questions(scan(changed)))
    (row,) = tables.run(f"SELECT count(*) AS n FROM {scan(changed)}").to_pylist()
    assert row["n"] == 9000 - 3


def test_no_rows(tables):
    table = iceberg_table.catalog(tables.folder / "ice").create_table("n.e", schema=numbers(1).schema)
    tables.as_whole(f"SELECT count(*), sum(i) FROM {scan(table)}")
    full = make(tables)
    tables.same(f"SELECT count(*), count(b.i) FROM {scan(full)} a LEFT JOIN {scan(table)} b USING (i)")


def test_files_without_field_ids(tables):
    """Taken over from elsewhere: found by their names, as the table's mapping says."""
    table = make(tables)
    path = tables.folder / "ice" / "foreign.parquet"
    tables.pair.peer.execute(f"COPY (SELECT 's' || i AS s, i, 1::INTEGER AS g FROM range(4000) r(i)) TO '{path}' (FORMAT parquet)")
    table.add_files([f"file://{path}"])
    tables.as_whole(*questions(scan(table)))
