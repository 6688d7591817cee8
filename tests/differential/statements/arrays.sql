-- Arrays: literals, operators, functions, set-returning functions.
SELECT ARRAY[1, 2, 3], '{1,2,3}'::int[], '{a,"b c",NULL,"NULL"}'::text[], ARRAY[]::int[], '{}'::text[]
SELECT ARRAY[[1, 2], [3, 4]], '{{1,2},{3,4}}'::int[]
SELECT (ARRAY[10, 20, 30])[1], (ARRAY[10, 20, 30])[4], (ARRAY[10, 20, 30])[2:3], (ARRAY[10, 20, 30])[:2], (ARRAY[10, 20, 30])[0]
SELECT array_length(ARRAY[1, 2, 3], 1), array_length(ARRAY[]::int[], 1), array_length(ARRAY[1], 2), array_length(ARRAY[[1, 2], [3, 4], [5, 6]], 2), cardinality(ARRAY[[1, 2], [3, 4]]), cardinality(ARRAY[]::int[])
SELECT array_upper(ARRAY[1, 8, 3], 1), array_lower(ARRAY[1, 2], 1), array_upper(ARRAY[]::int[], 1), array_ndims(ARRAY[[1, 2], [3, 4]]), array_dims(ARRAY[[1, 2, 3], [4, 5, 6]]), array_dims(ARRAY[1, 2])
SELECT array_append(ARRAY[1, 2], 3), array_prepend(0, ARRAY[1, 2]), array_cat(ARRAY[1, 2], ARRAY[3]), ARRAY[1] || 2, 0 || ARRAY[1], ARRAY[1] || ARRAY[2], array_append(NULL, 1)
SELECT array_position(ARRAY['sun', 'mon', 'tue', 'mon'], 'mon'), array_position(ARRAY[1, 2], 5), array_positions(ARRAY['A', 'A', 'B', 'A'], 'A'), array_position(ARRAY[1, 4, 3, 1], 1, 2), array_positions(ARRAY[1], 5)
SELECT array_remove(ARRAY[1, 2, 3, 2], 2), array_replace(ARRAY[1, 2, 5, 4], 5, 3), array_remove(ARRAY[1, NULL, 2], NULL), array_replace(ARRAY[1, NULL], NULL, 0)
SELECT array_fill(7, ARRAY[3]), array_fill(0, ARRAY[2, 2])
SELECT array_to_string(ARRAY[1, 2, NULL, 5], ','), array_to_string(ARRAY[1, 2, NULL, 5], ',', '*'), array_to_string(ARRAY[]::text[], ','), array_to_string(ARRAY['a', 'b'], '')
SELECT 1 = ANY (ARRAY[1, 2]), 3 = ANY ('{1,2}'::int[]), 1 <> ALL (ARRAY[2, 3]), 2 > ALL (ARRAY[1, NULL]), 5 = ANY (ARRAY[1, NULL]), 1 < ANY (ARRAY[0, 2])
SELECT ARRAY[1, 4, 3] @> ARRAY[3, 1], ARRAY[2, 2] <@ ARRAY[1, 7, 4, 2, 6], ARRAY[1, 4, 3] && ARRAY[2, 1], ARRAY[1] && ARRAY[2], ARRAY[1] @> ARRAY[]::int[]
SELECT ARRAY[1, 2] = ARRAY[1, 2], ARRAY[1, 2, 3] > ARRAY[1, 2, 4], ARRAY[1, 2] < ARRAY[1, 2, 3]
SELECT unnest(ARRAY[1, 2, 3])
SELECT unnest(ARRAY[1, 2]), unnest(ARRAY['a', 'b', 'c'])
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['foo', 'bar', 'baz']) AS x(a, b)
SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS t(v, n)
SELECT x FROM unnest(ARRAY[3, 1, 2]) AS x ORDER BY x
SELECT generate_subscripts(ARRAY['a', 'b', 'c'], 1)
SELECT s, (ARRAY['x', 'y'])[s] FROM generate_subscripts(ARRAY['x', 'y'], 1) AS s
SELECT array_agg(x), array_agg(x ORDER BY x DESC), array_agg(DISTINCT x ORDER BY x) FROM (VALUES (1), (2), (2)) t(x)
SELECT array_agg(x) FROM (SELECT 1 AS x WHERE false) t
SELECT array_agg(x ORDER BY x) FROM (VALUES (1), (NULL)) t(x)
SELECT ARRAY(SELECT x FROM (VALUES (3), (1)) t(x) ORDER BY x)
SELECT '{1,x}'::int[]
SELECT '{1,2'::int[]
SELECT ARRAY[1, 'a']
SELECT trim_array(ARRAY[1, 2, 3, 4], 2)
SELECT generate_series(1, 3)
SELECT * FROM generate_series(1, 3)
SELECT * FROM generate_series(5, 1, -2) AS g
SELECT g + 1 FROM generate_series(1, 2) AS g
SELECT * FROM generate_series(1.1, 4, 1.3)
SELECT generate_series(1, 3, 0)
SELECT * FROM generate_series(1, 0)
SELECT a, b FROM generate_series(1, 2) AS a, generate_series(10, 11) AS b ORDER BY a, b
SELECT array_to_json(ARRAY[1, 2]), to_json(ARRAY['a', 'b']), ARRAY[true, false], ARRAY[1.5, 2], ARRAY['2024-01-01'::date], ARRAY[NULL::int]
SELECT '{"(1,2)","x\"y"}'::text[], '{ a , b }'::text[], '[2:3]={1,2}'::int[]
@params ["{1,2,3}"]
SELECT $1::int[] @> ARRAY[2], 2 = ANY ($1::int[])
@params ["{a,b}"]
SELECT x FROM unnest($1::text[]) AS x ORDER BY x
CREATE TEMP TABLE listed (i int[], t text[], n int)
INSERT INTO listed VALUES ('{1,2,NULL}', '{a,"b c",NULL}', 1), ('{}', NULL, 2), (ARRAY[3], '{x}', 3)
INSERT INTO listed (n, t) VALUES (4, '{"{}"}')
INSERT INTO listed VALUES ('{7}')
INSERT INTO listed VALUES ('{7')
SELECT * FROM listed ORDER BY n
