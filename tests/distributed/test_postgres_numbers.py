"""PostgreSQL's exact quotients and averages, and its casts of text, are the same when a query is cut."""

QUERY = """SELECT g, avg(i), avg(d), sum(d) / count(*), avg(d / (i + 1)), sum((d / 7) * (d / 3) * (d / (i + 1))),
           avg(DISTINCT i % 5) FROM 't.parquet' GROUP BY g ORDER BY g"""


def test_numerics_are_exact(start_server):
    answers = []
    for settings in ({}, {"cluster": "local:2"}):
        server = start_server(settings=settings)
        with server.connect_pg() as connection:
            if not settings:
                target = f"{server.data_dir.split(':')[0]}/t.parquet"
                connection.execute("COPY (SELECT range AS i, mod(range, 7) AS g, (range * 1.37)::DECIMAL(18, 3) AS d "
                                   f"FROM range(200000)) TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 20000)")
            else:
                plan = connection.execute("EXPLAIN (DISTRIBUTED) " + QUERY).fetchall()
                assert plan[0][0].startswith("Distributed: 3 stages"), plan[0]
            answers.append(connection.execute(QUERY).fetchall())
    assert answers[0] == answers[1]
    assert len(answers[0]) == 7


def test_text_is_read_as_postgresql_reads_it(start_server):
    query = "SELECT sum(octet_length(b::bytea)), min(d::date), max(i::interval) FROM 'texts.parquet'"
    server = start_server(settings={"cluster": "local:2"})
    with server.connect_pg() as connection:
        target = f"{server.data_dir.split(':')[0]}/texts.parquet"
        connection.execute("COPY (SELECT '\\xDE' || lpad(to_hex(range), 8, '0') AS b, 'January ' || (1 + range % 28) || ', 1999' AS d, "
                           "'1-2' AS i FROM range(600000)) "
                           f"TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 20000)")
        plan = connection.execute("EXPLAIN (DISTRIBUTED) " + query).fetchall()
        assert plan[0][0].startswith("Distributed: "), plan[0]
        octets, day, interval = connection.execute(query).fetchone()
        assert (octets, str(day), interval.days) == (3000000, "1999-01-01", 365 + 60), (octets, day, interval)
