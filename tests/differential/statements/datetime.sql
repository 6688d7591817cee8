-- Dates and times: arithmetic, fields, formatting and parsing.
SELECT date '2001-09-28' + 7, date '2001-10-01' - 7, date '2001-10-01' - date '2001-09-28'
SELECT date '2001-09-28' + interval '1 hour', date '2001-09-28' + time '03:00', timestamp '2001-09-28 01:00' + interval '23 hours'
SELECT timestamp '2001-09-29 03:00' - timestamp '2001-07-27 12:00', timestamp '2001-09-28 23:00' - interval '23 hours'
SELECT interval '1 day' + interval '1 hour', - interval '23 hours', interval '1 hour' * 3.5, 21 * interval '1 second', interval '1 hour' / 1.5, interval '2 hours' - interval '30 min'
SELECT time '01:00' + interval '3 hours', time '05:00' - time '03:00', time '23:30' + interval '1 hour', time '05:00' - interval '2 hours'
SELECT age(timestamp '2001-04-10', timestamp '1957-06-13'), age(date '2020-02-29', date '2019-03-01'), age(timestamp '2000-01-01', timestamp '2000-01-31 12:00')
SELECT age(current_date) = interval '0', age(current_date - 1) > interval '0'
SELECT date_part('hour', timestamp '2001-02-16 20:38:40'), date_part('month', interval '2 years 3 months'), date_part('second', timestamp '2001-02-16 20:38:40.12')
SELECT extract(century from timestamp '2000-12-16 12:21:13'), extract(day from date '2001-02-16'), extract(decade from date '2001-02-16'), extract(dow from date '2001-02-18'), extract(doy from date '2001-02-16'), extract(isodow from date '2001-02-18')
SELECT extract(epoch from timestamp '2001-02-16 20:38:40.12'), extract(epoch from interval '5 days 3 hours'), extract(epoch from timestamptz '2001-02-16 20:38:40.12+00'), extract(epoch from date '1970-01-02')
SELECT extract(hour from timestamp '2001-02-16 20:38:40'), extract(minute from time '20:38:40'), extract(second from time '17:12:28.5'), extract(milliseconds from time '17:12:28.5'), extract(microseconds from time '17:12:28.5')
SELECT extract(isoyear from date '2006-01-01'), extract(week from date '2006-01-01'), extract(quarter from date '2001-05-16'), extract(millennium from date '2001-02-16'), extract(year from date '2001-02-16'), extract(month from interval '2 years 13 months')
SELECT extract(julian from date '2006-01-01'), extract(timezone from timestamptz '2001-02-16 20:38:40+05'), extract(timezone_hour from timestamptz '2001-02-16 20:38:40+05')
SELECT extract(foo from date '2001-02-16')
SELECT extract(hour from date '2001-02-16')
SELECT date_part('dow', date '2024-01-07'), date_part('epoch', timestamp '2024-01-01'), date_part('year', current_date) > 2000
SELECT date_trunc('hour', timestamp '2001-02-16 20:38:40'), date_trunc('year', timestamp '2001-02-16 20:38:40'), date_trunc('week', timestamp '2001-02-16 20:38:40'), date_trunc('quarter', timestamp '2001-02-16 20:38:40'), date_trunc('century', timestamp '2001-02-16'), date_trunc('decade', timestamp '2001-02-16'), date_trunc('millennium', timestamp '2001-02-16')
SELECT date_trunc('month', date '2024-05-17'), date_trunc('hour', interval '3 days 02:47:33'), date_trunc('day', timestamptz '2001-02-16 20:38:40+00'), date_trunc('month', interval '1 year 3 months 4 days')
SELECT date_trunc('day', timestamptz '2001-02-16 20:38:40+00', 'Australia/Sydney')
SELECT date_trunc('fortnight', timestamp '2001-02-16')
SELECT date_bin('15 minutes', timestamp '2020-02-11 15:44:17', timestamp '2001-01-01')
SELECT make_date(2013, 7, 15), make_time(8, 15, 23.5), make_timestamp(2013, 7, 15, 8, 15, 23.5), make_timestamptz(2013, 7, 15, 8, 15, 23.5), make_timestamptz(2013, 7, 15, 8, 15, 23.5, 'America/New_York')
SELECT make_date(2013, 13, 1)
SELECT make_interval(days => 10), make_interval(1, 2, 3, 4, 5, 6, 7.5), make_interval(years => 1, mins => 5), make_interval(secs => 0.25), make_interval()
SELECT justify_days(interval '35 days'), justify_hours(interval '27 hours'), justify_interval(interval '1 mon -1 hour'), justify_interval(interval '29 days 25 hours')
SELECT isfinite(date '2001-02-16'), isfinite('infinity'::timestamp), isfinite(interval '4 hours'), 'infinity'::timestamp, '-infinity'::date
SELECT now() = transaction_timestamp(), now() <= clock_timestamp(), statement_timestamp() <= clock_timestamp(), current_timestamp = now(), localtimestamp = now()::timestamp, current_date = now()::date, length(timeofday()) > 20
SELECT pg_typeof(now()), pg_typeof(localtime), pg_typeof(current_time), pg_typeof(localtimestamp), pg_typeof(clock_timestamp()), pg_typeof(current_date)
SELECT timestamp '2001-02-16 20:38:40' AT TIME ZONE 'America/Denver', timestamptz '2001-02-16 20:38:40+00' AT TIME ZONE 'America/Denver', timestamptz '2001-02-16 20:38:40-05' AT TIME ZONE 'UTC', timezone('America/Denver', timestamp '2001-02-16 20:38:40')
SELECT timestamptz '2001-02-16 20:38:40+00' AT TIME ZONE 'Nowhere/Land'
SELECT timestamp '2001-02-16 20:38:40' AT TIME ZONE interval '-05:00'
SELECT to_timestamp(1284352323), to_timestamp(1284352323.5), to_timestamp(0)
SELECT to_char(timestamp '2002-04-20 17:31:12.66', 'HH12:MI:SS'), to_char(timestamp '2002-04-20 17:31:12.66', 'YYYY-MM-DD HH24:MI:SS.MS'), to_char(timestamp '2002-04-20 17:31:12.123456', 'US MS FF3 FF6 SSSS')
SELECT to_char(timestamp '2002-04-20 17:31:12', 'Day, DD Month YYYY'), to_char(timestamp '2002-04-20 17:31:12', 'FMDay, FMDD FMMonth YYYY'), to_char(timestamp '2002-04-05', 'DY DAY day dy MONTH month Mon MON mon'), to_char(timestamp '2002-04-05', 'D ID DDD IDDD WW IW W J Q CC')
SELECT to_char(timestamp '2002-04-01', 'DDth FMDDth DDTH'), to_char(timestamp '2002-04-22', 'DDth'), to_char(timestamp '2002-04-11', 'DDth'), to_char(timestamp '2002-04-03', 'FMDDTH')
SELECT to_char(timestamp '2002-04-20 05:31:12', 'AM am A.M. a.m. PM'), to_char(timestamp '2002-04-20 17:31:12', 'HH HH12 HH24 PM'), to_char(timestamp '2002-04-20 00:00:00', 'HH12 HH24'), to_char(timestamp '2002-04-20', 'RM rm FMRM'), to_char(timestamp '0044-03-15 BC', 'YYYY BC A.D.')
SELECT to_char(timestamp '2002-04-20', 'Y,YYY YYY YY Y IYYY IYY IY I'), to_char(timestamp '2002-04-20', '"Year: "YYYY'), to_char(timestamp '2002-04-20', 'YYYY\"MM'), to_char(timestamp '2002-04-20', 'YYYYMMDD'), to_char(timestamp '2002-04-20', 'FXYYYY MM')
SELECT to_char(timestamptz '2002-04-20 17:31:12+00', 'YYYY-MM-DD HH24:MI:SS TZ OF tz TZH:TZM'), to_char(date '2002-04-20', 'DD/MM/YYYY'), to_char(date '2002-04-20', 'Dy DD Mon YYYY'), to_char(timestamp '2002-04-20', '')
SELECT to_char(interval '15h 2m 12s', 'HH24:MI:SS'), to_char(interval '400 days 26 hours', 'DDD HH24'), to_char(interval '1 year 2 months', 'YYYY MM'), to_char(interval '100 hours', 'HH12 HH24 HH'), to_char(interval '-1 day -02:03:04', 'DD HH24:MI:SS')
SELECT to_char(NULL::timestamp, 'YYYY'), to_char(now(), NULL), to_char('infinity'::timestamp, 'YYYY')
SELECT to_date('05 Dec 2000', 'DD Mon YYYY'), to_date('2000-12-05', 'YYYY-MM-DD'), to_date('20001205', 'YYYYMMDD'), to_date('5/12/00', 'DD/MM/YY'), to_date('2000 340', 'YYYY DDD'), to_date('December 5, 2000', 'Month DD, YYYY'), to_date('2006-42-3', 'IYYY-IW-ID')
SELECT to_timestamp('05 Dec 2000', 'DD Mon YYYY'), to_timestamp('2000-12-05 14:30:15.123', 'YYYY-MM-DD HH24:MI:SS.MS'), to_timestamp('12:30 PM 2000-01-02', 'HH12:MI PM YYYY-MM-DD'), to_timestamp('2011-12-18 11:38 PM', 'YYYY-MM-DD HH12:MI PM'), to_timestamp('2000-01-02 03:04:05+02', 'YYYY-MM-DD HH24:MI:SSTZH')
SELECT to_timestamp('97/Feb/16', 'YY/Mon/DD'), to_timestamp('0097/Feb/16 --> 08:14:30', 'YYYY/Mon/DD --> HH:MI:SS'), to_timestamp('1997 BC 11 16', 'YYYY BC MM DD'), to_timestamp('15 "text between quote marks" 98 54 45', E'HH24 "\\"text between quote marks\\"" YY MI SS')
SELECT to_date('2000-13-05', 'YYYY-MM-DD')
SELECT to_date('abc', 'YYYY-MM-DD')
SELECT to_date('2000-02-30', 'YYYY-MM-DD')
SELECT to_timestamp('2000-01-01 25:00', 'YYYY-MM-DD HH24:MI')
SELECT to_date('Foo 5', 'Mon DD')
SELECT '2024-02-30'::date
SELECT '2024-13-01'::date
SELECT 'garbage'::date
SELECT '25:00:00'::time
SELECT 'x'::timestamp
SELECT 'x'::interval
SELECT '2024-01-02'::date, '20240102'::date, 'January 8, 1999'::date, '1999-Jan-08'::date, '1/8/1999'::date, '2024-01-02 03:04:05'::date
SELECT '2024-01-02 03:04:05.678'::timestamp, '2024-01-02T03:04:05Z'::timestamptz, '2024-01-02 03:04:05+02'::timestamptz, '2024-01-02 03:04:05 America/New_York'::timestamptz, '04:05:06.789'::time, '04:05 PM'::time, '04:05:06-08'::timetz
SELECT interval '1 year 2 months 3 days 04:05:06.789', interval '1-2', interval '3 4:05:06', interval 'P1Y2M3DT4H5M6S', interval '1 week', interval '-1 day', interval '1.5 hours', interval '90 min', interval '1' year, interval '2 mons 3 days ago'
SELECT interval '1 day' = interval '24 hours', interval '1 month' = interval '30 days', interval '1 day' < interval '25 hours'
SELECT date '2024-01-31' + interval '1 month', date '2024-03-31' - interval '1 month', timestamp '2024-02-29' + interval '1 year'
SELECT (date '2001-02-16', date '2001-12-21') OVERLAPS (date '2001-10-30', date '2002-10-30')
SELECT timestamp '2024-01-01' < date '2024-01-02', date '2024-01-01' = timestamp '2024-01-01', timestamptz '2024-01-01 00:00+00' = timestamp '2024-01-01'
SELECT timestamp '2024-01-01 12:34:56.789'::date, timestamp '2024-01-01 12:34:56.789'::time, timestamp(0) '2024-01-01 12:34:56.789', '2024-01-01 12:34:56.789'::timestamp(1)
SELECT '0044-03-15 BC'::date, '9999-12-31'::date, date '0001-01-01'
SELECT generate_series(date '2024-01-01', date '2024-01-03', interval '1 day')
SELECT * FROM generate_series(timestamp '2024-01-01', timestamp '2024-01-02', '8 hours') AS g
SELECT d::date FROM generate_series('2024-01-30'::timestamp, '2024-02-02', '1 day') d
SELECT count(*) FROM generate_series(timestamptz '2024-01-01', timestamptz '2024-12-31', interval '1 month')
SELECT generate_series(date '2024-01-03', date '2024-01-01', interval '0 day')
SELECT min(d), max(d), count(DISTINCT d) FROM (VALUES (date '2024-01-01'), (date '2024-03-01')) t(d)
SELECT date 'epoch', timestamp 'epoch', date 'today' = current_date, date 'tomorrow' - date 'yesterday'
SELECT current_date - 1 < current_date, now() - interval '1 day' < now()
SELECT a - b, a - 1, b - interval '1 day' FROM (VALUES (date '2024-01-05', date '2024-01-01'), (NULL, NULL)) t(a, b)
SELECT date '2024-03-01' - date '2024-02-01', (date '2024-01-02' - date '2023-01-02') / 7, '2024-01-05' - date '2024-01-01', date '2024-01-05' - '2024-01-01'
SELECT date 'infinity' - date '2024-01-01'
SELECT time '10:00' - time '09:30', time '09:30' - time '10:00:00.5'
SELECT timestamp '2024-01-02' - timestamp '2024-01-01', timestamp '2024-01-02' - '2024-01-01', timestamp '2024-01-02' - interval '1 hour'
SELECT sum(i), avg(i) FROM (VALUES (interval '1 day'), (interval '2 hours'), (NULL), (interval '-3 months')) t(i)
SELECT sum(i) FROM (VALUES (interval '1 day')) t(i) WHERE false
SELECT n % 2, sum(n * interval '1 hour') FROM generate_series(1, 5) n GROUP BY 1 ORDER BY 1
SELECT sum(i) OVER (ORDER BY n) FROM (VALUES (1, interval '1 day'), (2, interval '2 hours')) t(n, i)
SELECT max(a) - min(a) FROM (VALUES (date '2024-01-05'), (date '2024-01-01')) t(a)
CREATE TEMP TABLE minus (a int, b int, c date, d date, CHECK (a - b > 0))
INSERT INTO minus VALUES (5, 3, '2024-01-05', '2024-01-01')
INSERT INTO minus VALUES (3, 5, '2024-01-05', '2024-01-01')
SELECT c - d AS days, count(*) FROM minus GROUP BY c - d HAVING c - d > 1 ORDER BY c - d
UPDATE minus SET a = a - b + 10, c = c - (c - d)
SELECT a, c - d, coalesce(c - d, 0), CASE WHEN c - d > 3 THEN c - d ELSE 0 END FROM minus
@params ["2024-01-01"]
SELECT c - $1::date FROM minus
@params ["3"]
SELECT a - $1 FROM minus
SELECT extract(epoch FROM '12:00+02'::timetz), date_part('epoch', '12:00:00.5-08:30'::timetz), extract(epoch FROM '12:00'::time), extract(hour FROM '12:00+02'::timetz), extract(epoch FROM NULL::timetz)
SELECT extract(epoch FROM t) FROM (VALUES ('01:00+03'::timetz), (NULL), ('23:59:59.25-01'::timetz)) v(t)
SELECT extract(epoch FROM '2024-01-02 03:04:05.5+02'::timestamptz), date_part('epoch', interval '1 day 2 hours'), date_part('epoch', '2024-01-02'::date)
CREATE TEMP TABLE instants (t timestamptz, s text)
INSERT INTO instants VALUES ('2020-01-01 12:00+02', '2020-01-01 12:00+02'), ('2020-01-01 11:00:00Z', 'Jan 1 2020 11:00')
SELECT count(*) FROM instants WHERE t = '2020-01-01 12:00+02'
SELECT t FROM instants WHERE t BETWEEN '2020-01-01 12:00+02' AND '2020-01-01 14:00 Europe/Berlin' ORDER BY t
SELECT s::timestamptz, s::timestamptz = t FROM instants ORDER BY 1
SELECT t FROM instants WHERE t > ALL ('{2020-01-01 12:00+02}')
SELECT coalesce(NULL, t, '2020-01-01 12:00+02') FROM instants ORDER BY t
UPDATE instants SET t = '2020-06-01 12:00+02' WHERE t IN ('2020-01-01 12:00+02')
SELECT t FROM instants ORDER BY t
SELECT t < 'never' FROM instants
SELECT t < '2020-13-01 12:00+02' FROM instants
SET timezone = 'Asia/Tokyo'
SELECT t, t = '2020-01-01 20:00', t = '2020-01-01 20:00:00', s::timestamptz FROM instants ORDER BY t
SET timezone = 'UTC'
SELECT t, t = '2020-01-01 20:00', s::timestamptz FROM instants ORDER BY t
