"""A large result in order: sorted by tasks for ranges of its keys, one after the other. The order is DuckDB's, whatever the
keys are, and so it is where sorted tasks are merged."""

import json
import re

import pyarrow.parquet
import pytest

import sorted_data


@pytest.fixture(scope="module")
def folder():
    return sorted_data.folder()


def prepare(cluster, folder, workers):
    one = cluster(folder, workers=workers)
    one.set(num_shuffle_partitions=0, broadcast_threshold_mb=0, skein_split_rows=2000, skein_range_sort_rows=1)
    one.workers = workers
    return one


@pytest.fixture(params=[1, 2, 3, 7])
def pair(request, cluster, folder):
    return prepare(cluster, folder, request.param)


@pytest.fixture
def three(cluster, folder):
    one = prepare(cluster, folder, 3)
    one.set(num_shuffle_partitions=3)
    return one


def stages(pair, sql):
    lines = pair.run(f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {sql}").column(0).to_pylist()
    return json.loads("\n".join(lines))["stages"]


def said(found):
    return "; ".join(text for stage in found for text in stage["decisions"] + stage["late_decisions"])


def test_every_order(pair):
    queries = [f"SELECT id FROM numbers ORDER BY {order}" for order in sorted_data.ORDERS]
    queries += [f"SELECT {order.split(' NULLS')[0].removesuffix(' DESC')} AS k FROM numbers ORDER BY {order}"
                for order in sorted_data.TIES]
    assert not pair.wrong(["SELECT * FROM numbers ORDER BY long, id", *queries], ordered=True)
    if pair.workers > 1:
        assert "sorted by ranges of the keys" in said(stages(pair, queries[0]))


def test_every_order_merged(three):
    three.set(skein_range_sort_rows=0)
    queries = [f"SELECT id FROM numbers ORDER BY {order}" for order in sorted_data.ORDERS]
    assert not three.wrong(queries, ordered=True)
    assert "then merged: skein_range_sort_rows is 0" in said(stages(three, queries[0]))


def test_equal_keys_keep_all_their_rows(three):
    for order in sorted_data.TIES:
        assert three.difference(f"SELECT id FROM numbers ORDER BY {order}") is None, order


def test_ranges_have_about_as_many_rows(three):
    for order, most in (("mixed", 1.3), ("price DESC", 1.3), ("hot", 1.6), ("same", 1.3)):
        found = stages(three, f"SELECT * FROM numbers ORDER BY {order}")
        sent = next(stage for stage in found if stage["output"].startswith("range("))
        assert sent["skew"] < most, (order, sent["skew"])
        assert re.search(rf"3 ranges by \d+ of {sorted_data.ROWS} keys", said([sent]))
        assert [stage["rows"] for stage in found] == [sorted_data.ROWS] * 3


def test_the_shapes_around_it(pair):
    assert not pair.wrong([
        "SELECT id + 1 AS next, upper(letter) AS u FROM numbers WHERE id % 2 = 1 ORDER BY price, id",
        "SELECT id FROM numbers WHERE id < 0 ORDER BY mixed",
        "SELECT id FROM numbers WHERE id = 5 ORDER BY mixed",
        "SELECT day, count(*), sum(id) FROM numbers GROUP BY day ORDER BY 2, 1",
        "SELECT DISTINCT letter, small FROM numbers ORDER BY ALL",
        "SELECT a.id, b.mixed FROM numbers a JOIN numbers b ON a.id = b.mixed ORDER BY b.id DESC",
        "SELECT id, rank() OVER (PARTITION BY day ORDER BY id) AS r FROM numbers ORDER BY mixed",
        "SELECT id, sum(id) OVER (ORDER BY mixed) AS r FROM numbers ORDER BY mixed DESC",
        "SELECT id FROM numbers ORDER BY mixed LIMIT 15000 OFFSET 3000",
        "SELECT id, letter FROM numbers ORDER BY letter, id DESC LIMIT 40%",
        "SELECT id FROM numbers ORDER BY mixed OFFSET 19990",
        "SELECT id FROM numbers ORDER BY mixed LIMIT 10",
        "SELECT id FROM (SELECT id FROM numbers UNION ALL SELECT -id FROM numbers WHERE id > 0) ORDER BY id % 100, id",
        "WITH w AS MATERIALIZED (SELECT * FROM numbers WHERE id % 3 = 0) SELECT a.id FROM w a JOIN w b USING (id) ORDER BY b.mixed",
    ], ordered=True)
    # Whoever reads rows in order gets them in one task.
    assert not pair.wrong(["SELECT list(id) AS l FROM (SELECT id FROM numbers ORDER BY mixed DESC LIMIT 50)",
                           "SELECT list(id ORDER BY mixed) AS l, string_agg(letter, '' ORDER BY id DESC) AS s FROM numbers",
                           "SELECT * FROM (SELECT id, mixed FROM numbers ORDER BY mixed LIMIT 9) a JOIN numbers b USING (id)"])


def test_explain_says_what_was_taken_and_why(three):
    order = "SELECT id FROM numbers ORDER BY mixed"
    three.set(skein_range_sort_rows=15000)
    assert re.search(r"sorted by ranges of the keys: 2\d+ rows estimated, more than skein_range_sort_rows \(15000\)", said(stages(three, order)))
    three.set(skein_range_sort_rows=30000)
    assert re.search(r"then merged: 2\d+ rows estimated, skein_range_sort_rows is 30000", said(stages(three, order)))
    three.set(skein_range_sort_rows=1)
    # More is estimated.
    none = stages(three, "SELECT id FROM numbers WHERE length(hot) > 100 ORDER BY mixed")
    assert said(none).count("not run: stage") == 2
    within = "SELECT list(id) FROM (SELECT id FROM numbers ORDER BY mixed)"
    assert "one task goes on with the rows" in said(stages(three, within)) and not three.wrong([within])
    with pytest.raises(Exception, match="skein_range_sort_rows"):
        three.set(skein_range_sort_rows="many")


def in_order(folder, column):
    """The column's values in all files, in the order of the files' numbers."""
    files = sorted(folder.glob("*.parquet"), key=lambda path: int(path.stem.split("_")[1]))
    return len(files), [value for path in files for value in pyarrow.parquet.read_table(path)[column].to_pylist()]


def test_files_are_written_in_order(cluster, folder, tmp_path_factory):
    target = tmp_path_factory.mktemp("sorted")
    pair = cluster(folder, workers=2, allowed_locations=f"{target}/")
    pair.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=2000, skein_range_sort_rows=1)
    query = "SELECT id, mixed, long FROM numbers ORDER BY mixed"
    wanted = list(range(sorted_data.ROWS))
    pair.run(f"COPY ({query}) TO '{target}/one.parquet' (FORMAT parquet)")
    assert pyarrow.parquet.read_table(target / "one.parquet")["mixed"].to_pylist() == wanted
    pair.run(f"COPY ({query}) TO '{target}/many' (FORMAT parquet, PER_THREAD_OUTPUT)")
    assert in_order(target / "many", "mixed") == (3, wanted)


@pytest.mark.parametrize("tasks", [2, 3])
def test_rows_of_a_lake_are_in_order(lake, tasks):
    """DuckDB gives a table's rows in the order in which they were inserted, and numbers them so."""
    path = f"'{lake.folder}/numbers.parquet'"
    lake.pair.peer.execute(f"COPY ({sorted_data.TABLE}) TO {path} (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    lake.pair.set(num_shuffle_partitions=tasks, skein_range_sort_rows=1)
    for order in ("mixed", "small DESC NULLS LAST, id"):
        lake.run("CREATE OR REPLACE TABLE lk.t (id BIGINT, mixed INTEGER, small SMALLINT)")
        statement = f"INSERT INTO lk.t SELECT id, mixed, small FROM {path} ORDER BY {order}"
        found = lake.pair.explain(statement)
        assert "sorted by ranges" in str(found)
        assert max(stage["tasks"] for stage in found if "COPY_TO_FILE" in (stage["plan"] or "")) == tasks
        lake.run(statement)
        assert len(lake.known_files("t")) > 1
        wanted = lake.pair.peer.sql(f"SELECT id FROM {path} ORDER BY {order}").fetchall()
        for rows in ("SELECT id FROM lk.t ORDER BY rowid", "SELECT id FROM lk.t"):
            assert [(id,) for id in lake.whole(rows)["id"].to_pylist()] == wanted, (order, rows)
