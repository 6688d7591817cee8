"""What is decided only while a query runs: how joins are made, what filters scans, what does not run, how many tasks
join what was repartitioned. The answers are DuckDB's whatever was decided."""

import json

import pytest

import joined_data

@pytest.fixture(scope="module")
def folder():
    return joined_data.folder()


@pytest.fixture(params=[1, 2, 3, 7])
def pair(request, cluster, folder):
    one = cluster(folder, workers=request.param)
    one.set(num_shuffle_partitions=0, broadcast_threshold_mb=0.01, skein_split_rows=2000, skein_skew_threshold_mb=0.001,
            skein_runtime_filters="on")
    one.workers = request.param
    return one


def explained(pair, sql):
    lines = pair.run(f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {sql}").column(0).to_pylist()
    return json.loads("\n".join(lines))


def late(found):
    return "; ".join(text for stage in found["stages"] for text in stage["late_decisions"])


def test_every_join(pair):
    assert not pair.wrong(joined_data.queries(every=pair.workers in (2, 3)))


@pytest.mark.parametrize("filters", ["on", "off"])
def test_joins_of_joins(pair, filters):
    pair.set(skein_runtime_filters=filters)
    assert not pair.wrong([
        "SELECT f.k, count(*), sum(g.id) FROM facts f JOIN facts g ON f.id = g.id JOIN keys q ON g.k = q.k WHERE q.n < 9"
        " GROUP BY 1",
        "SELECT count(*), sum(f.id) FROM facts f JOIN facts g ON f.id = g.id LEFT JOIN keys q ON g.k = q.k AND q.n < 9",
        "SELECT count(*) FROM (SELECT k, count(*) c FROM facts GROUP BY k) f JOIN keys q USING (k) WHERE q.n BETWEEN 5 AND 9",
        "SELECT count(*) FROM (SELECT k, d FROM facts UNION ALL SELECT k, d FROM keys) f JOIN keys q USING (k) WHERE n < 50",
        "WITH w AS MATERIALIZED (SELECT * FROM facts WHERE id % 2 = 1) "
        "SELECT count(*), sum(a.id) FROM w a JOIN w b ON a.id = b.k JOIN keys q ON a.k = q.k WHERE q.n < 77",
        "SELECT f.id, row_number() OVER (PARTITION BY f.k ORDER BY f.id) FROM facts f JOIN keys q USING (k) WHERE q.n < 30",
        "SELECT a.id FROM (SELECT DISTINCT id, k FROM facts) a JOIN keys q USING (k) WHERE q.n = 31 ORDER BY 1 LIMIT 7",
    ])


@pytest.fixture
def two(cluster, folder):
    one = cluster(folder, workers=2)
    one.set(num_shuffle_partitions=4, broadcast_threshold_mb=0.01, skein_split_rows=2000, skein_skew_threshold_mb=16,
            skein_runtime_filters="on")
    return one


# The planner takes a fifth of the rows to pass such a filter.
FEW = "length(q.wide) % 1000 = 200 AND q.n % 1000 = 1"
NONE = "length(q.wide) % 1000 = 7"


def test_a_side_that_turns_out_small_goes_to_every_task(two):
    sql = f"SELECT count(*), sum(f.id) FROM facts f JOIN keys q ON f.k = q.k WHERE {FEW}"
    found = explained(two, sql)
    assert "so it goes to every task, not both sides by hash" in late(found), found
    assert two.difference(sql) is None


def test_a_side_that_turns_out_large_does_not(two):
    # Texts are expected to be short.
    two.set(broadcast_threshold_mb=0.35)
    sql = ("SELECT count(*), sum(f.id), sum(length(q.wide)) FROM facts f "
           "JOIN (SELECT id, repeat(s, 100) AS wide FROM facts WHERE id < 4000) q ON f.k = q.id")
    found = explained(two, sql)
    assert "both sides go by hash, not it to every task" in late(found), found
    assert two.difference(sql) is None


def test_a_grouped_side_that_turns_out_small_goes_to_every_task(two):
    # It lies by hash of its keys already, and the other side would have to go there.
    sql = ("SELECT count(*), sum(f.id), max(f.s) FROM facts f JOIN (SELECT k FROM facts GROUP BY k HAVING min(id) = 5) q "
           "ON f.k = q.k")
    found = explained(two, sql)
    assert "so it goes to every task, not both sides by hash" in late(found), found
    assert two.difference(sql) is None


def test_the_side_that_was_filtered_is_made_first(two):
    # It is estimated larger: a fifth of its rows, but with their texts.
    sql = ("SELECT count(*), max(f.s || f.s), sum(g.id) FROM facts f JOIN facts g ON f.id = g.id "
           "WHERE length(f.s) + f.id < 2000")
    two.set(broadcast_threshold_mb=0)
    sent = [stage["rows"] for stage in explained(two, sql)["stages"] if stage["output"].startswith("hash(id")]
    assert len(sent) == 2 and max(sent) < 5000, sent
    assert two.difference(sql) is None


def test_what_has_no_rows_is_not_read_on(two):
    sql = f"SELECT f.id, q.n FROM facts f JOIN keys q ON f.k = q.k WHERE {NONE}"
    found = explained(two, sql)
    assert "not run: stage" in late(found), found
    assert sum(stage["ran"] for stage in found["stages"]) == 1
    assert two.difference(sql) is None
    assert two.difference(f"SELECT count(*), max(f.id) FROM facts f JOIN keys q ON f.k = q.k WHERE {NONE}") is None
    assert two.difference(f"SELECT count(*) FROM facts f WHERE NOT EXISTS (SELECT 1 FROM keys q WHERE q.k = f.k AND {NONE})") is None


def test_keys_of_the_small_side_filter_the_other_in_another_stage(two):
    two.set(broadcast_threshold_mb=0)
    sql = "SELECT count(*), sum(f.id) FROM facts f JOIN keys q ON f.k = q.k WHERE q.n BETWEEN 3 AND 30"

    def facts_sent(found):
        return max(stage["rows"] for stage in found["stages"] if stage["output"].startswith("hash(k"))
    found = explained(two, sql)
    assert "filtered by the range of keys and bloom filter of stage" in late(found), found
    assert "skein_may_contain" in str(found) and len(str(found)) < 100_000, "the filter itself is shown"
    filtered = facts_sent(found)
    two.set(skein_runtime_filters="off")
    plain = explained(two, sql)
    assert "filtered by" not in late(plain)
    assert filtered < 10000 < 30000 < facts_sent(plain)
    assert two.difference(sql) is None


def test_a_filter_goes_through_a_shuffle_to_the_scan(two):
    two.set(broadcast_threshold_mb=0)
    sql = ("SELECT count(*), sum(g.d) FROM (SELECT id, k, count(*) c FROM facts GROUP BY id, k) f "
           "JOIN facts g ON f.id = g.id JOIN (SELECT DISTINCT k FROM keys q WHERE q.n BETWEEN 2 AND 4) q ON f.k = q.k")
    assert "filtered by the" in late(explained(two, sql))
    two.set(skein_runtime_filters="off")
    assert two.difference(sql) is None


def test_a_hot_key_is_joined_by_several_tasks(two):
    two.set(broadcast_threshold_mb=0, skein_skew_threshold_mb=0.01, skein_runtime_filters="off")
    sql = "SELECT count(*), sum(f.id + q.n) FROM facts f JOIN (SELECT k, n FROM keys) q ON f.k = q.k"
    found = explained(two, sql)
    assert "is split over several tasks" in late(found), found
    joining = [stage for stage in found["stages"] if "split over" in "".join(stage["late_decisions"])]
    assert joining[0]["tasks"] > 4
    assert two.difference(sql) is None
    # The rows of the side that has to be there once are not copied.
    for kind in ("RIGHT JOIN", "FULL JOIN"):
        other = f"SELECT count(*), sum(f.id + q.n) FROM facts f {kind} (SELECT k, n FROM keys) q ON f.k = q.k"
        assert two.difference(other) is None
    # Nor are rows divided whose lying together is relied on.
    assert two.difference("SELECT f.k, count(*), median(f.id) FROM facts f JOIN keys q ON f.k = q.k GROUP BY f.k") is None


def test_little_is_repartitioned_into_one_task(two):
    two.set(num_shuffle_partitions=0)
    sql = "SELECT k, count(*) FROM facts WHERE id < 500 GROUP BY k"
    found = explained(two, sql)
    assert "2 partitions for 1 task: small" in late(found), found
    assert two.difference(sql) is None


def test_a_setting_that_is_none(two):
    with pytest.raises(Exception, match="It takes on or off"):
        two.set(skein_runtime_filters="perhaps")
    assert two.difference("SELECT count(*) FROM facts") is None
