"""Folders of CSV and JSON files, read by tasks file by file: what DuckDB reads alone."""

import gzip
import json
import random

import duckdb
import pytest

import benchmark_data

COUNT = 1000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("text")


@pytest.fixture
def pair(cluster, folder):
    one = cluster(benchmark_data.tpch(0.01), allowed_locations=str(folder) + "/")
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0)
    one.tasks = 3
    return one


@pytest.fixture(params=[1, 2, 3, 7])
def every(pair, request):
    """As pair, with each number of tasks."""
    pair.set(num_shuffle_partitions=request.param)
    pair.tasks = request.param
    return pair


def quoted(value):
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def csv_files(folder):
    """Lines within quotes, NULL and empty text, CRLF in one file, one without rows, one without anything, a column whose
    type shows only late, and one compressed."""
    target = folder / "csv"
    if target.exists():
        return target
    target.mkdir()
    for number in range(9):
        rows = []
        end = "\r\n" if number == 3 else "\n"
        for i in range(COUNT if number != 4 else 0):
            # DuckDB takes a line break of another kind for the end of the line, even within quotes.
            text = [None, "", f"line one{end}line, two {i}", 'with "quotes"', f"plain {i}"][i % 5]
            late = i if number != 8 or i < COUNT - 2 else i + 0.5
            rows.append(f"{number * COUNT + i},{quoted(text) if text != '' else ''},2024-0{i % 9 + 1}-11,{late},{i % 7}")
        body = end.join(["id,t,day,late,k", *rows]) + end
        if number == 6:
            (target / f"part{number}.csv.gz").write_bytes(gzip.compress(body.encode()))
        else:
            (target / f"part{number}.csv").write_bytes(body.encode())
    return target


def json_files(folder, array=False):
    target = folder / ("array" if array else "json")
    if target.exists():
        return target
    target.mkdir()
    values = random.Random(5)
    for number in range(6):
        rows = [{"id": number * COUNT + i, "t": values.choice([None, "a\nb", "ü", "x" * 200]), "list": [i, None],
                 **({"late": {"deep": i}} if number == 5 else {}), **({} if i % 3 else {"sometimes": i / 2})}
                for i in range(COUNT if number != 2 else 0)]
        if array:
            (target / f"part{number}.json").write_text(json.dumps(rows))
        else:
            (target / f"part{number}.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return target


def split(pair, sql):
    """Tasks that read files of the stage that scans."""
    return max((stage["scanning_tasks"] or 0) for stage in pair.explain(sql))


def same(pair, sql, ordered=False, tasks=None):
    if pair.tasks > 1 and tasks != 0:
        assert split(pair, sql) >= min(pair.tasks, tasks or 3), sql
    assert pair.difference(sql, ordered) is None, sql


CSV_OPTIONS = ["", ", union_by_name = true", ", filename = true",
               ", columns = {'id': 'BIGINT', 't': 'VARCHAR', 'day': 'DATE', 'late': 'DOUBLE', 'k': 'UTINYINT'}",
               ", types = {'id': 'HUGEINT'}, nullstr = ['plain 4'], parallel = false",
               ", sample_size = 5, types = {'late': 'DOUBLE'}"]


@pytest.mark.parametrize("options", CSV_OPTIONS)
def test_csv(pair, folder, options):
    scan = f"read_csv('{csv_files(folder)}/part[0-25-7].csv*'{options})"
    same(pair, f"SELECT * FROM {scan}")
    same(pair, f"SELECT count(*), count(t), min(t), max(day), count(DISTINCT late) FROM {scan}", tasks=0)
    same(pair, f"SELECT k, count(*) FROM {scan} WHERE t LIKE '%two%' GROUP BY k")
    same(pair, f"SELECT id FROM {scan} ORDER BY id LIMIT 20 OFFSET 1700", ordered=True, tasks=0)


def test_csv_without_options(every, folder):
    same(every, f"SELECT day, count(*) FROM '{csv_files(folder)}/part[0-35-7].csv' GROUP BY day")


def test_a_file_without_rows_and_one_of_another_type(every, folder):
    target = csv_files(folder)
    same(every, f"SELECT count(*), max(day) FROM read_csv('{target}/part[0-24-57].csv', union_by_name = true)")
    same(every, f"SELECT count(*), count(late) FROM read_csv('{target}/*.csv', union_by_name = true, ignore_errors = true)")
    # Found out too late, by DuckDB, too.
    for ask in (every.peer.execute, every.run):
        with pytest.raises(Exception, match="(?i)convert"):
            ask(f"SELECT max(t) FROM read_csv('{target}/*.csv', types = {{'t': 'BIGINT'}}, union_by_name = true)")


def test_csv_with_columns_in_another_order(pair, folder):
    target = folder / "drift"
    if not target.exists():
        target.mkdir()
        for number in range(6):
            names = ["id", "a", "b"] if number % 2 else ["b", "id", "a"]
            body = "\n".join([",".join(names), *(",".join(f"{name}{i}" if name != "id" else str(i) for name in names)
                                                 for i in range(900))])
            (target / f"d{number}.csv").write_text(body + "\n")
        (target / "e.csv").write_text("id,c\n" + "".join(f"{i},c{i}\n" for i in range(900)))
    same(pair, f"SELECT id, a, b FROM read_csv('{target}/d*.csv')")
    same(pair, f"SELECT a, count(b), sum(id) FROM read_csv('{target}/d*.csv', union_by_name = true) GROUP BY a")
    same(pair, f"SELECT * FROM read_csv('{target}/*.csv', union_by_name = true)")


def test_csv_files_that_have_little_in_common(every, folder):
    """Each task looks at its own files only: columns, types, dialects and headers are those of each, the result's those of all."""
    target = folder / "apart"
    if not target.exists():
        target.mkdir()
        line = {0: lambda i: f"{i},{i % 90:03},2024-01-{i % 28 + 1:02},x{i}", 1: lambda i: f"{i};n/a;{i / 4};true",
                2: lambda i: f"{i}|{i}|'a|b{i}'|", 3: lambda i: f"{i},{i % 2 == 0},,", 4: lambda i: f"{i}\t{i}e3\t{i}:30\t-"}
        header = {0: "id,code,day,t", 1: "ID;CODE;ratio;mark", 2: "id|late|t|none", 3: "flag,code,none,other", 4: "id\tratio\tday\tT"}
        for number in range(15):
            kind = number % 5
            rows = [line[kind](number * 1000 + i) for i in range(700 if number != 7 else 0)]
            (target / f"{number:02}.csv").write_text("\n".join([header[kind], *rows]) + "\n")
        # Its name looks as if it told a column, the others' do not.
        (target / "year=2024").mkdir()
        (target / "year=2024" / "x.csv").write_text("id,code\n" + "".join(f"{i},{i}\n" for i in range(700)))
    for options in ("", ", nullstr = 'n/a'", ", all_varchar = true", ", sample_size = 5, ignore_errors = true", ", filename = true",
                    ", types = {'code': 'VARCHAR'}", ", hive_partitioning = true"):
        for files in (f"'{target}/*.csv'", f"['{target}/0*.csv', '{target}/year=2024/x.csv']"):
            scan = f"read_csv({files}, union_by_name = true{options})"
            try:
                every.peer.execute(f"SELECT * FROM {scan}").fetchall()
            except duckdb.Error:
                with pytest.raises(Exception):
                    every.run(f"SELECT * FROM {scan}")
                continue
            same(every, f"SELECT * FROM {scan}")
            same(every, f"SELECT code, count(*), max(t), min(ratio) FROM {scan} WHERE id IS NOT NULL GROUP BY code", tasks=0)


def test_hive_partitions_of_csv(pair, folder):
    target = folder / "hive"
    for year in range(3):
        for part in ("a", "__HIVE_DEFAULT_PARTITION__"):
            path = target / f"year=202{year}" / f"p={part}"
            path.mkdir(parents=True, exist_ok=True)
            (path / "x.csv").write_text("id,t\n" + "".join(f"{i},t{i}\n" for i in range(600)))
    scan = f"read_csv('{target}/*/*/*.csv', hive_partitioning = true)"
    same(pair, f"SELECT year, p, count(*), sum(id) FROM {scan} GROUP BY ALL")
    # Which files say what the columns are is then not what it was: one engine reads.
    sql = f"SELECT p, count(*) FROM {scan} WHERE year = 2021 GROUP BY ALL"
    assert pair.difference(sql) is None


@pytest.mark.parametrize("options", ["", ", union_by_name = true", ", filename = true", ", maximum_sample_files = 2, "
                                     "ignore_errors = true", ", columns = {'id': 'BIGINT', 't': 'VARCHAR'}"])
def test_json(pair, folder, options):
    scan = f"read_json('{json_files(folder)}/*.json'{options})"
    same(pair, f"SELECT * FROM {scan}")
    same(pair, f"SELECT t, count(*), min(id) FROM {scan} GROUP BY t")


def test_other_kinds_of_json(every, folder):
    lines, array = json_files(folder), json_files(folder, array=True)
    same(every, f"SELECT count(*), sum(sometimes) FROM '{lines}/*.json'")
    same(every, f"SELECT count(*), sum(id) FROM read_json('{array}/*.json')")
    same(every, f"SELECT count(*), sum(late.deep) FROM read_ndjson('{lines}/*.json')")
    same(every, f"SELECT json->>'t' AS t, count(*) FROM read_ndjson_objects('{lines}/*.json') GROUP BY 1")


def test_joins_of_formats(every, folder):
    text, lines = csv_files(folder), json_files(folder)
    same(every, f"SELECT c.k, count(*), count(j.t) FROM '{text}/part[0-35-7].csv' c LEFT JOIN '{lines}/*.json' j USING (id)"
               " GROUP BY ALL")
    same(every, f"SELECT l_returnflag, count(*) FROM lineitem JOIN '{text}/part[0-35-7].csv' ON id = l_orderkey GROUP BY 1")


def test_what_is_not_split(pair, folder):
    text = csv_files(folder)
    for sql in (f"SELECT count(*) FROM '{text}/part0.csv'", f"SELECT file_index, count(*) FROM '{text}/part[0-35].csv' GROUP BY 1"):
        assert pair.difference(sql) is None
        assert not any(stage["scanning_tasks"] for stage in pair.explain(sql))
    odd = folder / "odd"
    odd.mkdir(exist_ok=True)
    for name, value in (("g[1].csv", 1), ("g1.csv", 2), ("g2.csv", 3)):
        (odd / name).write_text("x\n" + f"{value}\n" * 900)
    assert pair.difference(f"SELECT x, count(*) FROM '{odd}/*.csv' GROUP BY x") is None
