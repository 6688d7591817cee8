-- Views of information_schema over pg_catalog. tables and columns are made by the engine.

CREATE VIEW information_schema.information_schema_catalog_name AS
SELECT current_database() AS catalog_name;

CREATE VIEW information_schema.schemata AS
SELECT current_database() AS catalog_name, n.nspname AS schema_name, pg_catalog.pg_get_userbyid(n.nspowner) AS schema_owner,
       NULL::name AS default_character_set_catalog, NULL::name AS default_character_set_schema,
       NULL::name AS default_character_set_name, NULL::VARCHAR AS sql_path
FROM pg_catalog.pg_namespace n;

CREATE VIEW information_schema.views AS
SELECT current_database() AS table_catalog, n.nspname AS table_schema, c.relname AS table_name,
       pg_catalog.pg_get_viewdef(c.oid) AS view_definition, 'NONE' AS check_option, 'NO' AS is_updatable,
       'NO' AS is_insertable_into, 'NO' AS is_trigger_updatable, 'NO' AS is_trigger_deletable,
       'NO' AS is_trigger_insertable_into
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v';

CREATE VIEW information_schema.table_constraints AS
SELECT current_database() AS constraint_catalog, n.nspname AS constraint_schema, c.conname AS constraint_name,
       current_database() AS table_catalog, n.nspname AS table_schema, r.relname AS table_name,
       CASE c.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY'
            WHEN 'u' THEN 'UNIQUE' END AS constraint_type,
       'NO' AS is_deferrable, 'NO' AS initially_deferred, 'YES' AS enforced,
       CASE WHEN c.contype = 'u' THEN 'YES' END AS nulls_distinct
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
UNION ALL
SELECT current_database(), n.nspname, (r.relnamespace::VARCHAR || '_' || r.oid::VARCHAR || '_' || a.attnum::VARCHAR || '_not_null')::name,
       current_database(), n.nspname, r.relname, 'CHECK', 'NO', 'NO', 'YES', NULL
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
WHERE a.attnotnull AND r.relkind = 'r';

CREATE VIEW information_schema.check_constraints AS
SELECT current_database() AS constraint_catalog, n.nspname AS constraint_schema, c.conname AS constraint_name,
       substring(pg_catalog.pg_get_constraintdef(c.oid), 7) AS check_clause
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
WHERE c.contype = 'c'
UNION ALL
SELECT current_database(), n.nspname, (r.relnamespace::VARCHAR || '_' || r.oid::VARCHAR || '_' || a.attnum::VARCHAR || '_not_null')::name,
       a.attname || ' IS NOT NULL'
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
WHERE a.attnotnull AND r.relkind = 'r';

CREATE VIEW information_schema.key_column_usage AS
SELECT current_database() AS constraint_catalog, n.nspname AS constraint_schema, k.conname AS constraint_name,
       current_database() AS table_catalog, n.nspname AS table_schema, r.relname AS table_name, a.attname AS column_name,
       k.position AS ordinal_position,
       CASE WHEN k.contype = 'f' THEN k.position END AS position_in_unique_constraint
FROM (SELECT conname, conrelid, contype, unnest(conkey) AS attnum, generate_subscripts(conkey, 1)::INTEGER AS position
      FROM pg_catalog.pg_constraint WHERE contype IN ('p', 'u', 'f')) k
     JOIN pg_catalog.pg_class r ON r.oid = k.conrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
     JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.attnum;

CREATE VIEW information_schema.referential_constraints AS
SELECT current_database() AS constraint_catalog, n.nspname AS constraint_schema, c.conname AS constraint_name,
       current_database() AS unique_constraint_catalog, pn.nspname AS unique_constraint_schema,
       p.conname AS unique_constraint_name, 'NONE' AS match_option, 'NO ACTION' AS update_rule,
       'NO ACTION' AS delete_rule
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
     LEFT JOIN pg_catalog.pg_constraint p ON p.conindid = c.conindid AND p.contype IN ('p', 'u') AND c.conindid <> 0
     LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.connamespace
WHERE c.contype = 'f';

CREATE VIEW information_schema.constraint_column_usage AS
SELECT current_database() AS table_catalog, n.nspname AS table_schema, r.relname AS table_name, a.attname AS column_name,
       current_database() AS constraint_catalog, n.nspname AS constraint_schema, k.conname AS constraint_name
FROM (SELECT conname, CASE WHEN contype = 'f' THEN confrelid ELSE conrelid END AS relid,
             unnest(CASE WHEN contype = 'f' THEN confkey ELSE conkey END) AS attnum
      FROM pg_catalog.pg_constraint WHERE contype IN ('p', 'u', 'f')) k
     JOIN pg_catalog.pg_class r ON r.oid = k.relid
     JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
     JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = k.attnum;

CREATE VIEW information_schema.constraint_table_usage AS
SELECT DISTINCT table_catalog, table_schema, table_name, constraint_catalog, constraint_schema, constraint_name
FROM information_schema.constraint_column_usage;

CREATE VIEW information_schema.routines AS
SELECT current_database() AS specific_catalog, n.nspname AS specific_schema,
       (p.proname || '_' || p.oid::VARCHAR)::name AS specific_name, current_database() AS routine_catalog,
       n.nspname AS routine_schema, p.proname AS routine_name,
       CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END AS routine_type,
       pg_catalog.format_type(p.prorettype, NULL) AS data_type, current_database() AS type_udt_catalog,
       'pg_catalog'::name AS type_udt_schema, t.typname AS type_udt_name,
       CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END AS routine_body,
       CASE WHEN l.lanname = 'sql' THEN p.prosrc END AS routine_definition, upper(l.lanname::VARCHAR) AS external_language,
       CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END AS is_deterministic, 'MODIFIES' AS sql_data_access,
       'INVOKER' AS security_type
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     JOIN pg_catalog.pg_language l ON l.oid = p.prolang LEFT JOIN pg_catalog.pg_type t ON t.oid = p.prorettype;

CREATE VIEW information_schema.parameters AS
SELECT current_database() AS specific_catalog, n.nspname AS specific_schema,
       (p.proname || '_' || p.oid::VARCHAR)::name AS specific_name, p.position AS ordinal_position,
       'IN' AS parameter_mode, 'NO' AS is_result, 'NO' AS as_locator, p.parameter_name::name AS parameter_name,
       pg_catalog.format_type(p.type_oid, NULL) AS data_type, t.typname AS udt_name
FROM (SELECT oid, proname, pronamespace, unnest(proargtypes) AS type_oid,
             generate_subscripts(proargtypes, 1)::INTEGER AS position,
             unnest(coalesce(proargnames, [NULL::VARCHAR])) AS parameter_name
      FROM pg_catalog.pg_proc) p
     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace LEFT JOIN pg_catalog.pg_type t ON t.oid = p.type_oid;

CREATE VIEW information_schema.sequences AS
SELECT current_database() AS sequence_catalog, schemaname AS sequence_schema, sequencename AS sequence_name,
       'bigint' AS data_type, 64 AS numeric_precision, 2 AS numeric_precision_radix, 0 AS numeric_scale,
       start_value::VARCHAR AS start_value, min_value::VARCHAR AS minimum_value, max_value::VARCHAR AS maximum_value,
       increment_by::VARCHAR AS "increment", CASE WHEN cycle THEN 'YES' ELSE 'NO' END AS cycle_option
FROM pg_catalog.pg_sequences;

CREATE VIEW information_schema.character_sets AS
SELECT NULL::name AS character_set_catalog, NULL::name AS character_set_schema, 'UTF8'::name AS character_set_name,
       'UCS'::name AS character_repertoire, 'UTF8'::name AS form_of_use, current_database() AS default_collate_catalog,
       'pg_catalog'::name AS default_collate_schema, 'C'::name AS default_collate_name;

CREATE VIEW information_schema.collations AS
SELECT current_database() AS collation_catalog, 'pg_catalog'::name AS collation_schema, collname AS collation_name,
       'NO PAD' AS pad_attribute
FROM pg_catalog.pg_collation;

CREATE VIEW information_schema.enabled_roles AS
SELECT pg_catalog.current_user() AS role_name;

CREATE VIEW information_schema.table_privileges AS
SELECT 'skein'::name AS grantor, pg_catalog.current_user() AS grantee, table_catalog, table_schema, table_name,
       p.privilege_type, 'NO' AS is_grantable, CASE WHEN p.privilege_type = 'SELECT' THEN 'YES' ELSE 'NO' END AS with_hierarchy
FROM information_schema.tables, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) p(privilege_type)
WHERE p.privilege_type = 'SELECT' OR is_insertable_into = 'YES';

CREATE VIEW information_schema.role_table_grants AS
SELECT * FROM information_schema.table_privileges;

CREATE VIEW information_schema.view_table_usage AS
SELECT NULL::name AS view_catalog, NULL::name AS view_schema, NULL::name AS view_name, NULL::name AS table_catalog,
       NULL::name AS table_schema, NULL::name AS table_name
WHERE false;
