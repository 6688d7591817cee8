-- Parameters without a type: what PostgreSQL infers, and what comes of it.
CREATE TEMP TABLE p (i int, s smallint, b bigint, n numeric(10,2), f float8, r real, d date, ts timestamp, tz timestamptz, tm time, iv interval, t text, v varchar(20), jb jsonb, ia int[], ta text[], bo boolean, u uuid)
INSERT INTO p VALUES (7, 6, 8, 12.34, 0.5, 0.25, '2024-03-31', '2024-03-31 10:00:00', '2024-03-31 10:00:00+00', '10:30:00', '2 days 03:00', 'xyz', 'vvv', '{"a": 1}', '{1,2}', '{a,b}', true, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')
@params ["3"]
SELECT i - $1 FROM p
@params ["1", "2", "3", "4"]
SELECT i + $1, i * $2, i / $3, i % $4 FROM p
@params ["1", "2", "3", "40"]
SELECT $1 - i, $2 + i, $3 * i, $4 / i FROM p
@params ["1", "2", "3"]
SELECT s + $1, b + $2, b - $3 FROM p
@params ["1.125", "0.5", "4", "3"]
SELECT n + $1, n * $2, n / $3, $4 * n FROM p
@params ["0.25", "2"]
SELECT f * $1, r * $2 FROM p
@params ["2024-01-01"]
SELECT d - $1 FROM p
@params ["2024-12-31"]
SELECT $1 - d FROM p
@params ["2024-01-01 00:00"]
SELECT ts - $1 FROM p
@params ["1 day", "1 hour"]
SELECT ts + $1, $2 + ts FROM p
@params ["2024-01-01 00:00+00"]
SELECT tz - $1 FROM p
@params ["1 month"]
SELECT tz + $1 FROM p
@params ["01:00"]
SELECT tm - $1 FROM p
@params ["1 day", "1 hour", "2.5", "2", "2"]
SELECT iv + $1, iv - $2, iv * $3, $4 * iv, iv / $5 FROM p
@params ["a", "b", "c"]
SELECT t || $1, $2 || t, v || $3 FROM p
@params ["a", "b"]
SELECT i || $1, $2 || i FROM p
@params ["a", "1", "2"]
SELECT $1 || 'x', $2 + 1, 2 * $3
@params ["7.25"]
SELECT $1 * 1.5
@params ["1", "2", "3"]
SELECT 10 - $1 - i, (i + $2) * $3 FROM p
@params ["6", "8", "1", "1"]
SELECT i & $1, i | $2, i << $3, b >> $4 FROM p
@params ["{7}", "{8,9}"]
SELECT ia || $1, $2 || ia FROM p
@params ["{2,9}"]
SELECT ia && $1 FROM p
@params ["{\"a\":1}", "a"]
SELECT jb @> $1, jb ->> $2 FROM p
@params ["^x", "Y", "x%"]
SELECT t ~ $1, t ~* $2, t LIKE $3 FROM p
@params ["{1,7,NULL}"]
SELECT i = ANY ($1), i <> ALL ($1) FROM p
@params ["{8}"]
SELECT b = ANY ($1), b <> ALL ($1) FROM p
@params ["{6}"]
SELECT s = ANY ($1), s <> ALL ($1) FROM p
@params ["{xyz,\"a b\"}"]
SELECT t = ANY ($1), t <> ALL ($1) FROM p
@params ["{vvv}"]
SELECT v = ANY ($1), v <> ALL ($1) FROM p
@params ["{12.345,12.34}"]
SELECT n = ANY ($1), n <> ALL ($1) FROM p
@params ["{0.5}"]
SELECT f = ANY ($1), f <> ALL ($1) FROM p
@params ["{2024-03-31}"]
SELECT d = ANY ($1), d <> ALL ($1) FROM p
@params ["{2024-03-31 10:00:00+00}"]
SELECT tz = ANY ($1), tz <> ALL ($1) FROM p
@params ["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"]
SELECT u = ANY ($1), u <> ALL ($1) FROM p
@params ["{1,9}", "{8,9}", "{}"]
SELECT i > ANY ($1), i < ALL ($2), NOT (i = ANY ($3)) FROM p
@params ["{1,2}"]
SELECT i FROM p WHERE i = ANY ($1)
@params [null]
SELECT i FROM p WHERE i = ANY ($1)
@params ["{a}"]
SELECT i FROM p WHERE i = ANY ($1)
@params ["7"]
SELECT i FROM p WHERE i = ANY ($1)
@params ["1", "b"]
SELECT $1 = ANY (ia), $2 = ANY (ta) FROM p
@params ["12.345"]
SELECT i FROM p WHERE n > $1
@params ["12.341"]
SELECT i FROM p WHERE n = $1
@params ["12.335", "12.345"]
SELECT i FROM p WHERE n BETWEEN $1 AND $2
@params ["12.341", "12.342"]
SELECT i FROM p WHERE n IN ($1, $2)
@params ["12.3401", "1"]
SELECT i FROM p WHERE n >= $1 AND i + $2 > 0
@params ["7", "xyz", "2024-01-01", "2025-01-01", "t"]
SELECT 1 FROM p WHERE i = $1 AND t = $2 AND d >= $3 AND tz < $4 AND bo = $5
@params ["1", "7"]
SELECT 1 FROM p WHERE i IN ($1, $2)
@params ["7", "xyz"]
SELECT 1 FROM p WHERE (i, t) = ($1, $2)
@params [null]
SELECT i FROM p WHERE $1::int IS NULL OR i = $1
@params ["1.5", "2"]
SELECT interval '1 day' * $1, timestamp '2024-01-01' + $2 * interval '1 day'
@params ["{1,2,3}"]
SELECT $1::int[] @> ARRAY[2], 2 = ANY ($1::int[])
@params ["1", "2"]
SELECT sum(i + $1), avg(n * $2) FROM p
@params ["1", "!", "2", "7"]
UPDATE p SET i = i + $1, t = t || $2, n = n * $3 WHERE i = $4 RETURNING i, t, n
@params ["1", "{8}"]
UPDATE p SET i = i - $1 WHERE i = ANY ($2) RETURNING i
@params ["1", "?", "7"]
INSERT INTO p (i, t) SELECT i + $1, t || $2 FROM p WHERE i = $3 RETURNING i, t
@params ["{8}"]
DELETE FROM p WHERE i = ANY ($1) RETURNING i
@params ["1", "2", "3"]
WITH c AS (SELECT i + $1 AS x FROM p) SELECT x * $2 FROM c WHERE x > $3
@params ["1", "0"]
SELECT count(*) FILTER (WHERE i > $1), coalesce(i, $2) FROM p GROUP BY i
@params ["0"]
SELECT i FROM p WHERE EXISTS (SELECT 1 FROM p q WHERE q.i = $1 + p.i)
@params ["1.5"]
SELECT i FROM p GROUP BY i HAVING sum(n) > $1
