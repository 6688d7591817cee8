-- Types: what values look like in text and binary, and the casts between them.
SELECT true, false, NULL::bool
SELECT 1::int2, 1::int4, 1::int8, 1::smallint, 1::integer, 1::bigint
SELECT 1.5::float4, 1.5::float8, 1.5::real, 1.5::double precision, 1::float, 1::float(10)
SELECT 1.5::numeric, 1.50::numeric(10, 2), 12345678901234567890.123456789::numeric(38, 9), -0.001::numeric(5, 3), 0::numeric(4, 2)
SELECT 'x'::text, 'x'::varchar, 'x'::varchar(5), 'x'::character varying(5), 'x'::name
SELECT 'x'::char, 'x'::char(1), 'xyz'::character(2)
SELECT '\x00ff'::bytea, NULL::bytea
SELECT '2024-01-02'::date, '03:04:05.123456'::time, '03:04:05+01'::timetz, '2024-01-02 03:04:05'::timestamp, '2024-01-02 03:04:05+00'::timestamptz, '1 day'::interval
SELECT '1 year 2 mons 3 days 04:05:06.5'::interval, '-1 mons +2 days -00:00:01'::interval, '0'::interval, '100:00:00'::interval
SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid
SELECT '{"a": 1}'::json
SELECT '{"a": 1}'::jsonb
SELECT B'101', '101'::bit(3), '101'::bit varying(5), '101'::varbit
SELECT ARRAY[true], ARRAY[1::int2], ARRAY[1], ARRAY[1::int8], ARRAY[1.5::float4], ARRAY[1.5::float8], ARRAY['x'], ARRAY['x'::varchar]
SELECT ARRAY['2024-01-02'::date], ARRAY['2024-01-02 03:04:05'::timestamp], ARRAY['1 day'::interval], ARRAY['\x00'::bytea], ARRAY['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid]
SELECT ARRAY['a b', 'c,d', 'e"f', '', NULL, 'NULL', 'x\y']
SELECT 'infinity'::timestamptz, '-infinity'::timestamp, 'infinity'::date, 'NaN'::float4, '-Infinity'::float8
SELECT 1::text, 1.5::text, true::text, '2024-01-02'::date::text, '1 day'::interval::text, ARRAY[1, 2]::text, '\x01'::bytea::text, 1e20::float8::text, 'x'::varchar(3)::text
SELECT '1'::text::int, '1.5'::text::numeric, 't'::text::bool, '2024-01-02'::text::date, '{1,2}'::text::int[]
SELECT 1::int::bool, true::int, 1.9::int, '1'::int::text::float8, 65::"char"
SELECT cast('1' AS integer), cast(1 AS varchar), integer '5', float8 '1.5', bool 't', int '007'
SELECT 12345678901::int
SELECT 40000::smallint
SELECT 1e300::float8::float4
SELECT 1e30::float8::bigint
SELECT 'NaN'::float8::int
SELECT '2024-01-01'::date::int
SELECT 1::date
SELECT true::date
SELECT '{}'::json::int
SELECT 'abc'::varchar(2)::char(4) || '|'
SELECT 1.23456789012345678::float8, 0.1::float4, 1e15::float8, 1e16::float8, 1e-5::float8, 123456.789::float4, 1e38::float4
SELECT 100000000000000000000::numeric, 1e-10::numeric, -1.0::numeric, 0.00::numeric
SELECT NULL, NULL::int, NULL::text, NULL::int[], NULL::json
SELECT 1::oid, 'pg_class'::regclass::text
SELECT '(1,2)'::point
SELECT '192.168.0.1'::inet
SELECT '$1,234.50'::money
SELECT 'a & b'::tsquery
SELECT '<a/>'::xml
SELECT '[1,5)'::int4range
