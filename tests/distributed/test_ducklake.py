"""DuckLake tables in tasks: each query is asked twice, whole and cut, and the answers are compared; a cut that is refused says
why."""

import pytest

from tables import ROWS, SOURCE

QUERIES = ("SELECT * FROM lk.t", "SELECT count(*) FROM lk.t", "SELECT g, count(*), sum(i), min(s) FROM lk.t GROUP BY g",
           "SELECT i, s FROM lk.t WHERE i BETWEEN 4900 AND 5100", "SELECT max(i) FROM lk.t WHERE g = 3 AND s LIKE 'v1%'",
           "SELECT count(*) FROM lk.t a JOIN lk.t b USING (i)", "SELECT i FROM lk.t ORDER BY i DESC LIMIT 10 OFFSET 5")


def fill(lake, parts=3):
    lake.run("CREATE TABLE lk.t AS SELECT * FROM (" + SOURCE + ") WHERE false")
    for part in range(parts):
        lake.run(f"INSERT INTO lk.t SELECT * FROM ({SOURCE}) WHERE i % {parts} = {part}")


def test_tasks_read_their_files(lake):
    fill(lake)
    lake.same(*QUERIES, "SELECT t.a, t.b, l[1] FROM lk.t", "SELECT filename, count(*) FROM lk.t GROUP BY 1")
    plan = lake.pair.explain("SELECT sum(i) FROM lk.t")
    assert max(stage["scanning_tasks"] for stage in plan) == 3


def test_deletes_and_updates(lake):
    fill(lake)
    lake.run("DELETE FROM lk.t WHERE i % 11 = 3", "DELETE FROM lk.t WHERE i BETWEEN 5000 AND 9000",
             "UPDATE lk.t SET s = 'new ' || i, g = NULL WHERE i % 13 = 1")
    lake.same(*QUERIES)
    assert "deleted rows" in str(lake.pair.explain("SELECT sum(i) FROM lk.t"))
    lake.run("DELETE FROM lk.t WHERE i % 3 = 0")  # whole files
    lake.same(*QUERIES)
    lake.run("DELETE FROM lk.t")
    assert lake.run("SELECT count(*), sum(i) FROM lk.t").to_pylist()[0]["count_star()"] == 0


def test_columns_that_come_go_and_change(lake):
    fill(lake)
    lake.run("ALTER TABLE lk.t ADD COLUMN extra INTEGER DEFAULT 42",
             f"INSERT INTO lk.t SELECT *, 9 FROM ({SOURCE}) WHERE i < 3000")
    lake.same("SELECT extra, count(*), sum(i) FROM lk.t GROUP BY 1", "SELECT i FROM lk.t WHERE extra = 9", *QUERIES)
    lake.run("ALTER TABLE lk.t RENAME COLUMN s TO label", "ALTER TABLE lk.t DROP COLUMN l",
             "ALTER TABLE lk.t ADD COLUMN l VARCHAR", "ALTER TABLE lk.t ADD COLUMN t.c DOUBLE", "INSERT INTO lk.t (i, l) VALUES (-1, 'again')",
             "DELETE FROM lk.t WHERE i % 100 = 7")
    lake.same("SELECT * FROM lk.t", "SELECT label, l, count(*) FROM lk.t GROUP BY ALL", "SELECT t.c, t.b, count(*) FROM lk.t GROUP BY ALL")


def test_types_that_widen(lake):
    lake.run("CREATE TABLE lk.w (i INTEGER, f FLOAT)", "INSERT INTO lk.w SELECT i, i FROM range(9000) r(i)",
             "ALTER TABLE lk.w ALTER i TYPE BIGINT", "ALTER TABLE lk.w ALTER f TYPE DOUBLE",
             "INSERT INTO lk.w SELECT i + 5000000000, i / 3 FROM range(9000) r(i)")
    lake.same("SELECT * FROM lk.w", "SELECT count(*), sum(i), max(f) FROM lk.w WHERE i > 8000")


def test_partitions(lake):
    lake.run("CREATE TABLE lk.p (i BIGINT, k VARCHAR, day DATE)", "ALTER TABLE lk.p SET PARTITIONED BY (k, year(day))",
             "INSERT INTO lk.p SELECT i, CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN 'a/b=c' ELSE 'plain' END,"
             " DATE '2020-01-01' + (i % 900)::INTEGER FROM range(20000) r(i)", "DELETE FROM lk.p WHERE i % 9 = 2")
    lake.same("SELECT * FROM lk.p", "SELECT k, year(day), count(*), sum(i) FROM lk.p GROUP BY ALL",
              "SELECT count(*) FROM lk.p WHERE k = 'a/b=c'", "SELECT count(*) FROM lk.p WHERE k IS NULL AND day < DATE '2021-02-01'")


def test_earlier_versions(lake):
    fill(lake)
    (row,) = lake.run("SELECT max(snapshot_id) AS id FROM ducklake_snapshots('lk')").to_pylist()
    lake.run("DELETE FROM lk.t WHERE i % 2 = 0", "ALTER TABLE lk.t DROP COLUMN g", "DELETE FROM lk.t WHERE i < 5000")
    old = row["id"]
    lake.same(*(sql.replace("lk.t ", f"lk.t AT (VERSION => {old}) ") for sql in ("SELECT * FROM lk.t ", "SELECT g, count(*) FROM lk.t GROUP BY 1")),
              f"SELECT count(*), sum(i) FROM lk.t AT (VERSION => {old + 1})", "SELECT count(*), sum(i) FROM lk.t")


def test_no_rows(lake):
    lake.run("CREATE TABLE lk.e (i BIGINT, s VARCHAR)")
    fill(lake)
    lake.same("SELECT count(*), sum(e.i) FROM lk.t LEFT JOIN lk.e USING (i)",
              "SELECT t.i, e.s FROM lk.e RIGHT JOIN lk.t USING (i) WHERE t.i < 100")


def test_what_the_transaction_did_counts(lake):
    fill(lake)
    lake.run("BEGIN", "DELETE FROM lk.t WHERE i % 5 = 0", f"INSERT INTO lk.t SELECT * FROM ({SOURCE}) WHERE i < 4000")
    lake.same(*QUERIES)
    lake.run("ROLLBACK")
    lake.same("SELECT count(*), sum(i) FROM lk.t")


@pytest.mark.parametrize("lake", ["ENCRYPTED true, DATA_INLINING_ROW_LIMIT 0"], indirect=True)
def test_encrypted_files(lake):
    fill(lake)
    lake.run("DELETE FROM lk.t WHERE i % 11 = 3")
    lake.same(*QUERIES)


@pytest.mark.parametrize("lake", ["DATA_INLINING_ROW_LIMIT 100"], indirect=True)
def test_rows_in_the_catalogue(lake):
    """What small inserts leave there is read once, beside the files, whatever became of it."""
    fill(lake)
    lake.same(*QUERIES)
    lake.run("INSERT INTO lk.t (i, s) VALUES (-5, 'small')", "INSERT INTO lk.t VALUES (5000, 3, 'v1 twice', [1, NULL], {'a': NULL, 'b': 'ü'})",
             "INSERT INTO lk.t SELECT i - 50, NULL, 'x' || i, NULL, NULL FROM range(40) r(i)")
    said = str(lake.pair.explain("SELECT sum(i) FROM lk.t"))
    assert "42 rows of the table t that lie in its catalogue" in said
    more = (*QUERIES, "SELECT count(*), min(i) FROM lk.t", "SELECT count(s) FROM lk.t WHERE i = -5 OR g IS NULL",
            "SELECT g, count(*) FROM lk.t WHERE i BETWEEN -20 AND 3000 AND s > 'a' GROUP BY g",
            "SELECT i FROM lk.t WHERE i IN (-5, 4, 5000)", "WITH c AS (SELECT * FROM lk.t WHERE i < 100) SELECT count(*), sum(a.i) FROM c a JOIN c b USING (i)",
            "SELECT a.i FROM lk.t a WHERE EXISTS (SELECT 1 FROM lk.t b WHERE b.i = -a.i AND b.g IS NULL)")
    lake.same(*more)
    lake.as_whole("SELECT s, l, t.b FROM lk.t WHERE i < 0", "SELECT max(s) FROM lk.t WHERE s = 'small'")
    (row,) = lake.run("SELECT max(snapshot_id) AS id FROM ducklake_snapshots('lk')").to_pylist()
    lake.run("DELETE FROM lk.t WHERE i IN (-5, -40, 77)", "UPDATE lk.t SET s = 'changed' WHERE i = -30")
    lake.same(*more, f"SELECT count(*), sum(i) FROM lk.t AT (VERSION => {row['id']})")
    lake.run("ALTER TABLE lk.t ADD COLUMN late INTEGER DEFAULT 7", "INSERT INTO lk.t (i, late) VALUES (-100, 8)", "ALTER TABLE lk.t RENAME COLUMN g TO h")
    lake.same("SELECT * FROM lk.t", "SELECT late, h, count(*), sum(i) FROM lk.t GROUP BY ALL", "SELECT i FROM lk.t WHERE late = 8")
    lake.run("BEGIN", "INSERT INTO lk.t (i) VALUES (-101)", "DELETE FROM lk.t WHERE i = -100")
    lake.as_whole("SELECT count(*), min(i) FROM lk.t", "SELECT i FROM lk.t WHERE i < 0")
    lake.run("ROLLBACK", "CALL ducklake_flush_inlined_data('lk')")
    lake.same("SELECT * FROM lk.t", "SELECT count(*), min(i) FROM lk.t")


@pytest.mark.parametrize("lake", ["DATA_INLINING_ROW_LIMIT 100"], indirect=True)
def test_a_small_table_with_rows_in_the_catalogue(lake):
    """Read whole by every task, and its rows in the catalogue with it."""
    fill(lake)
    lake.run("CREATE TABLE lk.d (k BIGINT, name VARCHAR)", "INSERT INTO lk.d SELECT i, 'n' || i FROM range(200) r(i)",
             "INSERT INTO lk.d VALUES (3, 'again'), (NULL, 'none')")
    lake.pair.set(broadcast_threshold_mb=10)
    lake.as_whole("SELECT name, count(*), sum(i) FROM lk.t JOIN lk.d ON g = k GROUP BY name",
                  "SELECT count(*), count(name) FROM lk.t LEFT JOIN lk.d ON i = k", "SELECT i FROM lk.t WHERE g NOT IN (SELECT k FROM lk.d WHERE k IS NOT NULL)")


def test_files_that_others_wrote(lake):
    fill(lake)
    other = lake.folder / "other.parquet"
    lake.pair.peer.execute(f"COPY (SELECT 'o' || i AS s, i FROM range(5000) r(i)) TO '{other}' (FORMAT parquet)")
    lake.run(f"CALL ducklake_add_data_files('lk', 't', '{other}', allow_missing => true)")
    sql = "SELECT count(*), sum(i), min(s), count(g) FROM lk.t"
    lake.as_whole(sql)


def test_row_ids_are_the_extensions_own(lake):
    fill(lake)
    sql = "SELECT rowid, i FROM lk.t WHERE i < 2000"
    assert "row ids" in lake.why_whole(sql)
    lake.as_whole(sql)
    sql = "FROM ducklake_table_insertions('lk', 'main', 't', 2, 4)"
    lake.as_whole(f"SELECT count(*), sum(i) {sql}")


def test_compacted_files(lake):
    fill(lake, 5)
    (row,) = lake.run("SELECT max(snapshot_id) AS id FROM ducklake_snapshots('lk')").to_pylist()
    lake.run("DELETE FROM lk.t WHERE i % 2 = 0", f"INSERT INTO lk.t SELECT * FROM ({SOURCE}) WHERE i < 4000",
             "CALL ducklake_merge_adjacent_files('lk')")
    for sql in ("SELECT count(*), sum(i) FROM lk.t", f"SELECT count(*), sum(i) FROM lk.t AT (VERSION => {row['id']})",
                f"SELECT count(*), sum(i) FROM lk.t AT (VERSION => {row['id'] - 2})"):
        lake.as_whole(sql)
