"""Every scalar and aggregate function of the catalogue, called on a worker: its value is DuckDB's. What a plan holds of a
function travels as bytes, and each has its own."""

import duckdb
import pytest

import benchmark_data
import oracle

# For each type of a parameter, columns of the table `everything` that fit.
COLUMNS = {
    "BOOLEAN": "bo", "TINYINT": "ti", "SMALLINT": "si", "INTEGER": "i", "BIGINT": "bi", "HUGEINT": "hu", "UTINYINT": "uti",
    "USMALLINT": "usi", "UINTEGER": "ui", "UBIGINT": "ubi", "UHUGEINT": "uhu", "FLOAT": "f", "DOUBLE": "d",
    "DECIMAL": "de", "VARCHAR": "s", "BLOB": "b", "BIT": "bit", "DATE": "da", "TIME": "tm", "TIMESTAMP": "ts",
    "TIMESTAMP WITH TIME ZONE": "tz", "TIME WITH TIME ZONE": "ttz", "TIMESTAMP_S": "ts::TIMESTAMP_S", "INTERVAL": "iv",
    "TIMESTAMP_MS": "ts::TIMESTAMP_MS", "TIMESTAMP_NS": "ts::TIMESTAMP_NS", "UUID": "u", "JSON": "js", "ANY": "i", "T": "i",
    "K": "s", "V": "i", "STRUCT": "st", "MAP(K, V)": "mp", "MAP(ANY, ANY)": "mp", "ANY[]": "li", "T[]": "li",
    "VARCHAR[]": "ls", "INTEGER[]": "li", "BIGINT[]": "li::BIGINT[]", "DOUBLE[]": "li::DOUBLE[]",
    "FLOAT[]": "li::FLOAT[]", "BOOLEAN[]": "[bo]", "ARRAY": "[d, 1.0]::DOUBLE[2]", "FLOAT[ANY]": "[f, 1.0]::FLOAT[2]",
    "DOUBLE[ANY]": "[d, 1.0]::DOUBLE[2]"}
# Constants that functions want in some places.
CONSTANTS = {"VARCHAR": ["'a'", "'day'", "'%Y'", "'$.a'", "'i'"], "INTEGER": ["2"], "BIGINT": ["2"], "DOUBLE": ["0.5"],
             "ANY": ["s", "d", "li", "da"], "T": ["s", "d"], "INTERVAL": ["INTERVAL 1 DAY"], "ANY[]": ["ls"], "T[]": ["ls"]}
# They depend on the order of rows or on chance, or look at the instance.
SKIPPED = {"approx_quantile", "reservoir_quantile", "approx_top_k", "error", "write_log", "sleep_ms", "getvariable",
           "current_connection_id", "current_query_id", "current_transaction_id", "txid_current", "nextval", "currval",
           "version", "current_localtime", "current_localtimestamp", "current_query", "pg_typeof", "create_sort_key"}
# Their value depends on the order of rows unless that is said.
ORDERED = {"list", "array_agg", "string_agg", "group_concat", "listagg", "first", "last", "any_value", "arbitrary", "arg_min",
           "arg_max", "argmin", "argmax", "min_by", "max_by", "arg_min_null", "arg_max_null", "arg_min_nulls_last",
           "arg_max_nulls_last", "mode", "histogram", "histogram_exact", "fsum", "kahan_sum", "sumkahan"}


@pytest.fixture(scope="module")
def everything():
    def generate(connection):
        connection.execute("""CREATE TABLE everything AS SELECT k, k % 7 AS g, k % 3 = 0 AS bo, (k % 100)::TINYINT AS ti,
            (k % 1000)::SMALLINT AS si, (k % 50)::INTEGER AS i, k::BIGINT AS bi, k::HUGEINT AS hu, (k % 60)::UTINYINT AS uti,
            (k % 60)::USMALLINT AS usi, (k % 60)::UINTEGER AS ui, k::UBIGINT AS ubi, k::UHUGEINT AS uhu,
            (k % 10 / 16)::FLOAT AS f, (k % 10) / 16 AS d, (k / 8)::DECIMAL(18, 3) AS de,
            CASE WHEN k % 11 = 0 THEN NULL ELSE 'text ' || k % 100 END AS s, ('b' || k % 9)::BLOB AS b,
            '2024-01-01'::DATE + (k % 400)::INTEGER AS da, '01:02:03'::TIME + to_seconds(k % 999) AS tm,
            '2024-03-31 00:00:00'::TIMESTAMP + to_seconds(k * 977) AS ts,
            '2024-03-31 00:00:00+00'::TIMESTAMPTZ + to_seconds(k * 977) AS tz, '01:02:03+02'::TIMETZ AS ttz,
            to_days((k % 40)::INTEGER) AS iv, ('00000000-0000-0000-0000-' || lpad(k::VARCHAR, 12, '0'))::UUID AS u,
            {'a': k, 'b': 'x'} AS st, MAP {'a': k % 5, 'b': 1} AS mp, [k % 5, NULL, 3]::INTEGER[] AS li,
            ['x' || k % 5, 'y'] AS ls FROM range(900) r(k)""")
    return benchmark_data.make("every-type", generate, 3, 2048)


@pytest.fixture(scope="module")
def pair(cluster, everything):
    one = cluster(everything)
    one.set(num_shuffle_partitions=3, broadcast_threshold_mb=0, skein_split_rows=150, TimeZone="Europe/Berlin")
    for run in (one.run, one.peer.execute):
        run("CREATE OR REPLACE TEMP VIEW everything AS SELECT *, s::BLOB::BIT AS bit, to_json(st) AS js "
            f"FROM read_parquet('{everything}/everything/*.parquet')")
    one.peer.execute("SET TimeZone = 'Europe/Berlin'")
    return one


def calls(peer, kind):
    """[(function, call)] that DuckDB answers."""
    found = []
    rows = peer.execute(f"""SELECT DISTINCT function_name, parameter_types FROM duckdb_functions()
        WHERE function_type = '{kind}' AND coalesce(stability, 'CONSISTENT') = 'CONSISTENT' ORDER BY ALL""").fetchall()
    # A table answers faster than a file.
    peer.execute("CREATE OR REPLACE TEMP TABLE same_rows AS FROM everything")
    for name, types in rows:
        if name in SKIPPED or name.startswith(("pg_", "__", "has_", "st_")) or any(kind is None for kind in types):
            continue
        columns = [COLUMNS.get(kind, COLUMNS["DECIMAL"] if kind.startswith("DECIMAL") else None) for kind in types]
        if None in columns:
            continue
        attempts = [columns]
        for place, kind in enumerate(types):
            attempts += [columns[:place] + [constant] + columns[place + 1:] for constant in CONSTANTS.get(kind, [])]
        wanted = len(found) + 2
        quoted = '"' + name.replace('"', '""') + '"'
        for attempt in attempts:
            call = f"{quoted}({', '.join(attempt)})"
            extra = " ORDER BY k" if kind == "aggregate" and attempt else ""
            written = call[:-1] + extra + ")"
            try:
                peer.execute(f"SELECT {written} FROM same_rows" + (" GROUP BY g" if kind == "aggregate" else "")).fetchall()
            except (duckdb.Error, OverflowError, ValueError):
                continue
            found.append((name, call))
            if len(found) == wanted:
                break
    return found


def differences(pair, written, query):
    """{expression: what differs}; asked for many at once, and one by one where that fails."""
    wrong = {}
    for first in range(0, len(written), 40):
        batch = written[first:first + 40]
        if not all_same(pair, query, batch):
            wrong |= {one: True for one in batch if not all_same(pair, query, [one])}
    return list(wrong)


def all_same(pair, query, expressions):
    sql = query.format(", ".join(f"{one} AS c{i}" for i, one in enumerate(expressions)))
    # As text, so that types that Arrow has not are compared, too; the last digits depend on the order of the rows.
    try:
        types = [str(one) for one in pair.peer.sql(sql).types[1:]]
        texts = [f"format('{{:.10g}}', round(c{i}, 12) + 0.0)" if one in ("DOUBLE", "FLOAT") else f"c{i}::VARCHAR"
                 for i, one in enumerate(types)]
        sql = f"SELECT k, {', '.join(texts)} FROM ({sql})"
        wanted = pair.peer.sql(sql).to_arrow_table()
    except duckdb.Error:
        wanted = None
    try:
        found = pair.run(sql)
    except Exception:  # noqa: BLE001
        return wanted is None and len(expressions) == 1
    return wanted is not None and oracle.difference(found, wanted) is None


@pytest.mark.timeout(300)
def test_scalar_functions(pair):
    found = calls(pair.peer, "scalar")
    assert len({name for name, _ in found}) > 300
    text = "SELECT k, {} FROM everything"
    assert max(stage["scanning_tasks"] for stage in pair.explain(text.format("abs(i)"))) >= 2
    assert not differences(pair, [call for _, call in found], text)


@pytest.mark.timeout(300)
def test_aggregate_functions(pair):
    found = calls(pair.peer, "aggregate")
    assert len({name for name, _ in found}) > 65
    text = "SELECT g AS k, {} FROM everything GROUP BY g"
    assert max(stage["scanning_tasks"] for stage in pair.explain(text.format("sum(i)"))) >= 2
    ordered = [call[:-1] + " ORDER BY k)" for _, call in found if call[-2] != "("]
    # How many values max(x, n) gives is n of the row that comes first.
    free = [call for name, call in found if name not in ORDERED and call not in ('"max"(s, bi)', '"min"(s, bi)')]
    filtered = [call + " FILTER (WHERE k % 5 = 1)" for call in free]
    distinct = [call[:-1].replace("(", "(DISTINCT ", 1) + ")" for _, call in found if call.count(",") == 0 and "()" not in call]
    def answered(calls_of):
        kept = []
        for call in calls_of:
            try:
                pair.peer.execute(f"SELECT {call} FROM everything GROUP BY g").fetchall()
                kept.append(call)
            except (duckdb.Error, OverflowError, ValueError):
                pass
        return kept
    distinct = [call for call in answered(distinct) if call.split("(")[0].strip('"') not in ORDERED]
    for written in (ordered, free, answered(filtered), distinct):
        assert not differences(pair, written, text)


@pytest.mark.parametrize("window", ["PARTITION BY g ORDER BY k", "ORDER BY k"])
def test_window_functions(pair, window):
    written = [f"{one} OVER ({window}{frame})" for one in (
        "row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(3)", "lag(s)", "lead(i, 2, -1)",
        "first_value(s)", "last_value(tz)", "nth_value(li, 2)", "sum(de)", "list(s)", "mode(i)", "quantile_cont(d, 0.3)",
        "count(DISTINCT i)", "string_agg(s, '-') FILTER (WHERE i > 3)")
        for frame in ("", " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", " RANGE BETWEEN 3 PRECEDING AND CURRENT ROW EXCLUDE TIES")]
    assert not differences(pair, written, "SELECT k, {} FROM everything")


@pytest.mark.parametrize("function", ["quantile_cont(l_quantity, {0})", "quantile_disc(l_shipdate, {0})",
                                      "percentile_cont({0}) WITHIN GROUP (ORDER BY l_extendedprice)"])
def test_constants_that_are_parameters(cluster, function):
    folder = benchmark_data.tpch(0.01)
    pair = cluster(folder)
    sql = f"SELECT l_returnflag, {function} FROM '{folder}/lineitem/*.parquet' GROUP BY 1 ORDER BY 1"
    with pair.server.connect_pg() as connection:
        connection.execute("SET skein_distributed = 'on'")
        connection.execute("SET skein_split_rows = 2000")
        plan = connection.execute("EXPLAIN (DISTRIBUTED) " + sql.format("%s"), [0.3]).fetchall()
        assert plan[0][0].startswith("Distributed"), plan
        wanted = connection.execute(sql.format("0.3")).fetchall()
        assert len(wanted) == 3
        for prepare in (False, True):
            assert connection.execute(sql.format("%s"), [0.3], prepare=prepare).fetchall() == wanted
