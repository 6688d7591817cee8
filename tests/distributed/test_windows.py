"""Windows: each is made where its rows lie right, several of different keys one after the other."""

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
