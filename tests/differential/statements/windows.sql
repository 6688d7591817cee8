-- Windows, groups, joins, recursion, patterns.
CREATE TEMP TABLE w (g text, x int, y numeric(6,2))
INSERT INTO w VALUES ('a', 1, 1.5), ('a', 2, 2.5), ('a', 2, NULL), ('b', 5, 0), ('b', NULL, 1), (NULL, 7, 3)
SELECT x, sum(x) OVER (ORDER BY x), sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), sum(x) OVER (ORDER BY x GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW), sum(x) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM w WHERE x IS NOT NULL ORDER BY x, y
SELECT x, array_agg(x) OVER (ORDER BY x, y ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW), count(*) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES), count(*) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP) FROM w ORDER BY x, y
SELECT x, first_value(x) OVER v, last_value(x) OVER v, nth_value(x, 2) OVER v, lag(x) OVER v, lead(x, 1, -1) OVER v, lag(x, 2) OVER v FROM w WINDOW v AS (PARTITION BY g ORDER BY x, y) ORDER BY g, x, y
SELECT nth_value(x, 0) OVER () FROM w
SELECT ntile(0) OVER () FROM w
SELECT x FROM w WHERE row_number() OVER () > 1
SELECT sum(sum(x)) OVER (ORDER BY g) FROM w GROUP BY g ORDER BY 1
SELECT g, count(*) FROM w GROUP BY GROUPING SETS ((g), ()) ORDER BY 1, 2
SELECT g, x, count(*) FROM w GROUP BY CUBE (g, x) ORDER BY 1, 2, 3
SELECT g, sum(y) FROM w GROUP BY 1 HAVING sum(y) > 1 ORDER BY 1
SELECT DISTINCT ON (g) g, x FROM w ORDER BY g, x DESC
SELECT DISTINCT ON (g) g, x FROM w ORDER BY x
SELECT DISTINCT g FROM w ORDER BY x
SELECT g, x FROM w ORDER BY g NULLS FIRST, x DESC NULLS LAST, y FETCH FIRST 3 ROWS ONLY
SELECT x FROM w ORDER BY x OFFSET 2 ROWS FETCH NEXT 1 ROW ONLY
SELECT x FROM w ORDER BY x USING >
SELECT * FROM w TABLESAMPLE BERNOULLI (100)
SELECT * FROM w TABLESAMPLE SYSTEM (100) REPEATABLE (1)
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t
WITH RECURSIVE t(n, p) AS (SELECT 1, ARRAY[1] UNION ALL SELECT n + 1, p || (n + 1) FROM t WHERE n < 3) SELECT * FROM t ORDER BY n
WITH RECURSIVE t AS (SELECT 1 AS n UNION SELECT n % 3 + 1 FROM t) SELECT * FROM t ORDER BY n
WITH RECURSIVE e(a, b) AS (VALUES (1, 2), (2, 3), (3, 1)), t(a) AS (SELECT 1 UNION ALL SELECT e.b FROM e, t WHERE e.a = t.a) CYCLE a SET is_cycle USING path SELECT a, is_cycle FROM t
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SEARCH DEPTH FIRST BY n SET o SELECT n FROM t ORDER BY o
WITH c AS MATERIALIZED (SELECT 1 AS a), d AS NOT MATERIALIZED (SELECT a + 1 AS b FROM c) SELECT * FROM c, d
SELECT w.g, l.m FROM (SELECT DISTINCT g FROM w) w, LATERAL (SELECT max(x) AS m FROM w i WHERE i.g = w.g) l ORDER BY 1
SELECT a.x, b.x FROM w a LEFT JOIN LATERAL (SELECT x FROM w b WHERE b.x > a.x ORDER BY x LIMIT 1) b ON true ORDER BY a.x, a.y
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v (n, t) NATURAL JOIN (VALUES (2, 'c')) u (n, s)
SELECT * FROM (VALUES (1), (2)) a (x) FULL JOIN (VALUES (2), (3)) b (x) USING (x) ORDER BY 1
SELECT a.x, b.x FROM (VALUES (1), (2)) a (x) FULL JOIN (VALUES (2), (3)) b (x) ON a.x = b.x ORDER BY 1, 2
SELECT x FROM w WHERE (g, x) IN (SELECT g, x FROM w WHERE x > 1) ORDER BY x
SELECT x FROM w WHERE x > ALL (SELECT x FROM w WHERE x < 2) ORDER BY x
SELECT x FROM w WHERE x NOT IN (SELECT x FROM w WHERE g = 'b') ORDER BY x
SELECT EXISTS (SELECT 1 FROM w WHERE false), NOT EXISTS (SELECT 1), ARRAY(SELECT x FROM w WHERE g = 'a' ORDER BY x)
SELECT x FROM w EXCEPT SELECT 2 ORDER BY 1
SELECT x FROM w EXCEPT ALL SELECT 2 ORDER BY 1
SELECT x FROM w INTERSECT ALL SELECT 2
(SELECT 1 AS a LIMIT 1) UNION ALL (SELECT 2 ORDER BY 1) ORDER BY a DESC
VALUES (1, 'x'), (2, NULL)
VALUES (1), (2) ORDER BY 1 DESC LIMIT 1
TABLE w ORDER BY x, y LIMIT 1
SELECT w FROM w WHERE x = 1
SELECT w.* FROM w WHERE x = 1
SELECT count(w) FROM w
SELECT x AS "Mixed Case", x AS select FROM w WHERE x = 1
SELECT x y FROM w WHERE x = 1
SELECT 1 AS a, 2 AS a
SELECT x IS DISTINCT FROM NULL, x IS NOT DISTINCT FROM 2, (x > 1) IS TRUE, (x > NULL) IS UNKNOWN, (x > 1) IS NOT FALSE FROM w ORDER BY x, y
SELECT 'abc' LIKE 'a\_c', 'a_c' LIKE 'a\_c', 'a%b' LIKE 'a!%b' ESCAPE '!', 'abc' LIKE 'ABC', 'a\b' LIKE 'a\\b', 'x' LIKE ''
SELECT 'abc' LIKE 'a\'
SELECT format('%2$s %1$s', 'a', 'b'), format('%-5s|', 'x'), format('%s %L %I', NULL, NULL, 'x'), format('%%'), format('%5s|', 'abcdefg')
SELECT split_part('a.b.c', '.', -1), split_part('a.b.c', '.', 0)
SELECT split_part('a.b.c', '.', -1), split_part('a.b.c', '.', 4), split_part('', '.', 1)
SELECT overlay('abcdef' placing 'XX' from 3), overlay('abc' placing 'Z' from 2 for 0), translate('hello', 'el', 'ip'), translate('hello', 'l', '')
SELECT btrim('xxhixx', 'x'), ltrim('xyz', 'xy'), rtrim('zyx', 'x'), trim('  a '), trim(BOTH FROM ' a '), trim(TRAILING 'x' FROM 'axx'), btrim('')
SELECT ascii(''), chr(8364), ascii('é'), to_hex(255), to_hex(-1::bigint), md5(''), initcap('hello world'), reverse('abc'), strpos('abc', 'c')
SELECT chr(-1)
SELECT encode('\xdeadbeef', 'base64'), encode('\xdeadbeef', 'hex'), decode('3q2+7w==', 'base64'), encode('a\000b'::bytea, 'escape'), decode('616', 'hex')
SELECT string_to_array('a,b,,c', ','), string_to_array('abc', NULL), string_to_array('', ','), string_to_array('a,NULL', ',', 'NULL'), array_to_string(ARRAY['a', NULL, 'b'], ',', '?')
SELECT substring('hello' from 2 for 3), substring('hello', -1, 3), substring('hello' from 'l+'), substring('foobar' from 'o(.)b'), position('l' in 'hello')
SELECT substring('hello', 2, -1)
SELECT 'a' < 'B', 'a' > 'A', 'é' > 'z', 'abc' < 'abd', '' < 'a', 'Z' < 'a' COLLATE "C"
SELECT min(g), max(g) FROM w
SELECT x FROM w ORDER BY g COLLATE "C" DESC, x, y
WITH d AS (DELETE FROM w WHERE x = 7 RETURNING *) SELECT * FROM d
WITH i AS (INSERT INTO w VALUES ('z', 9, 9) RETURNING x) SELECT x FROM i
