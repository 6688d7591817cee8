"""INSERT and CREATE TABLE AS into DuckLake by tasks: the same rows, one snapshot, all or nothing, and no file that the table
does not know."""

import pytest

from tables import ROWS, SOURCE


@pytest.fixture
def source(lake):
    path = lake.folder / "source.parquet"
    lake.pair.peer.execute(f"COPY ({SOURCE}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    return f"'{path}'"


def writing_tasks(lake, statement):
    return max([stage["tasks"] for stage in lake.pair.explain(statement) if "COPY_TO_FILE" in (stage["plan"] or "")],
               default=0)


def same_rows(lake, table, wanted):
    (row,) = lake.whole(f"SELECT (SELECT count(*) FROM (FROM {table} EXCEPT ALL ({wanted}))) + "
                        f"(SELECT count(*) FROM (({wanted}) EXCEPT ALL FROM {table})) AS wrong").to_pylist()
    assert row["wrong"] == 0


def snapshots(lake):
    (row,) = lake.run("SELECT count(*) AS n FROM ducklake_snapshots('lk')").to_pylist()
    return row["n"]


@pytest.mark.parametrize("tasks", [1, 2, 3, 7])
def test_insert(lake, source, tasks):
    lake.run(f"CREATE TABLE lk.t AS SELECT * FROM {source} LIMIT 0")
    lake.pair.set(num_shuffle_partitions=tasks)
    before = snapshots(lake)
    statement = f"INSERT INTO lk.t SELECT * FROM {source}"
    assert writing_tasks(lake, statement) == tasks
    lake.run(statement)
    assert snapshots(lake) == before + 1
    same_rows(lake, "lk.t", f"FROM {source}")
    assert lake.known_files("t") == lake.files()
    assert len(lake.files()) == tasks


def test_create_table_as(lake, source):
    statement = f"CREATE TABLE lk.made AS SELECT g, count(*) AS n, sum(i) AS s FROM {source} GROUP BY g"
    assert writing_tasks(lake, statement) > 1
    lake.run(statement)
    same_rows(lake, "lk.made", f"SELECT g, count(*), sum(i) FROM {source} GROUP BY g")
    assert lake.known_files("made") == lake.files()
    with pytest.raises(Exception, match="already exists"):
        lake.run(statement)
    lake.run(statement.replace("CREATE TABLE", "CREATE OR REPLACE TABLE"))
    same_rows(lake, "lk.made", f"SELECT g, count(*), sum(i) FROM {source} GROUP BY g")


def test_one_row_of_many(lake, source):
    lake.run("CREATE TABLE lk.one (n BIGINT, s HUGEINT)", f"INSERT INTO lk.one SELECT count(*), sum(i) FROM {source}")
    same_rows(lake, "lk.one", f"SELECT count(*), sum(i) FROM {source}")


def test_columns_left_out_and_converted(lake, source):
    lake.run("CREATE TABLE lk.d (id VARCHAR, made INTEGER DEFAULT 7, g SMALLINT, note VARCHAR DEFAULT 'none')",
             f"INSERT INTO lk.d (g, id) SELECT g, i FROM {source} WHERE i % 2 = 0")
    same_rows(lake, "lk.d", f"SELECT i::VARCHAR, 7, g::SMALLINT, 'none' FROM {source} WHERE i % 2 = 0")
    with pytest.raises(Exception, match="(?i)conver|cast|range"):
        lake.run(f"INSERT INTO lk.d (g) SELECT i * 1000 FROM {source}")
    assert lake.known_files("d") == lake.files()


def test_partitions(lake, source):
    lake.run("CREATE TABLE lk.p (i BIGINT, g BIGINT, day TIMESTAMP)", "ALTER TABLE lk.p SET PARTITIONED BY (g, year(day))")
    rows = f"SELECT i, nullif(g, 2), TIMESTAMP '2019-12-30 22:00:00' + i * INTERVAL 30 MINUTE FROM {source}"
    assert writing_tasks(lake, f"INSERT INTO lk.p {rows}") == 3
    lake.run(f"INSERT INTO lk.p {rows}")
    same_rows(lake, "lk.p", rows)
    assert lake.known_files("p") == lake.files()
    # What the catalogue knows of the files leaves some of them out.
    (row,) = lake.whole("SELECT count(*) AS n, count(DISTINCT filename) AS f FROM lk.p WHERE g = 3 AND day < TIMESTAMP '2020-01-01'").to_pylist()
    (all_rows,) = lake.whole("SELECT count(DISTINCT filename) AS f FROM lk.p").to_pylist()
    assert row["n"] > 0 and row["f"] < all_rows["f"]


def test_not_null_holds_and_leaves_nothing(lake, source):
    lake.run("CREATE TABLE lk.n (i BIGINT NOT NULL)")
    before = snapshots(lake)
    with pytest.raises(Exception, match="NOT NULL"):
        lake.run(f"INSERT INTO lk.n SELECT CASE WHEN i = 7777 THEN NULL ELSE i END FROM {source}")
    assert snapshots(lake) == before and lake.files() == []
    lake.run(f"INSERT INTO lk.n SELECT i FROM {source}")
    same_rows(lake, "lk.n", f"SELECT i FROM {source}")


def test_a_task_that_fails_leaves_nothing(lake, source):
    lake.run("CREATE TABLE lk.f (i BIGINT)")
    before = snapshots(lake)
    with pytest.raises(Exception, match="too late"):
        lake.run(f"INSERT INTO lk.f SELECT CASE WHEN i = 19999 THEN error('too late') ELSE i END FROM {source}")
    assert snapshots(lake) == before and lake.files() == []
    assert lake.run("SELECT count(*) AS n FROM lk.f").to_pylist() == [{"n": 0}]


def test_transactions(lake, source):
    lake.run(f"CREATE TABLE lk.t AS SELECT * FROM {source} LIMIT 0")
    before = snapshots(lake)
    lake.run("BEGIN", f"INSERT INTO lk.t SELECT * FROM {source} WHERE i < 9000",
             f"CREATE TABLE lk.u AS SELECT i FROM {source}")
    assert lake.run("SELECT (SELECT count(*) FROM lk.t) + (SELECT count(*) FROM lk.u) AS n").to_pylist() == [{"n": 9000 + ROWS}]
    lake.run("ROLLBACK")
    assert snapshots(lake) == before and lake.files() == []
    assert lake.run("SELECT count(*) AS n FROM lk.t").to_pylist() == [{"n": 0}]
    lake.run("BEGIN", f"INSERT INTO lk.t SELECT * FROM {source} WHERE i < 9000",
             f"INSERT INTO lk.t SELECT * FROM {source} WHERE i >= 9000", "DELETE FROM lk.t WHERE i % 2 = 0", "COMMIT")
    assert snapshots(lake) == before + 1
    same_rows(lake, "lk.t", f"FROM {source} WHERE i % 2 = 1")


def test_from_a_lake_to_a_lake(lake, source):
    lake.run(f"CREATE TABLE lk.t AS FROM {source}", "DELETE FROM lk.t WHERE i % 10 = 0",
             "CREATE TABLE lk.copy AS SELECT * FROM lk.t WHERE g <> 3", "INSERT INTO lk.t SELECT * FROM lk.copy")
    same_rows(lake, "lk.copy", f"FROM {source} WHERE i % 10 <> 0 AND g <> 3")
    same_rows(lake, "lk.t", f"FROM {source} WHERE i % 10 <> 0 UNION ALL FROM {source} WHERE i % 10 <> 0 AND g <> 3")


@pytest.mark.parametrize("lake", ["ENCRYPTED true"], indirect=True)
def test_encrypted(lake, source):
    statement = f"CREATE TABLE lk.t AS FROM {source}"
    assert writing_tasks(lake, statement) == 3
    lake.run(statement)
    same_rows(lake, "lk.t", f"FROM {source}")
    with pytest.raises(Exception, match="(?i)encrypt"):
        lake.pair.peer.execute(f"SELECT count(*) FROM '{lake.files()[0]}'").fetchall()


def test_what_runs_whole(lake, source):
    lake.run("CREATE TABLE lk.t (i BIGINT)", "CREATE OR REPLACE TEMP TABLE here (i BIGINT)")
    assert "database of this server" in lake.why_whole(f"INSERT INTO here SELECT i FROM {source}")
    assert "RETURNING" in lake.why_whole(f"INSERT INTO lk.t SELECT i FROM {source} RETURNING i")
    lake.run(f"INSERT INTO here SELECT i FROM {source}")
    assert lake.run("SELECT count(*) AS n FROM here").to_pylist() == [{"n": ROWS}]


def test_cancelled(lake, source):
    lake.run("CREATE TABLE lk.t (i BIGINT)")
    before = snapshots(lake)
    lake.cancel(f"INSERT INTO lk.t SELECT a.i + b.i FROM {source} a, {source} b", lake.files)
    assert snapshots(lake) == before and lake.files() == []
