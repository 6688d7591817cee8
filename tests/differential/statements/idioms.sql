-- Expressions that applications and reports use: text, numbers, times, arrays and JSON in the forms people write.
SELECT * FROM generate_series(1, 10, 3) AS g(n)
SELECT n, n * n FROM generate_series(-2, 2) AS n
SELECT count(*), min(g), max(g) FROM generate_series('2024-01-01'::timestamptz, '2024-01-03'::timestamptz, '6 hours') AS g
SELECT date_trunc('month', current_date) <= current_date, date_trunc('year', now()) <= now()
SELECT date_trunc('month', timestamp '2024-05-17 10:11') - interval '1 month', (date_trunc('month', timestamp '2024-05-17') + interval '1 month')::date - 1
SELECT extract(epoch from timestamptz '2024-01-01 00:00:00+00')::bigint, extract(dow from date '2024-01-07')::int, floor(extract(epoch from interval '90 minutes') / 60)::int
SELECT timestamptz '2024-01-01 12:00+02', timestamptz '2024-01-01', timestamp '2024-01-01 12:00', '2024-01-01 12:00'::timestamptz
SELECT '2024-01-01T12:30:00.5Z'::timestamptz, '2024-01-01 12:30:00-0330'::timestamptz, '2024-01-01 12:30 UTC'::timestamptz, '20240101T123000'::timestamp
SELECT timestamptz '2024-06-01 12:00:00+00' AT TIME ZONE 'Europe/Berlin' AT TIME ZONE 'America/New_York', timestamp '2024-06-01 12:00:00' AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo'
SELECT now() AT TIME ZONE 'UTC' = now()::timestamp, timezone('UTC', timestamptz '2024-01-01 00:00:00+00')
SELECT interval '1 day 2 hours 3 minutes', interval '2 weeks', interval '1.5 days', interval '-3 months', interval '1 year -1 day', interval '00:00:01.5', interval '25:00'
SELECT age(timestamp '2024-03-01', timestamp '2023-12-25 12:00'), age(date '2024-02-29', date '2023-02-28'), extract(year from age(date '2024-05-01', date '1990-06-01'))
SELECT to_char(timestamp '2024-01-05 09:08:07', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(date '2024-01-05', 'FMDD.FMMM.YY'), to_char(timestamp '2024-01-05 21:08', 'FMHH12:MI AM'), to_char(1234.5, 'FM999G999D00'), to_char(0.123, '990.0%')
SELECT length('hello'), char_length('héllo'), octet_length('héllo'), bit_length('a'), position('l' in 'hello'), strpos('hello', 'z')
SELECT split_part('a,b,c', ',', 2), split_part('a,b,c', ',', -1), split_part('a,b,c', ',', 9), split_part('abc', '', 1)
SELECT split_part('a,b', ',', 0)
SELECT regexp_replace('foobarbaz', 'b(..)', 'X\1Y', 'g'), regexp_replace('foobarbaz', 'b..', 'X'), regexp_replace('Hello', 'L', 'x', 'gi'), regexp_replace('a1b2', '\d', '', 'g'), regexp_replace('abc', '(a)(b)', '\2\1')
SELECT regexp_match('foobarbequebaz', '(bar)(beque)'), regexp_match('abc', 'x'), regexp_match('abc', 'b'), (regexp_match('v1.20', '(\d+)\.(\d+)'))[2]::int
SELECT regexp_split_to_array('hello  world', '\s+'), array_length(regexp_split_to_array('a,b,c', ','), 1), regexp_matches('a1b2c3', '[a-z]\d', 'g')
SELECT overlay('Txxxxas' placing 'hom' from 2 for 4), overlay('abcdef' placing 'ZZ' from 3), trim(leading 'x' from 'xxabxx'), trim(trailing from 'ab  '), trim('  ab '), ltrim('zzab', 'z'), btrim('xyabxy', 'xy')
SELECT format('Hello %s, %1$s', 'World'), format('%I = %L', 'my col', 'it''s'), format('%s %s', 1, NULL), format('%-5s|%5s|', 'a', 'b'), format('%%'), format('INSERT INTO %I VALUES(%L)', 'a', NULL)
SELECT format('%s')
SELECT quote_ident('a b'), quote_ident('abc'), quote_ident('select'), quote_literal('it''s'), quote_literal(42), quote_literal(E'a\\b'), quote_nullable(NULL)
SELECT lpad('7', 3, '0'), rpad('ab', 4, '.'), lpad('abcd', 2), repeat('ab', 3), reverse('abc'), initcap('hello world'), upper('a') || lower('B'), ascii('A'), chr(65), translate('12345', '143', 'ax'), md5('a')
SELECT starts_with('abc', 'ab'), 'abc' ^@ 'a', 'abc' LIKE 'a_c', 'abc' NOT LIKE '%z', 'ABC' ILIKE 'a%', 'a%b' LIKE 'a!%b' ESCAPE '!', 'abc' SIMILAR TO '(a|b)%', 'abc' ~ '^a.c$', 'abc' !~ 'z'
SELECT 'abc' = 'ABC', 'a' < 'B', 'a' COLLATE "C" < 'b', greatest('a', 'b'), least('a', 'b', NULL), coalesce(NULL, 'x'), nullif('a', 'a'), nullif(1, 2)
SELECT string_agg(x, ',' ORDER BY x DESC), string_agg(DISTINCT x, '|' ORDER BY x), string_agg(x, '') FILTER (WHERE x > 'a'), array_agg(x ORDER BY x), array_agg(DISTINCT x) IS NOT NULL FROM (VALUES ('b'), ('a'), (NULL), ('b')) t(x)
SELECT string_agg(n::text, ', ' ORDER BY n) FROM generate_series(1, 5) n
SELECT '\x48656c6c6f'::bytea, 'abc\000def'::bytea, E'\\xDEADBEEF'::bytea, encode('\x01ff'::bytea, 'hex'), encode('abc'::bytea, 'base64'), decode('4142', 'hex'), decode('YWJj', 'base64'), encode('a\001'::bytea, 'escape')
SELECT 'zz'::bytea, '\xZZ'::bytea
SELECT 1 = ANY ('{1,2}'), 'a' = ANY ('{a,b}'), 3 = ANY (ARRAY[1, 2]), 1 <> ALL ('{2,3}'), 'x' = ANY (string_to_array('x,y', ','))
SELECT x FROM (VALUES (1), (2), (3)) t(x) WHERE x = ANY ('{1,3}') ORDER BY x
SELECT x FROM (VALUES ('a'), ('b')) t(x) WHERE x = ANY ('{a,c}') ORDER BY x
SELECT x FROM (VALUES (1), (2)) t(x) WHERE x IN ('1', '3')
SELECT x FROM (VALUES (1), (2)) t(x) WHERE x IN ('a')
SELECT 'a' = 1
SELECT 'a'::text + 1
SELECT upper(1)
SELECT length(5)
SELECT sum('a'::text)
SELECT round(1.5), round(2.5), round(-1.5), round(1.005, 2), round(1234.5678, -2), round(2.5::float8), round(1.45::numeric, 1), trunc(-1.7), ceil(1.2), floor(-1.2)
SELECT 1::float8, 1.5::float4, 1e20::float8, 1e-10::float8, 123456789.123::float8, 'NaN'::float8, '-Infinity'::float8, 0.1::real, 16777217::real, -0.0::float8
SELECT ARRAY[1, 2]::text, ARRAY['a', 'b c']::text, ARRAY[1, 2]::text[], '{1,2}'::int[]::text, array_to_string(ARRAY[1, NULL, 3], ',', '-'), string_to_array('a,,b', ','), string_to_array('a,b', NULL), string_to_array('abc', '')
SELECT unnest(ARRAY[1, 2]) AS u ORDER BY u DESC
SELECT t.id, u.tag FROM (VALUES (1, ARRAY['a', 'b']), (2, ARRAY[]::text[])) t(id, tags) LEFT JOIN LATERAL unnest(t.tags) AS u(tag) ON true ORDER BY 1, 2
SELECT jsonb_build_object('a', 1, 'b', ARRAY[1, 2], 'c', NULL)::text, jsonb_agg(x ORDER BY x)::text, json_agg(x ORDER BY x)::text, jsonb_object_agg(x::text, x)::text FROM (VALUES (1), (2)) t(x)
SELECT jsonb_array_length('[1, 2, 3]'), jsonb_typeof('{"a": 1}'), jsonb_typeof('null'), jsonb_set('{"a": 1}', '{b}', '2')::text, jsonb_strip_nulls('{"a": null}')::text, jsonb_pretty('{"a": 1}')
SELECT value FROM jsonb_array_elements_text('["x", "y"]') AS value
SELECT key, value FROM jsonb_each_text('{"a": 1, "b": "c"}') ORDER BY key
SELECT jsonb_object_keys('{"b": 1, "a": 2}') AS k ORDER BY k
SELECT e ->> 'id' AS id FROM jsonb_array_elements('[{"id": 1}, {"id": 2}]') AS e ORDER BY id
SELECT true AND NULL, false OR NULL, NOT true, true::text, 't'::bool, 'no'::boolean, 1::bool, true::int, bool_and(x), bool_or(x) FROM (VALUES (true), (false)) t(x)
SELECT '1.2.3'::numeric
SELECT '9999999999'::int
SELECT 100000::smallint
SELECT 1e10::int
SELECT '2024-13-45'::date
SELECT '2024-01-01 25:00'::timestamp
SELECT 'abc'::interval
SELECT 'abc'::uuid
SELECT 'abc'::json
SELECT '{1,a}'::int[]
SELECT 'abc'::boolean
SELECT 12345.678::numeric(5, 2)
SELECT cast('x' AS nosuchtype)
SELECT chr(0)
SELECT 1 LIMIT 'a'
SELECT 'a' ORDER BY 2
SELECT encode(sha256('abc'), 'hex'), encode(sha512('a'), 'hex') IS NOT NULL, encode(digest('a', 'sha256'), 'hex')
SELECT x, sum(x) OVER w, rank() OVER w, dense_rank() OVER w, percent_rank() OVER w, cume_dist() OVER w FROM (VALUES (1), (1), (2)) t(x) WINDOW w AS (ORDER BY x) ORDER BY x
SELECT a, b, sum(c) FROM (VALUES (1, 'x', 10), (1, 'y', 20), (2, 'x', 30)) t(a, b, c) GROUP BY GROUPING SETS ((a, b), (a), ()) ORDER BY a, b
SELECT DISTINCT ON (a) a, b FROM (VALUES (1, 2), (1, 1), (2, 3)) t(a, b) ORDER BY a, b
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (id, name) WHERE (id, name) = (1, 'a')
SELECT t.*, s.* FROM (VALUES (1)) t(a) CROSS JOIN LATERAL (SELECT a + 1 AS b, a * 2 AS c) s
SELECT count(*), count(x), count(DISTINCT x), sum(x) FILTER (WHERE x > 1), max(x) - min(x) FROM (VALUES (1), (2), (2), (NULL)) t(x)
WITH RECURSIVE t(n, s) AS (VALUES (1, '1'::text) UNION ALL SELECT n + 1, s || ',' || (n + 1) FROM t WHERE n < 3) SELECT * FROM t
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b
SELECT EXISTS(SELECT 1), NOT EXISTS(SELECT 1 WHERE false), (SELECT max(x) FROM generate_series(1, 3) x), 2 IN (SELECT generate_series(1, 3)), 1 = ALL (SELECT 1)
SELECT x FROM generate_series(1, 3) x EXCEPT SELECT 2 ORDER BY x
SELECT generate_series(1, 2) AS a, 'x' AS b
SELECT (SELECT array_agg(x) FROM (SELECT 1 AS x UNION SELECT 2 ORDER BY 1) s)
SELECT sum(1) OVER (), 1 AS "Mixed Case", 2 AS "select", 3 four
SELECT ROW(1, 'a') = ROW(1, 'a'), (1, 2) IN ((1, 2), (3, 4)), ROW(1, 2) < ROW(1, 3)
SELECT a.x, b.x FROM (VALUES (1), (2)) a(x) FULL OUTER JOIN (VALUES (2), (3)) b(x) ON a.x = b.x ORDER BY 1, 2
SELECT * FROM (VALUES (1, 2)) a(x, y) JOIN (VALUES (1, 3)) b(x, z) USING (x)
@params ["5"]
SELECT $1 + 1
@params ["5"]
SELECT $1::int4 / 2, $1::numeric / 2
@params ["abc"]
SELECT $1 || 'x', upper($1)
@params ["2024-01-01"]
SELECT $1::date + 1, $1::timestamptz
@params ["{1,2}"]
SELECT 2 = ANY ($1::int[]), array_length($1::int[], 1)
@params ["x"]
SELECT 1 WHERE 1 = $1
@params ["2", "1"]
SELECT x FROM generate_series(1, 5) x ORDER BY x LIMIT $1 OFFSET $2
@params ["t"]
SELECT CASE WHEN $1::bool THEN 'yes' ELSE 'no' END
@params [null]
SELECT coalesce($1, 'none'), $1 IS NULL
@params ["%a%"]
SELECT x FROM (VALUES ('abc'), ('xyz')) t(x) WHERE x LIKE $1
@params ["1 day"]
SELECT timestamp '2024-01-01' + $1::interval, timestamp '2024-01-01' - $1
@params ["{\"a\": 1}"]
SELECT ($1::jsonb ->> 'a')::int
@params ["1", "2"]
SELECT x FROM generate_series(1, 4) x WHERE x BETWEEN $1 AND $2
@params ["1", "x"]
SELECT $1::int, $2::text, $1::int + 1
SELECT (1, NULL) = (1, 2), (1, 2) = (1, 2), (1, 2) < (1, 3), (NULL, 1) >= (1, 1), (2, NULL) > (1, 5), (1, NULL) <> (2, 3)
SELECT a, b FROM (VALUES (1, 5), (1, NULL), (2, 1), (NULL, 9)) t(a, b) WHERE (a, b) > (1, 2) ORDER BY a, b
SELECT x FROM (VALUES (1), (2), (NULL)) t(x) WHERE x <> ALL ('{}') ORDER BY x
SELECT x FROM (VALUES (1), (2), (3)) t(x) WHERE x > ANY ('{2,9}') OR x < ALL ('{2,NULL}') ORDER BY x
SELECT t = '{}', t @> '{a}', t && '{b,c}', NULL::text[] || t FROM (VALUES (ARRAY['a', 'b']), ('{}'::text[])) v(t) ORDER BY t
SELECT date '2024-03-31' - time '10:30', timestamp '2024-03-31 10:30' + time '01:00', time '01:00' + timestamp '2024-03-31 10:30', timestamp '2024-03-31 10:30' - time '11:00'
