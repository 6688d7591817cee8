-- Relations of pg_catalog that follow from others. One statement after another, each CREATE at the
-- start of a line, the query on its own lines, the semicolon at the end of its last line.

CREATE VIEW pg_catalog.pg_tables AS
SELECT n.nspname AS schemaname, c.relname AS tablename, pg_catalog.pg_get_userbyid(c.relowner) AS tableowner,
       NULL::name AS tablespace, c.relhasindex AS hasindexes, c.relhasrules AS hasrules,
       c.relhastriggers AS hastriggers, c.relrowsecurity AS rowsecurity
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r';

CREATE VIEW pg_catalog.pg_views AS
SELECT n.nspname AS schemaname, c.relname AS viewname, pg_catalog.pg_get_userbyid(c.relowner) AS viewowner,
       pg_catalog.pg_get_viewdef(c.oid) AS definition
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v';

CREATE VIEW pg_catalog.pg_indexes AS
SELECT n.nspname AS schemaname, c.relname AS tablename, i.relname AS indexname, NULL::name AS tablespace,
       pg_catalog.pg_get_indexdef(i.oid) AS indexdef
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
     JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;

CREATE VIEW pg_catalog.pg_sequences AS
SELECT n.nspname AS schemaname, c.relname AS sequencename, pg_catalog.pg_get_userbyid(c.relowner) AS sequenceowner,
       s.seqtypid::regtype AS data_type, s.seqstart AS start_value, s.seqmin AS min_value, s.seqmax AS max_value,
       s.seqincrement AS increment_by, s.seqcycle AS cycle, s.seqcache AS cache_size, NULL::BIGINT AS last_value
FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;

CREATE VIEW pg_catalog.pg_rewrite AS
SELECT c.oid, '_RETURN'::name AS rulename, c.oid AS ev_class, '1' AS ev_type, 'O' AS ev_enabled, true AS is_instead,
       NULL::VARCHAR AS ev_qual, NULL::VARCHAR AS ev_action
FROM pg_catalog.pg_class c WHERE c.relkind = 'v' AND c.relnamespace NOT IN (11, 13207);

CREATE VIEW pg_catalog.pg_authid AS
SELECT r.oid, r.rolname::name AS rolname, r.oid = 10 AS rolsuper, true AS rolinherit, r.oid = 10 AS rolcreaterole,
       r.oid = 10 AS rolcreatedb, r.oid <> 10 AS rolcanlogin, false AS rolreplication, r.oid = 10 AS rolbypassrls,
       -1 AS rolconnlimit, NULL::VARCHAR AS rolpassword, NULL::TIMESTAMPTZ AS rolvaliduntil
FROM (SELECT pg_catalog.skein_role_oid('skein') AS oid, 'skein' AS rolname
      UNION SELECT pg_catalog.skein_role_oid(pg_catalog.current_user()::VARCHAR), pg_catalog.current_user()::VARCHAR) r;

CREATE VIEW pg_catalog.pg_roles AS
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolconnlimit,
       '********' AS rolpassword, rolvaliduntil, rolbypassrls, NULL::VARCHAR[] AS rolconfig, oid
FROM pg_catalog.pg_authid;

CREATE VIEW pg_catalog.pg_shadow AS
SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper,
       rolreplication AS userepl, rolbypassrls AS usebypassrls, rolpassword AS passwd, rolvaliduntil AS valuntil,
       NULL::VARCHAR[] AS useconfig
FROM pg_catalog.pg_authid WHERE rolcanlogin;

CREATE VIEW pg_catalog.pg_user AS
SELECT usename, usesysid, usecreatedb, usesuper, userepl, usebypassrls, '********' AS passwd, valuntil, useconfig
FROM pg_catalog.pg_shadow;

CREATE VIEW pg_catalog.pg_tablespace AS
SELECT oid::UINTEGER AS oid, spcname::name AS spcname, 10::UINTEGER AS spcowner, NULL::aclitem[] AS spcacl,
       NULL::VARCHAR[] AS spcoptions
FROM (VALUES (1663, 'pg_default'), (1664, 'pg_global')) t(oid, spcname);

CREATE VIEW pg_catalog.pg_settings AS
SELECT name, value AS setting, NULL::VARCHAR AS unit,
       CASE WHEN scope = 'GLOBAL' THEN 'Server' ELSE 'Client' END AS category, description AS short_desc,
       NULL::VARCHAR AS extra_desc, CASE WHEN scope = 'GLOBAL' THEN 'postmaster' ELSE 'user' END AS context,
       CASE WHEN input_type = 'BOOLEAN' THEN 'bool' WHEN input_type IN ('UBIGINT', 'BIGINT', 'INTEGER') THEN 'integer'
            WHEN input_type IN ('DOUBLE', 'FLOAT') THEN 'real' ELSE 'string' END AS vartype,
       'default' AS source, NULL::VARCHAR AS min_val, NULL::VARCHAR AS max_val, NULL::VARCHAR[] AS enumvals,
       NULL::VARCHAR AS boot_val, value AS reset_val, NULL::VARCHAR AS sourcefile, NULL::INTEGER AS sourceline,
       false AS pending_restart
FROM duckdb_settings()
WHERE NOT regexp_matches(name, 'secret|password|key_|key$|token|connection_string');

CREATE VIEW pg_catalog.pg_available_extensions AS
SELECT extname AS name, extversion AS default_version, extversion AS installed_version, NULL::VARCHAR AS comment
FROM pg_catalog.pg_extension;

CREATE VIEW pg_catalog.pg_timezone_names AS
SELECT name, abbrev, utc_offset, is_dst FROM system.main.pg_timezone_names();

CREATE VIEW pg_catalog.pg_stat_all_tables AS
SELECT c.oid AS relid, n.nspname AS schemaname, c.relname, 0::BIGINT AS seq_scan, 0::BIGINT AS seq_tup_read,
       0::BIGINT AS idx_scan, 0::BIGINT AS idx_tup_fetch, 0::BIGINT AS n_tup_ins, 0::BIGINT AS n_tup_upd,
       0::BIGINT AS n_tup_del, 0::BIGINT AS n_tup_hot_upd, greatest(c.reltuples, 0)::BIGINT AS n_live_tup,
       0::BIGINT AS n_dead_tup, 0::BIGINT AS n_mod_since_analyze, 0::BIGINT AS n_ins_since_vacuum,
       NULL::TIMESTAMPTZ AS last_vacuum, NULL::TIMESTAMPTZ AS last_autovacuum, NULL::TIMESTAMPTZ AS last_analyze,
       NULL::TIMESTAMPTZ AS last_autoanalyze, 0::BIGINT AS vacuum_count, 0::BIGINT AS autovacuum_count,
       0::BIGINT AS analyze_count, 0::BIGINT AS autoanalyze_count
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r';

CREATE VIEW pg_catalog.pg_stat_user_tables AS
SELECT * FROM pg_catalog.pg_stat_all_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema');

CREATE VIEW pg_catalog.pg_stat_sys_tables AS
SELECT * FROM pg_catalog.pg_stat_all_tables WHERE schemaname IN ('pg_catalog', 'information_schema');

CREATE VIEW pg_catalog.pg_stat_database AS
SELECT oid AS datid, datname, (SELECT count(*) FROM pg_catalog.pg_stat_activity)::INTEGER AS numbackends,
       0::BIGINT AS xact_commit, 0::BIGINT AS xact_rollback, 0::BIGINT AS blks_read, 0::BIGINT AS blks_hit,
       0::BIGINT AS tup_returned, 0::BIGINT AS tup_fetched, 0::BIGINT AS tup_inserted, 0::BIGINT AS tup_updated,
       0::BIGINT AS tup_deleted, 0::BIGINT AS conflicts, 0::BIGINT AS temp_files, 0::BIGINT AS temp_bytes,
       0::BIGINT AS deadlocks, NULL::BIGINT AS checksum_failures, NULL::TIMESTAMPTZ AS checksum_last_failure,
       0::DOUBLE AS blk_read_time, 0::DOUBLE AS blk_write_time, 0::DOUBLE AS session_time, 0::DOUBLE AS active_time,
       0::DOUBLE AS idle_in_transaction_time, 0::BIGINT AS sessions, 0::BIGINT AS sessions_abandoned,
       0::BIGINT AS sessions_fatal, 0::BIGINT AS sessions_killed, NULL::TIMESTAMPTZ AS stats_reset
FROM pg_catalog.pg_database;
