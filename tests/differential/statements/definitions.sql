-- Tables and what belongs to them: expressions in them, changes, names, violated constraints.
CREATE TEMP TABLE def (i int DEFAULT 7 / 2, n numeric DEFAULT 7 / 2.0, f float8 DEFAULT 1 / 3, t text DEFAULT 'a' || 1, d date DEFAULT date '2024-01-01' + 1, k int)
INSERT INTO def (k) VALUES (1)
SELECT i, n::float8, f, t, d FROM def
CREATE TEMP TABLE chk (a int CHECK (a / 2 = 1), b text CHECK (b ~ 'x'), c int)
INSERT INTO chk VALUES (3, 'axb', 1)
INSERT INTO chk VALUES (4, 'x', 1)
INSERT INTO chk VALUES (2, 'y', 1)
CREATE TEMP TABLE gen (a int, b int GENERATED ALWAYS AS (a / 2) STORED)
CREATE TEMP TABLE parent (id int PRIMARY KEY)
CREATE TEMP TABLE child (id int REFERENCES parent (id))
INSERT INTO parent VALUES (1), (2)
INSERT INTO child VALUES (1)
TRUNCATE parent
TRUNCATE parent CASCADE
SELECT count(*) FROM child
SELECT count(*) FROM parent
CREATE TEMP TABLE alone (id int)
INSERT INTO alone VALUES (1)
TRUNCATE TABLE alone CASCADE
SELECT * FROM alone
CREATE TEMP TABLE addc (a int)
INSERT INTO addc VALUES (1)
ALTER TABLE addc ADD COLUMN b int NOT NULL
ALTER TABLE addc ALTER COLUMN a SET NOT NULL
INSERT INTO addc VALUES (NULL)
ALTER TABLE addc ADD COLUMN c int DEFAULT 7 / 2
ALTER TABLE addc ALTER COLUMN a SET DEFAULT 9 / 2
INSERT INTO addc DEFAULT VALUES
SELECT * FROM addc ORDER BY a
ALTER TABLE addc ALTER COLUMN a TYPE bigint USING a / 2
SELECT * FROM addc ORDER BY a
CREATE TEMP TABLE vl (v varchar(20))
INSERT INTO vl VALUES ('abcdefghij')
ALTER TABLE vl ALTER COLUMN v TYPE varchar(5)
ALTER TABLE vl ALTER COLUMN v TYPE varchar(10)
SELECT * FROM vl
SELECT '{"a":1, "b":2}'::jsonb = '{"b":2,"a":1}'::jsonb
CREATE TEMP TABLE jb (id int, j jsonb)
INSERT INTO jb VALUES (1, '{"a":1, "b":2}'), (2, '{"b":2,"a":1}'), (3, '{"a":1,"b":2}'), (4, '[1, 2]'), (5, '[1,2]'), (6, '1.0'), (7, '1')
SELECT id, j FROM jb ORDER BY id
SELECT x.id, y.id FROM jb x JOIN jb y ON x.j = y.j AND x.id < y.id ORDER BY 1, 2
SELECT count(DISTINCT j) FROM jb
SELECT j, count(*) FROM jb GROUP BY j ORDER BY count(*) DESC, j::text
SELECT DISTINCT j FROM jb ORDER BY j
SELECT id FROM jb WHERE j = '{"b": 2, "a": 1}' ORDER BY id
SELECT id FROM jb WHERE j IN ('{"b": 2, "a": 1}', '[1,   2]') ORDER BY id
SELECT date '2024-01-01' - time '01:00'
DROP FUNCTION nosuch()
DROP FUNCTION IF EXISTS nosuch()
DROP PROCEDURE IF EXISTS nosuch()
DROP AGGREGATE IF EXISTS nosuch(int)
CREATE VIEW pg_temp.vv AS SELECT 7 / 2 AS h, 'abc' ~ 'b' AS m
SELECT * FROM vv
CREATE OR REPLACE VIEW vp AS SELECT 7 / 2 AS h
SELECT * FROM vp
DROP VIEW vp
CREATE TABLE ix (a int, b text)
INSERT INTO ix VALUES (7, 'X'), (6, 'x')
CREATE INDEX ON ix ((a / 2))
CREATE UNIQUE INDEX ix_u ON ix (lower(b))
CREATE UNIQUE INDEX ix_h ON ix ((a / 2))
INSERT INTO ix VALUES (13, 'z')
INSERT INTO ix VALUES (12, 'y')
DROP TABLE ix
CREATE TABLE IF NOT EXISTS ctas AS SELECT 7 / 2 AS q, 1::numeric / 3 AS n, 'x'::varchar(5) AS v
SELECT q FROM ctas
CREATE TABLE ctas AS SELECT 1
DROP TABLE ctas
CREATE TEMP TABLE uq (a int UNIQUE, b int, CONSTRAINT ab UNIQUE (a, b), CHECK (b > 0))
INSERT INTO uq VALUES (1, 1)
INSERT INTO uq VALUES (1, 2)
INSERT INTO uq VALUES (2, -1)
CREATE TEMP TABLE nn (a int NOT NULL, b text)
INSERT INTO nn (b) VALUES ('x')
UPDATE nn SET a = NULL
INSERT INTO child VALUES (99)
DELETE FROM parent WHERE id = 1
SELECT * FROM nosuch
SELECT nosuch FROM nn
SELECT nn.nosuch FROM nn
SELECT x.a FROM nn
SELECT nosuchf(1)
SELECT lower(1, 2)
SELECT 1 +
SELEC 1
SELECT 'a
INSERT INTO nn (a, a) VALUES (1, 2)
INSERT INTO nn (nosuch) VALUES (1)
INSERT INTO nn VALUES (1, 'a', 3)
CREATE TABLE nn2 (a int, a text)
CREATE TEMP TABLE nn (a int)
CREATE TEMP TABLE IF NOT EXISTS nn (a int)
CREATE SCHEMA public
CREATE SCHEMA IF NOT EXISTS public
SELECT * FROM nosuchschema.t
CREATE TABLE nosuchschema.t (a int)
SELECT a FROM nn GROUP BY b
SELECT count(*) FROM nn WHERE count(*) > 1
SELECT a, count(*) FROM nn
SELECT sum(count(*)) FROM nn
SELECT * FROM nn ORDER BY 5
SELECT 1 UNION SELECT 1, 2
SELECT 1 UNION SELECT 'a'
SELECT (SELECT 1, 2)
SELECT (SELECT 1 UNION ALL SELECT 2)
SELECT 1 WHERE 'a'
SELECT * FROM nn LIMIT -1
SELECT * FROM nn OFFSET -1
SELECT 1 LIMIT 'a'
SELECT * FROM nn a, nn a
SELECT a FROM nn n1, nn n2
UPDATE nn SET nosuch = 1
DELETE FROM nosuch
DROP TABLE nosuch
DROP TABLE IF EXISTS nosuch
DROP VIEW nn
DROP SCHEMA nosuch
DROP INDEX nosuch
DROP SEQUENCE nosuch
SELECT nextval('nosuch')
ALTER TABLE nosuch ADD COLUMN a int
ALTER TABLE nn ADD COLUMN a int
ALTER TABLE nn DROP COLUMN nosuch
ALTER TABLE nn RENAME COLUMN nosuch TO x
CREATE INDEX ON nosuch (a)
CREATE INDEX ON nn (nosuch)
EXECUTE nosuch
DEALLOCATE nosuch
FETCH FROM nosuch
CLOSE nosuch
SHOW nosuch
SET nosuch = 1
ROLLBACK TO nosuch
SAVEPOINT x
SELECT CAST(1 AS nosuchtype)
SELECT 1::nosuchtype
CREATE TABLE bad (a nosuchtype)
SELECT ARRAY[1] || 'a'
SELECT 'a' < 1
SELECT ARRAY[1] = ARRAY['a']
SELECT 1 = true
SELECT date '2024-01-01' + date '2024-01-01'
SELECT -'a'
SELECT NOT 1
SELECT sum('a')
SELECT sum('a'::text)
SELECT avg(true)
SELECT max(ARRAY[1, 2]), min(true)
SELECT 1 IN ('a', 'b')
SELECT CASE WHEN 1 THEN 2 END
SELECT CASE 1 WHEN 'a' THEN 2 END
SELECT coalesce(1, 'a')
SELECT greatest(1, 'a')
SELECT nullif(1, 1), nullif(1, 2), nullif(NULL, 1), nullif('a', 'b')
CREATE TABLE k (id int PRIMARY KEY, name varchar(10) NOT NULL, n numeric(8,2) DEFAULT 0, c char(3), CONSTRAINT pos CHECK (n >= 0))
COMMENT ON TABLE k IS 'the keys'
COMMENT ON COLUMN k.name IS 'its name'
SELECT obj_description('k'::regclass), col_description('k'::regclass, 2)
INSERT INTO k VALUES (1, 'a'), (2, 'b')
INSERT INTO k (id, name) VALUES (3, 'c') RETURNING *
INSERT INTO k VALUES (1, 'x') ON CONFLICT DO NOTHING
INSERT INTO k VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name || k.name RETURNING name
INSERT INTO k VALUES (4, 'toolongnames')
INSERT INTO k (id, name, n) VALUES (5, 'e', 1234567.89)
INSERT INTO k (id) VALUES (6)
INSERT INTO k VALUES ('x', 'y')
UPDATE k SET n = n + 1.005 WHERE id = 1 RETURNING n
UPDATE k SET (name, n) = ('zz', 5) WHERE id = 2
UPDATE k SET name = DEFAULT WHERE id = 2
UPDATE k AS q SET n = s.v FROM (VALUES (1, 9.5)) s (i, v) WHERE q.id = s.i
DELETE FROM k USING (VALUES (3)) s (i) WHERE k.id = s.i RETURNING k.id
SELECT id, name, n, c FROM k ORDER BY id
MERGE INTO k USING (VALUES (1, 'm'), (9, 'n')) s (i, t) ON k.id = s.i WHEN MATCHED THEN UPDATE SET name = s.t WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.i, s.t)
MERGE INTO k USING (VALUES (9)) s (i) ON k.id = s.i WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN DO NOTHING
ALTER TABLE k ADD COLUMN extra text DEFAULT 'x'
ALTER TABLE k ADD COLUMN IF NOT EXISTS extra text
ALTER TABLE k RENAME COLUMN extra TO more
ALTER TABLE k ALTER COLUMN more SET DEFAULT 'y'
ALTER TABLE k ALTER more DROP DEFAULT
ALTER TABLE k ALTER more SET NOT NULL
ALTER TABLE k ALTER more DROP NOT NULL
ALTER TABLE k DROP COLUMN more
ALTER TABLE k DROP COLUMN IF EXISTS more
ALTER TABLE IF EXISTS nosuch ADD COLUMN a int
ALTER TABLE k RENAME TO kk
ALTER TABLE kk RENAME TO k
CREATE INDEX k_name ON k (name)
CREATE INDEX IF NOT EXISTS k_name ON k (name)
CREATE INDEX k_name ON k (name)
CREATE INDEX ON k (name)
CREATE INDEX ON k (name)
CREATE INDEX ON k (lower(name), n)
CREATE INDEX CONCURRENTLY ON k (n)
SELECT indexname FROM pg_indexes WHERE tablename = 'k' ORDER BY 1
DROP INDEX k_name
DROP INDEX IF EXISTS k_name
CREATE VIEW kv AS SELECT id, name FROM k WHERE n / 2 > 1
CREATE VIEW kv AS SELECT 1
CREATE OR REPLACE VIEW kv AS SELECT id, name, n FROM k
DROP VIEW kv
CREATE SEQUENCE s1 START 10 INCREMENT 5
SELECT nextval('s1'), currval('s1'), nextval('s1')
SELECT setval('s1', 100), nextval('s1'), setval('s1', 7, false), nextval('s1')
SELECT lastval()
DROP SEQUENCE s1
CREATE SEQUENCE s2 MAXVALUE 2
SELECT nextval('s2'), nextval('s2')
SELECT nextval('s2')
CREATE SEQUENCE s3
DROP SEQUENCE IF EXISTS s2, s3
CREATE TABLE g1 (id serial PRIMARY KEY, v text)
INSERT INTO g1 (v) VALUES ('a'), ('b') RETURNING id
SELECT pg_get_serial_sequence('g1', 'id')
DROP TABLE g1
CREATE TABLE g2 (id int GENERATED ALWAYS AS IDENTITY, v text)
INSERT INTO g2 (id, v) VALUES (5, 'x')
INSERT INTO g2 (id, v) OVERRIDING SYSTEM VALUE VALUES (5, 'x') RETURNING id
INSERT INTO g2 (v) VALUES ('y') RETURNING id
DROP TABLE g2
CREATE SCHEMA app
CREATE TABLE app.t (a int)
SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = 'app'
DROP SCHEMA app
DROP SCHEMA app CASCADE
CREATE TYPE col AS ENUM ('r', 'g', 'b')
CREATE TABLE e (c col DEFAULT 'g', d col[])
INSERT INTO e VALUES ('r', '{b,g}'), (DEFAULT, NULL)
INSERT INTO e VALUES ('x')
SELECT enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE typname = 'col' ORDER BY enumsortorder
DROP TABLE e
DROP TYPE col
CREATE TEMPORARY TABLE tt2 AS SELECT 1 AS a
CREATE TABLE pg_temp.tt3 (a int)
SELECT * FROM pg_temp.tt3
CREATE UNLOGGED TABLE ul (a int)
DROP TABLE IF EXISTS ul
CREATE TABLE ar (a int[] NOT NULL DEFAULT '{}', b text[][], c int[])
INSERT INTO ar DEFAULT VALUES RETURNING *
INSERT INTO ar VALUES ('{1,2}', '{{a,b},{c,d}}', ARRAY[1, 2, 3, 4]) RETURNING a[1], b[2][1], c
SELECT a, array_length(a, 1), b FROM ar ORDER BY 2 NULLS FIRST
DROP TABLE ar
CREATE TABLE jj (id int, j jsonb, k json, u uuid, b bytea, i interval, ts timestamptz)
INSERT INTO jj VALUES (1, '{"b": [1, 2, {"c": null}], "a": 1.50}', '{"b":1,  "a":2}', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '\xDEad', '1 day', '2024-01-01 00:00+02')
SELECT * FROM jj
UPDATE jj SET j = jsonb_set(j, '{b,0}', '"x"') RETURNING j
UPDATE jj SET j = j || '{"n": true}' RETURNING j
SELECT jsonb_path_query(j, '$.b[*]') FROM jj
SELECT jsonb_path_query_array(j, '$.b[*] ? (@ > 1)'), jsonb_path_match('{"a": 1}', '$.a == 1') FROM jj
DROP TABLE jj
CREATE TABLE gen (a int, b int GENERATED ALWAYS AS (a * 2) STORED)
DROP TABLE IF EXISTS gen
CREATE TABLE fk (a int REFERENCES nosuch (id))
CREATE TABLE p1 (id int PRIMARY KEY)
CREATE TABLE f1 (a int REFERENCES p1)
CREATE TABLE f2 (a int REFERENCES p1 (id))
INSERT INTO f2 VALUES (1)
DROP TABLE p1
DROP TABLE IF EXISTS p1, f1, nosuch, f2
DROP TABLE k, nosuch
SELECT count(*) FROM k
DROP TABLE k
CREATE TABLE chk2 (a int, b int, CHECK (a < b), CHECK (a / 2 < 10))
INSERT INTO chk2 VALUES (5, 1)
DROP TABLE chk2
