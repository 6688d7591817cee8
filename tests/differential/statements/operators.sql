-- Operators of json that DuckDB's lexer has no token for, and the arrow, which is a lambda's there.
CREATE TABLE docs (id int PRIMARY KEY, data jsonb, path text[], n int, CHECK (data -> 'banned' IS NULL))
INSERT INTO docs VALUES (1, '{"a": 1, "tags": ["x", "y"], "k": {"l": [10, {"m": "deep"}]}}', '{k,l,1,m}', 12), (2, '{"b": null, "tags": []}', '{b}', 10), (3, '["a", "b"]', '{0}', 5), (4, NULL, NULL, NULL)
SELECT id, data #> '{k,l}', data #>> '{k,l,1,m}', data #> path, data #>> path, data #> '{}' FROM docs ORDER BY id
SELECT id, data ? 'a', data ? 'b', data ?| ARRAY['a', 'z'], data ?& ARRAY['a', 'tags'], data ?| '{b,c}', data?&'{a}' FROM docs ORDER BY id
SELECT id FROM docs WHERE data ? 'a' AND NOT data ? 'b' ORDER BY id
SELECT id FROM docs WHERE data -> 'tags' ? 'x' OR data ? 'b' ORDER BY id
SELECT id, data #- '{k,l,0}', data #- '{tags}', data#-'{a}' FROM docs WHERE id < 3 ORDER BY id
SELECT n # 3, n # 3 | 1, 17#5, n # -1 FROM docs ORDER BY id
SELECT '?' || 'a ? b' AS "what ?", $$ a #> b ? c $$, E'it''s ?' /* data ? 'x' #> */ FROM docs WHERE data ? 'a' -- and ?
SELECT data -> 'a' = '1', data -> 'a' IS NULL, data -> 'tags' = '["x", "y"]', data -> 'k' -> 'l' = '[]' FROM docs WHERE id = 1
SELECT id FROM docs WHERE data -> 'zz' IS NULL ORDER BY id
SELECT id FROM docs WHERE data -> 'a' = '1' AND n = 12
SELECT id FROM docs WHERE data -> 'k' @> '{"l": [10]}' AND n = 12
SELECT data->'k'->'l'->0 AS zero, data->'k'->'l'->-1->>'m' AS last, (data->'a')::int + 1, data->>'a' || '!' FROM docs WHERE id = 1
SELECT CASE WHEN data ? 'a' THEN data -> 'a' ELSE data -> 'b' END IS NULL, count(*) FILTER (WHERE data -> 'tags' IS NOT NULL) OVER () FROM docs ORDER BY id
SELECT id FROM docs WHERE id = 5 OR data ->> 'a' = '1' ORDER BY id
SELECT id FROM docs WHERE n > 1 AND data ->> 'a' IS NULL AND NOT data ->> 'b' = 'x' ORDER BY id
SELECT 1 = 1 AND data ->> 'a' = '1', NOT data ->> 'a' = '2', data ->> 'a' || 'w', (data ->> 'a')::int + 1, data -> 'k' ->> 'l' IS NULL FROM docs WHERE id = 1
SELECT data -> 'a' AS a, count(*) FROM docs GROUP BY data -> 'a' ORDER BY data -> 'a' NULLS FIRST
SELECT id FROM docs WHERE (data #>> '{k,l,0}')::int BETWEEN 1 AND 10 ORDER BY data #>> '{a}'
SELECT jsonb_typeof(data -> 'k'), jsonb_array_length(data -> 'tags') FROM docs WHERE id = 1
UPDATE docs SET data = data #- '{a}' || '{"z": 1}' WHERE data ? 'a' RETURNING data -> 'z', data ? 'a'
DELETE FROM docs WHERE data ?| ARRAY['none', 'nope']
INSERT INTO docs (id, data) VALUES (5, '{"banned": true}')
INSERT INTO docs (id, data) SELECT 6, data -> 'k' FROM docs WHERE data ? 'k'
CREATE VIEW docs_view AS SELECT id, data -> 'tags' ->> 0 AS first, data #>> '{k,l,0}' AS ten, data ? 'k' AS has_k FROM docs
SELECT * FROM docs_view ORDER BY id
PREPARE has AS SELECT id FROM docs WHERE data ? $1 ORDER BY id
EXECUTE has('tags')
@params ["tags"]
SELECT id FROM docs WHERE data ? $1 ORDER BY id
@params ["{a,z}"]
SELECT id FROM docs WHERE data ?| $1 ORDER BY id
@params ["{k,l,0}", "{k}"]
SELECT data #> $1, data #>> $2 FROM docs WHERE id = 1
@params ["k", "l"]
SELECT data -> $1 -> $2 IS NULL FROM docs WHERE id = 1
@params ["{\"z\": 1}"]
SELECT id FROM docs WHERE data @> $1
SELECT id FROM docs WHERE data ? ORDER BY id
SELECT id FROM docs WHERE data -> ORDER BY id
SELECT ? 'a'
SELECT data # 'a' FROM docs
DROP VIEW docs_view
DROP TABLE docs
