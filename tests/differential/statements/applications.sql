-- As ORMs and BI tools send them.
CREATE TEMP TABLE ev (id serial PRIMARY KEY, uid int, kind varchar(20), amount numeric(10,2), ts timestamptz, d date, props jsonb, tags text[], active boolean DEFAULT true)
INSERT INTO ev (uid, kind, amount, ts, d, props, tags) VALUES (1,'click',1.50,'2024-01-01 00:10:00+00','2024-01-01','{"p": {"q": 1}, "n": 5}','{a,b}'),(1,'view',2.25,'2024-01-01 01:20:00+00','2024-01-01','{"n": 7}','{b}'),(2,'click',NULL,'2024-01-02 05:00:00+00','2024-01-02',NULL,NULL),(3,'buy',100,'2024-02-10 12:00:00+00','2024-02-10','{"n": 1, "x": "y"}','{}')
SELECT date_trunc('hour', ts) AS bucket, count(*) FROM ev GROUP BY 1 ORDER BY 1
SELECT date_trunc('day', "ev"."ts" AT TIME ZONE 'Europe/Berlin') AS day, sum(amount) FROM ev GROUP BY date_trunc('day', "ev"."ts" AT TIME ZONE 'Europe/Berlin') ORDER BY 1
SELECT date_trunc('month', CAST("ev"."ts" AS timestamp)) AS "ts", count(distinct "ev"."uid") AS "count" FROM "ev" GROUP BY date_trunc('month', CAST("ev"."ts" AS timestamp)) ORDER BY date_trunc('month', CAST("ev"."ts" AS timestamp)) ASC
SELECT floor(extract(epoch from ts)/3600)*3600 AS "time", count(*) AS value FROM ev WHERE ts BETWEEN '2024-01-01T00:00:00Z' AND '2024-12-31T23:59:59Z' GROUP BY 1 ORDER BY 1
SELECT to_timestamp(floor((extract('epoch' from ts) / 600 )) * 600) AT TIME ZONE 'UTC' AS b, count(*) FROM ev GROUP BY 1 ORDER BY 1
SELECT gs::date AS day, count(ev.id) FROM generate_series('2024-01-01'::date, '2024-01-03'::date, '1 day') gs LEFT JOIN ev ON ev.d = gs::date GROUP BY 1 ORDER BY 1
SELECT generate_series(date_trunc('month', min(d)), max(d), '1 month')::date AS m FROM ev ORDER BY 1
SELECT count(*) FILTER (WHERE kind = 'click') AS clicks, sum(amount) FILTER (WHERE active) AS s, count(*) FILTER (WHERE props ->> 'n' IS NOT NULL) FROM ev
SELECT DISTINCT ON (uid) uid, kind, ts FROM ev ORDER BY uid, ts DESC
SELECT u.uid, l.kind FROM (SELECT DISTINCT uid FROM ev) u CROSS JOIN LATERAL (SELECT kind FROM ev WHERE ev.uid = u.uid ORDER BY ts DESC LIMIT 1) l ORDER BY 1
SELECT e.id, t.tag, t.ord FROM ev e LEFT JOIN LATERAL unnest(e.tags) WITH ORDINALITY AS t(tag, ord) ON true ORDER BY 1, 3
SELECT id, unnest(tags) AS tag FROM ev ORDER BY 1, 2
INSERT INTO ev (id, uid, kind) VALUES (1, 9, 'x') ON CONFLICT (id) DO UPDATE SET uid = EXCLUDED.uid WHERE ev.uid <> EXCLUDED.uid RETURNING id, uid, kind
INSERT INTO ev (id, uid, kind) VALUES (1, 9, 'x') ON CONFLICT DO NOTHING RETURNING id
INSERT INTO ev (uid, kind) SELECT 7, 'sel' WHERE NOT EXISTS (SELECT 1 FROM ev WHERE uid = 7) RETURNING uid
SELECT string_agg(kind, ', ' ORDER BY kind DESC), string_agg(DISTINCT kind, ',' ORDER BY kind), array_agg(DISTINCT uid ORDER BY uid), array_to_string(array_agg(kind ORDER BY id), '|') FROM ev
SELECT uid, json_agg(json_build_object('k', kind, 'a', amount) ORDER BY id) FROM ev GROUP BY uid ORDER BY uid
SELECT coalesce(json_agg(t), '[]'::json) FROM (SELECT id FROM ev WHERE false) t
SELECT jsonb_array_length('[1,2]'::jsonb), jsonb_typeof(props), (props ->> 'n')::int + 1, props #>> '{p,q}' FROM ev WHERE props IS NOT NULL ORDER BY id
SELECT to_char(ts, 'YYYY-MM-DD HH24:MI:SS'), to_char(ts, 'Mon DD, YYYY'), to_char(ts, 'IYYY-IW'), to_char(ts, 'Q'), to_char(ts, 'Day'), to_char(ts, 'FMDay'), to_char(ts, 'HH12:MI AM'), to_char(amount, 'FM999,999.00'), to_char(amount, '9990.99') FROM ev ORDER BY id
SELECT regexp_replace(kind, '[aeiou]', '*', 'g'), regexp_matches(kind, '(c)(l)'), regexp_split_to_array('a,b;c', '[,;]'), substring(kind from '^(.)'), kind ~* '^CL', regexp_count(kind, 'c') FROM ev WHERE kind = 'click' ORDER BY id LIMIT 1
SELECT width_bucket(amount, 0, 100, 4), width_bucket(amount, ARRAY[1, 2, 50]) FROM ev ORDER BY id
SELECT extract(epoch from ts)::bigint, extract(dow from ts), extract(isodow from ts), extract(week from d), extract(doy from d), extract(quarter from d), date_part('year', ts), extract(epoch from (ts - '2024-01-01'::timestamptz)) FROM ev ORDER BY id
SELECT ts AT TIME ZONE 'America/New_York', (ts AT TIME ZONE 'UTC') AT TIME ZONE 'Asia/Tokyo', d::timestamp AT TIME ZONE 'UTC' FROM ev ORDER BY id LIMIT 2
SELECT id, sum(id) OVER (ORDER BY d RANGE BETWEEN INTERVAL '1 day' PRECEDING AND CURRENT ROW), count(*) OVER (ORDER BY d GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) FROM ev WHERE d IS NOT NULL ORDER BY id
SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS v (n, t) WHERE v.n = ANY (VALUES (1), (2)) ORDER BY 1
SELECT kind FROM ev WHERE kind ILIKE '%LI%' OR kind SIMILAR TO '(v|b)%' ORDER BY id
SELECT kind FROM ev WHERE kind NOT ILIKE 'c%' AND kind !~ 'z' AND (kind COLLATE "C") > 'a' ORDER BY kind COLLATE "C" DESC
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n), array_agg(n) FROM t
WITH RECURSIVE tree AS (SELECT id, uid, 1 AS depth, ARRAY[id] AS path FROM ev WHERE id = 2 UNION ALL SELECT e.id, e.uid, t.depth + 1, t.path || e.id FROM ev e JOIN tree t ON e.uid = t.uid AND NOT e.id = ANY (t.path)) SELECT * FROM tree ORDER BY depth, id
SELECT uid, count(*) AS c FROM ev GROUP BY uid HAVING count(*) > 1 ORDER BY c DESC, uid LIMIT 10 OFFSET 0
SELECT EXISTS (SELECT 1 AS one FROM ev WHERE uid = 1 LIMIT 1), 1 AS one
SELECT 1 AS one FROM "ev" WHERE "ev"."kind" = 'click' LIMIT 1
SELECT COUNT(*) FROM (SELECT 1 AS one FROM "ev" ORDER BY "ev"."id" ASC LIMIT 2) subquery_for_count
SELECT "ev"."id", "ev"."kind" AS t0_r1 FROM "ev" WHERE "ev"."id" IN (1, 2) AND ("ev"."props" ->> 'n')::integer > 4 ORDER BY "ev"."ts" DESC NULLS LAST
SELECT (ts)::date, ts::date - d, age('2024-03-01'::timestamp, '2024-01-15'::timestamp), justify_interval(interval '40 days 30 hours'), d + 1, d + interval '1 month', ts + '1 day'::interval, d - 7 FROM ev ORDER BY id LIMIT 1
SELECT date '2024-01-31' + interval '1 month', now() - interval '1 day' < now(), current_date - 1 < current_date, make_date(2024, 2, 29), make_timestamp(2024, 1, 2, 3, 4, 5.5), to_timestamp(0)
SELECT concat_ws('-', kind, uid, NULL, active), format('%s:%s', kind, uid), lpad(uid::text, 4, '0'), upper(kind), initcap(kind), left(kind, 2), right(kind, 2), reverse(kind), repeat('x', 2), translate(kind, 'ck', 'KC'), md5(kind), strpos(kind, 'i'), split_part('a.b.c', '.', 2), trim(both 'c' from kind), length(kind), ascii(kind), chr(65), starts_with(kind, 'c') FROM ev ORDER BY id
SELECT * FROM json_each('{"a": 1, "b": "x"}') ORDER BY key
SELECT key, value FROM jsonb_each_text('{"a": 1, "b": "x"}'::jsonb) ORDER BY key
SELECT elem ->> 'a' FROM jsonb_array_elements('[{"a": 1}, {"a": 2}]'::jsonb) AS elem
SELECT e.id, k FROM ev e, jsonb_object_keys(e.props) AS k ORDER BY 1, 2
SELECT id FROM ev WHERE props @> '{"n": 7}' OR props ->> 'x' = 'y' ORDER BY id
SELECT id FROM ev WHERE (uid, kind) IN ((1, 'view'), (3, 'buy')) ORDER BY id
SELECT id FROM ev WHERE (uid, id) > (1, 2) ORDER BY uid, id LIMIT 2
SELECT id FROM ev WHERE uid = ANY ('{1,3}'::int[]) AND id <> ALL (ARRAY[1]) ORDER BY id
SELECT id FROM ev WHERE amount IS NOT DISTINCT FROM NULL AND active IS TRUE AND (active) IS NOT FALSE ORDER BY id
SELECT id FROM ev WHERE d >= date_trunc('month', '2024-02-15'::date) AND d < date_trunc('month', '2024-02-15'::date) + interval '1 month'
SELECT CAST(id AS TEXT) || '', CAST(amount AS double precision), CAST('2024-01-01' AS date), CAST(1 AS boolean), 'true'::boolean, 5::text, '7'::int2 FROM ev ORDER BY id LIMIT 1
SELECT kind, sum(sum(amount)) OVER (ORDER BY kind), rank() OVER (ORDER BY sum(amount) DESC NULLS LAST) FROM ev GROUP BY kind ORDER BY kind
SELECT SUM("a") FROM (SELECT amount AS "a" FROM ev UNION ALL SELECT 1 UNION ALL SELECT NULL) q
(SELECT id FROM ev ORDER BY id LIMIT 1) UNION (SELECT 99) ORDER BY 1
SELECT id FROM ev EXCEPT SELECT 1 INTERSECT SELECT 1 ORDER BY id LIMIT 1
UPDATE ev SET tags = array_append(tags, 'new'), props = jsonb_set(coalesce(props, '{}'), '{seen}', 'true'), amount = amount * 1.1 WHERE id = 2 RETURNING id, tags, props ->> 'seen', amount
UPDATE ev SET kind = v.k FROM (VALUES (1, 'one'), (2, 'two')) AS v (id, k) WHERE v.id = ev.id
UPDATE ev e SET amount = (SELECT max(amount) FROM ev WHERE uid = e.uid) WHERE id = 2 RETURNING e.id, e.amount
DELETE FROM ev e USING (SELECT 2 AS id) x WHERE e.id = x.id RETURNING e.id
SELECT nextval('ev_id_seq') > 0, currval('ev_id_seq') > 0, lastval() > 0
SELECT to_date('20240105', 'YYYYMMDD'), to_number('1,234.5', '9G999D9'), to_char(1234567.891, '9,999,999.99'), to_char(interval '26 hours', 'HH24:MI'), to_char(-5, '999'), to_char(0.5, '0.00')
SELECT timestamp '2024-01-01 10:00' - timestamp '2023-12-31 09:30', (timestamp '2024-01-03' - timestamp '2024-01-01') * 2, interval '1 day' * 1.5, interval '1 hour' / 4, extract(day from interval '3 days 2 hours')
SELECT row_number() OVER () AS rn, t.* FROM (SELECT kind FROM ev ORDER BY id) t
SELECT count(*), count(DISTINCT (uid, kind)), count(amount) FROM ev
SELECT tags IS NULL, tags = '{}', tags <> '{}', array_length(tags, 1) IS NULL FROM ev ORDER BY id
SELECT 'now'::timestamptz IS NOT NULL, 'infinity'::timestamp, 'epoch'::timestamptz, '-infinity'::date
SELECT uid AS "User ID", kind "Kind" FROM ev AS "E" ORDER BY "User ID", "Kind" LIMIT 1
SELECT max(id) FROM ev HAVING max(id) > 0
SELECT overlay('abcdef' placing 'X' from 2 for 3), position('c' in 'abc'), substring('abcdef' from 2 for 3), trim(leading from '  x'), extract(year from date '2024-01-01')
SELECT bool 'yes', 1::bool, 'f'::bool, NOT true, true AND NULL, true OR NULL, (NULL)::int IS NULL
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) AS t (n, s)
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) WITH ORDINALITY AS t (n, s, i)
SELECT ordinality FROM unnest(ARRAY[1, 2], NULL::text[]) WITH ORDINALITY
SELECT * FROM unnest(NULL::int[], NULL::text[]) WITH ORDINALITY AS t (n, s, i)
SELECT txid_current() > 0, pg_backend_pid() > 0, current_setting('server_version_num')::int >= 150000, version() LIKE 'PostgreSQL%'
SELECT date_part('epoch', now()) > 0, clock_timestamp() > '2020-01-01', transaction_timestamp() = now(), localtimestamp IS NOT NULL
SELECT setting FROM pg_settings WHERE name = 'standard_conforming_strings'
SELECT CASE WHEN count(*) > 0 THEN round(100.0 * count(*) FILTER (WHERE active) / count(*), 2) END FROM ev
SELECT sum(CASE WHEN kind = 'one' THEN 1 ELSE 0 END) AS n, max(CASE WHEN uid = 1 THEN ts END) FROM ev
SELECT id FROM ev ORDER BY kind = 'one' DESC, random() IS NULL, id FETCH FIRST 2 ROWS ONLY
SELECT string_to_array('a,b,,c', ','), array_remove(ARRAY[1, NULL, 2], NULL), array_to_string(ARRAY[1, NULL, 3], ',', '*'), unnest('{x,y}'::text[])
SELECT encode('abc'::bytea, 'base64'), decode('YWJj', 'base64'), encode(sha256('a'), 'hex'), 'x'::bytea, octet_length('äö')
SELECT gen_random_uuid() IS NOT NULL, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid, md5('a')::uuid
SELECT format('%s', true), concat('a', true, NULL, 1.50, ARRAY[1,2]), concat_ws(',', true, false, NULL, 'x')
SELECT concat(true), concat(now()::date = '2020-01-01'), concat(1.5::float8, ' ', 2::int), concat_ws('-', date '2024-01-01', timestamp '2024-01-01 10:00:00')
SELECT concat(ARRAY[1,2], ARRAY[3])
CREATE TEMP TABLE e2 (id int, props jsonb, b boolean)
INSERT INTO e2 VALUES (1, '{"n": 7}', true), (2, '{"x": "y"}', false)
SELECT id FROM e2 WHERE props @> '{"n": 7}' ORDER BY id
SELECT id FROM e2 WHERE props @> '{"n": 7}' OR props ->> 'x' = 'y' ORDER BY id
SELECT id FROM e2 WHERE props ->> 'x' = 'y' ORDER BY id
SELECT id FROM e2 WHERE id = 5 OR props ->> 'x' = 'y' ORDER BY id
SELECT id FROM e2 WHERE (props ->> 'x') = 'y' OR props @> '{"n": 7}' ORDER BY id
SELECT b || 'x', 'x' || b, b::text FROM e2 ORDER BY id
SELECT id FROM e2 WHERE b = 'true' OR b = 't' OR b IN ('f') ORDER BY id
SELECT id FROM e2 WHERE id = '1' OR id IN ('2', '3') ORDER BY id
SELECT id FROM e2 ORDER BY CASE WHEN b THEN 0 ELSE 1 END, 1 LIMIT ALL OFFSET 0
SELECT sum(b::int), avg(id)::numeric(10,2), round(avg(id), 2) FROM e2
SELECT count(*) AS "count", "b" FROM "e2" GROUP BY "b" ORDER BY "count" ASC, b
SELECT date_trunc('week', date '2024-01-03')::date, date_trunc('quarter', timestamptz '2024-05-03 10:00+00'), date_trunc('day', timestamptz '2024-05-03 23:30+00', 'Europe/Berlin')
SELECT 'now'::timestamptz IS NOT NULL, 'today'::timestamp = current_date, 'yesterday'::date = current_date - 1, timestamp 'now' IS NOT NULL
SELECT extract(isoyear from date '2024-12-30'), extract(millennium from date '2024-12-30'), extract(century from date '2000-01-01'), extract(decade from date '1999-01-01'), extract(microseconds from time '10:00:01.5')
SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY b ORDER BY id) AS rn FROM e2) t WHERE rn = 1 ORDER BY id
SELECT a.id, b.id FROM e2 a FULL JOIN e2 b ON a.id = b.id + 1 ORDER BY 1 NULLS LAST, 2
SELECT id FROM e2 NATURAL JOIN (SELECT 1 AS id) x
SELECT e2.id FROM e2 JOIN (VALUES (1), (2)) v(id) USING (id) ORDER BY e2.id DESC
SELECT to_char(date '2024-01-05', 'YYYY-"W"IW'), to_char(1234.5, 'L9,999.99'), to_char(12, 'RN'), to_char(timestamp '2024-01-05 15:04:05.678', 'HH24:MI:SS.MS'), to_char(timestamp '2024-01-05', 'DDD D WW CC')
SELECT array_agg(id ORDER BY id DESC) FILTER (WHERE b), array_agg(id) FILTER (WHERE id > 5) FROM e2
SELECT (ARRAY['x','y'])[2], (ARRAY[1,2,3])[2:3], ('{1,2,3}'::int[])[1], array_ndims(ARRAY[[1,2],[3,4]]), ARRAY[[1,2],[3,4]]
SELECT id FROM e2 WHERE id IN (SELECT unnest(ARRAY[1, 5])) ORDER BY id
SELECT date '2024-03-10' - date '2024-03-01' AS days, (date '2024-03-10' - date '2024-03-01') * interval '1 day', age(date '2024-03-10', date '2023-01-01'), extract(day from age(timestamp '2024-03-10', timestamp '2024-03-01'))
SELECT 0.1::float4, 1e15::float8, 1e-7::float8, 100000000000000000000::numeric, 'NaN'::float8, 1.0::float8, 3.0::float4
SELECT substring('abc', 0, 2), substring('abc', -1), substr('abc', 2), left('abc', -1), right('abc', -1), split_part('a,b', ',', 3), strpos('', 'a'), replace('aaa', 'a', 'bb'), ltrim('xxa', 'x'), position('' in 'a')
SELECT (now() AT TIME ZONE 'utc')::date = (now() AT TIME ZONE 'UTC')::date, timezone('UTC', timestamptz '2024-01-01 00:00+02')
SELECT sum(x) FROM (SELECT 1::smallint UNION ALL SELECT 2) t(x)
SELECT 7.5::int, 8.5::int, -7.5::int, 2.5::numeric::int, 2.5::float8::int, round(2.5), round(-2.5), round(2.5::float8), 1.005::numeric(3,2)
SELECT array_to_string(ARRAY[true, false], ',')
SELECT row_to_json(t) FROM (SELECT 1 AS id, 2.50 AS amount) t
SELECT json_agg(t) FROM (SELECT 1 AS id UNION ALL SELECT 2) t
SELECT array_cat(ARRAY['a'], '{q}')
SELECT jsonb_path_query_array('[1,2]', '$[*]')
SELECT id FROM e2 TABLESAMPLE SYSTEM (100) ORDER BY id
SELECT id FROM e2 WHERE id BETWEEN SYMMETRIC 2 AND 1 ORDER BY id
SELECT U&'\0041'
SELECT string_agg(id::text, ',' ORDER BY id) OVER () FROM e2
SELECT ntile(2) OVER (ORDER BY id) FROM e2
SELECT sum(id)::float / count(*) FROM e2
SELECT "public"."x"."id" FROM (SELECT 1 AS id) AS "x"
INSERT INTO e2 (id) VALUES (9) RETURNING id, (xmax = 0) AS inserted
