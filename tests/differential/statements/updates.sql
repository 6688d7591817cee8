-- Writes as applications send them.
CREATE TEMP TABLE q (id serial PRIMARY KEY, v int, w int)
CREATE TEMP TABLE r (id int, w int)
INSERT INTO q (v) VALUES (1), (2), (2), (3)
INSERT INTO r VALUES (1, 100), (2, 200)
UPDATE q SET (v, w) = (SELECT 5, 6) WHERE v = 3
UPDATE q SET (v, w) = ROW(1, 2) WHERE v = 1
UPDATE q SET (v, w) = (7, 8) WHERE v = 5
UPDATE q SET (v, w) = (SELECT r.id + 10, r.w FROM r WHERE r.id = q.id) WHERE id < 3 RETURNING id, v, w
UPDATE q SET w = 0, (v, w) = (SELECT 1, 2) WHERE id = 1
UPDATE q SET v = 1, (w) = (SELECT max(w) FROM r) WHERE id = 3 RETURNING *
UPDATE q SET (v, w) = (SELECT id, w FROM r ORDER BY w DESC LIMIT 1) WHERE id = 4 RETURNING *
UPDATE q SET v = (SELECT 1, 2)
SELECT * FROM q ORDER BY id
INSERT INTO q (id, v) VALUES (1, 50) ON CONFLICT (id) DO UPDATE SET (v, w) = (excluded.v, 9) RETURNING *
UPDATE q SET w = r.w FROM r WHERE r.id = q.id AND q.id = 2 RETURNING q.id, q.w
UPDATE q SET w = r.w FROM r WHERE r.id = q.id AND q.id = 2 RETURNING q.*
UPDATE q SET w = r.w FROM r WHERE r.id = q.id AND q.id = 2 RETURNING q.id, r.w
UPDATE q SET w = r.w FROM r WHERE r.id = q.id AND q.id = 2 RETURNING *
DELETE FROM q USING r WHERE r.id = q.id AND q.id > 90 RETURNING r.w, q.id
DELETE FROM q USING r WHERE r.id = q.id AND q.id > 90 RETURNING *
DELETE FROM q USING r AS x WHERE x.id = q.id AND q.id > 90 RETURNING x.*
@params ["2"]
UPDATE q SET v = v WHERE id = 1 RETURNING v - $1
@params ["{1}"]
UPDATE q SET v = v WHERE id = ANY ($1) RETURNING v
TRUNCATE q RESTART IDENTITY
TRUNCATE TABLE q CONTINUE IDENTITY
TRUNCATE q, r
TRUNCATE TABLE ONLY q
TRUNCATE r CASCADE
SELECT v FROM q ORDER BY v FETCH FIRST 2 ROWS WITH TIES
CREATE TABLE par (id int PRIMARY KEY, name text)
CREATE TABLE chi (id int PRIMARY KEY, par_id int REFERENCES par (id))
INSERT INTO par VALUES (1, 'a'), (2, 'b')
INSERT INTO chi VALUES (1, 1)
INSERT INTO par VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING *
INSERT INTO par VALUES (2, 'd'), (3, 'e') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING *
UPDATE par SET name = 'z' WHERE id = 1
UPDATE par SET id = 4 WHERE id = 1
SELECT * FROM par ORDER BY id
INSERT INTO q (id, v) VALUES (1, 50) ON CONFLICT (id) DO UPDATE SET (v, w) = (SELECT 3, 4)
DROP TABLE chi
DROP TABLE par
