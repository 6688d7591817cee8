-- Functions of pg_catalog that SQL can say. What has no meaning here (partitions, rules, triggers,
-- storage of rows) answers as PostgreSQL does for a table that has none of it.

CREATE MACRO pg_catalog.pg_get_expr(expression, relation) AS expression::VARCHAR,
  (expression, relation, pretty) AS expression::VARCHAR;
CREATE MACRO pg_catalog.shobj_description(object, catalog) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_type_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.pg_function_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.pg_operator_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.pg_opclass_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.pg_opfamily_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.pg_collation_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.pg_conversion_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.pg_statistics_obj_is_visible(object) AS object IS NOT NULL;
CREATE MACRO pg_catalog.has_type_privilege(object, privilege) AS true, (who, object, privilege) AS true;
CREATE MACRO pg_catalog.has_parameter_privilege(object, privilege) AS true, (who, object, privilege) AS true;
CREATE MACRO pg_catalog.row_security_active(relation) AS false;
CREATE MACRO pg_catalog.pg_is_in_recovery() AS false;
CREATE MACRO pg_catalog.pg_is_wal_replay_paused() AS false;
CREATE MACRO pg_catalog.pg_client_encoding() AS 'UTF8';
CREATE MACRO pg_catalog.getdatabaseencoding() AS 'UTF8';
CREATE MACRO pg_catalog.pg_encoding_to_char(encoding) AS CASE encoding WHEN 6 THEN 'UTF8' WHEN 0 THEN 'SQL_ASCII'
  WHEN 8 THEN 'LATIN1' ELSE '' END;
CREATE MACRO pg_catalog.pg_char_to_encoding(encoding) AS CASE upper(replace(encoding, '-', '')) WHEN 'UTF8' THEN 6
  WHEN 'UNICODE' THEN 6 WHEN 'SQL_ASCII' THEN 0 WHEN 'LATIN1' THEN 8 ELSE -1 END;
CREATE MACRO pg_catalog.pg_size_pretty(bytes) AS CASE
  WHEN abs(bytes) < 10240 THEN bytes::VARCHAR || ' bytes'
  WHEN abs(bytes) < 10485247 THEN round(bytes / 1024.0)::BIGINT::VARCHAR || ' kB'
  WHEN abs(bytes) < 10736893952 THEN round(bytes / 1048576.0)::BIGINT::VARCHAR || ' MB'
  WHEN abs(bytes) < 10994579406848 THEN round(bytes / 1073741824.0)::BIGINT::VARCHAR || ' GB'
  ELSE round(bytes / 1099511627776.0)::BIGINT::VARCHAR || ' TB' END;
CREATE MACRO pg_catalog.pg_database_size(which) AS coalesce((SELECT s.block_size * s.total_blocks
  FROM pragma_database_size() s JOIN pg_catalog.pg_database d ON d.datname = s.database_name
  WHERE which::VARCHAR IN (d.datname::VARCHAR, d.oid::VARCHAR)), 0)::BIGINT;
CREATE MACRO pg_catalog.pg_tablespace_size(which) AS 0::BIGINT;
CREATE MACRO pg_catalog.pg_tablespace_location(which) AS '';
CREATE MACRO pg_catalog.pg_indexes_size(relation) AS 0::BIGINT;
CREATE MACRO pg_catalog.pg_relation_filenode(relation) AS relation;
CREATE MACRO pg_catalog.pg_get_partkeydef(relation) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_get_partition_constraintdef(relation) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_get_ruledef(rule) AS NULL::VARCHAR, (rule, pretty) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_get_triggerdef(trigger_oid) AS NULL::VARCHAR, (trigger_oid, pretty) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_get_statisticsobjdef_columns(object) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_get_statisticsobjdef(object) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_get_function_sqlbody(object) AS NULL::VARCHAR;
CREATE MACRO pg_catalog.pg_relation_is_publishable(relation) AS false;
CREATE MACRO pg_catalog.pg_relation_is_updatable(relation, triggers) AS 28;
CREATE MACRO pg_catalog.pg_column_is_updatable(relation, attribute, triggers) AS true;
CREATE MACRO pg_catalog.pg_index_column_has_property(index_oid, attribute, property) AS CASE property
  WHEN 'asc' THEN true WHEN 'desc' THEN false WHEN 'nulls_first' THEN false WHEN 'nulls_last' THEN true
  WHEN 'orderable' THEN true WHEN 'returnable' THEN true ELSE false END;
CREATE MACRO pg_catalog.pg_index_has_property(index_oid, property) AS property IN ('clusterable', 'index_scan');
CREATE MACRO pg_catalog.pg_indexam_has_property(method, property) AS property IN ('can_order', 'can_unique', 'can_multi_col');
CREATE MACRO pg_catalog.pg_stat_get_numscans(relation) AS 0::BIGINT;
CREATE MACRO pg_catalog.pg_stat_get_live_tuples(relation) AS 0::BIGINT;
CREATE MACRO pg_catalog.pg_stat_get_backend_pid(backend) AS backend;
CREATE MACRO pg_catalog.pg_blocking_pids(process) AS []::INTEGER[];
CREATE MACRO pg_catalog.pg_sequence_last_value(relation) AS NULL::BIGINT;
CREATE MACRO pg_catalog.acldefault(kind, owner_oid) AS NULL::aclitem[];
CREATE MACRO pg_catalog.pg_typeof(expression) AS skein_type_name(typeof(expression));
CREATE MACRO pg_catalog.array_lower(list, dimension) AS
  CASE WHEN dimension = 1 AND len(list) > 0 THEN pg_catalog.skein_lower_bound(list)::INTEGER END;
CREATE MACRO pg_catalog.array_upper(list, dimension) AS
  CASE WHEN dimension = 1 AND len(list) > 0 THEN (pg_catalog.skein_lower_bound(list) + len(list) - 1)::INTEGER END;
CREATE MACRO main.generate_subscripts(list, dimension) AS unnest(generate_series(pg_catalog.skein_lower_bound(list),
  pg_catalog.skein_lower_bound(list) + array_length(list, dimension) - 1));
CREATE MACRO pg_catalog.quote_literal(value) AS '''' || replace(value::VARCHAR, '''', '''''') || '''';
CREATE MACRO pg_catalog.quote_nullable(value) AS coalesce('''' || replace(value::VARCHAR, '''', '''''') || '''', 'NULL');
CREATE MACRO pg_catalog.array_remove(list, element) AS list_filter(list, lambda x: x IS DISTINCT FROM element);
CREATE MACRO pg_catalog.pg_describe_object(catalog, object, part) AS object::VARCHAR;
CREATE MACRO pg_catalog.pg_my_temp_schema() AS coalesce((SELECT n.oid FROM pg_catalog.pg_namespace n
  WHERE n.nspname = 'pg_temp_1'), 0::UINTEGER);
CREATE MACRO pg_catalog.pg_is_other_temp_schema(schema_oid) AS false;
CREATE MACRO pg_catalog.pg_get_keywords() AS TABLE
  SELECT keyword_name AS word, CASE keyword_category WHEN 'reserved' THEN 'R' WHEN 'unreserved' THEN 'U'
         WHEN 'column_name' THEN 'C' ELSE 'T' END AS catcode, keyword_category <> 'reserved' AS barelabel,
         keyword_category AS catdesc, '' AS baredesc
  FROM duckdb_keywords();
CREATE MACRO pg_catalog.pg_show_all_settings() AS TABLE SELECT * FROM pg_catalog.pg_settings;
CREATE MACRO pg_catalog.pg_partition_ancestors(relation) AS NULL;
CREATE MACRO pg_catalog.pg_partition_ancestors(relation) AS TABLE SELECT relation::UINTEGER AS relid WHERE false;
CREATE MACRO pg_catalog.pg_partition_tree(relation) AS TABLE
  SELECT relation::UINTEGER AS relid, NULL::UINTEGER AS parentrelid, true AS isleaf, 0 AS level WHERE false;
CREATE MACRO pg_catalog.pg_options_to_table(options) AS TABLE
  SELECT '' AS option_name, '' AS option_value WHERE false;
CREATE MACRO pg_catalog.aclexplode(acl) AS TABLE
  SELECT 0::UINTEGER AS grantor, 0::UINTEGER AS grantee, '' AS privilege_type, false AS is_grantable WHERE false;
CREATE MACRO pg_catalog.pg_listening_channels() AS TABLE SELECT '' AS pg_listening_channels WHERE false;
CREATE MACRO pg_catalog.pg_get_publication_tables(publication) AS TABLE
  SELECT 0::UINTEGER AS relid, NULL::SMALLINT[] AS attrs, NULL::VARCHAR AS qual WHERE false;
CREATE MACRO pg_catalog.pg_stat_get_activity(process) AS TABLE
  SELECT * FROM pg_catalog.pg_stat_activity WHERE process IS NULL OR pid = process;
CREATE MACRO information_schema._pg_expandarray(list) AS
  -- Not list[i]: a vector of PostgreSQL's is counted from 0.
  unnest(list_transform(list_zip(list, range(1, len(list) + 1)), lambda pair: {'x': pair[1], 'n': pair[2]::INTEGER}));
CREATE MACRO information_schema._pg_truetypid(attribute, type_row) AS attribute.atttypid;
CREATE MACRO information_schema._pg_truetypmod(attribute, type_row) AS attribute.atttypmod;
CREATE MACRO information_schema._pg_char_max_length(type_oid, type_modifier) AS
  CASE WHEN type_modifier > 4 AND type_oid IN (1042, 1043) THEN type_modifier - 4 END;
CREATE MACRO information_schema._pg_char_octet_length(type_oid, type_modifier) AS
  CASE WHEN type_oid IN (25, 1042, 1043) THEN 1073741824 END;
CREATE MACRO information_schema._pg_numeric_precision(type_oid, type_modifier) AS CASE type_oid WHEN 21 THEN 16
  WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53
  WHEN 1700 THEN CASE WHEN type_modifier >= 4 THEN ((type_modifier - 4) >> 16) & 65535 END END;
CREATE MACRO information_schema._pg_numeric_precision_radix(type_oid, type_modifier) AS
  CASE WHEN type_oid IN (20, 21, 23, 700, 701) THEN 2 WHEN type_oid = 1700 THEN 10 END;
CREATE MACRO information_schema._pg_numeric_scale(type_oid, type_modifier) AS CASE WHEN type_oid IN (20, 21, 23) THEN 0
  WHEN type_oid = 1700 AND type_modifier >= 4 THEN (type_modifier - 4) & 2047 END;
CREATE MACRO information_schema._pg_datetime_precision(type_oid, type_modifier) AS CASE WHEN type_oid = 1082 THEN 0
  WHEN type_oid IN (1083, 1114, 1184, 1186, 1266) THEN 6 END;
