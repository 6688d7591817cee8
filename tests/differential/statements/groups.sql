-- Grouped by a primary key: the table's other columns may be named.
CREATE TABLE authors (id int PRIMARY KEY, name text, born date, notes json)
CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors (id), title text, price numeric(8,2))
CREATE TABLE lines (book_id int, no int, qty int, label text, PRIMARY KEY (book_id, no))
CREATE TABLE plain (id int UNIQUE NOT NULL, name text)
INSERT INTO authors VALUES (1, 'ann', '1970-01-01', '{"a": 1}'), (2, 'bob', NULL, NULL), (3, 'ann', '1980-05-05', NULL)
INSERT INTO books VALUES (10, 1, 'b', 5.50), (11, 1, 'a', 2.25), (12, 3, 'c', NULL)
INSERT INTO lines VALUES (10, 1, 4, 'x'), (10, 2, 1, 'y'), (11, 1, 7, 'x')
INSERT INTO plain VALUES (1, 'p')
SELECT a.*, count(b.id) FROM authors a LEFT JOIN books b ON b.author_id = a.id GROUP BY a.id ORDER BY a.id
SELECT "authors"."id", "authors"."name", COUNT("books"."id") AS "n" FROM "authors" LEFT OUTER JOIN "books" ON ("authors"."id" = "books"."author_id") GROUP BY "authors"."id" ORDER BY "n" DESC, "authors"."name" ASC, 1
SELECT name, count(*) FROM authors GROUP BY id ORDER BY id
SELECT * FROM authors GROUP BY id ORDER BY born NULLS FIRST
SELECT authors.* FROM authors GROUP BY authors.id HAVING name = 'ann' ORDER BY id
SELECT upper(name) || id, max(born) FROM authors GROUP BY id ORDER BY 1
SELECT a.id, a.name, sum(b.price) FROM authors a JOIN books b ON b.author_id = a.id GROUP BY 1 ORDER BY a.born
SELECT a.name, b.title, b.price FROM authors a JOIN books b ON b.author_id = a.id GROUP BY a.id, b.id ORDER BY b.id
SELECT b.title, sum(l.qty) FROM books b, lines l WHERE l.book_id = b.id GROUP BY b.id ORDER BY 2 DESC
SELECT l.label, l.qty FROM lines l GROUP BY l.no, l.book_id ORDER BY l.book_id, l.no
SELECT label FROM lines GROUP BY book_id
SELECT b.title FROM authors a JOIN books b ON b.author_id = a.id GROUP BY a.id
SELECT name FROM plain GROUP BY id
SELECT name FROM authors GROUP BY ROLLUP (id)
SELECT name FROM authors GROUP BY GROUPING SETS ((id), ())
SELECT (SELECT max(b.title) FROM books b WHERE b.author_id = a.id AND a.name <> 'bob') FROM authors a GROUP BY a.id ORDER BY a.id
SELECT n FROM (SELECT name AS n, count(*) FROM authors GROUP BY id) s ORDER BY n
SELECT id, EXISTS (SELECT 1 FROM books b WHERE b.author_id = authors.id GROUP BY b.id HAVING b.price > 5) FROM authors ORDER BY id
WITH authors AS (SELECT 1 AS id, 'x' AS name) SELECT name FROM authors GROUP BY id
WITH w AS (SELECT a.name, count(b.id) AS n FROM authors a LEFT JOIN books b ON b.author_id = a.id GROUP BY a.id) SELECT * FROM w ORDER BY n, name
SELECT name FROM authors GROUP BY id UNION ALL SELECT title FROM books GROUP BY id ORDER BY 1
SELECT a.name, rank() OVER (ORDER BY count(b.id) DESC) FROM authors a LEFT JOIN books b ON b.author_id = a.id GROUP BY a.id ORDER BY a.id
SELECT notes -> 'a', count(*) FROM authors GROUP BY id ORDER BY id
CREATE VIEW author_counts AS SELECT a.*, count(b.id) AS n FROM authors a LEFT JOIN books b ON b.author_id = a.id GROUP BY a.id
SELECT * FROM author_counts ORDER BY id
CREATE TABLE counted AS SELECT a.name, count(b.id) AS n FROM authors a LEFT JOIN books b ON b.author_id = a.id GROUP BY a.id
SELECT * FROM counted ORDER BY n, name
@params ["1"]
SELECT name, count(*) FROM authors WHERE id = $1 GROUP BY id
@params ["5"]
SELECT a.name FROM authors a JOIN books b ON b.author_id = a.id GROUP BY a.id HAVING sum(b.price) > $1
DROP VIEW author_counts
DROP TABLE counted
DROP TABLE lines
DROP TABLE books
DROP TABLE authors
DROP TABLE plain
