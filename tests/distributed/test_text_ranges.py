"""One CSV or JSON file in ranges of bytes: what DuckDB reads alone, and the same errors. Files whose lines are not records are read whole."""

import gzip
import json
import random
import re

import pytest

import benchmark_data
import oracle

ROWS = 16000
# Behind what DuckDB looks at to find out types.
LATE = 30000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ranges")


@pytest.fixture
def pair(cluster, folder):
    one = cluster(benchmark_data.tpch(0.01), allowed_locations=str(folder) + "/")
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0)
    return one


def write(folder, name, rows, head="id,t,day,x,k", end="\n", last=True):
    path = folder / name
    if not path.exists():
        lines = ([head] if head else []) + list(rows)
        path.write_bytes((end.join(lines) + (end if last else "")).encode())
    return path


def plain(count=ROWS, sep=","):
    return (sep.join((str(i), ("", "text", "ü" * (i % 40), f"v {i}")[i % 4], f"2024-0{i % 9 + 1}-11", str(i / 7), str(i % 5)))
            for i in range(count))


def split(pair, sql):
    """(tasks that read, what is said of the scan)"""
    stages = pair.explain(sql)
    return max(stage["scanning_tasks"] or 0 for stage in stages), " ".join(stage["decisions"] or "" for stage in stages)


def stays_split(pair, sql):
    (text,) = [row["explain_value"] for row in pair.run(f"EXPLAIN ANALYZE {sql}").to_pylist()[-1:]]
    assert "Distributed: " in text and "Not distributed" not in text, text


def same(pair, scan, in_ranges=True, tasks=(1, 3, 7), stays=True, columns="id, t, day, x, k"):
    queries = (f"SELECT * FROM {scan}", f"SELECT count(*), count(t), min(t), max(id) FROM {scan}",
               f"SELECT {columns.split(',')[-1]}, count(*) FROM {scan} GROUP BY 1",
               f"SELECT {columns} FROM {scan} ORDER BY ALL LIMIT 30 OFFSET 1000")
    said = split(pair, queries[0])
    assert (said[0] == 3 and "ranges of bytes" in said[1]) == in_ranges, said
    if in_ranges and stays:
        stays_split(pair, queries[1])
    for sql in queries:
        for count in tasks if "*" not in sql else tasks[-1:]:
            pair.set(num_shuffle_partitions=count)
            assert pair.difference(sql, "ORDER BY" in sql) is None, (count, sql)
    pair.set(num_shuffle_partitions=3)
    return said[1]


@pytest.mark.parametrize("options", ["", ", columns = {'id': 'BIGINT', 't': 'VARCHAR', 'day': 'DATE', 'x': 'DOUBLE', 'k': 'UTINYINT'}",
                                     ", types = {'id': 'HUGEINT'}, nullstr = 'text'", ", all_varchar = true", ", null_padding = true, parallel = false",
                                     ", delim = ',', quote = ''"])
def test_plain_lines(pair, folder, options):
    path = write(folder, "plain.csv", plain())
    same(pair, f"read_csv('{path}'{options})", tasks=(1, 3, 7) if not options else (3,))


@pytest.mark.parametrize("name, head, end, last, sep, options", [
    ("no_end", "id,t,day,x,k", "\n", False, ",", ""),
    ("semicolon", "id;t;day;x;k", "\n", True, ";", ""), ("tab", "id\tt\tday\tx\tk", "\n", True, "\t", ""),
    ("headless", None, "\n", True, ",", ", names = ['id', 't', 'day', 'x', 'k']"),
    ("quoted_head", '"id","t","day","x","k"', "\n", True, ",", ""), ("gap,lines", "id,t,day,x,k", "\n\n", True, ",", "")])
def test_dialects(pair, folder, name, head, end, last, sep, options):
    path = write(folder, f"{name}.csv", plain(sep=sep), head, end, last)
    same(pair, f"read_csv('{path}'{options})", tasks=(3,))


def test_quotes(pair, folder):
    rows = (f'{i},"a ""quoted"", value {i}",2024-01-02,"{i / 3}","{i % 3}"' for i in range(ROWS))
    same(pair, f"'{write(folder, 'quotes.csv', rows)}'", tasks=(3,))
    # Random ends of lines, and lines longer than what is read at once.
    values = random.Random(7)
    rows = (f'{i},"{"x" * values.choice([0, 1, 30, 300])}{"y" * (100000 if i % 9000 == 5 else 0)}",2024-01-02,1,{i % 3}' for i in range(ROWS))
    same(pair, f"read_csv('{write(folder, 'long.csv', rows)}', quote = '\"')", tasks=(3,))


def test_dates_of_another_order(pair, folder):
    rows = (f"{i},a,{i % 27 + 1:02}/{i % 12 + 1:02}/2021,{i % 27 + 1:02}/03/2021 10:0{i % 10}:00,{i % 5}" for i in range(ROWS))
    same(pair, f"'{write(folder, 'dates.csv', rows)}'", tasks=(3,))


def test_line_breaks_within_quotes(pair, folder):
    """Found out by a task: the file is read again, whole."""
    for name, odd in (("break", '"two\nlines, {}"'), ("uneven", 'x"y'), ("many", '"\n\n\n{},a,2024-01-01,1,2\n"')):
        rows = (f"{i},{odd.format(i) if i > LATE - 20 else f't {i}'},2024-01-02,{i / 3},{i % 3}" for i in range(LATE))
        path = write(folder, f"{name}.csv", rows)
        same(pair, f"read_csv('{path}', quote = '\"', escape = '\"', delim = ',', header = true)", tasks=(3,), stays=False)
    rows = pair.run(f"EXPLAIN ANALYZE SELECT k, count(*) FROM read_csv('{folder}/break.csv', quote = '\"', escape = '\"', delim = ',', header = true) GROUP BY k").to_pylist()
    assert "a line is not a record" in rows[-1]["explain_value"], rows


def test_errors_are_those_of_the_file(pair, folder):
    rows = (f"{i},t,2024-01-02,{i / 3 if i != LATE - 9 else 'none'},{i % 3}" for i in range(LATE))
    scan = f"read_csv('{write(folder, 'wrong.csv', rows)}')"
    said = []
    for ask in (pair.peer.execute, pair.run):
        with pytest.raises(Exception, match="(?i)convert") as raised:
            ask(f"SELECT k, sum(x) FROM {scan} GROUP BY k")
        said.append([line for line in str(raised.value).splitlines() if "Line: " in line])
    assert said[0] and said[0][0].split("Line: ")[1] in said[1][0]
    same(pair, scan.replace("')", "', ignore_errors = true)"), tasks=(3,))


def test_what_is_read_whole(pair, folder):
    path = write(folder, "plain.csv", plain())
    packed = folder / "packed.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    skipped = write(folder, "skipped.csv", plain(), "# a line of no record\nid,t,day,x,k")
    returns = write(folder, "returns.csv", plain(), end="\r")
    for scan, why in ((f"read_csv('{returns}')", "line feed"), (f"read_csv('{packed}')", "compressed"), (f"read_csv('{skipped}', skip = 1)", "skipped"),
                      (f"read_csv('{path}', filename = true)", "filename"), (f"read_csv('{path}', comment = '#')", "comment"),
                      (f"read_csv('{path}', encoding = 'utf-8')", "encoding")):
        assert why in same(pair, scan, in_ranges=False, tasks=(3,)), scan


@pytest.mark.parametrize("name, last, options", [("crlf", True, ""), ("crlf_end", False, ", types = {'id': 'BIGINT'}"), ("crlf_bare", True, ", header = false, names = ['id', 't', 'day', 'x', 'k']")])
def test_lines_that_end_with_a_carriage_return_too(pair, folder, name, last, options):
    rows = (f'{i},"a ""quoted"", value {i}",2024-01-02,"{i / 3}",{i % 3}' for i in range(ROWS))
    path = write(folder, f"{name}.csv", rows, None if "bare" in name else "id,t,day,x,k", "\r\n", last)
    same(pair, f"read_csv('{path}'{options})", tasks=(1, 3, 7) if not options else (3,))


def test_other_line_ends_among_them(pair, folder):
    """Found out by a task: the file is read again, whole."""
    for name, odd in (("among", '"two\nlines, {}"'), ("return", '"one\r{}"')):
        rows = (f"{i},{odd.format(i) if i > LATE - 20 else f't {i}'},2024-01-02,{i / 3},{i % 3}" for i in range(LATE))
        path = write(folder, f"crlf_{name}.csv", rows, end="\r\n")
        same(pair, f"read_csv('{path}', quote = '\"', escape = '\"', delim = ',', header = true)", tasks=(3,), stays=False)


def objects(count=ROWS, **more):
    for i in range(count):
        yield {"id": i, "t": [None, 'a "quoted" \n }{ \\', "ü" * (i % 40), f"v {i}"][i % 4], "day": f"2024-0{i % 9 + 1}-11",
               "x": {"deep": [i / 7, {"a": i % 3}]}, "k": i % 5, **more}


def json_file(folder, name, rows, end="\n", last=True):
    path = folder / name
    if not path.exists():
        path.write_text(end.join(json.dumps(row) if isinstance(row, dict) else row for row in rows) + (end if last else ""), newline="")
    return path


@pytest.mark.parametrize("function, options", [
    ("read_json", ""), ("read_ndjson", ""), ("read_json_auto", ", format = 'nd', sample_size = 50"),
    ("read_json", ", columns = {'id': 'BIGINT', 't': 'VARCHAR', 'day': 'DATE', 'x': 'JSON', 'k': 'UTINYINT'}"),
    ("read_json", ", ignore_errors = true, maximum_depth = 1")])
def test_json_lines(pair, folder, function, options):
    path = json_file(folder, "plain.json", objects())
    same(pair, f"{function}('{path}'{options})", tasks=(1, 3, 7) if not options else (3,))


def test_json_lines_of_other_ends(pair, folder):
    for name, end, last in (("crlf", "\r\n", True), ("gaps", "\n\n  \n", True), ("no_end", "\n", False)):
        path = json_file(folder, f"{name}.json", objects(), end, last)
        same(pair, f"'{path}'", tasks=(3,))
    # A line longer than what is read at once, and values that are no columns.
    rows = ({**row, "t": "y" * 100000 if row["id"] % 9000 == 5 else row["t"]} for row in objects())
    path = json_file(folder, "long.json", rows)
    same(pair, f"'{path}'", tasks=(3,))
    assert pair.difference(f"SELECT json->>'k' k, count(*) FROM read_json_objects('{path}') GROUP BY 1") is None


def test_json_that_is_no_line_below(pair, folder):
    """Found out by a task: read again whole, with DuckDB's answer, or its error."""
    two = json_file(folder, "two.json", (json.dumps(row) + (json.dumps(row) if row["id"] > LATE - 5 else "") for row in objects(LATE)))
    pretty = json_file(folder, "pretty.json", (json.dumps(row, indent=1 if row["id"] > LATE - 5 else None) for row in objects(LATE)))
    unknown = json_file(folder, "unknown.json", ({**row, **({"new": 1} if row["id"] == LATE - 9 else {})} for row in objects(LATE)))
    for path in (two, pretty, unknown):
        for scan in (f"read_json('{path}')", f"read_json('{path}', format = 'nd', ignore_errors = true)"):
            sql = f"SELECT * FROM {scan}"
            assert split(pair, sql)[0] == 3, sql
            try:
                pair.peer.execute(sql).fetchall()
            except Exception as error:  # noqa: BLE001
                with pytest.raises(Exception, match="(?i)json|object") as raised:
                    pair.run(sql)
                places = re.findall(r"in line \d+|unknown key", str(error))
                assert places and all(place in str(raised.value) for place in places), (error, raised.value)
            else:
                assert pair.difference(sql) is None, sql


def test_json_that_is_read_whole(pair, folder):
    path = json_file(folder, "plain.json", objects())
    array = folder / "array.json"
    array.write_text(json.dumps(list(objects())))
    indented = json_file(folder, "indented.json", (json.dumps(row, indent=1) for row in objects()))
    packed = folder / "packed.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for scan, why in ((f"read_json('{array}')", "lines are not objects"), (f"read_json('{indented}')", "lines are not objects"),
                      (f"read_json('{packed}')", "compressed"), (f"read_json('{path}', filename = true)", "filename|file's name"),
                      (f"read_json('{path}', format = 'unstructured')", "not said to be lines")):
        said = same(pair, scan, in_ranges=False, tasks=(3,))
        assert any(word in said for word in why.split("|")), (scan, said)


def test_joins_and_writes(pair, folder):
    path = write(folder, "plain.csv", plain())
    sql = f"SELECT l_returnflag, count(*), sum(id) FROM lineitem JOIN '{path}' ON id = l_orderkey WHERE k <> 2 GROUP BY 1"
    assert split(pair, sql)[0] == 3 and pair.difference(sql) is None
    sql = f"SELECT a.k, count(*) FROM '{path}' a JOIN '{path}' b USING (id) GROUP BY 1"
    assert split(pair, sql)[0] == 3 and pair.difference(sql) is None
    target = folder / "written"
    pair.run(f"COPY (SELECT * FROM '{path}') TO '{target}' (FORMAT parquet, PER_THREAD_OUTPUT)")
    assert len(list(target.iterdir())) == 3
    assert oracle.difference(pair.peer.sql(f"SELECT * FROM '{target}/*.parquet'").to_arrow_table(),
                             pair.peer.sql(f"SELECT * FROM '{path}'").to_arrow_table()) is None


def test_a_client_cannot_name_a_range(pair):
    with pytest.raises(Exception, match="(?i)permission|no files found|cannot access"):
        pair.run("SELECT * FROM read_csv('/.skein-ranges/1_1_1_1_1_1_1_1_1/2f6574632f706173737764')")
