-- What Tableau asks over psqlODBC and pgjdbc besides the drivers' own metadata queries.

SELECT 1;

select current_setting('server_version');

SELECT CAST(current_database() AS TEXT), CAST(current_user AS TEXT);

SELECT n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c, pg_catalog.pg_namespace n WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_temp_' ORDER BY n.nspname, c.relname;

SELECT "emp"."name" AS "name", SUM(1) AS "cnt:ok" FROM "public"."emp" "emp" GROUP BY 1;

SELECT "t0"."x" AS "x" FROM (SELECT * FROM "public"."emp" LIMIT 0) "TableauSQL" LEFT JOIN (SELECT 1 AS "x") "t0" ON (1 = 0);

CREATE LOCAL TEMPORARY TABLE "#Tableau_1_2_Connect" (COL INTEGER) ON COMMIT PRESERVE ROWS;

INSERT INTO "#Tableau_1_2_Connect" (COL) VALUES (1);

SELECT COL FROM "#Tableau_1_2_Connect";

DROP TABLE "#Tableau_1_2_Connect";
