-- Queries: aggregates, windows, grouping sets, CTEs, ordering, set operations.
CREATE TEMP TABLE emp (id int, dept text, salary int, hired date)
INSERT INTO emp VALUES (1, 'a', 100, '2020-01-01'), (2, 'a', 200, '2021-01-01'), (3, 'b', 150, NULL), (4, NULL, NULL, '2019-05-05')
SELECT count(*), count(salary), sum(salary), avg(salary), min(salary), max(salary) FROM emp
SELECT dept, count(*), sum(salary) FROM emp GROUP BY dept ORDER BY dept
SELECT dept, sum(salary) FROM emp GROUP BY ROLLUP (dept) ORDER BY dept, 2
SELECT dept, grouping(dept), count(*) FROM emp GROUP BY GROUPING SETS ((dept), ()) ORDER BY 2, 1
SELECT dept, hired, count(*) FROM emp GROUP BY CUBE (dept, hired) ORDER BY 1, 2, 3
SELECT dept FROM emp GROUP BY dept HAVING count(*) > 1
SELECT id FROM emp ORDER BY salary
SELECT id FROM emp ORDER BY salary DESC
SELECT id FROM emp ORDER BY salary NULLS FIRST
SELECT id FROM emp ORDER BY salary DESC NULLS LAST
SELECT id FROM emp ORDER BY dept DESC, id
SELECT DISTINCT dept FROM emp ORDER BY dept
SELECT DISTINCT ON (dept) dept, id FROM emp ORDER BY dept, id DESC
SELECT id, row_number() OVER (ORDER BY salary), rank() OVER (ORDER BY dept), dense_rank() OVER (ORDER BY dept DESC) FROM emp ORDER BY id
SELECT id, sum(salary) OVER (PARTITION BY dept ORDER BY id), lag(salary) OVER (ORDER BY id), lead(salary, 1, 0) OVER (ORDER BY id) FROM emp ORDER BY id
SELECT id, first_value(salary) OVER w, last_value(salary) OVER w, nth_value(salary, 2) OVER w, ntile(2) OVER w FROM emp WINDOW w AS (ORDER BY id) ORDER BY id
SELECT id, percent_rank() OVER (ORDER BY id), cume_dist() OVER (ORDER BY id) FROM emp ORDER BY id
SELECT id, avg(salary) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), count(*) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM emp ORDER BY id
SELECT bool_and(salary > 50), bool_or(salary > 150), every(salary > 50) FROM emp
SELECT bit_and(id), bit_or(id), bit_xor(id) FROM emp
SELECT stddev(salary), stddev_pop(salary), variance(salary), var_pop(salary) FROM emp
SELECT stddev(salary::float8), var_samp(salary::float8), corr(id, salary), covar_pop(id, salary), regr_slope(salary, id), regr_intercept(salary, id), regr_count(salary, id), regr_r2(salary, id) FROM emp
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY salary), percentile_disc(0.5) WITHIN GROUP (ORDER BY salary), mode() WITHIN GROUP (ORDER BY dept) FROM emp
SELECT percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY salary) FROM emp
SELECT count(*) FILTER (WHERE salary > 100), sum(salary) FILTER (WHERE false) FROM emp
SELECT count(DISTINCT dept), sum(DISTINCT salary), avg(DISTINCT salary) FROM emp
SELECT string_agg(dept, '-' ORDER BY id), array_agg(id ORDER BY salary DESC NULLS LAST) FROM emp
SELECT every(id > 0), max(dept), min(hired) FROM emp
SELECT sum(salary), avg(salary), max(salary), count(salary) FROM emp WHERE false
WITH t AS (SELECT dept, sum(salary) AS s FROM emp GROUP BY dept) SELECT * FROM t WHERE s > 100 ORDER BY s
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT n FROM r
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT 2 AS x) SELECT a.x + b.x FROM a, b
SELECT e.id, d.id FROM emp e LEFT JOIN emp d ON e.dept = d.dept AND e.id < d.id ORDER BY e.id, d.id
SELECT e.id, x.m FROM emp e CROSS JOIN LATERAL (SELECT max(salary) AS m FROM emp i WHERE i.dept = e.dept) x ORDER BY e.id
SELECT id FROM emp e WHERE EXISTS (SELECT 1 FROM emp i WHERE i.dept = e.dept AND i.id <> e.id) ORDER BY id
SELECT id FROM emp WHERE salary > (SELECT avg(salary) FROM emp) ORDER BY id
SELECT id FROM emp WHERE salary NOT IN (SELECT salary FROM emp WHERE id = 4) ORDER BY id
SELECT (SELECT salary FROM emp WHERE id > 1)
SELECT 1 UNION SELECT 2 UNION ALL SELECT 2 ORDER BY 1
SELECT 1 INTERSECT SELECT 1
SELECT 1 EXCEPT SELECT 1
(SELECT id FROM emp ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM emp ORDER BY id DESC LIMIT 1) ORDER BY 1
SELECT 1, 'a' UNION SELECT 2
SELECT id FROM emp ORDER BY id LIMIT 2 OFFSET 1
SELECT id FROM emp ORDER BY id FETCH FIRST 2 ROWS ONLY
SELECT id FROM emp ORDER BY id LIMIT NULL
SELECT id FROM emp LIMIT -1
SELECT CASE WHEN salary > 120 THEN 'high' WHEN salary IS NULL THEN 'none' ELSE 'low' END FROM emp ORDER BY id
SELECT CASE dept WHEN 'a' THEN 1 ELSE 2 END, coalesce(dept, 'x'), nullif(dept, 'a') FROM emp ORDER BY id
SELECT id AS "ID", Dept, SALARY AS Pay FROM EMP ORDER BY "ID"
SELECT emp.* FROM emp ORDER BY id LIMIT 1
SELECT emp FROM emp ORDER BY id LIMIT 1
SELECT row(1, 'a'), (1, 2), row(1, NULL) IS NULL, row(NULL, NULL) IS NULL, (1, 2) = (1, 2), (1, 2) < (1, 3)
SELECT 1 + 1, 'text', NULL, true, -5, count(*), now() IS NULL, (SELECT 1), id::text FROM emp GROUP BY id LIMIT 0
SELECT id::bigint, cast(id AS text), salary + 1, upper(dept), dept || 'x', (SELECT max(id) FROM emp), ARRAY[id], CASE WHEN true THEN 1 END, coalesce(id, 1), EXISTS (SELECT 1), id IS NULL FROM emp ORDER BY emp.id LIMIT 1
SELECT current_date IS NOT NULL, current_user IS NULL, extract(year from hired), date_part('year', hired), greatest(id, 2), nullif(id, 2), position('a' in dept), substring(dept from 1), trim(dept), overlay(dept placing 'x' from 1) FROM emp ORDER BY id LIMIT 1
SELECT sum(id) AS total, sum(id) OVER () FROM emp GROUP BY id ORDER BY id
VALUES (1, 'a'), (2, 'b')
TABLE emp
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(x, y) WHERE x IN (SELECT 1)
SELECT count FROM (SELECT count(*) FROM emp) s
SELECT max FROM (SELECT max(id), min(id) FROM emp) s
SELECT x.id FROM emp AS x JOIN emp AS y USING (id) ORDER BY x.id
SELECT * FROM emp NATURAL JOIN (SELECT 1 AS id) s
SELECT * FROM emp a FULL JOIN (SELECT 9 AS id) b ON a.id = b.id ORDER BY a.id, b.id
SELECT id FROM emp TABLESAMPLE BERNOULLI (100) ORDER BY id
SELECT id FROM emp FOR UPDATE
SELECT nosuch FROM emp
SELECT * FROM nosuch
SELECT nosuch(1)
SELECT abs('a', 'b')
SELECT nosuch.id FROM emp
SELECT id FROM emp a, emp b
SELECT dept, id FROM emp GROUP BY dept
SELECT id FROM emp WHERE count(*) > 1
SELECT sum(sum(id)) FROM emp
SELECT id FROM emp ORDER BY 5
SELECT FROM emp
SELEC 1
SELECT 1 +
SELECT * FROM nosuchschema.t
SELECT 'x'::nosuchtype
SELECT id = 'abc' FROM emp
SELECT 1 WHERE 'abc'
SELECT 1 WHERE 1
SELECT id FROM emp WHERE dept = 1
SELECT 'a'::int FROM emp
SELECT true AND NULL, false AND NULL, true OR NULL, NOT NULL::bool, true = 't', 'yes'::bool, 'off'::boolean, 1::bool, true::int
SELECT 'maybe'::bool
SELECT true IS TRUE, NULL IS UNKNOWN, NULL::bool IS NOT TRUE
SELECT gen_random_uuid() IS NOT NULL, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, '{A0EEBC999C0B4EF8BB6D6BB9BD380A11}'::uuid
SELECT 'xyz'::uuid
SELECT pg_sleep(0.01)
@params ["7", "2"]
SELECT $1::int / $2::int
@params [null]
SELECT $1::text IS NULL
@params ["2"]
SELECT id, dept FROM emp WHERE id = $1
@params ["a", "1"]
SELECT id FROM emp WHERE dept = $1 AND id > $2
@params ["x"]
SELECT $1::int
@params ["1"]
SELECT id FROM emp ORDER BY id LIMIT $1
@params ["2024-01-01"]
SELECT id FROM emp WHERE hired < $1 ORDER BY id
SELECT id AS x, dept AS x FROM emp ORDER BY x
SELECT id AS x, id AS x FROM emp ORDER BY x
SELECT a.id, b.id FROM emp a JOIN emp b USING (id) ORDER BY id
SELECT CAST(current_user AS text) = current_user, CAST(session_user AS varchar) = current_user, CAST(current_schema AS text)
SELECT x BETWEEN SYMMETRIC 3 AND 1, x NOT BETWEEN SYMMETRIC 3 AND 1, NOT x BETWEEN /* either way */ SYMMETRIC 1 AND 3, x BETWEEN SYMMETRIC NULL AND 3, x BETWEEN ASYMMETRIC 3 AND 1, x BETWEEN 3 AND 1 FROM (VALUES (0), (2), (5), (NULL)) t(x)
SELECT x FROM (VALUES (0), (2), (5)) t(x) WHERE x + 1 BETWEEN
  -- in a comment
  SYMMETRIC 3 AND (SELECT 1) AND x <> 1
@params ["3", "1"]
SELECT 2 BETWEEN SYMMETRIC $1 AND $2, 5 NOT BETWEEN SYMMETRIC $1 AND $2
SELECT 'between symmetric', DATE '2024-01-02' BETWEEN SYMMETRIC '2024-01-03' AND '2024-01-01'
CREATE TEMP TABLE other (a int NOT NULL, b text)
CREATE TEMP TABLE alike (LIKE other INCLUDING ALL)
CREATE TEMP TABLE alike_too (c int, LIKE other)
