-- What Superset asks besides SQLAlchemy's reflection.

select pg_catalog.version();

select current_schema();

show standard_conforming_strings;

SELECT datname FROM pg_database WHERE datistemplate = false;

SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY nspname;

SELECT pg_type.typname AS type_name FROM pg_catalog.pg_type LIMIT 5;

SELECT count(*) AS "COUNT(*)" FROM public.emp LIMIT 1000;

SELECT id AS id, name AS name FROM public.emp LIMIT 100;

SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid='-1';
