-- Values of all types: what reads them, what they are cast to, and errors.
SELECT ARRAY[[1, NULL], [3, 4]], ARRAY[[['a', 'b']], [['c', NULL]]], ARRAY[[true]], ARRAY[ARRAY[]::int[]]
SELECT '{{1,2},{3}}'::int[]
SELECT '{1,2}}'::int[]
SELECT '{1,,2}'::int[]
SELECT '{ 1 , 2 }'::int[], '{1.5,2.5}'::numeric[], '{t,f}'::bool[], '{2024-01-01,infinity}'::date[]
SELECT '1,2'::int[]
SELECT ''::int[]
SELECT 'abc'::int
SELECT ''::int
SELECT ' 12 '::int, '+5'::int, '-0'::int, '1e3'::float8, ' 1.50 '::numeric
SELECT '1.5'::int
SELECT '99999999999'::int
SELECT '99999'::smallint
SELECT '99999999999999999999'::bigint
SELECT 'x'::bool
SELECT 'yes'::bool, 'off'::bool, '0'::bool, 'T'::bool, 'no'::bool, ' tr '::bool, 'on'::bool, 'y'::bool
SELECT '2024-13-01'::date
SELECT '2024-02-30'::date
SELECT 'foo'::date
SELECT '25:00:00'::time
SELECT 'foo'::interval
SELECT 'foo'::timestamp
SELECT 'foo'::uuid
SELECT 'zz'::bytea, '\xZZ'::bytea
SELECT '\x1'::bytea
SELECT 'NaN'::numeric, 'NaN'::numeric = 'NaN'::numeric, 'NaN'::numeric > 1
SELECT 'Infinity'::numeric, '-Infinity'::numeric
SELECT 1e-130::numeric
SELECT 1e100::numeric
SELECT 1234.5678::numeric(10, 2), 1234.5678::numeric(10), 0.5::numeric(1, 1), 99.995::numeric(4, 2)
SELECT 12345::numeric(4, 0)
SELECT 123456::numeric(5, -2)
SELECT 1.5::numeric::int, 2.5::numeric::int, -2.5::numeric::int, 2.5::float8::int, 3.5::float8::int, -0.5::float8::int
SELECT 'NaN'::float8, 'inf'::float8, '-inf'::float4, 'NaN'::float8 = 'NaN', 'NaN'::float8 > 'inf'
SELECT 1e400::float8
SELECT '1e400'::float8
SELECT 1e-400::float8
SELECT 'a'::char(3) = 'a  ', 'a'::char(3) = 'a', 'a  '::text = 'a', 'a'::char(3)::text || '|', length('a'::char(3)), octet_length('a'::char(3))
SELECT repeat('x', 100)::name
SELECT B'102'
SELECT '12'::bit(2)
SELECT B'101' & B'10'
SELECT X'1f', x'', B''
SELECT '04:05:06+02'::timetz, '04:05:06-08:30'::timetz, '04:05:06.5+00'::timetz, '04:05:06+02'::timetz = '02:05:06+00'::timetz
SELECT '04:05:06+02'::timetz AT TIME ZONE 'UTC', '04:05:06'::time::timetz
SELECT '1 year 2 months'::interval, '1-2'::interval, 'P1Y2M3DT4H5M6S'::interval, '1 day ago'::interval, '3 4:05:06'::interval, '-1-2 +3 -4:05:06'::interval
SELECT '1.5 days'::interval, '1.5 months'::interval, '0.5 years'::interval, '1 week'::interval, '2 decades'::interval, '1 century'::interval, '5 min 30 sec'::interval, '1h 2m 3s'::interval
SELECT interval '1 day' = interval '24 hours', interval '1 month' = interval '30 days', interval '1 month' > interval '29 days'
SET intervalstyle = 'iso_8601'
SET intervalstyle = 'sql_standard'
SET intervalstyle = 'postgres_verbose'
RESET intervalstyle
SET datestyle = 'SQL, DMY'
SET datestyle = 'German'
SET datestyle = 'ISO, DMY'
RESET datestyle
SET bytea_output = 'escape'
SELECT '\x00ff41'::bytea
RESET bytea_output
SET extra_float_digits = 0
SELECT 0.1::float8 + 0.2::float8, 1.0::float4 / 3
RESET extra_float_digits
SELECT row(1, 'a'), row(1, NULL, 'b c'), row(), (1, 2), row('x,y', '"')
SELECT (row(1, 2)).f1
SELECT row(1, 2) = row(1, 2), row(1, 2) < row(1, 3), row(1, NULL) = row(1, NULL), row(1, NULL) IS NULL, row(NULL, NULL) IS NULL, row(1, NULL) IS NOT NULL, (1, 2) IN ((1, 2), (3, 4)), (1, 2) IS DISTINCT FROM (1, 3)
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')
SELECT 'sad'::mood, 'ok'::mood > 'sad'::mood, enum_range(NULL::mood), enum_first(NULL::mood), enum_last(NULL::mood), ARRAY['sad', 'ok']::mood[]
SELECT 'bad'::mood
CREATE TYPE mood AS ENUM ('x')
DROP TYPE mood
DROP TYPE mood
DROP TYPE IF EXISTS mood
SELECT 'nosuch'::regclass
SELECT 'nosuch'::regtype
SELECT 4294967296::oid
SELECT 1::money
SELECT '1'::xid, '(0,1)'::tid
SELECT 9223372036854775807 + 1
SELECT 2147483647 + 1
SELECT 32767::smallint + 1::smallint
SELECT -(-2147483648)
SELECT (-2147483648)::int * -1
SELECT abs((-2147483648)::int)
SELECT 2147483647::int * 2::bigint, 4611686018427387904 * 2
SELECT (-9223372036854775808)::bigint / -1
SELECT 5 % 0.0
SELECT 2 ^ 3, 2 ^ -1, 2.0 ^ 3, 0 ^ 0, (-8) ^ (1.0/3)
SELECT 2 ^ 3 ^ 2, -2 ^ 2, 2 * 3 ^ 2
SELECT 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4, 256 >> 2, 1 << 33, 1::bigint << 33
