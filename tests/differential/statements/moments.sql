-- Times, numbers and aggregates: patterns, fields, edges.
SELECT to_char(timestamp '2024-03-05 14:07:08.123456', 'HH HH12 HH24 MI SS MS US FF1 FF3 FF6 SSSS SSSSS AM a.m. P.M. pm Y,YYY YYYY YYY YY Y IYYY IYY IY I BC ad')
SELECT to_char(timestamp '2024-03-05 14:07:08', 'MONTH Month month MON Mon mon MM DAY Day day DY Dy dy DDD IDDD DD D ID W WW IW CC J Q RM rm')
SELECT to_char(timestamptz '2024-03-05 14:07:08+00', 'TZ tz TZH TZM OF'), to_char(timestamp '2024-03-05', 'FMMonth FMDD, FMDDD "text" DDth DDTH TMMonth'), to_char(date '0044-03-15 BC', 'YYYY BC')
SELECT to_char(interval '1 year 2 mons 3 days 04:05:06.789', 'YYYY MM DD HH24:MI:SS.MS'), to_char(interval '25 hours', 'HH24 HH12 HH'), to_char(interval '-3 days', 'DD')
SELECT to_date('2000-13-01', 'YYYY-MM-DD')
SELECT to_date('abc', 'YYYY')
SELECT to_number('12,454.8-', '99G999D9S'), to_number('abc', '999')
SELECT age(timestamp '2024-03-31', timestamp '2024-02-29'), age(timestamp '2024-01-01', timestamp '2024-12-31'), age(timestamptz '2024-03-01', timestamptz '2024-02-01')
SELECT date_trunc('month', timestamptz '2024-03-31 23:30+00', 'Europe/Berlin'), date_trunc('century', timestamp '2024-01-01'), date_trunc('decade', date '2024-05-05'), date_trunc('millennium', timestamp '2024-01-01'), date_trunc('milliseconds', timestamp '2024-01-01 00:00:00.123456')
SELECT extract(year from interval '-14 months'), extract(month from interval '-14 months'), extract(day from interval '40 days'), extract(hour from interval '30:20:10.5'), extract(second from interval '30:20:10.5'), extract(epoch from interval '1 year 1 month'), extract(quarter from interval '5 months'), extract(decade from interval '25 years'), extract(century from interval '250 years'), extract(millennium from interval '2500 years')
SELECT extract(dow from timestamp '2024-03-10'), extract(isodow from timestamp '2024-03-10'), extract(isoyear from date '2024-12-30'), extract(week from date '2024-12-30'), extract(microseconds from interval '1.5 seconds'), extract(milliseconds from timestamp '2024-01-01 00:00:01.5')
SELECT extract(week from interval '14 days')
SELECT extract(timezone_minute from timestamptz '2024-01-01'), extract(century from date '2000-12-31'), extract(century from date '2001-01-01'), extract(decade from date '0001-01-01 BC'), extract(year from date '0044-03-15 BC')
SELECT make_date(-44, 3, 15), make_time(24, 0, 0)
SELECT make_timestamp(2024, 2, 30, 0, 0, 0)
SELECT make_interval(years => 1, months => -2, weeks => 1, days => 1, hours => 25, mins => 61, secs => 1.5)
SELECT justify_interval(interval '1 mon -1 day'), justify_days('-35 days'), justify_hours('-27:30')
SELECT timestamp '2024-01-01' AT TIME ZONE 'Nowhere'
SELECT date '2024-01-31' + interval '1 month', date '2024-03-31' - interval '1 month', timestamp '2024-02-29' + interval '1 year', timestamptz '2024-03-30 12:00+00' + interval '1 day'
SELECT date '2024-01-01' - 1, 1 + date '2024-01-01', date 'infinity' - date '2024-01-01'
SELECT date '10000-01-01', timestamp '10000-01-01', date '4714-11-24 BC'
SELECT timestamp '300000-01-01'
SELECT interval '1.123456789 seconds', interval '1 day 25 hours', interval '-1 day 1 hour', interval '2 weeks ago', interval '1 month 40 days', interval '1 year -1 month'
SELECT interval '1 day' / 0
SELECT interval '10 days' > interval '1 week', sum(x), avg(x), min(x), max(x) FROM (VALUES (interval '1 day'), (interval '1 hour')) t(x)
SELECT date_part('epoch', interval '1 day'), date_part('timezone', timestamptz '2024-01-01'), date_part('julian', timestamp '2024-01-01 12:00')
SELECT generate_series(date '2024-01-01', date '2024-01-03', interval '1 day'), generate_series(timestamp '2024-01-01', timestamp '2024-01-01 02:00', '1 hour')
SELECT generate_series(timestamptz '2024-01-01', timestamptz '2024-03-01', '1 month')
SELECT round(2.5), round(-2.5), round(3.5), round(2.5::float8), round(3.5::float8), round(-2.5::float8), round(0.5::float8), round(1234.567, 2), round(1234.567, -2), round(1234.5::float8)
SELECT round(2.345::float8, 2)
SELECT width_bucket(1, 0, 0, 5)
SELECT factorial(25)
SELECT factorial(-1)
SELECT ln(0)
SELECT ln(-1)
SELECT sqrt(-1)
SELECT log(0)
SELECT power(0, -1)
SELECT power(-8, 0.5)
SELECT exp(1000::float8)
SELECT asin(2)
SELECT sin(0), cos(0), tan(0), cot(1), asin(1), acos(1), atan(1), atan2(1, 1), sinh(1), cosh(1), tanh(1), asinh(1), acosh(1), atanh(0.5), sind(30), cosd(60)
SELECT 100::float8, 1e20::float8, 1e21::float8, 0.0001::float8, 0.00001::float8, 1.0::float4, 1e7::float4, 16777217::float4
SELECT mode() WITHIN GROUP (ORDER BY x), percentile_cont(0.5) WITHIN GROUP (ORDER BY x), percentile_disc(0.5) WITHIN GROUP (ORDER BY x), percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY x), percentile_disc(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY x) FROM (VALUES (1), (2), (2), (10)) t(x)
SELECT rank(3) WITHIN GROUP (ORDER BY x), dense_rank(3) WITHIN GROUP (ORDER BY x), percent_rank(3) WITHIN GROUP (ORDER BY x), cume_dist(3) WITHIN GROUP (ORDER BY x) FROM (VALUES (1), (2), (5)) t(x)
SELECT bool_and(b), bool_or(b), every(b), bit_and(x), bit_or(x), bit_xor(x) FROM (VALUES (true, 1), (false, 3), (NULL, NULL)) t(b, x)
SELECT string_agg(x, ', ' ORDER BY x DESC), string_agg(DISTINCT x, ','), array_agg(x ORDER BY x NULLS FIRST), array_agg(DISTINCT x) FROM (VALUES ('b'), ('a'), (NULL), ('b')) t(x)
SELECT count(*) FILTER (WHERE x > 1), sum(x) FILTER (WHERE x > 100), array_agg(x) FILTER (WHERE x > 100) FROM (VALUES (1), (2)) t(x)
SELECT sum(x), avg(x), max(x), count(x), string_agg(x::text, ','), array_agg(x), json_agg(x), bool_and(x > 0) FROM (SELECT 1 AS x WHERE false) t
SELECT sum(x) FROM (VALUES (9223372036854775807), (1)) t(x)
SELECT sum(x::bigint) FROM (VALUES (9223372036854775807), (1)) t(x)
SELECT sum(x) FROM (VALUES (2147483647), (2147483647)) t(x)
SELECT max(x), min(x) FROM (VALUES ('b'), ('B'), ('a')) t(x)
SELECT max(x), min(x) FROM (VALUES (ARRAY[1, 2]), (ARRAY[1, 3])) t(x)
SELECT array_agg(ARRAY[x, x + 1]) FROM generate_series(1, 2) x
SELECT count(DISTINCT x), count(DISTINCT (x, y)), sum(DISTINCT x), avg(DISTINCT x) FROM (VALUES (1, 1), (1, 2), (NULL, 1)) t(x, y)
SELECT any_value(x) FROM (VALUES (1)) t(x)
