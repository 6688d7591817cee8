-- json and jsonb.
SELECT '[{"a":"foo"},{"b":"bar"},{"c":"baz"}]'::json -> 2, '{"a": {"b":"foo"}}'::json -> 'a', '[1,2,3]'::json ->> 2, '{"a":1,"b":2}'::json ->> 'b', '[1,2]'::json -> -1
SELECT '{"a": {"b": ["foo","bar"]}}'::json #> '{a,b,1}', '{"a": {"b": ["foo","bar"]}}'::json #>> '{a,b,1}', '{"a":1}'::json #> '{x}', '{"a":[1,{"b":2}]}'::jsonb #>> '{a,1,b}'
SELECT '{"a":1}'::json -> 'x', '{"a":null}'::json ->> 'a', '{"a":null}'::json -> 'a', '5'::json -> 'a', '{"a":"x y"}'::json ->> 'a'
SELECT '{"b": 1, "a": 2, "a": 3}'::jsonb, '{"bb": 1, "a": [1,  2 ], "c": {"y":null}}'::jsonb, '  "x" '::jsonb, '1.10'::jsonb, 'true'::jsonb
SELECT '{"b": 1, "a": 2}'::json
SELECT '{"a":1, "b":2}'::jsonb @> '{"b":2}', '{"b":2}'::jsonb <@ '{"a":1, "b":2}'::jsonb, '[1,2,3]'::jsonb @> '[3,1]', '[1,2,3]'::jsonb @> '2', '{"a":{"b":1,"c":2}}'::jsonb @> '{"a":{"b":1}}', '{"a":1}'::jsonb @> '{"a":"1"}'
SELECT '{"a":1, "b":2}'::jsonb ? 'b', '["a","b"]'::jsonb ? 'a'
SELECT '{"a":1}'::jsonb ?| ARRAY['b', 'a'], '["a", "b"]'::jsonb ?& ARRAY['a', 'b']
SELECT jsonb_exists('{"a":1, "b":2}', 'b'), jsonb_exists_any('{"a":1}', ARRAY['b', 'a']), jsonb_exists_all('["a", "b"]', ARRAY['a', 'c'])
SELECT '{"a": "b"}'::jsonb || '{"c": "d", "a": 1}', '[1]'::jsonb || '[2]'::jsonb, '[1]'::jsonb || '{"a":1}'::jsonb, '1'::jsonb || '2'::jsonb
SELECT '{"a": "b", "c": "d"}'::jsonb - 'a', '["a", "b"]'::jsonb - 1, '["a", "b", "c", "b"]'::jsonb - 'b', '{"a": 1, "b": 2, "c": 3}'::jsonb - ARRAY['a', 'c'], '["a", {"b":1}]'::jsonb #- '{1,b}'
SELECT json_build_object('foo', 1, 2, true, 'n', NULL), jsonb_build_object('b', 1.50, 'a', 'x'), json_build_array(1, 'a', NULL, 2.5), jsonb_build_array(1, 'a', NULL), json_build_object(), jsonb_build_object('d', date '2024-01-02', 't', timestamp '2024-01-02 03:04:05', 'arr', ARRAY[1, 2])
SELECT json_build_object('a')
SELECT to_json('Fred said "Hi."'::text), to_jsonb(42), to_json(true), to_jsonb(NULL::int), to_json(1.50), to_jsonb(date '2024-01-02'), to_json(timestamp '2024-01-02 03:04:05.5'), to_jsonb(ARRAY[1, NULL])
SELECT row_to_json(t) FROM (VALUES (1, 'a'), (2, NULL)) t(x, y) ORDER BY x
SELECT to_jsonb(t) FROM (SELECT 1 AS b, 'x' AS a) t
SELECT json_agg(x), jsonb_agg(x), json_agg(x ORDER BY x DESC) FROM (VALUES (1), (2), (NULL)) t(x)
SELECT json_agg(x) FROM (SELECT 1 AS x WHERE false) t
SELECT jsonb_agg(t ORDER BY x) FROM (VALUES (1, 'a'), (2, 'b')) t(x, y)
SELECT json_object_agg(k, v), jsonb_object_agg(k, v) FROM (VALUES ('b', 1), ('a', 2)) t(k, v)
SELECT key, value FROM jsonb_each('{"a":"foo", "b":[1]}') ORDER BY key
SELECT * FROM json_each_text('{"a":"foo", "b":null, "c":2}')
SELECT jsonb_object_keys('{"f1":"abc","f2":{"f3":"a"}}')
SELECT * FROM json_object_keys('{"b":1,"a":2}')
SELECT * FROM json_array_elements('[1,true, [2,false]]')
SELECT jsonb_array_elements('[3, 1, "x"]')
SELECT * FROM jsonb_array_elements_text('["foo", "bar", null, 5]')
SELECT e ->> 'a' FROM jsonb_array_elements('[{"a":1},{"a":2}]') AS e ORDER BY 1
SELECT json_array_length('[1,2,3,{"f1":1},4]'), jsonb_array_length('[]')
SELECT jsonb_array_length('{"a":1}')
SELECT jsonb_set('[{"f1":1,"f2":null},2,null,3]', '{0,f1}', '[2,3,4]', false), jsonb_set('[{"f1":1}, 2]', '{0,f3}', '[2]'), jsonb_set('{"a":1}', '{b}', '2', false), jsonb_set('{"a":{"b":1}}', '{a,b}', '"x"')
SELECT jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '"new_value"'), jsonb_insert('{"a": [0,1,2]}', '{a, 1}', '"new_value"', true)
SELECT json_typeof('-123.4'), jsonb_typeof('{}'), jsonb_typeof('[]'), jsonb_typeof('"x"'), jsonb_typeof('true'), jsonb_typeof('null'), json_typeof(NULL)
SELECT jsonb_pretty('[{"f1":1,"f2":null},2,[],{}]')
SELECT json_strip_nulls('[{"f1":1,"f2":null},2,null,3]'), jsonb_strip_nulls('{"a":null,"b":{"c":null}}')
SELECT json_extract_path('{"f2":{"f3":1},"f4":{"f5":99,"f6":"foo"}}', 'f4', 'f6'), json_extract_path_text('{"f4":{"f6":"foo"}}', 'f4', 'f6'), jsonb_extract_path('{"a":[1,2]}', 'a', '1')
SELECT '{"a":1'::json
SELECT '{"a":01}'::jsonb
SELECT ''::json
SELECT '{"a":5}'::jsonb = '{"a": 5}'::jsonb, '{"a":5, "b":1}'::jsonb = '{"b":1,"a":5}'::jsonb
SELECT ('{"a":5}'::jsonb -> 'a')::int, ('{"a":5}'::json ->> 'a')::int + 1, ('{"a":"x"}'::jsonb ->> 'a')
SELECT '{"a":[1,2,3]}'::json -> 'a' -> 1, '{"a":{"b":{"c":1}}}'::jsonb -> 'a' -> 'b' ->> 'c'
SELECT '"\u00e9\n"'::jsonb ->> 0, '{"k":"\u00e9"}'::json ->> 'k', '{"k":"a\"b"}'::json -> 'k'
SELECT json_object('{a, 1, b, "def"}'), jsonb_object('{a,b}', '{1,2}')
SELECT jsonb_path_query_first('{"a":[1,2,3]}', '$.a[1]'), jsonb_path_exists('{"a":1}', '$.a')
SELECT * FROM json_to_recordset('[{"a":1,"b":"foo"},{"a":2}]') AS x(a int, b text)
SELECT * FROM jsonb_to_record('{"a":1,"b":[1,2]}') AS x(a int, b text)
SELECT count(*) FROM (VALUES ('{"a":1}'::jsonb), ('{"a":2}')) t(j) WHERE j ->> 'a' = '1'
SELECT pg_typeof('{}'::json), pg_typeof('{}'::jsonb), pg_typeof('{"a":1}'::jsonb -> 'a'), pg_typeof('{"a":1}'::jsonb ->> 'a')
SELECT ('{"a":1}'::jsonb || '{"b":2}'::jsonb) ->> 'b', 'x' || 'y', 'x'::text || 1
CREATE TEMP TABLE documents (j jsonb, k jsonb, t text)
INSERT INTO documents VALUES ('{"a": 1}', '{"b": [2]}', 'x'), ('[1]', '2', 'y'), (NULL, '{}', NULL)
SELECT (j || k)::text, (j || '{"z": 3}')::text, t || t, (k || k)::text IS NULL FROM documents ORDER BY t
UPDATE documents SET j = j || '{"n": 5}' WHERE t = 'x' RETURNING j::text
SELECT ('{"a": 1, "b": 2}'::jsonb - 'a')::text, ('["a", "b"]'::jsonb - 1)::text, ('{"a": 1, "b": 2, "c": 3}'::jsonb - 'a' - 'c')::text, ('{"a": 1, "b": 2}'::jsonb - ARRAY['a', 'c'])::text
SELECT e.value ->> 'a', e ->> 'a', value::text FROM jsonb_array_elements('[{"a":1}]') AS e
SELECT e::text, x.value FROM (VALUES ('[1,2]'::jsonb)) t(j), jsonb_array_elements(t.j) AS e, jsonb_array_elements_text(t.j) AS x WHERE e = '1' ORDER BY x
SELECT e::text FROM json_array_elements('[1, 2]') AS e GROUP BY e::text ORDER BY 1
SELECT (SELECT string_agg(e ->> 'a', ',' ORDER BY e ->> 'a') FROM jsonb_array_elements(t.j) AS e WHERE EXISTS (SELECT 1 WHERE e ->> 'a' <> '2')) FROM (VALUES ('[{"a":1},{"a":2},{"a":3}]'::jsonb)) t(j)
SELECT n.v::text FROM jsonb_array_elements('[5]') AS n(v)
SELECT '{"a": 1,}'::json
