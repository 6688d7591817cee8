-- Constants that take their type from what stands beside them, bits, percentiles and casts between times.
CREATE TEMP TABLE l (i int, s smallint, n numeric(10,2), f float8, d date, ts timestamp, tz timestamptz, tm time, iv interval, t text, ia int[], ta text[])
INSERT INTO l VALUES (7, 6, 12.34, 0.5, '2024-03-31', '2024-03-31 10:00:00', '2024-03-31 10:00:00+00', '10:30:00', '2 days 03:00', 'xyz', '{1,2}', '{a,b}')
SELECT 1 + '2', '2' + 1, 3 * '4', '5' - 2, 5 - '2', '7' / 2, 7 / '2', 1::bigint + '2', 2::float8 * '1.5', '7' % 4, 2 * ' 3 '
SELECT 1.5 + '2', 1.5 * '0.25', '4' - 0.5
SELECT i + '2', f + '1', s + '1', i - '1', '1' - i, i % '4', i / '2' FROM l
SELECT n * '2', n + '0.005', '1' - n FROM l
SELECT tz + '1 day', ts - '1 hour'::interval, d - '2024-01-01', iv + '1 hour', ts - '2024-01-01' FROM l
SELECT i FROM l WHERE i = '3' + 4 AND i * '2' > '13'
SELECT concat(true, NULL, 1.50, ARRAY[1, 2]), concat_ws(',', i > 3, false, NULL, t), concat(i = 1) FROM l
SELECT width_bucket(NULL::int, ARRAY[1, 2]), width_bucket(2, ARRAY[1, 2]), ARRAY(SELECT 1), 'now'::timestamptz IS NOT NULL, timestamp 'today' = current_date
SELECT 1 + '2.5'
SELECT 1 + 'a'
SELECT 1 + ''
SELECT 1 + '99999999999'
SELECT b'101', B'1010' & B'0110', length(B'10110'), bit_count(B'1011'), ~b'101', b'1' | b'0'
SELECT x'1F', X'fF0', b'101'::int, b'101' = '101'
SELECT b'102'
SELECT x'1G'
SELECT 'b101', 'x1F', b.b FROM (SELECT 'b1' AS b) b
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n), percentile_cont(0.5) WITHIN GROUP (ORDER BY i) FROM l
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x::numeric), percentile_cont(0.25) WITHIN GROUP (ORDER BY x DESC), percentile_cont(0.3) WITHIN GROUP (ORDER BY x::numeric(6,2) DESC) FILTER (WHERE x > 2) FROM generate_series(1, 10) x
SELECT percentile_cont(ARRAY[0.25, 0.5]) WITHIN GROUP (ORDER BY x::numeric), percentile_disc(ARRAY[0.25, 0.5]) WITHIN GROUP (ORDER BY x::float8) FROM generate_series(1, 10) x
SELECT now()::time IS NULL, now()::timetz IS NULL, current_timestamp::time <= '24:00'
SELECT tz::time, tz::timetz, ts::time, tm::interval, iv::time, tz::date FROM l
SELECT '26:30:00'::interval::time, '-1 hour'::interval::time, '10:00'::time::interval, NULL::interval::time
SELECT ARRAY[1, 2] @> ARRAY[1], ARRAY[1, 2] <@ ARRAY[1, 2, 3], ARRAY[1, 2] @> '{1}', '{2}' <@ ARRAY[1, 2], ARRAY['a'] @> ARRAY['a'], NULL::int[] @> ARRAY[1], ARRAY[1] @> '{}'
SELECT ia @> '{1}', ia @> '{3}', ta @> '{a}', ta <@ '{a,b,c}', ia <@ ARRAY[1] FROM l
SELECT ARRAY[1, NULL] @> ARRAY[NULL::int]
@params ["{1}"]
SELECT i FROM l WHERE ia @> $1
@params ["{1,2,3}"]
SELECT i FROM l WHERE ia <@ $1
@params ["{1,2,3}"]
SELECT i FROM l WHERE $1 @> ia
@params ["{a}"]
SELECT i FROM l WHERE ta @> $1
CREATE TEMP TABLE l_bits (i int DEFAULT 2, b bit(3) DEFAULT b'101')
INSERT INTO l_bits (i) VALUES (2 + '3')
INSERT INTO l_bits DEFAULT VALUES
SELECT i, b::text, b = b'101' FROM l_bits ORDER BY i
CREATE VIEW l_view AS SELECT 3 + '4' AS seven, ARRAY[1, 2] @> '{1}' AS holds
SELECT * FROM l_view
DROP VIEW l_view
