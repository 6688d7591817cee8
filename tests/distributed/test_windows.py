"""Windows: each is made where its rows lie right, several of different keys one after the other; those without keys by ranges
of what they are ordered by, or as totals."""

import json

import pytest

import sorted_data


@pytest.fixture(scope="module")
def folder():
    return sorted_data.folder()


@pytest.fixture(params=[1, 2, 3, 7])
def pair(request, cluster, folder):
    one = cluster(folder, workers=request.param)
    one.set(num_shuffle_partitions=0, broadcast_threshold_mb=0, skein_split_rows=2000)
    one.workers = request.param
    return one


@pytest.fixture
def three(cluster, folder):
    one = cluster(folder, workers=3)
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=2000)
    return one


def stages(pair, sql):
    lines = pair.run(f"EXPLAIN (ANALYZE, DISTRIBUTED, FORMAT JSON) {sql}").column(0).to_pylist()
    found = json.loads("\n".join(lines))
    return found["stages"], found["final"]


def outputs(pair, sql):
    return [stage["output"] for stage in stages(pair, sql)[0]]


def said(pair, sql):
    found, final = stages(pair, sql)
    return "; ".join(text for stage in [*found, final] for text in stage["decisions"])


CHAINS = [
    # Different keys, and the columns of the result in another order than they are made in.
    "SELECT id, sum(id) OVER (PARTITION BY day) a, count(*) OVER (PARTITION BY letter) b, mixed FROM numbers",
    "SELECT row_number() OVER (PARTITION BY letter ORDER BY id) a, rank() OVER (PARTITION BY day ORDER BY id) b,"
    " lag(id) OVER (PARTITION BY letter ORDER BY mixed, id) c, id FROM numbers",
    # Those that share a key, of which one has it alone, and those of which none has.
    "SELECT id, max(id) OVER (PARTITION BY day, letter) a, min(id) OVER (PARTITION BY day) b FROM numbers",
    "SELECT id, max(id) OVER (PARTITION BY day, letter) a, min(id) OVER (PARTITION BY small, day) b FROM numbers",
    "SELECT id, sum(id) OVER (PARTITION BY small, day) a, sum(id) OVER (PARTITION BY day, small) b,"
    " count(*) OVER (PARTITION BY letter, letter, d % 7) c FROM (SELECT *, day - DATE '2020-01-01' AS d FROM numbers) WHERE id > 5",
    # Keys that are expressions, unkind values, filters, frames and what follows above.
    "SELECT id, sum(id) OVER (PARTITION BY id % 7) a, sum(id) FILTER (id % 2 = 0) OVER (PARTITION BY number) b,"
    " count(DISTINCT small) OVER (PARTITION BY length(hot)) c FROM numbers",
    "SELECT id, first_value(id) OVER (PARTITION BY list ORDER BY id) a, last_value(id) OVER (PARTITION BY pair ORDER BY id"
    " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) b, nth_value(id, 2) OVER (PARTITION BY nothing ORDER BY id) c FROM numbers",
    "SELECT day, count(*), max(a), min(b) FROM (SELECT day, rank() OVER (PARTITION BY day ORDER BY id) a,"
    " row_number() OVER (PARTITION BY letter ORDER BY id DESC) b FROM numbers) GROUP BY day",
    "SELECT id, mixed FROM numbers QUALIFY row_number() OVER (PARTITION BY day ORDER BY id) <= 2"
    " AND count(*) OVER (PARTITION BY letter) > 300 OR rank() OVER (PARTITION BY small ORDER BY mixed) = 1",
    "SELECT a.id, a.w, a.v, b.mixed FROM (SELECT id, sum(id) OVER (PARTITION BY day) w, avg(mixed) OVER (PARTITION BY small) v"
    " FROM numbers) a JOIN numbers b ON a.id = b.mixed",
    # With one that has no key.
    "SELECT id, sum(id) OVER (PARTITION BY day ORDER BY id) a, sum(id) OVER (PARTITION BY letter ORDER BY id) b,"
    " ntile(5) OVER (ORDER BY id) c, sum(id) OVER () d FROM numbers",
    # Over groups, joins and nothing at all.
    "SELECT day, letter, sum(id) s, sum(sum(id)) OVER (PARTITION BY day) a, rank() OVER (PARTITION BY letter ORDER BY sum(id), day) b"
    " FROM numbers GROUP BY day, letter",
    "SELECT x.id, count(*) OVER (PARTITION BY x.id) a, count(*) OVER (PARTITION BY y.day) b FROM numbers x JOIN numbers y ON x.id = y.mixed",
    "SELECT id, sum(id) OVER (PARTITION BY day) a, count(*) OVER (PARTITION BY letter) b FROM numbers WHERE id < 0",
    "WITH w AS MATERIALIZED (SELECT id, day, letter, sum(id) OVER (PARTITION BY day) a, sum(id) OVER (PARTITION BY letter) b FROM numbers)"
    " SELECT x.*, y.a FROM w x JOIN w y USING (id) WHERE x.b > 100",
]


def test_chains(pair):
    assert not pair.wrong(CHAINS)


def test_each_link_lies_by_its_own_keys(three):
    assert outputs(three, CHAINS[0]) == ["hash(day)", "hash(letter)", "gather"]
    assert "in one task" not in said(three, CHAINS[0])
    # Rows that lie by day lie by day and letter.
    assert outputs(three, CHAINS[2]) == ["hash(day)", "gather"]
    # No window has the day alone: it may have few values.
    assert outputs(three, CHAINS[3]) == ["hash(day, letter)", "hash(small, day)", "gather"]
    found = said(three, CHAINS[10])
    assert "PARTITION BY day" in found and "PARTITION BY letter" in found and "it has no PARTITION BY" in found


def test_rows_that_lie_right_stay(three):
    groups = "SELECT day, letter, sum(sum(id)) OVER (PARTITION BY day, letter ORDER BY count(*)) FROM numbers GROUP BY day, letter"
    assert outputs(three, groups) == ["hash(day, letter)", "gather"] and not three.wrong([groups])
    assert "in one task already" in said(three, groups)
    both = "SELECT day, sum(count(*)) OVER (PARTITION BY count(*)) a, max(sum(id)) OVER (PARTITION BY day) b FROM numbers GROUP BY day"
    assert outputs(three, both) == ["hash(day)", "hash(count_star())", "gather"] and not three.wrong([both])


def test_one_task_takes_them_together(cluster, folder):
    one = cluster(folder, workers=1)
    one.set(skein_split_rows=2000)
    assert "window in one task: different PARTITION BY" in said(one, CHAINS[0])


TOTALS = [
    "SELECT id, sum(id) OVER () a, count(*) OVER () b, id * 100.0 / sum(id) OVER () c FROM numbers",
    "SELECT id, avg(price) OVER () a, min(day) OVER () b, max(moment) OVER () c, max(long) OVER () d, sum(number) FILTER (number < 10) OVER () e,"
    " count(small) OVER () f, stddev(mixed) OVER () g, bool_and(id >= 0) OVER () h, sum(price) OVER () i FROM numbers",
    "SELECT id, count(DISTINCT small) OVER () a, sum(DISTINCT small) OVER () b, count(DISTINCT day) OVER () c FROM numbers",
    "SELECT id, sum(id) OVER (ORDER BY mixed ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) a,"
    " max(id) OVER (ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) b FROM numbers",
    "SELECT day, sum(id) s, sum(id) * 1.0 / sum(sum(id)) OVER () r FROM numbers GROUP BY day",
    "SELECT id, sum(id) OVER () FROM numbers WHERE id < 0",
    "SELECT id, count(*) OVER () a, sum(id) FILTER (id < 0) OVER () b, sum(nothing::INTEGER) OVER () c FROM numbers WHERE id < 3",
    "SELECT sum(t), max(t), count(*) FROM (SELECT sum(id) OVER () - id AS t FROM numbers)",
    "SELECT a.id, a.t, b.mixed FROM (SELECT id, count(*) OVER () t FROM numbers) a JOIN numbers b ON a.id = b.mixed AND b.id < 50",
    "SELECT id FROM numbers QUALIFY id > avg(id) OVER () AND mixed < max(mixed) OVER () - 3",
    "SELECT id, t FROM (SELECT id, sum(mixed) OVER () t FROM numbers) UNION ALL SELECT id, 1 FROM numbers",
    "SELECT id, sum(id) OVER () a FROM numbers ORDER BY mixed LIMIT 5",
    "SELECT count(*) OVER () a FROM numbers",
]
RUNNING = [
    "SELECT id, row_number() OVER (ORDER BY mixed) a FROM numbers",
    "SELECT id, row_number() OVER (ORDER BY mixed DESC) a, sum(id) OVER (ORDER BY mixed DESC ROWS UNBOUNDED PRECEDING) b,"
    " count(*) OVER (ORDER BY mixed DESC) c, avg(price) OVER (ORDER BY mixed DESC) d, min(id) OVER (ORDER BY mixed DESC) e,"
    " max(day) OVER (ORDER BY mixed DESC ROWS UNBOUNDED PRECEDING) f FROM numbers",
    "SELECT id, sum(small) OVER (ORDER BY id) a, avg(small) OVER (ORDER BY id) b, count(small) OVER (ORDER BY id) c, min(small) OVER (ORDER BY id) d,"
    " sum(number) FILTER (number < 10) OVER (ORDER BY id) e, sum(price) OVER (ORDER BY id) f, min(number) OVER (ORDER BY id) g,"
    " max(number) OVER (ORDER BY id) h, sum(id) FILTER (id > 19000) OVER (ORDER BY id) i, sum(nothing::INTEGER) OVER (ORDER BY id) j FROM numbers",
    "SELECT id, avg(id::DECIMAL(9, 2)) OVER (ORDER BY id) a, sum(id::HUGEINT * 100000000000000000) OVER (ORDER BY id) b,"
    " min(moment) OVER (ORDER BY id) c, max(id % 2 = 0) OVER (ORDER BY id) d, max(to_days(id::INTEGER)) OVER (ORDER BY id DESC) e FROM numbers",
    # Of two orders, with totals, with keys of their own, and with all of it above and below.
    "SELECT id, rank() OVER (ORDER BY day) a, dense_rank() OVER (ORDER BY letter) b, sum(id) OVER () c, sum(id) OVER (PARTITION BY day) d,"
    " dense_rank() OVER (ORDER BY day) e FROM numbers",
    "SELECT day, sum(id) s, sum(sum(id)) OVER (ORDER BY day) r, rank() OVER (ORDER BY count(*), day) t FROM numbers GROUP BY day",
    "SELECT id, mixed FROM numbers QUALIFY row_number() OVER (ORDER BY mixed) BETWEEN 9990 AND 10010",
    "SELECT a.id, a.r, b.mixed FROM (SELECT id, row_number() OVER (ORDER BY price, id) r FROM numbers) a JOIN numbers b ON a.r = b.id",
    "SELECT letter, count(*), sum(r), max(s) FROM (SELECT letter, rank() OVER (ORDER BY day) r, sum(id) OVER (ORDER BY id) s FROM numbers) GROUP BY letter",
    "SELECT id, sum(r) OVER (ORDER BY id) a FROM (SELECT id, row_number() OVER (ORDER BY mixed) r FROM numbers)",
    "SELECT id, rank() OVER (ORDER BY mixed) FROM numbers WHERE id < 0",
    "SELECT id, row_number() OVER (ORDER BY mixed) a, sum(mixed) OVER (ORDER BY mixed) b FROM numbers WHERE id = 7",
    "SELECT id, row_number() OVER (ORDER BY mixed) a, rank() OVER (ORDER BY day) b FROM numbers ORDER BY mixed",
    "SELECT x.id, rank() OVER (ORDER BY x.day, y.small) a, sum(y.id) OVER (ORDER BY x.day, y.small) b FROM numbers x JOIN numbers y ON x.id = y.mixed",
    "WITH w AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY mixed) r FROM numbers) SELECT x.id, x.r, y.id FROM w x JOIN w y ON x.r = y.r + 1",
    # Numbers in no order are all numbers.
    "SELECT min(r), max(r), count(DISTINCT r), count(DISTINCT (r, id)) FROM (SELECT id, row_number() OVER () r FROM numbers)",
]


@pytest.fixture
def large(pair):
    pair.set(skein_range_sort_rows=1)
    return pair


def test_totals(large):
    assert not large.wrong(TOTALS)


def test_running(large):
    assert not large.wrong(RUNNING)


def test_running_over_unkind_keys(large):
    """Equal keys are peers wherever they were read, and lie in one range."""
    wrong = large.wrong([f"SELECT id, rank() OVER w a, dense_rank() OVER w b, sum(id) OVER w c, count(*) OVER w d, max(mixed) OVER w e"
                         f" FROM numbers WHERE id % 4 = 0 WINDOW w AS (ORDER BY {order})" for order in sorted_data.TIES])
    wrong |= large.wrong([f"SELECT id, row_number() OVER (ORDER BY {order}) a, sum(mixed) OVER (ORDER BY {order} ROWS UNBOUNDED PRECEDING) b"
                          " FROM numbers WHERE id % 4 = 0" for order in sorted_data.ORDERS])
    assert not wrong


def test_no_place_has_all_rows(three):
    three.set(skein_range_sort_rows=1)
    for sql in (TOTALS[0], RUNNING[1], RUNNING[4]):
        found, final = stages(three, sql)
        text = "; ".join(line for stage in [*found, final] for line in stage["decisions"])
        assert "in one task" not in text.replace("the second in one task", ""), text
        # What is read whole by a task is a row for each task, or one.
        wide = [stage for stage in found if stage["output"] in ("gather", "broadcast") and stage["rows"] > 3]
        assert [stage["stage"] for stage in wide] == [found[-1]["stage"]] and found[-1]["tasks"] == 3, wide
    ranges = [stage["output"] for stage in stages(three, RUNNING[4])[0] if stage["output"].startswith("range(")]
    assert ranges == ["range(day)", "range(letter)"]


def test_tasks_of_the_same_machine_make_no_ranges(three):
    """The session's engine has the same cores; only what every task can do with its own rows is made by all."""
    three.set(skein_range_sort_rows=1, skein_range_windows="auto")
    assert not three.wrong([TOTALS[0], RUNNING[0]])
    assert "tasks on other machines (skein_range_windows)" in said(three, RUNNING[0])
    assert "window in one task" not in said(three, TOTALS[0])
    three.set(skein_range_windows="on")
    assert "tasks on other machines" not in said(three, RUNNING[0])


def test_what_is_left_to_one_task(three):
    small = RUNNING[0]
    assert "it has no PARTITION BY, 2" in said(three, small) and "skein_range_sort_rows is 500000" in said(three, small)
    three.set(skein_range_sort_rows=1)
    others = [
        "SELECT id, ntile(7) OVER (ORDER BY id) a, row_number() OVER (ORDER BY id) b FROM numbers",
        "SELECT id, lag(id) OVER (ORDER BY id) a, sum(id) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) b FROM numbers",
        "SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) a FROM numbers",
        "SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) a, count(DISTINCT day) OVER (ORDER BY id) b FROM numbers",
        "SELECT id, max(long) OVER (ORDER BY id) a FROM numbers",
        "SELECT id, percent_rank() OVER (ORDER BY day) a, cume_dist() OVER (ORDER BY day) b FROM numbers",
        "SELECT id, first_value(id) OVER (ORDER BY mixed) a FROM numbers",
        "SELECT id, sum(id) OVER (ORDER BY id GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) a FROM numbers",
        "SELECT id, sum(id) OVER (ORDER BY id RANGE BETWEEN 5 PRECEDING AND CURRENT ROW) a FROM numbers",
        "SELECT id, median(id) OVER (ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) a FROM numbers WHERE id < 500",
    ]
    assert not three.wrong(others)
    for sql in others:
        assert "window in one task: it has no PARTITION BY" in said(three, sql), sql
