"""PostgreSQL's exact quotients and averages are the same digits when a query is cut."""

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
