"""What pg_get_viewdef() says of a view is read back, by this server and by PostgreSQL, with the same rows."""

import psycopg
import pytest

from postgres_server import PostgresServer, programs

TABLE = """CREATE TABLE view_text (a varchar(7), b text, n numeric(8,2), i int, f float8, d date, t timestamp, j jsonb,
    tags text[]);
INSERT INTO view_text VALUES
    ('xay', 'a_c', 10.5, 7, 0.5, '2024-03-31', '2024-03-31 10:20:30', '{"k": [1, 2]}', '{p,q}'),
    ('Xb', 'abc', 3.25, -7, -2.5, '2023-12-31', '2024-01-01', NULL, '{}'),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"""

QUERIES = [
    "SELECT a, b, i FROM view_text WHERE a ~ '^x' AND a !~ 'z' OR a ~* '^X' AND a !~* 'q' ORDER BY i DESC",
    "SELECT i / 2 AS h, i % 3 AS r, i * 2 AS w, i - 1 AS m, n / 4 AS q FROM view_text ORDER BY i",
    "SELECT b FROM view_text WHERE b LIKE 'a\\_c' OR b NOT LIKE 'a\\_%' AND b ILIKE 'A\\_C' ORDER BY b",
    "SELECT b || a AS c, 'n' || i AS d, tags || ARRAY['z'] AS e FROM view_text ORDER BY i",
    "SELECT f::text AS x, n::numeric(10, 1) AS y, i::float8 AS z, a::varchar(2) AS v, tags::text AS w FROM view_text ORDER BY i",
    "SELECT j #> '{k}' AS p, j #>> '{k,0}' AS q, j ? 'k' AS r, j ?| ARRAY['k'] AS s, j #- '{k}' AS t, j -> 'k' IS NULL AS u, "
    "i # 3 AS v FROM view_text ORDER BY i",
    "SELECT j -> 'k' ->> 0 AS x, j @> '{\"k\": [1]}' AS y FROM view_text ORDER BY i",
    "SELECT extract(year FROM d) AS y, date_part('month', t) AS m, date_trunc('day', t) AS c, d - date '2024-01-01' AS n, "
    "t + interval '1 day' AS e FROM view_text ORDER BY i",
    "SELECT count(*) AS n, sum(i) AS s, string_agg(b, ',' ORDER BY b) AS l, array_agg(i ORDER BY i DESC) AS r, "
    "count(*) FILTER (WHERE i > 0) AS p FROM view_text",
    "SELECT CASE WHEN i > 0 THEN 'more' ELSE coalesce(b, 'none') END AS c, i BETWEEN 1 AND 9 AS w, i IN (7, 8) AS v, "
    "b IS NULL AS u FROM view_text ORDER BY i",
    "SELECT x.i, y.m FROM view_text x LEFT JOIN (SELECT max(i) AS m FROM view_text) y ON x.i = y.m ORDER BY 1",
    "SELECT i, row_number() OVER (PARTITION BY d ORDER BY i DESC) AS r FROM view_text ORDER BY i",
    "WITH w AS (SELECT i FROM view_text WHERE i = ANY ('{7,8}')) SELECT i FROM w UNION ALL SELECT 1 ORDER BY 1",
    "SELECT split_part(b, '_', 1) AS s, substring(b from 2 for 1) AS u, length(b) AS l, round(n, 1) AS r FROM view_text ORDER BY i",
]


@pytest.fixture(scope="module")
def clients(server):
    if programs() is None:
        pytest.skip("PostgreSQL's server is not installed (scripts/setup installs it)")
    with PostgresServer() as running, psycopg.connect(running.conninfo, autocommit=True) as reference, \
            server.connect_pg() as subject:
        for client in (reference, subject):
            client.execute(TABLE)
        yield reference, subject
        subject.execute("DROP TABLE view_text")


def rows(client, name):
    return client.execute(f"SELECT * FROM {name}", prepare=False).fetchall()


@pytest.mark.parametrize("query", QUERIES)
def test_definition_is_read_back(clients, query):
    reference, subject = clients
    subject.execute(f"CREATE VIEW view_text_made AS {query}")
    try:
        text = subject.execute("SELECT pg_get_viewdef('view_text_made'::regclass)").fetchone()[0]
        assert "pg_catalog" not in text and "memory." not in text
        wanted = rows(subject, "view_text_made")
        for client in (subject, reference):
            client.execute(f"CREATE VIEW view_text_again AS {text}")
            try:
                assert rows(client, "view_text_again") == wanted, text
            finally:
                client.execute("DROP VIEW view_text_again")
    finally:
        subject.execute("DROP VIEW view_text_made")


def test_declared_text_of_a_view(clients):
    subject = clients[1]
    subject.execute("CREATE VIEW view_text_made AS SELECT a, a AS again, b, upper(a) AS u FROM view_text")
    try:
        assert subject.execute("SELECT column_name, data_type, character_maximum_length FROM information_schema.columns "
                               "WHERE table_name = 'view_text_made' ORDER BY ordinal_position").fetchall() == [
            ("a", "character varying", 7), ("again", "character varying", 7), ("b", "text", None), ("u", "text", None)]
        assert [row[0] for row in subject.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'view_text_made'::regclass "
            "ORDER BY attnum").fetchall()] == ["character varying(7)", "character varying(7)", "text", "text"]
    finally:
        subject.execute("DROP VIEW view_text_made")
