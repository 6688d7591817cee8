-- Numbers: arithmetic, rounding, overflow and the functions over them.
SELECT 7 / 2, -7 / 2, 7 % 2, -7 % 2, 7 % -2, 7.0 / 2, 7 / 2.0::float8
SELECT 7::smallint / 2::smallint, 7::bigint / 2, 1 / 3::float4
SELECT 1 / 0
SELECT 1 % 0
SELECT 1.0 / 0
SELECT 1::float8 / 0
SELECT mod(7, 0)
SELECT div(9, 4), div(-9, 4), div(9.5, 4), mod(9, 4), mod(-9, 4), mod(9.5, 4)
SELECT 2147483647 + 1
SELECT 2147483647::int + 1::int
SELECT 9223372036854775807 + 1
SELECT (-32768)::smallint - 1::smallint
SELECT 32767::smallint * 2::smallint
SELECT -(-2147483648)
SELECT abs(-2147483648)
SELECT (-2147483648) / -1
SELECT 1e308 * 10
SELECT 1e308::float8 * 10
SELECT 300::smallint::int, 70000::int::smallint
SELECT 2.5::int, 3.5::int, -2.5::int, 2.5::float8::int, 3.5::float8::int, 0.5::float8::bigint
SELECT round(2.5), round(-2.5), round(2.4), round(2.5::float8), round(3.5::float8), round(42.4382, 2), round(1234.56, -2), round(2.675, 2)
SELECT trunc(42.8), trunc(-42.8), trunc(42.4382, 2), trunc(1299.9, -2), trunc(42.8::float8)
SELECT ceil(-42.8), ceiling(42.2), floor(-42.8), floor(42.8::float8), sign(-8.4), sign(0), abs(-17.4)
SELECT 2 ^ 3, 2 ^ 0.5, power(9, 3), power(9::float8, 3), sqrt(2), sqrt(2.0), |/ 25.0, ||/ 27.0, cbrt(27.0::float8), @ -5
SELECT sqrt(-1)
SELECT ln(0)
SELECT power(0, -1)
SELECT exp(1.0::float8), ln(2.0::float8), log(100.0::float8), log10(1000.0::float8), log(2.0, 64.0)
SELECT degrees(0.5::float8), radians(45.0::float8), pi(), sin(1), cos(1), tan(1), atan2(1, 2), cot(1), asin(1), sind(30), cosd(60)
SELECT gcd(1071, 462), lcm(1071, 462), gcd(0, 0), gcd(-12, 18), factorial(5), factorial(0)
SELECT factorial(-1)
SELECT width_bucket(5.35, 0.024, 10.06, 5), width_bucket(-1, 0, 10, 5), width_bucket(10, 0, 10, 5), width_bucket(35, ARRAY[10, 20, 30]), width_bucket(5, 10, 0, 4)
SELECT width_bucket(5, 0, 10, 0)
SELECT 91 & 15, 32 | 3, 17 # 5, ~1, 1 << 4, 8 >> 2
SELECT greatest(1, NULL, 3), least(2, NULL, 1), greatest(NULL, NULL), greatest(1, 2.5)
SELECT scale(8.4100), min_scale(8.4100), trim_scale(8.4100), numeric '12.00'
SELECT 1.10 + 2.205, 1.5 * 1.5, 10.00 - 0.5, 0.1 + 0.2, 0.1::float8 + 0.2::float8
SELECT 123456789.123456789 * 987654321.987654321
SELECT 1.0 / 3, 10 / 4.0, 2.00 / 3.0
SELECT 'NaN'::float8 = 'NaN'::float8, 'Infinity'::float8, '-inf'::float8, 'NaN'::numeric
SELECT 1::float4 / 3, 1::float8 / 3, 1e10::float4, 1e-7::float8, 123456789012345678::float8, 0.1::float4::float8
SELECT '12'::int, ' 12 '::int, '0x1F'::int
SELECT '12abc'::int
SELECT ''::int
SELECT '1.5'::int
SELECT '99999999999'::int
SELECT '1e400'::float8
SELECT 'abc'::float8
SELECT 'abc'::numeric
SELECT 123.456::numeric(5, 2), 99.995::numeric(5, 2)
SELECT 1000::numeric(5, 2) + 1, 1234567::numeric(5, 2)
SELECT to_number('12,454.8-', '99G999D9S'), to_number('-34,338,492', '99G999G999'), to_number('$1,234.50', 'L9,999.99'), to_number('0012', '9999'), to_number('1.5', '9D9')
SELECT to_char(125, '999'), to_char(125.8::real, '999D9'), to_char(-125.8, '999D99S'), to_char(0.1, '0.9'), to_char(-0.1, '99.99'), to_char(0.1, 'FM9.99')
SELECT to_char(12, '9990999.9'), to_char(12, 'FM9990999.9'), to_char(485, '999'), to_char(-485, '999'), to_char(485, '9 9 9'), to_char(1485, '9,999'), to_char(1485, '9G999')
SELECT to_char(148.5, '999.999'), to_char(148.5, 'FM999.999'), to_char(148.5, 'FM999.990'), to_char(148.5, '999D999'), to_char(3148.5, '9G999D999')
SELECT to_char(-485, '999S'), to_char(-485, '999MI'), to_char(485, '999MI'), to_char(485, 'FM999MI'), to_char(485, 'PL999'), to_char(485, 'SG999'), to_char(-485, 'SG999'), to_char(-485, '9SG99'), to_char(-485, '999PR'), to_char(485, '999PR')
SELECT to_char(485, 'L999'), to_char(485, 'RN'), to_char(485, 'FMRN'), to_char(5.2, 'FMRN'), to_char(482, '999th'), to_char(482, '999TH'), to_char(485, '"Good number:"999'), to_char(485.8, '"Pre:"999" Post:" .999')
SELECT to_char(12, '99V999'), to_char(12.4, '99V999'), to_char(12.45, '99V9'), to_char(0.0004859, '9.99EEEE'), to_char(485, '9.99EEEE')
SELECT to_char(1234, '999'), to_char(0, '9999'), to_char(0, '0000'), to_char(1, 'S9'), to_char(-1, 'S9'), to_char(4000, 'RN'), to_char(0, 'FM99')
SELECT to_char(1234567.891, 'FM9,999,999.00'), to_char(1234.5::float8, '9999.99'), to_char(99999999999::bigint, '999,999,999,999'), to_char(NULL::int, '999')
SELECT random() >= 0 AND random() < 1, setseed(0.5)
SELECT 5 BETWEEN 1 AND 10, 5 BETWEEN SYMMETRIC 10 AND 1, 5 NOT IN (1, 2), 5 IN (1, NULL)
SELECT 1 IN (2, NULL), NULL = NULL, NULL IS DISTINCT FROM 1, 1 IS NOT DISTINCT FROM 1
SELECT num_nonnulls(1, NULL, 'a'), num_nulls(1, NULL, 'a'), num_nonnulls(VARIADIC ARRAY[1, NULL])
SELECT 10::bit(4), B'1010' & B'0110', B'10' || B'01', bit_count(B'1011'), length(B'10110')
SELECT 5::int8 + 5::int4, pg_typeof(5::int2 + 5::int8), pg_typeof(1.5), pg_typeof('x'), pg_typeof(NULL), pg_typeof(ARRAY[1]), pg_typeof(now()), pg_typeof(1::float4), pg_typeof('x'::varchar)
SELECT 1_000
SELECT .5, 5., 1e3, -0.0, -0.0::float8
SELECT true + 1
SELECT 'a' + 1
SELECT sum(x), avg(x), min(x), max(x), count(x), count(*) FROM (VALUES (1), (2), (NULL)) t(x)
SELECT (2 / 7.0)::numeric(20, 12), (-2 / 7.0)::numeric(20, 12), (123456789.123 / 0.007)::numeric(24, 8), (1e0::numeric(5, 2) / 3 * 3)::numeric(10, 5)
SELECT ((1.5 / 7) * (2.5 / 3))::numeric(20, 15), ((1.5 / 7) * (2.5 / 3) * (7.25 / 11))::numeric(20, 15), (100.0 * 3 / 8)::numeric(10, 4)
SELECT 1.0 / 0, 5 / 0.0
SELECT avg(x)::numeric(20, 10), avg(x::bigint)::numeric(20, 10), avg(x::numeric(10, 2))::numeric(20, 10), avg(x::float8), avg(-x)::numeric(20, 10) FROM (VALUES (1), (2), (2), (NULL)) t(x)
SELECT avg(x) FROM (VALUES (1.5), (NULL)) t(x) WHERE x > 5
SELECT (avg(DISTINCT x))::numeric(12, 6), (avg(x) FILTER (WHERE x > 1))::numeric(12, 6) FROM (VALUES (1.25), (2.5), (2.5)) t(x)
CREATE TEMP TABLE open_numeric (a numeric, b numeric(20, 15), c numeric[], i int)
INSERT INTO open_numeric VALUES (1.23456789, 0.123456789012345, '{1.5,0.00001}'::numeric[], 1), (12345678901234567890.5, -1, NULL, 2), (0.1, 99999.999999999999999, ARRAY[]::numeric[], 3)
@params ["0.12345678", "0.123456789012345", "7"]
INSERT INTO open_numeric (a, b, i) VALUES ($1, $2, $3)
@params ["0.987654321098765", "7"]
UPDATE open_numeric SET b = $1 WHERE i = $2
SELECT i, round(a, 8), b, c[1] = 1.5, c[2] = 0.00001 FROM open_numeric ORDER BY i
SELECT sum(a) = 12345678901234567891.95802467, a * a = 1.5241578750190521, a * b < 1 FROM open_numeric WHERE i <> 2 GROUP BY a, b ORDER BY 1, 2, 3 LIMIT 1
SELECT i::numeric, i::numeric / 4 = 0.25, (i::float8 / 3)::numeric(20, 10), round((i / 3.0)::numeric, 4), (b::numeric)::text FROM open_numeric WHERE i = 1
SELECT round('12.3456789'::text::numeric, 7), (0.1::float8 + 0.2::float8)::numeric = 0.3, 1e20::float8::numeric = 100000000000000000000
SELECT mod(5, 0.0)
SELECT 5.5 % 0
SELECT mod(a, b) FROM (VALUES (1.5, 2), (NULL, 0)) t(a, b)
SELECT a % b FROM (VALUES (1.5, 2), (12345678901234567890.25, 0)) t(a, b)
SELECT 7.5 % 2 = 1.5, -7.5 % 2.25 = -0.75, mod(10, 3.3) = 0.1, 12345678901234567890.5 % 7 = 1.5, NULL % 0.0 IS NULL
SELECT interval '1 month' / 0.0::float8
SELECT interval '1 day' / x FROM (VALUES (2), (NULL), (4)) t(x)
SELECT interval '1 day' / x FROM (VALUES (2), (0)) t(x)
SELECT NULL::interval / 0, interval '1 month 1 day' / 2
SELECT '-1e400'::float8
SELECT '1e-400'::float8
SELECT '1e40'::float4
SELECT '1e-60'::real
SELECT s::float8 FROM (VALUES ('1.5'), ('1e400')) t(s)
SELECT s::float8, s::float4 FROM (VALUES (' 1.5 '), ('inf'), ('-Infinity'), ('NaN'), ('0e400'), ('-0'), ('1e-30')) t(s)
SELECT s::float8 FROM (VALUES ('1.5x')) t(s)
SELECT exp(1000), 1
SELECT exp(-1000)
SELECT exp(-1000.0::float8)
SELECT exp('Infinity'::float8), exp('-Infinity'::float8), exp('NaN'::float8), exp(0), exp(-1000.0) < 0.001
SELECT power(10, 400)
SELECT power(10::float8, -400)
SELECT 10 ^ 400
SELECT pow(-8, 0.5)
SELECT power(0, 0.5::float8), power('Infinity'::float8, -1), power(-2, 3), power('NaN'::float8, 0), power(1, 'NaN'::float8), (-2.0::float8) ^ -3, power(10.0, -300) < 0.001
SELECT ln(-1)
SELECT asin(1.5), 1
SELECT acos(-2)
SELECT asin('NaN'::float8), acos(1), asin(-1)
SELECT 1::float4 / 2::float4, 10 / 4::float4, 0.1::float4 / 10::bigint, 0.1::float4 / 3::smallint
SELECT 0.1::float4 / 2.5
SELECT x / 3 FROM (VALUES (0.1::real)) t(x)
