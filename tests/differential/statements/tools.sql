-- What tools ask for: the catalogue, information_schema, settings, sessions, cursors, prepared statements.
CREATE TABLE tool_parent (id int PRIMARY KEY, name varchar(30) NOT NULL, CHECK (id > 0))
CREATE TABLE tool_child (id bigint PRIMARY KEY, parent_id int NOT NULL REFERENCES tool_parent (id), amount numeric(12, 3) DEFAULT 0, made timestamp DEFAULT now(), UNIQUE (parent_id, made))
CREATE VIEW tool_view AS SELECT c.id, p.name FROM tool_child c JOIN tool_parent p ON p.id = c.parent_id
CREATE INDEX tool_child_amount ON tool_child (amount)
SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_name LIKE 'tool%' ORDER BY table_name
SELECT column_name, ordinal_position, is_nullable, numeric_precision, numeric_scale, datetime_precision FROM information_schema.columns WHERE table_name = 'tool_child' ORDER BY ordinal_position
SELECT column_name, data_type, udt_name FROM information_schema.columns WHERE table_name = 'tool_child' ORDER BY ordinal_position
SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_name = 'tool_child' AND constraint_type <> 'CHECK' ORDER BY 2
SELECT kcu.column_name, kcu.ordinal_position FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu USING (constraint_name, table_name) WHERE tc.table_name = 'tool_child' AND tc.constraint_type = 'PRIMARY KEY'
SELECT ccu.table_name, ccu.column_name FROM information_schema.table_constraints tc JOIN information_schema.constraint_column_usage ccu USING (constraint_name) WHERE tc.table_name = 'tool_child' AND tc.constraint_type = 'FOREIGN KEY'
SELECT update_rule, delete_rule, match_option FROM information_schema.referential_constraints rc JOIN information_schema.table_constraints tc USING (constraint_name) WHERE tc.table_name = 'tool_child'
SELECT table_name, view_definition IS NOT NULL FROM information_schema.views WHERE table_name = 'tool_view'
SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ('public', 'pg_catalog', 'information_schema') ORDER BY 1
SELECT count(*) FROM information_schema.columns WHERE table_name = 'tool_view'
SELECT relname, relkind, relnatts, relchecks, relhasindex FROM pg_class WHERE relname LIKE 'tool_%' AND relkind IN ('r', 'v') ORDER BY relname
SELECT attname, attnum, attnotnull, atthasdef, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'tool_child'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
SELECT conname, contype, conkey FROM pg_constraint WHERE conrelid = 'tool_child'::regclass AND contype IN ('p', 'f') ORDER BY contype
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'tool_child'::regclass AND contype IN ('p', 'f') ORDER BY contype
SELECT indisprimary, indisunique, indkey::text FROM pg_index WHERE indrelid = 'tool_child'::regclass ORDER BY indisprimary DESC, indisunique DESC, 3
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = 'tool_child'::regclass AND i.indisprimary
SELECT pg_get_indexdef('tool_child_amount'::regclass)
SELECT tablename, indexname FROM pg_indexes WHERE tablename = 'tool_child' ORDER BY 2
SELECT schemaname, tablename, hasindexes FROM pg_tables WHERE tablename LIKE 'tool%' ORDER BY 2
SELECT schemaname, viewname FROM pg_views WHERE viewname = 'tool_view'
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = 'tool_parent'::regclass
SELECT 'tool_parent'::regclass::oid = (SELECT oid FROM pg_class WHERE relname = 'tool_parent'), to_regclass('nosuch'), to_regclass('public.tool_parent') IS NOT NULL
SELECT 'nosuch'::regclass
SELECT typname, typtype, typlen, typcategory FROM pg_type WHERE oid IN (16, 23, 25, 1043, 1114, 1700) ORDER BY oid
SELECT format_type(1700, 786439), format_type(1043, 34), format_type(23, NULL), format_type(1009, -1), 'int4'::regtype::text, 'numeric(5,2)'::regtype::text
SELECT col_description('tool_child'::regclass, 1), obj_description('tool_child'::regclass, 'pg_class')
COMMENT ON TABLE tool_child IS 'a child'
COMMENT ON COLUMN tool_child.amount IS 'how much'
SELECT col_description('tool_child'::regclass, 3), obj_description('tool_child'::regclass, 'pg_class')
SELECT objsubid, description FROM pg_description WHERE objoid = 'tool_child'::regclass ORDER BY objsubid
SELECT current_schema(), current_schemas(false), pg_table_is_visible('tool_child'::regclass)
SELECT has_table_privilege('tool_child', 'SELECT'), has_schema_privilege('public', 'USAGE')
SELECT pg_get_userbyid(relowner) IS NOT NULL, pg_relation_size('tool_child') >= 0 FROM pg_class WHERE relname = 'tool_child'
SELECT current_setting('server_version_num')::int >= 150000, current_setting('nosuch.setting', true), current_setting('TimeZone')
SELECT set_config('my.tenant', 'a b', false), current_setting('my.tenant')
SELECT current_setting('my.tenant'), current_setting('MY.Tenant')
SHOW my.tenant
BEGIN
SELECT set_config('my.tenant', 'local', true), current_setting('my.tenant')
SELECT current_setting('my.tenant')
CREATE SCHEMA tool_schema
SELECT set_config('search_path', 'tool_schema', true)
SELECT current_schemas(false)::text[]
COMMIT
SELECT current_setting('my.tenant'), current_schemas(false)::text[], current_setting('search_path') LIKE '%public'
DROP SCHEMA tool_schema
SELECT set_config('my.tenant', 'gone', true)
SELECT current_setting('my.tenant')
BEGIN
SELECT set_config('my.tenant', 'undone', false)
ROLLBACK
SELECT current_setting('my.tenant')
SELECT current_setting('no.such')
SET search_path = public, information_schema
SHOW search_path
RESET search_path
SELECT count(*) FROM pg_prepared_statements WHERE name <> ''
PREPARE by_id (int) AS SELECT name FROM tool_parent WHERE id = $1
PREPARE two (text, numeric) AS SELECT $1, $2
SELECT name, statement, cardinality(parameter_types), parameter_types[1]::text, from_sql FROM pg_prepared_statements WHERE name <> '' ORDER BY name
DEALLOCATE by_id
SELECT name FROM pg_prepared_statements WHERE name <> ''
DEALLOCATE ALL
SELECT count(*) FROM pg_prepared_statements WHERE name <> ''
BEGIN
DECLARE c CURSOR FOR SELECT g FROM generate_series(1, 10) AS g
DECLARE s SCROLL CURSOR WITH HOLD FOR SELECT 1 AS x
SELECT name, statement, is_holdable, is_binary, is_scrollable FROM pg_cursors WHERE name <> '' ORDER BY name
FETCH 2 FROM c
MOVE 3 FROM c
FETCH NEXT FROM c
CLOSE c
SELECT name FROM pg_cursors WHERE name <> ''
COMMIT
SELECT name, is_holdable FROM pg_cursors WHERE name <> ''
FETCH ALL FROM s
CLOSE ALL
SELECT count(*) FROM pg_cursors WHERE name <> ''
FETCH FROM nosuch
SELECT id, name FROM tool_parent
EXPLAIN SELECT nosuch
SELECT usename = current_user, state, backend_type FROM pg_stat_activity WHERE pid = pg_backend_pid()
SELECT pg_is_in_recovery(), pg_cancel_backend(0)
SELECT version() LIKE 'PostgreSQL 15%', pg_encoding_to_char(6), pg_client_encoding()
SELECT count(*) > 100 FROM pg_type
SELECT datname = current_database() FROM pg_database WHERE datname = current_database()
SELECT extname IS NOT NULL FROM pg_extension LIMIT 0
SELECT rolname = current_user FROM pg_roles WHERE rolname = current_user
SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'pg_catalog') ORDER BY 1
SELECT name, setting FROM pg_settings WHERE name IN ('DateStyle', 'standard_conforming_strings', 'integer_datetimes') ORDER BY 1
SELECT word FROM pg_get_keywords() WHERE word IN ('select', 'user') ORDER BY 1
SELECT proname, prokind FROM pg_proc WHERE proname = 'lower' AND pronargs = 1 AND prorettype = 25
SELECT amname FROM pg_am WHERE amtype = 't'
DROP VIEW tool_view
DROP TABLE tool_child
DROP TABLE tool_parent
SELECT set_config('search_path', 'public', false)
SELECT 1
SELECT set_config('search_path', 'public, information_schema', false)
SELECT current_schemas(false)::text[]
BEGIN
SELECT set_config('search_path', 'information_schema, public', true)
ROLLBACK
SELECT current_schemas(false)::text[]
SELECT 1
CREATE TABLE tool_checked (id serial, small smallserial, big bigserial, n int CHECK (n > 0), t text CHECK (t <> ')('))
SELECT pg_get_constraintdef(oid, true), pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'tool_checked'::regclass AND conname = 'tool_checked_n_check'
SELECT c.relname, format_type(s.seqtypid, NULL), s.seqmax FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.relname LIKE 'tool_checked%' ORDER BY 1
DROP TABLE tool_checked
