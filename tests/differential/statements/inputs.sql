-- Text that columns are given and compared with.
CREATE TABLE bb (id int, b bytea, t timestamptz, i interval, d date, m time, j jsonb, a int[])
INSERT INTO bb (id, b) VALUES (1, '\xDEad')
INSERT INTO bb (id, b) VALUES (2, 'a\\b')
INSERT INTO bb (id, i) VALUES (3, '1-2')
INSERT INTO bb (id, d) VALUES (4, 'January 8, 1999')
INSERT INTO bb (id, m) VALUES (5, '04:05 PM')
INSERT INTO bb (id, t) VALUES (6, '2024-01-01 00:00+02')
INSERT INTO bb (id, i) VALUES (7, 'P1DT2H')
INSERT INTO bb (id, a) VALUES (8, '{1,2,3,4}')
INSERT INTO bb (id, d) VALUES (9, 'today')
UPDATE bb SET b = '\xbeef' WHERE id = 2
SELECT id, b, t, i, d IS NULL, m, a FROM bb ORDER BY id
SELECT id FROM bb WHERE b = '\xdead'
SELECT id FROM bb WHERE i = '1-2'
SELECT id FROM bb WHERE m > '04:04 PM'
SELECT id FROM bb WHERE t = '2024-01-01 00:00+02'
SELECT id FROM bb WHERE t BETWEEN '2023-12-31' AND '2024-01-01 00:00+01'
DROP TABLE bb
