-- case: integers
SELECT * FROM (VALUES
  ((-128)::TINYINT, 255::UTINYINT, (-32768)::SMALLINT, 65535::USMALLINT, (-2147483648)::INTEGER, 4294967295::UINTEGER,
   (-9223372036854775808)::BIGINT, 18446744073709551615::UBIGINT),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (127, 0, 32767, 0, 2147483647, 0, 9223372036854775807, 0)) t(a, b, c, d, e, f, g, h);

-- case: hugeint
SELECT 170141183460469231731687303715884105727::HUGEINT AS most, -170141183460469231731687303715884105727::HUGEINT AS least,
       0::HUGEINT AS zero, NULL::HUGEINT AS nothing;

-- case: floating point
SELECT * FROM (VALUES (1.5::DOUBLE, 1.5::FLOAT), (0.1, 0.25), (-0.0, 0), (1e308, 3e38), (5e-324, 1e-38), ('NaN', 'NaN'),
  ('Infinity', 'Infinity'), ('-Infinity', '-Infinity'), (NULL, NULL), (123456789.123456789, 16777216)) t(d, f);

-- case: decimals
SELECT 99999999999999999999999999999999999999::DECIMAL(38, 0) AS whole,
       -0.00000000000000000000000000000000000001::DECIMAL(38, 38) AS small,
       12345678901234567890.123456789012345678::DECIMAL(38, 18) AS middle,
       1.10::DECIMAL(4, 2) AS four, 123456.789::DECIMAL(9, 3) AS nine, 12345678.90::DECIMAL(18, 2) AS eighteen,
       NULL::DECIMAL(18, 3) AS nothing;

-- case: text and blobs
SELECT * FROM (VALUES ('', ''::BLOB), ('a''b"c\d', '\x00\xFF\x80'::BLOB), (E'tab\tline\nend\r\x01', 'text'::BLOB),
  (NULL, NULL)) t(s, b);

-- case: booleans
SELECT * FROM (VALUES (true), (false), (NULL)) t(b);

-- case: uuids
SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS u, '00000000-0000-0000-0000-000000000000'::UUID AS least,
       'ffffffff-ffff-ffff-ffff-ffffffffffff'::UUID AS most, NULL::UUID AS nothing;

-- case: days and times
SELECT DATE '2024-02-29' AS d, TIME '23:59:59.999999' AS t, TIMESTAMP '2024-02-29 12:34:56.789012' AS ts,
       DATE '0001-01-01' AS first, DATE '9999-12-31' AS last, TIMESTAMP '1969-12-31 23:59:59.999999' AS before,
       NULL::DATE AS no_date, NULL::TIME AS no_time, NULL::TIMESTAMP AS no_timestamp;

-- case: intervals
SELECT * FROM (VALUES (INTERVAL '1 month 2 days 03:04:05.678901'), (INTERVAL '-5 days'), (INTERVAL '0 days'),
  (INTERVAL '-01:02:03'), (INTERVAL '100 hours'), (NULL)) t(i);

-- case: lists
SELECT [1, NULL, 3] AS i, ['a', NULL, '', 'b,c', '"q"', '{x}', 'NULL'] AS s, []::INTEGER[] AS empty, NULL::INTEGER[] AS nothing,
       [[1, 2], [3, 4]] AS nested, [1.25::DECIMAL(6, 2)] AS d, [DATE '2024-01-01', NULL] AS days, [true, false] AS b;

-- case: structs
SELECT {'a': 1, 'b': 'x', 'c': NULL::VARCHAR, 'd': [1, 2], 'e': {'f': 1.5::DOUBLE}} AS s, NULL::STRUCT(a INTEGER) AS nothing,
       [{'k': 1}, {'k': 2}, NULL] AS many;

-- case: maps
SELECT MAP {'a': 1, 'b': NULL} AS by_text, MAP {1: 'x', 2: 'y'} AS by_number, MAP {}::MAP(VARCHAR, INTEGER) AS empty,
       NULL::MAP(VARCHAR, INTEGER) AS nothing;

-- case: enums
SELECT e FROM (VALUES ('small'::ENUM('small', 'large')), ('large'), (NULL)) t(e);

-- case: json
SELECT '{"a": [1, 2.5, "x", null, true], "b": {}}'::JSON AS j, NULL::JSON AS nothing;

-- case: nulls only
SELECT NULL AS a, NULL::INTEGER AS b, NULL::VARCHAR AS c FROM range(3);
