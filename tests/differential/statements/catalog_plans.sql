-- Plans over relations of the catalogue that have no rows, and over qualified names of it in all places.
SELECT c.relname, (SELECT p.polname FROM pg_policy p WHERE p.polrelid=c.oid LIMIT 1) FROM pg_catalog.pg_class c WHERE relname='pg_am'
SELECT c.relname, ARRAY(SELECT p.polname FROM pg_policy p WHERE p.polrelid=c.oid) AS names FROM pg_class c WHERE relname='pg_am'
SELECT c.relname, (SELECT count(*) FROM pg_policy p WHERE p.polrelid=c.oid) FROM pg_catalog.pg_class c WHERE relname='pg_am'
SELECT count(*) FROM pg_policy
SELECT count(*), max(oid) FROM pg_inherits i, pg_policy
SELECT inhrelid, count(*) FROM pg_inherits GROUP BY 1
SELECT inhrelid, count(*) FROM pg_inherits GROUP BY ROLLUP(1)
SELECT inhrelid, count(*) FROM pg_inherits GROUP BY GROUPING SETS((inhrelid),())
SELECT relname FROM pg_catalog.pg_class c WHERE relname='pg_am' AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid=c.oid)
SELECT relname FROM pg_class c WHERE relname='pg_am' AND EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid=c.oid)
SELECT relname FROM pg_catalog.pg_class c WHERE relname='pg_am' AND c.oid NOT IN (SELECT inhrelid FROM pg_inherits i)
SELECT relname FROM pg_class c WHERE relname='pg_am' AND c.oid IN (SELECT inhrelid FROM pg_inherits i)
SELECT relname, c.oid IN (SELECT inhrelid FROM pg_inherits i) x FROM pg_catalog.pg_class c WHERE relname='pg_am'
SELECT relname, i.inhparent, p.polname FROM pg_class c LEFT JOIN pg_inherits i ON c.oid=i.inhrelid LEFT JOIN LATERAL (SELECT * FROM pg_policy p WHERE p.polrelid=c.oid) p ON true WHERE relname='pg_am'
SELECT relname, i.inhparent FROM pg_inherits i RIGHT JOIN pg_class c ON c.oid=i.inhrelid WHERE relname='pg_am'
SELECT relname, i.inhparent FROM pg_inherits i FULL JOIN (SELECT * FROM pg_class WHERE relname='pg_am') c ON c.oid=i.inhrelid
SELECT relname FROM pg_catalog.pg_class WHERE relname='pg_am' UNION SELECT polname FROM pg_policy ORDER BY 1
SELECT polname FROM pg_policy UNION ALL SELECT polname FROM pg_policy ORDER BY 1 LIMIT 3
SELECT relname FROM pg_catalog.pg_class WHERE relname='pg_am' EXCEPT SELECT polname FROM pg_policy
SELECT relname FROM pg_class WHERE relname='pg_am' INTERSECT SELECT polname FROM pg_policy
WITH RECURSIVE t AS (SELECT inhrelid FROM pg_inherits UNION ALL SELECT i.inhrelid FROM pg_inherits i, t WHERE t.inhrelid=i.inhparent) SELECT * FROM t
WITH t AS MATERIALIZED (SELECT * FROM pg_inherits) SELECT a.inhrelid FROM t a JOIN t b USING (inhrelid)
SELECT DISTINCT ON (polname) polname, row_number() OVER () FROM pg_policy
SELECT c.relname, s FROM pg_class c, LATERAL (SELECT generate_series(1, 2) s, prattrs FROM pg_publication_rel r WHERE r.prrelid=c.oid) x WHERE relname='pg_am'
SELECT c.relname, (SELECT string_agg(polname::text, ',') FROM pg_policy p WHERE p.polrelid=c.oid AND EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid=p.oid AND i.inhparent=c.oid)) FROM pg_catalog.pg_class c WHERE relname='pg_am'
SELECT coalesce((SELECT max(polname::text) FROM pg_policy), 'none')
SELECT unnest(polroles) FROM pg_policy
SELECT * FROM pg_inherits
SELECT 1 FROM pg_inherits LIMIT 1
SELECT EXISTS (SELECT 1 FROM pg_inherits)
SELECT oid, stxname FROM pg_statistic_ext
SELECT pg_class.relname, pg_catalog.pg_class.relkind FROM pg_catalog.pg_class WHERE pg_class.relname = 'pg_am'
SELECT a, b FROM pg_catalog.pg_am AS x(a, b) WHERE b = 'heap'
SELECT x.* FROM (SELECT amname FROM pg_catalog.pg_am WHERE amname = 'heap') x
SELECT amname FROM PG_CATALOG.PG_AM WHERE amname = 'heap'
WITH pg_am AS (SELECT 'mine' AS amname) SELECT a.amname, b.amname FROM pg_am a, pg_catalog.pg_am b WHERE b.amname = 'heap'
SELECT nothing FROM pg_catalog.pg_class
SELECT * FROM pg_catalog.pg_nothing
CREATE VIEW reads_am AS SELECT amname FROM pg_catalog.pg_am WHERE amname = 'heap'
SELECT * FROM reads_am
SELECT (SELECT count(*) FROM pg_catalog.pg_am WHERE amname = t.x) FROM (VALUES ('heap'), ('none')) t(x)
@params ["pg_am"]
SELECT relname FROM pg_catalog.pg_class c WHERE relname = $1 AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)
DROP VIEW reads_am
SELECT relname FROM pg_catalog.pg_class WHERE relname ~ '^(pg_am)$' OR relname ~ '^(pg_index)$' ORDER BY 1
SELECT relname FROM pg_catalog.pg_class WHERE relname ~* '^(PG_AM)$'
SELECT relname FROM pg_catalog.pg_class WHERE relname ~ '^(PG_AM)$'
SELECT relname FROM pg_catalog.pg_class WHERE relname ~ '^(pg_a.)$'
SELECT relname FROM pg_catalog.pg_class WHERE relname ~ '^(pg_am)$' AND relname ~ '^(pg_am|pg_index)$'
SELECT count(*) FROM pg_catalog.pg_class WHERE relname !~ '^(pg_am)$' AND relname = 'pg_index'
SELECT relname FROM pg_catalog.pg_class WHERE relname OPERATOR(pg_catalog.~) '^(pg_am)$' COLLATE pg_catalog.default
SELECT c.relname, i.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_class i ON i.relname ~ '^(pg_am)$' AND i.oid = c.oid WHERE c.relname IN ('pg_am', 'pg_index') ORDER BY 1
