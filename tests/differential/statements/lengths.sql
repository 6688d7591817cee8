-- The declared lengths of varchar(n) and char(n): what is put into a column is measured in characters.
CREATE TEMP TABLE len (id int PRIMARY KEY, v varchar(3), c char(2), t text, d varchar(4) DEFAULT 'abc')
INSERT INTO len VALUES (1, 'abc', 'xy', 'long enough')
INSERT INTO len VALUES (2, 'abcd', 'xy', 'x')
INSERT INTO len VALUES (2, 'abc', 'xyz', 'x')
INSERT INTO len VALUES (2, 'äöü', NULL, NULL, NULL)
INSERT INTO len VALUES (3, 'äöüß', NULL, NULL, NULL)
INSERT INTO len VALUES (3, 'ab      ', 'x ', 'y', DEFAULT)
INSERT INTO len (id, v) VALUES (4, 'a'), (5, 'abcd')
INSERT INTO len (v, id) SELECT 'abc', 6
INSERT INTO len (v, id) SELECT 'abcd', 7
INSERT INTO len (v, id) SELECT repeat('x', n), 10 + n FROM generate_series(1, 3) n
INSERT INTO len (v, id) SELECT repeat('x', n), 20 + n FROM generate_series(1, 4) n
INSERT INTO len (id, d) VALUES (30, 'abcd') RETURNING id, d
INSERT INTO len (id, d) VALUES (31, 'abcde') RETURNING id, d
@params ["40", "abc"]
INSERT INTO len (id, v) VALUES ($1, $2)
@params ["41", "abcd"]
INSERT INTO len (id, v) VALUES ($1, $2)
@params ["42", null]
INSERT INTO len (id, v) VALUES ($1, $2)
INSERT INTO len (id, v) VALUES (50, 1234)
UPDATE len SET v = 'abcd' WHERE id = 1
UPDATE len SET v = v || 'x' WHERE id = 1
UPDATE len SET v = 'xyz', c = 'ab', t = 'anything at all' WHERE id = 1
UPDATE len SET c = 'abc' WHERE id = 1
UPDATE len SET c = 'abc' WHERE id = 1000
UPDATE len SET v = DEFAULT WHERE id = 1
UPDATE len SET v = t WHERE id = 1
UPDATE len SET id = 60, d = 'four' WHERE id = 1
UPDATE len SET id = 61, d = 'fours' WHERE id = 60
@params ["abcd", "60"]
UPDATE len SET v = $1 WHERE id = $2
INSERT INTO len (id, v) VALUES (60, 'u') ON CONFLICT (id) DO UPDATE SET v = excluded.v
INSERT INTO len (id, v) VALUES (60, 'uvwx') ON CONFLICT (id) DO UPDATE SET v = excluded.v
INSERT INTO len (id, v) VALUES (60, 'u') ON CONFLICT (id) DO UPDATE SET v = 'uvwx'
INSERT INTO len (id, v) VALUES (60, 'u') ON CONFLICT (id) DO UPDATE SET v = excluded.v || 'x', d = 'ok' RETURNING v, d
INSERT INTO len (id, v) VALUES (60, 'uvwx') ON CONFLICT DO NOTHING
INSERT INTO len (id, v) VALUES (60, 'u') ON CONFLICT DO NOTHING
MERGE INTO len USING (VALUES (60, 'm'), (70, 'n')) s(id, v) ON s.id = len.id WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)
MERGE INTO len USING (VALUES (60, 'mmmm')) s(id, v) ON s.id = len.id WHEN MATCHED THEN UPDATE SET v = s.v
MERGE INTO len USING (VALUES (71, 'mmmm')) s(id, v) ON s.id = len.id WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)
SELECT id, v, t, d FROM len ORDER BY id
CREATE TEMP TABLE len_from AS SELECT id, v FROM len
INSERT INTO len (id, v) SELECT id + 100, v FROM len_from
ALTER TABLE len ALTER COLUMN v TYPE varchar(5)
INSERT INTO len (id, v) VALUES (300, 'abcde')
INSERT INTO len (id, v) VALUES (301, 'abcdef')
ALTER TABLE len ALTER COLUMN v TYPE text
INSERT INTO len (id, v) VALUES (302, 'abcdef')
ALTER TABLE len ADD COLUMN extra varchar(2)
INSERT INTO len (id, extra) VALUES (303, 'ab'), (304, 'abc')
UPDATE len SET extra = 'abc'
PREPARE len_put AS INSERT INTO len (id, extra) VALUES ($1, $2)
EXECUTE len_put(400, 'ab')
EXECUTE len_put(401, 'abc')
CREATE TEMP TABLE len_big AS SELECT n AS id, 'x' AS v FROM generate_series(1, 3000) n
CREATE TEMP TABLE len_many (id int, v varchar(2))
INSERT INTO len_many SELECT id, v || id::text FROM len_big
INSERT INTO len_many SELECT id, v FROM len_big
SELECT count(*), max(length(v)) FROM len_many
CREATE TEMP TABLE altlen (id int, c text, d varchar(10) DEFAULT 'abc')
INSERT INTO altlen VALUES (1, 'abcdef', 'abcdefgh'), (2, NULL, NULL), (3, 'ab   ', 'ab   ')
ALTER TABLE altlen ALTER COLUMN c TYPE varchar(5)
ALTER TABLE altlen ALTER COLUMN d TYPE varchar(4)
ALTER TABLE altlen ALTER COLUMN c TYPE varchar(6)
SELECT id, c, length(c) FROM altlen ORDER BY id
DELETE FROM altlen WHERE id = 1
ALTER TABLE altlen ALTER COLUMN c TYPE varchar(3)
SELECT id, c, length(c) FROM altlen ORDER BY id
ALTER TABLE altlen ALTER COLUMN d TYPE varchar(2) USING left(d, 2)
ALTER TABLE altlen ALTER COLUMN d TYPE varchar(2) USING d || 'xxxx'
ALTER TABLE altlen ALTER COLUMN id TYPE varchar(2)
INSERT INTO altlen VALUES ('4', 'abcd', 'ab')
INSERT INTO altlen VALUES ('444', 'abc', 'ab')
INSERT INTO altlen (id, d) VALUES ('5', 'é')
SELECT * FROM altlen ORDER BY id
ALTER TABLE altlen ALTER COLUMN nosuch TYPE varchar(2)
ALTER TABLE nosuch_altlen ALTER COLUMN c TYPE varchar(2)
BEGIN
ALTER TABLE altlen ALTER COLUMN c TYPE varchar(1)
SELECT 1
ROLLBACK
SELECT id, c FROM altlen ORDER BY id
