-- What clients say about their session: settings, transactions, savepoints, cursors, prepared statements, EXPLAIN, LISTEN.
SHOW server_encoding
SHOW client_encoding
SHOW DateStyle
SHOW IntervalStyle
SHOW integer_datetimes
SHOW standard_conforming_strings
SHOW transaction_read_only
SHOW default_transaction_read_only
SHOW statement_timeout
SHOW lock_timeout
SHOW idle_in_transaction_session_timeout
SHOW extra_float_digits
SHOW bytea_output
SHOW application_name
SHOW max_identifier_length
SHOW lc_collate
SHOW lc_ctype
SHOW escape_string_warning
SHOW row_security
SHOW synchronous_commit
SHOW work_mem
SHOW default_tablespace
SHOW client_min_messages
SHOW timezone
SHOW geqo
SHOW default_table_access_method
SHOW xmloption
SHOW in_hot_standby
SHOW max_prepared_transactions
SHOW wal_level
SHOW check_function_bodies
SHOW constraint_exclusion
SHOW default_with_oids
SHOW datestyle; SHOW nosuch
SET client_encoding TO 'UTF8'
SET NAMES 'utf8'
SET client_min_messages TO WARNING
SET standard_conforming_strings = on
SET datestyle = 'ISO, DMY'
SET datestyle TO ISO
SET DateStyle = 'nonsense'
SET intervalstyle = 'postgres'
RESET intervalstyle
SET bytea_output = 'hex'
SET bytea_output = 'nonsense'
SET extra_float_digits = 3
SHOW extra_float_digits
SET extra_float_digits = 100
SET statement_timeout = 5000
SHOW statement_timeout
SET statement_timeout = '2min'
SHOW statement_timeout
SET statement_timeout TO DEFAULT
SHOW statement_timeout
SET statement_timeout = 'abc'
SET statement_timeout = -5
SET LOCAL statement_timeout = 1000
SET SESSION statement_timeout = 0
SET lock_timeout = '10s'
SHOW lock_timeout
SET work_mem = '64MB'
SHOW work_mem
SET work_mem = 'lots'
SET search_path TO public, pg_catalog
SET search_path = "$user", public
SET search_path TO ''
RESET search_path
SET TIME ZONE 'America/New_York'
SELECT timestamptz '2024-01-01 00:00:00+00', timestamptz '2024-07-01 00:00:00+00', '2024-01-01 00:00:00'::timestamptz
SELECT to_char(timestamptz '2024-07-01 00:00:00+00', 'YYYY-MM-DD HH24:MI TZ'), timestamptz '2024-07-01 00:00:00+00'::date, date_trunc('day', timestamptz '2024-07-01 00:00:00+00'), extract(hour from timestamptz '2024-07-01 00:00:00+00')
SELECT date '2024-07-01'::timestamptz, timestamp '2024-07-01 12:00'::timestamptz, (timestamptz '2024-07-01 12:00:00Z')::timestamp, timestamptz '2024-11-03 05:30:00Z' + interval '1 hour', timestamptz '2024-03-09 12:00:00-05' + interval '1 day'
SELECT date_trunc('month', date '2024-07-17'), generate_series(date '2024-07-01', date '2024-07-02', '1 day')
SET TIME ZONE LOCAL
SET TIME ZONE -5
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
SET TIME ZONE 'UTC'
SET TIME ZONE 'Mars/Base'
SET application_name = 'my app'
SHOW application_name
SELECT current_setting('application_name'), set_config('application_name', 'other', false)
SHOW application_name
SET my.custom = 'v'
SHOW my.custom
SELECT current_setting('my.nothing', true)
SELECT current_setting('my.nothing')
SET ROLE NONE
RESET ROLE
SET SESSION AUTHORIZATION DEFAULT
RESET SESSION AUTHORIZATION
RESET ALL
SET TIME ZONE 'UTC'
BEGIN
SAVEPOINT sp1
SELECT 1
RELEASE SAVEPOINT sp1
SAVEPOINT sa_savepoint_1
ROLLBACK TO SAVEPOINT sa_savepoint_1
RELEASE SAVEPOINT sa_savepoint_1
COMMIT
SAVEPOINT outside
BEGIN
ROLLBACK TO SAVEPOINT nosuch
SELECT 1
ROLLBACK
BEGIN
SAVEPOINT "s140_x1"
SELECT 1 / 0
SELECT 1
ROLLBACK TO SAVEPOINT "s140_x1"
SELECT 2
COMMIT
BEGIN
RELEASE nosuch
ROLLBACK
BEGIN ISOLATION LEVEL SERIALIZABLE
COMMIT
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE, NOT DEFERRABLE
COMMIT
START TRANSACTION READ ONLY
SHOW transaction_read_only
CREATE TABLE no_way (a int)
ROLLBACK
BEGIN
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
SELECT 1
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
ROLLBACK
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
SET default_transaction_read_only = on
CREATE TABLE no_way (a int)
SET default_transaction_read_only = off
BEGIN; SELECT 1; COMMIT
COMMIT AND CHAIN
BEGIN
COMMIT AND CHAIN
ROLLBACK AND NO CHAIN
END
ABORT
BEGIN
DECLARE c1 CURSOR FOR SELECT x FROM (VALUES (1), (2), (3), (4)) t(x)
FETCH c1
FETCH FORWARD 2 FROM c1
FETCH NEXT c1
FETCH c1
MOVE FORWARD ALL IN c1
CLOSE c1
CLOSE c1
ROLLBACK
DECLARE c2 CURSOR FOR SELECT 1
BEGIN
DECLARE c3 SCROLL CURSOR FOR SELECT x FROM (VALUES (1), (2), (3)) t(x)
FETCH LAST FROM c3
FETCH PRIOR FROM c3
FETCH FIRST FROM c3
FETCH ABSOLUTE 3 FROM c3
FETCH RELATIVE -1 FROM c3
FETCH BACKWARD ALL FROM c3
FETCH ALL FROM c3
FETCH 0 FROM c3
MOVE 5 IN c3
DECLARE c3 CURSOR FOR SELECT 1
ROLLBACK
BEGIN
DECLARE c4 BINARY INSENSITIVE NO SCROLL CURSOR WITHOUT HOLD FOR SELECT 1
FETCH BACKWARD 1 FROM c4
ROLLBACK
DECLARE held CURSOR WITH HOLD FOR SELECT x FROM (VALUES (1), (2)) t(x)
FETCH ALL held
FETCH ALL IN held
CLOSE ALL
CREATE TEMP TABLE shifting (a int, b text)
INSERT INTO shifting VALUES (1, 'x')
PREPARE pick AS SELECT * FROM shifting
EXECUTE pick
ALTER TABLE shifting ADD COLUMN c int
EXECUTE pick
DEALLOCATE pick
PREPARE typed (int, text) AS SELECT $1 + 1 AS n, $2 || '!' AS t
EXECUTE typed (1, 'a')
EXECUTE typed ('2', 'b')
EXECUTE typed (1)
EXECUTE typed ('x', 'y')
PREPARE typed AS SELECT 1
DEALLOCATE PREPARE typed
DEALLOCATE nosuch
PREPARE guess AS SELECT a FROM shifting WHERE a = $1 AND b = $2
EXECUTE guess (1, 'x')
PREPARE ins (int, text) AS INSERT INTO shifting (a, b) VALUES ($1, $2) RETURNING a
EXECUTE ins (5, 'five')
EXECUTE nosuch
DEALLOCATE ALL
EXPLAIN (COSTS OFF) SELECT nosuch
EXPLAIN (FORMAT NOSUCH) SELECT 1
UNLISTEN *
DISCARD PLANS
DISCARD SEQUENCES
DISCARD TEMP
SELECT * FROM shifting
DISCARD ALL
COPY nosuch TO STDOUT
COPY nosuch FROM STDIN
COPY (SELECT nosuch) TO STDOUT
COPY (SELECT 1) TO STDOUT (FORMAT nosuch)
COPY (SELECT 1) TO STDOUT (DELIMITER 'ab')
COPY (SELECT 1) TO STDOUT (HEADER maybe)
COPY (SELECT 1) TO STDOUT (FORMAT binary, DELIMITER ',')
COPY (SELECT 1) FROM STDIN
COPY (SELECT 1) TO STDOUT WITH (QUOTE '"')
COPY (SELECT 1) TO STDOUT WITH (FORMAT csv, NOSUCH 1)
SELECT 1; SELECT 2
SELECT 'a;b'; SELECT $$x;y$$
SELECT 1 /* comment */ -- end
/* only a comment */
SELECT 1 \gset
